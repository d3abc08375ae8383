"""What a campaign has of answers and actions, as the rows of a returned table are compared with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.answers.action import Action
from ideas.answers.decision import Decision, respondents
from ideas.campaigns.campaign import Campaign
from ideas.exports.returned.sheet import ActionCells, AnswerCells, SheetRow, action_cells, answer_cells, read_id
from ideas.exports.returned.step import (
    NobodyOfThisName,
    NoTheme,
    SeveralOfThisName,
    ThemeGone,
    ThemeReplaced,
    UnknownTheme,
)
from ideas.people.person import Person
from ideas.themes.edits.merged import last_target, merge_targets, merges_in
from ideas.themes.theme import Theme


@dataclass(slots=True, kw_only=True)
class Stored:
    """What the campaign has. `decisions`: by theme id; `names`: of all people who are named, by id."""

    themes: Mapping[int, Theme]
    decisions: Mapping[int, Decision]
    actions: Mapping[int, Action]
    team: Sequence[Person]
    names: Mapping[int, str]
    merged_into: Mapping[int, int]

    def person(self, name: str, *, here: int | None) -> Person | int:
        """Who has this name: the one that is named already, or one of the team.

        Raises NobodyOfThisName, SeveralOfThisName.
        """
        if here is not None and folded(self.names[here]) == folded(name):
            return here
        found = [person for person in self.team if folded(person.name) == folded(name)]
        if not found:
            raise NobodyOfThisName(name=name[:80])
        if len(found) > 1:
            raise SeveralOfThisName(name=name[:80])
        return found[0]

    def theme_of(self, row: SheetRow) -> Theme:
        """Raises NoTheme, NotANumber, UnknownTheme."""
        number = read_id(row.cell("theme_id"))
        if number is None:
            raise NoTheme
        if number not in self.themes:
            raise UnknownTheme(number=str(number))
        return self.themes[number]

    def theme_name(self, row: SheetRow) -> str:
        """The name of the theme of a row, whatever else is wrong with it; empty where there is none."""
        number = row.cell("theme_id")
        theme = self.themes.get(int(number)) if number.isascii() and number.isdigit() else None
        return theme.name if theme is not None else ""

    def answer_of(self, decision: Decision) -> AnswerCells:
        return answer_cells(decision, self.names[decision.respondent_id])

    def action_of(self, action: Action) -> ActionCells:
        return action_cells(action, self.names[action.owner_id])

    def check_current(self, theme: Theme) -> None:
        """Raises ThemeReplaced, ThemeGone."""
        if theme.retired_at is None:
            return
        into = self.themes.get(last_target(theme.id, self.merged_into))
        if into is not None and into.retired_at is None:
            raise ThemeReplaced(theme=into.name)
        raise ThemeGone


def stored_in(session: Session, campaign: Campaign) -> Stored:
    """In a constant number of queries."""
    themes = {theme.id: theme for theme in session.scalars(select(Theme).where(Theme.campaign_id == campaign.id))}
    decisions = {
        decision.theme_id: decision
        for decision in session.scalars(
            select(Decision).join(Theme, Theme.id == Decision.theme_id).where(Theme.campaign_id == campaign.id)
        )
    }
    answers = {decision.id for decision in decisions.values()}
    ours = select(Decision.id).join(Theme, Theme.id == Decision.theme_id).where(Theme.campaign_id == campaign.id)
    actions = session.scalars(select(Action).where(Action.decision_id.in_(ours))).all() if answers else []
    named = {decision.respondent_id for decision in decisions.values()} | {action.owner_id for action in actions}
    team = respondents(session, campaign)
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(named)))
    names = {person_id: name for person_id, name in rows}  # noqa: C416 -- a row is no pair for mypy
    return Stored(
        themes=themes,
        decisions=decisions,
        actions={action.id: action for action in actions},
        team=team,
        names=names | {person.id: person.name for person in team},
        merged_into=merge_targets(merges_in(session, [campaign.id])),
    )


def folded(name: str) -> str:
    return " ".join(name.casefold().split())
