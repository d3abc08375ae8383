"""“Is this fair to what was said?”: readers say it on the page of the debrief, and the team reads their reasons."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.enforcement import ask_to_sign_in
from app.access.needs import requires
from app.access.roles import reader
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.fairness import FAIR, SayFairForm
from app.views.answers.debriefs.debrief import debrief_page
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.answers.debriefs.fairness import WhyUnfair, count_fairness, fairness_reasons, say_fair
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act

views = Blueprint("fairness", __name__, url_prefix="/campaigns/<int:campaign_id>/debrief/fair")


@views.get("")
@requires(Act.PUBLISH)
def index(campaign: Campaign) -> str:
    return render_template(
        "answers/debrief/fairness.html",
        campaign=campaign,
        counts=count_fairness(database(), campaign),
        reasons=fairness_reasons(database(), campaign),
    )


@views.post("")
@requires(Act.READ)
def say(campaign: Campaign) -> ResponseReturnValue:
    """Whoever reads the debrief and is signed in: `say_fair` decides who may."""
    person = reader()
    if person is None:
        return ask_to_sign_in()
    form = SayFairForm()
    if form.validate_on_submit():
        with show_refusals(form, {WhyUnfair: form.reason}):
            is_fair = form.fair.data == FAIR
            said = {"is_fair": is_fair, "reason": form.reason.data, "seen": form.seen}
            say_fair(database(), campaign, **said, by=person, now=now())
            database().commit()
            flash(_("Thank you. The campaign team reads what you said."), "success")
            return redirect(url_for("debrief.show", campaign_id=campaign.id, _anchor="fair"), 303)
    with rendering(database()):
        return debrief_page(campaign, fair_form=form)
