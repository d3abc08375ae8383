"""Pictures of rectangles and words, as SVG and as PNG alike: charts of a debrief, the card that other sites show, and
the icon of the product.

A drawing has its words for who does not see it. The PNG is made by a bounded process (app/sandbox/drawing.py), and the
latest ones are kept in memory.
"""

import json
import textwrap
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from app.pictures.bar_chart import BarChart
from app.sandbox.process import Refused
from app.sandbox.reading import reading
from ideas.errors import DomainError, message_id

INK, SOFT, ACCENT, TRACK, PAPER = "#1d1a17", "#5b544c", "#0b6066", "#e9e2d6", "#fffdf8"
# How wide a letter is on average, as a share of its size: no font is known where a line is cut.
_LETTER = 0.58
MAX_KEPT = 64
CARD_WIDTH, CARD_HEIGHT = 1200, 630


class NoPicture(DomainError):
    message = message_id("This picture can’t be made as PNG now. Download it as SVG, or try again in a minute.")


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """`y`: of the line on which the letters stand. `from_right`: `x` is where they end."""

    x: float
    y: float
    size: int
    text: str
    colour: str = INK
    is_bold: bool = False
    from_right: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A circle, in the PNG only."""

    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """`description`: all that it says, for who does not see it. `picture`: of a file, in a box, in the PNG only."""

    width: int
    height: int
    title: str
    description: str
    boxes: tuple[Box, ...]
    words: tuple[Words, ...]
    picture: tuple[Box, bytes] | None = None
    spots: tuple[Spot, ...] = ()
    paper: str = PAPER

    def svg(self) -> str:
        """The drawing as a picture of its own."""
        box = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>')
        word = Markup('<text x="{}" y="{}" font-size="{}" fill="{}" font-weight="{}" text-anchor="{}">{}</text>')
        drawn = [box.format(one.x, one.y, one.width, one.height, one.colour) for one in self.boxes]
        drawn += [
            word.format(
                one.x, one.y, one.size, one.colour, 700 if one.is_bold else 400,
                "end" if one.from_right else "start", one.text,
            )
            for one in self.words
        ]  # fmt: skip
        return str(
            Markup(
                '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"'
                ' font-family="DejaVu Sans, Verdana, sans-serif"><title>{title}</title><desc>{description}</desc>'
                '<rect width="{w}" height="{h}" fill="{paper}"/>{drawn}</svg>'
            ).format(
                w=self.width, h=self.height, title=self.title, description=self.description, paper=self.paper,
                drawn=Markup("").join(drawn),
            )
        )  # fmt: skip

    def png(self, *, scale: int = 1) -> bytes:
        """The drawing as PNG, `scale` times as large. Raises NoPicture."""
        facts: dict[str, Any] = {
            "width": self.width,
            "height": self.height,
            "scale": scale,
            "paper": self.paper,
            "spots": [[one.x, one.y, one.radius, one.colour] for one in self.spots],
            "boxes": [[one.x, one.y, one.width, one.height, one.colour] for one in self.boxes],
            "words": [
                [one.x, one.y, one.size, one.text, one.colour, one.is_bold, one.from_right] for one in self.words
            ],
            "title": self.title,
            "description": self.description,
        }
        if self.picture is not None:
            place, content = self.picture
            facts["picture"] = [place.x, place.y, place.width, place.height, b64encode(content).decode()]
        return _png(json.dumps(facts))


@lru_cache(MAX_KEPT)
def _png(facts: str) -> bytes:
    try:
        with reading("drawing", facts.encode()) as found:
            return found.content()
    except (Refused, DomainError) as refused:
        raise NoPicture from refused


def chart_drawing(chart: BarChart, *, title: str, campaign: str, source: str) -> Drawing:
    """A chart with its title, the campaign it is of, and where it is from."""
    pad, top, factor = 40, 110, 1.8
    width = round(2 * pad + factor * 400)
    boxes, words = (
        [],
        [
            Words(pad, 48, 26, cut(title, 26, width - 2 * pad), is_bold=True),
            Words(pad, 80, 18, cut(campaign, 18, width - 2 * pad), SOFT),
        ],
    )
    for bar in chart.bars:
        y = top + factor * bar.top
        boxes.append(Box(pad, y, factor * 400, factor * chart.bar_height, TRACK))
        boxes.append(Box(pad, y, factor * bar.width, factor * chart.bar_height, ACCENT))
        words.append(Words(pad, top + factor * bar.baseline, 20, bar.label))
        words.append(Words(width - pad, top + factor * bar.baseline, 20, str(bar.value), is_bold=True, from_right=True))
    height = round(top + factor * chart.height + 60)
    words.append(Words(pad, height - 24, 14, cut(source, 14, width - 2 * pad), SOFT))
    said = "; ".join(f"{bar.name}: {bar.value}" for bar in chart.bars)
    return Drawing(width, height, f"{title} – {campaign}", said, tuple(boxes), tuple(words))


def card_drawing(*, title: str, eyebrow: str, challenge: str, figures: list[tuple[str, str]], source: str) -> Drawing:
    """The card that other sites show of a debrief: its campaign, its question, up to four figures."""
    pad = 70
    words = [Words(pad, 90, 28, cut(eyebrow, 28, CARD_WIDTH - 2 * pad), ACCENT, is_bold=True)]
    y = 170
    for line in lines(title, 58, CARD_WIDTH - 2 * pad, most=2):
        words.append(Words(pad, y, 58, line, is_bold=True))
        y += 70
    for line in lines(challenge, 28, CARD_WIDTH - 2 * pad, most=2):
        words.append(Words(pad, y, 28, line, SOFT))
        y += 40
    step = (CARD_WIDTH - 2 * pad) / 4
    for place, (value, label) in enumerate(figures[:4]):
        words.append(Words(pad + place * step, 460, 60, value, ACCENT, is_bold=True))
        words.append(Words(pad + place * step, 500, 18, cut(label, 18, step - 20), SOFT))
    words.append(Words(pad, 580, 20, cut(source, 20, CARD_WIDTH - 2 * pad), SOFT))
    said = ", ".join(f"{value} {label}" for value, label in figures[:4])
    boxes = (Box(0, 0, 18, CARD_HEIGHT, ACCENT), Box(pad, 385, CARD_WIDTH - 2 * pad, 2, TRACK))
    return Drawing(CARD_WIDTH, CARD_HEIGHT, f"{eyebrow} – {title}", said, boxes, tuple(words))


def campaign_card(*, title: str, challenge: str, dates: list[str], source: str, picture: bytes = b"") -> Drawing:
    """The card that other sites show of a campaign: its title, its question and its dates; `picture`: its cover."""
    pad, large = 70, 46 if picture else 58
    width = CARD_WIDTH - 2 * pad - (CARD_WIDTH // 2 - pad if picture else 0)
    words, y = [], 120
    for line in lines(title, large, width, most=4 if picture else 3):
        words.append(Words(pad, y, large, line, is_bold=True))
        y += large + 14
    y += 10
    for line in lines(challenge, 26, width, most=max(0, min(4, (430 - y) // 36 + 1))):
        words.append(Words(pad, y, 26, line, SOFT))
        y += 36
    written = [line for date in dates for line in lines(date, 22, width, most=2)]
    for place, line in enumerate(written):
        words.append(Words(pad, 485 + 32 * place, 22, line, ACCENT, is_bold=True))
    words.append(Words(pad, 605, 18, cut(source, 18, width), SOFT))
    right = Box(CARD_WIDTH / 2 + pad, 0, CARD_WIDTH / 2 - pad, CARD_HEIGHT, TRACK)
    return Drawing(
        CARD_WIDTH,
        CARD_HEIGHT,
        title,
        ", ".join(dates),
        (Box(0, 0, 18, CARD_HEIGHT, ACCENT), Box(pad, 445, width, 2, TRACK)),
        tuple(words),
        (right, picture) if picture else None,
    )


def lines(text: str, size: int, width: float, *, most: int) -> list[str]:
    """The text on lines of this width, the last one cut where there are more."""
    return textwrap.wrap(text, max(8, int(width / (size * _LETTER))), max_lines=most, placeholder="…") if text else []


def cut(text: str, size: int, width: float) -> str:
    """The text as far as it fits on one line."""
    return (lines(text, size, width, most=1) or [""])[0]
