"""From the activity log to notices and their mails: the reader “notices” of the log, in the worker.

Nothing is lost and nobody is told twice, whatever dies in between: the place in the log moves in the transaction that
writes the last notices of an act, and a notice has a unique key of the act and the person. An act whose notices can't
be written is deferred, for a job that tries again later: it never holds up the acts after it.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.database.sqlite import reading
from app.extensions import database
from app.settings import Settings
from ideas.activity.activity import Activity, Cursor, Verb, advance, read_on
from ideas.base import chunks
from ideas.contributions.claim import authors_to_tell
from ideas.outreach.limits.budget import READER, hold, is_urgent, lock_plans, outside_budget, plan_mails
from ideas.outreach.messages.queue import queue_imported, queue_mails
from ideas.outreach.newsletters.pace import spread
from ideas.outreach.notice import BY_MAIL, NoticeKind, told_of, write_notices
from ideas.outreach.preference import OF_SPACES, silent_in, without_mail
from ideas.outreach.recipients.answers import later_concerned
from ideas.outreach.recipients.members import space_of
from ideas.outreach.recipients.recipient import due_at, recipients
from ideas.outreach.recipients.rule import Rule
from ideas.outreach.recipients.rules import TOLD_WITHOUT_ACCOUNT, rules_for
from ideas.work.job import Job, JobKind, enqueue
from ideas.work.lease import FIRST_PAUSE

MAX_ACTIVITIES = 500
# Notices of one turn: mails that are due go out between two turns.
MAX_NOTICES = 5_000
# How many people are told in one transaction: their budgets are looked up in three queries.
BATCH = 1_000

log = logging.getLogger(__name__)


def notify_due(now: datetime) -> int:
    """Write the notices of the acts that were not read yet, 5,000 at most. Returns how many.

    A thousand people are told in each transaction. None is open while others are looked up, so that nobody waits.
    """
    session = database()
    written = 0
    while written < MAX_NOTICES:
        activities = _next_activities(session)
        if not activities:
            break
        for activity in activities:
            rules = rules_for(activity)
            if rules and written < MAX_NOTICES:
                written += _notify_or_defer(session, activity, rules, now, limit=MAX_NOTICES - written)
        if written < MAX_NOTICES:
            _advance(session, activities[-1])
    return written


def notify_of(activity_id: int, now: datetime, *, report: Callable[[str, float], None]) -> int:
    """Tell everyone whom an act concerns that was deferred, and who is not told yet. Returns how many.

    A thousand in each transaction, for the job that tries again.
    """
    session = database()
    with reading(session):
        activity = session.get_one(Activity, activity_id)
        session.expunge(activity)
    written = 0
    rules = rules_for(activity)
    _tell_imported(session, activity, rules, now)
    for rule in rules:
        people = _untold(session, activity, rule)
        for number, part in enumerate(chunks(people, BATCH)):
            report("notify", number * BATCH / len(people))
            lock_plans(session)
            _write(session, activity, rule, part, now)
            session.commit()
        written += len(people)
    return written


def _next_activities(session: Session) -> Sequence[Activity]:
    """The next rows of the log, as plain values: a look at them opens no transaction."""
    with reading(session):
        activities = read_on(session, READER, limit=MAX_ACTIVITIES)
        for activity in activities:
            session.expunge(activity)
    return activities


def _notify_or_defer(session: Session, activity: Activity, rules: Sequence[Rule], now: datetime, *, limit: int) -> int:
    """Tell the people as `_notify` does; where that fails, defer the act. Raises where the database is away."""
    try:
        return _notify(session, activity, rules, now, limit=limit)
    except Exception:
        session.rollback()
        log.exception("the notices of activity %d could not be written", activity.id)
        _defer(session, activity, now)
        return 0


def _defer(session: Session, activity: Activity, now: datetime) -> None:
    """Read past this act, and queue the job that tries again, in one transaction.

    The failure of such a job is not deferred: it would fail without end. Administrators see the job that failed.
    """
    if not _is_ours(session, activity):
        return
    if not _is_failed_retry(activity):
        retry = {"activity_id": activity.id}
        enqueue(session, JobKind.NOTIFY_PEOPLE, payload=retry, run_at=now + FIRST_PAUSE, now=now)
    advance(session, READER, activity.id)
    session.commit()


def _is_failed_retry(activity: Activity) -> bool:
    """True for the act that says that a job of this kind failed for good."""
    is_failure = activity.object_kind == Job.__tablename__ and activity.verb is Verb.FAILED
    return is_failure and (activity.after or {}).get("kind") == JobKind.NOTIFY_PEOPLE


def _untold(session: Session, activity: Activity, rule: Rule) -> list[int]:
    """The people whom this act concerns and who are not told yet."""
    with reading(session):
        told = told_of(session, activity.id)
        return [person_id for person_id in recipients(session, activity, rule) if person_id not in told]


def _notify(session: Session, activity: Activity, rules: Sequence[Rule], now: datetime, *, limit: int) -> int:
    """Tell the people whom this act concerns and who are not told yet, `limit` at most. Returns how many.

    Each person by the first rule that names them.
    """
    written = 0
    _tell_imported(session, activity, rules, now)
    for rule in rules:
        untold = _untold(session, activity, rule)
        parts = list(chunks(untold[: limit - written], BATCH))
        for number, people in enumerate(parts, start=1):
            if not _is_ours(session, activity):
                return written
            _write(session, activity, rule, people, now)
            if rule is rules[-1] and number == len(parts) and len(untold) <= limit - written:
                advance(session, READER, activity.id)
            session.commit()
        written += sum(len(people) for people in parts)
        if len(untold) > sum(len(people) for people in parts):
            break
    return written


def _tell_imported(session: Session, activity: Activity, rules: Sequence[Rule], now: datetime) -> None:
    """Of a debrief, of what came after it, and of the winners of a contest: queue the mails to authors of imported
    ideas who have no account, and agreed to be told. Twice queues none twice.
    """
    campaign_id = activity.campaign_id
    if campaign_id is None or not rules or rules[0].kind not in TOLD_WITHOUT_ACCOUNT:
        return
    settings: Settings = current_app.extensions["settings"]
    is_later = rules[0].kind is not NoticeKind.DEBRIEF_PUBLISHED
    authors: dict[str, int] = {}
    with reading(session):
        for among in later_concerned(session, activity) if is_later else (None,):
            authors |= authors_to_tell(session, campaign_id, among)
    about: dict[str, Any] = {"campaign_id": campaign_id, "domain": settings.mail_domain, "now": now}
    for some in chunks(sorted(authors)):
        named = {address: authors[address] for address in some}
        queue_imported(session, named, activity_id=activity.id if is_later else None, **about)
        session.commit()


def _write(session: Session, activity: Activity, rule: Rule, people: Sequence[int], now: datetime) -> None:
    """Write the notices of these people and their mails. The caller has locked the place in the log."""
    settings: Settings = current_app.extensions["settings"]
    kind, at = rule.kind, due_at(session, rule, activity, now)
    notices = write_notices(session, activity, kind, people, now=now, not_before=at)
    if kind not in BY_MAIL:
        return
    silent = without_mail(session, kind, people)
    if kind in OF_SPACES:
        silent |= silent_in(session, space_of(activity), people)
    wanted = [person_id for person_id in notices if person_id not in silent]
    always = outside_budget(session, activity, kind, wanted)
    about: dict[str, Any] = {"reason": _reason(activity, kind), "domain": settings.mail_domain, "now": now}
    queue_mails(session, {one: notices[one] for one in wanted if one in always}, **about, not_before=at)
    limited, at_once = [one for one in wanted if one not in always], is_urgent(activity, kind)
    wanted_at = spread(session, activity, limited, now=at) if kind is NoticeKind.NEWSLETTER else {}
    planned = plan_mails(session, limited, now=at, at_once=at_once, wanted=wanted_at)
    by_mail = {one: notices[one] for one in limited if one in planned}
    queue_mails(session, by_mail, **about, planned=planned, in_hours=not at_once)
    hold(session, [notices[one] for one in limited if one not in planned], now=now)


def _reason(activity: Activity, kind: NoticeKind) -> str:
    """The reason in the key of a mail. That of a debrief is older than notices, and keeps its form."""
    if kind is NoticeKind.DEBRIEF_PUBLISHED:
        return f"debrief:{activity.campaign_id}"
    return f"notice:{activity.id}"


def _is_ours(session: Session, activity: Activity) -> bool:
    """True unless another worker has read past this act meanwhile. Locks the place in the log until the commit."""
    cursor = session.get(Cursor, READER, with_for_update=True)
    if cursor is None or cursor.activity_id < activity.id:
        return True
    session.rollback()
    return False


def _advance(session: Session, activity: Activity) -> None:
    if _is_ours(session, activity):
        advance(session, READER, activity.id)
        session.commit()
