"""What every part of the report looks up: escaped texts, names, numbers and colours of themes, and their ideas."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from html import escape

from clustering.report.language import Language
from clustering.report.words import BLANK
from clustering.text.cleaning import UNPRINTABLE
from clustering.types import Family, FoundTheme, Leftover, PlacedPassage, ThemeMap

MAX_CHARACTERS = 2000  # shown of an idea
TONES = 6  # colours, given to families in turn


def safe(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Returns text escaped for HTML, without control characters, cut to `limit` characters."""
    plain = " ".join(UNPRINTABLE.sub(" ", text[: limit * 2]).split())
    return escape(plain if len(plain) <= limit else plain[:limit].rstrip() + "…")


class Source:
    """A run with its ideas, in the order of the page: largest families first, themes numbered from 1.

    `ids`, `texts`: of each idea, in the order of `found.ideas`. `tone`: the colour of each theme, 0..TONES - 1, by id.
    """

    def __init__(self, found: ThemeMap, ids: Sequence[str], texts: Sequence[str], language: Language) -> None:
        self.found = found
        self.ids = ids
        self.texts = texts
        self.language = language
        self.families = _outline(found)
        self.themes = [theme for _, themes in self.families for theme in themes]
        self.number = {theme.id: number for number, theme in enumerate(self.themes, start=1)}
        self.tone = {theme.id: index % TONES for index, (_, themes) in enumerate(self.families) for theme in themes}
        self.name = {theme.id: safe(theme.name or "…") for theme in found.themes}

    def link(self, theme: int) -> str:
        """Returns the name of a theme as a link to it. `theme`: its id."""
        return f'<a href="#t{theme}">{self.name[theme]}</a>'

    def text(self, row: int, limit: int = MAX_CHARACTERS) -> str:
        """Returns the text of an idea, or a remark where it is blank."""
        return safe(self.texts[row], limit) or self.language.text(BLANK)

    def quote(self, row: int, limit: int) -> str:
        """Returns an idea between quotation marks, cut to `limit` characters."""
        return self.language.quoted(self.text(row, limit))

    @cached_property
    def members(self) -> dict[int, list[int]]:
        """The rows of each theme by id, those closest to it first."""
        members: dict[int, list[int]] = defaultdict(list)
        for row, idea in enumerate(self.found.ideas):
            if idea.theme is not None:
                members[idea.theme].append(row)
        for rows in members.values():
            rows.sort(key=lambda row: -self.found.ideas[row].strength)
        return members

    @cached_property
    def passages(self) -> dict[int, list[tuple[int, PlacedPassage]]]:
        """By theme id the passages of ideas whose main theme is another one, each with its row, in their order."""
        found: dict[int, list[tuple[int, PlacedPassage]]] = defaultdict(list)
        for row, idea in enumerate(self.found.ideas):
            for passage in idea.passages:
                if passage.theme != idea.theme:
                    found[passage.theme].append((row, passage))
        return found

    @cached_property
    def left(self) -> dict[Leftover, list[int]]:
        """The rows without a theme, by kind."""
        return {kind: [row for row, idea in enumerate(self.found.ideas) if idea.leftover == kind] for kind in Leftover}

    def parts(self, theme: FoundTheme) -> dict[int | None, list[int]]:
        """Returns the rows of each sub-theme, by its index in the tree; under None those in no sub-theme."""
        rows_of: dict[int | None, list[int]] = {part: [] for part in theme.parts}
        for row in self.members[theme.id]:
            rows_of.setdefault(self._part(self.found.ideas[row].node, theme.parts), []).append(row)
        return rows_of

    def _part(self, node: int | None, parts: Sequence[int]) -> int | None:
        while node is not None and node not in parts:
            node = self.found.tree[node].parent
        return node


def _outline(found: ThemeMap) -> list[tuple[Family | None, list[FoundTheme]]]:
    """Returns families and their themes without empty ones; one family None where there are fewer than two."""
    theme_of = {theme.id: theme for theme in found.themes if theme.size}
    outline: list[tuple[Family | None, list[FoundTheme]]] = []
    for family in found.families:
        themes = [theme_of[theme] for theme in family.themes if theme in theme_of]
        if themes:
            outline.append((family, themes))
    if len(outline) < 2:  # noqa: PLR2004 - one family is no outline
        return [(None, list(theme_of.values()))]
    return sorted(outline, key=lambda group: -sum(theme.size for theme in group[1]))
