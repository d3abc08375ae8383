"""Ideas that were gathered elsewhere and come in a file."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.base import Base
from ideas.campaign import Campaign, State
from ideas.errors import DomainError, message_id
from ideas.idea import BODY_MOST, KEY_MOST, TITLE_MOST, Idea
from ideas.person import NAME_MOST, Person
from ideas.text import clean, clean_line

# Refused rows are listed by line; beyond this many only their number is told.
REFUSED_LISTED_MOST = 500
_BATCH = 1_000


class ImportClosed(DomainError):
    message = message_id("Ideas can no longer be imported: the debrief is published.")


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
    """A file that someone sent: kept while its columns are being chosen, then only its report."""

    __tablename__ = "idea_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None]

    person: Mapped[Person] = relationship()


EMPTY_ROW = message_id("The text is empty.")
LONG_ROW = message_id("The text has %(length)s characters; at most %(most)s fit.")


def import_ideas(
    session: Session, campaign: Campaign, rows: Iterable[ImportRow], *, now: datetime, dry_run: bool = False
) -> ImportReport:
    """Add the rows as submitted ideas of the campaign, in the file's order. The owner and facilitators may.

    Repeating an import adds nothing: a row is known by its identifier, or by its text and how often that text came
    before it in the file. Rows with no text or too long a text are refused, with their line.
    Raises ImportClosed once the debrief is published.
    """
    if campaign.state(now) in {State.DEBRIEFED, State.FOLLOWED_THROUGH}:
        raise ImportClosed
    existing = set(
        session.scalars(select(Idea.import_key).where(Idea.campaign_id == campaign.id, Idea.import_key.is_not(None)))
    )
    seen: Counter[str] = Counter()
    new: list[dict[str, Any]] = []
    refused: list[RefusedRow] = []
    known = 0
    for row in rows:
        title, body = clean_line(row.title), clean(row.body)
        if not body:
            title, body = "", title
        refusal = _refusal(row.line, body)
        if refusal is not None:
            refused.append(refusal)
            continue
        key = _import_key(row, title, body, seen)
        if key in existing:
            known += 1
            continue
        existing.add(key)
        new.append(
            {
                "campaign_id": campaign.id,
                "author_name": clean_line(row.author_name)[:NAME_MOST],
                "title": title if len(title) <= TITLE_MOST else "",
                "body": body if len(title) <= TITLE_MOST else f"{title}\n\n{body}"[:BODY_MOST],
                "lang": clean_line(row.lang).lower()[:8] or None,
                "created_at": now,
                "updated_at": now,
                "submitted_at": now,
                "import_key": key,
            }
        )
    if not dry_run:
        for start in range(0, len(new), _BATCH):
            session.execute(insert(Idea), new[start : start + _BATCH])
    return ImportReport(added=len(new), known=known, refused=refused[:REFUSED_LISTED_MOST], refused_total=len(refused))


def finish_import(upload: IdeaImport, report: ImportReport, *, now: datetime) -> None:
    """Keep the report and let go of the file."""
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


def _refusal(line: int, body: str) -> RefusedRow | None:
    if not body:
        return RefusedRow(line, EMPTY_ROW)
    if len(body) > BODY_MOST:
        return RefusedRow(line, LONG_ROW, {"length": len(body), "most": BODY_MOST})
    return None


def _import_key(row: ImportRow, title: str, body: str, seen: Counter[str]) -> str:
    own = clean_line(row.key)
    if own and len(own) < KEY_MOST - 3:
        return f"id:{own}"
    digest = hashlib.sha256((own or f"{title}\n{body}").encode()).hexdigest()[:40]
    seen[digest] += 1
    return f"text:{digest}:{seen[digest]}"
