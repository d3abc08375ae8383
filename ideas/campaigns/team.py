"""The team of a campaign: its roles, what each may do, and which campaigns a person may see or manages."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, UniqueConstraint, bindparam, case, select, true
from sqlalchemy.orm import Mapped, Session, contains_eager, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person


class Role(StrEnum):
    """A person's role in one campaign. The owner is a column of the campaign itself."""

    OWNER = "owner"
    FACILITATOR = "facilitator"
    MODERATOR = "moderator"
    JURY = "jury"
    OBSERVER = "observer"
    PARTICIPANT = "participant"
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
    INVITE = "invite"
    EXPORT = "export"
    AUDIT = "audit"


# Who may do what. Before the announcement only the team and administrators find the campaign at all;
# once the debrief is public, whoever reads the campaign also reads its themes (`may_read_themes`).
ACTS: dict[Role, frozenset[Act]] = {
    Role.OWNER: frozenset(Act),
    Role.FACILITATOR: frozenset(Act) - {Act.ANNOUNCE, Act.DELETE, Act.INVITE},
    Role.MODERATOR: frozenset({Act.READ, Act.READ_THEMES, Act.REPORT, Act.MODERATE}),
    Role.JURY: frozenset({Act.READ, Act.READ_THEMES, Act.REPORT, Act.JUDGE}),
    Role.OBSERVER: frozenset({Act.READ, Act.READ_THEMES}),
    Role.PARTICIPANT: frozenset({Act.READ, Act.CONTRIBUTE, Act.COMMENT, Act.SUPPORT, Act.REPORT}),
    Role.VISITOR: frozenset({Act.READ}),
}
# What an administrator may do in every campaign, beside what their role there allows. Not announce: the owner gives
# that word. Not contribute, comment, support or judge: whoever observes a campaign writes nothing in it.
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


class TeamMember(Base):
    """A role beside the owner's in one campaign."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))

    person: Mapped[Person] = relationship()


def may(role: Role, act: Act, *, is_admin: bool) -> bool:
    """True if a person with this role in a campaign may do this there."""
    return act in ACTS[role] or (is_admin and act in ADMIN_ACTS)


def may_read_themes(campaign: Campaign, role: Role, *, is_admin: bool) -> bool:
    """True for whoever has the act, and for every reader once the debrief is public."""
    return campaign.debriefed_at is not None or may(role, Act.READ_THEMES, is_admin=is_admin)


def role_of(session: Session, campaign: Campaign, person: Person | None) -> Role:
    """The person's role: visitor for None, participant for an account without a role in the team."""
    if person is None:
        return Role.VISITOR
    if person.id == campaign.owner_id:
        return Role.OWNER
    member = member_of(session, campaign, person)
    return member.role if member is not None else Role.PARTICIPANT


def add_to_team(
    session: Session, campaign: Campaign, person: Person, *, role: Role, by: Person, now: datetime
) -> TeamMember:
    """Give a person a role beside the owner's, replacing an earlier one. Whoever may invite may.

    Raises AlreadyOwner, LimitReached, or NotATeamRole for a role that can't be given.
    """
    if role not in TEAM_ROLES:
        raise NotATeamRole
    lock_campaign(session, campaign)
    if person.id == campaign.owner_id:
        raise AlreadyOwner
    member = member_of(session, campaign, person)
    if member is None or member.role != role:
        spend(session, LimitedAct.INVITE, by=by, now=now)
    if member is None:
        member = TeamMember(campaign_id=campaign.id, person_id=person.id, role=role)
        session.add(member)
        session.flush()
        _record(session, Verb.ADDED, member, by=by, now=now, after=role)
    elif member.role != role:
        before, member.role = member.role, role
        session.flush()
        _record(session, Verb.CHANGED, member, by=by, now=now, before=before, after=role)
    return member


def remove_from_team(session: Session, campaign: Campaign, person: Person, *, by: Person, now: datetime) -> None:
    """Take a person's role away: from the next request on, they are a participant. Whoever may invite may."""
    lock_campaign(session, campaign)
    member = member_of(session, campaign, person)
    if member is None:
        return
    _record(session, Verb.REMOVED, member, by=by, now=now, before=member.role)
    session.delete(member)
    session.flush()


def member_of(session: Session, campaign: Campaign, person: Person) -> TeamMember | None:
    """The person's place in the team, or None for the owner and for whoever has none."""
    return session.scalar(
        select(TeamMember).where(TeamMember.campaign_id == campaign.id, TeamMember.person_id == person.id)
    )


def team_of(session: Session, campaign: Campaign) -> Sequence[TeamMember]:
    """The team beside the owner, with their persons: by role, then by name. Whoever reads the campaign may read it."""
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

    Everyone sees an announced campaign. Its team and administrators also see the draft, until it is deleted.
    """
    announced = Campaign.announced_at.is_not(None)
    if person is None:
        return announced
    if person.is_admin:
        return Campaign.deleted_at.is_(None)
    return announced | in_team_of(person)


def in_team_of(person: Person) -> ColumnElement[bool]:
    """SQL condition: the person owns the campaign, or has a role in its team."""
    return _has_role(person, TEAM_ROLES)


def themes_readable_by(person: Person | None) -> ColumnElement[bool]:
    """SQL condition: this person may read the campaign's themes. `may_read_themes` says the same of one campaign."""
    debriefed = Campaign.debriefed_at.is_not(None)
    if person is None:
        return debriefed
    if person.is_admin and Act.READ_THEMES in ADMIN_ACTS:
        return true()
    return debriefed | _has_role(person, [role for role in TEAM_ROLES if Act.READ_THEMES in ACTS[role]])


def visible_campaign(session: Session, campaign_id: int, person: Person | None) -> Campaign | None:
    """The campaign with this id, with its owner, if the person may see it."""
    query = _visitors_query() if person is None else _one_campaign(campaign_visible_to(person))
    return session.scalar(query, {"campaign_id": campaign_id})


def _one_campaign(visible: ColumnElement[bool]) -> Select[Campaign]:
    here = Campaign.id == bindparam("campaign_id")
    return select(Campaign).where(here, visible).options(joinedload(Campaign.owner))


@cache  # building the query takes longer than running it
def _visitors_query() -> Select[Campaign]:
    return _one_campaign(campaign_visible_to(None))


def visible_campaigns(session: Session, person: Person | None, *, now: datetime) -> Sequence[Campaign]:
    """The campaigns that the person may see: the open ones first, soonest closing first."""
    query = select(Campaign).where(campaign_visible_to(person)).options(joinedload(Campaign.owner))
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
        select(Campaign).where(_has_role(person, managers)).order_by(Campaign.created_at.desc(), Campaign.id.desc())
    ).all()


def _has_role(person: Person, roles: Sequence[Role]) -> ColumnElement[bool]:
    given = select(TeamMember.campaign_id).where(TeamMember.person_id == person.id, TeamMember.role.in_(roles))
    return Campaign.deleted_at.is_(None) & ((Campaign.owner_id == person.id) | Campaign.id.in_(given))


def _record(
    session: Session,
    verb: Verb,
    member: TeamMember,
    *,
    by: Person,
    now: datetime,
    before: Role | None = None,
    after: Role | None = None,
) -> None:
    def values(role: Role | None) -> dict[str, Any] | None:
        return {"person_id": member.person_id, "role": role} if role else None

    record(
        session,
        verb,
        member,
        by=by,
        now=now,
        campaign_id=member.campaign_id,
        before=values(before),
        after=values(after),
    )
