"""Uploaded pictures, drawn again: upright, bounded, and without anything but their pixels."""

from dataclasses import replace
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ideas.errors import DomainError, message_id
from ideas.files import PICTURES, WEBP, Upload, check_upload

FORMATS = ("JPEG", "PNG", "WEBP")
# More than any phone takes; a small file may decompress to a thousand times its size.
MAX_PIXELS = 60_000_000
# The longer side of a picture that is kept: enough for a page, or to print.
MAX_SIDE = 2_400
QUALITY = 84


class NotAPicture(DomainError):
    message = message_id("This picture can’t be used. Choose a JPEG, PNG or WebP picture.")


class PictureTooLarge(DomainError):
    message = message_id("This picture is too large. Choose one of %(most)s million pixels or fewer.")


def accept(content: bytes, name: str) -> Upload:
    """The upload as it is kept: a picture is drawn again as WebP.

    Raises the errors of `check_upload`, NotAPicture, PictureTooLarge.
    """
    upload = check_upload(content, name)
    if upload.media_type not in PICTURES:
        return upload
    return replace(upload, media_type=WEBP, content=without_metadata(upload.content))


def without_metadata(content: bytes) -> bytes:
    """The picture as WebP, with no side longer than MAX_SIDE. Raises NotAPicture, PictureTooLarge."""
    picture = upright(content, side=MAX_SIDE)
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    return as_webp(picture)


def upright(content: bytes, *, side: int) -> Image.Image:
    """The decoded picture as RGBA, turned as it was taken. A JPEG may be smaller, with sides of about `side` or more.

    The format is read from the content, not from the file's name. Raises NotAPicture, PictureTooLarge.
    """
    try:
        _check(content)
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            picture.draft("RGB", (side, side))
            return ImageOps.exif_transpose(picture).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge(most=MAX_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError):
        raise NotAPicture from None


def as_webp(picture: Image.Image) -> bytes:
    """The picture on white, as WebP without metadata."""
    bare = Image.new("RGB", picture.size, "white")  # a new picture, so that no metadata is copied
    bare.paste(picture, mask=picture)
    out = BytesIO()
    bare.save(out, "WEBP", quality=QUALITY)
    return out.getvalue()


def _check(content: bytes) -> None:
    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise PictureTooLarge(most=MAX_PIXELS // 1_000_000)
        picture.verify()
