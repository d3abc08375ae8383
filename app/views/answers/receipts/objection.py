"""What authors say of the places of their ideas, for the team: each idea is offered for moving."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.objection import KeepPlacementForm
from app.forms.themes.edit import MoveIdeasForm
from app.views.themes.edit import target_theme
from app.views.themes.history import commit_edit
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.activity.version import ReasonNeeded
from ideas.answers.debriefs.objection import Objection, keep_placement, lock_open, open_objections
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.errors import DomainError, InvalidText
from ideas.themes.edits.move import forbid, move_ideas
from ideas.themes.theme import active_themes

# The choice to keep an idea out of a theme, beside the themes that it may go to.
OUT = "out"

views = Blueprint("objection", __name__, url_prefix="/campaigns/<int:campaign_id>/objections")


@views.get("")
@requires(Act.GROUP)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign)


@views.post("/<int:objection_id>/move")
@requires(Act.GROUP)
def move(campaign: Campaign, objection: Objection) -> ResponseReturnValue:
    """Move the idea as on the page of its theme, or keep it out of there: then it goes to the next one that it fits."""
    form = MoveIdeasForm()
    if form.validate_on_submit():
        with show_refusals(form, {ReasonNeeded: form.reason, InvalidText: form.reason, DomainError: form.to}):
            state = lock_open(database(), objection)
            theme = state.theme
            act: dict[str, Any] = {"idea_ids": [objection.idea.kept.id], "reason": form.reason.data, "by": member()}
            if form.to.data == OUT and theme is not None:
                seen = theme if not state.by_passage else None
                edit = forbid(database(), campaign, theme=theme, seen=seen, even_placed=True, now=now(), **act)
            else:
                to = target_theme(campaign, form.to.data)
                edit = move_ideas(database(), campaign, to=to, seen=theme, now=now(), **act)
            return commit_edit(edit, url_for("objection.index", campaign_id=campaign.id))
    with rendering(database()):
        return _page(campaign, refused=objection.id, form=form)


@views.post("/<int:objection_id>/keep")
@requires(Act.GROUP)
def keep(campaign: Campaign, objection: Objection) -> ResponseReturnValue:
    form = KeepPlacementForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.answer}):
            keep_placement(database(), objection, answer=form.answer.data, by=member(), now=now())
            database().commit()
            flash(_("Your answer is saved. The author is told."), "success")
            return redirect(url_for("objection.index", campaign_id=campaign.id), 303)
    with rendering(database()):
        return _page(campaign, refused=objection.id, form=form)


@views.app_template_global()
def waiting_objections(campaign: Campaign) -> int:
    """How many objections the team of the campaign has to deal with."""
    return len(open_objections(database(), campaign)) if campaign.debriefed_at is not None else 0


def _page(
    campaign: Campaign, *, refused: int | None = None, form: KeepPlacementForm | MoveIdeasForm | None = None
) -> ResponseReturnValue:
    page = render_template(
        "answers/objection/index.html",
        campaign=campaign,
        states=open_objections(database(), campaign),
        themes=active_themes(database(), campaign),
        refused=refused,
        form=form,
        moves=request.path.endswith("/move"),
    )
    return page, form_status(form) if form is not None else 200
