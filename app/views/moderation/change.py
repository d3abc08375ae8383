"""An author answers a moderator who asked for a change: without the marked words, or with another text."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.fields import controls
from app.forms.moderation.change import ChangeCommentForm, ChangeIdeaForm
from app.forms.moderation.places import sent_places, with_places
from app.views.contributions.talk.comment import comment_url
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import fields_of
from ideas.campaigns.people.team import Act
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import filled_of, places_of
from ideas.contributions.idea import Idea
from ideas.contributions.withheld import Review, Withheld
from ideas.errors import DomainError, EmptyText, NotAllowed
from ideas.moderation.acts.change import NothingAsked, may_answer, send_changed, send_without
from ideas.moderation.queue import reviews_of
from ideas.moderation.report import kind_of

views = Blueprint("change", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.route("/ideas/<int:idea_id>/change", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def idea(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    review = _asked_of(idea)
    form = _idea_form(campaign, idea)
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.body}):
            send_changed(
                database(), idea,
                title=form.title.data, body=form.body.data, places=sent_places(form), by=member(), now=now(),
            )  # fmt: skip
            return _sent(idea)
    return _page(campaign, idea, review, form)


@views.post("/ideas/<int:idea_id>/without")
@requires(Act.CONTRIBUTE)
def idea_without(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    return _without(campaign, idea, _idea_form(campaign, idea, formdata=None))


@views.route("/ideas/<int:idea_id>/comments/<int:comment_id>/change", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def comment(campaign: Campaign, idea: Idea, comment: Comment) -> ResponseReturnValue:  # noqa: ARG001 -- named in the address
    return _change_comment(campaign, comment)


@views.post("/ideas/<int:idea_id>/comments/<int:comment_id>/without")
@requires(Act.CONTRIBUTE)
def comment_without(campaign: Campaign, idea: Idea, comment: Comment) -> ResponseReturnValue:  # noqa: ARG001 -- named in the address
    return _without(campaign, comment, ChangeCommentForm(formdata=None, obj=comment))


@views.route("/debrief/comments/<int:debrief_comment_id>/change", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def debrief_comment(campaign: Campaign, debrief_comment: Comment) -> ResponseReturnValue:
    return _change_comment(campaign, debrief_comment)


@views.post("/debrief/comments/<int:debrief_comment_id>/without")
@requires(Act.CONTRIBUTE)
def debrief_comment_without(campaign: Campaign, debrief_comment: Comment) -> ResponseReturnValue:
    return _without(campaign, debrief_comment, ChangeCommentForm(formdata=None, obj=debrief_comment))


def _change_comment(campaign: Campaign, comment: Comment) -> ResponseReturnValue:
    review = _asked_of(comment)
    form = ChangeCommentForm(obj=comment)
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.body}):
            send_changed(database(), comment, body=form.body.data, by=member(), now=now())
            return _sent(comment)
    return _page(campaign, comment, review, form)


def _asked_of(row: Idea | Comment) -> Review:
    """What a moderator asked of the reader, who wrote it. Raises NotAllowed for anyone else, NothingAsked."""
    if not may_answer(row, member()):
        raise NotAllowed
    review = reviews_of(database(), kind_of(row), [row.id]).get(row.id)
    if review is None or row.withheld is not Withheld.CHANGE_ASKED:
        raise NothingAsked
    return review


def _idea_form(campaign: Campaign, idea: Idea, **options: Any) -> ChangeIdeaForm:
    fields = fields_of(database(), campaign)
    return with_places(ChangeIdeaForm, idea, fields, places_of(database(), idea.id), **options)


def _without(campaign: Campaign, row: Idea | Comment, form: ChangeIdeaForm | ChangeCommentForm) -> ResponseReturnValue:
    review = _asked_of(row)
    with show_refusals(form, {EmptyText: form.body}):
        send_without(database(), row, by=member(), now=now())
        return _sent(row)
    return _page(campaign, row, review, form)


def _sent(row: Idea | Comment) -> ResponseReturnValue:
    waits = row.withheld is Withheld.WAITING
    database().commit()
    if waits:
        flash(_("Sent. A moderator reads your text before it is published."), "success")
    else:
        flash(_("Published again, without the marked words."), "success")
    return redirect(_url(row), 303)


def _url(row: Idea | Comment) -> str:
    if isinstance(row, Comment):
        return comment_url(row)
    return url_for("idea.show", campaign_id=row.campaign_id, idea_id=row.id)


def _page(
    campaign: Campaign, row: Idea | Comment, review: Review, form: ChangeIdeaForm | ChangeCommentForm
) -> ResponseReturnValue:
    page = render_template(
        "moderation/change/write.html",
        campaign=campaign, row=row, review=review, form=form, of_comment=isinstance(row, Comment), back=_url(row),
        controls=controls(form), filled=filled_of(database(), campaign, row.id) if isinstance(row, Idea) else (),
    )  # fmt: skip
    return page, form_status(form)
