"""The page where one idea is answered itself, and the published texts of such an answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.answers.decision import team_choices
from app.forms.answers.idea_answer import AnswerIdeaForm
from app.views.answers.decision import today
from app.views.answers.decision_form import inserts_template
from app.views.answers.similar import similar_context
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.activity.version import ReasonNeeded
from ideas.answers.debriefs.debrief import asked_themes
from ideas.answers.decision import DecidedInTheFuture, DecisionStatus, respondents
from ideas.answers.similar import idea_to_answer
from ideas.answers.single.idea_answer import (
    IdeaAnswer,
    answer_idea,
    approve_idea_answer,
    draft_on,
    drafts_on_merged,
    shown_answers,
    texts_of,
    withdraw_idea_answer,
)
from ideas.answers.template import templates_for
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.errors import DomainError
from ideas.people.person import Person

views = Blueprint("idea_answer", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>/answer")


@views.route("", methods=["GET", "POST"])
@requires(Act.DECIDE)
def record(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    draft, current = draft_on(database(), idea), shown_answers(database(), [idea.id]).get(idea.id)
    stored = draft or current
    team = _team(campaign, stored)
    form = _form(campaign, stored, team)
    if inserts_template(campaign, form) or not form.validate_on_submit():
        return _page(campaign, idea, form)
    fields = {DecidedInTheFuture: form.decided_on, ReasonNeeded: form.change_reason, DomainError: form.reason}
    with show_refusals(form, fields):
        answer = answer_idea(
            database(), idea,
            status=DecisionStatus(form.status.data), reason=form.reason.data,
            respondent=next(person for person in team if person.id == form.respondent.data),
            decided_on=form.decided_on.data, change_reason=form.change_reason.data or "",
            by=member(), now=now(), seen=form.seen,
        )  # fmt: skip
        database().commit()
        flash(_said(campaign, answer), "success")
        return _back(campaign, idea, answer)
    return _page(campaign, idea, form)


@views.post("/approve")
@requires(Act.DECIDE)
def approve(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """A second person approves the draft, where the campaign asks for one."""
    approve_idea_answer(database(), idea, seen=_sent_number(), by=member(), now=now())
    database().commit()
    flash(_("Answer approved and published.") if campaign.debriefed_at else _("Answer approved."), "success")
    return redirect(url_for("idea_answer.record", campaign_id=campaign.id, idea_id=idea.id), 303)


@views.post("/withdraw")
@requires(Act.DECIDE)
def withdraw(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    withdraw_idea_answer(database(), idea, seen=_sent_number(), by=member(), now=now())
    database().commit()
    flash(_("Answer withdrawn."), "success")
    return redirect(url_for("idea.show", campaign_id=campaign.id, idea_id=idea.id), 303)


@views.get("/versions")
@requires(Act.READ)
def versions(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """The published answer to an idea with all that it was before, for everyone who may read the idea."""
    texts = texts_of(database(), idea) or abort(404)
    return render_template("answers/idea_answer/versions.html", campaign=campaign, idea=idea, texts=texts)


def answer_contents(idea: Idea, *, with_draft: bool) -> dict[str, Any]:
    """What the page of an idea shows of its own answer. `with_draft`: the reader may answer. Three queries at most."""
    current = shown_answers(database(), [idea.kept.id]).get(idea.kept.id)
    draft, merged = (draft_on(database(), idea), drafts_on_merged(database(), idea)) if with_draft else (None, ())
    return {"current": current, "draft": draft, "on_merged": merged}


def _sent_number() -> int:
    return request.form.get("number", 0, type=int)


def _said(campaign: Campaign, answer: IdeaAnswer) -> str:
    if not answer.is_draft:
        return str(_("Answer published. Those concerned are told."))
    if campaign.answers_reviewed:
        return str(_("Answer saved. It is published once a second person approves it."))
    return str(_("Answer saved. It is published with the debrief."))


def _back(campaign: Campaign, idea: Idea, answer: IdeaAnswer) -> ResponseReturnValue:
    page = "idea_answer.record" if answer.is_draft and campaign.answers_reviewed else "idea.show"
    return redirect(url_for(page, campaign_id=campaign.id, idea_id=idea.id, _anchor="answer"), 303)


def _team(campaign: Campaign, stored: IdeaAnswer | None) -> Sequence[Person]:
    """The team, and who is named under the answer: they may have left the team since."""
    team = {person.id: person for person in respondents(database(), campaign)}
    if stored is not None:
        team.setdefault(stored.respondent_id, stored.respondent)
    return list(team.values())


def _stored(campaign: Campaign, stored: IdeaAnswer | None) -> Mapping[str, Any]:
    """The answer as it is stored, by the names of the form's fields."""
    if stored is None:
        return {"respondent": campaign.owner_id, "decided_on": today()}
    values = {"status": stored.status.value, "reason": stored.reason, "respondent": stored.respondent_id}
    change_reason = stored.change_reason if stored.is_draft else ""
    return values | {"decided_on": stored.decided_on, "change_reason": change_reason}


def _form(campaign: Campaign, stored: IdeaAnswer | None, team: Sequence[Person]) -> AnswerIdeaForm:
    form = AnswerIdeaForm(**_stored(campaign, stored), version=stored.number if stored is not None else 0)
    form.respondent.choices = team_choices(team)
    return form


def _page(campaign: Campaign, idea: Idea, form: AnswerIdeaForm) -> ResponseReturnValue:
    contents = answer_contents(idea, with_draft=True)
    stored = contents["draft"] or contents["current"]
    conflict = None
    if form.changed_meanwhile:
        by, at = (stored.recorded_by.name, stored.recorded_at) if stored is not None else ("", None)
        number = stored.number if stored is not None else 0
        saved = {"status": None, "reason": None} | dict(_stored(campaign, stored))
        conflict = compare(form, saved, version=number, by=by, at=at)
    page = render_template(
        "answers/idea_answer/record.html",
        campaign=campaign,
        idea=idea,
        form=form,
        conflict=conflict,
        asked=asked_themes(database(), [idea]).get(idea.id, []),
        templates=templates_for(database(), campaign),
        today=today(),
        **contents,
        **similar_context(idea_to_answer(idea)),
    )
    return page, form_status(form) if form.is_submitted() else 200
