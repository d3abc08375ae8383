"""Import of ideas from a file."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, Self

from sqlalchemy import ForeignKey, LargeBinary, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_KEY_LENGTH, MAX_TITLE_LENGTH, Idea, ask_for_places
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import MAX_NAME_LENGTH, Person
from ideas.search import index_new
from ideas.text import clean, clean_line
from ideas.work.job import Job, JobKind, cancel, changed_rows, enqueue
from ideas.work.lease import LeaseLost

# Rows that were refused are listed up to this number; of the others only the count is shown.
MAX_LISTED_REFUSALS = 500
# Rows added in one transaction: others write between two of them.
CHUNK_ROWS = 500
# “fr”, “fr-FR”, “fr_CA”; for anything else the pipeline detects the language.
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9_-]+)?$")


class ImportClosed(DomainError):
    message = message_id("You can no longer import ideas: the debrief is published.")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a file. `key` is the file's own identifier, or empty."""

    line: int
    body: str
    title: str = ""
    author_name: str = ""
    lang: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    line: int
    reason: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do."""

    added: int
    known: int
    refused: Sequence[RefusedRow]
    refused_total: int

    @classmethod
    def empty(cls) -> Self:
        return cls(added=0, known=0, refused=(), refused_total=0)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        refused = [RefusedRow(**row) for row in stored["refused"]]
        return cls(added=stored["added"], known=stored["known"], refused=refused, refused_total=stored["refused_total"])

    def plus(self, other: Self) -> Self:
        """Both together, with at most MAX_LISTED_REFUSALS refused rows listed."""
        return replace(
            self,
            added=self.added + other.added,
            known=self.known + other.known,
            refused=[*self.refused, *other.refused][:MAX_LISTED_REFUSALS],
            refused_total=self.refused_total + other.refused_total,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "known": self.known,
            "refused_total": self.refused_total,
            "refused": [{"line": row.line, "reason": row.reason, "values": row.values} for row in self.refused],
        }


class IdeaImport(Base):
    """An uploaded file: stored until it is imported, then replaced by the report of the import."""

    __tablename__ = "idea_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # When its ideas were withdrawn together: see `import_undo`.
    undone_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None]
    # What the page shows of the file before it is imported.
    preview: Mapped[dict[str, Any] | None]

    person: Mapped[Person] = relationship()
    # None until the import is started.
    progress: Mapped["ImportProgress | None"] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class ImportProgress(Base):
    """How far an import is: which columns, how many rows are imported or refused, what came of them.

    A table of its own: SQLite writes a row whole when it changes, and that of the import holds the file.
    """

    __tablename__ = "import_progress"

    import_id: Mapped[int] = mapped_column(ForeignKey("idea_import.id", ondelete="CASCADE"), primary_key=True)
    columns: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    # The next attempt goes on after these.
    done_rows: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]]


EMPTY_ROW = message_id("The text is empty.")
LONG_ROW = message_id("The text is too long. Characters to remove: %(over)s. The limit is %(most)s.")
TAKEN_KEY = message_id("The identifier “%(key)s” is already on line %(first)s.")


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """A row as it will be stored, with the key that recognises it, or the reason why it is refused."""

    key: str
    fields: Mapping[str, Any]
    refused: RefusedRow | None


def prepare(rows: Iterable[ImportRow]) -> Iterator[PreparedRow]:
    """The rows of one whole file, cleaned, in its order. It needs no database.

    Rows with no text, too long a text, or the identifier of an earlier row are refused, with their line.
    """
    name_key = _Keys()
    for row in rows:
        title, body = _written(row)
        key = name_key(row, title, body)
        refusal = _refusal(row, body, first_line=name_key.lines.get(key, row.line))
        yield PreparedRow(key, {} if refusal else _fields(row, title, body), refusal)


def import_ideas(
    session: Session,
    campaign: Campaign,
    rows: Iterable[ImportRow],
    *,
    by: Person | None = None,
    now: datetime,
    dry_run: bool = False,
    after_chunk: Callable[[], object] = lambda: None,
) -> ImportReport:
    """Add the rows as submitted ideas of the campaign, in the file's order. The owner and facilitators may.

    `by`: None for a command on the server. Repeating an import adds nothing: a row is recognised by its identifier or,
    without one, by its text and how often that text came before it in the file. `after_chunk` is called after each
    CHUNK_ROWS rows: a caller that commits there lets others write meanwhile. Raises ImportClosed once the debrief is
    published.
    """
    _check_open(campaign, now)
    report = ImportReport.empty()
    for chunk in _in_chunks(prepare(rows)):
        report = report.plus(_add_chunk(session, campaign, chunk, now=now, dry_run=dry_run))
        after_chunk()
    if not dry_run:
        _close_import(session, campaign, report.added, by=by, now=now)
    return report


def keep_upload(
    session: Session,
    campaign: Campaign,
    *,
    by: Person,
    filename: str,
    content: bytes,
    preview: Mapping[str, Any],
    now: datetime,
) -> IdeaImport:
    """Store a file until its columns are chosen. It replaces an upload of the same person that was not started.

    `preview`: what the page shows of the file, so that it is not read again. The owner and facilitators may.
    Raises ImportClosed or LimitReached.
    """
    _check_open(campaign, now)
    spend(session, LimitedAct.IMPORT, by=by, now=now)
    session.execute(
        delete(IdeaImport).where(
            IdeaImport.campaign_id == campaign.id,
            IdeaImport.person_id == by.id,
            IdeaImport.finished_at.is_(None),
            IdeaImport.id.not_in(select(ImportProgress.import_id)),
        )
    )
    upload = IdeaImport(
        campaign_id=campaign.id,
        person_id=by.id,
        filename=clean_line(filename)[:200],
        content=content,
        preview=dict(preview),
        created_at=now,
    )
    session.add(upload)
    session.flush()
    return upload


def start_import(
    session: Session, campaign: Campaign, upload: IdeaImport, columns: Mapping[str, int | None], *, now: datetime
) -> None:
    """Queue the import of a stored file with these columns. A second time changes nothing.

    The owner and facilitators may. Raises ImportClosed.
    """
    lock_campaign(session, campaign)
    session.refresh(upload)
    _check_open(campaign, now)
    if upload.progress is None and upload.finished_at is None:
        upload.progress = ImportProgress(
            columns=dict(columns), started_at=now, done_rows=0, report=ImportReport.empty().as_json()
        )
        enqueue(session, JobKind.IMPORT_IDEAS, campaign_id=campaign.id, payload={"import": upload.id}, now=now)
        session.flush()


def import_chunk(
    session: Session, campaign: Campaign, import_id: int, rows: Sequence[PreparedRow], *, done: int, now: datetime
) -> int:
    """Add the next rows of a started import, after those that are done. Returns how many are done then.

    For the worker, which commits each chunk. Raises ImportClosed; LeaseLost where another worker has done these rows
    meanwhile, or the import was stopped.
    """
    moved = (
        update(ImportProgress)
        .where(ImportProgress.import_id == import_id, ImportProgress.done_rows == done)
        .values(done_rows=done + len(rows))
        .execution_options(synchronize_session=False)
    )
    if changed_rows(session, moved) != 1:
        raise LeaseLost
    progress = session.get_one(ImportProgress, import_id, populate_existing=True)
    added = _add_chunk(session, campaign, rows, now=now, import_id=import_id)
    progress.report = ImportReport.from_json(progress.report).plus(added).as_json()
    session.flush()
    return progress.done_rows


def finish_import(session: Session, upload: IdeaImport, *, now: datetime) -> None:
    """Keep the report of what was imported, and delete the file. For the worker, at the end or where it has to stop."""
    progress = upload.progress
    upload.report = progress.report if progress is not None else ImportReport.empty().as_json()
    upload.content = upload.preview = upload.progress = None
    upload.finished_at = now
    campaign = session.get_one(Campaign, upload.campaign_id)
    _close_import(session, campaign, upload.report["added"], by=upload.person, now=now)


def drop_upload(session: Session, upload: IdeaImport, *, by: Person, now: datetime) -> None:
    """Delete a file that was not imported, and stop its import. The report of what was imported stays.

    The owner and facilitators may.
    """
    if upload.finished_at is not None:
        return
    job = import_job(session, upload)
    if job is not None:
        cancel(session, job, by=by, now=now)
    if upload.progress is not None:
        session.refresh(upload.progress, with_for_update=True)
    if upload.progress is not None and upload.progress.done_rows:
        finish_import(session, upload, now=now)
    else:
        session.delete(upload)


def import_job(session: Session, upload: IdeaImport) -> Job | None:
    """The latest job that imports this file, or None where it is not started or the job is long over."""
    jobs = select(Job).where(Job.campaign_id == upload.campaign_id, Job.kind == JobKind.IMPORT_IDEAS)
    found = session.scalars(jobs.order_by(Job.id.desc()).limit(50))
    return next((job for job in found if job.payload.get("import") == upload.id), None)


def imports_of(session: Session, campaign: Campaign) -> Sequence[IdeaImport]:
    """The campaign's finished imports, latest first."""
    return session.scalars(
        select(IdeaImport)
        .where(IdeaImport.campaign_id == campaign.id, IdeaImport.finished_at.is_not(None))
        .order_by(IdeaImport.id.desc())
    ).all()


def _check_open(campaign: Campaign, now: datetime) -> None:
    if campaign.state(now) in {State.DEBRIEFED, State.FOLLOWED_THROUGH}:
        raise ImportClosed


def _in_chunks(rows: Iterable[PreparedRow]) -> Iterator[Sequence[PreparedRow]]:
    found = iter(rows)
    while chunk := list(islice(found, CHUNK_ROWS)):
        yield chunk


def _add_chunk(
    session: Session,
    campaign: Campaign,
    rows: Sequence[PreparedRow],
    *,
    now: datetime,
    dry_run: bool = False,
    import_id: int | None = None,
) -> ImportReport:
    """Add those of the rows that the campaign does not have yet. `import_id`: the file that they come from."""
    if not dry_run:
        lock_campaign(session, campaign)  # so that the same file, sent twice at once, adds its ideas once
        _check_open(campaign, now)
    refused = [row.refused for row in rows if row.refused is not None]
    wanted = [row for row in rows if row.refused is None]
    keys = [row.key for row in wanted]
    existing = set(
        session.scalars(select(Idea.import_key).where(Idea.campaign_id == campaign.id, Idea.import_key.in_(keys)))
    )
    new = [
        dict(row.fields) | {"campaign_id": campaign.id, "import_key": row.key, "import_id": import_id}
        for row in wanted
        if row.key not in existing
    ]
    if not dry_run:
        _insert(session, new, now=now)
        index_new(session, Idea, where=(Idea.campaign_id == campaign.id) & Idea.import_key.in_(keys))
    return ImportReport(
        added=len(new),
        known=len(wanted) - len(new),
        refused=refused[:MAX_LISTED_REFUSALS],
        refused_total=len(refused),
    )


def _close_import(session: Session, campaign: Campaign, added: int, *, by: Person | None, now: datetime) -> None:
    """What follows from an import that added ideas: they are placed, and the log says who imported how many."""
    if added:
        ask_for_places(session, campaign, now=now)
        record(session, Verb.IMPORTED, campaign, by=by, campaign_id=campaign.id, after={"ideas": added}, now=now)


class _Keys:
    """Makes the key of each row of one file. `lines`: the line where each key came first."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self._seen: Counter[str] = Counter()

    def __call__(self, row: ImportRow, title: str, body: str) -> str:
        key = self._key(clean_line(row.key), f"{title}\n{body}")
        if body:
            self.lines.setdefault(key, row.line)
        return key

    def _key(self, own: str, text: str) -> str:
        if own:
            return f"id:{own}" if len(own) < MAX_KEY_LENGTH - 3 else f"id:{_digest(own)}"
        digest = _digest(text)
        self._seen[digest] += 1
        return f"text:{digest}:{self._seen[digest]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _written(row: ImportRow) -> tuple[str, str]:
    """Title and body as they will be stored. A title that is too long, or without a body, becomes part of the body."""
    title, body = clean_line(row.title), clean(row.body)
    if not body:
        return "", title
    return (title, body) if len(title) <= MAX_TITLE_LENGTH else ("", f"{title}\n\n{body}")


def _refusal(row: ImportRow, body: str, *, first_line: int) -> RefusedRow | None:
    if not body:
        return RefusedRow(row.line, EMPTY_ROW)
    if len(body) > MAX_BODY_LENGTH:
        return RefusedRow(row.line, LONG_ROW, {"over": len(body) - MAX_BODY_LENGTH, "most": MAX_BODY_LENGTH})
    if first_line != row.line:
        return RefusedRow(row.line, TAKEN_KEY, {"key": clean_line(row.key)[:40], "first": first_line})
    return None


def _fields(row: ImportRow, title: str, body: str) -> dict[str, Any]:
    language = _LANGUAGE.match(clean_line(row.lang).lower())
    return {
        "author_name": clean_line(row.author_name)[:MAX_NAME_LENGTH],
        "title": title,
        "body": body,
        "lang": language.group(1) if language else None,
    }


def _insert(session: Session, ideas: Sequence[dict[str, Any]], *, now: datetime) -> None:
    times = {"created_at": now, "updated_at": now, "submitted_at": now}
    if ideas:
        session.execute(insert(Idea), [idea | times for idea in ideas])
