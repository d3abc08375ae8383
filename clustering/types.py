"""What the pipeline takes and gives back, as plain frozen dataclasses. No NumPy here: any process may import it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

# What the embedded model was trained on, and Hindi, whose script is its own. Any other guess on a short text is more
# often wrong than right.
LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
DIGITS = 4  # decimals of the numbers in a result, and of cosines, so that floating-point noise decides nothing
MIN_STRENGTH_TO_JOIN = 0.5  # from which an idea that can't stay in its theme goes to another one
MIN_GRANULARITY, MAX_GRANULARITY = -3, 3  # steps coarser or finer than what the ideas themselves suggest


class Leftover(StrEnum):
    """Why an idea is in no theme."""

    OUTLIER = "outlier"  # near no theme
    AMBIGUOUS = "ambiguous"  # near two or three themes, without belonging to one: see PlacedIdea.nearest
    NOTHING = "nothing"  # it says nothing ("no comment"): told before grouping
    AGREES = "agrees"  # it only agrees, with nobody in particular: support without a proposal
    DISAGREES = "disagrees"  # it only disagrees


# No proposals: they stay so at every granularity.
RESIDUE = frozenset((Leftover.NOTHING, Leftover.AGREES, Leftover.DISAGREES))


class Change(StrEnum):
    """What became of a theme since the earlier run."""

    BORN = "born"
    GROWN = "grown"
    SHRUNK = "shrunk"
    MERGED = "merged"  # it took in other themes
    SPLIT = "split"  # other themes came out of it
    GONE = "gone"


class ThemeWarning(StrEnum):
    """Why nothing should be concluded from a theme alone."""

    SMALL = "small"  # too few ideas
    LOOSE = "loose"  # its ideas have little in common


@dataclass(frozen=True, slots=True)
class Near:
    """A theme that an idea is near to. `strength`: 0 = no nearer than any idea of the campaign, 1 = at its centre."""

    theme: int
    strength: float


@dataclass(frozen=True, slots=True)
class Apart:
    """What separates a theme from the one that is nearest to it.

    `likeness`: how alike the two are, 0..1. `here`, `there`: phrases that only one of the two uses, or uses far more
    than the other.
    """

    theme: int
    likeness: float
    here: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundTheme:
    """A group of convergent ideas.

    `size`: its ideas, of which it is the main theme. `counted`: these, and the ideas of other themes that have a
    passage here. `cohesion`: 0 = its ideas are no more alike than any two of the campaign, 1 = all the same.
    `exemplars`: row numbers (from 0) of its typical verbatims, best first. `x`, `y`: the centre of its island, in 0..1.
    `family`: its place in ThemeMap.families. `parts`: its sub-themes, places in ThemeMap.tree, when there are several.
    `languages`: ISO 639-1 code and share of its ideas, the largest first. `apart`: None for an only theme. A theme that
    is kept only because a person touched it may be empty: then its name is empty too, and the person's name holds.
    `measured`: False if people changed its ideas, so that its figures describe others. `definition`: a sentence of
    one of them, empty where no idea holds one that is complete by itself. `copies`: of its ideas, those that say with
    the same words, or nearly so, what another one of it says. `other_names`: ISO 639-1 code and name in each other
    language in which several of its ideas are written, in the words of these ideas, by code.
    """

    id: int
    name: str
    phrases: tuple[str, ...]
    size: int
    cohesion: float
    exemplars: tuple[int, ...]
    x: float
    y: float
    family: int = 0
    parts: tuple[int, ...] = ()
    languages: tuple[tuple[str, float], ...] = ()
    apart: Apart | None = None
    warnings: tuple[ThemeWarning, ...] = ()
    measured: bool = True
    counted: int = 0
    definition: str = ""
    copies: int = 0
    other_names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MeasuredTheme:
    """What some ideas have in common, without a name and a place on a map. The fields are those of FoundTheme."""

    phrases: tuple[str, ...]
    exemplars: tuple[int, ...]
    cohesion: float
    languages: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A few themes that belong together, for an outline. `themes`: their ids, the largest first."""

    name: str
    themes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A group of the hierarchy that every granularity is cut from; the finest groups, the leaves, come first.

    `parent`: the place in ThemeMap.tree of the group that it is part of, None at the top. `height`: 0 for a leaf, then
    how unlike its parts are; never above its parent's. The rest as in FoundTheme.
    """

    parent: int | None
    height: float
    size: int
    name: str
    phrases: tuple[str, ...]
    cohesion: float
    exemplars: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """What became of a theme. `others`: the themes that it took in (merged), or that came out of it (split)."""

    change: Change
    theme: int
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedPassage:
    """A stretch of an idea that asks for a theme. `start`, `end`: its characters in the text as it was given.

    `strength`: the share of the nearest ideas that are in the theme, 0..1; of a whole text, PlacedIdea.strength.
    """

    theme: int
    start: int
    end: int
    strength: float


@dataclass(frozen=True, slots=True)
class PlacedIdea:
    """Where one idea went. Either `theme` or `leftover` is set, never both.

    `nearest`: at most three themes, strongest first. `strength`: that of its own theme, or of the nearest one.
    `x`, `y`: its place on the map, in 0..1. `node`: its finest group, a place in ThemeMap.tree. `neighbours`: rows of
    the most similar ideas of its theme (of all ideas for a leftover), nearest first. `shared`: the phrases of its theme
    that it uses. `passages`: what it asks for, in the order of the text: it counts in each of their themes, of which
    `theme` is the main one; none for a leftover. `same_as`: the row of the idea that says the same with the same words
    or nearly so, and stands for all that do; None for that one, and for an idea that nobody copied.
    """

    theme: int | None
    leftover: Leftover | None
    nearest: tuple[Near, ...]
    strength: float
    x: float
    y: float
    node: int | None = None
    neighbours: tuple[int, ...] = ()
    shared: tuple[str, ...] = ()
    passages: tuple[PlacedPassage, ...] = ()
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new idea goes. Either `theme` or `leftover` is set, never both.

    `nearest`: at most three themes, strongest first. `strength`: that of its own theme, or of the nearest one, as
    in PlacedIdea. `neighbours`: rows of the most similar ideas of its theme (of all ideas for a leftover), nearest
    first, at most five. `passages`: as in PlacedIdea. `same_as`: the row of an idea that says the same.
    """

    theme: int | None
    leftover: Leftover | None
    nearest: tuple[Near, ...]
    strength: float
    neighbours: tuple[int, ...]
    passages: tuple[PlacedPassage, ...] = ()
    same_as: int | None = None


@dataclass(frozen=True)
class ThemeMap:
    """A whole run. `ideas` has one entry for each input row, in the same order; `themes` are the largest first.

    `seconds`: for each stage, and "total". `too_few`: there were too few texts to group (see pipeline.MIN_TEXTS).
    `granularity`: as requested; `base`: how many themes the ideas themselves suggest (granularity 0), before people's
    edits. `events`: what became of the earlier run's themes; a theme that stayed as it was has none. `renamed`: a namer
    gave one of the names.
    """

    model: str
    seconds: dict[str, float]
    themes: tuple[FoundTheme, ...]
    ideas: tuple[PlacedIdea, ...]
    too_few: bool
    families: tuple[Family, ...] = ()
    tree: tuple[Node, ...] = ()
    events: tuple[Event, ...] = ()
    granularity: int = 0
    base: int = 0
    renamed: bool = False

    def with_ids(self, ids: Sequence[int]) -> "ThemeMap":
        """The same map, with `ids`, one for each input row, wherever a theme, node or idea names rows."""

        def named(rows: Sequence[int]) -> tuple[int, ...]:
            return tuple(ids[row] for row in rows)

        return replace(
            self,
            themes=tuple(replace(theme, exemplars=named(theme.exemplars)) for theme in self.themes),
            ideas=tuple(
                replace(
                    idea,
                    neighbours=named(idea.neighbours),
                    same_as=None if idea.same_as is None else ids[idea.same_as],
                )
                for idea in self.ideas
            ),
            tree=tuple(replace(node, exemplars=named(node.exemplars)) for node in self.tree),
        )


@dataclass(frozen=True)
class Previous:
    """What an earlier run and people left, keyed by the caller's idea keys and theme ids."""

    theme_of: Mapping[str, int]  # idea key -> theme id, as it was
    positions: Mapping[int, tuple[float, float]]  # theme id -> x, y: anchors the layout
    placed: Mapping[str, int]  # idea key -> theme id where a person placed it: never moved
    kept: frozenset[int]  # theme ids that a person touched: never dropped
    next_id: int  # ids of new themes start here
    outliers: frozenset[str] = frozenset()  # idea keys that a person marked as outliers: in no theme
    forbidden: Mapping[str, frozenset[int]] = field(default_factory=dict)  # idea key -> themes where it never goes
    granularity: int | None = None  # of its themes; None: the same as is requested now
