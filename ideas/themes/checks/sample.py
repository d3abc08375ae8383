"""The ideas of a run that people are asked to check: some drawn at random, and those that the method doubts most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Select, bindparam, case, func, select, type_coerce
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.themes.checks.check import Belongs, IdeaCheck, check_holds
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.placement import Forbidden, PlacedHow, Placement
from ideas.themes.runs.run import ThemeRun, latest_run

# Ideas in a sample.
MAX_RANDOM, MAX_DOUBTFUL = 15, 15


class NothingToCheck(DomainError):
    message = message_id("No idea is in a theme yet. Group the ideas first.")


class Drawn(StrEnum):
    """Why an idea is in a sample."""

    RANDOM = "random"
    DOUBTFUL = "doubtful"


class SampledIdea(Base):
    """An idea of a run's sample. `theme_id`: the theme that it was in when the sample was drawn. `place`: its order."""

    __tablename__ = "sampled_idea"

    run_id: Mapped[int] = mapped_column(ForeignKey("theme_run.id", ondelete="CASCADE"), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True, index=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), index=True)
    drawn: Mapped[Drawn] = mapped_column(choice(Drawn))
    place: Mapped[int]


def draw_sample(session: Session, campaign: Campaign) -> ThemeRun:
    """Draw the sample of the latest run from the ideas that are in a theme, if it is not drawn yet.

    Drawn by hashes of the numbers of the run and the ideas: anyone who has them draws the same. The ideas at random
    come from all, the doubtful ones from the others that a run placed. The owner and facilitators may.
    Raises NothingToCheck.
    """
    lock_campaign(session, campaign)
    run = latest_run(session, campaign)
    if run is None:
        raise NothingToCheck
    if session.scalar(select(SampledIdea.idea_id).where(SampledIdea.run_id == run.id).limit(1)) is not None:
        return run
    themes = _themes_of_ideas(session, campaign)
    if not themes:
        raise NothingToCheck
    drawn = dict.fromkeys(_in_drawn_order(themes, run, "random")[:MAX_RANDOM], Drawn.RANDOM)
    doubtful = [idea_id for idea_id in _most_doubtful(session, campaign) if idea_id not in drawn]
    drawn |= dict.fromkeys(doubtful[:MAX_DOUBTFUL], Drawn.DOUBTFUL)
    # Mixed, so that nobody knows of an idea why it is asked about.
    session.add_all(
        SampledIdea(run_id=run.id, idea_id=idea_id, theme_id=themes[idea_id], drawn=drawn[idea_id], place=place)
        for place, idea_id in enumerate(_in_drawn_order(drawn, run, "order"), start=1)
    )
    session.flush()
    return run


def _themes_of_ideas(session: Session, campaign: Campaign) -> dict[int, int]:
    rows = session.execute(
        select(Placement.idea_id, Placement.theme_id)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, Placement.theme_id.is_not(None), is_submitted())
    )
    return {idea_id: theme_id for idea_id, theme_id in rows if theme_id is not None}


def _in_drawn_order(idea_ids: Iterable[int], run: ThemeRun, purpose: str) -> list[int]:
    return sorted(idea_ids, key=lambda idea_id: sha256(f"{purpose} {run.id} {idea_id}".encode()).digest())


def _most_doubtful(session: Session, campaign: Campaign) -> Sequence[int]:
    """The ideas that a run placed with the least margin before the next theme, least first: enough for a sample."""
    return session.scalars(
        select(Placement.idea_id)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == campaign.id,
            Placement.theme_id.is_not(None),
            Placement.placed_by_id.is_(None),
            is_submitted(),
        )
        .order_by(Placement.strength - _strength_elsewhere(), Placement.strength, Placement.idea_id)
        .limit(MAX_RANDOM + MAX_DOUBTFUL)
    ).all()


def _strength_elsewhere() -> ColumnElement[float]:
    """How much an idea belongs to the nearest theme beside its own. Its nearest themes are stored strongest first."""
    first, second = (type_coerce(Placement.nearest, JSON)[place] for place in (0, 1))
    own_is_first = first["theme"].as_integer() == Placement.theme_id
    return func.coalesce(case((own_is_first, second["strength"].as_float()), else_=first["strength"].as_float()), 0.0)


@dataclass(frozen=True, slots=True)
class Card:
    """An idea of a sample with what became of it since. `still_there`: it is in the theme where it was drawn.

    `taken_out`: a person took this one idea out of it. `checks`: what each person says, by their number.
    """

    idea_id: int
    theme_id: int
    drawn: Drawn
    place: int
    still_there: bool
    taken_out: bool
    checks: Mapping[int, Belongs]


def cards_of(session: Session, run: ThemeRun) -> list[Card]:
    """The submitted ideas of the run's sample in their order, in two queries. Empty before it is drawn."""
    checks: dict[tuple[int, int], dict[int, Belongs]] = {}
    for idea_id, theme_id, person_id, belongs in session.execute(_checks_query(), {"run_id": run.id}):
        checks.setdefault((idea_id, theme_id), {})[person_id] = belongs
    return [
        Card(
            idea_id, theme_id, drawn, place,
            still_there=now_in == theme_id,
            taken_out=now_in != theme_id and (forbidden is not None or how in _TAKEN_OUT),
            checks=checks.get((idea_id, theme_id), {}),
        )
        for idea_id, theme_id, drawn, place, now_in, how, forbidden in session.execute(
            _cards_query(), {"run_id": run.id}
        )
    ]  # fmt: skip


# The acts by which a person takes one idea out of its theme, beside forbidding it there.
_TAKEN_OUT = (PlacedHow.MOVED, PlacedHow.SET_ASIDE)


@cache  # building the queries takes longer than running them
def _cards_query() -> Select[*tuple[Any, ...]]:
    columns = (SampledIdea.idea_id, SampledIdea.theme_id, SampledIdea.drawn, SampledIdea.place)
    return (
        select(*columns, Placement.theme_id, Placement.placed_how, Forbidden.person_id)
        .join(Idea, Idea.id == SampledIdea.idea_id)
        .outerjoin(Placement, Placement.idea_id == SampledIdea.idea_id)
        .outerjoin(
            Forbidden,
            (Forbidden.idea_id == SampledIdea.idea_id) & (Forbidden.theme_id == SampledIdea.theme_id),
        )
        .where(SampledIdea.run_id == bindparam("run_id"), is_submitted())
        .order_by(SampledIdea.place)
    )


@cache
def _checks_query() -> Select[*tuple[Any, ...]]:
    return (
        select(IdeaCheck.idea_id, IdeaCheck.theme_id, IdeaCheck.person_id, IdeaCheck.belongs)
        .join(
            SampledIdea,
            (SampledIdea.idea_id == IdeaCheck.idea_id) & (SampledIdea.theme_id == IdeaCheck.theme_id),
        )
        .join(Idea, Idea.id == IdeaCheck.idea_id)
        .outerjoin(ThemeEdit, ThemeEdit.id == IdeaCheck.edit_id)
        .where(SampledIdea.run_id == bindparam("run_id"), check_holds())
    )


@dataclass(frozen=True, slots=True)
class Stack:
    """A sample as one person finds it. `checked`: how many ideas this person has checked.

    `open`: those that they can check, first those that nobody has checked.
    """

    checked: int
    open: Sequence[Card]

    @property
    def total(self) -> int:
        return self.checked + len(self.open)

    def card(self, *, idea_id: int | None = None, after: int | None = None) -> Card | None:
        """The open card of this idea, else the one that follows that of the idea `after`, else the first."""
        ids = [card.idea_id for card in self.open]
        if idea_id in ids:
            return self.open[ids.index(idea_id)]
        if after in ids:
            return self.open[(ids.index(after) + 1) % len(ids)]
        return self.open[0] if self.open else None


def stack_for(person: Person, cards: Sequence[Card]) -> Stack:
    """The cards of a sample as this person finds them: see `cards_of`."""
    others = [card for card in cards if person.id not in card.checks]
    checked = sum(person.id in card.checks for card in cards)
    return Stack(checked, sorted((card for card in others if card.still_there), key=lambda card: bool(card.checks)))
