"""How fast a newsletter goes out, and its pauses: no more mails in an hour than its author chose, whatever the hours of
its readers, a pause, or a worker that slept.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.outreach.limits.hours import Hours, readers
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.outreach.notice import Notice, NoticeKind

HOUR = timedelta(hours=1)
# Slots are counted from here on.
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def spread(session: Session, activity: Activity, people: Sequence[int], *, now: datetime) -> dict[int, datetime]:
    """When each of these people, who are a few hundred, gets the mail of a newsletter: each in a slot of their hours
    that no other mail of it has. Empty where its author chose no pace. Three queries at most.
    """
    newsletter = session.get(Newsletter, activity.object_id)
    if newsletter is None or newsletter.per_hour is None:
        return {}
    each, at = HOUR / newsletter.per_hour, func.coalesce(Message.sent_at, Message.next_attempt_at)
    told = select(at).join(Notice, Notice.id == Message.notice_id).where(Notice.activity_id == activity.id, at >= now)
    taken = {(one - _BEGIN) // each for one in session.scalars(told)}
    # Who has the same hours looks on where the last of them found a slot.
    last: dict[tuple[Hours, str], datetime] = {}
    found: dict[int, datetime] = {}
    for person_id, reader in readers(session, people).items():
        alike = reader.hours, reader.zone
        instant = reader.next(last.get(alike, now))
        while (slot := (instant - _BEGIN) // each) in taken:
            instant = reader.next(_BEGIN + (slot + 1) * each)
        taken.add(slot)
        found[person_id] = last[alike] = instant
    return found


def hold_back(session: Session, ids: Collection[int], *, now: datetime) -> set[int]:
    """Hold back those of these mails whose newsletter is paused, or that are too many for this hour, and delete those
    whose newsletter is stopped. Returns their ids: they are not sent now. One query where no newsletter has a pace.

    What waited for a pause, or for a worker, goes out no faster than its author chose either. Workers beside each other
    may each send a few more.
    """
    which = or_(Newsletter.paused_at.is_not(None), Newsletter.stopped_at.is_not(None), Newsletter.per_hour.is_not(None))
    of_newsletter = (Notice.kind == NoticeKind.NEWSLETTER) & (Notice.object_id == Newsletter.id)
    rows = session.execute(
        select(Message.id, Notice.activity_id, Newsletter.per_hour, Newsletter.paused_at, Newsletter.stopped_at)
        .join(Notice, Notice.id == Message.notice_id)
        .join(Newsletter, of_newsletter)
        .where(Message.id.in_(ids), which)
        .order_by(Message.id)
    ).all()
    stopped = {message_id for message_id, *_rest, at in rows if at is not None}
    later = {one: now + HOUR for one, _act, _pace, paused, ended in rows if paused is not None and ended is None}
    paces = {act: pace for one, act, pace, *_rest in rows if one not in stopped and one not in later}
    for act, pace in paces.items():
        if pace is not None:
            room, again = _room(session, act, pace, now)
            mails = [one for one, of, *_rest in rows if of == act]
            later |= dict.fromkeys(mails[room:], again)
    if stopped:
        ended_mails = delete(Message).where(Message.id.in_(stopped))
        session.execute(ended_mails.execution_options(synchronize_session=False))
    for at in set(later.values()):
        those = [one for one, until in later.items() if until == at]
        waiting = update(Message).where(Message.id.in_(those)).values(next_attempt_at=at)
        session.execute(waiting.execution_options(synchronize_session=False))
    return {*stopped, *later}


def is_held_back() -> ColumnElement[bool]:
    """SQL condition on Notice: it tells of a newsletter that is paused or stopped."""
    halted = select(Newsletter.id).where(or_(Newsletter.paused_at.is_not(None), Newsletter.stopped_at.is_not(None)))
    return (Notice.kind == NoticeKind.NEWSLETTER) & Notice.object_id.in_(halted)


def paused_among(session: Session, notice_ids: Collection[int]) -> Sequence[int]:
    """Those of these notices whose newsletter is paused: they are left to a later digest. One query at most."""
    if not notice_ids:
        return []
    paused = select(Newsletter.id).where(Newsletter.paused_at.is_not(None), Newsletter.stopped_at.is_(None))
    of_paused = (Notice.kind == NoticeKind.NEWSLETTER) & Notice.object_id.in_(paused)
    return session.scalars(select(Notice.id).where(Notice.id.in_(notice_ids), of_paused)).all()


def _room(session: Session, activity_id: int, per_hour: int, now: datetime) -> tuple[int, datetime]:
    """How many more mails of a newsletter go out now, and when there is room for others."""
    of_act = (Notice.activity_id == activity_id) & (Message.sent_at > now - HOUR)
    sent = session.scalars(select(Message.sent_at).join(Notice, Notice.id == Message.notice_id).where(of_act))
    times = [at for at in sent if at is not None]
    return max(0, per_hour - len(times)), min(times, default=now) + HOUR
