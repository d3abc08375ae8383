"""Groups of convergent ideas, found by the pipeline: a theme keeps its identity from run to run."""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, String, case, false, func, select, true
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base, choice
from ideas.campaign import Campaign
from ideas.idea import CONTAINING_MOST, Idea, ask_for_places, contains, is_submitted
from ideas.person import Person
from ideas.text import clean_line
from ideas.vote import Emotion, Reaction, Vote

NAME_MOST = 80
VERBATIMS = 3
# An idea that can't stay where it is belongs to the next theme from this strength on, and else stands alone.
BELONGS_FROM = 0.5
# Ideas below which nothing should be concluded from a theme alone: as clustering.doubt tells on the command line.
ENOUGH = 5
# A change may be committed so long after the instant that it bears: what bears a later one is looked at once more.
LATE = timedelta(seconds=10)
# A new run is due once so many ideas, and this share of those of the last one, are new or changed.
DUE_FROM, DUE_SHARE = 20, 0.1


class Leftover(StrEnum):
    """Why an idea is in no theme."""

    ALONE = "alone"
    BETWEEN = "between"


class Doubt(StrEnum):
    """Why nothing should be concluded from a theme alone."""

    SMALL = "small"
    LOOSE = "loose"


class PlacedHow(StrEnum):
    """By which act a person put an idea where it stands."""

    MOVED = "moved"
    PINNED = "pinned"
    MERGED = "merged"
    SPLIT = "split"
    ALONE = "alone"


class Theme(Base):
    """A theme keeps its row, and so its identity, from run to run; a retired one is kept for undo and history.

    `touched`: a person named, merged or split it, so no run drops it; nor one that holds an idea placed by a person, or
    where a person forbade one. `family`: its place in ThemeRun.families; `parts`: of its sub-themes in ThemeRun.tree;
    both of the latest run. `languages`: pairs of a code and its share, empty where it isn't known. `apart`: what
    separates it from the nearest theme, {"theme", "likeness", "here", "there"}: see `apart_of`. `doubts`: values of
    Doubt, by that run: see ThemeCard.doubts. `measured`: its ideas are still those that a run found together, but for
    some; else its cohesion says nothing.
    """

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
    family: Mapped[int] = mapped_column(default=0, server_default="0")
    parts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    languages: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    apart: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    doubts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    measured: Mapped[bool] = mapped_column(default=True, server_default=true())
    touched: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()

    @property
    def name(self) -> str:
        return self.given_name or self.found_name


class Placement(Base):
    """Where an idea stands: in a theme, or left over and why. `placed_by_id` says that a person put it there.

    `strength`: how much it belongs to its theme, or to the nearest one where it is left over; 0 where it isn't known.
    `nearest`: at most three {"theme", "strength"}, strongest first. `leaf`: its finest group, a place in the tree of
    the latest run. `neighbours`: the ids of the most similar ideas, nearest first. `shared`: the phrases of its theme
    that it uses.
    """

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("(theme_id IS NULL) <> (leftover IS NULL)", name="theme_or_leftover"),
        CheckConstraint("strength BETWEEN 0 AND 1", name="strength"),
        CheckConstraint("(placed_by_id IS NULL) = (placed_how IS NULL)", name="placed_by_and_how"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    leftover: Mapped[Leftover | None] = mapped_column(choice(Leftover, "leftover"))
    strength: Mapped[float] = mapped_column(default=0.0)
    nearest: Mapped[list[Any]] = mapped_column(default=list)
    x: Mapped[float] = mapped_column(default=0.5)
    y: Mapped[float] = mapped_column(default=0.5)
    leaf: Mapped[int | None]
    neighbours: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    shared: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    placed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    placed_how: Mapped[PlacedHow | None] = mapped_column(choice(PlacedHow, "placed_how"))

    idea: Mapped[Idea] = relationship()
    placed_by: Mapped[Person | None] = relationship(foreign_keys=placed_by_id)


def put(placement: Placement, theme_id: int | None, leftover: Leftover | None = None) -> None:
    """Let an idea stand in a theme, or be left over: see `place`."""
    for column, value in place(theme_id, leftover).items():
        setattr(placement, column, value)


def place(theme_id: int | None, leftover: Leftover | None = None) -> dict[str, Any]:
    """The columns of a placement in a theme, or of an idea that is left over: alone, unless said otherwise."""
    return {"theme_id": theme_id, "leftover": (leftover or Leftover.ALONE) if theme_id is None else None}


def put_elsewhere(placement: Placement, theme_id: int | None, leftover: Leftover | None = None) -> None:
    """Let an idea stand where it was not measured: what was said of it in the theme that it leaves is no longer."""
    if theme_id != placement.theme_id:
        for column, value in unmeasured(theme_id, placement.nearest).items():
            setattr(placement, column, value)
    put(placement, theme_id, leftover)


# The columns that say how an idea belongs to its theme, or to the nearest one where it is left over.
BELONGING = ("strength", "shared")


def unmeasured(theme_id: int | None, nearest: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is known of how an idea belongs to a theme, or to none, that it was not measured in: see BELONGING.

    Its strength is known of its nearest themes alone; what it shares with another is not.
    """
    strength = next((near["strength"] for near in nearest if theme_id in (None, near["theme"])), 0.0)
    return {"strength": strength, "shared": []}


def mark_reshaped(theme: Theme) -> None:
    """The theme has other ideas than those that were measured: what was said of them together waits for the next run.

    Its size is always that of today, and so is the warning about it.
    """
    theme.measured, theme.apart, theme.doubts = False, None, []


class Forbidden(Base):
    """A person's word that an idea is never in a theme: runs keep to it."""

    __tablename__ = "forbidden"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True, index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]

    theme: Mapped[Theme] = relationship()
    person: Mapped[Person] = relationship()


class ThemeRun(Base):
    """One pass of the pipeline over a campaign's ideas. `created_at`: when it read them.

    `applied_at`: when the themes became those of this run; None for a proposal that still waits or was declined, and
    for one whose acceptance was undone.
    `tree`: the hierarchy that every granularity is cut from, finest groups first, each {"parent", "height", "size",
    "name", "phrases", "cohesion", "exemplars" (idea ids)}. `families`: [{"name"}]. `events`: what became of the earlier
    themes, each {"change", "theme", "others"}. `base`: how many themes granularity 0 makes.
    """

    __tablename__ = "theme_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    model: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    ideas: Mapped[int]
    themes: Mapped[int]
    too_few: Mapped[bool] = mapped_column(default=False)
    seconds: Mapped[dict[str, Any]] = mapped_column(default=dict)
    applied_at: Mapped[datetime | None]
    granularity: Mapped[int] = mapped_column(default=0, server_default="0")
    base: Mapped[int] = mapped_column(default=0, server_default="0")
    tree: Mapped[list[Any]] = mapped_column(default=list, server_default="[]", deferred=True)
    families: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    events: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


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

    @property
    def doubts(self) -> list[Doubt]:
        """Why nothing should be concluded from the theme alone: what the latest run found, and its size of today."""
        found = [Doubt.LOOSE] if Doubt.LOOSE in self.theme.doubts and self.size > 1 else []
        return [Doubt.SMALL, *found] if 0 < self.size < ENOUGH else found


def active_themes(session: Session, campaign: Campaign) -> Sequence[Theme]:
    """The themes that are neither merged away nor gone in a later run, oldest first."""
    return session.scalars(
        select(Theme).where(Theme.campaign_id == campaign.id, Theme.retired_at.is_(None)).order_by(Theme.id)
    ).all()


def latest_run(session: Session, campaign: Campaign) -> ThemeRun | None:
    """The pass that the present themes come from, or None before the first. Every `leaf` is a place in its tree."""
    return session.scalar(
        select(ThemeRun)
        .where(ThemeRun.campaign_id == campaign.id, ThemeRun.applied_at.is_not(None))
        .order_by(ThemeRun.id.desc())
        .limit(1)
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
    words = clean_line(words)[:CONTAINING_MOST]
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


def forbidden_in(session: Session, campaign: Campaign) -> dict[int, set[int]]:
    """For each idea that has any, the themes where it never goes."""
    found: dict[int, set[int]] = {}
    for idea_id, theme_id in session.execute(
        select(Forbidden.idea_id, Forbidden.theme_id).where(Forbidden.campaign_id == campaign.id)
    ):
        found.setdefault(idea_id, set()).add(theme_id)
    return found


def languages_together(
    counts: Mapping[int, int], themes: Mapping[int, Theme], sizes: Mapping[Any, int]
) -> list[tuple[str, float]]:
    """The shares of languages among ideas, `counts` of which come from each of these themes of these sizes.

    Empty where they are not known: see `languages_of_some`.
    """
    shares: dict[str, float] = {}
    for theme_id, count in counts.items():
        theme = themes[theme_id]
        languages = theme.languages if count == sizes[theme_id] else languages_of_some(theme)
        if not languages:
            return []
        for code, share in languages:
            shares[code] = shares.get(code, 0.0) + share * count
    total = sum(shares.values())
    return [(code, round(share / total, 4)) for code, share in sorted(shares.items(), key=lambda item: -item[1])]


def languages_of_some(theme: Theme) -> list[Any]:
    """The languages of some of a theme's ideas: they are known only where all of the theme is in one."""
    return list(theme.languages) if len(theme.languages) == 1 else []


def nearest_allowed(nearest: Sequence[Mapping[str, Any]], allowed: Container[int]) -> int | None:
    """The nearest of an idea's themes that is allowed, where the idea is near enough to belong to it."""
    return next(
        (near["theme"] for near in nearest if near["theme"] in allowed and near["strength"] >= BELONGS_FROM), None
    )


def count_unplaced(session: Session, campaign: Campaign) -> int:
    """How many ideas have no place yet."""
    return (
        session.scalar(
            select(func.count(Idea.id))
            .outerjoin(Placement, Placement.idea_id == Idea.id)
            .where(Idea.campaign_id == campaign.id, is_submitted(), Placement.idea_id.is_(None))
        )
        or 0
    )


def count_changed_since(session: Session, campaign: Campaign, run: ThemeRun) -> int:
    """How many ideas are new since the run, or were changed or withdrawn."""
    read_at = run.created_at
    new = (Idea.submitted_at > read_at) & Idea.withdrawn_at.is_(None)
    other = (Idea.submitted_at <= read_at) & ((Idea.updated_at > read_at) | (Idea.withdrawn_at > read_at))
    return session.scalar(select(func.count(Idea.id)).where(Idea.campaign_id == campaign.id, new | other)) or 0


def waits_for_place(since: datetime) -> ColumnElement[bool]:
    """The condition, beside Placement, under which an idea is to be placed: it has no place, or was revised `since`.

    One that is withdrawn keeps its place, and may come back to it with other words.
    """
    new = Placement.idea_id.is_(None) & is_submitted()
    return new | Placement.idea_id.is_not(None) & (Idea.updated_at > since) & (Idea.updated_at > Idea.submitted_at)


def place_what_waits(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Let ideas be placed that came while a run computed, and anew those of which it knew other words.

    It is for whoever writes, or writes again, what a run found.
    """
    run = latest_run(session, campaign)
    if run is None:
        return
    waiting = (
        select(Idea.id)
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, waits_for_place(run.created_at - LATE))
    )
    if session.scalar(waiting.limit(1)) is not None:
        ask_for_places(session, campaign, now=now)


def newest_run(session: Session, campaign: Campaign) -> ThemeRun | None:
    """The last pass over the campaign's ideas, also where it still waits as a proposal."""
    return session.scalar(
        select(ThemeRun)
        .where(ThemeRun.campaign_id == campaign.id)
        .order_by(ThemeRun.created_at.desc(), ThemeRun.id.desc())
        .limit(1)
    )


def run_is_due(session: Session, campaign: Campaign) -> bool:
    """True once so much changed since the last pass that placing ideas one by one no longer does."""
    run = newest_run(session, campaign)
    if run is None:
        return False
    return count_changed_since(session, campaign, run) >= max(DUE_FROM, round(DUE_SHARE * run.ideas))
