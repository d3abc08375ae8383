"""What two people of the team do with an answer that needs both: one writes it, the other approves it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import ChangedMeanwhile
from ideas.answers.action import Action
from ideas.answers.approval import AnswerApproval, AnswerProposal, approval_of, holds, proposals_in
from ideas.answers.decision import (
    WITHOUT_ACTIONS,
    Decision,
    DecisionStatus,
    WithdrawnAnswer,
    decide,
    decision_on,
    decisions_in,
)
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.themes.theme import Theme


class ApprovedOneself(DomainError):
    message = message_id("You wrote this answer, so someone else of the team approves it.")


class ActionsCameLater(DomainError):
    """Who wrote the answer did not know that these actions would be abandoned with it."""

    message = message_id(
        "This theme got unfinished actions after the answer was written: %(actions)s. Save the answer again to say"
        " whether they are abandoned."
    )


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
    replaces: str = "",
    community_impact: str | None = None,
    change_reason: str = "",
    abandon_reason: str | None = None,
) -> None:
    """Keep an answer until a second person approves it; it replaces the proposal that the theme has.

    The owner and facilitators may. `replaces`: the mark of the proposal that `by` saw, empty for none.
    What `decide` refuses is refused now: raises as it does, and ChangedMeanwhile where another proposal waits.
    """
    lock_campaign(session, theme.campaign)
    earlier = session.get(AnswerProposal, theme.id, populate_existing=True)
    if (earlier.mark if earlier is not None else "") != replaces:
        raise ChangedMeanwhile
    abandoned = [action.id for action in open_actions(session, theme)] if status in WITHOUT_ACTIONS else []
    content = {
        "status": status, "reason": reason, "respondent_id": respondent.id, "decided_on": decided_on.isoformat(),
        "change_reason": change_reason, "abandon_reason": abandon_reason, "abandoned": abandoned,
        "community_impact": community_impact,
    }  # fmt: skip
    savepoint = session.begin_nested()
    try:
        decide(
            session, theme,
            status=status, reason=reason, respondent=respondent, decided_on=decided_on, by=by, now=now, seen=seen,
            community_impact=community_impact, change_reason=change_reason, abandon_reason=abandon_reason,
            is_approved=True,
        )  # fmt: skip
        session.flush()
    finally:
        savepoint.rollback()
    before = _logged(earlier) if earlier is not None else None
    proposal = earlier or AnswerProposal(theme_id=theme.id, version=0)
    proposal.content, proposal.seen = content, seen
    proposal.proposed_by_id, proposal.proposed_at = by.id, now
    proposal.version += 1
    session.add(proposal)
    session.flush()
    record(
        session, Verb.REQUESTED, proposal,
        by=by, now=now, campaign_id=theme.campaign_id, before=before, after=_logged(proposal),
    )  # fmt: skip


def open_actions(session: Session, theme: Theme) -> list[Action]:
    """The unfinished actions of the theme's answer."""
    decision = decision_on(session, theme)
    if decision is None:
        return []
    session.expire(decision, ["actions"])
    return [action for action in decision.actions if action.is_open]


def abandoned_with(proposal: AnswerProposal, actions: Sequence[Action]) -> list[Action]:
    """Those of these actions that are abandoned when the proposal is approved: what is unfinished of what its writer
    knew of.
    """
    known = proposal.content.get("abandoned", ())
    return [action for action in actions if action.is_open and action.id in known]


def waiting_themes(session: Session, campaign: Campaign) -> set[int]:
    """The active themes of which an answer waits for a second person: a proposal, or a draft that is not approved yet.

    At most three queries.
    """
    waiting = set(proposals_in(session, campaign.id))
    if not campaign.answers_reviewed:
        return waiting
    drafts = [one for one in decisions_in(session, campaign).values() if one.is_answer and one.published_at is None]
    if drafts:
        of_campaign = select(AnswerApproval).join(Decision, Decision.id == AnswerApproval.decision_id)
        of_campaign = of_campaign.join(Theme, Theme.id == Decision.theme_id).where(Theme.campaign_id == campaign.id)
        approvals = {approval.decision_id: approval for approval in session.scalars(of_campaign)}
        waiting |= {one.theme_id for one in drafts if not holds(approvals.get(one.id), one)}
    return waiting


def propose_drafts(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> Sequence[str]:
    """Let the drafts of active themes that nobody approved wait as proposals: for an undoing that brings their themes
    back once the debrief is public, when an answer is no draft any more. Returns the titles of their actions, which are
    deleted: nobody but the team read them.

    The caller has locked the campaign.
    """
    if not campaign.answers_reviewed or campaign.debriefed_at is None:
        return []
    session.flush()
    titles = []
    for decision in list(decisions_in(session, campaign).values()):
        if not decision.is_answer or decision.published_at is not None or approval_of(session, decision) is not None:
            continue
        for action in decision.actions:
            titles.append(action.title)
            before = {"title": action.title}
            record(session, Verb.DELETED, action, by=by, now=now, campaign_id=campaign.id, before=before)
            session.delete(action)
        content: dict[str, Any] = {
            "status": decision.status.value, "reason": decision.reason, "respondent_id": decision.respondent_id,
            "decided_on": decision.decided_on.isoformat(), "change_reason": "", "abandon_reason": None, "abandoned": [],
            "community_impact": decision.community_impact,
        }  # fmt: skip
        waiting = AnswerProposal(
            theme_id=decision.theme_id, content=content, seen=0, version=1,
            proposed_by_id=decision.recorded_by_id, proposed_at=decision.updated_at,
        )  # fmt: skip
        session.merge(WithdrawnAnswer(theme_id=decision.theme_id, version=decision.version))
        session.flush()
        session.delete(decision)
        proposal = session.merge(waiting)
        session.flush()
        record(session, Verb.REQUESTED, proposal, by=by, now=now, campaign_id=campaign.id, after=_logged(proposal))
    return titles


def approve_proposal(session: Session, theme: Theme, *, seen: str, by: Person, now: datetime) -> Decision:
    """Approve the answer that waits for a theme, with the mark that `by` saw: it is published at once, as written by
    who proposed it. From the log, those concerned are told. The owner and facilitators may.

    Raises Conflict (there is none any more), ApprovedOneself, ChangedMeanwhile, ActionsCameLater, or as `decide` does.
    """
    proposal = _locked(session, theme, seen=seen)
    if proposal.proposed_by_id == by.id:
        raise ApprovedOneself
    content = proposal.content
    if content["status"] in WITHOUT_ACTIONS:
        unfinished = open_actions(session, theme)
        known = abandoned_with(proposal, unfinished)
        later = [action.title for action in unfinished if action not in known]
        if later:
            raise ActionsCameLater(actions=" · ".join(later))
    decision = decide(
        session, theme,
        status=DecisionStatus(content["status"]), reason=content["reason"],
        respondent=session.get_one(Person, content["respondent_id"]), decided_on=proposal.decided_on,
        by=proposal.proposed_by, now=now, seen=proposal.seen, change_reason=content["change_reason"],
        abandon_reason=content["abandon_reason"], community_impact=content.get("community_impact"), is_approved=True,
    )  # fmt: skip
    after = {"version": decision.version}
    record(session, Verb.APPROVED, decision, by=by, now=now, campaign_id=theme.campaign_id, after=after)
    session.delete(proposal)
    session.flush()
    return decision


def drop_proposal(session: Session, theme: Theme, *, seen: str, by: Person, now: datetime) -> None:
    """Take back the answer that waits for a theme. The owner and facilitators may.

    Raises Conflict, ChangedMeanwhile.
    """
    proposal = _locked(session, theme, seen=seen)
    record(session, Verb.DELETED, proposal, by=by, now=now, campaign_id=theme.campaign_id, before=_logged(proposal))
    session.delete(proposal)
    session.flush()


def _logged(proposal: AnswerProposal) -> dict[str, Any]:
    """What the activity log keeps of a proposal."""
    return proposal.content | {"version": proposal.version}


def _locked(session: Session, theme: Theme, *, seen: str) -> AnswerProposal:
    lock_campaign(session, theme.campaign)
    proposal = session.get(AnswerProposal, theme.id, populate_existing=True)
    if proposal is None:
        raise Conflict
    if proposal.mark != seen:
        raise ChangedMeanwhile
    return proposal
