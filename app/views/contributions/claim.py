"""Authors of imported ideas: invited by whoever runs the campaign, they claim their ideas; also with a code."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.claim import EnterCodeForm, InviteAuthorsForm
from app.mail.invitation import find_by_code
from app.settings import Settings
from app.views.spaces.inviting_pages import say_later
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.answers.debriefs.objection import claim_objections
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.claim import invite_authors, join_and_claim
from ideas.errors import DomainError, message_id
from ideas.outreach.limits.budget import invite_by_mail
from ideas.people.limit import LimitedAct, spend

views = Blueprint("claim", __name__)


class UnknownCode(DomainError):
    message = message_id("This code is wrong, or no longer valid. Copy it again from the email.")


@views.route("/claim", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def enter() -> ResponseReturnValue:
    form = EnterCodeForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.code}):
            # Every try counts, whatever comes of it.
            spend(database(), LimitedAct.CLAIM, by=member(), now=now())
            database().commit()
            invitation = find_by_code(database(), form.code.data)
            if invitation is None:
                raise UnknownCode
            _, ideas = join_and_claim(database(), invitation, member(), now=now(), any_address=True)
            claim_objections(database(), ideas, member())
            database().commit()
            flash(ngettext("%(num)s idea is now yours.", "%(num)s ideas are now yours.", len(ideas)), "success")
            return redirect(url_for("person.me"), 303)
    return render_template("contributions/claim/enter.html", form=form), form_status(form)


@views.post("/campaigns/<int:campaign_id>/import/authors")
@requires(Act.INVITE)
def invite(campaign: Campaign) -> ResponseReturnValue:
    form = InviteAuthorsForm()
    if form.validate_on_submit():
        done = invite_authors(database(), campaign, locale=form.locale.data, by=member(), now=now())
        settings: Settings = current_app.extensions["settings"]
        later = invite_by_mail(database(), done.invitations, domain=settings.mail_domain, now=now())
        database().commit()
        count = len(done.invitations)
        flash(ngettext("%(num)s person is invited.", "%(num)s people are invited.", count), "success")
        say_later(later)
    else:
        flash(_("Choose a language."), "error")
    return redirect(url_for("inviting.index", campaign_id=campaign.id), 303)
