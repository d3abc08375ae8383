"""Evidence of an action: what shows that it is done or in progress. A text, a link, photos and documents.

It is added to a published action, dated and public. It is never erased: what is taken off is no longer shown, and that
there was something, and why it was taken off, stays. Files come as those of ideas do (`ideas.contributions.files`):
they wait for the form, and are files of the evidence once it is accepted.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Select, String, Text, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ideas.base import Base
from ideas.campaigns.campaign import MAX_URL_LENGTH
from ideas.contributions.files.idea_file import MAX_ALTERNATIVE_LENGTH
from ideas.contributions.idea import MAX_KEY_LENGTH
from ideas.files import File
from ideas.people.person import Person

if TYPE_CHECKING:
    from ideas.answers.action import Action

MAX_EVIDENCE_LENGTH = 1_000


class Evidence(Base):
    """`removed_at`: when it was taken off as a whole. From then on only those who may moderate read its text."""

    __tablename__ = "evidence"
    # The same form sent twice adds it once.
    __table_args__ = (Index("uq_evidence_added_by_id_form_key", "added_by_id", "form_key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(MAX_URL_LENGTH), default="", server_default=text("''"))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    removed_reason: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    form_key: Mapped[str | None] = mapped_column(String(MAX_KEY_LENGTH))

    action: Mapped["Action"] = relationship(back_populates="evidence")
    added_by: Mapped[Person] = relationship(foreign_keys=added_by_id)
    files: Mapped[list["EvidenceFile"]] = relationship(
        back_populates="evidence", order_by="EvidenceFile.file_id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def shown_files(self) -> list["EvidenceFile"]:
        return [one for one in self.files if one.file.removed_at is None]

    @property
    def removed_files(self) -> list["EvidenceFile"]:
        return [one for one in self.files if one.file.removed_at is not None]


class EvidenceFile(Base):
    """`small_id`: of a picture, a small one for pages. `alternative`: what the picture shows. `removed_reason`: why the
    file was taken off. Its bytes are deleted then.
    """

    __tablename__ = "evidence_file"

    file_id: Mapped[int] = mapped_column(ForeignKey("file.id", ondelete="CASCADE"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), index=True)
    small_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), unique=True)
    alternative: Mapped[str] = mapped_column(String(MAX_ALTERNATIVE_LENGTH), default="", server_default=text("''"))
    removed_reason: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))

    evidence: Mapped[Evidence] = relationship(back_populates="files")
    file: Mapped[File] = relationship(foreign_keys=file_id)
    small: Mapped[File | None] = relationship(foreign_keys=small_id)


def holds_evidence_file(file_id: int) -> Select[int]:
    """The id of the evidence that this file, or the small picture with this id, belongs to, as a query."""
    here = or_(EvidenceFile.file_id == file_id, EvidenceFile.small_id == file_id)
    return select(EvidenceFile.evidence_id).where(here)
