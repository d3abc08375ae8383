"""The team of a campaign: its roles, what each may do, and which campaigns a person may see or manages."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, State
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
    MODERATE = "moderate"
    JUDGE = "judge"
    INVITE = "invite"
    EXPORT = "export"
    AUDIT = "audit"


# Who may do what. Before the announcement only the team and administrators find the campaign at all;
# once the debrief is public, whoever reads the campaign also reads its themes (`may_read_themes`).
ACTS: dict[Role, frozenset[Act]] = {
    Role.OWNER: frozenset(Act),
    Role.FACILITATOR: frozenset(Act) - {Act.ANNOUNCE, Act.INVITE},
    Role.MODERATOR: frozenset({Act.READ, Act.READ_THEMES, Act.MODERATE}),
    Role.JURY: frozenset({Act.READ, Act.READ_THEMES, Act.JUDGE}),
    Role.OBSERVER: frozenset({Act.READ, Act.READ_THEMES}),
    Role.PARTICIPANT: frozenset({Act.READ, Act.CONTRIBUTE, Act.COMMENT, Act.SUPPORT}),
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
        Act.INVITE,
        Act.EXPORT,
        Act.AUDIT,
    }
)
# The roles that a person can be given beside the owner's.
TEAM_ROLES = (Role.FACILITATOR, Role.MODERATOR, Role.JURY, Role.OBSERVER)


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
    given = session.scalar(
        select(TeamMember.role).where(TeamMember.campaign_id == campaign.id, TeamMember.person_id == person.id)
    )
    return given or Role.PARTICIPANT


def add_to_team(session: Session, campaign: Campaign, person: Person, *, role: Role) -> TeamMember:
    """Give a person a role beside the owner's, replacing an earlier one. The owner may."""
    member = session.scalar(
        select(TeamMember).where(TeamMember.campaign_id == campaign.id, TeamMember.person_id == person.id)
    )
    if member is None:
        member = TeamMember(campaign_id=campaign.id, person_id=person.id, role=role)
        session.add(member)
    member.role = role
    session.flush()
    return member


def visible_campaigns(session: Session, person: Person | None, *, now: datetime) -> Sequence[Campaign]:
    """Announced campaigns for everyone, drafts for their team: the open ones first, soonest closing first."""
    query = select(Campaign).options(joinedload(Campaign.owner))
    if person is None:
        query = query.where(Campaign.announced_at.is_not(None))
    elif not person.is_admin:
        in_team = select(TeamMember.campaign_id).where(
            TeamMember.person_id == person.id, TeamMember.role != Role.PARTICIPANT
        )
        query = query.where(
            or_(Campaign.announced_at.is_not(None), Campaign.owner_id == person.id, Campaign.id.in_(in_team))
        )
    order = [State.OPEN, State.ANNOUNCED, State.DRAFT, State.UNDER_REVIEW, State.CLOSED, State.DEBRIEFED]
    rank = {state: place for place, state in enumerate(order)}
    far = datetime.max.replace(tzinfo=UTC)

    def by_life(campaign: Campaign) -> tuple[int, float]:
        closing = campaign.closes_at or far
        state = campaign.state(now)
        return rank.get(state, len(rank)), closing.timestamp() if state is State.OPEN else -closing.timestamp()

    return sorted(session.scalars(query), key=by_life)


def titles_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The titles of these campaigns by id, for administrators' lists."""
    return dict(session.execute(select(Campaign.id, Campaign.title).where(Campaign.id.in_(ids))).all())


def managed_campaigns(session: Session, person: Person) -> Sequence[Campaign]:
    """The campaigns that the person owns or facilitates, latest first."""
    facilitated = select(TeamMember.campaign_id).where(
        TeamMember.person_id == person.id, TeamMember.role == Role.FACILITATOR
    )
    return session.scalars(
        select(Campaign)
        .where(or_(Campaign.owner_id == person.id, Campaign.id.in_(facilitated)))
        .order_by(Campaign.created_at.desc(), Campaign.id.desc())
    ).all()
