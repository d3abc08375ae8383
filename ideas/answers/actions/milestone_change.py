"""Adding milestones to an action, changing them, saying that they are reached, giving them up."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import MAX_REASON_LENGTH, ReasonNeeded, check_unchanged, reason_for_change
from ideas.answers.action import Action, ActionIsAbandoned, count_milestones, lock_action
from ideas.answers.actions.edit import DoneAlready, DueInThePast
from ideas.answers.actions.milestone import MAX_MILESTONE_LENGTH, Milestone
from ideas.campaigns.campaign import Campaign
from ideas.errors import DeletedMeanwhile, DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, required

MAX_MILESTONES = 20


class TooManyMilestones(DomainError):
    message = message_id("An action can have %(most)s milestones at most.")


class ReachedInTheFuture(DomainError):
    message = message_id("A milestone can’t be reached in the future. Choose today or an earlier day.")


class ReachedBeforeCampaign(DomainError):
    message = message_id("A milestone can’t be reached before its campaign was created. Choose a later day.")


class ReachedDueDateStays(DomainError):
    message = message_id(
        "The due date of a milestone that is reached can’t change. First save it as not reached, then change the date."
    )


class ReachedReasonNeeded(ReasonNeeded):
    message = message_id(
        "The due date has passed. Say why you report only now that it was reached in time: everyone can read the "
        "reason."
    )


class MilestoneIsAbandoned(DomainError):
    message = message_id("This milestone is abandoned. Add a new one instead.")


class MilestoneIsReached(DomainError):
    message = message_id("This milestone is reached. You can’t abandon it.")


class MilestoneReasonNeeded(ReasonNeeded):
    message = message_id("Say why you abandon this milestone. Everyone can read the reason.")


def add_milestone(
    session: Session, action: Action, *, title: str, due_on: date, by: Person, now: datetime
) -> Milestone:
    """Add a milestone to an open action. The owner and facilitators may. It is public at once if the action is.

    Raises ActionIsAbandoned, DoneAlready, TooManyMilestones, DueInThePast (of a published one), EmptyText or TooLong.
    """
    campaign = _lock_open(session, action)
    if sum(one.abandoned_at is None for one in action.milestones) >= MAX_MILESTONES:
        raise TooManyMilestones(most=MAX_MILESTONES)
    if action.published_at is not None and due_on < _today(by, now):
        raise DueInThePast
    title = required(clean_line(title), max_length=MAX_MILESTONE_LENGTH)
    milestone = Milestone(action=action, title=title, due_on=due_on, created_at=now)
    session.add(milestone)
    session.flush()
    milestone.keep(session, by=by, now=now)
    after = {"title": title, "action": action.title, "due_on": due_on}
    record(session, Verb.CREATED, milestone, by=by, now=now, campaign_id=campaign.id, after=after)
    count_milestones(action)
    return milestone


def change_milestone(
    session: Session,
    milestone: Milestone,
    *,
    title: str,
    due_on: date,
    done_on: date | None,
    reason: str = "",
    by: Person,
    now: datetime,
    seen: int | None = None,
) -> bool:
    """Change what a milestone says, or the day on which it was reached. The owner and facilitators may.

    Returns whether anything changed. Once the action is published, what the milestone said before stays a version.
    Other words, another day, and to say that it was not reached after all, need a reason that everyone reads. So does
    to say once its day has passed that it was reached in time. The day by which it was due stays while it is reached.
    `seen`: the version that `by` saw. Raises ActionIsAbandoned, DoneAlready, MilestoneIsAbandoned, ChangedMeanwhile,
    ReachedInTheFuture, ReachedBeforeCampaign, ReachedDueDateStays, DueInThePast, ReasonNeeded, ReachedReasonNeeded,
    EmptyText, TooLong or DeletedMeanwhile.
    """
    action = milestone.action
    campaign = _lock_open(session, action)
    _read_again(session, milestone)
    if milestone.abandoned_at is not None:
        raise MilestoneIsAbandoned
    title = required(clean_line(title), max_length=MAX_MILESTONE_LENGTH)
    wanted = {"title": title, "due_on": due_on, "done_on": done_on}
    before = {name: getattr(milestone, name) for name in wanted if getattr(milestone, name) != wanted[name]}
    if not before:
        return False
    check_unchanged(milestone, seen)
    was_reached, today = milestone.done_on is not None, _today(by, now)
    if "done_on" in before and done_on is not None:
        _check_reached(campaign, done_on, by=by, today=today)
    if action.published_at is None:
        reason = ""
    else:
        if "due_on" in before:
            _check_due(due_on, is_reached=was_reached or done_on is not None, today=today)
        says_reached = not was_reached and set(before) == {"done_on"}
        in_time = done_on is not None and done_on <= due_on < today
        reason = _reason(reason, says_reached=says_reached, after_its_day=in_time)
    for name, value in wanted.items():
        setattr(milestone, name, value)
    milestone.version += 1
    session.flush()
    milestone.keep(session, reason=reason, by=by, now=now)
    reached = done_on is not None
    verb = Verb.CHANGED if reached == was_reached else Verb.COMPLETED if reached else Verb.RESTARTED
    after = {name: wanted[name] for name in before} | {"title": title, "action": action.title}
    record(
        session, verb, milestone,
        by=by, now=now, campaign_id=campaign.id, reason=reason, before=before, after=after,
    )  # fmt: skip
    count_milestones(action)
    return True


def abandon_milestone(session: Session, milestone: Milestone, *, reason: str, by: Person, now: datetime) -> None:
    """Give a milestone up. The owner and facilitators may. One of a published action stays, with the reason; else it is
    deleted.

    Raises ActionIsAbandoned, DoneAlready, MilestoneIsAbandoned, MilestoneIsReached, MilestoneReasonNeeded, TooLong or
    DeletedMeanwhile.
    """
    action = milestone.action
    campaign = _lock_open(session, action)
    _read_again(session, milestone)
    if milestone.abandoned_at is not None:
        raise MilestoneIsAbandoned
    facts = {"title": milestone.title, "action": action.title}
    if action.published_at is None:
        record(session, Verb.DELETED, milestone, by=by, now=now, campaign_id=campaign.id, before=facts)
        session.flush()
        action.milestones.remove(milestone)
    else:
        if milestone.done_on is not None:
            raise MilestoneIsReached
        if not reason.strip():
            raise MilestoneReasonNeeded
        milestone.abandoned_at = now
        milestone.abandoned_reason = required(reason, max_length=MAX_REASON_LENGTH)
        milestone.version += 1
        session.flush()
        milestone.keep(session, reason=milestone.abandoned_reason, by=by, now=now)
        record(
            session, Verb.ABANDONED, milestone,
            by=by, now=now, campaign_id=campaign.id, reason=milestone.abandoned_reason, after=facts,
        )  # fmt: skip
    session.flush()
    count_milestones(action)


def _lock_open(session: Session, action: Action) -> Campaign:
    campaign = lock_action(session, action)
    if action.abandoned_at is not None:
        raise ActionIsAbandoned
    if action.done_at is not None:
        raise DoneAlready
    return campaign


def _check_reached(campaign: Campaign, done_on: date, *, by: Person, today: date) -> None:
    if done_on > today:
        raise ReachedInTheFuture
    began = min(filter(None, (campaign.created_at, campaign.opens_at)))
    if done_on < began.astimezone(ZoneInfo(by.timezone)).date():
        raise ReachedBeforeCampaign


def _check_due(due_on: date, *, is_reached: bool, today: date) -> None:
    if is_reached:
        raise ReachedDueDateStays
    if due_on < today:
        raise DueInThePast


def _reason(reason: str, *, says_reached: bool, after_its_day: bool) -> str:
    """The reason to keep with a change of a published milestone. That it is reached needs none, but where that is said
    only once its day has passed, and it would count as reached in time.
    """
    if not says_reached:
        return reason_for_change(reason)
    if not after_its_day:
        return ""
    if not reason.strip():
        raise ReachedReasonNeeded
    return required(reason, max_length=MAX_REASON_LENGTH)


def _read_again(session: Session, milestone: Milestone) -> None:
    """The milestone as it is behind the lock. Raises DeletedMeanwhile: one that is not public can be."""
    if session.get(Milestone, milestone.id, populate_existing=True) is None:
        raise DeletedMeanwhile


def _today(by: Person, now: datetime) -> date:
    return now.astimezone(ZoneInfo(by.timezone)).date()
