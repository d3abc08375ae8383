"""Splitting an idea that asks for two things, and putting both together again."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.moderation.split import SplitIdeaForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.moderation.acts.split import NothingLeft, split_idea, undo_split
from ideas.moderation.review import SpanNotFound

views = Blueprint("split", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>/split")


@views.route("", methods=["GET", "POST"])
@requires(Act.MODERATE)
def write(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    form = SplitIdeaForm()
    if not form.is_submitted():
        form.part.data, form.reason.data = idea.body, _("This idea asks for two things.")
    if form.validate_on_submit():
        with show_refusals(form, {SpanNotFound: form.part, NothingLeft: form.part}):
            part, reason = form.part.data, form.reason.data
            new = split_idea(database(), idea, part=part, by=member(), reason=reason, now=now())
            database().commit()
            flash(_("Idea split in two. Its author is told. You can undo it on this page."), "success")
            return _to(new)
    page = render_template("moderation/split/write.html", campaign=campaign, idea=idea, form=form)
    return page, form_status(form)


@views.post("/undo")
@requires(Act.MODERATE)
def undo(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    origin = undo_split(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("Split undone. The idea has its whole text again."), "success")
    return _to(origin)


def _to(idea: Idea) -> ResponseReturnValue:
    return redirect(url_for("idea.show", campaign_id=idea.campaign_id, idea_id=idea.kept.id), 303)
