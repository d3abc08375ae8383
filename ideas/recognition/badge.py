"""Badges: what a person has reached over all campaigns. Computed when they are read: one may be lost again.

Some have levels, by how often something was done. The others say one thing about how the person took part.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.recognition.facts import PointAct, Scope, facts, ideas_of, is_author, not_of_team, writes
from ideas.themes.passage import counted

LEVELS = (1, 5, 10, 30, 60)
EARLY = timedelta(days=1)
WELCOME = timedelta(days=1)
MIN_IDEAS_HELPED = 10


class Badge(StrEnum):
    """The first ones have levels. BRIDGE: an idea that counts in several themes, once they are public. BILINGUAL: ideas
    in two languages. EARLY: an idea on the first day of a campaign. HELPFUL: comments on ten ideas of others. WELCOMED:
    somebody commented on their first idea within a day.
    """

    IDEAS = "ideas"
    COMMENTS = "comments"
    SUPPORTER = "supporter"
    SUPPORTED = "supported"
    ADOPTED = "adopted"
    BRIDGE = "bridge"
    BILINGUAL = "bilingual"
    EARLY = "early"
    HELPFUL = "helpful"
    WELCOMED = "welcomed"


# What is counted for the levels of a badge. Not every act has one.
BY_ACT: Mapping[PointAct, Badge] = {
    PointAct.IDEA: Badge.IDEAS,
    PointAct.COMMENT: Badge.COMMENTS,
    PointAct.SUPPORT_GIVEN: Badge.SUPPORTER,
    PointAct.SUPPORT_RECEIVED: Badge.SUPPORTED,
    PointAct.ADOPTED: Badge.ADOPTED,
}
WITH_LEVELS = frozenset(BY_ACT.values())


@dataclass(frozen=True, slots=True)
class Reached:
    """A badge that a person has. `level`: from 1 to 5, and 1 without levels. `number`: how often it was done.

    `next`: how often for the next level; None at the highest, and for a badge without levels.
    """

    badge: Badge
    level: int
    number: int = 1

    @property
    def levels(self) -> bool:
        """True for a badge with levels."""
        return self.badge in WITH_LEVELS

    @property
    def next(self) -> int | None:
        return LEVELS[self.level] if self.levels and self.level < len(LEVELS) else None


def badges_of(session: Session, people: Collection[int]) -> dict[int, list[Reached]]:
    """The badges of each of these people, in the order of `Badge`; of who has none, an empty list.

    Six queries for a few hundred people. Only the person may read theirs.
    """
    found: dict[int, list[Reached]] = {person_id: [] for person_id in people}
    for some in chunks(sorted(found)):
        for person_id, act, number in session.execute(_query(_by_level), {"people": some}):
            if level := sum(number >= least for least in LEVELS):
                found[person_id].append(Reached(BY_ACT[PointAct(act)], level, int(number)))
        for badge, (query, is_reached) in _SPECIAL.items():
            rows = session.execute(_query(query), {"people": some}).all()
            for person_id in {person_id for person_id, *told in rows if is_reached(*told)}:
                found[person_id].append(Reached(badge, 1))
    order = list(Badge)
    return {person_id: sorted(reached, key=lambda one: order.index(one.badge)) for person_id, reached in found.items()}


@cache  # building a query takes longer than running it
def _query(made: Callable[[Scope], Any]) -> Any:
    """The query of the parameter `people`, in all campaigns."""
    announced = select(Campaign.id).where(Campaign.announced_at.is_not(None))
    return made(Scope(announced, people=bindparam("people", expanding=True)))


def _by_level(scope: Scope) -> Select[Any]:
    done = facts(scope, tuple(BY_ACT)).subquery("facts")
    return (
        select(done.c.person_id, done.c.act, func.sum(done.c.number))
        .where(not_of_team(scope, done.c.campaign_id, done.c.person_id))
        .group_by(done.c.person_id, done.c.act)
    )


def _ideas(scope: Scope, *columns: Any) -> Select[Any]:
    """These columns of the ideas of the people, each idea that counts once for each of its authors."""
    return select(*columns).where(
        scope.has_campaign(Idea.campaign_id),
        writes(Idea),
        *scope.conditions(Idea.author_id, Idea.submitted_at),
        not_of_team(scope, Idea.campaign_id, Idea.author_id),
    )


def _bridges(scope: Scope) -> Select[Any]:
    """Themes are public from the debrief on."""
    public = select(Campaign.id).where(Campaign.debriefed_at.is_not(None))
    pairs = counted(campaign_id=public, ideas=ideas_of(scope)).subquery()
    across = select(pairs.c.idea_id).group_by(pairs.c.idea_id).having(func.count() > 1)
    kept = func.coalesce(Idea.merged_into_id, Idea.id)
    return _ideas(scope, Idea.author_id).where(kept.in_(across)).distinct()


def _bilingual(scope: Scope) -> Select[Any]:
    languages = func.count(Idea.lang.distinct())
    return _ideas(scope, Idea.author_id).group_by(Idea.author_id).having(languages > 1)


def _firsts(scope: Scope) -> Any:
    """Of each campaign of a person, when it opened and when their first idea came."""
    return (
        _ideas(scope, Idea.author_id, Campaign.opens_at, func.min(Idea.submitted_at))
        .join(Campaign, Campaign.id == Idea.campaign_id)
        .group_by(Idea.author_id, Campaign.id, Campaign.opens_at)
    )


def _is_early(opens_at: datetime | None, at: datetime) -> bool:
    return opens_at is not None and at <= opens_at + EARLY


def _helpful(scope: Scope) -> Select[Any]:
    kept = aliased(Idea)
    helped = func.count(kept.id.distinct())
    found: Select[Any] = (
        select(Comment.author_id)
        .join(Idea, Idea.id == Comment.idea_id)
        .join(kept, kept.id == func.coalesce(Idea.merged_into_id, Idea.id))
        .where(
            scope.has_campaign(Idea.campaign_id),
            is_readable(),
            is_shown(),
            ~is_author(kept, Comment.author_id),
            *scope.conditions(Comment.author_id, Comment.created_at),
            not_of_team(scope, Idea.campaign_id, Comment.author_id),
        )
    )
    return found.group_by(Comment.author_id).having(helped >= MIN_IDEAS_HELPED)


def _first_answers(scope: Scope) -> Any:
    """When a person's first idea came, and the first comment on it of another one, who may be of the team.

    An idea is also answered on the one that it is merged into.
    """
    firsts = _ideas(scope, Idea.author_id, func.min(Idea.submitted_at).label("at")).group_by(Idea.author_id).subquery()
    return (
        select(Idea.author_id, Idea.submitted_at, func.min(Comment.created_at))
        .join(firsts, (firsts.c.author_id == Idea.author_id) & (firsts.c["at"] == Idea.submitted_at))
        .join(Comment, Comment.idea_id.in_([Idea.id, func.coalesce(Idea.merged_into_id, Idea.id)]))
        .where(
            is_readable(),
            is_shown(),
            Comment.author_id != Idea.author_id,
            Comment.created_at >= Idea.submitted_at,  # on the one it was merged into, others came before
        )
        .group_by(Idea.author_id, Idea.submitted_at)
    )


def _is_welcomed(at: datetime, answered_at: datetime) -> bool:
    return answered_at <= at + WELCOME


def _always() -> bool:
    return True


# The query of the people concerned, and what its other columns have to say.
_SPECIAL: Mapping[Badge, tuple[Callable[[Scope], Any], Callable[..., bool]]] = {
    Badge.BRIDGE: (_bridges, _always),
    Badge.BILINGUAL: (_bilingual, _always),
    Badge.EARLY: (_firsts, _is_early),
    Badge.HELPFUL: (_helpful, _always),
    Badge.WELCOMED: (_first_answers, _is_welcomed),
}
