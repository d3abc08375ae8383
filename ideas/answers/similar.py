"""Themes that have their answer already: shown to who writes an idea about the same thing, and beside a similar theme
of another campaign, with what became of the answer.
"""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from ideas.answers.decision import Decision, DecisionStatus
from ideas.answers.delivered import Promise, Tally, promises_of, tally
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.people.person import Person
from ideas.search import Match, read_query, search
from ideas.text import sentences
from ideas.themes.theme import Theme, theme_visible_to
from ideas.words import words_of

MAX_THEMES = 1
# Themes that are read to find the one with the most words in common; what a name must have in common with a text.
MAX_COMPARED = 100
MIN_WORDS, MIN_SHARE = 2, 0.6
MAX_EARLIER = 10


@dataclass(frozen=True, slots=True)
class AnsweredTheme:
    """A theme of a campaign whose debrief is published, and its answer."""

    theme: Theme
    decision: Decision


def answered_among(
    session: Session, ids: Sequence[int], *, reader: Person, without: Collection[int] = ()
) -> list[AnsweredTheme]:
    """At most MAX_THEMES of these themes, in their order: those with a published answer that the reader may see.
    `without`: themes of which they said that their case differs.
    """
    decisions = session.scalars(
        select(Decision)
        .join(Theme, Theme.id == Decision.theme_id)
        .join(Campaign, Campaign.id == Theme.campaign_id)
        .where(Theme.id.in_(ids), theme_visible_to(reader), _is_answered())
        .options(joinedload(Decision.theme).joinedload(Theme.campaign))
    )
    by_theme = {decision.theme_id: decision for decision in decisions}
    found = [by_theme[number] for number in ids if number in by_theme and number not in without]
    return [AnsweredTheme(decision.theme, decision) for decision in found[:MAX_THEMES]]


def answered_by_words(
    session: Session, text: str, *, reader: Person, without: Collection[int] = ()
) -> list[AnsweredTheme]:
    """As `answered_among`, the theme whose name has the most words in common with a text: most of them, and two."""
    query = read_query(text)
    answered = (
        select(Decision.theme_id)
        .join(Theme, Theme.id == Decision.theme_id)
        .join(Campaign, Campaign.id == Theme.campaign_id)
        .where(_is_answered())
    )
    where = theme_visible_to(reader) & Theme.id.in_(answered)
    found = search(session, Theme, query, where=where, match=Match.SOME, limit=MAX_COMPARED)
    stems = {stem for word in words_of(text) for stem in word.stems}
    shares = {theme.id: _share_of_name(theme, stems) for theme in found.rows}
    near = sorted((number for number, share in shares.items() if share >= MIN_SHARE), key=lambda one: -shares[one])
    return answered_among(session, near, reader=reader, without=without)


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """The published answer to a similar theme of another campaign. `kept`: what became of its promises, counted."""

    theme: Theme
    decision: Decision
    kept: Tally

    @property
    def sentences(self) -> list[str]:
        """What it says, sentence by sentence, and then what it said that changes for the community."""
        return sentences(f"{self.decision.reason}\n{self.decision.community_impact}")


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """What is to be answered: a theme, several with one text, or an idea. `names`: of themes; `words`: what else tells
    what it is about; `texts`: what it is compared by, the most telling first.
    """

    campaign_id: int
    names: tuple[str, ...]
    words: tuple[str, ...]
    texts: tuple[str, ...]


def themes_to_answer(session: Session, themes: Sequence[Theme]) -> ToAnswer:
    """These themes of one campaign. At least one."""
    texts = theme_texts(session, themes)
    in_turn = zip_longest(*(texts[theme.id] for theme in themes))  # first the name of each
    return ToAnswer(
        themes[0].campaign_id,
        tuple(theme.name for theme in themes),
        tuple(phrase for theme in themes for phrase in theme.phrases or ()),
        tuple(text for texts_ in in_turn for text in texts_ if text),
    )


def idea_to_answer(idea: Idea) -> ToAnswer:
    """An idea that gets an answer of its own."""
    return ToAnswer(idea.campaign_id, (), (idea.text,), (idea.text,))


def earlier_answers(
    session: Session, asked: ToAnswer, *, reader: Person | None, now: datetime, near: Sequence[int] | None = None
) -> list[EarlierAnswer]:
    """At most MAX_EARLIER answers of other campaigns that the reader may read, to similar themes: the most alike first,
    then the latest.

    `near`: the themes that mean nearly the same, nearest first, in any language. None where nobody can say: then those
    whose names have most of their words in the names or the words of what is asked. A constant number of queries.
    """
    where = theme_visible_to(reader) & _is_answered() & (Theme.campaign_id != asked.campaign_id)
    if near is None:
        likeness = _alike_by_words(session, asked, where)
    else:
        likeness = {number: 1 / (1 + place) for place, number in enumerate(near)}
    decisions = session.scalars(
        select(Decision)
        .join(Theme, Theme.id == Decision.theme_id)
        .join(Campaign, Campaign.id == Theme.campaign_id)
        .where(Decision.theme_id.in_(likeness), where)
        .options(joinedload(Decision.theme).joinedload(Theme.campaign).joinedload(Campaign.owner))
    ).all()
    ordered = sorted(decisions, key=lambda one: (-likeness[one.theme_id], -one.decided_on.toordinal(), one.id))
    shown = ordered[:MAX_EARLIER]
    campaigns = list(dict.fromkeys(one.theme.campaign for one in shown))
    promises: dict[int | None, list[Promise]] = {}
    theme_ids = [one.theme_id for one in shown]
    for promise in promises_of(session, campaigns, now=now, theme_ids=theme_ids, with_steps=False):
        promises.setdefault(promise.theme_id, []).append(promise)
    return [EarlierAnswer(one.theme, one, tally(promises.get(one.theme_id, ()))) for one in shown]


def _alike_by_words(session: Session, asked: ToAnswer, where: ColumnElement[bool]) -> dict[int, float]:
    """By theme whose name has at least MIN_SHARE of its words in what is asked: that share."""
    names = " ".join(asked.names)
    own = " ".join((*asked.names, *asked.words))
    answered = (
        select(Decision.theme_id)
        .join(Theme, Theme.id == Decision.theme_id)
        .join(Campaign, Campaign.id == Theme.campaign_id)
        .where(where)
    )
    found = search(session, Theme, read_query(own), where=Theme.id.in_(answered), match=Match.SOME, limit=MAX_COMPARED)
    in_name, in_all = ({stem for word in words_of(text) for stem in word.stems} for text in (names, own))
    shares = {one.id: max(_share_of_name(one, in_all), _is_one_word(one, in_name)) for one in found.rows}
    return {number: share for number, share in shares.items() if share >= MIN_SHARE}


def _is_one_word(theme: Theme, stems: AbstractSet[str]) -> float:
    """1 where the theme's name is a single word that is among these stems: “Covoiturage” is like “Covoiturage”."""
    words = read_query(theme.name).words
    return float(len(words) == 1 and bool(words[0].stems & stems))


def _share_of_name(theme: Theme, stems: AbstractSet[str]) -> float:
    """The share of the words of the theme's name that are among these stems; 0 where they are fewer than MIN_WORDS."""
    words = read_query(theme.name).words
    common = sum(bool(word.stems & stems) for word in words)
    return common / len(words) if common >= MIN_WORDS else 0.0


def answers_stamp(session: Session) -> Any:
    """Changes whenever an answer is published or changed, or a theme is merged or comes back. For the worker."""
    facts = select(func.count(), func.max(Decision.updated_at), func.sum(Theme.version), func.count(Theme.retired_at))
    return session.execute(
        facts.select_from(Decision)
        .join(Theme, Theme.id == Decision.theme_id)
        .join(Campaign, Campaign.id == Theme.campaign_id)
        .where(_is_answered())
    ).one()


def answered_texts(session: Session) -> dict[int, list[str]]:
    """The texts of all themes with a published answer, as `theme_texts` gives them. For the worker."""
    themes = session.scalars(
        select(Theme)
        .join(Decision, Decision.theme_id == Theme.id)
        .join(Campaign, Campaign.id == Theme.campaign_id)
        .where(Theme.retired_at.is_(None), _is_answered())
        .order_by(Theme.id)
    ).all()
    return theme_texts(session, themes)


def theme_texts(session: Session, themes: Sequence[Theme]) -> dict[int, list[str]]:
    """By theme what it is compared by: its name with its definition, then its typical ideas."""
    texts: dict[int, str] = {}
    for some in chunks(sorted({idea_id for theme in themes for idea_id in theme.exemplars})):
        exemplars = select(Idea).where(Idea.id.in_(some), is_submitted())
        texts.update((idea.id, idea.text) for idea in session.scalars(exemplars))
    return {
        theme.id: [
            f"{theme.name}. {theme.definition}".strip(". "),
            *(texts[idea_id] for idea_id in theme.exemplars if idea_id in texts),
        ]
        for theme in themes
    }


def _is_answered() -> ColumnElement[bool]:
    """SQL condition on Decision and Campaign: everyone who sees the campaign reads this answer."""
    return (
        Decision.published_at.is_not(None)
        & (Decision.status != DecisionStatus.PENDING)
        & Campaign.debriefed_at.is_not(None)
    )
