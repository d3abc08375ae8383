"""Volunteers: a member offers to help run campaigns, and a campaign lead invites them as a facilitator."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.recognition.volunteer import ChooseToVolunteerForm
from app.settings import Settings
from app.views.spaces.inviting_pages import say_later
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.errors import DomainError
from ideas.organisation.organisation import the_organisation
from ideas.outreach.limits.budget import invite_by_mail
from ideas.people.person import Person
from ideas.recognition.level import level_of, level_rules
from ideas.recognition.volunteer import choose_to_volunteer, invite_volunteer

views = Blueprint("volunteer", __name__)


@views.route("/me/volunteer", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def choose() -> ResponseReturnValue:
    form, instant = ChooseToVolunteerForm(obj=member()), now()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.volunteers}):
            choose_to_volunteer(database(), member(), volunteers=form.volunteers.data, now=instant)
            database().commit()
            flash(_("Your choice is saved."), "success")
            return redirect(url_for("volunteer.choose"), 303)
    page = render_template(
        "recognition/volunteer/choose.html",
        form=form,
        reached=level_of(database(), member(), now=instant),
        rules=level_rules(the_organisation(database())),
    )
    return page, form_status(form)


@views.post("/campaigns/<int:campaign_id>/volunteers/<int:person_id>")
@requires(Act.INVITE)
def invite(campaign: Campaign, person: Person) -> ResponseReturnValue:
    invitation = invite_volunteer(database(), campaign, person, by=member(), now=now())
    settings: Settings = current_app.extensions["settings"]
    later = invite_by_mail(database(), [invitation], domain=settings.mail_domain, now=now())
    database().commit()
    flash(_("Invitation sent to %(name)s.", name=person.name), "success")
    say_later(later)
    return redirect(url_for("team.index", campaign_id=campaign.id), 303)
