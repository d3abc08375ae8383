"""Groups of convergent ideas, found by the pipeline: a theme keeps its identity from run to run."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, case, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base, choice
from ideas.campaign import Campaign, hold
from ideas.idea import Idea, is_submitted
from ideas.person import Person
from ideas.text import clean_line
from ideas.vote import Emotion, Reaction, Vote

NAME_MOST = 80
VERBATIMS = 3


class Leftover(StrEnum):
    """Why an idea is in no theme."""

    ALONE = "alone"
    BETWEEN = "between"


class Theme(Base):
    """A theme keeps its row, and so its identity, from run to run; a retired one is kept for undo and history."""

    __tablename__ = "theme"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    found_name: Mapped[str] = mapped_column(String(NAME_MOST * 2), default="")
    given_name: Mapped[str | None] = mapped_column(String(NAME_MOST))
    phrases: Mapped[list[Any]] = mapped_column(default=list)
    exemplars: Mapped[list[Any]] = mapped_column(default=list)
    cohesion: Mapped[float] = mapped_column(default=0.0)
    x: Mapped[float] = mapped_column(default=0.5)
    y: Mapped[float] = mapped_column(default=0.5)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()

    @property
    def name(self) -> str:
        return self.given_name or self.found_name


class Placement(Base):
    """Where an idea stands: in a theme, or left over and why. `placed_by_id` says that a person put it there."""

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("(theme_id IS NULL) <> (leftover IS NULL)", name="theme_or_leftover"),
        CheckConstraint("strength BETWEEN 0 AND 1", name="strength"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    leftover: Mapped[Leftover | None] = mapped_column(choice(Leftover, "leftover"))
    strength: Mapped[float] = mapped_column(default=0.0)
    nearest: Mapped[list[Any]] = mapped_column(default=list)
    x: Mapped[float] = mapped_column(default=0.5)
    y: Mapped[float] = mapped_column(default=0.5)
    placed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    idea: Mapped[Idea] = relationship()
    placed_by: Mapped[Person | None] = relationship(foreign_keys=placed_by_id)


class ThemeRun(Base):
    """One pass of the pipeline over a campaign's ideas."""

    __tablename__ = "theme_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    model: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    ideas: Mapped[int]
    themes: Mapped[int]
    too_few: Mapped[bool] = mapped_column(default=False)
    seconds: Mapped[dict[str, Any]] = mapped_column(default=dict)


# What a run hands over ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThemeFound:
    """A theme of a run. `id` is an active theme's, where it lives on; any other number stands for a new one."""

    id: int
    name: str
    phrases: Sequence[str]
    exemplars: Sequence[int]
    cohesion: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class IdeaPlaced:
    """Where a run puts an idea: `theme` is a ThemeFound's id."""

    idea_id: int
    theme: int | None
    leftover: Leftover | None
    strength: float
    nearest: Sequence[tuple[int, float]]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class RunFound:
    model: str
    seconds: Mapping[str, float]
    too_few: bool
    themes: Sequence[ThemeFound]
    ideas: Sequence[IdeaPlaced]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a new run must know of the last one and of people's acts."""

    theme_of: dict[int, int]
    placed: dict[int, int]
    kept: frozenset[int]
    positions: dict[int, tuple[float, float]]
    next_id: int


def standing(session: Session, campaign: Campaign, *, keep: Iterable[int] = ()) -> Standing:
    """Each idea's theme, which of them a person placed, and which themes live on: what a person touched, and `keep`."""
    themes = active_themes(session, campaign)
    rows = session.execute(
        select(Placement.idea_id, Placement.theme_id, Placement.placed_by_id).where(
            Placement.campaign_id == campaign.id, Placement.theme_id.is_not(None)
        )
    ).all()
    theme_of = {idea_id: theme_id for idea_id, theme_id, _ in rows if theme_id is not None}
    placed = {idea_id: theme_of[idea_id] for idea_id, _, person_id in rows if person_id is not None}
    named = {theme.id for theme in themes if theme.given_name is not None}
    return Standing(
        theme_of=theme_of,
        placed=placed,
        kept=frozenset(named.union(placed.values(), keep)),
        positions={theme.id: (theme.x, theme.y) for theme in themes},
        next_id=(session.scalar(select(func.max(Theme.id))) or 0) + 1,
    )


def record_run(
    session: Session, campaign: Campaign, found: RunFound, *, now: datetime, keep: Container[int] = ()
) -> ThemeRun:
    """Replace the campaign's themes by those of a complete run, in the caller's transaction.

    A theme that lives on keeps its row and the name a person gave it; one that is gone is retired, unless a person
    named it or placed an idea in it, or its number is among those to `keep`; an idea that a person placed is never
    moved. People may act while a run computes: a theme that they merged away meanwhile comes back only if ideas are
    left for it.
    """
    hold(session, campaign)
    active = {theme.id: theme for theme in active_themes(session, campaign)}
    by_hand = _placed_by_hand(session, campaign)
    wanted = {facts.theme for facts in found.ideas if facts.idea_id not in by_hand}
    theme_ids: dict[int, int] = {}
    for facts in found.themes:
        theme = active.pop(facts.id, None)
        if theme is None and facts.id not in wanted:
            continue
        if theme is None:
            theme = Theme(campaign_id=campaign.id, created_at=now)
            session.add(theme)
        theme.found_name, theme.phrases = facts.name, list(facts.phrases)
        theme.exemplars, theme.cohesion = list(facts.exemplars), facts.cohesion
        theme.x, theme.y = facts.x, facts.y
        session.flush()
        theme_ids[facts.id] = theme.id
    for gone in active.values():
        if gone.given_name is None and gone.id not in by_hand.values() and gone.id not in keep:
            gone.retired_at = now
    _replace_placements(session, campaign, found.ideas, theme_ids)
    run = ThemeRun(
        campaign_id=campaign.id,
        model=found.model,
        created_at=now,
        ideas=len(found.ideas),
        themes=len(theme_ids),
        too_few=found.too_few,
        seconds=dict(found.seconds),
    )
    session.add(run)
    campaign.grouped_at = now
    session.flush()
    return run


def _placed_by_hand(session: Session, campaign: Campaign) -> dict[int, int | None]:
    """The theme, or None, of every idea that a person placed."""
    rows = session.execute(
        select(Placement.idea_id, Placement.theme_id).where(
            Placement.campaign_id == campaign.id, Placement.placed_by_id.is_not(None)
        )
    )
    return dict(rows.all())


def _replace_placements(
    session: Session, campaign: Campaign, ideas: Iterable[IdeaPlaced], theme_ids: Mapping[int, int]
) -> None:
    standing_rows = {
        placement.idea_id: placement
        for placement in session.scalars(select(Placement).where(Placement.campaign_id == campaign.id))
    }
    for facts in ideas:
        placement = standing_rows.pop(facts.idea_id, None)
        if placement is None:
            placement = Placement(idea_id=facts.idea_id, campaign_id=campaign.id)
            session.add(placement)
        if placement.placed_by_id is None:
            placement.theme_id = theme_ids[facts.theme] if facts.theme is not None else None
            placement.leftover = facts.leftover
        placement.strength, placement.x, placement.y = facts.strength, facts.x, facts.y
        placement.nearest = [
            {"theme": theme_ids[near], "strength": strength} for near, strength in facts.nearest if near in theme_ids
        ]
    for stale in standing_rows.values():
        session.delete(stale)


# Reading --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class ThemeCard:
    """A theme as its page shows it."""

    theme: Theme
    size: int = 0
    people: int = 0
    support: int = 0
    emotions: dict[Emotion, int] = field(default_factory=dict)
    verbatims: list[Idea] = field(default_factory=list)


def active_themes(session: Session, campaign: Campaign) -> Sequence[Theme]:
    """The themes that are neither merged away nor gone in a later run, oldest first."""
    return session.scalars(
        select(Theme).where(Theme.campaign_id == campaign.id, Theme.retired_at.is_(None)).order_by(Theme.id)
    ).all()


def latest_run(session: Session, campaign: Campaign) -> ThemeRun | None:
    """The pass that the present themes come from, or None before the first."""
    return session.scalar(
        select(ThemeRun).where(ThemeRun.campaign_id == campaign.id).order_by(ThemeRun.id.desc()).limit(1)
    )


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


def theme_members(session: Session, theme: Theme) -> Sequence[Placement]:
    """The theme's ideas with their authors, the most typical first."""
    return session.scalars(
        select(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id == theme.id, is_submitted())
        .options(joinedload(Placement.idea).joinedload(Idea.author), joinedload(Placement.placed_by))
        .order_by(Placement.strength.desc(), Placement.idea_id)
    ).all()


def leftovers(
    session: Session, campaign: Campaign, kind: Leftover, *, start: int = 0, most: int | None = None
) -> Sequence[Placement]:
    """The campaign's ideas that stand alone, or between themes, with their authors: all, or `most` from `start` on."""
    return session.scalars(
        select(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, Placement.leftover == kind, is_submitted())
        .options(joinedload(Placement.idea).joinedload(Idea.author), joinedload(Placement.placed_by))
        .order_by(Placement.idea_id)
        .offset(start)
        .limit(most)
    ).all()


def all_placements(session: Session, campaign: Campaign) -> Sequence[tuple[int | None, Leftover | None, float, float]]:
    """Theme, leftover and position of every idea, for the picture of the whole."""
    rows = session.execute(
        select(Placement.theme_id, Placement.leftover, Placement.x, Placement.y)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Placement.idea_id)
    )
    return [(theme_id, leftover, x, y) for theme_id, leftover, x, y in rows]


def themes_containing(session: Session, campaign: Campaign, words: str) -> set[int]:
    """The active themes whose name, key phrases or ideas contain these words."""
    words = clean_line(words)
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
            Idea.title.icontains(words, autoescape=True) | Idea.body.icontains(words, autoescape=True),
        )
    )
    return named.union(theme_id for theme_id in said if theme_id is not None)


def count_unplaced(session: Session, campaign: Campaign) -> int:
    """How many ideas came after the last run."""
    return (
        session.scalar(
            select(func.count(Idea.id))
            .outerjoin(Placement, Placement.idea_id == Idea.id)
            .where(Idea.campaign_id == campaign.id, is_submitted(), Placement.idea_id.is_(None))
        )
        or 0
    )
