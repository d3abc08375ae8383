"""What a campaign promised before: who changed what, when and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import Version, versions_of
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.phases.phase import read_phases
from ideas.campaigns.promise import DATES, NAMES
from ideas.people.person import Person


@dataclass(frozen=True, slots=True)
class Change:
    """A text or a date of the campaign, before and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PromiseChange:
    """What one save changed of an announced campaign. `by_id` is None where the product itself changed it."""

    at: datetime
    by_id: int | None
    reason: str
    changes: Sequence[Change]


def history(session: Session, campaign: Campaign) -> list[PromiseChange]:
    """What changed since the announcement, latest first. Whoever may read the campaign may read it. One query."""
    kept = versions_of(session, Campaign.__tablename__, campaign.id)
    return [_change_between(newer, older) for newer, older in pairwise(kept)]


def last_saved(session: Session, campaign: Campaign) -> tuple[str, datetime] | None:
    """Who last changed its texts or dates, and when. None if nobody did since it was started. The team may read it."""
    changes = Activity.verb.in_([Verb.CHANGED, Verb.EXTENDED, Verb.CLOSED])
    latest = (
        select(Person.name, Activity.at)
        .join(Person, Person.id == Activity.actor_id)
        .where(Activity.object_kind == Campaign.__tablename__, Activity.object_id == campaign.id, changes)
        .order_by(Activity.id.desc())
        .limit(1)
    )
    found = session.execute(latest).first()
    return (found.name, found.at) if found else None


def first_promise(changes: Sequence[PromiseChange], name: str) -> datetime | None:
    """The date that was promised at the announcement, or None if it never moved. `changes`: from `history`."""
    moved = [change for save in changes for change in save.changes if change.name == name]
    first: datetime | None = moved[-1].before if moved else None
    return first


def _change_between(newer: Version, older: Version) -> PromiseChange:
    before, after = _read(older.content), _read(newer.content)
    names = (*NAMES, "phases")
    changes = [Change(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]
    return PromiseChange(newer.at, newer.by_id, newer.reason, changes)


def _read(content: Mapping[str, Any]) -> dict[str, Any]:
    """What `promise_of` wrote, dates as instants again."""
    dates = {name: datetime.fromisoformat(content[name]) for name in DATES if content.get(name)}
    return dict(content) | dates | {"phases": read_phases(content.get("phases"))}
