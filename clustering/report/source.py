"""What every part of the report looks up: texts made safe, names, numbers, tones, and which ideas are where."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from html import escape

from clustering.report.words import Words
from clustering.text.cleaning import UNPRINTABLE
from clustering.types import Family, FoundTheme, Leftover, ThemeMap

LONGEST = 2000  # characters of an idea
TONES = 6  # colours of families, in turn


def safe(text: str, limit: int = LONGEST) -> str:
    """Text as text: no markup, no half or bidirectional characters, not endless."""
    plain = " ".join(UNPRINTABLE.sub(" ", text[: limit * 2]).split())
    return escape(plain if len(plain) <= limit else plain[:limit].rstrip() + "…")


class Source:
    """A run with its ideas, as the page tells it: families with most ideas first, themes numbered as they are read."""

    def __init__(self, found: ThemeMap, ids: Sequence[str], texts: Sequence[str], words: Words) -> None:
        self.found = found
        self.ids = ids
        self.texts = texts
        self.words = words
        self.families = _outline(found)
        self.themes = [theme for _, themes in self.families for theme in themes]
        self.number = {theme.id: number for number, theme in enumerate(self.themes, start=1)}
        self.tone = {theme.id: place % TONES for place, (_, themes) in enumerate(self.families) for theme in themes}
        self.name = {theme.id: safe(theme.name or "…") for theme in found.themes}

    def link(self, theme: int) -> str:
        """The name of a theme, leading to it."""
        return f'<a href="#t{theme}">{self.name[theme]}</a>'

    def text(self, row: int, limit: int = LONGEST) -> str:
        """An idea's words; a remark in their place when there are none."""
        return safe(self.texts[row], limit) or self.words.blank

    def quote(self, row: int, limit: int) -> str:
        """An idea between quotation marks."""
        return self.words.quoted.format(text=self.text(row, limit))

    @cached_property
    def members(self) -> dict[int, list[int]]:
        """The rows of each theme, the most typical first."""
        members: dict[int, list[int]] = defaultdict(list)
        for row, idea in enumerate(self.found.ideas):
            if idea.theme is not None:
                members[idea.theme].append(row)
        for rows in members.values():
            rows.sort(key=lambda row: -self.found.ideas[row].strength)
        return members

    @cached_property
    def left(self) -> dict[Leftover, list[int]]:
        """The rows of each kind that are in no theme."""
        return {kind: [row for row, idea in enumerate(self.found.ideas) if idea.leftover == kind] for kind in Leftover}

    def parts(self, theme: FoundTheme) -> dict[int | None, list[int]]:
        """The rows of each sub-theme, a place in the tree; under None those that are in none of them."""
        rows_of: dict[int | None, list[int]] = {place: [] for place in theme.parts}
        for row in self.members[theme.id]:
            rows_of.setdefault(self._part(self.found.ideas[row].node, theme.parts), []).append(row)
        return rows_of

    def _part(self, node: int | None, parts: Sequence[int]) -> int | None:
        while node is not None and node not in parts:
            node = self.found.tree[node].parent
        return node


def _outline(found: ThemeMap) -> list[tuple[Family | None, list[FoundTheme]]]:
    """Families and their themes, leaving empty ones out; one nameless family where there are fewer than two."""
    theme_of = {theme.id: theme for theme in found.themes if theme.size}
    outline: list[tuple[Family | None, list[FoundTheme]]] = []
    for family in found.families:
        themes = [theme_of[theme] for theme in family.themes if theme in theme_of]
        if themes:
            outline.append((family, themes))
    if len(outline) < 2:  # noqa: PLR2004 - an outline tells at least two apart
        return [(None, list(theme_of.values()))]
    return sorted(outline, key=lambda group: -sum(theme.size for theme in group[1]))
