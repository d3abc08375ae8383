"""The receipt of a person who took part: what became of each of their ideas, from its theme to what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ideas.answers.action import Action, actions_in
from ideas.answers.debriefs.debrief import AskedTheme, Journey, journeys
from ideas.answers.debriefs.objection import ObjectionState, objections_by
from ideas.answers.decision import Decision
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.writer import wrote
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from ideas.themes.stored import PassageRow
from ideas.themes.theme import Theme


@dataclass(frozen=True, slots=True)
class Asked:
    """A theme in which the idea counts, its answer and the actions of that. `words`: the parts of the idea that ask
    for it, where it asks for several; `objection`: what the person said of the idea there.
    """

    theme: Theme
    decision: Decision | None
    actions: Sequence[Action]
    words: Sequence[str]
    objection: ObjectionState | None


@dataclass(frozen=True, slots=True)
class Line:
    """An idea on a receipt. `objection`: to being in no theme; `earlier`: those to where it is no longer."""

    journey: Journey
    asked: Sequence[Asked]
    objection: ObjectionState | None
    earlier: Sequence[ObjectionState]

    @property
    def idea(self) -> Idea:
        return self.journey.idea


def receipt_of(session: Session, campaign: Campaign, person: Person) -> list[Line]:
    """What became of the person's ideas in the campaign, oldest first: a constant number of queries.

    For that person alone, as long as they may see the campaign: their anonymous ideas are among them.
    """
    own = (
        select(Idea)
        .where(Idea.campaign_id == campaign.id, wrote(Idea, person.id), Idea.submitted_at.is_not(None))
        .options(joinedload(Idea.merged_into), joinedload(Idea.campaign))
        .order_by(Idea.id)
    )
    ideas = session.scalars(own).all()
    actions = actions_in(session, campaign) if campaign.debriefed_at is not None else {}
    objections: dict[int, list[ObjectionState]] = {}
    for state in objections_by(session, campaign, person):
        objections.setdefault(state.objection.idea_id, []).append(state)
    return [_line(journey, actions, objections.get(journey.idea.id, [])) for journey in journeys(session, ideas)]


def _line(journey: Journey, actions: Mapping[int, Sequence[Action]], objections: Sequence[ObjectionState]) -> Line:
    asked = []
    if journey.theme is not None:
        main = AskedTheme(journey.theme, journey.decision, journey.passages)
        asked = [_asked(journey.idea.kept, one, actions, objections) for one in (main, *journey.also)]
    shown = {id(one.objection) for one in asked}
    in_none = next((one for one in objections if one.objection.theme_id is None and not asked), None)
    earlier = [one for one in objections if id(one) not in shown and one is not in_none]
    return Line(journey, asked, in_none, earlier)


def _asked(
    idea: Idea, one: AskedTheme, actions: Mapping[int, Sequence[Action]], objections: Sequence[ObjectionState]
) -> Asked:
    published = [action for action in actions.get(one.theme.id, ()) if action.published_at is not None]
    return Asked(
        one.theme,
        one.decision,
        published,
        [_words(idea, row) for row in one.passages],
        next((state for state in objections if state.theme is one.theme), None),
    )


def _words(idea: Idea, row: PassageRow) -> str:
    return idea.text[row.start : row.end].strip()
