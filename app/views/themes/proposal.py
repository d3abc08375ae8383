"""What a new run would change, theme by theme; taken whole, in part, or not at all."""

from collections.abc import Collection

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.access import member
from app.clock import now
from app.extensions import database
from app.forms.themes.proposal import AcceptProposalForm, AnswerProposalForm
from app.pictures.theme_map import tones
from app.views.themes.edit import done
from app.web.rendering import refuse
from ideas.campaigns.campaign import Campaign
from ideas.themes.apply import NothingTaken, ProposalClosed, accept, decline
from ideas.themes.difference import count_moves, differences
from ideas.themes.proposal import Proposal, open_proposal
from ideas.themes.theme import active_themes

views = Blueprint("proposal", __name__, url_prefix="/campaigns/<int:campaign_id>/themes/proposal")


@views.get("")
def show(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, AcceptProposalForm(formdata=None))


@views.post("/accept", endpoint="accept")
def take(campaign: Campaign) -> ResponseReturnValue:
    form = AcceptProposalForm()
    keys: Collection[str] | None = None if "all" in request.form else set(form.key.data or ())
    try:
        edit = accept(database(), _on_the_page(campaign, form), keys=keys, by=member(), now=now())
    except NothingTaken as error:
        database().rollback()
        refuse(form, error)
        return _page(campaign, form)
    return done(campaign, edit, url_for("theme.index", campaign_id=campaign.id))


@views.post("/decline", endpoint="decline")
def leave(campaign: Campaign) -> ResponseReturnValue:
    decline(database(), _on_the_page(campaign, AnswerProposalForm()), by=member(), now=now())
    database().commit()
    flash(_("The themes are unchanged."), "success")
    return redirect(url_for("theme.index", campaign_id=campaign.id), 303)


def _on_the_page(campaign: Campaign, form: AnswerProposalForm) -> Proposal:
    """The open proposal, if it is the one that was answered. Raises ProposalClosed."""
    proposal = open_proposal(database(), campaign)
    if proposal is None or not form.validate() or form.proposal.data != proposal.id:
        raise ProposalClosed
    return proposal


def _page(campaign: Campaign, form: AcceptProposalForm) -> ResponseReturnValue:
    """What would change; a form that was refused keeps what was chosen, and at first all is."""
    proposal = open_proposal(database(), campaign)
    page = render_template(
        "themes/proposal/show.html",
        campaign=campaign,
        proposal=proposal,
        differences=differences(database(), proposal) if proposal else [],
        moves=count_moves(database(), proposal) if proposal else 0,
        tones=tones(active_themes(database(), campaign)),
        form=form,
        chosen=set(form.key.data or ()) if form.errors else None,
    )
    return page, 422 if form.errors else 200
