"""What a file is, from its content alone: pictures, PDF, office documents without macros, plain text."""

import csv
import re
import zipfile
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from io import BytesIO

from ideas.errors import DomainError, message_id

MEGABYTE = 1_000_000
# An office document is a ZIP archive: these are its limits once unpacked.
MAX_UNPACKED_BYTES = 100 * MEGABYTE
MAX_ENTRIES = 5_000
_CHUNK_BYTES = 256 * 1024
JPEG, PNG, WEBP, PDF, TEXT, CSV = (
    "image/jpeg", "image/png", "image/webp", "application/pdf", "text/plain", "text/csv"
)  # fmt: skip
PICTURES = frozenset({JPEG, PNG, WEBP})
_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
# Of each media type that is kept, the extensions that a name may have. The first one replaces any other.
EXTENSIONS = {
    WEBP: ("webp",),
    PDF: ("pdf",),
    f"{_OOXML}.wordprocessingml.document": ("docx",),
    f"{_OOXML}.spreadsheetml.sheet": ("xlsx",),
    f"{_OOXML}.presentationml.presentation": ("pptx",),
    f"{_ODF}.text": ("odt",),
    f"{_ODF}.spreadsheet": ("ods",),
    f"{_ODF}.presentation": ("odp",),
    TEXT: ("txt", "csv", "md"),
    CSV: ("csv", "txt"),
}
# The part that holds the document, of each kind of Office Open XML.
_MAIN_PARTS = {
    "word/document.xml": f"{_OOXML}.wordprocessingml.document",
    "xl/workbook.xml": f"{_OOXML}.spreadsheetml.sheet",
    "ppt/presentation.xml": f"{_OOXML}.presentationml.presentation",
}
_END_OF_ZIP, _END_OF_ZIP_BYTES = b"PK\x05\x06", 22
# An entry of the directory of an archive takes 46 bytes and its name.
_MAX_DIRECTORY_BYTES = MAX_ENTRIES * 300
# Where Office Open XML, and then OpenDocument, keep programs.
_MACROS, _MACRO_FOLDERS = ("vbaproject.bin", "vbadata.xml"), ("basic/", "scripts/")
# Formats that are text, but not only to read.
_NOT_PLAIN = ("%PDF", "%!PS", "{\\rtf", "GIF8", "#!")
_MARKUP = re.compile(
    r"<\s*(?:!doctype|!--|\?xml|\?php|html|head|body|script|style|iframe|svg|math|title|meta|link|base|object|embed|img"
    r"|form|table|div|p|a|b|i|h[1-6]|br|font)\b|<\s*(?:!--|\?)",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_MAX_SNIFFED = 1024  # a browser that guesses a type looks no further
_SNIFFED_LINES = 50


class FileRefused(DomainError):
    """The file can't be kept. The message says why, and what to do."""


class EmptyFile(FileRefused):
    message = message_id("This file is empty. Choose another one.")


class KindNotAccepted(FileRefused):
    message = message_id(
        "This file is not accepted. Choose a picture (JPEG, PNG, WebP), a PDF, a document (DOCX, XLSX, PPTX, ODT, ODS,"
        " ODP) or a text (TXT, CSV)."
    )


class UnpacksTooLarge(FileRefused):
    message = message_id("This document is too large once unpacked. Save it as PDF, or split it.")


def media_type_of(content: bytes) -> str:
    """The media type, found in the content alone. Raises KindNotAccepted, UnpacksTooLarge."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _text(content)


def _pdf(content: bytes) -> str:
    """A whole PDF that is nothing else: no ZIP archive at its end, no HTML at its start."""
    start = content[:_MAX_SNIFFED].decode("latin-1")
    is_whole = b"%%EOF" in content[-_MAX_SNIFFED:]
    if not is_whole or zipfile.is_zipfile(BytesIO(content)) or _MARKUP.search(start):
        raise KindNotAccepted
    return PDF


def _office(content: bytes) -> str:
    """The media type of a document of Office Open XML or OpenDocument without macros.

    The archive holds nothing before, after or beside its entries.
    """
    end = content[-_END_OF_ZIP_BYTES:]
    if not end.startswith(_END_OF_ZIP):
        raise KindNotAccepted
    # Before Python makes an object of each entry: 10 MB may name 200,000.
    if int.from_bytes(end[12:16], "little") > _MAX_DIRECTORY_BYTES:
        raise UnpacksTooLarge
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_entries(archive.infolist())
            found = _document_type(archive)
            _check_unpacked(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, KeyError, RuntimeError):
        raise KindNotAccepted from None
    return found


def _check_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise UnpacksTooLarge
    names = [entry.filename for entry in entries]
    is_odd = any(
        name.startswith("/")
        or ".." in name.split("/")
        or "\\" in name
        or name.lower().endswith(_MACROS)
        or name.lower().startswith(_MACRO_FOLDERS)
        for name in names
    )
    if is_odd or len(set(names)) < len(names) or min((entry.header_offset for entry in entries), default=1) != 0:
        raise KindNotAccepted


def _document_type(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if names[0] == "mimetype" and "content.xml" in names:
        with archive.open("mimetype") as part:
            found = part.read(100).decode("ascii")
        if found in EXTENSIONS:
            return found
    elif "[Content_Types].xml" in names:
        with archive.open("[Content_Types].xml") as part:
            types = part.read(MEGABYTE).decode("utf-8")
        for name, found in _MAIN_PARTS.items():
            if name in names and f"{found}.main+xml" in types:
                return found
    raise KindNotAccepted


def _check_unpacked(archive: zipfile.ZipFile) -> None:
    """Unpack everything and keep nothing: an archive may understate what its entries unpack to."""
    left = MAX_UNPACKED_BYTES
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while block := part.read(_CHUNK_BYTES):
                left -= len(block)
                if left < 0:
                    raise UnpacksTooLarge


def _text(content: bytes) -> str:
    """Plain text or CSV: readable throughout, without HTML or a script at its start."""
    text = _decoded(content).lstrip("\ufeff \t\r\n\f")
    if not text:
        raise EmptyFile
    if _CONTROLS.search(text) or text.startswith(_NOT_PLAIN) or _MARKUP.search(text[:_MAX_SNIFFED]):
        raise KindNotAccepted
    return CSV if _is_table(text) else TEXT


def _decoded(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif content.startswith(BOM_UTF8):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "cp1252"]  # older spreadsheets write the second
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise KindNotAccepted


def _is_table(text: str) -> bool:
    """True if every line of the beginning has the same number of cells, two at least."""
    lines = [line for line in text.splitlines()[:_SNIFFED_LINES] if line]
    for delimiter in ";,\t":
        try:
            widths = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        except csv.Error:
            continue
        if len(lines) > 1 and len(widths) == 1 and widths != {1}:
            return True
    return False
