"""Import of ideas from a file."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, delete, insert, select
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

# Rows that were refused are listed up to this number; of the others only the count is shown.
MAX_LISTED_REFUSALS = 500
_BATCH = 1_000
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

    def as_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "known": self.known,
            "refused_total": self.refused_total,
            "refused": [{"line": row.line, "reason": row.reason, "values": row.values} for row in self.refused],
        }


class IdeaImport(Base):
    """An uploaded file: stored until its columns are chosen, then replaced by the report of the import."""

    __tablename__ = "idea_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # When its ideas were withdrawn together: see `undoing`.
    undone_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None]

    person: Mapped[Person] = relationship()


EMPTY_ROW = message_id("The text is empty.")
LONG_ROW = message_id("The text is too long. Characters to remove: %(over)s. The limit is %(most)s.")
TAKEN_KEY = message_id("The identifier “%(key)s” is already on line %(first)s.")


def import_ideas(
    session: Session,
    campaign: Campaign,
    rows: Iterable[ImportRow],
    *,
    by: Person | None = None,
    now: datetime,
    dry_run: bool = False,
    import_id: int | None = None,
) -> ImportReport:
    """Add the rows as submitted ideas of the campaign, in the file's order. The owner and facilitators may.

    `by`: None for a command on the server. `import_id`: the file that they come from. Repeating an import adds nothing:
    a row is recognised by its identifier or, without one, by its text and how often that text came before it in the
    file. Rows with no text, too long a text, or the identifier of an earlier row are refused, with their line.
    Raises ImportClosed once the debrief is published.
    """
    if not dry_run:
        lock_campaign(session, campaign)  # so that the same file, sent twice at once, adds its ideas once
    if campaign.state(now) in {State.DEBRIEFED, State.FOLLOWED_THROUGH}:
        raise ImportClosed
    existing = set(
        session.scalars(select(Idea.import_key).where(Idea.campaign_id == campaign.id, Idea.import_key.is_not(None)))
    )
    name_key = _Keys()
    new: list[dict[str, Any]] = []
    refused: list[RefusedRow] = []
    known = 0
    for row in rows:
        title, body = _written(row)
        key = name_key(row, title, body)
        refusal = _refusal(row, body, first_line=name_key.lines.get(key, row.line))
        if refusal is not None:
            refused.append(refusal)
        elif key in existing:
            known += 1
        else:
            new.append(
                _fields(row, title, body) | {"campaign_id": campaign.id, "import_key": key, "import_id": import_id}
            )
    if not dry_run:
        _insert(session, new, now=now)
        index_new(session, Idea, where=Idea.campaign_id == campaign.id)
        if new:
            ask_for_places(session, campaign, now=now)
            record(session, Verb.IMPORTED, campaign, by=by, campaign_id=campaign.id, after={"ideas": len(new)}, now=now)
    return ImportReport(added=len(new), known=known, refused=refused[:MAX_LISTED_REFUSALS], refused_total=len(refused))


def keep_upload(
    session: Session, campaign: Campaign, *, by: Person, filename: str, content: bytes, now: datetime
) -> IdeaImport:
    """Store a file until its columns are chosen. It replaces an unfinished upload of the same person.

    The owner and facilitators may. Raises ImportClosed or LimitReached.
    """
    if campaign.state(now) in {State.DEBRIEFED, State.FOLLOWED_THROUGH}:
        raise ImportClosed
    spend(session, LimitedAct.IMPORT, by=by, now=now)
    session.execute(
        delete(IdeaImport).where(
            IdeaImport.campaign_id == campaign.id, IdeaImport.person_id == by.id, IdeaImport.finished_at.is_(None)
        )
    )
    upload = IdeaImport(
        campaign_id=campaign.id, person_id=by.id, filename=clean_line(filename)[:200], content=content, created_at=now
    )
    session.add(upload)
    session.flush()
    return upload


def import_upload(
    session: Session, campaign: Campaign, upload: IdeaImport, rows: Iterable[ImportRow], *, now: datetime
) -> None:
    """Import a stored file and replace it by its report. A second time changes nothing.

    The owner and facilitators may. Raises ImportClosed.
    """
    lock_campaign(session, campaign)
    session.refresh(upload)
    if upload.finished_at is None:
        report = import_ideas(session, campaign, rows, by=upload.person, now=now, import_id=upload.id)
        finish_import(upload, report, now=now)


def drop_upload(session: Session, upload: IdeaImport) -> None:
    """Delete a file that was not imported; the report of a finished import stays.

    The owner and facilitators may.
    """
    if upload.finished_at is None:
        session.delete(upload)


def finish_import(upload: IdeaImport, report: ImportReport, *, now: datetime) -> None:
    """Store the report and delete the file."""
    upload.report = report.as_json()
    upload.content = None
    upload.finished_at = now


def imports_of(session: Session, campaign: Campaign) -> Sequence[IdeaImport]:
    """The campaign's finished imports, latest first."""
    return session.scalars(
        select(IdeaImport)
        .where(IdeaImport.campaign_id == campaign.id, IdeaImport.finished_at.is_not(None))
        .order_by(IdeaImport.id.desc())
    ).all()


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
    for start in range(0, len(ideas), _BATCH):
        session.execute(insert(Idea), [idea | times for idea in ideas[start : start + _BATCH]])
