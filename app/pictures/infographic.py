"""A campaign on one picture: its figures, its largest themes with their answers, and what became of its actions."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.pictures.drawing import ACCENT, INK, SOFT, TRACK, Box, Drawing, Words, cut, lines

MAX_THEMES = 12
MAX_NAME_LINES = 2
WIDTH, PAD = 1_000, 60
_INNER = WIDTH - 2 * PAD
_COUNT_WIDTH = 190  # what the number of ideas of a theme takes


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme as it is drawn. `counted`: its ideas in words; `answer`: in words, `is_answered`: it has one."""

    name: str
    size: int
    counted: str
    answer: str
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Infographic:
    """What the picture says, in the reader's language.

    `figures`, `actions`: up to four, each a number and its words. `themes`: the largest first; `left_out`: says that
    there are more.
    """

    title: str
    eyebrow: str
    challenge: str
    figures: Sequence[tuple[str, str]]
    themes_title: str
    themes: Sequence[ThemeRow]
    left_out: str
    actions_title: str
    actions: Sequence[tuple[str, str]]
    source: str


def infographic_drawing(said: Infographic) -> Drawing:
    """The picture, as high as it needs to be. Its description says all that is drawn."""
    boxes: list[Box] = [Box(0, 0, WIDTH, 14, ACCENT)]
    words = [Words(PAD, 80, 22, cut(said.eyebrow, 22, _INNER), ACCENT, is_bold=True)]
    y = _paragraph(words, said.title, 44, top=100, most=3, is_bold=True)
    y = _paragraph(words, said.challenge, 22, top=y + 4, most=3, colour=SOFT)
    y = _band(words, said.figures, top=y + 30)
    if said.themes:
        y = _heading(words, boxes, said.themes_title, top=y)
        y = _themes(words, boxes, said.themes, top=y)
        y = _paragraph(words, said.left_out, 18, top=y, most=2, colour=SOFT)
    if said.actions:
        y = _heading(words, boxes, said.actions_title, top=y)
        y = _band(words, said.actions, top=y + 6)
    words.append(Words(PAD, y + 50, 16, cut(said.source, 16, _INNER), SOFT))
    return Drawing(WIDTH, y + 80, f"{said.eyebrow} – {said.title}", _description(said), tuple(boxes), tuple(words))


def _paragraph(
    words: list[Words], text: str, size: int, *, top: int, most: int, colour: str = INK, is_bold: bool = False
) -> int:
    """Writes the text on lines below `top`. Returns where they end."""
    y = top
    for line in lines(text, size, _INNER, most=most):
        y += size + 10
        words.append(Words(PAD, y, size, line, colour, is_bold=is_bold))
    return y


def _band(words: list[Words], figures: Sequence[tuple[str, str]], *, top: int) -> int:
    step = _INNER / 4
    lowest = top
    for place, (value, label) in enumerate(figures[:4]):
        x = PAD + place * step
        words.append(Words(x, top + 50, 50, value, ACCENT, is_bold=True))
        for row, line in enumerate(lines(label, 18, step - 16, most=2)):
            lowest = max(lowest, top + 80 + 24 * row)
            words.append(Words(x, top + 80 + 24 * row, 18, line, SOFT))
    return lowest


def _heading(words: list[Words], boxes: list[Box], text: str, *, top: int) -> int:
    boxes.append(Box(PAD, top + 30, _INNER, 2, TRACK))
    words.append(Words(PAD, top + 76, 28, cut(text, 28, _INNER), is_bold=True))
    return top + 86


def _themes(words: list[Words], boxes: list[Box], themes: Sequence[ThemeRow], *, top: int) -> int:
    y, most = top, max(theme.size for theme in themes) or 1
    for theme in themes:
        first = y + 36
        words.append(Words(WIDTH - PAD, first, 20, theme.counted, is_bold=True, from_right=True))
        for line in lines(theme.name, 20, _INNER - _COUNT_WIDTH, most=MAX_NAME_LINES):
            y += 28
            words.append(Words(PAD, y + 8, 20, line))
        boxes.append(Box(PAD, y + 20, _INNER, 12, TRACK))
        boxes.append(Box(PAD, y + 20, round(_INNER * theme.size / most, 1), 12, ACCENT))
        answer = cut(theme.answer, 17, _INNER)
        words.append(Words(PAD, y + 54, 17, answer, ACCENT if theme.is_answered else SOFT, is_bold=theme.is_answered))
        y += 66
    return y


def _description(said: Infographic) -> str:
    parts = [", ".join(f"{value} {label}" for value, label in said.figures)]
    if said.themes:
        rows = "; ".join(f"{theme.name}: {theme.counted}, {theme.answer}" for theme in said.themes)
        parts += [f"{said.themes_title}: {rows}", said.left_out]
    if said.actions:
        parts.append(f"{said.actions_title}: " + ", ".join(f"{value} {label}" for value, label in said.actions))
    return "\n".join(part for part in parts if part)
