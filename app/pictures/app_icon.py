"""The sign of the product as a square picture, for the screen of a phone: drawn from the sign of the pages."""

import re
from functools import cache

from app.pictures.drawing import Drawing, Spot
from app.web.static_files import STATIC, asset

# What a phone may cut off at the edges of a maskable icon: the sign stays within four fifths.
_SAFE = 0.8
_CIRCLE = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"(?: fill="(#\w+)")?')
_COLOURS = re.compile(r'fill="(#\w+)"')


def app_icon(side: int, *, maskable: bool = False) -> bytes:
    """The icon as PNG, filled to its edges: phones cut its corners as they like. Raises NoPicture."""
    view, paper, light, circles = _sign()
    share = 0.85 * (_SAFE if maskable else 1)
    factor, edge = side / view * share, side * (1 - share) / 2
    spots = tuple(
        Spot(edge + x * factor, edge + y * factor, radius * factor, colour or light) for x, y, radius, colour in circles
    )
    return Drawing(side, side, "Convergence", "", (), (), spots=spots, paper=paper).png()


@cache
def _sign() -> tuple[float, str, str, list[tuple[float, float, float, str]]]:
    """The side of its view, the colour behind it, that of its circles unless they have another, and the circles."""
    drawn = (STATIC / asset("favicon.svg").rpartition("/")[2]).read_text()
    view = float(re.findall(r'viewBox="0 0 (\d+) ', drawn)[0])
    paper, light = _COLOURS.findall(drawn)[:2]
    circles = [(float(x), float(y), float(radius), colour) for x, y, radius, colour in _CIRCLE.findall(drawn)]
    return view, paper, light, circles
