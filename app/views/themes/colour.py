"""What the colours of the map of themes mean: the themes themselves, or a fact about each. `colour` of the address."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import request

from app.access.roles import manages, member
from app.clock import now
from app.extensions import database
from ideas.answers.decision import Decision, DecisionStatus
from ideas.campaigns.campaign import Campaign
from ideas.contributions.vote import Emotion
from ideas.desk.groups import Group, ThemeGroup, groups_by_theme, groups_in
from ideas.desk.table import collected_until, midnight, trends
from ideas.themes.card import ThemeCard

# Shares of the ideas of a theme, and numbers of people of a group, from which another colour begins.
SOME_RECENT, MANY_RECENT = 0.1, 0.25
SOME_PEOPLE, MANY_PEOPLE = 10, 20


class Colour(StrEnum):
    """What a colour means. `TIME`: the share of ideas of the last 7 days. `GROUP`: how many of a group of people."""

    THEME = "theme"
    ANSWER = "answer"
    EMOTION = "emotion"
    TIME = "time"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one colour means. `tone`: see tokens.css; `mark`: the drawing that says it without colour, or empty."""

    key: str
    tone: int
    mark: str


def _parts(*tones: int) -> tuple[Meaning, ...]:
    keys = zip(("none", "few", "some", "many"), tones, ("none", "quarter", "half", "full"), strict=True)
    return tuple(Meaning(key, tone, f"part-{part}") for key, tone, part in keys)


# In the order of the legend. Each mark appears once in a scale.
SCALES: Mapping[Colour, tuple[Meaning, ...]] = {
    Colour.THEME: (),
    Colour.ANSWER: (
        Meaning(DecisionStatus.ADOPTED, 7, "check"),
        Meaning(DecisionStatus.PLANNED, 5, "calendar"),
        Meaning(DecisionStatus.IN_PROGRESS, 0, "play"),
        Meaning(DecisionStatus.DONE, 3, "star"),
        Meaning(DecisionStatus.DECLINED, 9, "cross"),
        Meaning(DecisionStatus.NEEDS_MORE, 6, "edit"),
        Meaning(DecisionStatus.PENDING, 2, "clock"),
        Meaning("none", 10, ""),
    ),
    Colour.EMOTION: (
        Meaning(Emotion.JOY, 6, "joy"),
        Meaning(Emotion.HOPE, 7, "hope"),
        Meaning(Emotion.SURPRISE, 8, "surprise"),
        Meaning(Emotion.WORRY, 5, "worry"),
        Meaning(Emotion.ANGER, 9, "anger"),
        Meaning(Emotion.GRATITUDE, 0, "gratitude"),
        Meaning("several", 11, "more"),
        Meaning("none", 10, ""),
    ),
    Colour.TIME: _parts(10, 6, 1, 9),
    Colour.GROUP: _parts(10, 5, 2, 8),
}


@dataclass(frozen=True, slots=True)
class Colours:
    """What the colours of a map mean. `of`: the meaning for each theme, by id; empty where a colour is a theme's own.

    `group`: the one that is counted. `is_over`: the collection is, so that its last 7 days are meant.
    """

    kind: Colour
    of: tuple[tuple[int, Meaning], ...] = ()
    group: Group | None = None
    is_over: bool = False

    @property
    def by_theme(self) -> dict[int, Meaning]:
        return dict(self.of)

    @property
    def legend(self) -> list[tuple[Meaning, int]]:
        """The meanings that some theme has, each with the number of its themes."""
        counts = Counter(meaning for _, meaning in self.of)
        return [(meaning, counts[meaning]) for meaning in SCALES[self.kind] if counts[meaning]]


def colour_context(campaign: Campaign, cards: Sequence[ThemeCard], decisions: Mapping[int, Decision]) -> dict[str, Any]:
    """The colours that the address asks for, and those that it may ask for. At most seven queries, for groups.

    Groups of people are for those who manage the campaign, and never of fewer than five: see ideas.desk.groups.
    """
    offered = [one for one in Colour if one is not Colour.GROUP or manages()]
    kind = next((one for one in offered if one == request.args.get("colour")), Colour.THEME)
    session, until = database(), collected_until(campaign, now())
    keys: dict[int, str] = {}
    groups: list[Group] = []
    group: Group | None = None
    if kind is Colour.ANSWER:
        keys = {card.theme.id: answer_key(decisions.get(card.theme.id)) for card in cards}
    elif kind is Colour.EMOTION:
        keys = {card.theme.id: emotion_key(card.emotions) for card in cards}
    elif kind is Colour.TIME:
        recently = trends(session, campaign, until=until)
        keys = {card.theme.id: time_key(recently.get(card.theme.id, (0, 0))[0], card.size) for card in cards}
    elif kind is Colour.GROUP:
        found = groups_by_theme(session, campaign, before=midnight(member(), now()))
        groups = groups_in(found)
        group = next((one for one in groups if one.key == request.args.get("group")), groups[0] if groups else None)
        keys = {card.theme.id: group_key(found.get(card.theme.id, ()), group) for card in cards} if group else {}
    meanings = {meaning.key: meaning for meaning in SCALES[kind]}
    of = tuple((card.theme.id, meanings[keys[card.theme.id]]) for card in cards if card.size and keys)
    return {
        "colours": Colours(kind, of, group, is_over=until < now()),
        "colour_kinds": [one.value for one in offered],
        "colour_groups": groups,
        "colour_params": _params(kind, group),
    }


def _params(kind: Colour, group: Group | None) -> dict[str, str]:
    """The parameters of an address that keeps these colours."""
    chosen = {"colour": kind.value} if kind is not Colour.THEME else {}
    return chosen | ({"group": group.key} if group is not None else {})


def answer_key(decision: Decision | None) -> str:
    return decision.status.value if decision is not None else "none"


def emotion_key(emotions: Mapping[Emotion, int]) -> str:
    """The emotion that most people feel about the ideas of a theme, or that several are felt by as many."""
    most = max(emotions.values(), default=0)
    felt = [emotion.value for emotion, count in emotions.items() if count == most] if most else []
    return felt[0] if len(felt) == 1 else "several" if felt else "none"


def time_key(recent: int, size: int) -> str:
    """How large a share of a theme's ideas is recent."""
    share = recent / size if size else 0
    if not recent:
        return "none"
    return "few" if share < SOME_RECENT else "some" if share < MANY_RECENT else "many"


def group_key(present: Sequence[ThemeGroup], group: Group | None) -> str:
    """How many of the group are among the authors of a theme, as far as that may be shown."""
    people = next((one.people for one in present if one.group == group), 0)
    if not people:
        return "none"
    return "few" if people < SOME_PEOPLE else "some" if people < MANY_PEOPLE else "many"
