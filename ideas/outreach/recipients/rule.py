"""A rule: whom an act is told to, and as what kind of notice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.outreach.notice import NoticeKind


@dataclass(frozen=True, slots=True)
class Rule:
    """The kind of notice that an act makes, and the ids of the people who get it.

    `every`: a campaign's notices of this kind come at least this long apart, but for those of acts whose rule has none:
    such a notice delays none, and stands for none. See `due_at`.
    `then`: the rule for those whom this one leaves out, so that nobody is told twice of one act.
    """

    kind: NoticeKind
    people: Callable[[Session, Activity], Iterable[int]]
    every: timedelta | None = None
    then: "Rule | None" = None


def in_turn(first: Rule, *others: Rule) -> Rule:
    """These rules as one: each person is told by the first that names them."""
    return replace(first, then=in_turn(*others)) if others else first
