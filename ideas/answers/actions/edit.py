"""Changing what an action says: its title, its impact, its owner, its due date. Once published, that is an update."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged, reason_for_change
from ideas.answers.action import (
    MAX_IMPACT_LENGTH,
    MAX_TITLE_LENGTH,
    Action,
    ActionIsAbandoned,
    NotAnActionOwner,
    lock_action,
)
from ideas.answers.decision import respondents
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, optional, required


class DoneAlready(DomainError):
    message = message_id("This action is done. Reopen it before you change it.")


class DueInThePast(DomainError):
    message = message_id("Choose today or a later day as the new due date.")


def change_action(
    session: Session,
    action: Action,
    *,
    title: str,
    impact: str,
    owner: Person,
    due_on: date,
    reason: str = "",
    by: Person,
    now: datetime,
    seen: int | None = None,
) -> bool:
    """Change what an action says. The owner and facilitators may. Returns whether anything changed.

    Once it is published the change needs a reason, which everyone reads, and what it said before stays a version: the
    day that was promised first still counts. Those concerned are told from the log. `seen`: the version that `by` saw.
    Raises ActionIsAbandoned, DoneAlready, ChangedMeanwhile, NotAnActionOwner, DueInThePast, ReasonNeeded, EmptyText or
    TooLong.
    """
    campaign = lock_action(session, action)
    if action.abandoned_at is not None:
        raise ActionIsAbandoned
    wanted = {
        "title": required(clean_line(title), max_length=MAX_TITLE_LENGTH),
        "impact": optional(impact, max_length=MAX_IMPACT_LENGTH),
        "owner_id": owner.id,
        "due_on": due_on,
    }
    before = {name: getattr(action, name) for name in wanted if getattr(action, name) != wanted[name]}
    if not before:
        return False
    check_unchanged(action, seen)
    if action.done_at is not None:
        raise DoneAlready
    if "owner_id" in before and owner.id not in {person.id for person in respondents(session, campaign)}:
        raise NotAnActionOwner
    if action.published_at is None:
        reason = ""
    else:
        if "due_on" in before and due_on < now.astimezone(ZoneInfo(by.timezone)).date():
            raise DueInThePast
        reason = reason_for_change(reason)
    for name, value in wanted.items():
        setattr(action, name, value)
    action.version += 1
    session.flush()
    session.expire(action, ["owner"])
    action.keep(session, reason=reason, by=by, now=now)
    after = {name: wanted[name] for name in before} | {
        "title": action.title,
        "published": action.published_at is not None,
    }
    record(
        session, Verb.CHANGED, action,
        by=by, now=now, campaign_id=campaign.id, reason=reason, before=before, after=after,
    )  # fmt: skip
    return True
