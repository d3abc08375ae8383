"""Groups of convergent ideas, found by the pipeline: a theme keeps its identity from run to run."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Text,
    bindparam,
    cast,
    false,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column, relationship

from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import Person

MAX_NAME_LENGTH = 80
# An idea that can't stay where it is belongs to the next theme from this strength on, and else stands alone.
BELONGS_FROM = 0.5


class Leftover(StrEnum):
    """Why an idea is in no theme."""

    OUTLIER = "outlier"
    AMBIGUOUS = "ambiguous"


class ThemeWarning(StrEnum):
    """Why nothing should be concluded from a theme alone."""

    SMALL = "small"
    LOOSE = "loose"


class PlacedHow(StrEnum):
    """By which act a person put an idea where it stands."""

    MOVED = "moved"
    PINNED = "pinned"
    MERGED = "merged"
    SPLIT = "split"
    SET_ASIDE = "set_aside"


class Theme(Base):
    """A theme keeps its row, and so its identity, from run to run; a retired one is kept for undo and history.

    `touched`: a person named, merged or split it, so no run drops it; nor one that holds an idea placed by a person, or
    where a person forbade one. `family`: its place in ThemeRun.families; `parts`: of its sub-themes in ThemeRun.tree;
    both of the latest run. `languages`: pairs of a code and its share, empty where it isn't known. `apart`: what
    separates it from the nearest theme, {"theme", "likeness", "here", "there"}: see `apart_of`. `warnings`: values of
    ThemeWarning, by that run: see ThemeCard.warnings. `measured`: its ideas are still those that a run found together,
    but for some; else its cohesion says nothing.
    """

    __tablename__ = "theme"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    found_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH * 2), default="")
    given_name: Mapped[str | None] = mapped_column(String(MAX_NAME_LENGTH))
    phrases: Mapped[list[Any]] = mapped_column(default=list)
    exemplars: Mapped[list[Any]] = mapped_column(default=list)
    cohesion: Mapped[float] = mapped_column(default=0.0)
    x: Mapped[float] = mapped_column(default=0.5)
    y: Mapped[float] = mapped_column(default=0.5)
    family: Mapped[int] = mapped_column(default=0, server_default="0")
    parts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    languages: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    apart: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    warnings: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
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
    `nearest`: at most three {"theme", "strength"}, strongest first. `node`: its finest group, a place in the tree of
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
    leftover: Mapped[Leftover | None] = mapped_column(choice(Leftover))
    strength: Mapped[float] = mapped_column(default=0.0)
    nearest: Mapped[list[Any]] = mapped_column(default=list)
    x: Mapped[float] = mapped_column(default=0.5)
    y: Mapped[float] = mapped_column(default=0.5)
    node: Mapped[int | None]
    neighbours: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    shared: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    placed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    placed_how: Mapped[PlacedHow | None] = mapped_column(choice(PlacedHow))

    idea: Mapped[Idea] = relationship()
    placed_by: Mapped[Person | None] = relationship(foreign_keys=placed_by_id)


def put(placement: Placement, theme_id: int | None, leftover: Leftover | None = None) -> None:
    """Let an idea stand in a theme, or be left over: see `place`."""
    for column, value in place(theme_id, leftover).items():
        setattr(placement, column, value)


def place(theme_id: int | None, leftover: Leftover | None = None) -> dict[str, Any]:
    """The columns of a placement in a theme, or of an idea that is left over: alone, unless said otherwise."""
    return {"theme_id": theme_id, "leftover": (leftover or Leftover.OUTLIER) if theme_id is None else None}


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
    theme.measured, theme.apart, theme.warnings = False, None, []


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


def active_themes(session: Session, campaign: Campaign) -> Sequence[Theme]:
    """The themes that are neither merged away nor gone in a later run, oldest first."""
    return session.scalars(_active_themes_query(), {"campaign_id": campaign.id}).all()


@cache  # building the query takes longer than running it
def _active_themes_query() -> Select[Theme]:
    return (
        select(Theme)
        .where(Theme.campaign_id == bindparam("campaign_id"), Theme.retired_at.is_(None))
        .order_by(Theme.id)
    )


def latest_run(session: Session, campaign: Campaign) -> ThemeRun | None:
    """The pass that the present themes come from, or None before the first. Every `leaf` is a place in its tree."""
    return session.scalar(_latest_run_query(), {"campaign_id": campaign.id})


@cache
def _latest_run_query() -> Select[ThemeRun]:
    return (
        select(ThemeRun)
        .where(ThemeRun.campaign_id == bindparam("campaign_id"), ThemeRun.applied_at.is_not(None))
        .order_by(ThemeRun.id.desc())
        .limit(1)
    )


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


def names_theme(nearest: InstrumentedAttribute[list[Any]], theme_id: int) -> ColumnElement[bool]:
    """The condition under which a list of nearest themes names this one."""
    return cast(nearest, Text).like(f'%"theme": {theme_id},%')


def nearest_allowed(nearest: Sequence[Mapping[str, Any]], allowed: Container[int]) -> int | None:
    """The nearest of an idea's themes that is allowed, where the idea is near enough to belong to it."""
    return next(
        (near["theme"] for near in nearest if near["theme"] in allowed and near["strength"] >= BELONGS_FROM), None
    )
