"""A time-boxed call for ideas: what is asked, what it brings, until when, and who answers for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from urllib.parse import urlsplit

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, Text, UniqueConstraint, bindparam, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base, choice
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.person import Person
from ideas.text import clean_line, optional, required

MAX_TITLE_LENGTH = 120
MAX_CHALLENGE_LENGTH = 300
MAX_BRIEF_LENGTH = 20_000
MAX_PARAGRAPH_LENGTH = 2_000
MAX_URL_LENGTH = 500
# A time-box is a box: longer than this, a year was mistyped.
LONGEST = timedelta(days=366)
# From fewer, larger themes to more, finer ones; 0 is what the pipeline chooses by itself.
COARSEST, FINEST = -3, 3


class State(StrEnum):
    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    UNDER_REVIEW = "under_review"
    DEBRIEFED = "debriefed"
    FOLLOWED_THROUGH = "followed_through"


class Role(StrEnum):
    """What a person is in one campaign. The owner stands on the campaign itself."""

    OWNER = "owner"
    FACILITATOR = "facilitator"
    MODERATOR = "moderator"
    JURY = "jury"
    OBSERVER = "observer"
    PARTICIPANT = "participant"


class GateItem(StrEnum):
    """What the launch gate asks for."""

    CHALLENGE = "challenge"
    BRIEF = "brief"
    BENEFIT = "benefit"
    MOTIVATION = "motivation"
    OPENING = "opening"
    CLOSING = "closing"
    DEBRIEF_DATE = "debrief_date"
    PORTRAIT = "portrait"
    WORD = "word"


class ClosesBeforeOpening(DomainError):
    message = message_id("The closing must come after the opening.")


class DebriefBeforeClosing(DomainError):
    message = message_id("The debrief can only be promised for after the closing.")


class LastsTooLong(DomainError):
    message = message_id("A campaign lasts a year at most: check the year of the closing.")


class AlreadyClosed(DomainError):
    message = message_id("This campaign is closed: its dates can no longer change.")


class ClosingInThePast(DomainError):
    message = message_id("The closing lies in the past. Choose a later one.")


class PromisePutOff(DomainError):
    message = message_id("Now that the campaign is closed, its debrief can be brought forward but no longer put off.")


class OpeningIsPast(DomainError):
    message = message_id("The campaign has opened: its opening can no longer change.")


class NotAVideoLink(DomainError):
    message = message_id("A link to a video starts with https:// and names a site.")


class AlreadyAnnounced(DomainError):
    message = message_id("This campaign has been announced already.")


class LaunchRefused(DomainError):
    """The gate is shut. `missing` lists what it asks for."""

    message = message_id("The campaign can't open yet: complete what the list below still asks for.")

    def __init__(self, missing: Sequence[GateItem]) -> None:
        self.missing = tuple(missing)
        super().__init__()


class StillNeeded(DomainError):
    """An announced campaign keeps everything that the gate asked for."""

    message = message_id("A campaign that was announced keeps its brief, its benefit, its motivation and its dates.")


class Campaign(Base):
    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint(
            "debrief_due_at IS NULL OR closes_at IS NULL OR debrief_due_at >= closes_at", name="debrief_after_closing"
        ),
        CheckConstraint(
            "announced_at IS NULL OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND debrief_due_at IS NOT NULL"
            " AND benefit <> '' AND motivation <> '')",
            name="announced_is_complete",
        ),
        CheckConstraint(f"granularity BETWEEN {COARSEST} AND {FINEST}", name="granularity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    challenge: Mapped[str] = mapped_column(String(MAX_CHALLENGE_LENGTH), default="")
    brief: Mapped[str] = mapped_column(Text, default="")
    benefit: Mapped[str] = mapped_column(Text, default="")
    motivation: Mapped[str] = mapped_column(Text, default="")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    debrief_due_at: Mapped[datetime | None]
    portrait: Mapped[str | None] = mapped_column(String(80))
    owner_word: Mapped[str] = mapped_column(Text, default="")
    owner_video_url: Mapped[str] = mapped_column(String(MAX_URL_LENGTH), default="")
    granularity: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]
    # Facts that later words leave here, and from which the state follows.
    announced_at: Mapped[datetime | None]
    grouped_at: Mapped[datetime | None]
    debriefed_at: Mapped[datetime | None]
    followed_through_at: Mapped[datetime | None]

    owner: Mapped[Person] = relationship()

    def state(self, now: datetime) -> State:
        """Where the campaign stands in its life at this instant. The instant of closing already counts as closed."""
        if self.announced_at is None or self.opens_at is None or self.closes_at is None:
            return State.DRAFT
        if self.followed_through_at is not None:
            return State.FOLLOWED_THROUGH
        if self.debriefed_at is not None:
            return State.DEBRIEFED
        if now < self.opens_at:
            return State.ANNOUNCED
        if now < self.closes_at:
            return State.OPEN
        return State.UNDER_REVIEW if self.grouped_at is not None else State.CLOSED

    def is_open(self, now: datetime) -> bool:
        return self.state(now) is State.OPEN

    def debrief_is_overdue(self, now: datetime) -> bool:
        """True while a promised debrief has not come: everyone sees it."""
        return (
            self.announced_at is not None
            and self.debriefed_at is None
            and self.debrief_due_at is not None
            and now > self.debrief_due_at
        )


class TeamMember(Base):
    """A role beside the owner's in one campaign."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))

    person: Mapped[Person] = relationship()


@dataclass(frozen=True, slots=True)
class CampaignText:
    """What the owner writes about a campaign. Dates are aware; anything may still be missing in a draft."""

    title: str
    challenge: str = ""
    brief: str = ""
    benefit: str = ""
    motivation: str = ""
    owner_word: str = ""
    owner_video_url: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    debrief_due_at: datetime | None = None


def start_campaign(session: Session, *, owner: Person, text: CampaignText, now: datetime) -> Campaign:
    """Create a draft owned by this person. Any signed-in person may; only the gate lets it open.

    Raises as `write_campaign` does.
    """
    campaign = Campaign(owner=owner, title="", created_at=now)
    write_campaign(campaign, text=text, now=now)
    session.add(campaign)
    session.flush()
    return campaign


def write_campaign(campaign: Campaign, *, text: CampaignText, now: datetime) -> None:
    """Replace what the campaign says. The owner and facilitators may.

    Raises EmptyText, TooLong, ClosesBeforeOpening, DebriefBeforeClosing, LastsTooLong, NotAVideoLink; once it is
    announced also StillNeeded, OpeningIsPast, ClosingInThePast; once it is closed AlreadyClosed, for its dates, and
    PromisePutOff: a promise that could move for ever would never be late.
    """
    for objection in objections(campaign, text=text, now=now):
        raise objection
    opens_at, closes_at, due_at = _dates(campaign, text)
    campaign.title = required(clean_line(text.title), max_length=MAX_TITLE_LENGTH)
    campaign.challenge = optional(clean_line(text.challenge), max_length=MAX_CHALLENGE_LENGTH)
    campaign.brief = optional(text.brief, max_length=MAX_BRIEF_LENGTH)
    campaign.benefit = optional(text.benefit, max_length=MAX_PARAGRAPH_LENGTH)
    campaign.motivation = optional(text.motivation, max_length=MAX_PARAGRAPH_LENGTH)
    campaign.owner_word = optional(text.owner_word, max_length=MAX_PARAGRAPH_LENGTH)
    campaign.owner_video_url = _video_link(text.owner_video_url)
    campaign.opens_at, campaign.closes_at, campaign.debrief_due_at = opens_at, closes_at, due_at
    if campaign.announced_at is not None and launch_gate(campaign, now=None):
        raise StillNeeded


def objections(campaign: Campaign | None, *, text: CampaignText, now: datetime) -> list[DomainError]:
    """All that the dates and the video link get wrong, so that a person is told once. Nothing is changed."""
    opens_at, closes_at, due_at = _dates(campaign, text)
    checks: list[Callable[[], object]] = [
        lambda: _check_order(opens_at, closes_at, due_at),
        lambda: _check_dates_may_change(campaign, opens_at, closes_at, now),
        lambda: _check_promise_is_kept(campaign, due_at, now),
        lambda: _video_link(text.owner_video_url),
    ]
    found: list[DomainError] = []
    for check in checks:
        try:
            check()
        except DomainError as objection:
            found.append(objection)
    return found


def show_owner(campaign: Campaign, *, portrait: str) -> str | None:
    """Give the campaign its owner's portrait, by the name of its file. Returns the name that it replaces.

    The owner and facilitators may.
    """
    replaced, campaign.portrait = campaign.portrait, portrait
    return replaced


def launch_gate(campaign: Campaign, *, now: datetime | None) -> list[GateItem]:
    """What is still missing before the campaign may be announced, in the order of the page.

    With `now`, a closing that is already past counts as missing.
    """
    closing_is_usable = campaign.closes_at is not None and (now is None or campaign.closes_at > now)
    present = {
        GateItem.CHALLENGE: bool(campaign.challenge),
        GateItem.BRIEF: bool(campaign.brief),
        GateItem.BENEFIT: bool(campaign.benefit),
        GateItem.MOTIVATION: bool(campaign.motivation),
        GateItem.OPENING: campaign.opens_at is not None,
        GateItem.CLOSING: closing_is_usable,
        GateItem.DEBRIEF_DATE: campaign.debrief_due_at is not None,
        GateItem.PORTRAIT: campaign.portrait is not None,
        GateItem.WORD: bool(campaign.owner_word or campaign.owner_video_url),
    }
    return [item for item, there in present.items() if not there]


def announce(campaign: Campaign, *, by: Person, now: datetime) -> None:
    """Make the campaign public; it opens by itself at its opening. Only the owner may.

    Raises NotAllowed, AlreadyAnnounced, or LaunchRefused with what the gate still misses.
    """
    if by.id != campaign.owner_id:
        raise NotAllowed
    if campaign.announced_at is not None:
        raise AlreadyAnnounced
    missing = launch_gate(campaign, now=now)
    if missing:
        raise LaunchRefused(missing)
    campaign.announced_at = now


def hold(session: Session, campaign: Campaign, *, shared: bool = False) -> None:
    """Read the campaign anew, and let nobody else hold or change it until the commit; `shared` holds share it.

    Whoever submits or changes an idea shares it; whoever closes, imports, groups, places ideas, shapes themes, decides
    or publishes holds it alone.
    """
    session.flush()  # what the caller changed must not be read over
    session.refresh(campaign, with_for_update={"of": Campaign, "read": shared, "key_share": not shared})


def close_now(campaign: Campaign, *, now: datetime) -> None:
    """End the collection at this instant. The owner and facilitators may. Raises AlreadyClosed.

    `hold` the campaign before you look at the clock: then no idea of a later instant is on its way.
    """
    if not campaign.is_open(now):
        raise AlreadyClosed
    campaign.closes_at = now


def find_campaign(session: Session, campaign_id: int) -> Campaign | None:
    """The campaign with this number, with its owner; None where there is none."""
    return session.scalar(_campaign_query(), {"campaign_id": campaign_id})


@cache  # building the query takes longer than running it
def _campaign_query() -> Select[Campaign]:
    return select(Campaign).where(Campaign.id == bindparam("campaign_id")).options(joinedload(Campaign.owner))


def role_of(session: Session, campaign: Campaign, person: Person | None) -> Role | None:
    """The person's role here: None for a visitor, participant for any other account."""
    if person is None:
        return None
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


def _check_order(opens_at: datetime | None, closes_at: datetime | None, due_at: datetime | None) -> None:
    if opens_at and closes_at and closes_at <= opens_at:
        raise ClosesBeforeOpening
    if opens_at and closes_at and closes_at - opens_at > LONGEST:
        raise LastsTooLong
    if closes_at and due_at and due_at < closes_at:
        raise DebriefBeforeClosing


def _check_dates_may_change(
    campaign: Campaign | None, opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> None:
    if campaign is None or campaign.announced_at is None:
        return
    if campaign.closes_at is None or campaign.opens_at is None:
        return
    closing_moves, opening_moves = closes_at != campaign.closes_at, opens_at != campaign.opens_at
    if campaign.closes_at <= now and (closing_moves or opening_moves):
        raise AlreadyClosed
    if opening_moves and campaign.opens_at <= now:
        raise OpeningIsPast
    if closing_moves and closes_at is not None and closes_at <= now:
        raise ClosingInThePast


def _check_promise_is_kept(campaign: Campaign | None, due_at: datetime | None, now: datetime) -> None:
    if campaign is None or campaign.announced_at is None or campaign.closes_at is None or campaign.closes_at > now:
        return
    if due_at and campaign.debrief_due_at and due_at > campaign.debrief_due_at:
        raise PromisePutOff


def _dates(campaign: Campaign | None, text: CampaignText) -> tuple[datetime | None, datetime | None, datetime | None]:
    """Opening, closing and debrief as they would be kept: an instant that is read again as its minute stays itself."""
    opens_at, closes_at = _to_the_minute(text.opens_at), _to_the_minute(text.closes_at)
    due_at = _to_the_minute(text.debrief_due_at)
    if campaign is None:
        return opens_at, closes_at, due_at
    return (
        _unless_moved(campaign.opens_at, opens_at),
        _unless_moved(campaign.closes_at, closes_at),
        _unless_moved(campaign.debrief_due_at, due_at),
    )


def _unless_moved(kept: datetime | None, given: datetime | None) -> datetime | None:
    return kept if _to_the_minute(kept) == given else given


def _to_the_minute(moment: datetime | None) -> datetime | None:
    """Forms speak in minutes: what is kept can be written again as it was read."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0) if moment else None


def _video_link(url: str) -> str:
    url = optional(clean_line(url), max_length=MAX_URL_LENGTH)
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NotAVideoLink from None
    if parts.scheme != "https" or not parts.hostname or "." not in parts.hostname or "@" in parts.netloc:
        raise NotAVideoLink
    return url
