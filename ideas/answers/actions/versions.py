"""The versions of a published action, read as what happened to it: what was said once stays, with its date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from ideas.activity.version import Version


class UpdateKind(StrEnum):
    """`CHANGED`: other words or another owner, for the same day."""

    PROMISED = "promised"
    PUT_OFF = "put_off"
    BROUGHT_FORWARD = "brought_forward"
    CHANGED = "changed"
    DONE = "done"
    REOPENED = "reopened"
    ABANDONED = "abandoned"


# What a page says of an action besides what it shows as it is now.
CORRECTIONS = frozenset({UpdateKind.PUT_OFF, UpdateKind.BROUGHT_FORWARD, UpdateKind.CHANGED, UpdateKind.REOPENED})


@dataclass(frozen=True, slots=True)
class ActionUpdate:
    """What happened to a published action. `due_on`: its day from then on; `was_due_on`, `was_title`: before, where
    that changed. `was_done_on`: of a milestone, the day on which it was said to be reached, where another or none is
    said since.
    """

    at: datetime
    kind: UpdateKind
    due_on: date
    title: str
    reason: str = ""
    was_due_on: date | None = None
    was_title: str = ""
    has_other_owner: bool = False
    was_done_on: date | None = None


def updates_of(versions: Sequence[Version]) -> list[ActionUpdate]:
    """What happened to an action or a milestone, oldest first. `versions`: all of them, oldest first.

    What had ended before it was published has the instant of that: nobody could read of it earlier.
    """
    if not versions:
        return []
    first = versions[0]
    found = [_update(first.at, UpdateKind.PROMISED, first.content)]
    for ended, kind in (("done_at", UpdateKind.DONE), ("abandoned_at", UpdateKind.ABANDONED)):
        if first.content.get(ended):
            found.append(_update(first.at, kind, first.content))
    for earlier, later in pairwise(versions):
        kind_of = _kind(earlier.content, later.content)
        if kind_of is not None:
            found.append(_update(later.at, kind_of, later.content, before=earlier.content, reason=later.reason))
    return found


def _kind(before: Mapping[str, Any], after: Mapping[str, Any]) -> UpdateKind | None:
    if after["abandoned_at"] != before["abandoned_at"]:
        return UpdateKind.ABANDONED
    if bool(after["done_at"]) != bool(before["done_at"]):
        return UpdateKind.DONE if after["done_at"] else UpdateKind.REOPENED
    if after["due_on"] != before["due_on"]:
        return UpdateKind.PUT_OFF if after["due_on"] > before["due_on"] else UpdateKind.BROUGHT_FORWARD
    return UpdateKind.CHANGED if after != before else None


def _update(
    at: datetime,
    kind: UpdateKind,
    content: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None = None,
    reason: str = "",
) -> ActionUpdate:
    was = before if before is not None else content
    due, was_due = (date.fromisoformat(one["due_on"]) for one in (content, was))
    return ActionUpdate(
        at,
        kind,
        due,
        content["title"],
        reason,
        was_due if was_due != due else None,
        was["title"] if was["title"] != content["title"] else "",
        was.get("owner_id") != content.get("owner_id"),
        _day(was["done_at"]) if was["done_at"] != content["done_at"] else None,
    )


def _day(ended: str | None) -> date | None:
    """The day that a milestone keeps. An action keeps an instant, which says nothing else than when it was reported."""
    return date.fromisoformat(ended) if ended and "T" not in ended else None
