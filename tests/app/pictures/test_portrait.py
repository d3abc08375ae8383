import io
import struct
import zlib

import pytest
from PIL import Image, ImageFilter

from app.demo.drawing import drawn_van
from app.pictures.uploads.portrait import SIDE, portrait_upload, square
from app.pictures.uploads.redraw import NotAPicture, PictureTooLarge, accept
from app.sandbox import reading as sandboxed


@pytest.fixture(autouse=True)
def slots(tmp_path, monkeypatch):
    """Pictures are counted in a folder of the test: no site is needed."""
    monkeypatch.setattr(sandboxed, "slots", lambda: tmp_path)


def picture(kind: str, size=(900, 600), mode="RGB", **options) -> io.BytesIO:
    file = io.BytesIO()
    Image.new(mode, size, "teal").save(file, kind, **options)
    file.seek(0)
    return file


def huge_png() -> io.BytesIO:
    """A few bytes that say they are 30,000 by 30,000 pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0\0\0\0")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_square_webp(kind):
    with Image.open(io.BytesIO(square(picture(kind)))) as made:
        assert (made.format, made.size, made.mode) == ("WEBP", (SIDE, SIDE), "RGB")


def test_what_the_camera_wrote_is_dropped_and_the_picture_is_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "12 rue des Lilas"
    lying = Image.new("RGB", (600, 600), "white")
    lying.paste("black", (0, 0, 600, 300))
    file = io.BytesIO()
    lying.save(file, "JPEG", exif=exif.tobytes(), comment=b"secret")
    file.seek(0)
    made = square(file)
    assert b"Lilas" not in made
    assert b"secret" not in made
    with Image.open(io.BytesIO(made)) as upright:
        assert not upright.getexif()
        assert upright.getpixel((SIDE - 20, SIDE // 2))[0] < 60  # what was on top is now on the right
        assert upright.getpixel((20, SIDE // 2))[0] > 200


def test_a_drawing_is_kept_exactly_and_a_photo_is_not():
    """A drawing with sharp edges takes fewer bytes as it is than blurred; a photo takes several times as many."""
    drawing, photo = drawn_van(), io.BytesIO()
    Image.effect_noise((600, 400), 60).filter(ImageFilter.GaussianBlur(2)).convert("RGB").save(photo, "PNG")
    for sent, is_exact in ((drawing, True), (photo.getvalue(), False)):
        kept = accept(sent, "x.png").content
        with Image.open(io.BytesIO(sent)) as before, Image.open(io.BytesIO(kept)) as shown:
            assert (shown.convert("RGB").tobytes() == before.convert("RGB").tobytes()) is is_exact
        if is_exact:
            assert len(kept) < 3_000


def test_transparency_becomes_white():
    file = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(file, "PNG")
    file.seek(0)
    with Image.open(io.BytesIO(square(file))) as made:
        assert min(made.getpixel((SIDE // 2, SIDE // 2))) > 250


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 60,
        picture("PNG").getvalue()[:200],
        picture("JPEG").getvalue()[:400],
        b"\xff\xd8\xff" + b"PK\x03\x04" * 20,
    ],
    ids=["nothing", "text", "svg", "gif", "broken png", "cut png", "cut jpeg", "polyglot"],
)
def test_anything_else_is_refused(content):
    with pytest.raises(NotAPicture):
        square(io.BytesIO(content))


def test_a_real_gif_is_refused():
    with pytest.raises(NotAPicture):
        square(picture("GIF"))


def test_a_picture_that_would_unpack_beyond_measure_is_refused():
    with pytest.raises(PictureTooLarge):
        square(huge_png())


def test_a_portrait_is_a_webp_by_name_too():
    upload = portrait_upload(picture("JPEG"), "C:\\me.jpg")
    assert (upload.name, upload.media_type) == ("me.webp", "image/webp")
