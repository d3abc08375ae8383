"""The activity log: who did what, to what, when and why. Rows are only ever added.

Each row holds a hash of its content and of the hash before it, so a row that was changed or deleted is found by
`first_broken`. Notices, figures and the audit page read the log; each reader keeps its place with a cursor.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, event, false, func, select, text
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from ideas.base import Base, choice
from ideas.search import Match, Searchable, matches, read_query
from ideas.text import optional

MAX_REASON_LENGTH = 500
# The hash before the first row.
NO_HASH = "0" * 64
# The key of PostgreSQL's lock on the end of the log. Any number will do, if nothing else of this application locks it.
LOCK = 20_261
_PENDING = "pending activities"


class Verb(StrEnum):
    """What was done. With the kind of the object it makes the sentence of the audit page: “decision”, “changed”."""

    ABANDONED = "abandoned"
    ACCEPTED = "accepted"
    ADDED = "added"
    ADMITTED = "admitted"
    ANNOUNCED = "announced"
    APPEALED = "appealed"
    APPROVED = "approved"
    ASSIGNED = "assigned"
    CHANGED = "changed"
    CHANGE_ASKED = "change_asked"
    CHECKED = "checked"
    CLAIMED = "claimed"
    CLOSED = "closed"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    CREATED = "created"
    DECLINED = "declined"
    DELETED = "deleted"
    DISMISSED = "dismissed"
    ENDED = "ended"
    ERASED = "erased"
    EXPORTED = "exported"
    EXTENDED = "extended"
    FAILED = "failed"
    FOLLOWED = "followed"
    FORBIDDEN = "forbidden"
    GRANTED = "granted"
    GROUPED = "grouped"
    HANDED_OVER = "handed_over"
    HELD = "held"
    HIDDEN = "hidden"
    IMPORTED = "imported"
    INVITED = "invited"
    JOINED = "joined"
    LEFT = "left"
    LIFTED = "lifted"
    MERGED = "merged"
    MOVED = "moved"
    OPENED = "opened"
    PINNED = "pinned"
    PROGRESSED = "progressed"
    PUBLISHED = "published"
    QUEUED = "queued"
    REACTED = "reacted"
    REMINDED = "reminded"
    REMOVED = "removed"
    RENAMED = "renamed"
    REOPENED = "reopened"
    REPORTED = "reported"
    REQUESTED = "requested"
    RESTARTED = "restarted"
    RESTORED = "restored"
    REVEALED = "revealed"
    REVOKED = "revoked"
    REWORDED = "reworded"
    SANCTIONED = "sanctioned"
    SEATED = "seated"
    SIGNED_UP = "signed_up"
    SPLIT = "split"
    SUBMITTED = "submitted"
    SUPPORTED = "supported"
    UNDONE = "undone"
    UNFOLLOWED = "unfollowed"
    UNPINNED = "unpinned"
    UNSUPPORTED = "unsupported"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"


class Activity(Searchable, Base):
    """An act: `actor_id` is None where the product itself acted. `before` and `after`: the values that changed."""

    __tablename__ = "activity"
    searched = ("reason",)
    __table_args__ = (
        Index("ix_activity_object_kind_object_id", "object_kind", "object_id"),
        Index("ix_activity_campaign_id_id", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    verb: Mapped[Verb] = mapped_column(choice(Verb))
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[int]
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    # An erasure took words out of it: the hash is that of before. See `first_broken`.
    is_redacted: Mapped[bool] = mapped_column(default=False, server_default=false())


class Cursor(Base):
    """How far a reader of the log has come."""

    __tablename__ = "activity_cursor"

    reader: Mapped[str] = mapped_column(String(40), primary_key=True)
    activity_id: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True)
class _Pending:
    """An act whose row is written at the commit. `within`: the transaction that it is lost with."""

    object: Base
    facts: Mapping[str, Any]
    within: SessionTransaction | None


def record(
    session: Session,
    verb: Verb,
    of: Base,
    *,
    by: Any,
    now: datetime,
    campaign_id: int | None = None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record in the caller's transaction that `by` (a Person, or None for the product) did `verb` to the row `of`.

    The row of the log is written when the session commits, and is gone if it rolls back. Raises TooLong (the reason).
    """
    facts = {
        "at": now,
        "actor_id": by.id if by is not None else None,
        "verb": verb,
        "object_kind": of.__tablename__,
        "campaign_id": campaign_id,
        "reason": optional(reason, max_length=MAX_REASON_LENGTH),
        "before": _plain(before),
        "after": _plain(after),
    }
    within = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(_PENDING, []).append(_Pending(of, facts, within))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What the audit page asks for; what is None or empty is not asked for. `before`: only older ones than this id."""

    actor_ids: Collection[int] | None = None
    campaign_id: int | None = None
    verb: Verb | None = None
    object_kind: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def search_activities(session: Session, search: Search, *, limit: int) -> Sequence[Activity]:
    """The activities that meet the search, latest first. Administrators may. One query, whatever the page."""
    found = select(Activity).order_by(Activity.id.desc()).limit(limit)
    if search.actor_ids is not None:
        found = found.where(Activity.actor_id.in_(search.actor_ids))
    if search.campaign_id is not None:
        found = found.where(Activity.campaign_id == search.campaign_id)
    if search.verb is not None:
        found = found.where(Activity.verb == search.verb)
    if search.object_kind:
        found = found.where(Activity.object_kind == search.object_kind)
    if search.words:
        found = found.where(matches(session, Activity, read_query(search.words), Match.BEGINS))
    if search.since is not None:
        found = found.where(Activity.at >= search.since)
    if search.until is not None:
        found = found.where(Activity.at < search.until)
    if search.before is not None:
        found = found.where(Activity.id < search.before)
    return session.scalars(found).all()


def count_activities(session: Session) -> int:
    """How many activities the log holds."""
    return session.scalar(select(func.count()).select_from(Activity)) or 0


def recorded_kinds(session: Session) -> Sequence[str]:
    """The kinds of objects that the log names, in alphabetical order."""
    return session.scalars(select(Activity.object_kind).distinct().order_by(Activity.object_kind)).all()


def read_on(session: Session, reader: str, *, limit: int) -> Sequence[Activity]:
    """The next activities that this reader has not read, oldest first. Call `advance` with the last one."""
    cursor = session.get(Cursor, reader)
    return session.scalars(
        select(Activity).where(Activity.id > (cursor.activity_id if cursor else 0)).order_by(Activity.id).limit(limit)
    ).all()


def advance(session: Session, reader: str, activity_id: int) -> None:
    """Record that this reader has read as far as this activity, in the transaction of what it did with it."""
    cursor = session.get(Cursor, reader)
    if cursor is None:
        session.add(Cursor(reader=reader, activity_id=activity_id))
    else:
        cursor.activity_id = activity_id


def first_broken(session: Session) -> int | None:
    """The id of the first activity whose hash does not fit: it, or one before it, was changed. None if all fit.

    A row that an erasure took words out of keeps its hash, and is checked against the seal that the act of the
    latest erasure names: see `seal`.
    """
    before = NO_HASH
    redacted: dict[str, str] = {}
    named: dict[str, str] = {}
    whole_log = select(Activity).order_by(Activity.id).execution_options(yield_per=1_000)
    with session.scalars(whole_log) as log:
        for activity in log:
            if activity.is_redacted:
                redacted[str(activity.id)] = seal(activity)
            elif activity.hash != _hash(activity, before):
                return activity.id
            elif activity.verb is Verb.ERASED:
                named |= (activity.after or {}).get("redacted", {})
            before = activity.hash
    return next((int(number) for number, sealed in redacted.items() if named.get(number) != sealed), None)


def seal(activity: Activity) -> str:
    """The hash of what is left of a redacted row, for the act of the erasure that redacted it."""
    return _hash(activity, activity.hash)


def _hash(activity: Activity, before: str) -> str:
    """SHA-256 of the hash before and of the row as canonical JSON (sorted keys, no spaces, UTC to the microsecond)."""
    facts = [
        before,
        activity.at.astimezone(UTC).isoformat(timespec="microseconds"),
        activity.actor_id,
        activity.verb,
        activity.object_kind,
        activity.object_id,
        activity.campaign_id,
        activity.reason,
        activity.before,
        activity.after,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The values as JSON has them, so that they read back as they were hashed: instants and dates as text."""
    if values is None:
        return None
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), default=str))
    return plain


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    """Write the rows of the acts recorded in this transaction, as its last statements.

    PostgreSQL locks the end of the log until the commit, so that ids follow one another in the order of the commits:
    a reader that has read row 7 never finds a row 6 later. Taken last, this lock can't be part of a deadlock.
    On SQLite every writer is alone anyway.
    """
    if session.in_nested_transaction() or not session.info.get(_PENDING):
        return
    session.flush()
    pending: list[_Pending] = session.info.pop(_PENDING)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    before = session.scalar(select(Activity.hash).order_by(Activity.id.desc()).limit(1)) or NO_HASH
    for act in pending:
        activity = Activity(object_id=_id_of(act.object), **act.facts)
        activity.hash = before = _hash(activity, before)
        session.add(activity)
        session.flush()


@event.listens_for(Session, "after_soft_rollback")
def _drop_pending(session: Session, previous: SessionTransaction) -> None:
    """Forget the acts of a transaction or savepoint that is rolled back."""
    if _PENDING in session.info:
        kept = [act for act in session.info[_PENDING] if previous.nested and not _is_inside(act.within, previous)]
        session.info[_PENDING] = kept


def _is_inside(transaction: SessionTransaction | None, outer: SessionTransaction) -> bool:
    """True for the outer transaction itself and for a savepoint within it, also one that was released."""
    while transaction is not None and transaction is not outer:
        transaction = transaction.parent
    return transaction is outer


def _id_of(row: Base) -> int:
    """The row's key, also where the row was deleted in this transaction."""
    identity: tuple[int, ...] = row.__mapper__.primary_key_from_instance(row)
    return identity[0]
