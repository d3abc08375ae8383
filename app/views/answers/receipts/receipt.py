"""A person's receipt: what became of their ideas, and of those that they responded to.

For whoever is signed in, and for whoever has the link in a mail.
"""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.enforcement import ask_to_sign_in
from app.access.needs import Platform, requires
from app.access.roles import reader
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.objection import ObjectForm
from app.mail.receipt import read_receipt_token
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.answers.debriefs.objection import object_to
from ideas.answers.debriefs.receipt import acts_on_receipt, receipt_of
from ideas.answers.debriefs.thanks import agrees_to_thanks, choose_thanks, may_be_thanked
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, visible_campaign
from ideas.contributions.idea import Idea
from ideas.errors import DomainError
from ideas.people.person import Person
from ideas.people.sanction import sanction_in_force

views = Blueprint("receipt", __name__)


@views.get("/campaigns/<int:campaign_id>/receipt")
@requires(Act.READ)
def show(campaign: Campaign) -> ResponseReturnValue:
    """The reader's own; who is not signed in is asked to."""
    person = reader()
    if person is None:
        return render_template("answers/receipt/show.html", campaign=campaign, person=None, lines=[], acts=[])
    return _page(campaign, person, url_for("receipt.objects", campaign_id=campaign.id))


@views.post("/campaigns/<int:campaign_id>/receipt")
@requires(Act.READ)
def objects(campaign: Campaign) -> ResponseReturnValue:
    """Whoever wrote an idea, whatever they may do now: `object_to` decides here and by the signed link."""
    person = reader()
    if person is None:
        return ask_to_sign_in()
    here = url_for("receipt.show", campaign_id=campaign.id)
    return _object(campaign, person, here, url_for("receipt.objects", campaign_id=campaign.id))


@views.post("/campaigns/<int:campaign_id>/receipt/thanks")
@requires(Act.READ)
def thank(campaign: Campaign) -> ResponseReturnValue:
    """Agree to be thanked by name in the debrief, or no longer: `choose_thanks` decides who may."""
    person = reader()
    if person is None:
        return ask_to_sign_in()
    agrees = request.form.get("agrees") == "yes"
    choose_thanks(database(), campaign, agrees=agrees, by=person, now=now())
    database().commit()
    flash(_("The debrief may name you.") if agrees else _("The debrief does not name you."), "success")
    return redirect(url_for("receipt.show", campaign_id=campaign.id, _anchor="thanks"), 303)


@views.get("/receipt/<receipt>")
@requires(Platform.EVERYONE)
def signed(receipt: str) -> ResponseReturnValue:
    """Without an account. It changes nothing: mail programs follow links by themselves."""
    campaign, person = _signed_for(receipt)
    return _page(campaign, person, url_for("receipt.objects_signed", receipt=receipt))


@views.post("/receipt/<receipt>")
@requires(Platform.EVERYONE)
def objects_signed(receipt: str) -> ResponseReturnValue:
    campaign, person = _signed_for(receipt)
    here = url_for("receipt.signed", receipt=receipt)
    return _object(campaign, person, here, here)


def _signed_for(token: str) -> tuple[Campaign, Person]:
    """Whose receipt this is. 404 where nobody here signed the link, the account is erased, or they no longer see the
    campaign.
    """
    signed = read_receipt_token(token)
    person = database().get(Person, signed[0]) if signed else None
    if signed is None or person is None or person.erased_at is not None:
        abort(404)
    campaign = visible_campaign(database(), signed[1], person)
    if campaign is None:
        abort(404)
    return campaign, person


def _object(campaign: Campaign, person: Person, here: str, action: str) -> ResponseReturnValue:
    form = ObjectForm()
    if form.validate_on_submit():
        idea = database().get(Idea, form.idea.data)
        if idea is None or idea.campaign_id != campaign.id:
            abort(404)
        with show_refusals(form, {DomainError: form.reason}):
            object_to(database(), idea, theme_id=form.theme_id, reason=form.reason.data, by=person, now=now())
            database().commit()
            flash(_("The campaign team reads what you wrote, and moves your idea or answers you."), "success")
            return redirect(here, 303)
    with rendering(database()):
        return _page(campaign, person, action, form)


def _page(campaign: Campaign, person: Person, action: str, form: ObjectForm | None = None) -> ResponseReturnValue:
    # Not by the link of a mail: it proves less than signing in.
    is_reader = person.id == getattr(reader(), "id", None)
    page = render_template(
        "answers/receipt/show.html",
        campaign=campaign,
        person=person,
        is_thanked=is_reader and agrees_to_thanks(database(), campaign, person),
        may_be_thanked=is_reader and may_be_thanked(database(), campaign, person),
        lines=receipt_of(database(), campaign, person),
        acts=acts_on_receipt(database(), campaign, person),
        may_object=sanction_in_force(database(), person, campaign.id, now=now()) is None,
        action=action,
        form=form,
        today=now().date(),
    )
    return page, form_status(form) if form is not None else 200
