"""Merging ideas that say the same: a moderator does it, an author proposes it to another one. Each can be undone."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.needs import requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import database
from app.forms.moderation.merge import MergeIdeasForm, ProposeMergeForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from app.web.search import asked
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea, search_ideas
from ideas.contributions.merged import IdeaMerge, MergeState
from ideas.errors import DomainError, NotAllowed
from ideas.moderation.acts.merge import (
    accept_merge,
    decline_merge,
    leave_merge,
    merge_ideas,
    propose_merge,
    public_idea,
    separate,
)
from ideas.themes.alike import similar_ideas

MAX_OFFERED = 10  # ideas to choose from at once

views = Blueprint("merge", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.route("/ideas/<int:idea_id>/merge", methods=["GET", "POST"])
@requires(Act.MODERATE)
def write(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """Choose the other idea, and which of the two is kept."""
    if idea.merged_into_id is not None and request.method == "GET":
        return _to(idea)
    form = MergeIdeasForm()
    if not form.is_submitted():
        form.reason.data = _("These ideas ask for the same.")
    if form.validate_on_submit():
        with show_refusals(form):
            other = public_idea(database(), campaign, form.other.data)
            merged, into = (other, idea) if form.keeps_this else (idea, other)
            merge = merge_ideas(database(), merged, into=into, by=member(), reason=form.reason.data, now=now())
            database().commit()
            flash(str(merge.id), "merge")
            return _to(into)
    return _page(campaign, idea, form)


@views.route("/ideas/<int:idea_id>/merge/propose", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def propose(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """An author proposes to merge their idea into another one."""
    if idea.author_id != member().id:
        raise NotAllowed
    if idea.merged_into_id is not None and request.method == "GET":
        return _to(idea)
    form = ProposeMergeForm()
    if form.validate_on_submit():
        form.leave_out(campaign)
        with show_refusals(form):
            into = public_idea(database(), campaign, form.other.data)
            merge = propose_merge(
                database(), idea, into=into, by=member(), reason=form.reason.data, kept=form.agreed(), now=now()
            )
            database().commit()
            if merge.state is MergeState.MERGED:
                flash(_("Your two ideas are merged."), "success")
            else:
                flash(_("Proposal sent. The other author is told and can agree."), "success")
            return _to(into)
    return _page(campaign, idea, form)


@views.post("/merges/<int:merge_id>/accept")
@requires(Act.CONTRIBUTE)
def accept(campaign: Campaign, merge: IdeaMerge) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    accept_merge(database(), merge, by=member(), now=now())
    database().commit()
    flash(_("The ideas are merged. Both authors are named."), "success")
    return _to(database().get_one(Idea, merge.into_id))


@views.post("/merges/<int:merge_id>/decline")
@requires(Act.CONTRIBUTE)
def decline(campaign: Campaign, merge: IdeaMerge) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    decline_merge(database(), merge, by=member(), now=now())
    database().commit()
    own = merge.made_by_id == member().id
    flash(_("Proposal taken back.") if own else _("Proposal declined. The other author is told."), "success")
    return _to(database().get_one(Idea, merge.idea_id if own else merge.into_id))


@views.post("/merges/<int:merge_id>/undo")
@requires(Act.MODERATE)
def undo(campaign: Campaign, merge: IdeaMerge) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    separate(database(), merge, by=member(), now=now())
    return _separated(merge)


@views.post("/merges/<int:merge_id>/leave")
@requires(Act.CONTRIBUTE)
def leave(campaign: Campaign, merge: IdeaMerge) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    leave_merge(database(), merge, by=member(), now=now())
    return _separated(merge)


@views.app_template_global()
def merge_notice(noted: str) -> str:
    """What the reader just merged, with a button that undoes it; empty for anybody else, and once it is undone."""
    person, merge = reader(), database().get(IdeaMerge, int(noted))
    if merge is None or person is None or merge.made_by_id != person.id or merge.state is not MergeState.MERGED:
        return ""
    return Markup(render_template("moderation/merge/done.html", merge=merge))  # noqa: S704 -- an autoescaped template


def _separated(merge: IdeaMerge) -> ResponseReturnValue:
    database().commit()
    flash(_("Ideas separated. Each has its votes and comments again."), "success")
    return _to(database().get_one(Idea, merge.idea_id))


def _to(idea: Idea) -> ResponseReturnValue:
    return redirect(url_for("idea.show", campaign_id=idea.campaign_id, idea_id=idea.kept.id), 303)


def _page(campaign: Campaign, idea: Idea, form: MergeIdeasForm | ProposeMergeForm) -> ResponseReturnValue:
    """The ideas to choose from: what the search of the address finds, else the most similar; and the chosen one."""
    search, found = asked(campaign), None
    offered: list[Idea]
    if search.typed:
        found = search_ideas(database(), campaign, search.query, before=search.before, match=search.match)
        offered = [other for other in found.rows if other.id != idea.id]
    else:
        offered = list(similar_ideas(database(), idea, limit=MAX_OFFERED))
    if form.other.data and form.other.data not in {other.id for other in offered}:
        offered = [*_chosen(campaign, form.other.data), *offered]
    page = render_template(
        "moderation/merge/write.html",
        campaign=campaign,
        idea=idea,
        form=form,
        search=search,
        found=found,
        offered=offered,
        address=request.path,
    )
    return page, form_status(form)


def _chosen(campaign: Campaign, number: int) -> list[Idea]:
    try:
        chosen = public_idea(database(), campaign, number)
    except DomainError:
        return []
    return list(database().scalars(select(Idea).where(Idea.id == chosen.id).options(joinedload(Idea.author))))
