"""Questions of the team to the author of an idea: asked, answered and shown on the page of the idea."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.clarification import AnswerClarificationForm, AskAuthorForm, TakeOffForm
from app.views.contributions.idea import page_of
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.contributions.talk.clarification import (
    Clarification,
    answer_clarification,
    ask_author,
    is_asked,
    take_off,
    take_off_own,
)
from ideas.errors import DomainError, NotAllowed

views = Blueprint(
    "clarification", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>/clarifications"
)


@views.post("")
@requires(Act.MANAGE)
def ask(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    form = AskAuthorForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.question}):
            ask_author(database(), idea, question=form.question.data, by=member(), now=now())
            database().commit()
            flash(_("Question sent. You are told when the author answers."), "success")
            return _back(idea)
    return page_of(campaign, idea, clarification_form=form)


@views.post("/<int:clarification_id>/answer")
@requires(Act.COMMENT)
def answer(campaign: Campaign, idea: Idea, clarification: Clarification) -> ResponseReturnValue:
    if not is_asked(clarification, member()):
        raise NotAllowed
    form = AnswerClarificationForm()
    if form.validate_on_submit():
        form.leave_out(campaign)
        with show_refusals(form, {DomainError: form.answer}):
            answer_clarification(
                database(), clarification,
                answer=form.answer.data, shown=form.shown.data, by=member(), now=now(), kept=form.agreed(),
            )  # fmt: skip
            database().commit()
            flash(_("Answer sent to the campaign team."), "success")
            return _back(idea)
    kept = idea.kept if idea.kept.is_readable else idea  # of a merged idea, the question is on the page of the other
    return page_of(campaign, kept, clarification_form=form)


@views.post("/<int:clarification_id>/take-off")
@requires(Act.COMMENT)
def take_own_off(campaign: Campaign, idea: Idea, clarification: Clarification) -> ResponseReturnValue:  # noqa: ARG001 -- the loader compared them
    """The author no longer wants it on the page."""
    take_off_own(database(), clarification, by=member(), now=now())
    database().commit()
    flash(_("Your answer is off the page. The campaign team still reads it."), "success")
    return _back(idea)


@views.route("/<int:clarification_id>/moderate", methods=["GET", "POST"])
@requires(Act.MODERATE)
def moderate(campaign: Campaign, idea: Idea, clarification: Clarification) -> ResponseReturnValue:
    """A moderator takes it off the page, with a reason."""
    form = TakeOffForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.reason}):
            take_off(database(), clarification, reason=form.reason.data, by=member(), now=now())
            database().commit()
            flash(_("The answer is off the page."), "success")
            return _back(idea)
    page = render_template(
        "contributions/clarification/take_off.html", campaign=campaign, idea=idea, asked=clarification, form=form
    )
    return page, form_status(form)


def _back(idea: Idea) -> Response:
    place = url_for("idea.show", campaign_id=idea.campaign_id, idea_id=idea.kept.id, _anchor="clarifications")
    return redirect(place, 303)
