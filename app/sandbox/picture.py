"""Pictures drawn again: upright, bounded, and without anything but their pixels."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
# More than any phone takes; a small file may decompress to a thousand times its size.
MAX_PIXELS = 60_000_000
MAX_SIDE_PIXELS = 30_000
QUALITY = 84
# A drawing or a page of text has fewer colours than this, a photo more.
MAX_DRAWN_COLOURS = 1_024
# What follows where a picture takes too many bytes.
COARSER = (70, 55, 40, 25)
SOFTER = (2, 4, 8, 16)
_PLAIN_MODES = frozenset({"L", "LA", "RGB", "RGBA"})
# How a camera says that it was turned, and what turns the picture back.
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PictureRefused(Exception):
    """`code`: not_a_picture or picture_too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(
    content: bytes,
    *,
    side: int,
    square_centre: list[float] | None = None,
    height: int | None = None,
    max_bytes: int | None = None,
    quality: int = QUALITY,
) -> Iterator[dict[str, Any] | bytes]:
    """The picture as WebP: no side longer than `side` or, with a centre, a square of that side around it; with a
    height, as wide as `side` and so high, around its middle. See `drawn_again`.
    """
    is_cut = square_centre is not None or height is not None
    try:
        picture = upright(content, side=2 * side if is_cut else side)
        if is_cut:
            x, y = square_centre or (0.5, 0.5)
            picture = ImageOps.fit(picture, (side, height or side), centering=(x, y))
        else:
            picture.thumbnail((side, side))
        drawn = as_webp(picture, quality) if max_bytes is None else _within(max_bytes, picture)
    except PictureRefused as refused:
        yield {"error": refused.code, "params": {"most": MAX_PIXELS // 1_000_000}}
    else:
        yield {"bytes": len(drawn)}
        yield drawn


def _within(max_bytes: int, picture: Image.Image) -> bytes:
    """The picture as WebP of at most so many bytes: more coarsely first, then without its finest details."""
    drawn = as_webp(picture)
    for quality in COARSER:
        if len(drawn) > max_bytes:
            drawn = as_webp(picture, quality)
    for factor in SOFTER:
        if len(drawn) > max_bytes:
            drawn = as_webp(picture.reduce(factor).resize(picture.size), COARSER[-1])
    return drawn


def upright(content: bytes, *, side: int) -> Image.Image:
    """The picture as RGBA, turned as it was taken, with sides of about `side` or more.

    The format is read from the content, not from the file's name. Raises PictureRefused.
    """
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        _check(content)
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            picture.draft("RGB", (side, side))
            turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
            # Made smaller before it is copied: a picture of 60 million pixels takes 180 MB or more, once.
            whole = picture if picture.mode in _PLAIN_MODES else picture.convert("RGBA")
            small = whole.reduce(max(1, min(whole.size) // (2 * side)))
        upright = small if turn is None else small.transpose(turn)
        return upright.convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureRefused("picture_too_large") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise PictureRefused("not_a_picture") from None


def as_webp(picture: Image.Image, quality: int = QUALITY) -> bytes:
    """The picture on white, as WebP without metadata. A drawing is kept exactly where that takes fewer bytes."""
    bare = Image.new("RGB", picture.size, "white")  # a new picture, so that no metadata is copied
    bare.paste(picture, mask=picture)
    drawn = _saved(bare, quality=quality)
    if bare.getcolors(MAX_DRAWN_COLOURS) is None:
        return drawn
    # Quickly: a grey photo has few colours too, and must not keep its sender waiting.
    return min(drawn, _saved(bare, lossless=True, quality=20, method=2), key=len)


def _saved(picture: Image.Image, **how: Any) -> bytes:
    out = BytesIO()
    picture.save(out, "WEBP", **how)
    return out.getvalue()


def _check(content: bytes) -> None:
    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE_PIXELS:
            raise PictureRefused("picture_too_large")
        picture.verify()
