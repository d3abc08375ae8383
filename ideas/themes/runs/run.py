"""Runs of the pipeline: the themes and placements that a run starts from, its result, and the stored ThemeRun.

What no run changes is found here, by `load_state`, and written by `ideas.themes.runs.apply`:

- a theme that people shaped is never dropped: one that a person named, merged or split, that holds an idea which a
  person placed, or where a person forbade an idea (`ThemeState.kept`);
- an idea that a person placed is never moved by a run (`ThemeState.by_people`);
- an idea never goes where a person forbade it (`ThemeState.forbidden`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Select, String, bindparam, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from clustering.types import Change, Event, Node, PlacedIdea, Previous, ThemeMap
from ideas.base import Base
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.placement import Placement, PlacementRow, load_forbidden, load_placements
from ideas.themes.stored import EVENTS, FAMILIES, TREE
from ideas.themes.theme import Theme, active_themes
from ideas.work.job import KEPT_DAYS, Job, JobKind, enqueue

# A new run is due once so many ideas, and this share of those of the last one, are new or changed.
MIN_CHANGED_IDEAS, MIN_CHANGED_SHARE = 20, 0.1


class ThemeRun(Base):
    """One pass of the pipeline over a campaign's ideas. `created_at`: when it read them.

    `applied_at`: when the themes became those of this run; None for a proposal that is open or was declined, and for
    one that was accepted and undone. `tree`: the hierarchy that every granularity is cut from; its exemplars are ids of
    ideas. `families`: their names. `events`: what became of the earlier themes. `base`: how many themes granularity 0
    makes.
    """

    __tablename__ = "theme_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    model: Mapped[str] = mapped_column(String(200))
    namer: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    created_at: Mapped[datetime]
    ideas: Mapped[int]
    themes: Mapped[int]
    too_few: Mapped[bool] = mapped_column(default=False)
    seconds: Mapped[dict[str, Any]] = mapped_column(default=dict)
    applied_at: Mapped[datetime | None]
    granularity: Mapped[int] = mapped_column(default=0, server_default="0")
    base: Mapped[int] = mapped_column(default=0, server_default="0")
    tree: Mapped[tuple[Node, ...]] = mapped_column(TREE, default=(), server_default="[]", deferred=True)
    families: Mapped[tuple[str, ...]] = mapped_column(FAMILIES, default=(), server_default="[]")
    events: Mapped[tuple[Event, ...]] = mapped_column(EVENTS, default=(), server_default="[]")


# What a run needs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThemeState:
    """The themes of a campaign and the placements of its ideas, read once for a run and passed on.

    `themes`: the active ones, by id. `forbidden`: for each idea that has any, the active themes where it never goes.
    `kept`: the themes that no run may drop. `next_id`: no theme has this id or a higher one.
    """

    themes: dict[int, Theme]
    placements: dict[int, PlacementRow]
    forbidden: dict[int, set[int]]
    kept: frozenset[int]
    next_id: int

    @property
    def by_people(self) -> dict[int, int | None]:
        """The ideas that a person placed, each with its theme, None where the person placed it in none."""
        return {row.idea_id: row.theme_id for row in self.placements.values() if row.placed_by_id is not None}

    def previous(self) -> Previous:
        """The state as the pipeline takes it: keyed by the ids of ideas, as text."""
        by_people = {str(idea_id): theme_id for idea_id, theme_id in self.by_people.items()}
        return Previous(
            theme_of={str(row.idea_id): row.theme_id for row in self.placements.values() if row.theme_id is not None},
            positions={theme.id: (theme.x, theme.y) for theme in self.themes.values()},
            placed={key: theme_id for key, theme_id in by_people.items() if theme_id is not None},
            kept=self.kept,
            next_id=self.next_id,
            outliers=frozenset(key for key, theme_id in by_people.items() if theme_id is None),
            forbidden={str(idea_id): frozenset(theme_ids) for idea_id, theme_ids in self.forbidden.items()},
        )


def load_state(session: Session, campaign: Campaign, *, keep: Iterable[int] = ()) -> ThemeState:
    """The state of the campaign's themes, in four queries. `keep`: themes that are kept for another reason.

    A run never drops a theme that a person shaped: one that a person named, merged or split; one with an idea that a
    person placed there; one where a person forbade an idea.
    """
    themes = {theme.id: theme for theme in active_themes(session, campaign)}
    placements = load_placements(session, campaign)
    forbidden = {
        idea_id: theme_ids & themes.keys()
        for idea_id, theme_ids in load_forbidden(session, campaign).items()
        if theme_ids & themes.keys()
    }
    touched = {theme.id for theme in themes.values() if theme.touched or theme.given_name is not None}
    by_people = {row.theme_id for row in placements.values() if row.placed_by_id and row.theme_id}
    return ThemeState(
        themes=themes,
        placements=placements,
        forbidden=forbidden,
        kept=frozenset(touched.union(by_people, *forbidden.values(), keep)),
        next_id=(session.scalar(select(func.max(Theme.id))) or 0) + 1,
    )


# What a run gives -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunResult:
    """A complete run, to be applied or proposed.

    `found`: what the pipeline found, with ids of ideas in place of rows: see ThemeMap.with_ids. `idea_ids`: which ideas
    `found.ideas` are, in their order. `new_from`: theme numbers from there on are new, whatever themes people made
    meanwhile. `read_at`: when the run read the ideas. `namer`: the language model that named themes, if one did.
    """

    found: ThemeMap
    idea_ids: Sequence[int]
    new_from: int | None = None
    read_at: datetime | None = None
    namer: str = ""

    @property
    def ideas(self) -> dict[int, PlacedIdea]:
        """The placement that the run found for each idea, by the idea's id."""
        return dict(zip(self.idea_ids, self.found.ideas, strict=True))

    def is_known(self, number: int) -> bool:
        """True if a theme's number names a theme that was there when the run began."""
        return self.new_from is None or number < self.new_from


def save_run(
    session: Session, campaign: Campaign, result: RunResult, *, now: datetime, theme_ids: Mapping[int, int]
) -> ThemeRun:
    """Keep a run, without applying it. `theme_ids`: the ids of themes, by the run's numbers."""

    def is_a_theme(number: int) -> bool:  # the number of a new theme that got no idea may be another's id by now
        return number in theme_ids or result.is_known(number)

    found = result.found
    run = ThemeRun(
        campaign_id=campaign.id,
        model=found.model,
        namer=result.namer,
        created_at=result.read_at or now,
        ideas=len(found.ideas),
        themes=len(found.themes),
        too_few=found.too_few,
        seconds=dict(found.seconds),
        granularity=found.granularity,
        base=found.base,
        tree=found.tree,
        families=tuple(family.name for family in found.families),
        events=tuple(
            with_theme_ids(replace(event, others=tuple(filter(is_a_theme, event.others))), theme_ids)
            for event in found.events
            if is_a_theme(event.theme)
        ),
    )
    session.add(run)
    session.flush()
    return run


def with_theme_ids(event: Event, theme_ids: Mapping[int, int]) -> Event:
    """The event with the ids of themes in place of a run's numbers."""
    others = tuple(theme_ids.get(other, other) for other in event.others)
    return replace(event, theme=theme_ids.get(event.theme, event.theme), others=others)


# Which run ------------------------------------------------------------------------------------------------------------


def latest_run(session: Session, campaign: Campaign) -> ThemeRun | None:
    """The run that the present themes come from, or None before the first. Every `node` is a place in its tree."""
    return session.scalar(_latest_run_query(), {"campaign_id": campaign.id})


@cache  # building the query takes longer than running it
def _latest_run_query() -> Select[ThemeRun]:
    return (
        select(ThemeRun)
        .where(ThemeRun.campaign_id == bindparam("campaign_id"), ThemeRun.applied_at.is_not(None))
        .order_by(ThemeRun.id.desc())
        .limit(1)
    )


def run_is_due(session: Session, campaign: Campaign) -> bool:
    """True once so much changed since the last run, or proposal, that placing ideas one by one no longer does."""
    runs = select(ThemeRun).where(ThemeRun.campaign_id == campaign.id)
    run = session.scalar(runs.order_by(ThemeRun.created_at.desc(), ThemeRun.id.desc()).limit(1))
    if run is None:
        return False
    return count_changed_since(session, campaign, run) >= max(MIN_CHANGED_IDEAS, round(MIN_CHANGED_SHARE * run.ideas))


def count_changed_since(session: Session, campaign: Campaign, run: ThemeRun) -> int:
    """How many ideas are new since the run, or were changed, withdrawn, merged, withheld or restored by moderation."""
    read_at = run.created_at
    new = (Idea.submitted_at > read_at) & is_submitted()
    other = (Idea.submitted_at <= read_at) & (
        (Idea.updated_at > read_at)
        | (Idea.withdrawn_at > read_at)
        | (Idea.withheld_at > read_at)
        | (Idea.merged_at > read_at)
    )
    return session.scalar(select(func.count(Idea.id)).where(Idea.campaign_id == campaign.id, new | other)) or 0


def enqueue_after_closing(session: Session, *, now: datetime) -> int:
    """Ask for a run in every campaign that closed and had none since. Returns how many. For the worker.

    A run that failed or was cancelled after the closing is for people to start again. Later than jobs are kept, nobody
    would know of it, so nothing is asked for.
    """
    asked_for = select(Job.id).where(
        Job.campaign_id == Campaign.id, Job.kind == JobKind.FIND_THEMES, Job.created_at >= Campaign.closes_at
    )
    closed = session.scalars(
        select(Campaign).where(
            Campaign.announced_at.is_not(None),
            Campaign.debriefed_at.is_(None),
            Campaign.closes_at <= now,
            Campaign.closes_at > now - timedelta(days=KEPT_DAYS),
            or_(Campaign.grouped_at.is_(None), Campaign.grouped_at < Campaign.closes_at),
            ~asked_for.exists(),
        )
    ).all()
    for campaign in closed:
        enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)
    return len(closed)


# What a run changed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportedEvent:
    """What became of a theme in a run. `others`: those that it took in, or that came out of it."""

    change: Change
    theme: Theme
    others: list[Theme]


def reported_events(session: Session, run: ThemeRun) -> list[ReportedEvent]:
    """What a run changed, in the order of the run; nothing of a first run, where every theme is new."""
    if all(event.change is Change.BORN for event in run.events):
        return []
    numbers = {number for event in run.events for number in (event.theme, *event.others)}
    themes = {
        theme.id: theme
        for theme in session.scalars(select(Theme).where(Theme.campaign_id == run.campaign_id, Theme.id.in_(numbers)))
    }
    return [
        ReportedEvent(event.change, themes[event.theme], [themes[other] for other in event.others if other in themes])
        for event in run.events
        if event.theme in themes
    ]


def count_placed_since(session: Session, run: ThemeRun) -> int:
    """How many ideas came after the run and were placed at once."""
    return session.scalar(_placed_since_query(), {"campaign_id": run.campaign_id, "since": run.created_at}) or 0


@cache
def _placed_since_query() -> Select[int]:
    return (
        select(func.count())
        .select_from(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == bindparam("campaign_id"), is_submitted(), Idea.submitted_at > bindparam("since")
        )
    )
