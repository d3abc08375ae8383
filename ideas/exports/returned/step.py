"""What comes of each row of a returned table, and why one is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from zlib import crc32

from ideas.activity.activity import Verb
from ideas.errors import DomainError, message_id
from ideas.exports.returned.sheet import ActionCells, AnswerCells, SheetRow


class UnknownTheme(DomainError):
    message = message_id("There is no theme with the number %(number)s in this campaign.")


class UnknownAnswer(DomainError):
    message = message_id(
        "The theme has no answer with the number %(number)s. Leave both numbers as they were exported."
    )


class UnknownAction(DomainError):
    message = message_id(
        "The theme has no action with the number %(number)s. Leave both numbers as they were exported."
    )


class NoTheme(DomainError):
    message = message_id("Enter the number of the theme.")


class ThemeReplaced(DomainError):
    message = message_id("This theme was merged into “%(theme)s”. Answer that theme.")


class ThemeGone(DomainError):
    message = message_id("This theme is no longer there, so it can’t be answered.")


class TwoRows(DomainError):
    message = message_id("Lines %(lines)s say different things about the same row. Keep one of them.")


class AnswerIsThere(DomainError):
    message = message_id("This theme has an answer already. Make a new export, and change its row there.")


class ChangedSinceExport(DomainError):
    message = message_id("This was changed on the site after the export. Make a new export, and change it there.")


class StampMissing(DomainError):
    message = message_id(
        "The column “version” is empty, so nobody can tell whether this was changed on the site meanwhile. Make a new"
        " export, and change it there."
    )


class TooManyChanges(DomainError):
    message = message_id(
        "This file changes more than %(most)s rows. Leave the changes of %(most)s rows in it, save them, then send the"
        " others."
    )


class NobodyOfThisName(DomainError):
    message = message_id("Nobody in the campaign team is called “%(name)s”. Write the name as the team page shows it.")


class SeveralOfThisName(DomainError):
    message = message_id("Several people in the campaign team are called “%(name)s”. Make this change on the site.")


class AbandonTheActions(DomainError):
    message = message_id(
        "This theme has unfinished actions: %(actions)s. Abandon them in the table of actions, with a reason."
    )


class ActionIsFixed(DomainError):
    message = message_id(
        "For an existing action, a table can only change the progress. Edit the rest on the page of its answer."
    )


class DayNeeded(DomainError):
    message = message_id("Enter the day by which the action is due, such as 2026-11-30.")


class Outcome(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class Difference(NamedTuple):
    """A column in which a row changes something, with what was there and what comes."""

    column: str
    before: str
    after: str


class Act(NamedTuple):
    """An act of which people may be told."""

    verb: Verb
    kind: str
    object_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What comes of one row. `theme`: its name, empty where there is none. `error`: why it is refused.

    `asks_reason`: it changes something public, and the row does not say why.
    """

    row: SheetRow
    outcome: Outcome
    theme: str = ""
    differences: tuple[Difference, ...] = ()
    error: DomainError | None = None
    asks_reason: bool = False
    acts: tuple[Act, ...] = ()

    @property
    def is_change(self) -> bool:
        return self.outcome in {Outcome.ADDED, Outcome.CHANGED}


def digest_of(steps: Iterable[Step]) -> int:
    """A number that changes with what the rows do: what is confirmed is what was shown."""
    shown = [(step.row.sheet, step.row.line, step.outcome, step.differences) for step in steps]
    return crc32(repr(shown).encode()) % 10**9


def differences(before: AnswerCells | ActionCells | None, after: AnswerCells | ActionCells) -> tuple[Difference, ...]:
    values = _texts(after)
    earlier = _texts(before) if before is not None else dict.fromkeys(values, "")
    return tuple(Difference(name, earlier[name], value) for name, value in values.items() if earlier[name] != value)


def _texts(cells: AnswerCells | ActionCells) -> dict[str, str]:
    return {name: "" if (value := getattr(cells, name)) is None else str(value) for name in type(cells).__slots__}
