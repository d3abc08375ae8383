"""Bytes of files that people might send: real ones, and those that only seem to be."""

import io
import struct
import zipfile
import zlib

from PIL import Image

GPS, MAKER = 0x8825, 0x010F
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
WINDOWS_PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + b"\0" * 200
LINUX_PROGRAM = b"\x7fELF\x02\x01\x01" + b"\0" * 200


def photo(kind="JPEG", size=(900, 600)) -> bytes:
    """A picture that says where it was taken, by which camera, and holds a comment."""
    exif = Image.Exif()
    exif[MAKER] = "Secret Camera"
    exif[GPS] = {1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 7.0)}
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, exif=exif.tobytes())
    return file.getvalue()


def huge_png() -> bytes:
    """A few bytes that say they are 30,000 by 30,000 pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0\0\0\0"


def archive(parts, *, compression=zipfile.ZIP_DEFLATED, comment=b"") -> bytes:
    """A ZIP archive of these parts, by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as packed:
        packed.comment = comment
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def office(main="word/document.xml", kind=WORD, *, compression=zipfile.ZIP_DEFLATED, **more) -> bytes:
    """A document of Office Open XML with these parts beside its main one."""
    types = f'<Types><Override PartName="/{main}" ContentType="{kind}"/></Types>'
    return archive(
        {"[Content_Types].xml": types, "_rels/.rels": "<Relationships/>", main: "<w/>"} | more, compression=compression
    )


def open_document(kind="text", **more) -> bytes:
    """A document of OpenDocument with these parts beside its own."""
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    parts = {"mimetype": media_type, "content.xml": "<office/>", "META-INF/manifest.xml": "<manifest/>"}
    return archive(parts | more)


def understated(content: bytes, real: int, said: int) -> bytes:
    """The archive with another unpacked size wherever it is written."""
    return content.replace(struct.pack("<I", real), struct.pack("<I", said))
