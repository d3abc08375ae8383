"""Covers of campaigns: an uploaded picture becomes a wide one, small enough for a page on a phone."""

from typing import BinaryIO

from app.pictures.uploads.redraw import drawn_again
from ideas.files import Upload, clean_name
from ideas.media_type import WEBP

WIDTH, HEIGHT = 960, 384
# A visit of a page must stay light: the picture is drawn more coarsely until it takes no more.
MAX_BYTES = 45_000


def cover_upload(source: BinaryIO, name: str) -> Upload:
    """The cover as it is kept. Raises NotAPicture, PictureTooLarge, UnreadableFile."""
    drawn = drawn_again(source.read(), side=WIDTH, height=HEIGHT, max_bytes=MAX_BYTES)
    return Upload(clean_name(name, WEBP), WEBP, drawn)
