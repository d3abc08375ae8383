"""The logo of the organisation: an uploaded picture becomes a small one without any metadata."""

from app.pictures.uploads.redraw import drawn_again
from ideas.files import Upload, clean_name
from ideas.media_type import WEBP

# Shown at most 40 pixels high: enough for a screen with three pixels for one.
SIDE = 480


def logo_upload(content: bytes, name: str) -> Upload:
    """The logo as it is kept. Raises NotAPicture, PictureTooLarge, UnreadableFile."""
    return Upload(clean_name(name, WEBP), WEBP, drawn_again(content, side=SIDE))
