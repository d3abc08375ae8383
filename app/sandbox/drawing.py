"""A drawing of rectangles, circles, words and at most one picture as PNG.

Its words need a font of the machine: DejaVu Sans.
"""

import json
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps, PngImagePlugin

MAX_SIDE = 8_000
# Covers are stored as this, see app/pictures/uploads/cover.py.
FORMATS = ("WEBP",)
MAX_COLOURS = 256
# Of a few colours and their edges: a page names an icon of 180 pixels, which takes 3 kB instead of 8.
SPOT_COLOURS = 64
# How many times larger circles are drawn.
SMOOTH = 4
PLAIN, BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"


def read(content: bytes) -> Iterator[dict[str, Any] | bytes]:
    """The picture that the JSON describes: see app/pictures/drawing.py."""
    facts = json.loads(content)
    scale = facts["scale"]
    size = facts["width"] * scale, facts["height"] * scale
    if max(size) > MAX_SIDE:
        yield {"error": "too_large", "params": {}}
        return
    picture = _with_spots(Image.new("RGB", size, facts["paper"]), facts.get("spots", []), scale)
    if "picture" in facts:
        x, y, width, height, encoded = facts["picture"]
        with Image.open(BytesIO(b64decode(encoded)), formats=FORMATS) as inside:
            box = round(width * scale), round(height * scale)
            picture.paste(ImageOps.fit(inside.convert("RGB"), box), (round(x * scale), round(y * scale)))
    pen = ImageDraw.Draw(picture)
    for x, y, width, height, colour in facts["boxes"]:
        if width > 0:
            pen.rectangle((x * scale, y * scale, (x + width) * scale - 1, (y + height) * scale - 1), fill=colour)
    try:
        for x, y, letters, text, colour, is_bold, from_right in facts["words"]:
            font = ImageFont.truetype(BOLD if is_bold else PLAIN, letters * scale)
            pen.text((x * scale, y * scale), text, font=font, fill=colour, anchor="rs" if from_right else "ls")
    except OSError:
        yield {"error": "no_font", "params": {}}
        return
    said = PngImagePlugin.PngInfo()
    said.add_itxt("Title", facts["title"])
    said.add_itxt("Description", facts["description"])
    out = BytesIO()
    if "picture" in facts:
        picture = picture.quantize(MAX_COLOURS)  # a third of the bytes
    elif facts.get("spots"):
        picture = picture.quantize(SPOT_COLOURS)
    picture.save(out, "PNG", optimize=True, pnginfo=said)
    yield {"bytes": out.tell()}
    yield out.getvalue()


def _with_spots(picture: Image.Image, spots: list[list[Any]], scale: int) -> Image.Image:
    """The picture with circles, drawn larger and made small again: Pillow's own have rough edges."""
    if not spots:
        return picture
    large = picture.resize((picture.width * SMOOTH, picture.height * SMOOTH))
    pen = ImageDraw.Draw(large)
    for x, y, radius, colour in spots:
        left, top, right, bottom = (scale * SMOOTH * at for at in (x - radius, y - radius, x + radius, y + radius))
        pen.ellipse((left, top, right, bottom), fill=colour)
    return large.resize(picture.size, Image.Resampling.LANCZOS)
