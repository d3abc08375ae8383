"""The receipt of a person who took part: what became of each of their ideas, from its theme to what was done, and of
the ideas of others that they commented, supported or reacted to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    String,
    and_,
    bindparam,
    literal,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from ideas.answers.action import Action, actions_in
from ideas.answers.debriefs.debrief import AskedTheme, Journey, journeys
from ideas.answers.debriefs.objection import ObjectionState, objections_by, objections_by_link
from ideas.answers.decision import Decision
from ideas.answers.single.idea_answer import IdeaAnswer
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contest.public_vote.ballot import Ballot
from ideas.contributions.authors.anonymous import unsigned_by
from ideas.contributions.authors.co_author import co_authored_by
from ideas.contributions.authors.people import people_of
from ideas.contributions.authors.writer import wrote
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.vote import Emotion, Reaction, Vote
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


@dataclass(slots=True)
class OwnAct:
    """What a person did for an idea of others. `comments`: their words, oldest first; `voted`: in a public vote; `own`:
    the answer to that idea alone.
    """

    idea: Idea
    comments: list[str] = field(default_factory=list)
    supported: bool = False
    emotion: Emotion | None = None
    voted: bool = False
    own: IdeaAnswer | None = None


@dataclass(frozen=True, slots=True)
class ActsOnTheme:
    """What a person did for the ideas that count in a theme, with its answer and the published actions of that. An
    idea that counts in several themes is in each. `theme`: None for the ideas without one.
    """

    theme: Theme | None
    decision: Decision | None
    acts: Sequence[OwnAct]
    actions: Sequence[Action] = ()


def acts_by_theme(
    session: Session, campaign: Campaign, person: Person, *, as_published: bool = False
) -> list[ActsOnTheme]:
    """What became of the ideas of others that the person commented, supported, voted for or reacted to: themes in the
    order of the oldest of those ideas, what is in none last. Empty before the debrief.

    For that person alone. `as_published`: as once the debrief is, for whoever may publish it. That leaves out supports,
    votes and reactions, since nobody is told who supports what, and treats anonymous ideas as if they had no author.
    """
    return acts_of_people(session, campaign, [person.id], as_published=as_published)[person.id]


def acts_of_people(
    session: Session, campaign: Campaign, person_ids: Sequence[int], *, as_published: bool = False
) -> dict[int, list[ActsOnTheme]]:
    """As `acts_by_theme` for each of these people, a few hundred: as many queries as for one."""
    rows: dict[int, list[Row[*tuple[Any, ...]]]] = {person_id: [] for person_id in person_ids}
    if campaign.debriefed_at is None and not as_published:
        return {person_id: [] for person_id in rows}
    query = _acts_query(named=as_published, comments_only=as_published)
    for row in session.execute(query, {"campaign_id": campaign.id, "person_ids": list(rows)}):
        rows[row[4]].append(row)
    ideas: dict[int, Idea] = {}
    for some in chunks(sorted({row[1] for of_one in rows.values() for row in of_one})):
        named = select(Idea).where(Idea.id.in_(some)).options(joinedload(Idea.merged_into), joinedload(Idea.campaign))
        ideas.update((idea.id, idea) for idea in session.scalars(named))
    found = {one.idea.id: one for one in journeys(session, list(ideas.values()), as_published=as_published)}
    return {person_id: _by_theme(_acts(of_one, ideas), found) for person_id, of_one in rows.items()}


def _by_theme(acts: Sequence[OwnAct], found: Mapping[int, Journey]) -> list[ActsOnTheme]:
    groups: dict[int, ActsOnTheme] = {}
    in_none: list[OwnAct] = []
    for act in acts:
        journey = found[act.idea.id]
        act.own = journey.own
        if journey.theme is None:
            in_none.append(act)
            continue
        for asked in (AskedTheme(journey.theme, journey.decision, ()), *journey.also):
            known = groups.get(asked.theme.id, ActsOnTheme(asked.theme, asked.decision, []))
            groups[asked.theme.id] = replace(known, acts=[*known.acts, act])
    return [*groups.values(), *([ActsOnTheme(None, None, in_none)] if in_none else [])]


def acts_on_receipt(session: Session, campaign: Campaign, person: Person) -> list[ActsOnTheme]:
    """As `acts_by_theme`, with the actions: a constant number of queries. For that person alone."""
    groups = acts_by_theme(session, campaign, person)
    actions = actions_in(session, campaign) if groups else {}
    return [replace(one, actions=_published(actions, one.theme)) if one.theme is not None else one for one in groups]


def supports_or_reacts(session: Session, campaign: Campaign, person: Person) -> bool:
    """Whether the person supported an idea of others, voted for one or reacted to one."""
    named = {"campaign_id": campaign.id, "person_ids": [person.id]}
    return any(
        kind != _COMMENT for kind, *_rest in session.execute(_acts_query(named=True, comments_only=False), named)
    )


_COMMENT, _SUPPORT, _REACTION, _BALLOT = "comment", "support", "reaction", "ballot"


def _acts(rows: Sequence[Row[*tuple[Any, ...]]], ideas: Mapping[int, Idea]) -> list[OwnAct]:
    """What a person did, by idea, oldest first. `rows`: see `_acts_query`."""
    acts = {number: OwnAct(ideas[number]) for number in sorted({row[1] for row in rows})}
    for kind, idea_id, _place, text, _person_id in sorted(rows, key=lambda row: row[2]):
        act = acts[idea_id]
        if kind == _COMMENT:
            act.comments.append(text)
        elif kind == _SUPPORT:
            act.supported = True
        elif kind == _BALLOT:
            act.voted = True
        else:
            act.emotion = Emotion(text)
    return list(acts.values())


@cache  # building the query takes longer than running it
def _acts_query(*, named: bool, comments_only: bool) -> CompoundSelect[Any]:
    """What some people did for readable ideas of a campaign that are not theirs: the kind, the idea, an order, the
    words, who.

    `named`: as if anonymous ideas had no author.
    """

    def done_by(person: Any) -> ColumnElement[bool]:
        theirs_not = Idea.author_id.is_distinct_from(person) & Idea.id.not_in(co_authored_by(person))
        unsigned_not = true() if named else Idea.id.not_in(unsigned_by(person))
        return and_(person.in_(bindparam("person_ids", expanding=True)), _is_here(), theirs_not, unsigned_not)

    comments = (
        select(literal(_COMMENT), Comment.idea_id, Comment.id, Comment.body, Comment.author_id)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(done_by(Comment.author_id), is_shown())
    )
    votes = (
        select(literal(_SUPPORT), Vote.idea_id, literal(0), literal(""), Vote.person_id)
        .join(Idea, Idea.id == Vote.idea_id)
        .where(done_by(Vote.person_id))
    )
    reactions = (
        select(
            literal(_REACTION), Reaction.idea_id, literal(0), type_coerce(Reaction.emotion, String), Reaction.person_id
        )
        .join(Idea, Idea.id == Reaction.idea_id)
        .where(done_by(Reaction.person_id))
    )
    ballots = (
        select(literal(_BALLOT), Ballot.idea_id, literal(0), literal(""), Ballot.person_id)
        .join(Idea, Idea.id == Ballot.idea_id)
        .where(done_by(Ballot.person_id))
    )
    return union_all(comments) if comments_only else union_all(comments, votes, reactions, ballots)


def ideas_of_people(
    session: Session, campaign_id: int, person_ids: Sequence[int], *, named: bool = False
) -> dict[int, list[Idea]]:
    """The readable ideas of each of these people, a few hundred, in the campaign, oldest first: as many queries as for
    one. `named`: only those with their name.
    """
    ids: dict[int, set[int]] = {person_id: set() for person_id in person_ids}
    given = {"campaign_id": campaign_id, "person_ids": list(ids)}
    for idea_id, person_id in session.execute(_own_query(named=named), given):
        ids[person_id].add(idea_id)
    ideas: dict[int, Idea] = {}
    for some in chunks(sorted({idea_id for of_one in ids.values() for idea_id in of_one})):
        told = select(Idea).where(Idea.id.in_(some)).options(joinedload(Idea.merged_into))
        ideas.update((idea.id, idea) for idea in session.scalars(told))
    return {person_id: [ideas[idea_id] for idea_id in sorted(of_one)] for person_id, of_one in ids.items()}


@cache
def _own_query(*, named: bool) -> Select[Any]:
    written = people_of(_is_here() & ~Idea.is_anonymous if named else _is_here(), Idea.id).subquery()
    asked = written.c.person_id.in_(bindparam("person_ids", expanding=True))
    return select(written.c.id, written.c.person_id).where(asked)


def _is_here() -> ColumnElement[bool]:
    """SQL condition: the idea is a readable one of the campaign. The sum keeps databases from beginning with all ideas
    of the campaign, where they know no figures of it: what a few people wrote and did is found by the people.
    """
    return (Idea.campaign_id + 0 == bindparam("campaign_id")) & is_readable()


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
    return _lines(session, campaign, session.scalars(own).all(), person)


def receipt_among(session: Session, campaign: Campaign, ideas: Sequence[Idea]) -> list[Line]:
    """What became of these ideas: of imported ones, for whoever has the link that was sent to their author."""
    return _lines(session, campaign, ideas, None)


def _lines(session: Session, campaign: Campaign, ideas: Sequence[Idea], person: Person | None) -> list[Line]:
    actions = actions_in(session, campaign) if campaign.debriefed_at is not None else {}
    objections: dict[int, list[ObjectionState]] = {}
    said = objections_by(session, campaign, person) if person is not None else objections_by_link(session, ideas)
    for state in said:
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
    return Asked(
        one.theme,
        one.decision,
        _published(actions, one.theme),
        [_words(idea, row) for row in one.passages],
        next((state for state in objections if state.theme is one.theme), None),
    )


def _published(actions: Mapping[int, Sequence[Action]], theme: Theme) -> list[Action]:
    return [action for action in actions.get(theme.id, ()) if action.published_at is not None]


def _words(idea: Idea, row: PassageRow) -> str:
    return idea.text[row.start : row.end].strip()
