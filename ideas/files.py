"""Files that people give: which are accepted, how they are kept on disk, who added or removed them.

What a file is follows from its content, never from its name. A table row knows where its bytes are; they are written
before the transaction that adds the row, and deleted after the one that removes it. Bytes that a process left because
it died in between are deleted by `sweep`.
"""

import csv
import errno
import hashlib
import os
import re
import secrets
import zipfile
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import BindParameter, ForeignKey, Select, String, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice, chunks
from ideas.errors import DomainError, message_id
from ideas.text import clean_line

MEGABYTE = 1_000_000
MAX_FILE_BYTES = 10 * MEGABYTE
MAX_CAMPAIGN_BYTES = 50 * MEGABYTE
MAX_ATTACHMENTS = 8
MAX_NAME_LENGTH = 120
# An office document is a ZIP archive: these are its limits once unpacked.
MAX_UNPACKED_BYTES = 100 * MEGABYTE
MAX_ENTRIES = 5_000
_CHUNK_BYTES = 256 * 1024
# Bytes that no row knows are younger while their transaction may still commit. A day leaves time to notice that a
# database from an older back-up was put beside newer files.
UNKNOWN_KEPT = timedelta(days=1)
_UNFINISHED = ".part"
_STORED_AS = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
# What the system answers where a disk, or the share of its user, is full.
DISK_IS_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

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
_EXTENSION = re.compile(r"[A-Za-z][A-Za-z0-9]{1,3}")
_NOT_IN_A_NAME = re.compile(r'[<>:"|?*]')


class Purpose(StrEnum):
    PORTRAIT = "portrait"
    ATTACHMENT = "attachment"


class FileRefused(DomainError):
    """The file can't be kept. The message says why, and what to do."""


class EmptyFile(FileRefused):
    message = message_id("This file is empty. Choose another one.")


class FileTooLarge(FileRefused):
    message = message_id("This file is too large. The limit is %(most)s MB.")


class KindNotAccepted(FileRefused):
    message = message_id(
        "This file is not accepted. Choose a picture (JPEG, PNG, WebP), a PDF, a document (DOCX, XLSX, PPTX, ODT, ODS,"
        " ODP) or a text (TXT, CSV)."
    )


class UnpacksTooLarge(FileRefused):
    message = message_id("This document is too large once unpacked. Save it as PDF, or split it.")


class TooManyFiles(FileRefused):
    message = message_id("This campaign already has %(most)s files. Remove one, then add this one.")


class QuotaReached(FileRefused):
    message = message_id("The files of a campaign take %(most)s MB at most. Remove one, or choose a smaller file.")


class DiskFull(FileRefused):
    message = message_id("This site has no space left for files. Tell an administrator, then try again.")


class File(Base):
    """A file on disk at `stored_as`, below the folder of uploads, until `removed_at`. Its `name` is only shown."""

    __tablename__ = "file"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    stored_as: Mapped[str] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    @property
    def is_picture(self) -> bool:
        return self.media_type in PICTURES

    @property
    def kind(self) -> str:
        """The usual extension of this media type, such as “pdf”."""
        return EXTENSIONS[self.media_type][0]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent and is accepted: its cleaned name, its media type, its bytes."""

    name: str
    media_type: str
    content: bytes


def check_upload(content: bytes, name: str) -> Upload:
    """The upload, if it is of an accepted kind. A picture has still to be drawn again, without what the camera wrote.

    Raises EmptyFile, FileTooLarge, KindNotAccepted, UnpacksTooLarge.
    """
    if not content:
        raise EmptyFile
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLarge(most=MAX_FILE_BYTES // MEGABYTE)
    found = media_type_of(content)
    media_type = WEBP if found in PICTURES else found
    return Upload(clean_name(name, media_type), found, content)


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


def clean_name(name: str, media_type: str) -> str:
    """The name without folders and characters that systems refuse, with an extension that fits the media type."""
    last = _NOT_IN_A_NAME.sub("_", re.split(r"[\\/]", clean_line(name))[-1])
    stem, _, extension = last.rpartition(".")
    fitting = EXTENSIONS[media_type]
    if extension.lower() not in fitting:
        if not stem or not _EXTENSION.fullmatch(extension):
            stem = last
        extension = fitting[0]
        stem = stem.removesuffix(f".{extension}")
    stem = stem[: MAX_NAME_LENGTH - len(extension) - 1].strip(" .") or "file"
    return f"{stem}.{extension.lower()}"


@contextmanager
def kept(folder: Path, content: bytes) -> Iterator[str]:
    """Write the bytes to a new file below the folder, and pass where it is. It is deleted if the block fails.

    Begin the block before the transaction, so that no lock is held while writing, and commit inside it. Raises
    DiskFull.
    """
    stored_as = _write(folder, content)
    try:
        yield stored_as
    except BaseException:
        discard(folder, stored_as)
        raise


def discard(folder: Path, stored_as: str) -> None:
    """Delete the bytes of a file, if they are there. Call it after the commit that removed the file."""
    (folder / stored_as).unlink(missing_ok=True)


def sweep(session: Session, folder: Path, *, now: datetime) -> int:
    """Delete the bytes below the folder that belong to no file any more, a day after they were written. Returns how
    many. For the worker. What has not the form of our names is left alone.
    """
    swept = 0
    for part in sorted(folder.glob("[0-9a-f][0-9a-f]")):
        for paths in chunks(_old_files(part, until=now - UNKNOWN_KEPT)):
            names = [path.relative_to(folder).as_posix().removesuffix(_UNFINISHED) for path in paths]
            present = select(File.stored_as).where(File.stored_as.in_(names), File.removed_at.is_(None))
            known = set(session.scalars(present))
            for path in paths:
                if path.relative_to(folder).as_posix() not in known:
                    path.unlink(missing_ok=True)
                    swept += 1
    return swept


def _old_files(part: Path, *, until: datetime) -> list[Path]:
    """The files in this folder that have names as we give them and were written until then."""
    found = []
    for path in part.iterdir():
        name = f"{part.name}/{path.name.removesuffix(_UNFINISHED)}"
        if _STORED_AS.fullmatch(name) and path.stat().st_mtime <= until.timestamp():
            found.append(path)
    return found


def add_file(
    session: Session,
    upload: Upload,
    *,
    stored_as: str,
    purpose: Purpose,
    campaign_id: int | None,
    by: Any,
    now: datetime,
) -> File:
    """Add the file whose bytes `kept` has written. The caller checks who may, and locks what the file belongs to.

    Raises TooManyFiles, QuotaReached; ValueError for a picture that was not drawn again.
    """
    if campaign_id is not None:
        _check_quota(session, campaign_id, purpose, len(upload.content))
    file = wait(session, upload, stored_as=stored_as, purpose=purpose, by=by, now=now)
    file.campaign_id = campaign_id
    session.flush()
    record(session, Verb.ADDED, file, by=by, campaign_id=campaign_id, after=_facts(file), now=now)
    return file


def wait(session: Session, upload: Upload, *, stored_as: str, purpose: Purpose, by: Any, now: datetime) -> File:
    """Keep a file that belongs to nothing yet, as `add_file` does. Only who sent it may read it, and no log names it.

    Raises ValueError for a picture that was not drawn again.
    """
    if upload.media_type not in EXTENSIONS:
        raise ValueError(f"{upload.media_type} is not kept as it is")
    file = File(
        uploaded_by_id=by.id,
        purpose=purpose,
        name=upload.name,
        media_type=upload.media_type,
        size=len(upload.content),
        digest=hashlib.sha256(upload.content).hexdigest(),
        stored_as=stored_as,
        created_at=now,
    )
    session.add(file)
    session.flush()
    return file


def accept_waiting(session: Session, file: File, *, campaign_id: int, by: Any, now: datetime) -> None:
    """Add a file that waited to a campaign. The caller checks who may. Raises TooManyFiles, QuotaReached."""
    _check_quota(session, campaign_id, file.purpose, file.size)
    file.campaign_id = campaign_id
    session.flush()
    record(session, Verb.ADDED, file, by=by, campaign_id=campaign_id, after=_facts(file), now=now)


def add_attachment(
    session: Session, campaign_id: int, upload: Upload, *, stored_as: str, by: Any, now: datetime
) -> File:
    """Add a file that supports the brief of a campaign. Its owner and facilitators may. Raises as `add_file` does."""
    return add_file(
        session, upload, stored_as=stored_as, purpose=Purpose.ATTACHMENT, campaign_id=campaign_id, by=by, now=now
    )


def remove_file(session: Session, file: File, *, by: Any, now: datetime) -> str:
    """Remove the file from what it belongs to; its row stays. Returns `stored_as`, to `discard` after the commit.

    The caller checks who may. The row is locked until the commit, so that of two who remove it one is recorded.
    """
    session.flush()
    session.refresh(file, with_for_update=True)
    if file.removed_at is None:
        file.removed_at = now
        record(session, Verb.REMOVED, file, by=by, campaign_id=file.campaign_id, before=_facts(file), now=now)
    return file.stored_as


def attachments_of(session: Session, campaign_id: int) -> Sequence[File]:
    """The supporting files of a campaign, in the order in which they were added. Whoever reads the campaign may."""
    return session.scalars(_attachments_query(), {"campaign_id": campaign_id}).all()


@cache  # building the query takes longer than running it
def _attachments_query() -> Select[File]:
    return select(File).where(*_present(bindparam("campaign_id"), Purpose.ATTACHMENT)).order_by(File.id)


def _check_quota(session: Session, campaign_id: int, purpose: Purpose, size: int) -> None:
    if purpose is Purpose.ATTACHMENT:
        count = session.scalar(select(func.count()).where(*_present(campaign_id, purpose))) or 0
        if count >= MAX_ATTACHMENTS:
            raise TooManyFiles(most=MAX_ATTACHMENTS)
    used = session.scalar(select(func.sum(File.size)).where(*_present(campaign_id))) or 0
    if used + size > MAX_CAMPAIGN_BYTES:
        raise QuotaReached(most=MAX_CAMPAIGN_BYTES // MEGABYTE)


def _present(campaign_id: int | BindParameter[int], purpose: Purpose | None = None) -> list[Any]:
    conditions: list[Any] = [File.campaign_id == campaign_id, File.removed_at.is_(None)]
    return conditions if purpose is None else [*conditions, File.purpose == purpose]


def _facts(file: File) -> dict[str, Any]:
    return {"name": file.name, "purpose": file.purpose, "size": file.size, "digest": file.digest}


def _write(folder: Path, content: bytes) -> str:
    """Write the bytes under a random name that only this user can read: whole, or not at all. Raises DiskFull."""
    name = secrets.token_hex(16)
    stored_as = f"{name[:2]}/{name}"
    path = folder / stored_as
    unfinished = path.with_suffix(_UNFINISHED)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
            raise DiskFull from error
        raise
    return stored_as


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
