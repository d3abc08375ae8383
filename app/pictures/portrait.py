"""A portrait: whatever picture was sent becomes one small square that carries nothing but its pixels."""

import secrets
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ideas.errors import DomainError, message_id

SIDE = 320
FORMATS = ("JPEG", "PNG", "WEBP")
# More than any camera of a phone gives; a small file may unpack to a thousand times more.
MAX_PIXELS = 60_000_000
# Faces stand in the upper half of a picture.
_CENTRE = (0.5, 0.35)


class NotAPicture(DomainError):
    message = message_id("This picture can’t be used. Choose a JPEG, PNG or WebP picture.")


class PictureTooLarge(DomainError):
    message = message_id("This picture is too large. Choose one of %(most)s million pixels or fewer.")


def square(source: BinaryIO) -> bytes:
    """The picture as a square WebP, upright, without what the camera wrote into it.

    It is judged by its content, whatever its name says. Raises NotAPicture, PictureTooLarge.
    """
    content = source.read()
    try:
        _check(content)
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge(most=MAX_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError):
        raise NotAPicture from None
    fitted = ImageOps.fit(upright, (SIDE, SIDE), centering=_CENTRE)
    bare = Image.new("RGB", fitted.size, "white")  # a new picture: nothing of the old one's data comes along
    bare.paste(fitted, mask=fitted)
    out = BytesIO()
    bare.save(out, "WEBP", quality=84)
    return out.getvalue()


def store(folder: Path, content: bytes) -> str:
    """Write the picture under a name that nobody can guess, and return the name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}.webp"
    (folder / name).write_bytes(content)
    return name


def keep_portrait(source: BinaryIO, folder: Path) -> str:
    """Square the picture and write it; returns the name of its file. Raises NotAPicture, PictureTooLarge."""
    return store(folder, square(source))


def discard(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)


def _check(content: bytes) -> None:
    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise PictureTooLarge(most=MAX_PIXELS // 1_000_000)
        picture.verify()
