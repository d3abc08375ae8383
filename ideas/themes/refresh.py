"""What is computed again of themes whose ideas people or a run changed, at once and without a run.

`mark_reshaped` clears what was stored of a theme's earlier ideas, so that no page shows it. A quick job finds the
frequent words, the typical ideas, the cohesion and the warnings of those of today. Names stay as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clustering.types import MeasuredTheme, ThemeWarning
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme, active_themes
from ideas.work.job import JobKind, enqueue

MIN_PARTS = 2  # of a theme that has any


@dataclass(frozen=True, slots=True)
class ThemedIdea:
    """An idea as the measuring reads it, with its theme."""

    id: int
    text: str
    lang: str | None
    theme_id: int | None


@dataclass(frozen=True, slots=True)
class Reshaped:
    """The themes that wait to be measured, by id: the shape of each. `ideas`: all that are placed in the campaign."""

    shapes: Mapping[int, int]
    ideas: Sequence[ThemedIdea]

    def groups(self) -> dict[int, list[int]]:
        """Places in `ideas`, by theme."""
        groups: dict[int, list[int]] = {theme_id: [] for theme_id in self.shapes}
        for place, idea in enumerate(self.ideas):
            if idea.theme_id in groups:
                groups[idea.theme_id].append(place)
        return groups

    def says(self, theme_id: int, sentence: str) -> bool:
        """True if an idea of the theme holds this sentence, whatever its spaces and capitals."""
        wanted = _folded(sentence)
        return any(wanted in _folded(idea.text) for idea in self.ideas if idea.theme_id == theme_id)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def ask_for_refresh(session: Session, campaign: Campaign, themes: Iterable[Theme], *, now: datetime) -> None:
    """Queue the measuring if one of these themes waits for it. One job takes all that wait in the campaign."""
    if any(not theme.measured and theme.retired_at is None for theme in themes):
        enqueue(session, JobKind.REFRESH_THEMES, campaign_id=campaign.id, now=now)


def load_reshaped(session: Session, campaign: Campaign) -> Reshaped:
    """The themes that wait, and the ideas that they are measured among. No idea is read where none waits."""
    shapes = {theme.id: theme.shape for theme in _waiting(session, campaign)}
    if not shapes:
        return Reshaped(shapes, [])
    rows = session.execute(
        select(Idea.id, Idea.title, Idea.body, Idea.lang, Placement.theme_id)
        .join(Placement, Placement.idea_id == Idea.id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Idea.id)
    )
    ideas = [
        ThemedIdea(number, Idea(title=title, body=body).text, lang, theme) for number, title, body, lang, theme in rows
    ]
    return Reshaped(shapes, ideas)


def is_outdated(session: Session, campaign: Campaign, reshaped: Reshaped) -> bool:
    """True where a theme waits that was not read, or that has other ideas by now. The campaign is locked."""
    return any(reshaped.shapes.get(theme.id) != theme.shape for theme in _waiting(session, campaign))


def record_measures(
    session: Session,
    campaign: Campaign,
    reshaped: Reshaped,
    measured: Mapping[int, MeasuredTheme],
    warnings: Mapping[int, tuple[ThemeWarning, ...]],
) -> int:
    """Store what was measured of themes that still wait for it. Returns how many. For the worker.

    A definition that none of its ideas says any more is dropped; a run finds another. `reshaped`: what was read.

    The caller has locked the campaign, and asked `is_outdated`.
    """
    parts = _parts(session, campaign)
    waiting = [theme for theme in _waiting(session, campaign) if theme.id in measured]
    for theme in waiting:
        found = measured[theme.id]
        theme.phrases, theme.exemplars = list(found.phrases), list(found.exemplars)
        theme.cohesion, theme.languages = found.cohesion, found.languages
        theme.warnings = warnings.get(theme.id, ())
        theme.parts = parts.get(theme.id, [])
        if not reshaped.says(theme.id, theme.definition):
            theme.definition = ""
        theme.measured = True
    session.flush()
    return len(waiting)


def _waiting(session: Session, campaign: Campaign) -> list[Theme]:
    session.flush()
    return [theme for theme in active_themes(session, campaign) if not theme.measured]


def _parts(session: Session, campaign: Campaign) -> dict[int, list[int]]:
    """The sub-themes of each theme: the finest groups that have most of their ideas in it, where there are several."""
    count = func.count()
    rows = session.execute(
        select(Placement.node, Placement.theme_id, count)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, Placement.node.is_not(None), is_submitted())
        .group_by(Placement.node, Placement.theme_id)
        .order_by(Placement.node, count, Placement.theme_id.desc())
    )
    largest = {node: theme_id for node, theme_id, _ in rows}
    parts: dict[int, list[int]] = {}
    for node, theme_id in largest.items():
        if node is not None and theme_id is not None:
            parts.setdefault(theme_id, []).append(node)
    return {theme_id: nodes for theme_id, nodes in parts.items() if len(nodes) >= MIN_PARTS}
