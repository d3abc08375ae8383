"""Where a campaign asks for it, a second person of the team approves each version of an answer before it is public.

Before the debrief an answer is a draft: its approval names the version. After it, an answer waits as a proposal, which
nobody but the team reads, until it is approved. A day by which an answer is promised is no answer, and needs none.
The acts are in `ideas.answers.second_person`; `ideas.answers.decision` publishes nothing without asking here.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.base import Base
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.themes.theme import Theme

# Themes that a refusal names.
MAX_NAMED = 5
# Characters of the mark of a proposal.
MARK_LENGTH = 32


class ApprovalNeeded(DomainError):
    message = message_id(
        "In this campaign a second person approves each answer before it is published. Save it on the page of the"
        " theme."
    )


class AnswersUnapproved(DomainError):
    message = message_id(
        "A second person has to approve these answers before they are published: %(themes)s. Open each, and ask someone"
        " else of the team."
    )


class AnswerApproval(Base):
    """Who approved an answer, and which version of it: a later version needs another approval."""

    __tablename__ = "answer_approval"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime]

    approved_by: Mapped[Person] = relationship()


class AnswerProposal(Base):
    """An answer that waits for a second person, once the debrief is public. One for each theme.

    `seen`: the version of the answer that it changes, 0 for none. `version`: how often it was saved. `content` holds
    the answer, and as `abandoned` the ids of the actions that are abandoned with it.
    """

    __tablename__ = "answer_proposal"

    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[dict[str, Any]]
    seen: Mapped[int]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    theme: Mapped[Theme] = relationship()
    proposed_by: Mapped[Person] = relationship()

    @property
    def decided_on(self) -> date:
        return date.fromisoformat(self.content["decided_on"])

    @property
    def mark(self) -> str:
        """Stands for this proposal as it is now and no other, so that what is approved is what was read.

        The version alone does not: it starts again at 1 after a proposal was deleted.
        """
        read = json.dumps(
            [self.content, self.proposed_by_id, self.proposed_at.isoformat(), self.version], sort_keys=True
        )
        return hashlib.sha256(read.encode()).hexdigest()[:MARK_LENGTH]


def proposals_in(session: Session, campaign_id: int) -> dict[int, AnswerProposal]:
    """The answers of the campaign's active themes that wait for a second person, by theme id."""
    found = session.scalars(
        select(AnswerProposal)
        .join(Theme, Theme.id == AnswerProposal.theme_id)
        .where(Theme.campaign_id == campaign_id, Theme.retired_at.is_(None))
    )
    return {proposal.theme_id: proposal for proposal in found}


def approval_of(session: Session, decision: Any) -> AnswerApproval | None:
    """The approval of this answer as it is now, by somebody who did not write it. `decision`: a Decision."""
    found = session.get(AnswerApproval, decision.id)
    return found if holds(found, decision) else None


def holds(approval: AnswerApproval | None, decision: Any) -> bool:
    """Whether this is the approval of the answer as it is now, by somebody who did not write it."""
    is_its_own = approval is not None and approval.version == decision.version
    return is_its_own and approval is not None and approval.approved_by_id != decision.recorded_by_id


def check_approved(session: Session, decisions: Sequence[Any]) -> None:
    """Raises AnswersUnapproved where one of these answers, which are about to be published, has no approval."""
    missing = [one.theme.name for one in decisions if one.is_answer and approval_of(session, one) is None]
    if missing:
        raise AnswersUnapproved(themes=" · ".join(missing[:MAX_NAMED]) + (" · …" if len(missing) > MAX_NAMED else ""))
