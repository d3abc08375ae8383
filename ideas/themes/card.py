"""Themes as people read them: their figures, typical verbatims, ideas, and what is left over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import case, func, select, true
from sqlalchemy.orm import Session, joinedload

from clustering.types import Leftover, ThemeWarning
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import MAX_SEARCH_LENGTH, Idea, contains, is_submitted
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.text import clean_line
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme, active_themes

VERBATIMS = 3
# Ideas below which nothing should be concluded from a theme alone, as in clustering.quality.warnings.
MIN_IDEAS = 5


@dataclass(slots=True)
class ThemeCard:
    """A theme as its page shows it."""

    theme: Theme
    size: int = 0
    people: int = 0
    support: int = 0
    emotions: dict[Emotion, int] = field(default_factory=dict)
    verbatims: list[Idea] = field(default_factory=list)

    @property
    def warnings(self) -> list[ThemeWarning]:
        """Why nothing should be concluded from the theme alone: what the latest run found, and its size of today."""
        found = [ThemeWarning.LOOSE] if ThemeWarning.LOOSE in self.theme.warnings and self.size > 1 else []
        return [ThemeWarning.SMALL, *found] if 0 < self.size < MIN_IDEAS else found


def theme_cards(session: Session, campaign: Campaign, *, only: Theme | None = None) -> list[ThemeCard]:
    """Every active theme, or one, with its figures and typical verbatims, largest first.

    A constant number of queries, whatever the number of themes.
    """
    themes = active_themes(session, campaign) if only is None else [only]
    cards = {theme.id: ThemeCard(theme) for theme in themes}
    in_theme = (Theme.campaign_id == campaign.id) & Theme.retired_at.is_(None) & is_submitted()
    if only is not None:
        in_theme &= Theme.id == only.id
    # Imported ideas name people who have no account.
    named = case((Idea.author_id.is_(None) & (Idea.author_name != ""), Idea.author_name))
    for theme_id, size, people in session.execute(
        select(
            Theme.id,
            func.count(Idea.id),
            func.count(Idea.author_id.distinct()) + func.count(named.distinct()),
        )
        .select_from(Theme)
        .join(Placement, Placement.theme_id == Theme.id)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(in_theme)
        .group_by(Theme.id)
    ):
        cards[theme_id].size, cards[theme_id].people = size, people
    # A person who supports several ideas of a theme supports it once.
    for theme_id, support in session.execute(
        select(Theme.id, func.count(Vote.person_id.distinct()))
        .select_from(Theme)
        .join(Placement, Placement.theme_id == Theme.id)
        .join(Idea, Idea.id == Placement.idea_id)
        .join(Vote, Vote.idea_id == Placement.idea_id)
        .where(in_theme)
        .group_by(Theme.id)
    ):
        cards[theme_id].support = support
    for theme_id, emotion, count in session.execute(
        select(Theme.id, Reaction.emotion, func.count())
        .select_from(Theme)
        .join(Placement, Placement.theme_id == Theme.id)
        .join(Idea, Idea.id == Placement.idea_id)
        .join(Reaction, Reaction.idea_id == Placement.idea_id)
        .where(in_theme)
        .group_by(Theme.id, Reaction.emotion)
    ):
        cards[theme_id].emotions[emotion] = count
    for card in cards.values():
        card.emotions = {emotion: card.emotions[emotion] for emotion in Emotion if emotion in card.emotions}
    _add_verbatims(session, campaign, cards)
    return sorted(cards.values(), key=lambda card: (-card.size, card.theme.id))


def _add_verbatims(session: Session, campaign: Campaign, cards: Mapping[int, ThemeCard]) -> None:
    """The pipeline's exemplars that are still in the theme, then its strongest members."""
    strongest = (
        select(
            Placement.idea_id,
            Placement.theme_id,
            func.row_number()
            .over(partition_by=Placement.theme_id, order_by=(Placement.strength.desc(), Placement.idea_id))
            .label("place"),
        )
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, Placement.theme_id.in_(cards), is_submitted())
        .subquery()
    )
    wanted = [idea_id for card in cards.values() for idea_id in card.theme.exemplars]
    rows = session.execute(
        select(strongest.c.theme_id, strongest.c.idea_id)
        .where((strongest.c.place <= VERBATIMS) | strongest.c.idea_id.in_(wanted))
        .order_by(strongest.c.place)
    ).all()
    ideas = {
        idea.id: idea
        for idea in session.scalars(
            select(Idea).where(Idea.id.in_([idea_id for _, idea_id in rows])).options(joinedload(Idea.author))
        )
    }
    members: dict[int, list[int]] = {}
    for theme_id, idea_id in rows:
        members.setdefault(theme_id, []).append(idea_id)
    for theme_id, ids in members.items():
        theme = cards[theme_id].theme
        typical = [idea_id for idea_id in theme.exemplars if idea_id in ids]
        others = [idea_id for idea_id in ids if idea_id not in typical]
        cards[theme_id].verbatims = [ideas[idea_id] for idea_id in (typical + others)[:VERBATIMS]]


def theme_members(session: Session, theme: Theme, *, only: Collection[int] | None = None) -> Sequence[Placement]:
    """The theme's ideas with their authors, the most typical first: all, or only some."""
    return session.scalars(
        select(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id == theme.id, is_submitted(), true() if only is None else Placement.idea_id.in_(only))
        .options(joinedload(Placement.idea).joinedload(Idea.author), joinedload(Placement.placed_by))
        .order_by(Placement.strength.desc(), Placement.idea_id)
    ).all()


def member_ids(session: Session, theme: Theme, *, containing: str = "") -> Sequence[int]:
    """The theme's ideas, the most typical first; `containing` keeps those with these words."""
    return session.scalars(
        select(Placement.idea_id)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id == theme.id, is_submitted(), contains(containing) if containing else true())
        .order_by(Placement.strength.desc(), Placement.idea_id)
    ).all()


def leftovers(
    session: Session, campaign: Campaign, kind: Leftover, *, start: int = 0, limit: int | None = None
) -> Sequence[Placement]:
    """The campaign's ideas that are left over for this reason, with their authors: all, or `limit` from `start` on."""
    return session.scalars(
        select(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, Placement.leftover == kind, is_submitted())
        .options(joinedload(Placement.idea).joinedload(Idea.author), joinedload(Placement.placed_by))
        .order_by(Placement.idea_id)
        .offset(start)
        .limit(limit)
    ).all()


def all_placements(session: Session, campaign: Campaign) -> Sequence[tuple[int | None, Leftover | None, float, float]]:
    """Theme, leftover and position of every idea, for the map."""
    rows = session.execute(
        select(Placement.theme_id, Placement.leftover, Placement.x, Placement.y)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Placement.idea_id)
    )
    return [(theme_id, leftover, x, y) for theme_id, leftover, x, y in rows]


def themes_containing(session: Session, campaign: Campaign, words: str) -> set[int]:
    """The active themes whose name, key phrases or ideas contain these words."""
    words = clean_line(words)[:MAX_SEARCH_LENGTH]
    named = {
        theme.id
        for theme in active_themes(session, campaign)
        if words.casefold() in " \n".join([theme.name, *theme.phrases]).casefold()
    }
    said = session.scalars(
        select(Placement.theme_id)
        .distinct()
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == campaign.id,
            Placement.theme_id.is_not(None),
            is_submitted(),
            contains(words),
        )
    )
    return named.union(theme_id for theme_id in said if theme_id is not None)
