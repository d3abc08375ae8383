"""The team of a campaign: its roles, what each may do, and which campaigns a person may see or manages."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Select, UniqueConstraint, bindparam, case, select, true
from sqlalchemy.orm import (
    InstrumentedAttribute,
    Mapped,
    Session,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
)

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged
from ideas.base import Base, choice, this_instant
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.spaces.audience import ALL_MEMBERS, admitted, visible_to_visitors


class Role(StrEnum):
    """A person's role in one campaign. The owner is a column of the campaign itself."""

    OWNER = "owner"
    FACILITATOR = "facilitator"
    MODERATOR = "moderator"
    JURY = "jury"
    OBSERVER = "observer"
    PARTICIPANT = "participant"
    READER = "reader"  # an observer of a space that the campaign is open to; never stored
    VISITOR = "visitor"  # not signed in; never stored


class Act(StrEnum):
    """What may be done in a campaign. Each route of a campaign names one."""

    READ = "read"
    READ_THEMES = "read_themes"
    CONTRIBUTE = "contribute"
    COMMENT = "comment"
    SUPPORT = "support"
    MANAGE = "manage"
    GROUP = "group"
    DECIDE = "decide"
    PUBLISH = "publish"
    ANNOUNCE = "announce"
    DELETE = "delete"
    REPORT = "report"
    MODERATE = "moderate"
    JUDGE = "judge"
    COMPARE = "compare"
    INVITE = "invite"
    EXPORT = "export"
    AUDIT = "audit"


# Who may do what. Before the announcement only the team and administrators find the campaign at all;
# once the debrief is public, whoever reads the campaign also reads its themes (`may_read_themes`).
ACTS: dict[Role, frozenset[Act]] = {
    Role.OWNER: frozenset(Act),
    Role.FACILITATOR: frozenset(Act) - {Act.ANNOUNCE, Act.DELETE, Act.INVITE},
    Role.MODERATOR: frozenset({Act.READ, Act.READ_THEMES, Act.REPORT, Act.MODERATE}),
    Role.JURY: frozenset({Act.READ, Act.READ_THEMES, Act.REPORT, Act.JUDGE, Act.COMPARE}),
    Role.OBSERVER: frozenset({Act.READ, Act.READ_THEMES}),
    Role.PARTICIPANT: frozenset({Act.READ, Act.CONTRIBUTE, Act.COMMENT, Act.SUPPORT, Act.COMPARE, Act.REPORT}),
    Role.READER: frozenset({Act.READ}),
    Role.VISITOR: frozenset({Act.READ}),
}
# What an administrator may do in every campaign, beside what their role there allows. Not announce: the owner gives
# that word. Not contribute, comment, support, compare or judge: whoever observes a campaign writes nothing in it.
ADMIN_ACTS = frozenset(
    {
        Act.READ,
        Act.READ_THEMES,
        Act.MANAGE,
        Act.GROUP,
        Act.DECIDE,
        Act.PUBLISH,
        Act.MODERATE,
        Act.DELETE,
        Act.INVITE,
        Act.EXPORT,
        Act.AUDIT,
    }
)
# The roles that a person can be given beside the owner's.
TEAM_ROLES = (Role.FACILITATOR, Role.MODERATOR, Role.JURY, Role.OBSERVER)


class AlreadyOwner(DomainError):
    message = message_id("This person is the campaign lead and already has every right.")


class NotATeamRole(DomainError):
    message = message_id("Choose a role of the team.")


class OwnTeamRole(NotAllowed):
    message = message_id("You can’t change your own role. Ask the campaign lead or another administrator.")


class EndsBeforeStart(DomainError):
    message = message_id("The last day comes before the first day. Change one of them.")


class EndIsPast(DomainError):
    message = message_id("The last day is past. Choose a later one, or remove this person from the team.")


class RoleState(StrEnum):
    """Whether a role gives its rights at an instant."""

    CURRENT = "current"
    COMING = "coming"
    ENDED = "ended"


class TeamMember(Base):
    """A role beside the owner's in one campaign. It gives no right before `starts_at`, nor from `ends_at` on."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    # When the person joined the team; None where nobody noted it.
    added_at: Mapped[datetime | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    # How often the role or its dates were saved: see ideas.activity.version.
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    person: Mapped[Person] = relationship()

    def state(self, now: datetime) -> RoleState:
        if self.ends_at is not None and now >= self.ends_at:
            return RoleState.ENDED
        return RoleState.COMING if self.starts_at is not None and now < self.starts_at else RoleState.CURRENT


def in_force() -> ColumnElement[bool]:
    """SQL condition: the role of a TeamMember has begun and has not ended when the statement runs."""
    instant = this_instant()
    begun = TeamMember.starts_at.is_(None) | (TeamMember.starts_at <= instant)
    return begun & (TeamMember.ends_at.is_(None) | (TeamMember.ends_at > instant))


def may(role: Role, act: Act, *, is_admin: bool) -> bool:
    """True if a person with this role in a campaign may do this there."""
    return act in ACTS[role] or (is_admin and act in ADMIN_ACTS)


def may_read_themes(campaign: Campaign, role: Role, *, is_admin: bool) -> bool:
    """True for whoever has the act, and for every reader once the debrief is public."""
    return campaign.debriefed_at is not None or may(role, Act.READ_THEMES, is_admin=is_admin)


def is_in_team(session: Session, campaign: Campaign, person: Person) -> bool:
    """True for the owner, and for who has a role in the team at this instant."""
    return role_of(session, campaign, person) in {Role.OWNER, *TEAM_ROLES}


def role_of(session: Session, campaign: Campaign, person: Person | None) -> Role:
    """The person's role: visitor for None, participant for an account without a role in the team at this instant.

    Reader for who is in the audience only as an observer of a space.
    """
    if person is None:
        return Role.VISITOR
    if person.id == campaign.owner_id:
        return Role.OWNER
    here = (TeamMember.campaign_id == campaign.id) & (TeamMember.person_id == person.id)
    given = session.scalar(select(TeamMember.role).where(here, in_force()))
    if given is not None:
        return given
    if campaign.audience in ALL_MEMBERS or person.is_admin:
        return Role.PARTICIPANT
    writes = session.scalar(_writers_query(), {"campaign_id": campaign.id, "reader_id": person.id}) is not None
    return Role.PARTICIPANT if writes else Role.READER


@cache  # building the query takes longer than running it
def _writers_query() -> Select[int]:
    inside = admitted(bindparam("reader_id"), Campaign.id, Campaign.audience, to_write=True)
    return select(Campaign.id).where(Campaign.id == bindparam("campaign_id"), inside)


def add_to_team(
    session: Session,
    campaign: Campaign,
    person: Person,
    *,
    role: Role,
    by: Person,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    seen: int | None = None,
) -> TeamMember:
    """Give a person a role beside the owner's, replacing an earlier one and its dates. Whoever may invite may, but for
    their own role. `seen`: the version of the role that `by` saw.

    Raises NotATeamRole for a role that can't be given, OwnTeamRole, AlreadyOwner, ChangedMeanwhile, EndsBeforeStart,
    EndIsPast, LimitReached.
    """
    if role not in TEAM_ROLES:
        raise NotATeamRole
    lock_campaign(session, campaign)
    if person.id == campaign.owner_id:
        raise AlreadyOwner
    if person.id == by.id:
        raise OwnTeamRole
    member = member_of(session, campaign, person, again=True)
    if member is not None:
        check_unchanged(member, seen)
    _check_dates(member, starts_at, ends_at, now)
    if member is None or member.role != role:
        spend(session, LimitedAct.INVITE, by=by, now=now)
    if member is None:
        member = TeamMember(campaign_id=campaign.id, person_id=person.id, added_at=now)
        session.add(member)
    before = values_of(member)
    member.role, member.starts_at, member.ends_at = role, starts_at, ends_at
    after = values_of(member)
    if before != after:
        member.version = member.version + 1 if before else 1
        session.flush()
        verb = Verb.CHANGED if before else Verb.ADDED
        record(session, verb, member, by=by, now=now, campaign_id=campaign.id, before=before, after=after)
    return member


def join_team(
    session: Session,
    campaign: Campaign,
    person: Person,
    *,
    role: Role,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> bool:
    """Give the person the role that they were invited to. False where they are in the team already: whoever finds a
    link must not raise themself with it. For `ideas.campaigns.people.inviting`, which has locked the campaign.
    """
    if person.id == campaign.owner_id or member_of(session, campaign, person, again=True) is not None:
        return False
    dates = {"starts_at": starts_at, "ends_at": ends_at}
    member = TeamMember(campaign_id=campaign.id, person_id=person.id, role=role, added_at=now, version=1, **dates)
    session.add(member)
    session.flush()
    record(session, Verb.ADDED, member, by=person, now=now, campaign_id=campaign.id, after=values_of(member))
    return True


def remove_from_team(session: Session, campaign: Campaign, person: Person, *, by: Person, now: datetime) -> None:
    """Take a person's role away: from the next request on, they are a participant. Whoever may invite may.

    Raises OwnTeamRole: whoever only reads would otherwise free themself to write.
    """
    lock_campaign(session, campaign)
    if person.id == by.id:
        raise OwnTeamRole
    member = member_of(session, campaign, person)
    if member is None:
        return
    before = values_of(member)
    record(session, Verb.REMOVED, member, by=by, now=now, campaign_id=campaign.id, before=before)
    session.delete(member)
    session.flush()


def member_of(session: Session, campaign: Campaign, person: Person, *, again: bool = False) -> TeamMember | None:
    """The person's place in the team whatever its dates, or None for the owner and for whoever has none.

    `again`: read it from the database also where this session has read it before.
    """
    here = (TeamMember.campaign_id == campaign.id) & (TeamMember.person_id == person.id)
    return session.scalar(select(TeamMember).where(here).execution_options(populate_existing=again))


def team_of(session: Session, campaign: Campaign) -> Sequence[TeamMember]:
    """The team beside the owner as it is now, with their persons: by role, then by name. Whoever reads the campaign may
    read it.
    """
    return session.scalars(_team_query().where(in_force()), {"campaign_id": campaign.id}).all()


def roles_in(session: Session, campaign: Campaign) -> dict[int, Role]:
    """The role of each person of the team as it is now, its owner among them, by the person's id. One query."""
    here = select(TeamMember.person_id, TeamMember.role).where(TeamMember.campaign_id == campaign.id)
    given = session.execute(here.where(TeamMember.role.in_(TEAM_ROLES), in_force()))
    return {person_id: role for person_id, role in given} | {campaign.owner_id: Role.OWNER}  # noqa: C416 -- dict() would take rows by their keys


def roster_of(session: Session, campaign: Campaign) -> Sequence[TeamMember]:
    """As `team_of`, with those whose role has not begun or has ended. Whoever may invite may read it."""
    return session.scalars(_team_query(), {"campaign_id": campaign.id}).all()


@cache  # building the query takes longer than running it
def _team_query() -> Select[TeamMember]:
    return (
        select(TeamMember)
        .join(TeamMember.person)
        .where(TeamMember.campaign_id == bindparam("campaign_id"), TeamMember.role.in_(TEAM_ROLES))
        .order_by(
            case({role: place for place, role in enumerate(TEAM_ROLES)}, value=TeamMember.role),
            Person.name,
            TeamMember.id,
        )
        .options(contains_eager(TeamMember.person))
    )


def campaign_visible_to(person: Person | None) -> ColumnElement[bool]:
    """SQL condition: this person may see that the campaign exists. Lists, searches, exports and single rows ask it.

    Once it is announced its audience sees it, and its guests; a visitor, if it is public and visible without an
    account. Its team and administrators also see the draft, until it is deleted.
    """
    announced = Campaign.announced_at.is_not(None)
    if person is None:
        return announced & Campaign.open_to_visitors & visible_to_visitors(Campaign.id, Campaign.audience)
    return campaign_seen_by(person.id, is_admin=person.is_admin)


def campaign_seen_by(reader_id: int | BindParameter[int], *, is_admin: bool) -> ColumnElement[bool]:
    """SQL condition: as `campaign_visible_to`, of whoever has this id. For queries that are built once."""
    return Campaign.deleted_at.is_(None) if is_admin else _visible_to_member(reader_id)


def seen_by_member(person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """SQL condition: the person of this column may see the campaign once it is announced, as `campaign_visible_to`.

    For questions about many people at once; an administrator is asked as a member.
    """
    return Campaign.deleted_at.is_(None) & _visible_to_member(person_id)


def _visible_to_member(person_id: int | BindParameter[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    announced = Campaign.announced_at.is_not(None)
    inside = admitted(person_id, Campaign.id, Campaign.audience)
    return (announced & inside) | _has_role(person_id, TEAM_ROLES)


def in_team_of(person_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """SQL condition: the person with this id owns the campaign, or has a role in its team."""
    return _has_role(person_id, TEAM_ROLES)


def themes_readable_by(person: Person | None) -> ColumnElement[bool]:
    """SQL condition: this person may read the campaign's themes. `may_read_themes` says the same of one campaign."""
    debriefed = Campaign.debriefed_at.is_not(None)
    if person is None:
        return debriefed
    if person.is_admin and Act.READ_THEMES in ADMIN_ACTS:
        return true()
    return debriefed | _has_role(person.id, [role for role in TEAM_ROLES if Act.READ_THEMES in ACTS[role]])


def visible_campaign(session: Session, campaign_id: int, person: Person | None) -> Campaign | None:
    """The campaign with this id, with its owner, if the person may see it."""
    if person is None:
        return session.scalar(_visitors_query(), {"campaign_id": campaign_id})
    if person.is_admin:
        return session.scalar(_admins_query(), {"campaign_id": campaign_id})
    return session.scalar(_members_query(), {"campaign_id": campaign_id, "reader_id": person.id})


def seen_together(session: Session, campaign_ids: Collection[int], person_ids: Collection[int]) -> set[tuple[int, int]]:
    """Which of these people may see which of these campaigns, as `visible_campaign` says it of one: the ids of the
    person and the campaign. One query.
    """
    given = {"campaign_ids": list(campaign_ids), "person_ids": list(person_ids)}
    return {(person_id, campaign_id) for person_id, campaign_id in session.execute(_together_query(), given)}


def asks_for_account(session: Session, campaign_id: int) -> bool:
    """True for a public campaign that visitors do not read: whoever signs in will. Of others nobody is told."""
    is_public = visible_to_visitors(Campaign.id, Campaign.audience)
    asked = select(Campaign.id).where(Campaign.id == campaign_id, Campaign.announced_at.is_not(None), is_public)
    return session.scalar(asked) is not None


def _one_campaign(visible: ColumnElement[bool]) -> Select[Campaign]:
    here = Campaign.id == bindparam("campaign_id")
    return select(Campaign).where(here, visible).options(joinedload(Campaign.owner))


@cache  # building the query takes longer than running it
def _visitors_query() -> Select[Campaign]:
    return _one_campaign(campaign_visible_to(None))


@cache
def _admins_query() -> Select[Campaign]:
    return _one_campaign(Campaign.deleted_at.is_(None))


@cache
def _members_query() -> Select[Campaign]:
    return _one_campaign(_visible_to_member(bindparam("reader_id")))


@cache
def _together_query() -> Select[int, int]:
    as_admin = Person.is_admin & Campaign.deleted_at.is_(None)
    as_member = ~Person.is_admin & _visible_to_member(Person.id)
    return (
        select(Person.id, Campaign.id)
        .join(Campaign, as_admin | as_member)
        .where(Campaign.id.in_(bindparam("campaign_ids", expanding=True)))
        .where(Person.id.in_(bindparam("person_ids", expanding=True)))
    )


def visible_campaigns(
    session: Session, person: Person | None, *, now: datetime, only: ColumnElement[bool] | None = None
) -> Sequence[Campaign]:
    """The campaigns that the person may see: the open ones first, soonest closing first. `only`: those that meet it."""
    query = select(Campaign).where(campaign_visible_to(person)).options(joinedload(Campaign.owner))
    if only is not None:
        query = query.where(only)
    order = [State.OPEN, State.ANNOUNCED, State.DRAFT, State.UNDER_REVIEW, State.CLOSED, State.DEBRIEFED]
    rank = {state: place for place, state in enumerate(order)}
    far = datetime.max.replace(tzinfo=UTC)

    def by_life(campaign: Campaign) -> tuple[int, float]:
        closing = campaign.closes_at or far
        state = campaign.state(now)
        return rank.get(state, len(rank)), closing.timestamp() if state is State.OPEN else -closing.timestamp()

    return sorted(session.scalars(query), key=by_life)


def named_campaigns(session: Session, ids: Collection[int]) -> dict[int, tuple[str, bool]]:
    """The title of each of these campaigns by id, and whether it is deleted: for administrators' lists."""
    asked = select(Campaign.id, Campaign.title, Campaign.deleted_at.is_not(None)).where(Campaign.id.in_(ids))
    return {campaign_id: (title, bool(deleted)) for campaign_id, title, deleted in session.execute(asked)}


def managed_campaigns(session: Session, person: Person) -> Sequence[Campaign]:
    """The campaigns whose owner the person is, or that they manage in another role, latest first."""
    managers = [role for role in TEAM_ROLES if Act.MANAGE in ACTS[role]]
    return session.scalars(
        select(Campaign).where(_has_role(person.id, managers)).order_by(Campaign.created_at.desc(), Campaign.id.desc())
    ).all()


def _has_role(
    person_id: int | BindParameter[int] | InstrumentedAttribute[int], roles: Sequence[Role]
) -> ColumnElement[bool]:
    here = (TeamMember.person_id == person_id) & TeamMember.role.in_(roles)
    given = select(TeamMember.campaign_id).where(here, in_force())
    return Campaign.deleted_at.is_(None) & ((Campaign.owner_id == person_id) | Campaign.id.in_(given))


def values_of(member: TeamMember) -> dict[str, Any] | None:
    """What the log keeps of a role: None before it is given."""
    if member.role is None:
        return None
    dates = {"starts_at": member.starts_at, "ends_at": member.ends_at}
    given = {name: at.astimezone(UTC).isoformat() for name, at in dates.items() if at is not None}
    return {"person_id": member.person_id, "role": member.role, **given}


def _check_dates(
    member: TeamMember | None, starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> None:
    """Raises EndsBeforeStart, or EndIsPast for another end than the role had."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise EndsBeforeStart
    if ends_at is not None and ends_at <= now and (member is None or member.ends_at != ends_at):
        raise EndIsPast
