"""What a campaign promises: its texts and dates, how they may change, and the versions that stay readable.

Once it is announced each save is a version. A change of a promise, one of PROMISES, needs a reason that everyone
reads; the title and the lead's own words need none.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.activity.version import (
    MAX_REASON_LENGTH,
    ReasonNeeded,
    check_unchanged,
    keep_version,
    reason_for_change,
)
from ideas.campaigns.campaign import (
    MAX_BRIEF_LENGTH,
    MAX_CHALLENGE_LENGTH,
    MAX_PARAGRAPH_LENGTH,
    MAX_TITLE_LENGTH,
    MAX_URL_LENGTH,
    Campaign,
    GateItem,
    launch_gate,
    lock_campaign,
)
from ideas.campaigns.phases.phase import local_difference, moved_phases, stored_phases
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.platform_role import may_open_campaigns
from ideas.text import clean_line, optional, required

# If a campaign is longer than this, the year was mistyped.
MAX_DURATION = timedelta(days=366)
DATES = ("opens_at", "closes_at", "debrief_due_at")


class NotACampaignAuthor(NotAllowed):
    message = message_id("Only campaign authors can prepare a campaign. Ask an administrator of this site.")


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


class DebriefInThePast(DomainError):
    message = message_id("This debrief date is in the past. Choose a later one.")


class DebriefIsPublished(DomainError):
    message = message_id("The debrief is published. You can no longer change its date.")


class OpeningIsPast(DomainError):
    message = message_id("The campaign is open. You can no longer change its opening date.")


class NotAVideoLink(DomainError):
    message = message_id("Enter a link that starts with https:// and a site name.")


class CloseReasonNeeded(ReasonNeeded):
    message = message_id("Say why you close the campaign early. Everyone can read the reason.")


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


NAMES = tuple(part.name for part in fields(CampaignText))
# What people rely on when they take part.
PROMISES = frozenset({"challenge", "brief", "benefit", "motivation", *DATES})


def start_campaign(session: Session, *, owner: Person, text: CampaignText, now: datetime) -> Campaign:
    """Create a draft owned by this person. Campaign authors and administrators may.

    It opens only once `announce` allows it. Raises NotACampaignAuthor, LimitReached, and what `write_campaign` raises.
    """
    if not may_open_campaigns(owner):
        raise NotACampaignAuthor
    campaign = Campaign(owner=owner, title="", created_at=now)
    _write(campaign, text, now)
    spend(session, LimitedAct.START_CAMPAIGN, by=owner, now=now)
    session.add(campaign)
    session.flush()
    record(session, Verb.CREATED, campaign, by=owner, campaign_id=campaign.id, now=now)
    return campaign


def write_campaign(
    session: Session,
    campaign: Campaign,
    *,
    text: CampaignText,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
    zone: ZoneInfo | None = None,
) -> None:
    """Replace the texts and dates of the campaign. The owner and facilitators may. `seen`: the version that `by` saw.
    `zone`: the one of the site, by whose clocks phases move.

    Once it is announced, what was written before stays readable, see `history`, and another promise needs a reason.
    The phases of a draft move with its opening; where it had none, the first begins with it.
    Raises ChangedMeanwhile, EmptyText, TooLong, ClosesBeforeOpening, DebriefBeforeClosing, LastsTooLong, NotAVideoLink;
    after the announcement also ReasonNeeded, StillNeeded, OpeningIsPast, ClosingInThePast, DebriefInThePast; after the
    closing AlreadyClosed (opening and closing), after the debrief DebriefIsPublished (its date).
    """
    lock_campaign(session, campaign)
    check_unchanged(campaign, seen)
    before, opening = promise_of(campaign), campaign.opens_at
    _write(campaign, text, now)
    _move_phases(campaign, opening, zone)
    after = promise_of(campaign)
    changed = [name for name in (*NAMES, "phases") if before.get(name) != after.get(name)]
    if not changed:
        return
    campaign.version += 1
    reason = ""
    if campaign.announced_at is not None:
        reason = _reason(change_reason, changed)
        keep_version(session, campaign, object_id=campaign.id, content=after, reason=reason, by=by, now=now)
    for verb, names in ((Verb.EXTENDED, DATES), (Verb.CHANGED, (*NAMES[: -len(DATES)], "phases"))):
        if some := [name for name in names if name in changed]:
            record(
                session,
                verb if campaign.announced_at is not None else Verb.CHANGED,
                campaign,
                by=by,
                campaign_id=campaign.id,
                reason=reason,
                before={name: before[name] for name in some},
                after={name: after[name] for name in some},
                now=now,
            )
    session.flush()


def _move_phases(campaign: Campaign, before: datetime | None, zone: ZoneInfo | None) -> None:
    """Move the phases of a draft as far as its opening was moved. Where that leaves one outside of the dates, the
    launch gate says so.
    """
    phases = campaign.phase_list
    if phases and campaign.announced_at is None and campaign.opens_at is not None:
        by = local_difference(campaign.opens_at, before or phases[0].starts_at, zone=zone)
        campaign.phases = stored_phases(moved_phases(phases, by, zone=zone))


def _reason(given: str, changed: Sequence[str]) -> str:
    """The reason to keep with these changes. Raises ReasonNeeded where a promise is among them, TooLong."""
    if PROMISES.isdisjoint(changed):
        return optional(given, max_length=MAX_REASON_LENGTH)
    return reason_for_change(given)


def validation_errors(campaign: Campaign | None, *, text: CampaignText, now: datetime) -> list[DomainError]:
    """All errors of the dates and the video link, so that the form shows them together. Changes nothing."""
    opens_at, closes_at, due_at = _dates(campaign, text)
    checks: list[Callable[[], object]] = [
        lambda: _check_order(opens_at, closes_at, due_at),
        lambda: _check_dates_may_change(campaign, opens_at, closes_at, now),
        lambda: _check_debrief_date_may_change(campaign, due_at, now),
        lambda: video_link(text.owner_video_url),
    ]
    found: list[DomainError] = []
    for check in checks:
        try:
            check()
        except DomainError as error:
            found.append(error)
    return found


def announce(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> None:
    """Make the campaign public; it opens by itself at its opening. Only the owner may.

    From then on changes need a public reason.

    Raises NotAllowed, NotVerified, AlreadyAnnounced, or LaunchRefused with what is missing.
    """
    if by.id != campaign.owner_id:
        raise NotAllowed
    check_verified(by)
    lock_campaign(session, campaign)
    if campaign.announced_at is not None:
        raise AlreadyAnnounced
    missing = launch_gate(campaign, now=now)
    if missing:
        raise LaunchRefused(missing)
    campaign.announced_at = now
    keep_version(session, campaign, object_id=campaign.id, content=promise_of(campaign), by=by, now=now)
    record(session, Verb.ANNOUNCED, campaign, by=by, campaign_id=campaign.id, now=now)


def close_now(session: Session, campaign: Campaign, *, reason: str, by: Person, now: datetime) -> None:
    """Close the campaign at this instant. The owner and facilitators may. Everyone can read when it should have closed,
    and why it closed early; from the activity log, those who took part are told.

    The caller calls `lock_campaign` before it reads the clock, so that no idea is submitted after the closing.
    Raises AlreadyClosed, CloseReasonNeeded, TooLong.
    """
    if not campaign.is_open(now):
        raise AlreadyClosed
    if not reason.strip():
        raise CloseReasonNeeded
    reason = reason_for_change(reason)
    before = promise_of(campaign)
    campaign.closes_at = now
    campaign.version += 1
    after = promise_of(campaign)
    keep_version(session, campaign, object_id=campaign.id, content=after, reason=reason, by=by, now=now)
    record(
        session,
        Verb.CLOSED,
        campaign,
        by=by,
        campaign_id=campaign.id,
        reason=reason,
        before={"closes_at": before["closes_at"]},
        after={"closes_at": after["closes_at"]},
        now=now,
    )


def promise_of(campaign: Campaign) -> dict[str, Any]:
    """What a version keeps of the campaign: dates as text."""
    values = {name: getattr(campaign, name) for name in NAMES}
    plain = {name: _instant(value) if name in DATES else value for name, value in values.items()}
    return plain | ({"phases": campaign.phases} if campaign.phases else {})


def _instant(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat() if value is not None else None


def _write(campaign: Campaign, text: CampaignText, now: datetime) -> None:
    """Replace texts and dates once all rules allow it."""
    for error in validation_errors(campaign, text=text, now=now):
        raise error
    limits = {"challenge": MAX_CHALLENGE_LENGTH, "brief": MAX_BRIEF_LENGTH}
    written = asdict(text) | {
        "title": required(clean_line(text.title), max_length=MAX_TITLE_LENGTH),
        "challenge": clean_line(text.challenge),
        "owner_video_url": video_link(text.owner_video_url),
        **dict(zip(DATES, _dates(campaign, text), strict=True)),
    }
    for name in ("challenge", "brief", "benefit", "motivation", "owner_word"):
        written[name] = optional(written[name], max_length=limits.get(name, MAX_PARAGRAPH_LENGTH))
    lacked = set(launch_gate(campaign, now=None))  # a new lead has not written their message yet
    for name, value in written.items():
        setattr(campaign, name, value)
    if campaign.announced_at is not None and set(launch_gate(campaign, now=None)) - lacked:
        raise StillNeeded


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


def _check_debrief_date_may_change(campaign: Campaign | None, due_at: datetime | None, now: datetime) -> None:
    """It may be put off, with a reason that everyone reads, until the debrief is there."""
    if campaign is None or campaign.announced_at is None or due_at == campaign.debrief_due_at:
        return
    if campaign.debriefed_at is not None:
        raise DebriefIsPublished
    if due_at is not None and due_at <= now:
        raise DebriefInThePast


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


def video_link(url: str) -> str:
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
