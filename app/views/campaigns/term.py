"""A campaign's glossary: read by who takes part, filled by those who manage the campaign."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.term import AddTermForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.campaigns.term import CampaignTerm, TermTaken, add_term, remove_term, terms_of

views = Blueprint("term", __name__, url_prefix="/campaigns/<int:campaign_id>/glossary")


@views.get("")
@requires(Act.READ)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, AddTermForm(formdata=None))


@views.post("/add")
@requires(Act.MANAGE)
def add(campaign: Campaign) -> ResponseReturnValue:
    form = AddTermForm()
    if form.validate_on_submit():
        with show_refusals(form, {TermTaken: form.abbreviation}):
            texts = {"abbreviation": form.abbreviation.data or "", "meaning": form.meaning.data or ""}
            add_term(database(), campaign, **texts, by=member(), now=now())
            database().commit()
            flash(_("Abbreviation added. The next grouping spells it out."), "success")
            return _to_list(campaign)
    return _page(campaign, form)


@views.post("/<int:term_id>/remove")
@requires(Act.MANAGE)
def remove(campaign: Campaign, term: CampaignTerm) -> ResponseReturnValue:
    remove_term(database(), term, by=member(), now=now())
    database().commit()
    flash(_("Abbreviation removed."), "success")
    return _to_list(campaign)


def _page(campaign: Campaign, form: AddTermForm) -> ResponseReturnValue:
    terms = terms_of(database(), campaign)
    page = render_template("campaigns/term/index.html", campaign=campaign, terms=terms, form=form)
    return page, form_status(form)


def _to_list(campaign: Campaign) -> Response:
    return redirect(url_for("term.index", campaign_id=campaign.id), 303)
