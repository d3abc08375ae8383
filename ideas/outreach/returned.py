"""What a returned table would change, who would be told of it, and what they would read: nothing of it stays.

Only who wrote or commented on an idea under their own name is named. Who supported, voted, reacted or wrote without a
name is counted: see ideas.outreach.outbox.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.people import people_of
from ideas.contributions.claim import authors_to_tell
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.exports.returned.apply import apply_rows
from ideas.exports.returned.sheet import SheetRow
from ideas.exports.returned.step import Act, Outcome, Step, digest_of
from ideas.outreach.notice import NoticeKind
from ideas.outreach.recipients.answers import later_concerned
from ideas.outreach.recipients.recipient import told_by_kind
from ideas.people.person import Person

# Instead of the reason that is asked for before anything is changed.
_REASON_TO_COME = "…"

Draft = TypeVar("Draft")


@dataclass(frozen=True, slots=True)
class Told:
    """Who would be told of a row. `named`: by id, in the order of their names; `unnamed`: how many more are members;
    `imported`: how many authors of imported ideas without an account, who agreed to be told by mail.
    """

    named: Mapping[int, str]
    unnamed: int = 0
    imported: int = 0

    @property
    def total(self) -> int:
        return len(self.named) + self.unnamed + self.imported


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`told`: who would be told, of each step; `everyone`: how many in all, each counted once."""

    steps: Sequence[Step]
    told: Sequence[Told]
    everyone: int

    @property
    def changes(self) -> list[tuple[Step, Told]]:
        return [(step, told) for step, told in zip(self.steps, self.told, strict=True) if step.is_change]

    @property
    def refused(self) -> list[Step]:
        return [step for step in self.steps if step.outcome is Outcome.REFUSED]

    @property
    def same(self) -> int:
        """How many rows change nothing."""
        return sum(step.outcome is Outcome.SAME for step in self.steps)

    @property
    def asks_reason(self) -> bool:
        return any(step.asks_reason for step in self.steps)

    @property
    def digest(self) -> int:
        return digest_of(step for step, _ in self.changes)


def preview_rows(
    session: Session, campaign: Campaign, rows: Sequence[SheetRow], *, by: Person, now: datetime, day_first: bool
) -> Preview:
    """What `apply_rows` would do with these rows now, for whoever may call that. The caller commits nothing.

    The rules themselves say it: the acts are done within a savepoint, and taken back. Whom they concern is asked of the
    rules that tell people, of acts that are in no log.
    """
    with _as_if_applied(session, campaign, rows, by=by, now=now, day_first=day_first) as steps:
        found = [_concerned(session, campaign, step, by=by, now=now) for step in steps]
        names = _names(session, set().union(*(one.named for one in found)))
    told = [
        Told(
            {one: names[one] for one in names if one in each.named}, len(each.people - each.named), len(each.addresses)
        )
        for each in found
    ]
    people, addresses = set().union(*(one.people for one in found)), set().union(*(one.addresses for one in found))
    return Preview(steps=steps, told=told, everyone=len(people) + len(addresses))


def drafts_for(
    session: Session,
    campaign: Campaign,
    rows: Sequence[SheetRow],
    *,
    person: Person,
    read: Callable[[Activity, NoticeKind, Person], Draft],
    by: Person,
    now: datetime,
    day_first: bool,
) -> list[tuple[Step, Draft]]:
    """What a person would read of these rows: what `read` says of each act of which they would be told by name.

    For whoever may call `apply_rows`. Nothing of it stays; the caller commits nothing.
    """
    drafts = []
    with _as_if_applied(session, campaign, rows, by=by, now=now, day_first=day_first) as steps:
        for step in steps:
            for act in step.acts:
                activity = _activity(campaign, step, act, by=by, now=now)
                if person.id not in _named(session, activity):
                    continue
                for kind, people in told_by_kind(session, activity).items():
                    if person.id in people:
                        drafts.append((step, read(activity, kind, person)))
    return drafts


@contextmanager
def _as_if_applied(
    session: Session, campaign: Campaign, rows: Sequence[SheetRow], *, by: Person, now: datetime, day_first: bool
) -> Iterator[list[Step]]:
    """What `apply_rows` does, until the end of the block."""
    savepoint = session.begin_nested()
    try:
        steps = apply_rows(session, campaign, rows, reason=_REASON_TO_COME, by=by, now=now, day_first=day_first)
        session.flush()
        yield steps
    finally:
        savepoint.rollback()


@dataclass(frozen=True, slots=True)
class _Concerned:
    """The ids of those who would be told, of those of them who are named, and the addresses of imported authors."""

    people: frozenset[int]
    named: frozenset[int]
    addresses: frozenset[str]


def _concerned(session: Session, campaign: Campaign, step: Step, *, by: Person, now: datetime) -> _Concerned:
    people: set[int] = set()
    named: set[int] = set()
    addresses: set[str] = set()
    for act in step.acts:
        activity = _activity(campaign, step, act, by=by, now=now)
        told = set().union(*told_by_kind(session, activity).values())
        people |= told
        named |= told & _named(session, activity)
        for among in later_concerned(session, activity):
            addresses.update(authors_to_tell(session, campaign.id, among))
    return _Concerned(frozenset(people), frozenset(named), frozenset(addresses))


def _activity(campaign: Campaign, step: Step, act: Act, *, by: Person, now: datetime) -> Activity:
    """The act as it would be recorded. It is in no session."""
    return Activity(
        id=0, at=now, actor_id=by.id, verb=act.verb, object_kind=act.kind, object_id=act.object_id,
        campaign_id=campaign.id, reason=step.row.change_reason,
    )  # fmt: skip


def _named(session: Session, activity: Activity) -> set[int]:
    """Who wrote, or commented on, an idea that the act concerns, under their own name."""
    found: set[int] = set()
    for among in later_concerned(session, activity):
        found.update(session.scalars(people_of(among & is_readable(), named=True)))
        commented = select(Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(among, is_readable())
        found.update(session.scalars(commented.where(is_shown(), Comment.author_id.is_not(None))))
    return found


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    """The names of these people by id, in the order of their names."""
    found: dict[int, str] = {}
    for some in chunks(sorted(ids)):
        found.update(session.execute(select(Person.id, Person.name).where(Person.id.in_(some))).all())
    return dict(sorted(found.items(), key=lambda pair: (pair[1].casefold(), pair[0])))
