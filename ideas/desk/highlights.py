"""What stands out among a theme's ideas beside the typical ones: for the team that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select, union_all
from sqlalchemy.orm import Session, joinedload

from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_submitted
from ideas.contributions.merged import any_merged
from ideas.contributions.vote import Emotion, Reaction, Vote, merged_reactions, merged_votes
from ideas.themes.card import Verbatim, verbatims_of
from ideas.themes.passage import counted
from ideas.themes.theme import Theme

MAX_HIGHLIGHTS = 3
MAX_COMMENTS = 5
DISSENT = (Emotion.WORRY, Emotion.ANGER)
# One person who is worried is no dissent yet.
MIN_DISSENTING = 2


@dataclass(frozen=True, slots=True)
class Highlight:
    """An idea, and how often it was supported or discussed, or how many people are worried or angry about it."""

    verbatim: Verbatim
    count: int


@dataclass(frozen=True, slots=True)
class Highlights:
    """`dissenting`: the ideas about which most reactions are worry or anger, of at least two people."""

    supported: Sequence[Highlight]
    discussed: Sequence[Highlight]
    dissenting: Sequence[Highlight]
    comments: Sequence[Comment]

    def __bool__(self) -> bool:
        return bool(self.supported or self.discussed or self.dissenting or self.comments)


def highlights_of(session: Session, theme: Theme) -> Highlights:
    """The theme's most supported, most discussed and dissenting ideas, and the latest comments on its ideas.

    Of all ideas that count in the theme, with what is merged into them. For the team. Six queries.
    """
    merged = any_merged(session, theme.campaign_id)
    pairs = counted(theme_id=theme.id).subquery()
    ideas = select(Idea.id).where(Idea.id.in_(select(pairs.c.idea_id)), is_submitted()).correlate(None)
    ranked = [
        [(idea_id, count) for idea_id, count in session.execute(query)]
        for query in (_supported(ideas, merged=merged), _discussed(theme, ideas), _dissenting(ideas, merged=merged))
    ]
    verbatims = verbatims_of(session, {idea_id for rows in ranked for idea_id, _count in rows})
    supported, discussed, dissenting = (
        [Highlight(verbatims[idea_id], count) for idea_id, count in rows] for rows in ranked
    )
    return Highlights(supported, discussed, dissenting, _latest_comments(session, theme, ideas))


def _supported(ideas: Select[int], *, merged: bool) -> Select[int, int]:
    parts = [select(Vote.idea_id).where(Vote.idea_id.in_(ideas))]
    if merged:
        more = merged_votes().subquery()
        parts.append(select(more.c.idea_id).where(more.c.idea_id.in_(ideas)))
    given = union_all(*parts).subquery()
    return _most(given.c.idea_id, func.count())


def _discussed(theme: Theme, ideas: Select[int]) -> Select[int, int]:
    kept = func.coalesce(Idea.merged_into_id, Idea.id)
    in_campaign = Idea.campaign_id == theme.campaign_id
    said = select(kept.label("idea_id")).join(Comment, Comment.idea_id == Idea.id)
    given = said.where(in_campaign, kept.in_(ideas), is_shown()).subquery()
    return _most(given.c.idea_id, func.count())


def _dissenting(ideas: Select[int], *, merged: bool) -> Select[int, int]:
    parts = [select(Reaction.idea_id, Reaction.emotion).where(Reaction.idea_id.in_(ideas))]
    if merged:
        more = merged_reactions().subquery()
        parts.append(select(more.c.idea_id, more.c.emotion).where(more.c.idea_id.in_(ideas)))
    felt = union_all(*parts).subquery()
    against = func.sum(case((felt.c.emotion.in_(DISSENT), 1), else_=0))
    return _most(felt.c.idea_id, against).having(against >= MIN_DISSENTING, 2 * against > func.count())


def _most(idea_id: Any, count: Any) -> Select[int, int]:
    """The ideas that have most of it, the oldest of equal ones first."""
    return select(idea_id, count).group_by(idea_id).order_by(count.desc(), idea_id).limit(MAX_HIGHLIGHTS)


def _latest_comments(session: Session, theme: Theme, ideas: Select[int]) -> Sequence[Comment]:
    kept = func.coalesce(Idea.merged_into_id, Idea.id)
    return session.scalars(
        select(Comment)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Idea.campaign_id == theme.campaign_id, kept.in_(ideas), is_shown())
        .options(joinedload(Comment.idea), joinedload(Comment.author))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(MAX_COMMENTS)
    ).all()
