"""Uploaded pictures, drawn again: upright, bounded, and without anything but their pixels."""

from dataclasses import replace

from app.sandbox.process import Refused
from app.sandbox.reading import reading
from ideas.errors import DomainError, message_id
from ideas.files import Upload, check_upload
from ideas.media_type import PICTURES, WEBP

# The longer side of a picture that is kept: enough for a page, or to print.
MAX_SIDE = 2_400
# That of the small picture in lists.
SMALL_SIDE = 480


class NotAPicture(DomainError):
    message = message_id("This picture can’t be used. Choose a JPEG, PNG or WebP picture.")


class PictureTooLarge(DomainError):
    message = message_id("This picture is too large. Choose one of %(most)s million pixels or fewer.")


def accept(content: bytes, name: str) -> Upload:
    """The upload as it is kept: a picture is drawn again as WebP.

    Raises the errors of `check_upload` and of `drawn_again`.
    """
    upload = check_upload(content, name)
    if upload.media_type not in PICTURES:
        return upload
    return replace(upload, media_type=WEBP, content=drawn_again(upload.content, side=MAX_SIDE))


def small_picture(upload: Upload) -> Upload | None:
    """The same picture, small; None for what is no picture. Raises as `drawn_again`."""
    if upload.media_type != WEBP:
        return None
    return replace(upload, content=drawn_again(upload.content, side=SMALL_SIDE))


def drawn_again(
    content: bytes,
    *,
    side: int,
    square_centre: tuple[float, float] | None = None,
    height: int | None = None,
    max_bytes: int | None = None,
    **how: int,
) -> bytes:
    """The picture as WebP, with no side longer than `side` or, with a centre, as a square of that side; with a height,
    as wide as `side` and so high. `max_bytes`: drawn more coarsely until it takes no more. `how`: the `quality`.

    Raises NotAPicture, PictureTooLarge, UnreadableFile.
    """
    try:
        with reading(
            "picture", content, side=side, square_centre=square_centre, height=height, max_bytes=max_bytes, **how
        ) as found:
            return found.content()
    except Refused as refused:
        if refused.code == "picture_too_large":
            raise PictureTooLarge(**refused.params) from refused
        raise NotAPicture from refused
