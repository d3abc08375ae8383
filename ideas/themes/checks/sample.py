"""The ideas of a run that people are asked to check: some drawn at random, and those that the method doubts most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Select,
    bindparam,
    case,
    exists,
    false,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.themes.checks.check import Belongs, IdeaCheck, check_holds
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.passage import Passage, by_passage
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
    """An idea of a run's sample. `theme_id`: the theme that it counted in when it was drawn. `place`: its order.

    `by_passage`: that is not its main theme: people are asked about its passage there.
    """

    __tablename__ = "sampled_idea"

    run_id: Mapped[int] = mapped_column(ForeignKey("theme_run.id", ondelete="CASCADE"), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True, index=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), index=True)
    drawn: Mapped[Drawn] = mapped_column(choice(Drawn))
    place: Mapped[int]
    by_passage: Mapped[bool] = mapped_column(default=False, server_default=false())


class Pair(NamedTuple):
    """An idea and a theme that it counts in. `text`: the idea that stands for all that say the same.

    `margin`: how much more it belongs there than to the next theme; None where a person placed it there.
    """

    idea_id: int
    theme_id: int
    by_passage: bool
    text: int
    strength: float
    margin: float | None


def draw_sample(session: Session, campaign: Campaign) -> ThemeRun:
    """Draw the sample of the latest run from the ideas that are in a theme, if it is not drawn yet.

    Pairs of an idea and a theme that it counts in are drawn, by hashes of the numbers of the run, the idea and the
    theme: anyone who has them draws the same. Those at random come from all, the doubtful ones from the others that a
    run placed. Of ideas that say the same, nearly word for word, one is asked about, and once.
    The owner and facilitators may. Raises NothingToCheck.
    """
    lock_campaign(session, campaign)
    run = latest_run(session, campaign)
    if run is None:
        raise NothingToCheck
    if session.scalar(select(SampledIdea.idea_id).where(SampledIdea.run_id == run.id).limit(1)) is not None:
        return run
    pairs = _pairs(session, campaign)
    if not pairs:
        raise NothingToCheck
    random = _one_of_each_text(_in_drawn_order(pairs, run, "random"))[:MAX_RANDOM]
    texts = {pair.text for pair in random}
    doubtful = [pair for pair in _most_doubtful_first(pairs) if pair.text not in texts]
    drawn = dict.fromkeys(random, Drawn.RANDOM)
    drawn |= dict.fromkeys(_one_of_each_text(doubtful)[:MAX_DOUBTFUL], Drawn.DOUBTFUL)
    # Mixed, so that nobody knows of an idea why it is asked about.
    session.add_all(
        SampledIdea(
            run_id=run.id, idea_id=pair.idea_id, theme_id=pair.theme_id,
            drawn=drawn[pair], place=place, by_passage=pair.by_passage,
        )
        for place, pair in enumerate(_in_drawn_order(drawn, run, "order"), start=1)
    )  # fmt: skip
    session.flush()
    return run


def _pairs(session: Session, campaign: Campaign) -> list[Pair]:
    """Which ideas count in which themes; of those that say the same, the first in each theme."""
    text = func.coalesce(Placement.same_as, Placement.idea_id)
    placed = Placement.strength, Placement.strength - _strength_elsewhere(), Placement.placed_by_id
    mains = session.execute(
        select(Placement.idea_id, Placement.theme_id, text, *placed)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, Placement.theme_id.is_not(None), is_submitted())
    )
    pairs = [
        Pair(idea_id, theme_id, by_passage=False, text=text, strength=own, margin=margin if person is None else None)
        for idea_id, theme_id, text, own, margin, person in mains
        if theme_id is not None
    ]
    guests = by_passage().where(Placement.campaign_id == campaign.id, is_submitted())
    guests = guests.join(Idea, Idea.id == Passage.idea_id).add_columns(func.min(text))
    for idea_id, theme_id, _main, _several, share, text_id in session.execute(guests):
        # The strength of a passage is its theme's share of the votes: the next theme has the rest at most.
        pairs.append(Pair(idea_id, theme_id, by_passage=True, text=text_id, strength=share, margin=2 * share - 1))
    first: dict[tuple[int, int], Pair] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.by_passage, pair.idea_id)):
        first.setdefault((pair.text, pair.theme_id), pair)
    return list(first.values())


def _in_drawn_order(pairs: Iterable[Pair], run: ThemeRun, purpose: str) -> list[Pair]:
    return sorted(
        pairs, key=lambda pair: sha256(f"{purpose} {run.id} {pair.idea_id} {pair.theme_id}".encode()).digest()
    )


def _most_doubtful_first(pairs: Iterable[Pair]) -> list[Pair]:
    """Those that a run placed, with the least margin before the next theme first."""
    doubted = [(pair.margin, pair.strength, pair.idea_id, pair) for pair in pairs if pair.margin is not None]
    return [pair for *_, pair in sorted(doubted)]


def _one_of_each_text(pairs: Iterable[Pair]) -> list[Pair]:
    first: dict[int, Pair] = {}
    for pair in pairs:
        first.setdefault(pair.text, pair)
    return list(first.values())


def _strength_elsewhere() -> ColumnElement[float]:
    """How much an idea belongs to the nearest theme beside its own. Its nearest themes are stored strongest first."""
    first, second = (type_coerce(Placement.nearest, JSON)[place] for place in (0, 1))
    own_is_first = first["theme"].as_integer() == Placement.theme_id
    return func.coalesce(case((own_is_first, second["strength"].as_float()), else_=first["strength"].as_float()), 0.0)


@dataclass(frozen=True, slots=True)
class Card:
    """An idea of a sample with what became of it since. `still_there`: it counts in the theme where it was drawn.

    `taken_out`: a person took this one idea out of it. `checks`: what each person says, by their number. `by_passage`:
    the theme is not its main one.
    """

    idea_id: int
    theme_id: int
    drawn: Drawn
    place: int
    still_there: bool
    taken_out: bool
    checks: Mapping[int, Belongs]
    by_passage: bool = False


def cards_of(session: Session, run: ThemeRun) -> list[Card]:
    """The submitted ideas of the run's sample in their order, in two queries. Empty before it is drawn."""
    checks: dict[tuple[int, int], dict[int, Belongs]] = {}
    for idea_id, theme_id, person_id, belongs in session.execute(_checks_query(), {"run_id": run.id}):
        checks.setdefault((idea_id, theme_id), {})[person_id] = belongs
    cards = []
    for row in session.execute(_cards_query(), {"run_id": run.id}):
        there = row.now_in == row.theme_id or (row.by_passage and row.asks)
        out = row.forbidden is not None or row.placed_how in _TAKEN_OUT[row.by_passage]
        said = checks.get((row.idea_id, row.theme_id), {})
        cards.append(
            Card(
                row.idea_id, row.theme_id, row.drawn, row.place,
                still_there=there, taken_out=out and not there, checks=said, by_passage=row.by_passage,
            )
        )  # fmt: skip
    return cards


# The acts by which a person takes one idea out of a theme, beside forbidding it there: out of its main theme, or out of
# one that it counts in by a passage, whatever its main theme is.
_TAKEN_OUT = {False: (PlacedHow.MOVED, PlacedHow.SET_ASIDE), True: (PlacedHow.SET_ASIDE,)}


@cache  # building the queries takes longer than running them
def _cards_query() -> Select[*tuple[Any, ...]]:
    columns = (
        *(SampledIdea.idea_id, SampledIdea.theme_id, SampledIdea.drawn, SampledIdea.place, SampledIdea.by_passage),
        *(Placement.theme_id.label("now_in"), Placement.placed_how, Forbidden.person_id.label("forbidden")),
    )
    asks = exists().where(
        Passage.idea_id == SampledIdea.idea_id,
        Passage.theme_id == SampledIdea.theme_id,
        Passage.version == Idea.version,
    )
    return (
        select(*columns, asks.label("asks"))
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
