"""Portraits: an uploaded picture becomes a small square without any metadata."""

import secrets
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ideas.errors import DomainError, message_id

SIDE = 320
FORMATS = ("JPEG", "PNG", "WEBP")
# More than any phone takes; a small file may decompress to a thousand times its size.
MAX_PIXELS = 60_000_000
# Faces are usually in the upper half of a picture.
_CENTRE = (0.5, 0.35)


class NotAPicture(DomainError):
    message = message_id("This picture can’t be used. Choose a JPEG, PNG or WebP picture.")


class PictureTooLarge(DomainError):
    message = message_id("This picture is too large. Choose one of %(most)s million pixels or fewer.")


def square(source: BinaryIO) -> bytes:
    """The picture as an upright square WebP without metadata.

    The format is read from the content, not from the file's name. Raises NotAPicture, PictureTooLarge.
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
    bare = Image.new("RGB", fitted.size, "white")  # a new picture, so that no metadata is copied
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
