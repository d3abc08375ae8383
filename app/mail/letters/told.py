"""What a mail tells of a person's ideas and acts, of answers and of actions, in plain values that are read once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mail.address import address_of
from clustering.types import Leftover
from ideas.answers.action import Action, actions_on
from ideas.answers.debriefs.debrief import Journey, journeys
from ideas.answers.debriefs.receipt import ActsOnTheme, OwnAct, acts_of_people, ideas_of_people
from ideas.answers.decision import Decision
from ideas.answers.single.idea_answer import IdeaAnswer
from ideas.contributions.idea import Idea
from ideas.outreach.notice import LATER_ANSWERS, Notice
from ideas.outreach.recipients.answers import Concerned, concerned_by
from ideas.themes.theme import Theme

# Of what somebody did for ideas of others, a mail has the first themes; the receipt has all.
MAX_THEMES_OF_ACTS = 5


@dataclass(frozen=True, slots=True)
class ToldAction:
    """What was promised to be done, and what came of it."""

    title: str
    due_on: date
    done_at: datetime | None
    abandoned_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class ToldAnswer:
    """What is decided about a theme, in plain values. `is_alone`: about one idea."""

    status: str
    reason: str
    respondent: str
    decided_on: date
    expected_on: date | None
    actions: Sequence[ToldAction]
    community_impact: str = ""
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one idea. `own`: the answer to it alone; `also`: the names and answers of the other themes in
    which it counts.
    """

    text: str
    address: str
    theme: str | None
    answer: ToldAnswer | None
    also: Sequence[tuple[str, ToldAnswer | None]] = ()
    leftover: Leftover | None = None
    own: ToldAnswer | None = None

    @property
    def is_answered(self) -> bool:
        """True if the idea, or a theme in which it counts, has its answer, and not a promised one."""
        answers = (self.own, self.answer, *(answer for _theme, answer in self.also))
        return any(answer is not None and answer.expected_on is None for answer in answers)


@dataclass(frozen=True, slots=True)
class ToldAct:
    """What the person did for an idea of others. `comments`: their words; `own`: the answer to that idea alone."""

    text: str
    address: str
    comments: Sequence[str]
    supported: bool
    reacted: bool
    own: ToldAnswer | None = None
    voted: bool = False


@dataclass(frozen=True, slots=True)
class ToldActs:
    """What the person did for the ideas of one theme, and its answer. `theme`: None for ideas without one."""

    theme: str | None
    answer: ToldAnswer | None
    acts: Sequence[ToldAct]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the person's ideas in the campaign, oldest first; and of the ideas of others that they commented,
    supported or reacted to, by theme: the first MAX_THEMES_OF_ACTS, and how many more themes there are.
    """

    fates: Sequence[Fate] = ()
    acts: Sequence[ToldActs] = ()
    more_themes: int = 0


class Answers:
    """The answers of a campaign that mails tell, each made once; their actions are read at once, when first needed.

    `is_draft`: with the actions that are published with them.
    """

    def __init__(self, session: Session, campaign_id: int | None, *, is_draft: bool) -> None:
        self._session, self._campaign_id, self._is_draft = session, campaign_id, is_draft
        self._told: dict[int, ToldAnswer] = {}

    def of(self, decision: Decision | None) -> ToldAnswer | None:
        if decision is None:
            return None
        if decision.id not in self._told:
            self._told[decision.id] = _told(decision, self._actions.get(decision.id, ()), is_draft=self._is_draft)
        return self._told[decision.id]

    @cached_property
    def _actions(self) -> dict[int, list[Action]]:
        found: dict[int, list[Action]] = {}
        of_campaign = (
            select(Action)
            .join(Decision, Decision.id == Action.decision_id)
            .join(Theme, Theme.id == Decision.theme_id)
            .where(Theme.campaign_id == self._campaign_id)
            .order_by(Action.due_on, Action.id)
        )
        for action in self._session.scalars(of_campaign):
            found.setdefault(action.decision_id, []).append(action)
        return found


def fates_among(
    session: Session, ideas: Sequence[Idea], language: str, answers: Answers, *, is_draft: bool,
    concerned: Concerned | None = None,
) -> list[Fate]:  # fmt: skip
    """What became of these ideas, or of those that an act concerned, with the names of themes in this language."""
    known = journeys(session, ideas, as_published=is_draft)
    return [_fate(one, language, answers) for one in known if concerned is None or concerned.has(one)]


def told_of(session: Session, notices: Sequence[Notice], *, is_draft: bool) -> dict[int, Told]:
    """What each of these notices tells, by the notice's id; what many tell is read once. Of a debrief all that the
    person wrote and did in the campaign, of a later answer or action what concerns it.

    In a draft of ideas only those with the person's name.
    """
    found: dict[int, Told] = {}
    objects = {(one.object_kind, one.object_id) for one in notices if one.kind in LATER_ANSWERS}
    concerned = {about: concerned_by(session, *about) for about in sorted(objects)}
    for campaign in {notice.campaign for notice in notices if notice.campaign is not None}:
        here = [notice for notice in notices if notice.campaign is campaign]
        people = [notice.person_id for notice in here]
        answers = Answers(session, campaign.id, is_draft=is_draft)
        own = ideas_of_people(session, campaign.id, people, named=is_draft)
        every = list({idea.id: idea for ideas in own.values() for idea in ideas}.values())
        known = {one.idea.id: one for one in journeys(session, every, as_published=is_draft)}
        acts = acts_of_people(session, campaign, people, as_published=is_draft)
        for notice in here:
            language = notice.person.locale[:2]
            only = concerned.get((notice.object_kind, notice.object_id))
            of_ideas = [known[idea.id] for idea in own[notice.person_id]]
            fates = [_fate(one, language, answers) for one in of_ideas if only is None or only.has(one)]
            groups = acts[notice.person_id] if only is None else _concerned_acts(acts[notice.person_id], only)
            first = [_acts(one, language, answers) for one in groups[:MAX_THEMES_OF_ACTS]]
            found[notice.id] = Told(fates, first, len(groups) - len(first))
    return found


def _concerned_acts(groups: Sequence[ActsOnTheme], only: Concerned) -> list[ActsOnTheme]:
    """Of what a person did, what concerns this theme or this idea, which may be in several themes: once."""
    if only.idea_id is None:
        return [one for one in groups if one.theme is not None and one.theme.id == only.theme_id]
    for one in groups:
        acts = [act for act in one.acts if only.idea_id in {act.idea.id, act.idea.merged_into_id}]
        if acts:
            return [replace(one, acts=acts)]
    return []


def _acts(one: ActsOnTheme, language: str, answers: Answers) -> ToldActs:
    return ToldActs(
        one.theme.name_in(language) if one.theme else None,
        answers.of(one.decision),
        [_told_act(act) for act in one.acts],
    )


def _told_act(act: OwnAct) -> ToldAct:
    return ToldAct(
        act.idea.text,
        _address_of(act.idea),
        act.comments,
        supported=act.supported,
        reacted=act.emotion is not None,
        own=told_alone(act.own),
        voted=act.voted,
    )


def _address_of(idea: Idea) -> str:
    return address_of("idea.show", campaign_id=idea.campaign_id, idea_id=idea.id)


def _fate(journey: Journey, language: str, answers: Answers) -> Fate:
    idea, theme, decision = journey.idea, journey.theme, journey.decision
    return Fate(
        text=idea.text,
        address=_address_of(idea),
        theme=theme.name_in(language) if theme else None,
        answer=answers.of(decision),
        also=[(asked.theme.name_in(language), answers.of(asked.decision)) for asked in journey.also],
        leftover=journey.leftover,
        own=told_alone(journey.own),
    )


def told_alone(answer: IdeaAnswer | None) -> ToldAnswer | None:
    """The answer to one idea, which has no actions."""
    if answer is None:
        return None
    return ToldAnswer(
        status=answer.status.value,
        reason=answer.reason,
        respondent=answer.respondent.name,
        decided_on=answer.decided_on,
        expected_on=None,
        actions=(),
        is_alone=True,
    )


def answer_of(session: Session, decision: Decision) -> ToldAnswer:
    """The answer with its published actions."""
    return _told(decision, actions_on(session, decision), is_draft=False)


def _told(decision: Decision, actions: Iterable[Action], *, is_draft: bool) -> ToldAnswer:
    """The answer with its published actions; in a draft also with those that are published with it."""
    return ToldAnswer(
        status=decision.status.value,
        reason=decision.reason,
        respondent=decision.respondent.name,
        decided_on=decision.decided_on,
        expected_on=decision.expected_on,
        community_impact=decision.community_impact,
        actions=[
            ToldAction(action.title, action.due_on, action.done_at, action.abandoned_at, action.abandoned_reason)
            for action in actions
            if action.published_at is not None or (is_draft and action.abandoned_at is None)
        ],
    )
