"""Where a photo was taken is kept by no way in: portrait, supporting file, logo."""

import io

import pytest
from PIL import Image

from app.pictures.uploads.logo import logo_upload
from app.pictures.uploads.portrait import portrait_upload
from app.pictures.uploads.redraw import accept
from app.sandbox import reading as sandboxed

WAYS = {
    "portrait": lambda content: portrait_upload(io.BytesIO(content), "me.jpg"),
    "supporting file": lambda content: accept(content, "me.jpg"),
    "logo": lambda content: logo_upload(content, "me.jpg"),
}
GPS, LATITUDE, LONGITUDE = 0x8825, 2, 4


@pytest.fixture(autouse=True)
def slots(tmp_path, monkeypatch):
    """Pictures are counted in a folder of the test: no site is needed."""
    monkeypatch.setattr(sandboxed, "slots", lambda: tmp_path)


def photo(kind: str) -> bytes:
    """A picture with a place in its EXIF data, and in the XMP data beside."""
    exif = Image.Exif()
    exif.get_ifd(GPS).update({1: "N", LATITUDE: (47.0, 52.0, 21.0), 3: "W", LONGITUDE: (3.0, 33.0, 4.0)})
    file = io.BytesIO()
    more = {"xmp": b"<x:xmpmeta>GPSLatitude 47,52.21N</x:xmpmeta>"} if kind != "PNG" else {}
    Image.new("RGB", (300, 200), "white").save(file, kind, exif=exif.tobytes(), **more)
    return file.getvalue()


@pytest.mark.parametrize("way", WAYS)
def test_a_place_is_dropped(way):
    for kind in ("JPEG", "PNG", "WEBP"):
        content = photo(kind)
        with Image.open(io.BytesIO(content)) as taken:
            assert taken.getexif().get_ifd(GPS)[LATITUDE], "the photo has a place"
        made = WAYS[way](content).content
        assert b"GPS" not in made
        with Image.open(io.BytesIO(made)) as kept:
            assert not kept.getexif()
            assert not kept.getexif().get_ifd(GPS)
            assert "xmp" not in kept.info
