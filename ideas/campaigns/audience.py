"""The audience of a campaign: chosen by whoever may invite, changed with a reason that stays in the log.

What the audience means is in ideas.spaces.audience; who sees a campaign is `campaign_visible_to`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, column, delete, func, insert, literal, or_, select, table, union
from sqlalchemy.orm import Session, joinedload

from ideas.activity.activity import MAX_REASON_LENGTH, Activity, Verb, record
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded, reason_for_change
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import TEAM_ROLES, TeamMember, campaign_visible_to, in_force
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.spaces.audience import (
    ALL_MEMBERS,
    FIRST,
    Audience,
    AudienceSpace,
    AudienceStage,
    AudienceValue,
    is_open_to_all,
    people_admitted,
)
from ideas.spaces.guest import Guest
from ideas.spaces.segment import AttributeValue, rounded
from ideas.spaces.space import Space, member_counts, space_visible_to
from ideas.text import optional

# Later ones: the core group first, then wider, then everyone.
MAX_STAGES = 2
MAX_OF_SPACE = 30
# How many changes of a campaign are looked at for the latest of its audience.
MAX_READ = 20
# Contributions are above campaigns, so their tables are named here without their models.
_co_author = table("co_author", column("idea_id"), column("person_id"), column("state"))
_anonymous = table("anonymous_author", column("idea_id"), column("person_id"))
_idea = table("idea", column("id"), column("campaign_id"), column("author_id"))
_RESPONSES = (
    (table("comment", column("idea_id"), column("author_id")), "author_id"),
    (_anonymous, "person_id"),
    (table("vote", column("idea_id"), column("person_id")), "person_id"),
    (table("reaction", column("idea_id"), column("person_id")), "person_id"),
)


class AudienceReasonNeeded(ReasonNeeded):
    message = message_id("This campaign is announced. Say why you change whom it is open to. Your reason is kept.")


class NoSpaceChosen(DomainError):
    message = message_id("Select the spaces that the campaign is open to.")


class NoValueChosen(DomainError):
    message = message_id("Select the profiles that the campaign is open to.")


class OnlyPublicIsVisible(DomainError):
    message = message_id("Only a public campaign can be visible without an account.")


class StageOutOfOrder(DomainError):
    message = message_id("Enter a date for each stage, each later than the one before.")


class StageWidensNothing(DomainError):
    message = message_id("The campaign is already open to everyone with an account. Remove the later stages.")


@dataclass(frozen=True, slots=True)
class Stage:
    """Whom a campaign is open to, from `opens_at` on; from the announcement on where it is None."""

    audience: Audience
    spaces: Collection[int] = ()
    values: Collection[int] = ()
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AudienceChoice:
    """What the form of an audience holds: the first stage, the later ones, and the switch for visitors."""

    first: Stage
    later: Sequence[Stage] = field(default=())
    open_to_visitors: bool = False


def choose_audience(
    session: Session,
    campaign: Campaign,
    *,
    choice: AudienceChoice,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> int:
    """Set whom the campaign is open to. Whoever may invite may: its owner and administrators.

    Whoever took part and would no longer find it stays, as a guest. Returns how many those are.

    Raises ChangedMeanwhile, NoSpaceChosen, NoValueChosen, OnlyPublicIsVisible, StageOutOfOrder, StageWidensNothing;
    once it is announced also AudienceReasonNeeded, TooLong.
    """
    lock_campaign(session, campaign)
    if seen is not None and campaign.audience_version != seen:
        raise ChangedMeanwhile
    before_choice = audience_of(session, campaign)
    choice = _checked(session, choice, before_choice, by)
    before, after = _facts(before_choice), _facts(choice)
    if before == after:
        return 0
    if campaign.announced_at is None:
        reason = optional(change_reason, max_length=MAX_REASON_LENGTH)
    elif not change_reason.strip():
        raise AudienceReasonNeeded
    else:
        reason = reason_for_change(change_reason)
    _store(session, campaign, choice)
    kept = _keep_who_took_part(session, campaign, now) if campaign.announced_at is not None else 0
    record(
        session,
        Verb.CHANGED,
        campaign,
        by=by,
        campaign_id=campaign.id,
        reason=reason,
        before=before,
        after=after | ({"kept": kept} if kept else {}),
        now=now,
    )
    return kept


def audience_of(session: Session, campaign: Campaign) -> AudienceChoice:
    """Whom the campaign is open to, now and later. Three queries."""
    spaces: dict[int, list[int]] = {}
    for number, space_id in session.execute(
        select(AudienceSpace.number, AudienceSpace.space_id)
        .where(AudienceSpace.campaign_id == campaign.id)
        .order_by(AudienceSpace.space_id)
    ):
        spaces.setdefault(number, []).append(space_id)
    values: dict[int, list[int]] = {}
    for number, value_id in session.execute(
        select(AudienceValue.number, AudienceValue.value_id)
        .where(AudienceValue.campaign_id == campaign.id)
        .order_by(AudienceValue.value_id)
    ):
        values.setdefault(number, []).append(value_id)
    later = session.scalars(
        select(AudienceStage).where(AudienceStage.campaign_id == campaign.id).order_by(AudienceStage.number)
    )
    return AudienceChoice(
        Stage(campaign.audience, tuple(spaces.get(FIRST, ())), tuple(values.get(FIRST, ()))),
        tuple(
            Stage(
                stage.audience,
                tuple(spaces.get(stage.number, ())),
                tuple(values.get(stage.number, ())),
                stage.opens_at,
            )
            for stage in later
        ),
        campaign.open_to_visitors,
    )


def last_chosen(session: Session, campaign: Campaign) -> tuple[str, datetime] | None:
    """Who last chose the audience, and when. None if nobody did yet, or long ago. Whoever may invite may read it."""
    changes = (
        select(Person.name, Activity.at, Activity.after)
        .join(Person, Person.id == Activity.actor_id)
        .where(Activity.object_kind == Campaign.__tablename__, Activity.object_id == campaign.id)
        .where(Activity.verb == Verb.CHANGED)
        .order_by(Activity.id.desc())
        .limit(MAX_READ)
    )
    found = (change for change in session.execute(changes) if "open_to_visitors" in (change.after or {}))
    latest = next(found, None)
    return (latest.name, latest.at) if latest is not None else None


def copy_audience(session: Session, campaign: Campaign, *, to: Campaign) -> None:
    """Open a new draft to whom another campaign was open first, not to its later stages, guests and visitors."""
    first = audience_of(session, campaign).first
    _store(session, to, AudienceChoice(first))


def campaigns_of_space(session: Session, space: Space, person: Person) -> Sequence[Campaign]:
    """The campaigns that name this space in their audience and that the person sees, latest first."""
    return session.scalars(
        select(Campaign)
        .where(is_of_space(space), campaign_visible_to(person))
        .options(joinedload(Campaign.owner))
        .order_by(Campaign.created_at.desc(), Campaign.id.desc())
        .limit(MAX_OF_SPACE)
    ).all()


def is_of_space(space: Space) -> ColumnElement[bool]:
    """SQL condition on Campaign: its audience names this space, now or from a later date on."""
    return Campaign.id.in_(select(AudienceSpace.campaign_id).where(AudienceSpace.space_id == space.id))


def spaces_of_campaigns(session: Session, person: Person) -> Sequence[Space]:
    """The spaces that the person finds and that have a campaign which they see, by name. One query."""
    named = select(AudienceSpace.space_id).join(Campaign, Campaign.id == AudienceSpace.campaign_id)
    return session.scalars(
        select(Space)
        .where(space_visible_to(person), Space.id.in_(named.where(campaign_visible_to(person))))
        .order_by(func.lower(Space.name), Space.id)
    ).all()


def names_of_audience(session: Session, choice: AudienceChoice) -> tuple[dict[int, Space], dict[int, AttributeValue]]:
    """The spaces and the values that an audience names, by their ids."""
    stages = [choice.first, *choice.later]
    space_ids = {space_id for stage in stages for space_id in stage.spaces}
    value_ids = {value_id for stage in stages for value_id in stage.values}
    spaces = session.scalars(select(Space).where(Space.id.in_(space_ids))) if space_ids else ()
    values = session.scalars(select(AttributeValue).where(AttributeValue.id.in_(value_ids))) if value_ids else ()
    return {space.id: space for space in spaces}, {value.id: value for value in values}


def who_sees(campaign: Campaign) -> ColumnElement[bool]:
    """SQL condition on Person: they see this campaign by now. The same as `campaign_visible_to`, from its other end."""
    return _sees(campaign, is_announced=campaign.announced_at is not None)


def _sees(campaign: Campaign, *, is_announced: bool) -> ColumnElement[bool]:
    here = (TeamMember.campaign_id == campaign.id) & TeamMember.role.in_(TEAM_ROLES)
    in_team = select(TeamMember.person_id).where(here, in_force())
    inside = Person.is_admin | (Person.id == campaign.owner_id) | Person.id.in_(in_team)
    if not is_announced:
        return inside
    return or_(inside, is_open_to_all(campaign.id, campaign.audience), Person.id.in_(people_admitted(campaign.id)))


@dataclass(frozen=True, slots=True)
class Holds:
    """How many people each choice holds, for the form. `by_now`: the audience as it is stored, beside the team.

    Numbers of people by their profiles are rounded down, and None where they are too few: see `shown_counts`.
    """

    accounts: int
    guests: int
    spaces: Mapping[int, int]
    values: Mapping[int, int | None]
    by_now: int | None


def holds(session: Session, campaign: Campaign, spaces: Sequence[Space], values: Mapping[int, int | None]) -> Holds:
    """How many people the choices of an audience hold. Whoever may choose it may read them. Four queries."""
    accounts = session.scalar(select(func.count()).select_from(Person)) or 0
    guests = session.scalar(select(func.count()).select_from(Guest).where(Guest.campaign_id == campaign.id)) or 0
    inside = is_open_to_all(campaign.id, campaign.audience) | Person.id.in_(people_admitted(campaign.id))
    count = session.scalar(select(func.count()).select_from(Person).where(inside)) or 0
    asks_values = select(AudienceValue.value_id).where(AudienceValue.campaign_id == campaign.id).limit(1)
    by_now = rounded(count) if session.scalar(asks_values) is not None else count
    return Holds(accounts, guests, member_counts(session, [space.id for space in spaces]), values, by_now)


def those_who_see(
    session: Session, campaign: Campaign, ids: Sequence[int], *, once_announced: bool = False
) -> set[int]:
    """Those of these people who see the campaign by now, or once it is announced: nobody else is told of it."""
    found: set[int] = set()
    sees = _sees(campaign, is_announced=once_announced or campaign.announced_at is not None)
    for some in chunks(ids):
        found |= set(session.scalars(select(Person.id).where(Person.id.in_(some), sees)))
    return found


def _checked(session: Session, choice: AudienceChoice, present: AudienceChoice, by: Person) -> AudienceChoice:
    """The choice without what its kinds don't use. A space that `by` does not find stays if it was chosen before."""
    stages = [_checked_stage(session, stage, present, by) for stage in (choice.first, *choice.later)]
    first, later = stages[0], stages[1:]
    if len(later) > MAX_STAGES:
        raise StageOutOfOrder
    if later and first.audience is Audience.PUBLIC:
        raise StageWidensNothing
    dates = [stage.opens_at for stage in later if stage.opens_at is not None]
    if len(dates) < len(later) or any(after <= before for before, after in pairwise(dates)):
        raise StageOutOfOrder
    if any(stage.audience in ALL_MEMBERS for stage in later[:-1]):
        raise StageWidensNothing
    if later and first.audience is Audience.MEMBERS and any(stage.audience is not Audience.PUBLIC for stage in later):
        raise StageWidensNothing
    if choice.open_to_visitors and Audience.PUBLIC not in {stage.audience for stage in stages}:
        raise OnlyPublicIsVisible
    return AudienceChoice(first, tuple(later), choice.open_to_visitors)


def _checked_stage(session: Session, stage: Stage, present: AudienceChoice, by: Person) -> Stage:
    spaces: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    if stage.audience is Audience.SPACES:
        known = {space_id for each in (present.first, *present.later) for space_id in each.spaces}
        found = select(Space.id).where(Space.id.in_(set(stage.spaces)), space_visible_to(by) | Space.id.in_(known))
        spaces = tuple(sorted(session.scalars(found)))
        if not spaces:
            raise NoSpaceChosen
    if stage.audience is Audience.SEGMENTS:
        values = tuple(
            sorted(session.scalars(select(AttributeValue.id).where(AttributeValue.id.in_(set(stage.values)))))
        )
        if not values:
            raise NoValueChosen
    return Stage(stage.audience, spaces, values, stage.opens_at)


def _store(session: Session, campaign: Campaign, choice: AudienceChoice) -> None:
    for model in (AudienceSpace, AudienceValue, AudienceStage):
        session.execute(delete(model).where(model.campaign_id == campaign.id))
    campaign.audience, campaign.open_to_visitors = choice.first.audience, choice.open_to_visitors
    campaign.audience_version += 1
    stages = [choice.first, *choice.later]
    attributes = dict(
        session.execute(
            select(AttributeValue.id, AttributeValue.attribute_id).where(
                AttributeValue.id.in_({value_id for stage in stages for value_id in stage.values})
            )
        ).all()
    )
    for number, stage in enumerate(stages):
        here = {"campaign_id": campaign.id, "number": number}
        if number > FIRST:
            session.add(AudienceStage(**here, audience=stage.audience, opens_at=stage.opens_at))
        session.add_all(AudienceSpace(**here, space_id=space_id) for space_id in stage.spaces)
        session.add_all(
            AudienceValue(**here, value_id=value_id, attribute_id=attributes[value_id]) for value_id in stage.values
        )
    session.flush()


def _keep_who_took_part(session: Session, campaign: Campaign, now: datetime) -> int:
    """Make guests of those who wrote or responded, also in a draft, and would no longer find the campaign."""
    took_part = union(
        select(_idea.c.author_id).where(_idea.c.campaign_id == campaign.id, _idea.c.author_id.is_not(None)),
        select(_co_author.c.person_id)
        .join(_idea, _idea.c.id == _co_author.c.idea_id)
        .where(_idea.c.campaign_id == campaign.id, _co_author.c.state == "accepted"),
        *(
            select(response.c[person])
            .join(_idea, _idea.c.id == response.c.idea_id)
            .where(_idea.c.campaign_id == campaign.id)
            for response, person in _RESPONSES
        ),
    )
    outside = Person.id.in_(took_part) & ~who_sees(campaign)
    count = session.scalar(select(func.count()).select_from(Person).where(outside)) or 0
    if count:
        values = select(literal(campaign.id), Person.id, literal(True), literal(now, Guest.since.type)).where(outside)
        session.execute(insert(Guest).from_select(["campaign_id", "person_id", "kept", "since"], values))
    return count


def _facts(choice: AudienceChoice) -> dict[str, Any]:
    """What the log keeps of an audience."""

    def stage(each: Stage) -> dict[str, Any]:
        facts: dict[str, Any] = {"audience": each.audience}
        if each.spaces:
            facts["spaces"] = list(each.spaces)
        if each.values:
            facts["values"] = list(each.values)
        if each.opens_at is not None:
            facts["opens_at"] = each.opens_at.isoformat()
        return facts

    later = {"later": [stage(each) for each in choice.later]} if choice.later else {}
    return stage(choice.first) | {"open_to_visitors": choice.open_to_visitors} | later
