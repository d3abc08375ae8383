"""What the form of a decision holds: its choices, what it starts from, and the field that each rule is about."""

from collections.abc import Sequence
from typing import Any

from flask import request

from app.extensions import database
from app.forms.answers.decision import RecordDecisionForm
from app.web.pages.language import gettext as _
from ideas.activity.version import ReasonNeeded
from ideas.answers.action import AbandonReasonNeeded
from ideas.answers.approval import AnswerProposal
from ideas.answers.decision import ActionsStayOpen, DecidedInTheFuture, Decision, ExpectedInThePast
from ideas.answers.template import templates_for, with_template
from ideas.campaigns.campaign import Campaign
from ideas.errors import DomainError
from ideas.people.person import Person


def named_people(
    team: Sequence[Person], decision: Decision | None, proposal: AnswerProposal | None
) -> Sequence[Person]:
    """The team, and who is named under the answer or the one that waits: they may have left the team since."""
    known = {person.id: person for person in team}
    if decision is not None:
        known.setdefault(decision.respondent_id, decision.respondent)
    if proposal is not None and proposal.content["respondent_id"] not in known:
        named = database().get_one(Person, proposal.content["respondent_id"])
        known[named.id] = named
    return list(known.values())


def fields_of(form: RecordDecisionForm) -> dict[type[DomainError], Any]:
    """The field that each rule is about."""
    return {
        DecidedInTheFuture: form.decided_on,
        ExpectedInThePast: form.expected_on,
        ActionsStayOpen: form.abandon,
        AbandonReasonNeeded: form.abandon_reason,
        ReasonNeeded: form.change_reason,
        DomainError: form.reason,
    }


def stored_answer(decision: Decision | None, proposal: AnswerProposal | None = None) -> dict[str, Any]:
    """The stored answer, or the one that waits for a second person, by the names of the form's fields."""
    if proposal is not None:
        names = ("status", "reason", "change_reason", "abandon_reason")
        content = {name: proposal.content[name] for name in names}
        content["community_impact"] = proposal.content.get("community_impact")
        respondent, abandon = proposal.content["respondent_id"], content["abandon_reason"] is not None
        return content | {"respondent": respondent, "abandon": abandon, "decided_on": proposal.decided_on}
    if decision is None:
        return dict.fromkeys(("status", "expected_on", "reason", "community_impact", "respondent", "decided_on"))
    return {
        "status": decision.status.value,
        "expected_on": decision.expected_on,
        "reason": decision.reason,
        "community_impact": decision.community_impact,
        "respondent": decision.respondent_id,
        "decided_on": decision.decided_on,
    }


def inserts_template(campaign: Campaign, form: RecordDecisionForm) -> bool:
    """Put a template into the reason, if the pressed button asks for one: then nothing else is done with the form.

    Its page comes back as it was filled in, with a sentence where the template was deleted meanwhile.
    """
    if request.method != "POST" or "insert" not in request.form:
        return False
    wanted = request.form["insert"]
    found = (one for one in templates_for(database(), campaign) if str(one.id) == wanted)
    template = next(found, None)
    if template is None:
        form.form_errors.append(_("This template was deleted in the meantime. Choose another one."))
    else:
        form.reason.data = with_template(form.reason.data or "", template)
    return True
