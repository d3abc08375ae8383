"""The legal documents of the site: rules, privacy notice, legal notice, accessibility statement.

Each has a text in each language, as Markdown. What was published stays readable: every publication is a version.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged, keep_version, reason_for_change, versions_of
from ideas.base import Base, choice
from ideas.errors import DomainError, EmptyText, message_id
from ideas.organisation.consent import accepted_counts, keep_consent
from ideas.organisation.organisation import lock_organisation, record_download
from ideas.people.person import Person, names_of
from ideas.text import optional

MAX_DOCUMENT_LENGTH = 40_000

_BLANK = re.compile(r"\[(?:to fill in|à compléter)\b[^\]\n]*\]", re.IGNORECASE)


class DocumentKind(StrEnum):
    RULES = "rules"
    PRIVACY = "privacy"
    LEGAL_NOTICE = "legal_notice"
    ACCESSIBILITY = "accessibility"


class BlankLeft(DomainError):
    message = message_id("Something is still to fill in: %(blank)s. Fill it in or delete it, then publish.")


class LegalDocument(Base):
    """`texts`: by language. `version`: 0 while it was never published."""

    __tablename__ = "legal_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DocumentKind] = mapped_column(choice(DocumentKind), unique=True)
    texts: Mapped[dict[str, Any]]
    version: Mapped[int]
    published_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion:
    """A text as it was public from `at` on. `reason`: why it replaced the one before. `substantive`: members were asked
    to accept it.
    """

    number: int
    texts: Mapping[str, str]
    substantive: bool
    reason: str
    by: str
    at: datetime


def document_of(session: Session, kind: DocumentKind) -> LegalDocument:
    """The document of this kind. A migration inserted one of each. Everyone may read it once it is published."""
    return session.scalars(select(LegalDocument).where(LegalDocument.kind == kind)).one()


def all_documents(session: Session) -> Sequence[LegalDocument]:
    """One document of each kind, in the order of DocumentKind."""
    found = {document.kind: document for document in session.scalars(select(LegalDocument))}
    return [found[kind] for kind in DocumentKind]


def publish_document(
    session: Session,
    kind: DocumentKind,
    *,
    texts: Mapping[str, str],
    substantive: bool,
    reason: str,
    by: Person,
    now: datetime,
    seen: int,
) -> LegalDocument:
    """Make these texts public, as a new version. Administrators may.

    `substantive`, for rules: members accept them again before they go on; who publishes them has accepted them. Raises
    EmptyText without any text, TooLong, BlankLeft where a place of the template is still to fill in, ReasonNeeded from
    the second version on, ChangedMeanwhile if a version was published since `seen`.
    """
    organisation = lock_organisation(session)  # one publication at a time
    document = session.scalars(
        select(LegalDocument).where(LegalDocument.kind == kind).execution_options(populate_existing=True)
    ).one()
    check_unchanged(document, seen)
    cleaned = {locale: optional(text, max_length=MAX_DOCUMENT_LENGTH) for locale, text in texts.items()}
    document.texts = {locale: text for locale, text in cleaned.items() if text}
    _check_complete(document.texts)
    reason = reason_for_change(reason) if document.version else reason.strip()
    substantive = substantive and kind is DocumentKind.RULES
    document.version += 1
    document.published_at = now
    content = {"texts": document.texts, "substantive": substantive}
    keep_version(session, document, object_id=document.id, content=content, reason=reason, by=by, now=now)
    published = {*organisation.documents, kind.value}
    organisation.documents = [each.value for each in DocumentKind if each.value in published]
    if substantive:
        organisation.rules_from = document.version
        keep_consent(session, by, version=document.version, now=now)
    session.flush()
    after = {"document": kind, "version": document.version, "substantive": substantive}
    record(session, Verb.PUBLISHED, document, by=by, reason=reason, after=after, now=now)
    return document


def document_versions(session: Session, document: LegalDocument) -> Sequence[DocumentVersion]:
    """Every published version, latest first. Everyone may read them."""
    versions = versions_of(session, LegalDocument.__tablename__, document.id)
    names = names_of(session, {version.by_id for version in versions if version.by_id is not None})
    return [
        DocumentVersion(
            number=version.number,
            texts=version.content["texts"],
            substantive=version.content["substantive"],
            reason=version.reason,
            by=names.get(version.by_id or 0, ""),
            at=version.at,
        )
        for version in versions
    ]


def export_documents(
    session: Session, *, by: Person, now: datetime
) -> list[tuple[LegalDocument, DocumentVersion, int | None]]:
    """Every published version of every document, oldest first; for the rules, how many people accepted it.

    Administrators may; the activity log says who did, and how many.
    """
    accepted = accepted_counts(session)
    found = [
        (document, version, accepted.get(version.number, 0) if document.kind is DocumentKind.RULES else None)
        for document in all_documents(session)
        for version in reversed(document_versions(session, document))
    ]
    record_download(session, "documents", len(found), by=by, now=now)
    return found


def text_in(texts: Mapping[str, str], locale: str) -> tuple[str, str]:
    """The text in this language, or else in another; and the language that it is in."""
    if locale in texts:
        return texts[locale], locale
    return next(((text, found) for found, text in texts.items()), ("", locale))


def _check_complete(texts: Mapping[str, str]) -> None:
    if not texts:
        raise EmptyText
    for text in texts.values():
        if blank := _BLANK.search(text):
            raise BlankLeft(blank=blank[0])
