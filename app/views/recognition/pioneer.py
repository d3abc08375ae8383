"""Pioneers: proposed to administrators and campaign leads, invited, and a page of one's own to answer and to leave."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import Platform, requires
from app.access.roles import is_admin, member
from app.clock import now
from app.extensions import database
from app.forms.recognition.pioneer import CreatePioneerSpaceForm, InvitePioneerForm, ThankPioneerForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, translated
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.errors import DomainError
from ideas.outreach.recipients.forecast import of_pioneer
from ideas.people.person import Person
from ideas.recognition.nominee import merits_in, nominees
from ideas.recognition.pioneer import (
    InvitationGone,
    Pioneer,
    answer_invitation,
    create_pioneer_space,
    invite_pioneer,
    leave_pioneers,
    merits_of,
    pioneer_of,
    pioneer_space,
    pioneers,
    renew,
    thank_pioneer,
)

views = Blueprint("pioneer", __name__)


@views.route("/pioneers", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def index() -> ResponseReturnValue:
    form = CreatePioneerSpaceForm(data={"name": _("Pioneers")})
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.name}):
            create_pioneer_space(database(), name=form.name.data or "", by=member(), now=now())
            database().commit()
            flash(_("The space for pioneers is there. Those who accept enter it."), "success")
            return redirect(url_for("pioneer.index"), 303)
    return _page(None, form), form_status(form)


@views.get("/campaigns/<int:campaign_id>/pioneers")
@requires(Act.INVITE)
def of_campaign(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, None)


@views.route("/pioneers/people/<int:person_id>", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def invite(person: Person) -> ResponseReturnValue:
    return _invite(person, None)


@views.route("/campaigns/<int:campaign_id>/pioneers/people/<int:person_id>", methods=["GET", "POST"])
@requires(Act.INVITE)
def invite_from_campaign(campaign: Campaign, person: Person) -> ResponseReturnValue:
    return _invite(person, campaign)


@views.route("/pioneers/people/<int:person_id>/thanks", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def thank(person: Person) -> ResponseReturnValue:
    form, pioneer = ThankPioneerForm(), pioneer_of(database(), person)
    if pioneer is None:
        flash(translated(InvitationGone()), "info")
        return redirect(url_for("pioneer.index"), 303)
    if form.validate_on_submit():
        with show_refusals(form):
            thank_pioneer(database(), pioneer, thanks=form.thanks.data or "", by=member(), now=now())
            database().commit()
            flash(_("They are thanked, and are no longer a pioneer."), "success")
            return redirect(url_for("pioneer.index"), 303)
    page = render_template("recognition/pioneer/thank.html", form=form, pioneer=pioneer, person=person)
    return page, form_status(form)


@views.get("/me/pioneer")
@requires(Platform.MEMBER)
def mine() -> ResponseReturnValue:
    pioneer = pioneer_of(database(), member())
    return render_template(
        "recognition/pioneer/mine.html",
        pioneer=pioneer,
        merits=merits_of(pioneer) if pioneer is not None else [],
        space=pioneer_space(database()),
        now=now(),
    )


@views.post("/me/pioneer/answer")
@requires(Platform.MEMBER)
def answer() -> ResponseReturnValue:
    accepts = request.form.get("answer") == "yes"
    answer_invitation(database(), _theirs(member()), accepts=accepts, by=member(), now=now())
    return _saved(_("Welcome among the pioneers.") if accepts else _("You declined. Thank you for your answer."))


@views.post("/me/pioneer/renew")
@requires(Platform.MEMBER)
def stay() -> ResponseReturnValue:
    renew(database(), _theirs(member()), by=member(), now=now())
    return _saved(_("You are a pioneer for another year. Thank you."))


@views.post("/me/pioneer/leave")
@requires(Platform.MEMBER)
def leave() -> ResponseReturnValue:
    leave_pioneers(database(), _theirs(member()), by=member(), now=now())
    return _saved(_("You are no longer a pioneer. Thank you for what you did."))


def _saved(words: str) -> Response:
    database().commit()
    flash(words, "success")
    return redirect(url_for("pioneer.mine"), 303)


def _theirs(person: Person) -> Pioneer:
    """Their row. Raises InvitationGone where they were never invited."""
    found = pioneer_of(database(), person)
    if found is None:
        raise InvitationGone
    return found


def _invite(person: Person, campaign: Campaign | None) -> ResponseReturnValue:
    form, instant = InvitePioneerForm(), now()
    merits = merits_in(database(), person, now=instant, campaign=campaign)
    back = url_for("pioneer.index") if campaign is None else url_for("pioneer.of_campaign", campaign_id=campaign.id)
    if form.validate_on_submit():
        with show_refusals(form):
            invite_pioneer(
                database(), person,
                merits=merits, words=form.words.data or "", by=member(), now=instant,
                campaign_id=campaign.id if campaign is not None else None,
            )  # fmt: skip
            database().commit()
            flash(_("The invitation is sent."), "success")
            return redirect(back, 303)
    page = render_template(
        "recognition/pioneer/invite.html",
        form=form,
        person=person,
        merits=merits,
        campaign=campaign,
        back=back,
        space=pioneer_space(database()),
        expected=of_pioneer(database(), person, by=member(), now=instant),
    )
    return page, form_status(form)


def _page(campaign: Campaign | None, form: CreatePioneerSpaceForm | None) -> str:
    return render_template(
        "recognition/pioneer/index.html",
        campaign=campaign,
        form=form,
        space=pioneer_space(database()),
        nominees=nominees(database(), now=now(), campaign=campaign),
        pioneers=pioneers(database()) if is_admin() and campaign is None else [],
        now=now(),
    )
