"""The pictures of the demo, drawn by the program: portraits, a photo of an idea, the cover of a campaign."""

import io
import random

from PIL import Image, ImageChops, ImageColor, ImageDraw


def drawn_portrait(name: str) -> io.BytesIO:
    """A drawn portrait: a smiling face with closed eyes before a sun, in colours computed from the name."""
    ground, sun, clothes, hair, skin, cut = _looks(name)
    shade, blush = _between(skin, "#5a2a1a", 0.16), _between(skin, "#d1495b", 0.22)
    picture = Image.new("RGB", (1280, 1280), ground)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((150, 130, 1130, 1110), fill=sun)
    if cut == "long":
        draw.rounded_rectangle((350, 220, 930, 1010), 290, fill=hair)
    elif cut == "bun":
        draw.ellipse((520, 90, 760, 330), fill=hair)
    draw.rounded_rectangle((130, 930, 1150, 1700), 330, fill=clothes)
    draw.rounded_rectangle((545, 720, 735, 1030), 95, fill=shade)
    draw.ellipse((350, 220, 930, 800), fill=hair)
    draw.ellipse((390, 330, 890, 890), fill=skin)
    picture.paste(hair, mask=_both(picture.size, (390, 330, 890, 890), (250, 160, 750, 520)))  # a fringe swept aside
    for eye in (525, 755):
        draw.arc((eye - 42, 560, eye + 42, 644), 20, 160, fill="#2b211c", width=14)
        draw.ellipse((eye - 62, 668, eye + 62, 744), fill=blush)
    draw.arc((560, 650, 720, 790), 25, 155, fill="#2b211c", width=14)
    file = io.BytesIO()
    picture.resize((640, 640), Image.Resampling.LANCZOS).save(file, "PNG")
    file.seek(0)
    return file


def drawn_street() -> bytes:
    """A street in the sun: a pavement along a long wall, one tree far away, and no bench."""
    picture = Image.new("RGB", (1200, 800), "#cfe3ea")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((920, 60, 1070, 210), fill="#f6cf65")
    draw.rectangle((0, 300, 1200, 560), fill="#d9b48c")
    for x in range(40, 1200, 220):
        draw.rectangle((x, 350, x + 90, 470), fill="#8aa6b0")
    draw.rectangle((0, 560, 1200, 660), fill="#c9c3b8")
    for x in range(0, 1200, 150):
        draw.line((x, 560, x - 40, 660), fill="#aaa398", width=4)
    draw.rectangle((0, 660, 1200, 800), fill="#6d6a68")
    for x in range(30, 1200, 260):
        draw.rectangle((x, 720, x + 130, 734), fill="#f1ece2")
    draw.rectangle((1096, 420, 1116, 570), fill="#6b4a32")
    draw.ellipse((1030, 270, 1186, 450), fill="#5f8a5b")
    draw.ellipse((300, 440, 336, 476), fill="#3d3a3a")
    draw.rounded_rectangle((292, 476, 344, 590), 22, fill="#8a3b2a")
    draw.line((350, 500, 372, 628), fill="#2b211c", width=7)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def drawn_van() -> bytes:
    """A van before a house at the end of an afternoon: a ladder on its roof, a sun on its side."""
    picture = Image.new("RGB", (960, 540), "#dcebe6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((720, 40, 840, 160), fill="#f6cf65")
    draw.polygon(((60, 230), (220, 110), (380, 230)), fill="#a4533c")
    draw.rectangle((90, 230, 350, 440), fill="#efe2cd")
    draw.rectangle((125, 280, 195, 350), fill="#8aa6b0")
    draw.rectangle((250, 310, 320, 440), fill="#6b4a32")
    draw.rectangle((0, 440, 960, 540), fill="#8b8f86")
    draw.rounded_rectangle((410, 220, 820, 430), 26, fill="#0f6b6b")
    draw.polygon(((820, 290), (880, 345), (880, 430), (820, 430)), fill="#0f6b6b")
    draw.polygon(((826, 306), (866, 348), (826, 348)), fill="#cfe3ea")
    draw.line((430, 206, 800, 206), fill="#6b4a32", width=8)
    draw.line((430, 190, 800, 190), fill="#6b4a32", width=8)
    for x in range(450, 800, 40):
        draw.line((x, 190, x, 206), fill="#6b4a32", width=6)
    draw.ellipse((560, 275, 650, 365), fill="#f6cf65")
    for wheel in (500, 790):
        draw.ellipse((wheel - 42, 388, wheel + 42, 472), fill="#2b211c")
        draw.ellipse((wheel - 16, 414, wheel + 16, 446), fill="#c9c3b8")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def drawn_town() -> io.BytesIO:
    """A town on its river in the morning: a bridge, a bus on it, a bicycle on the quay.

    What matters is in the middle: a wide page shows no more.
    """
    picture = Image.new("RGB", (1920, 768), "#f3e3c6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((1340, 120, 1600, 380), fill="#f0b56b")
    drawn = random.Random("roofs")  # noqa: S311 -- a picture, not a secret
    for x in range(0, 1920, 120):
        top = drawn.randrange(190, 300)
        draw.rectangle((x, top, x + 112, 440), fill=drawn.choice(["#dba98a", "#e6c4a2", "#c98f76", "#d9b48c"]))
        draw.polygon(((x - 6, top), (x + 56, top - 60), (x + 118, top)), fill="#6b4a4a")
        for y in range(top + 26, 420, 62):
            for window in (22, 66):
                draw.rectangle((x + window, y, x + window + 24, y + 34), fill="#fff4dc")
    draw.rectangle((0, 430, 1920, 768), fill="#8fb8bd")
    for y in range(470, 540, 34):
        for x in range(drawn.randrange(60), 1920, 260):
            draw.line((x, y, x + 110, y), fill="#b3d0d2", width=6)
    draw.rectangle((0, 380, 1920, 440), fill="#a08c7c")
    for x in range(60, 1920, 360):
        draw.pieslice((x, 400, x + 280, 680), 180, 360, fill="#8fb8bd", outline="#a08c7c", width=18)
    _draw_traffic(draw)
    file = io.BytesIO()
    picture.resize((960, 384), Image.Resampling.LANCZOS).save(file, "PNG")
    file.seek(0)
    return file


def _draw_traffic(draw: ImageDraw.ImageDraw) -> None:
    """The bus, the quay with its trees, and the bicycle."""
    draw.rounded_rectangle((560, 268, 900, 384), 22, fill="#0b6066")
    for x in range(586, 860, 64):
        draw.rectangle((x, 292, x + 48, 334), fill="#dceef0")
    for x in (640, 820):
        draw.ellipse((x - 28, 352, x + 28, 408), fill="#2b211c")
    draw.rectangle((0, 550, 1920, 768), fill="#d8cdb8")
    for x in (1180, 1330):
        draw.ellipse((x - 58, 460, x + 58, 576), outline="#2b211c", width=9)
    for line in ((1180, 518, 1225, 430), (1225, 430, 1300, 430), (1300, 430, 1255, 518), (1255, 518, 1180, 518),
                 (1225, 430, 1255, 518), (1296, 400, 1330, 518)):  # fmt: skip
        draw.line(line, fill="#8a3b2a", width=11)
    draw.line((1205, 412, 1245, 412), fill="#2b211c", width=14)
    draw.line((1272, 400, 1304, 400), fill="#2b211c", width=11)
    for x in (200, 420, 1640):
        draw.rectangle((x - 9, 490, x + 9, 590), fill="#6b4a32")
        draw.ellipse((x - 74, 370, x + 74, 520), fill="#5f8a5b")


def _both(size: tuple[int, int], one: tuple[int, ...], other: tuple[int, ...]) -> Image.Image:
    """What two ellipses have in common, as a mask."""
    masks = [Image.new("L", size), Image.new("L", size)]
    for mask, ellipse in zip(masks, (one, other), strict=True):
        ImageDraw.Draw(mask).ellipse(ellipse, fill=255)
    return ImageChops.darker(*masks)


def _between(one: str, other: str, share: float) -> tuple[int, ...]:
    """The colour at a share of the way from one to another."""
    pairs = zip(ImageColor.getrgb(one), ImageColor.getrgb(other), strict=True)
    return tuple(round(a + (b - a) * share) for a, b in pairs)


def _looks(name: str) -> tuple[str, str, str, str, str, str]:
    drawn = random.Random(name)  # noqa: S311 -- a picture, not a secret
    grounds = [("#f3dfc1", "#f0b56b"), ("#dfe5d3", "#a9c4a0"), ("#f2d8cc", "#e79a80"), ("#d9e4e6", "#93bcc2")]
    cut = drawn.choice(["long", "bun", "short"])
    ground, sun = drawn.choice(grounds)
    clothes = drawn.choice(["#0b6066", "#8a3b2a", "#3b4a6b", "#5d4a66"])
    hair = drawn.choice(["#a5703c", "#5a3a22", "#2b211c", "#3d3a3a"])
    skin = drawn.choice(["#f4d3b5", "#dfab7f", "#b27a50", "#86553a"])
    return ground, sun, clothes, hair, skin, cut
