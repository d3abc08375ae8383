"""What was published earlier and stays readable: versions of answers and of the debrief, answers of merged themes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from ideas.activity.version import Version, versions_of
from ideas.answers.action import Action
from ideas.answers.approval import AnswerProposal
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.debriefs.material import file_numbers
from ideas.answers.decision import Decision, DecisionStatus
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.themes.edits.merged import last_target, merge_targets, merges_in
from ideas.themes.theme import Theme, active_themes


class AnswersGo(DomainError):
    """A merge would hide answers."""

    message = message_id(
        "These themes already have an answer: %(themes)s. Merging withdraws their answers; undoing the merge brings"
        " them back. Merge anyway, or merge this theme into one of them."
    )


class WaitingAnswersGo(AnswersGo):
    """Answers that wait for a second person: nobody could approve them on the page of a merged theme."""

    message = message_id(
        "In these themes an answer waits for a second person: %(themes)s. Merging hides it; undoing the merge brings it"
        " back. Merge anyway, or approve or delete that answer first."
    )


class AnswersBecomeEarlier(AnswersGo):
    """The answers are published: a merge keeps them in the debrief, as those of themes that were merged."""

    message = message_id(
        "These themes have a published answer: %(themes)s. The debrief keeps it with its actions, as the earlier"
        " answer of a merged theme. Merge anyway, or merge this theme into one of them."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """What was public from `at` on. `change_reason`: why it replaced the version before; `by`: who did so."""

    number: int
    at: datetime
    by: str
    change_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedText(PublishedVersion):
    """The text of the debrief in one version."""

    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAnswer(PublishedVersion):
    """An answer in one version."""

    status: DecisionStatus
    reason: str
    respondent: str
    decided_on: date
    expected_on: date | None
    community_impact: str = ""


def published_texts(session: Session, debrief: Debrief) -> Sequence[PublishedText]:
    """Every published version of the debrief, latest first. Whoever may read the debrief may read them."""
    versions = versions_of(session, Debrief.__tablename__, debrief.campaign_id)
    names = _names_of(session, {version.by_id for version in versions})
    return [PublishedText(body=version.content["body"], **_facts(version, names)) for version in versions]


def shown_files(session: Session, campaign: Campaign) -> set[int]:
    """The numbers of the files that everyone may read: the published debrief shows them, or a version that was
    published earlier. What was taken out of a draft is none. Two queries at most.
    """
    debrief = session.get(Debrief, campaign.id)
    if debrief is None or debrief.published_at is None:
        return set()
    versions = versions_of(session, Debrief.__tablename__, campaign.id)
    bodies = {debrief.body, *(version.content["body"] for version in versions)}
    return {number for body in bodies for number in file_numbers(body)}


def published_answers(session: Session, decision: Decision) -> Sequence[PublishedAnswer]:
    """Every published version of an answer, latest first. Whoever may read the debrief may read them."""
    versions = versions_of(session, Decision.__tablename__, decision.id)
    people = {version.by_id for version in versions} | {version.content["respondent_id"] for version in versions}
    names = _names_of(session, people)
    return [
        PublishedAnswer(
            status=DecisionStatus(version.content["status"]),
            reason=version.content["reason"],
            respondent=names.get(version.content["respondent_id"], ""),
            decided_on=date.fromisoformat(version.content["decided_on"]),
            expected_on=_day(version.content["expected_on"]),
            community_impact=version.content.get("community_impact", ""),
            **_facts(version, names),
        )
        for version in versions
    ]


@dataclass(frozen=True, slots=True)
class MergedAnswer:
    """The published answer of a theme that was merged away. `into`: the active theme that has its ideas, if known."""

    decision: Decision
    actions: Sequence[Action]
    into: Theme | None


def check_answers_stay(session: Session, themes: Sequence[Theme]) -> None:
    """Raises AnswersGo, with their names, if one of these themes has an answer that a merge would hide.

    Raises WaitingAnswersGo where an answer waits for a second person, AnswersBecomeEarlier where all are published.
    """
    waiting = session.scalars(
        select(AnswerProposal)
        .where(AnswerProposal.theme_id.in_([theme.id for theme in themes]))
        .options(joinedload(AnswerProposal.theme))
        .order_by(AnswerProposal.theme_id)
    ).all()
    if waiting:
        raise WaitingAnswersGo(themes=_names(waiting))
    answered = session.scalars(
        select(Decision)
        .where(Decision.theme_id.in_([theme.id for theme in themes]))
        .options(joinedload(Decision.theme))
        .order_by(Decision.theme_id)
    ).all()
    hidden = [decision for decision in answered if decision.published_at is None]
    if hidden:
        raise AnswersGo(themes=_names(hidden))
    if answered:
        raise AnswersBecomeEarlier(themes=_names(answered))


def merged_answers(
    session: Session, campaign: Campaign, *, actions: Mapping[int, Sequence[Action]]
) -> Sequence[MergedAnswer]:
    """The published answers of themes that were merged away, oldest theme first: one query, or three where some are.

    `actions`: those of the campaign by theme id, as `actions_in` returns them.
    """
    decisions = session.scalars(_merged_query(), {"campaign_id": campaign.id}).all()
    if not decisions:
        return []
    active = {theme.id: theme for theme in active_themes(session, campaign)}
    targets = merge_targets(merges_in(session, [campaign.id]))
    return [
        MergedAnswer(decision, actions.get(decision.theme_id, []), active.get(last_target(decision.theme_id, targets)))
        for decision in decisions
    ]


@cache  # building the query takes longer than running it
def _merged_query() -> Select[Decision]:
    here = Theme.campaign_id == bindparam("campaign_id")
    return (
        select(Decision)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(here, Theme.retired_at.is_not(None), Decision.published_at.is_not(None))
        .options(joinedload(Decision.theme), joinedload(Decision.respondent).load_only(Person.name))
        .order_by(Theme.id)
    )


def merged_into(session: Session, theme: Theme) -> int:
    """The id of the theme that has the ideas of this one, which was merged away; its own if that is not known."""
    return last_target(theme.id, merge_targets(merges_in(session, [theme.campaign_id])))


def holders_of(session: Session, themes: Collection[Theme]) -> dict[int, int]:
    """By the id of each of these themes, the id of the one that has its ideas: its own, unless it was merged away.

    One query for every few hundred campaigns, or none where no theme is retired.
    """
    found = {theme.id: theme.id for theme in themes}
    retired = {theme.id: theme.campaign_id for theme in themes if theme.retired_at is not None}
    targets: dict[int, int] = {}
    for some in chunks(sorted(set(retired.values()))):
        targets |= merge_targets(merges_in(session, some))
    return found | {theme_id: last_target(theme_id, targets) for theme_id in retired}


def _names(answers: Sequence[Decision] | Sequence[AnswerProposal]) -> str:
    return " · ".join(answer.theme.name for answer in answers)


def _facts(version: Version, names: Mapping[int | None, str]) -> dict[str, Any]:
    return {
        "number": version.number,
        "at": version.at,
        "by": names.get(version.by_id, ""),
        "change_reason": version.reason,
    }


def _names_of(session: Session, ids: set[int | None]) -> Mapping[int | None, str]:
    return {person.id: person.name for person in session.scalars(select(Person).where(Person.id.in_(ids - {None})))}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
