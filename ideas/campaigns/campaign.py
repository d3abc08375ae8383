"""Campaigns: a question to a community, open for a fixed time, with a promised debrief."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Text,
    bindparam,
    case,
    column,
    func,
    select,
    table,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, column_property, joinedload, mapped_column, relationship

from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY
from ideas.base import Base
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.person import Person
from ideas.text import clean_line, optional, required

MAX_TITLE_LENGTH = 120
MAX_CHALLENGE_LENGTH = 300
MAX_BRIEF_LENGTH = 20_000
MAX_PARAGRAPH_LENGTH = 2_000
MAX_URL_LENGTH = 500
# If a campaign is longer than this, the year was mistyped.
MAX_DURATION = timedelta(days=366)


class State(StrEnum):
    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    UNDER_REVIEW = "under_review"
    DEBRIEFED = "debriefed"
    FOLLOWED_THROUGH = "followed_through"


class GateItem(StrEnum):
    """What a campaign needs before it may be announced."""

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
    message = message_id("Choose a closing date after the opening date.")


class DebriefBeforeClosing(DomainError):
    message = message_id("Choose a debrief date after the closing date.")


class LastsTooLong(DomainError):
    message = message_id("A campaign lasts a year at most. Check the year of the closing date.")


class AlreadyClosed(DomainError):
    message = message_id("This campaign is closed to new ideas. You can no longer change its dates.")


class ClosingInThePast(DomainError):
    message = message_id("This closing date is in the past. Choose a later one.")


class PromisePutOff(DomainError):
    message = message_id(
        "The campaign is closed to new ideas. You can choose an earlier date for the debrief, but not a later one."
    )


class OpeningIsPast(DomainError):
    message = message_id("The campaign is open. You can no longer change its opening date.")


class NotAVideoLink(DomainError):
    message = message_id("Enter a link that starts with https:// and a site name.")


class AlreadyAnnounced(DomainError):
    message = message_id("This campaign is already announced.")


class LaunchRefused(DomainError):
    """The campaign is not complete. `missing` lists what it still needs."""

    message = message_id("You can’t announce the campaign yet. Complete the list below.")

    def __init__(self, missing: Sequence[GateItem]) -> None:
        self.missing = tuple(missing)
        super().__init__()


class StillNeeded(DomainError):
    """An announced campaign must stay complete."""

    message = message_id("This campaign is announced. Its brief, benefit, motivation and dates can’t be removed.")


def _all_actions_done(campaign_id: Any) -> ColumnElement[bool]:
    """SQL: the campaign has published actions, and each of them is done. One that was abandoned never is.

    The tables are named, not imported: answers are above campaigns. Actions of a theme that was merged away count too.
    """
    action = table("action", *map(column, ("decision_id", "published_at", "done_at", "abandoned_at")))
    decision = table("decision", column("id"), column("theme_id"))
    theme = table("theme", column("id"), column("campaign_id"))
    is_done = case((action.c.done_at.is_not(None) & action.c.abandoned_at.is_(None), 1), else_=0)
    all_done = (
        select(func.coalesce(func.min(is_done), 0) == 1)
        .select_from(
            action.join(decision, decision.c.id == action.c.decision_id).join(theme, theme.c.id == decision.c.theme_id)
        )
        .where(theme.c.campaign_id == campaign_id, action.c.published_at.is_not(None))
        .correlate_except(action, decision, theme)
    )
    return type_coerce(all_done.scalar_subquery(), Boolean)


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
        CheckConstraint(f"granularity BETWEEN {MIN_GRANULARITY} AND {MAX_GRANULARITY}", name="granularity"),
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
    # Instants of what happened to the campaign; its state follows from them.
    announced_at: Mapped[datetime | None]
    grouped_at: Mapped[datetime | None]
    debriefed_at: Mapped[datetime | None]
    # Computed when the campaign is read: see `forget_actions_done`.
    all_actions_done: Mapped[bool] = column_property(_all_actions_done(id))  # noqa: A003 -- the column above

    owner: Mapped[Person] = relationship()

    def state(self, now: datetime) -> State:
        """The state at this instant. At the instant of closing the campaign is closed."""
        if self.announced_at is None or self.opens_at is None or self.closes_at is None:
            return State.DRAFT
        if self.debriefed_at is not None:
            return State.FOLLOWED_THROUGH if self.all_actions_done else State.DEBRIEFED
        if now < self.opens_at:
            return State.ANNOUNCED
        if now < self.closes_at:
            return State.OPEN
        return State.UNDER_REVIEW if self.grouped_at is not None else State.CLOSED

    def is_open(self, now: datetime) -> bool:
        return self.state(now) is State.OPEN

    def debrief_is_overdue(self, now: datetime) -> bool:
        """True if the promised date has passed without a debrief. Everyone sees it."""
        return (
            self.announced_at is not None
            and self.debriefed_at is None
            and self.debrief_due_at is not None
            and now > self.debrief_due_at
        )


@dataclass(frozen=True, slots=True)
class CampaignText:
    """What the form of a campaign holds. Dates are aware; in a draft anything but the title may be missing."""

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
    """Create a draft owned by this person. Any signed-in person may. It opens only once `announce` allows it.

    Raises as `write_campaign` does.
    """
    campaign = Campaign(owner=owner, title="", created_at=now)
    write_campaign(campaign, text=text, now=now)
    session.add(campaign)
    session.flush()
    return campaign


def write_campaign(campaign: Campaign, *, text: CampaignText, now: datetime) -> None:
    """Replace the texts and dates of the campaign. The owner and facilitators may.

    Raises EmptyText, TooLong, ClosesBeforeOpening, DebriefBeforeClosing, LastsTooLong, NotAVideoLink; after the
    announcement also StillNeeded, OpeningIsPast, ClosingInThePast; after the closing AlreadyClosed (its dates) and
    PromisePutOff, because nobody could rely on a promised date that can always be put off.
    """
    for error in validation_errors(campaign, text=text, now=now):
        raise error
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


def validation_errors(campaign: Campaign | None, *, text: CampaignText, now: datetime) -> list[DomainError]:
    """All errors of the dates and the video link, so that the form shows them together. Changes nothing."""
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
        except DomainError as error:
            found.append(error)
    return found


def set_portrait(campaign: Campaign, *, portrait: str) -> str | None:
    """Set the file name of the owner's portrait. Returns the name that it replaces, or None.

    The owner and facilitators may.
    """
    replaced, campaign.portrait = campaign.portrait, portrait
    return replaced


def launch_gate(campaign: Campaign, *, now: datetime | None) -> list[GateItem]:
    """What the campaign still needs before it may be announced, in the order of the page.

    If `now` is given, a closing date in the past counts as missing.
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

    Raises NotAllowed, AlreadyAnnounced, or LaunchRefused with what is missing.
    """
    if by.id != campaign.owner_id:
        raise NotAllowed
    if campaign.announced_at is not None:
        raise AlreadyAnnounced
    missing = launch_gate(campaign, now=now)
    if missing:
        raise LaunchRefused(missing)
    campaign.announced_at = now


def lock_campaign(session: Session, campaign: Campaign, *, shared: bool = False) -> None:
    """Lock the campaign's row until the commit, and read it again. A `shared` lock excludes only exclusive ones.

    Submitting or changing an idea takes a shared lock. Closing, importing, grouping, placing, editing themes,
    deciding and publishing take an exclusive one. On SQLite every writer is alone anyway.
    """
    session.flush()  # else the refresh would overwrite what the caller changed
    session.refresh(campaign, with_for_update={"of": Campaign, "read": shared, "key_share": not shared})


def forget_actions_done(session: Session, campaign: Campaign) -> None:
    """Have `all_actions_done` computed again when it is read next. For whatever publishes or changes an action."""
    session.flush()
    session.expire(campaign, ["all_actions_done"])


def close_now(campaign: Campaign, *, now: datetime) -> None:
    """Close the campaign at this instant. The owner and facilitators may. Raises AlreadyClosed.

    The caller calls `lock_campaign` before it reads the clock, so that no idea is submitted after the closing.
    """
    if not campaign.is_open(now):
        raise AlreadyClosed
    campaign.closes_at = now


def find_campaign(session: Session, campaign_id: int) -> Campaign | None:
    """The campaign with this id, with its owner, or None."""
    return session.scalar(_campaign_query(), {"campaign_id": campaign_id})


@cache  # building the query takes longer than running it
def _campaign_query() -> Select[Campaign]:
    return select(Campaign).where(Campaign.id == bindparam("campaign_id")).options(joinedload(Campaign.owner))


def _check_order(opens_at: datetime | None, closes_at: datetime | None, due_at: datetime | None) -> None:
    if opens_at and closes_at and closes_at <= opens_at:
        raise ClosesBeforeOpening
    if opens_at and closes_at and closes_at - opens_at > MAX_DURATION:
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
    """Opening, closing and debrief date to store. A date that the form shows unchanged keeps its seconds."""
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
    """Forms have no seconds."""
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
