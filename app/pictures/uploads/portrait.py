"""Portraits: an uploaded picture becomes a small square without any metadata."""

from typing import BinaryIO

from app.pictures.uploads.redraw import drawn_again
from ideas.files import Upload, clean_name
from ideas.media_type import WEBP

SIDE = 220  # pages show 88, and a phone has two or three pixels for each
QUALITY = 70  # so small, it hides what is coarse
# Faces are usually in the upper half of a picture.
_CENTRE = (0.5, 0.35)


def square(source: BinaryIO) -> bytes:
    """The picture as an upright square WebP without metadata. Raises NotAPicture, PictureTooLarge, UnreadableFile."""
    return drawn_again(source.read(), side=SIDE, square_centre=_CENTRE, quality=QUALITY)


def portrait_upload(source: BinaryIO, name: str) -> Upload:
    """The portrait as it is kept. Raises NotAPicture, PictureTooLarge, UnreadableFile."""
    return Upload(clean_name(name, WEBP), WEBP, square(source))
