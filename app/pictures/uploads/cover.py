"""Covers of campaigns: an uploaded picture becomes a wide one, and a small one that is light enough for a phone."""

from typing import BinaryIO

from app.pictures.uploads.redraw import drawn_again
from ideas.files import Upload, clean_name
from ideas.media_type import WEBP

WIDTH, HEIGHT = 960, 384
SMALL_WIDTH, SMALL_HEIGHT = 480, 192
# A picture is drawn more coarsely until it takes no more.
MAX_BYTES = 45_000
MAX_SMALL_BYTES = 11_000  # a first visit of a campaign's page takes 100 kB at most on a phone


def cover_uploads(source: BinaryIO, name: str) -> tuple[Upload, Upload]:
    """The cover as it is kept, and the small one. Raises NotAPicture, PictureTooLarge, UnreadableFile."""
    large = drawn_again(source.read(), side=WIDTH, height=HEIGHT, max_bytes=MAX_BYTES)
    small = drawn_again(large, side=SMALL_WIDTH, height=SMALL_HEIGHT, max_bytes=MAX_SMALL_BYTES)
    kept_name = clean_name(name, WEBP)
    return Upload(kept_name, WEBP, large), Upload(kept_name, WEBP, small)
