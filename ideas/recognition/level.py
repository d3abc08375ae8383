"""Levels: how far a person has come over all campaigns, and what more they may do. Computed when they are read.

A level counts what acts give by default, in every campaign alike: no campaign makes anyone trusted by giving more.
Whoever switched motivation off has no level, and what goes with one neither. Nobody else sees a person's level, unless
they volunteer: see `ideas.recognition.volunteer`.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ideas.activity.version import check_unchanged
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.writer import wrote
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.withheld import Withheld
from ideas.errors import DomainError, message_id
from ideas.organisation.organisation import Organisation, change_organisation, lock_organisation, the_organisation
from ideas.people.person import Motivation, Person
from ideas.people.sanction import Sanction
from ideas.recognition.facts import Scope
from ideas.recognition.points import totals

MAX_LEVEL_POINTS = 100_000
MAX_MORE_SUPPORTS = 20
# Who is trusted has been here for so long, and broke no rule for so long.
MIN_TRUSTED_AGE = timedelta(days=30)
WITHOUT_SANCTION = timedelta(days=365)


class Level(StrEnum):
    """Everyone is a member from the start."""

    MEMBER = "member"
    REGULAR = "regular"
    TRUSTED = "trusted"


HIGHER = (Level.REGULAR, Level.TRUSTED)


class LevelOutOfRange(DomainError):
    message = message_id("Enter a whole number from %(least)s to %(most)s.")

    def __init__(self, name: str, least: int, most: int) -> None:
        super().__init__(least=least, most=most)
        self.name = name


class LevelsOutOfOrder(DomainError):
    message = message_id("A trusted member needs more points than a regular one.")


@dataclass(frozen=True, slots=True)
class LevelRule:
    """From how many points on a person has a level, and what goes with it.

    `supports`: how many more ideas they may support in a campaign that limits it. `reads_early`: they read the briefs
    of campaigns that are prepared, where the team shows them. `is_not_held`: what they write is not held for a blocked
    word. Texts that seem to hold personal data are held from everyone, in a campaign that is strict about them.
    `may_volunteer`: they may offer to help run campaigns, and leads then invite them.
    """

    points: int
    supports: int = 0
    reads_early: bool = False
    is_not_held: bool = False
    may_volunteer: bool = False


# Until administrators say otherwise. Nothing changes how texts are moderated, or supported, without their word.
DEFAULT_RULES: Mapping[Level, LevelRule] = {
    Level.REGULAR: LevelRule(50, reads_early=True),
    Level.TRUSTED: LevelRule(200, reads_early=True, may_volunteer=True),
}
# Where the settings keep which levels may volunteer: beside the levels, for an earlier version of the application reads
# of a level what it knows, and nothing else.
_VOLUNTEERS = "may_volunteer"


@dataclass(frozen=True, slots=True)
class Reached:
    """A person's level. `next`: the level above and the points that it takes; None at the highest.

    `kept_back`: their points are those of a trusted member, but they are new here, or broke a rule within a year.
    """

    level: Level
    points: int
    rule: LevelRule
    next: tuple[Level, int] | None
    kept_back: bool = False


def level_rules(organisation: Organisation) -> dict[Level, LevelRule]:
    """What the levels above the first take and give on this site. Everyone may read it."""
    stored = organisation.levels
    found = {level: asdict(DEFAULT_RULES[level]) | stored.get(level, {}) for level in HIGHER}
    if _VOLUNTEERS in stored:
        found = {level: rule | {_VOLUNTEERS: level in stored[_VOLUNTEERS]} for level, rule in found.items()}
    return {level: LevelRule(**rule) for level, rule in found.items()}


def set_levels(
    session: Session, rules: Mapping[Level, LevelRule], *, by: Person, now: datetime, seen: int | None = None
) -> None:
    """Say what levels take and give. Administrators may. They are right at once, also for what people did before.

    `seen`: the version of the settings that `by` saw. Raises LevelOutOfRange, LevelsOutOfOrder, ChangedMeanwhile.
    """
    for level in HIGHER:
        _check_range(f"{level}_points", rules[level].points, 1, MAX_LEVEL_POINTS)
        _check_range(f"{level}_supports", rules[level].supports, 0, MAX_MORE_SUPPORTS)
    if rules[Level.TRUSTED].points <= rules[Level.REGULAR].points:
        raise LevelsOutOfOrder
    organisation = lock_organisation(session)
    check_unchanged(organisation, seen)
    if level_rules(organisation) != dict(rules):
        levels: dict[str, Any] = {level.value: asdict(rules[level]) for level in HIGHER}
        levels[_VOLUNTEERS] = [level for level, rule in levels.items() if rule.pop(_VOLUNTEERS)]
        change_organisation(session, organisation, {"levels": levels}, by=by, now=now)


def level_of(session: Session, person: Person, *, now: datetime) -> Reached | None:
    """The person's level; None where they want to see nothing of motivation. Only they may read it. Three queries.

    Ideas that they sent anonymously count for none.
    """
    return levels_of(session, [person], now=now).get(person.id)


def levels_of(session: Session, people: Collection[Person], *, now: datetime) -> dict[int, Reached]:
    """The levels of these people by id, as `level_of`: without those who want to see nothing of motivation."""
    ids = [person.id for person in people if person.motivation is not Motivation.OFF]
    if not ids:
        return {}
    rules = level_rules(the_organisation(session))
    announced = select(Campaign.id).where(Campaign.announced_at.is_not(None))
    summed = totals(Scope(announced, people=ids[0] if len(ids) == 1 else ids), by_default=True).subquery("summed")
    points = {
        person_id: int(found or 0) for person_id, found in session.execute(select(summed.c.person_id, summed.c.points))
    }
    enough = [person_id for person_id in ids if points.get(person_id, 0) >= rules[Level.TRUSTED].points]
    may_be_trusted = _may_be_trusted(session, enough, now)
    return {
        person_id: _reached(points.get(person_id, 0), rules, may_be_trusted=person_id in may_be_trusted)
        for person_id in ids
    }


def _reached(points: int, rules: Mapping[Level, LevelRule], *, may_be_trusted: bool) -> Reached:
    enough = [level for level in HIGHER if points >= rules[level].points]
    kept_back = Level.TRUSTED in enough and not may_be_trusted
    if kept_back:
        enough.remove(Level.TRUSTED)
    above = [level for level in HIGHER if level not in enough]
    level = enough[-1] if enough else Level.MEMBER
    return Reached(
        level,
        points,
        rules.get(level, LevelRule(0)),
        next=(above[0], rules[above[0]].points) if above else None,
        kept_back=kept_back,
    )


def more_supports(session: Session, campaign: Campaign, person: Person | None, *, now: datetime) -> int:
    """How many more ideas than others the person may support in a campaign that limits it: what their level gives."""
    if person is None or campaign.supports_each is None or not _gives(session, "supports"):
        return 0
    reached = level_of(session, person, now=now)
    return reached.rule.supports if reached is not None else 0


def is_trusted(session: Session, person: Person, *, now: datetime) -> bool:
    """True where what the person writes is not held for a blocked word."""
    if not the_organisation(session).blocked_words or not _gives(session, "is_not_held"):
        return False
    reached = level_of(session, person, now=now)
    return reached is not None and reached.rule.is_not_held


def reads_early(session: Session, person: Person, *, now: datetime) -> bool:
    """True where the person may read the briefs of campaigns that are prepared."""
    if not _gives(session, "reads_early"):
        return False
    reached = level_of(session, person, now=now)
    return reached is not None and reached.rule.reads_early


def _gives(session: Session, name: str) -> bool:
    """Whether any level gives this: where none does, nobody's acts are counted."""
    return any(getattr(rule, name) for rule in level_rules(the_organisation(session)).values())


def _may_be_trusted(session: Session, ids: Collection[int], now: datetime) -> set[int]:
    """Those who have been here for a while, were not sanctioned within a year, and have no text that is hidden."""
    if not ids:
        return set()
    sanctioned = exists().where(
        Sanction.person_id == Person.id, Sanction.lifted_at.is_(None), Sanction.given_at > now - WITHOUT_SANCTION
    )
    idea_hidden = exists().where(wrote(Idea, Person.id), Idea.withheld == Withheld.HIDDEN)
    comment_hidden = exists().where(Comment.author_id == Person.id, Comment.withheld == Withheld.HIDDEN)
    trusted = (Person.created_at <= now - MIN_TRUSTED_AGE) & ~sanctioned & ~idea_hidden & ~comment_hidden
    return set(session.scalars(select(Person.id).where(Person.id.in_(ids), trusted)))


def _check_range(name: str, value: Any, least: int, most: int) -> None:
    if not least <= value <= most:
        raise LevelOutOfRange(name, least, most)
