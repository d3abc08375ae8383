"""Reporting an idea, a comment or a person."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.moderation.report import SendReportForm
from app.views.contributions.talk.comment import comment_url
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.moderation.report import NoteNeeded, Reported, author_of, kind_of, report, reported_by
from ideas.moderation.sanctions import takes_part
from ideas.people.person import Person
from ideas.people.sanction import Reason

views = Blueprint("report", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.route("/ideas/<int:idea_id>/report", methods=["GET", "POST"])
@requires(Act.REPORT)
def idea(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    if idea.submitted_at is None:
        abort(404)
    return _report(campaign, idea, back=url_for("idea.show", campaign_id=campaign.id, idea_id=idea.id))


@views.route("/ideas/<int:idea_id>/comments/<int:comment_id>/report", methods=["GET", "POST"])
@requires(Act.REPORT)
def comment(campaign: Campaign, idea: Idea, comment: Comment) -> ResponseReturnValue:  # noqa: ARG001 -- named in the address
    if comment.withdrawn_at is not None:
        abort(404)
    return _report(campaign, comment, back=comment_url(comment))


@views.route("/debrief/comments/<int:debrief_comment_id>/report", methods=["GET", "POST"])
@requires(Act.REPORT)
def debrief_comment(campaign: Campaign, debrief_comment: Comment) -> ResponseReturnValue:
    if debrief_comment.withdrawn_at is not None:
        abort(404)
    return _report(campaign, debrief_comment, back=comment_url(debrief_comment))


@views.route("/people/<int:person_id>/report", methods=["GET", "POST"])
@requires(Act.REPORT)
def person(campaign: Campaign, person: Person) -> ResponseReturnValue:
    if not takes_part(database(), campaign, person, reader=member()):
        abort(404)
    return _report(campaign, person, back=url_for("idea.index", campaign_id=campaign.id))


def _report(campaign: Campaign, row: Reported, *, back: str) -> ResponseReturnValue:
    form = SendReportForm()
    if form.validate_on_submit():
        with show_refusals(form, {NoteNeeded: form.note}):
            reason, note = Reason(form.reason.data), form.note.data
            report(database(), campaign, row, reason=reason, note=note, by=member(), now=now())
            database().commit()
            flash(_("Thank you. The moderators read your report, and you will be told what became of it."), "success")
            return redirect(back, 303)
    page = render_template(
        "moderation/report/write.html",
        campaign=campaign,
        row=row,
        kind=kind_of(row),
        own=author_of(row) == member().id,
        already=reported_by(database(), campaign, row, by=member()),
        back=back,
        form=form,
    )
    return page, form_status(form)
