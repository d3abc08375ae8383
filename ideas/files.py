"""Files that people give: which are accepted, how they are kept in a store, who added or removed them.

What a file is follows from its content, never from its name. A table row knows where its bytes are; they are written
before the transaction that adds the row, and deleted after the one that removes it. Bytes that a process left because
it died in between are deleted by `sweep`.
"""

import hashlib
import logging
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import BindParameter, ForeignKey, Select, String, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice, chunks
from ideas.errors import message_id
from ideas.media_type import EXTENSIONS, MEGABYTE, PICTURES, WEBP, EmptyFile, FileRefused, media_type_of
from ideas.store import SCRATCH, UNFINISHED, Store, StoreAway
from ideas.text import clean_line

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 10 * MEGABYTE
MAX_CAMPAIGN_BYTES = 50 * MEGABYTE
MAX_ATTACHMENTS = 8
MAX_NAME_LENGTH = 120
# Bytes that no row knows are younger while their transaction may still commit. A day leaves time to notice that a
# database from an older back-up was put beside newer files.
UNKNOWN_KEPT = timedelta(days=1)
_STORED_AS = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")

_EXTENSION = re.compile(r"[A-Za-z][A-Za-z0-9]{1,3}")
_NOT_IN_A_NAME = re.compile(r'[<>:"|?*]')


class Purpose(StrEnum):
    PORTRAIT = "portrait"
    COVER = "cover"
    ATTACHMENT = "attachment"
    LOGO = "logo"
    DEBRIEF = "debrief"  # a picture or a file that the debrief shows
    NEWSLETTER = "newsletter"  # a picture: see ideas.outreach.newsletters.pictures
    IDEA = "idea"  # of an idea, or of the form of one: see ideas.contributions.files
    EVIDENCE = "evidence"  # of an action: see ideas.answers.actions.evidence
    EXPORT = "export"  # of a person's data
    CAMPAIGN_EXPORT = "campaign_export"


class FileTooLarge(FileRefused):
    message = message_id("This file is too large. The limit is %(most)s MB.")


class TooManyFiles(FileRefused):
    message = message_id("This campaign already has %(most)s files. Remove one, then add this one.")


class QuotaReached(FileRefused):
    message = message_id("The files of a campaign take %(most)s MB at most. Remove one, or choose a smaller file.")


class File(Base):
    """A file, in the store as `stored_as` until `removed_at`. Its `name` is only shown."""

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
def kept(store: Store, content: bytes) -> Iterator[str]:
    """Write the bytes of a new file to the store, and pass its name there. They are deleted if the block fails.

    Begin the block before the transaction, so that no lock is held while writing, and commit inside it. Raises
    DiskFull, StoreAway.
    """
    stored_as = _new_name()
    store.put(stored_as, content)
    try:
        yield stored_as
    except BaseException:
        discard(store, stored_as)
        raise


@contextmanager
def writing(store: Store) -> Iterator[tuple[Path, str]]:
    """A path to write a large file to, and its name in the store, for a caller that makes it piece by piece.

    It is in its place when the block ends, before the row that names it is committed; deleted if the block fails.
    """
    stored_as = _new_name()
    unfinished = store.scratch / f"{stored_as}{UNFINISHED}"
    store.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished.parent.mkdir(exist_ok=True, mode=0o700)
    try:
        unfinished.touch(mode=0o600)
        yield unfinished, stored_as
        store.move(unfinished, stored_as)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        discard(store, stored_as)
        raise


@contextmanager
def scratch(store: Store) -> Iterator[Path]:
    """A folder for what is written on the way to a file. What a process leaves behind is deleted by `sweep`."""
    store.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=store.scratch) as path:
        yield Path(path)


def discard_scratch(store: Store, *, until: datetime | None = None) -> None:
    """Delete what `scratch` made, until an instant or all of it: whoever still writes there fails, and begins again."""
    for path in store.scratch.glob(f"{SCRATCH}*"):
        if until is None or path.stat().st_mtime <= until.timestamp():
            shutil.rmtree(path, ignore_errors=True)


def discard(store: Store, stored_as: str) -> None:
    """Delete the bytes of a file, if they are there. Call it after the commit that removed the file.

    What was committed holds: where the store is away, `sweep` deletes them.
    """
    try:
        store.delete(stored_as)
    except StoreAway:
        log.warning("the store of files is away: what was removed is deleted by a later job")


def sweep(session: Session, store: Store, *, now: datetime) -> int:
    """Delete the bytes in the store that belong to no file any more, a day after they were written. Returns how many.
    For the worker. What has not the form of our names is left alone. Raises StoreAway.
    """
    swept, until = 0, now - UNKNOWN_KEPT
    discard_scratch(store, until=until)
    for path in list(store.unfinished(until=until)):
        path.unlink(missing_ok=True)
        swept += 1
    for names in chunks([name for name in store.names(until=until) if _STORED_AS.fullmatch(name)]):
        present = select(File.stored_as).where(File.stored_as.in_(names), File.removed_at.is_(None))
        for name in set(names) - set(session.scalars(present)):
            store.delete(name)
            swept += 1
    return swept


def _new_name() -> str:
    """A name that nobody guesses."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name}"


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


def storage(session: Session) -> Sequence[tuple[Purpose, int, int]]:
    """How many files of each purpose there are, and how many bytes they take, largest first. Administrators may."""
    size = func.sum(File.size)
    found = session.execute(
        select(File.purpose, func.count(), size)
        .where(File.removed_at.is_(None))
        .group_by(File.purpose)
        .order_by(size.desc())
    )
    return [(purpose, count, int(total)) for purpose, count, total in found]


def _check_quota(session: Session, campaign_id: int, purpose: Purpose, size: int) -> None:
    if purpose is Purpose.ATTACHMENT:
        count = session.scalar(select(func.count()).where(*_present(campaign_id, purpose))) or 0
        if count >= MAX_ATTACHMENTS:
            raise TooManyFiles(most=MAX_ATTACHMENTS)
    # Those of ideas and actions have limits of their own: they must not keep the team from adding one.
    counted = File.purpose.not_in([Purpose.IDEA, Purpose.EVIDENCE])
    used = session.scalar(select(func.sum(File.size)).where(*_present(campaign_id), counted)) or 0
    if used + size > MAX_CAMPAIGN_BYTES:
        raise QuotaReached(most=MAX_CAMPAIGN_BYTES // MEGABYTE)


def _present(campaign_id: int | BindParameter[int], purpose: Purpose | None = None) -> list[Any]:
    conditions: list[Any] = [File.campaign_id == campaign_id, File.removed_at.is_(None)]
    return conditions if purpose is None else [*conditions, File.purpose == purpose]


def _facts(file: File) -> dict[str, Any]:
    return {"name": file.name, "purpose": file.purpose, "size": file.size, "digest": file.digest}


def digest_of(path: Path) -> str:
    """The digest of a large file, as `File.digest` has it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
