"""The phases of a campaign as its team sets them. Once it is announced they are promised: a change is a version."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.activity.version import check_unchanged, keep_version, reason_for_change
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, is_outside, moved_phases, stored_phases
from ideas.campaigns.promise import MAX_DURATION, promise_of
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, optional, required

MAX_PHASES = 5
# How far away the phases of a copied campaign begin, at least.
LEAD = timedelta(weeks=1)
MAX_PHASE_NAME_LENGTH = 60


class PhaseRefused(DomainError):
    """A phase that can't be so. `number`: which one, from 0 on; None for all of them."""

    def __init__(self, number: int | None = None) -> None:
        super().__init__()
        self.number = number


class PhaseWithoutDates(PhaseRefused):
    message = message_id("Enter when this phase begins and when it ends.")


class PhaseEndsBeforeStart(PhaseRefused):
    message = message_id("Choose an end after the beginning of this phase.")


class PhasesOverlap(PhaseRefused):
    message = message_id("This phase begins before the one above it ends. Change one of the two.")


class PhaseOutside(PhaseRefused):
    message = message_id(
        "Ideas and support are only taken from the opening to the closing date. Move this phase, or those."
    )


class PhaseIsPast(PhaseRefused):
    message = message_id("What is past of a phase stays as it was. Only what is to come can change.")


class PhasesEndPast(PhaseRefused):
    message = message_id(
        "The campaign is open. Phases can’t end ideas or support in the past. Move the end of a phase."
    )


class PhasesAfterDebrief(PhaseRefused):
    message = message_id("The debrief is published. The phases stay as they were.")


def set_phases(
    session: Session,
    campaign: Campaign,
    phases: Sequence[CampaignPhase],
    *,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> None:
    """Replace the phases of a campaign; none takes them away. Whoever manages it may. `seen`: the version of the
    campaign that `by` saw.

    Once it is announced a change needs a reason that everyone reads, and nothing of what is past changes. Raises
    ChangedMeanwhile, EmptyText, TooLong, PhaseEndsBeforeStart, PhasesOverlap, PhaseOutside; after the announcement also
    ReasonNeeded, PhaseIsPast, PhasesEndPast; after the debrief PhasesAfterDebrief.
    """
    lock_campaign(session, campaign)
    check_unchanged(campaign, seen)
    chosen = _checked(campaign, phases)
    before, after = campaign.phases, stored_phases(chosen)
    if before == after:
        return
    if campaign.debriefed_at is not None:
        raise PhasesAfterDebrief
    reason = optional(change_reason, max_length=MAX_REASON_LENGTH)
    if campaign.announced_at is not None:
        _check_past(campaign, chosen, now)
        reason = reason_for_change(change_reason)
    campaign.phases = after
    campaign.version += 1
    session.flush()
    if campaign.announced_at is not None:
        content = promise_of(campaign)
        keep_version(session, campaign, object_id=campaign.id, content=content, reason=reason, by=by, now=now)
    record(
        session,
        Verb.EXTENDED if campaign.announced_at is not None else Verb.CHANGED,
        campaign,
        by=by,
        campaign_id=campaign.id,
        reason=reason,
        before={"phases": before},
        after={"phases": after},
        now=now,
    )


def copy_phases(
    session: Session, campaign: Campaign, *, to: Campaign, now: datetime, zone: ZoneInfo | None = None
) -> None:
    """Give a new draft the phases of another campaign, by whole weeks later, so that the first begins after a week.

    `zone`: the one of the site, whose clocks show the same hours then. They are checked before the announcement.
    They begin with the draft as soon as its opening is chosen: see `write_campaign`.
    """
    phases = campaign.phase_list
    if phases:
        weeks = (now + LEAD - phases[0].starts_at) // timedelta(weeks=1) + 1
        to.phases = stored_phases(moved_phases(phases, timedelta(weeks=max(0, weeks)), zone=zone))
        session.flush()


def _checked(campaign: Campaign, phases: Sequence[CampaignPhase]) -> list[CampaignPhase]:
    found = [
        CampaignPhase(
            required(clean_line(one.name), max_length=MAX_PHASE_NAME_LENGTH),
            _to_the_minute(one.starts_at),
            _to_the_minute(one.ends_at),
            one.may,
        )
        for one in phases[:MAX_PHASES]
    ]
    kept = campaign.phase_list
    for number, one in enumerate(found):
        if not timedelta() < one.ends_at - one.starts_at <= MAX_DURATION:
            raise PhaseEndsBeforeStart(number)
        outside = is_outside(one, campaign.opens_at, campaign.closes_at)
        if outside and not any(_is_kept(one, other) for other in kept):
            raise PhaseOutside(number)
    for number, (one, following) in enumerate(pairwise(found)):
        if following.starts_at < one.ends_at:
            raise PhasesOverlap(number + 1)
    return found


def _is_kept(phase: CampaignPhase, stored: CampaignPhase) -> bool:
    """True where a phase is there already, and ends no later: it fitted until the campaign closed early."""
    same = (phase.name, phase.starts_at, phase.may) == (stored.name, stored.starts_at, stored.may)
    return same and phase.ends_at <= stored.ends_at


def _check_past(campaign: Campaign, after: Sequence[CampaignPhase], now: datetime) -> None:
    """Raises PhaseIsPast where another thing was allowed until now than what people were told; PhasesEndPast where the
    first phases of an open campaign say that ideas or support ended before now, or have neither.

    The first phases may have begun before: nobody was told others.
    """
    now = _to_the_minute(now)  # what begins or ends in this minute is to come
    closes_at = _to_the_minute(campaign.closes_at) if campaign.closes_at is not None else now
    before = campaign.phase_list
    if before and _until(before, now, closes_at) != _until(after, now, closes_at):
        raise PhaseIsPast
    if not before and after and campaign.is_open(now):
        ends = [[one.ends_at for one in after if act in one.may] for act in (PhaseAct.WRITE, PhaseAct.SUPPORT)]
        if not any(ends) or any(some and max(some) < now for some in ends):
            raise PhasesEndPast


def _until(
    phases: Sequence[CampaignPhase], now: datetime, closes_at: datetime
) -> list[tuple[str, datetime, datetime, frozenset[PhaseAct]]]:
    """What the phases said of the time before this instant. What is taken while the campaign is open ended with it."""
    limits = [(one, min(now, closes_at) if one.takes_part else now) for one in phases]
    return [(one.name, one.starts_at, min(one.ends_at, end), one.may) for one, end in limits if one.starts_at < end]


def _to_the_minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
