"""What a new run would change, theme by theme: accepted whole, in part, or declined."""

from collections.abc import Collection

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.themes.proposal import AcceptProposalForm, DeclineProposalForm, ProposalForm
from app.pictures.map.theme_map import tones
from app.views.themes.history import commit_edit
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, refuse
from ideas.answers.assigned import kept_themes
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import Act
from ideas.errors import InvalidText
from ideas.themes.edits.history import PublicAnswersChange
from ideas.themes.runs.accept import NothingTaken, ProposalClosed
from ideas.themes.runs.accept import accept as accept_proposal
from ideas.themes.runs.accept import decline as decline_proposal
from ideas.themes.runs.difference import count_moves, differences
from ideas.themes.runs.proposal import Proposal, open_proposal
from ideas.themes.theme import active_themes

views = Blueprint("proposal", __name__, url_prefix="/campaigns/<int:campaign_id>/themes/proposal")


@views.get("")
@requires(Act.GROUP)
def show(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, AcceptProposalForm(formdata=None))


@views.post("/accept")
@requires(Act.GROUP)
def accept(campaign: Campaign) -> ResponseReturnValue:
    form = AcceptProposalForm()
    keys: Collection[str] | None = None if "all" in request.form else set(form.key.data or ())
    try:
        proposal = _proposal_on_page(campaign, form)
        lock_campaign(database(), campaign)  # no answer may be given between reading them and accepting
        keep = kept_themes(database(), campaign)
        edit = accept_proposal(
            database(), proposal, keys=keys, keep=keep, reason=form.reason.data, by=member(), now=now()
        )
    except (NothingTaken, PublicAnswersChange, InvalidText) as error:
        database().rollback()
        refuse(form, error, form.reason if isinstance(error, InvalidText) else None)
        return _page(campaign, form)
    return commit_edit(edit, url_for("theme.index", campaign_id=campaign.id))


@views.post("/decline")
@requires(Act.GROUP)
def decline(campaign: Campaign) -> ResponseReturnValue:
    decline_proposal(database(), _proposal_on_page(campaign, DeclineProposalForm()), by=member(), now=now())
    database().commit()
    flash(_("The themes are unchanged."), "success")
    return redirect(url_for("theme.index", campaign_id=campaign.id), 303)


def _proposal_on_page(campaign: Campaign, form: ProposalForm) -> Proposal:
    """The open proposal, if it is the one that the form was about. Raises ProposalClosed."""
    proposal = open_proposal(database(), campaign)
    form.validate()
    if proposal is None or form.proposal.errors or form.proposal.data != proposal.id:
        raise ProposalClosed
    return proposal


def _page(campaign: Campaign, form: AcceptProposalForm) -> ResponseReturnValue:
    """The proposed changes. All are chosen at first; a refused form keeps what was chosen."""
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
    return page, form_status(form)
