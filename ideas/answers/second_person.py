"""What two people of the team do with an answer that needs both: one writes it, the other approves it."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import ChangedMeanwhile
from ideas.answers.approval import AnswerApproval, AnswerProposal, approval_of
from ideas.answers.decision import Decision, DecisionStatus, decide
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.themes.theme import Theme


class ApprovedOneself(DomainError):
    message = message_id("You wrote this answer, so someone else of the team approves it.")


def ask_for_second_person(session: Session, campaign: Campaign, *, asked: bool, by: Person, now: datetime) -> None:
    """Say whether a second person approves each answer of the campaign before it is public. Its owner may.

    What is public stays so.
    """
    lock_campaign(session, campaign)
    if campaign.answers_reviewed == asked:
        return
    campaign.answers_reviewed = asked
    before, after = {"answers_reviewed": not asked}, {"answers_reviewed": asked}
    record(session, Verb.CHANGED, campaign, by=by, now=now, campaign_id=campaign.id, before=before, after=after)


def approve_answer(session: Session, decision: Decision, *, seen: int, by: Person, now: datetime) -> None:
    """Approve an answer that is not published yet, in the version that `by` saw. The owner and facilitators may.

    Raises ApprovedOneself, ChangedMeanwhile.
    """
    campaign = decision.theme.campaign
    lock_campaign(session, campaign)
    session.refresh(decision)
    if decision.version != seen or decision.published_at is not None:
        raise ChangedMeanwhile
    if decision.recorded_by_id == by.id:
        raise ApprovedOneself
    if approval_of(session, decision) is not None:
        return
    session.merge(
        AnswerApproval(decision_id=decision.id, version=decision.version, approved_by_id=by.id, approved_at=now)
    )
    after = {"version": decision.version}
    record(session, Verb.APPROVED, decision, by=by, now=now, campaign_id=campaign.id, after=after)
    session.flush()


def propose_answer(
    session: Session,
    theme: Theme,
    *,
    status: DecisionStatus,
    reason: str,
    respondent: Person,
    decided_on: date,
    by: Person,
    now: datetime,
    seen: int,
    change_reason: str = "",
    abandon_reason: str | None = None,
) -> None:
    """Keep an answer until a second person approves it; it replaces the proposal that the theme has.

    The owner and facilitators may. What `decide` refuses is refused now: raises as it does.
    """
    content = {
        "status": status, "reason": reason, "respondent_id": respondent.id, "decided_on": decided_on.isoformat(),
        "change_reason": change_reason, "abandon_reason": abandon_reason,
    }  # fmt: skip
    savepoint = session.begin_nested()
    try:
        decide(
            session, theme,
            status=status, reason=reason, respondent=respondent, decided_on=decided_on, by=by, now=now, seen=seen,
            change_reason=change_reason, abandon_reason=abandon_reason, is_approved=True,
        )  # fmt: skip
        session.flush()
    finally:
        savepoint.rollback()
    lock_campaign(session, theme.campaign)
    earlier = session.get(AnswerProposal, theme.id, populate_existing=True)
    proposal = earlier or AnswerProposal(theme_id=theme.id, version=0)
    proposal.content, proposal.seen = content, seen
    proposal.proposed_by_id, proposal.proposed_at = by.id, now
    proposal.version += 1
    session.add(proposal)
    session.flush()
    after = {"status": status, "version": proposal.version}
    record(session, Verb.REQUESTED, proposal, by=by, now=now, campaign_id=theme.campaign_id, after=after)


def approve_proposal(session: Session, theme: Theme, *, seen: int, by: Person, now: datetime) -> Decision:
    """Approve the answer that waits for a theme, in the version that `by` saw: it is published at once, as written by
    who proposed it. From the log, those concerned are told. The owner and facilitators may.

    Raises Conflict (there is none any more), ApprovedOneself, ChangedMeanwhile, or as `decide` does.
    """
    proposal = _locked(session, theme, seen=seen)
    if proposal.proposed_by_id == by.id:
        raise ApprovedOneself
    content = proposal.content
    decision = decide(
        session, theme,
        status=DecisionStatus(content["status"]), reason=content["reason"],
        respondent=session.get_one(Person, content["respondent_id"]), decided_on=proposal.decided_on,
        by=proposal.proposed_by, now=now, seen=proposal.seen, change_reason=content["change_reason"],
        abandon_reason=content["abandon_reason"], is_approved=True,
    )  # fmt: skip
    after = {"version": decision.version}
    record(session, Verb.APPROVED, decision, by=by, now=now, campaign_id=theme.campaign_id, after=after)
    session.delete(proposal)
    session.flush()
    return decision


def drop_proposal(session: Session, theme: Theme, *, seen: int, by: Person, now: datetime) -> None:
    """Take back the answer that waits for a theme. The owner and facilitators may.

    Raises Conflict, ChangedMeanwhile.
    """
    proposal = _locked(session, theme, seen=seen)
    before = {"status": proposal.content["status"], "version": proposal.version}
    record(session, Verb.DELETED, proposal, by=by, now=now, campaign_id=theme.campaign_id, before=before)
    session.delete(proposal)
    session.flush()


def _locked(session: Session, theme: Theme, *, seen: int) -> AnswerProposal:
    lock_campaign(session, theme.campaign)
    proposal = session.get(AnswerProposal, theme.id, populate_existing=True)
    if proposal is None:
        raise Conflict
    if proposal.version != seen:
        raise ChangedMeanwhile
    return proposal
