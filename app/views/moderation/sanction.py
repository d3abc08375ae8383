"""Sanctions: given and lifted by moderators, read and appealed by the person, appeals answered by somebody else."""

from datetime import date, datetime, time

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.moderation.sanction import AnswerAppealForm, AppealForm, SanctionForm
from app.web.errors import show_refusals
from app.web.pages.dates import from_input
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, named_campaigns
from ideas.errors import DomainError
from ideas.moderation.queue import last_broken_text
from ideas.moderation.sanctions import answer, may_answer, sanction_person, takes_part
from ideas.people.person import Person
from ideas.people.sanction import EndNeeded, Reason, Sanction, SanctionKind, appeal, lift, sanctions_of

views = Blueprint("sanction", __name__)


@views.route("/campaigns/<int:campaign_id>/moderation/people/<int:person_id>", methods=["GET", "POST"])
@requires(Act.MODERATE)
def in_campaign(campaign: Campaign, person: Person) -> ResponseReturnValue:
    """The sanctions of a person in this campaign, and a new one."""
    past = sanctions_of(database(), person, campaign_id=campaign.id)
    if not past and not takes_part(database(), campaign, person, reader=member()):
        abort(404)
    return _give(campaign, person)


@views.route("/moderation/people/<int:person_id>", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def everywhere(person: Person) -> ResponseReturnValue:
    """All sanctions of a person, and a new one that holds on the whole site."""
    return _give(None, person)


@views.post("/campaigns/<int:campaign_id>/moderation/sanctions/<int:sanction_id>/lift")
@requires(Act.MODERATE)
def lift_in_campaign(campaign: Campaign, sanction: Sanction) -> ResponseReturnValue:
    return _lift(campaign, sanction)


@views.post("/moderation/sanctions/<int:sanction_id>/lift")
@requires(Platform.ADMIN)
def lift_anywhere(sanction: Sanction) -> ResponseReturnValue:
    return _lift(None, sanction)


@views.route("/campaigns/<int:campaign_id>/moderation/sanctions/<int:sanction_id>/appeal", methods=["GET", "POST"])
@requires(Act.MODERATE)
def answer_in_campaign(campaign: Campaign, sanction: Sanction) -> ResponseReturnValue:
    return _answer(campaign, sanction)


@views.route("/moderation/sanctions/<int:sanction_id>/appeal", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def answer_anywhere(sanction: Sanction) -> ResponseReturnValue:
    """For administrators: also where the campaign has no other moderator."""
    of = database().get(Campaign, sanction.campaign_id) if sanction.campaign_id else None
    return _answer(of, sanction, back=url_for("review.everywhere"))


@views.get("/me/sanctions")
@requires(Platform.MEMBER)
def mine() -> ResponseReturnValue:
    return _mine(None, AppealForm(formdata=None))


@views.post("/me/sanctions/<int:sanction_id>/appeal")
@requires(Platform.MEMBER)
def appeal_against(sanction: Sanction) -> ResponseReturnValue:
    if sanction.person_id != member().id:
        abort(404)
    form = AppealForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.words}):
            appeal(database(), sanction, words=form.words.data, by=member(), now=now())
            database().commit()
            flash(_("Your appeal is sent. Another moderator reads it and answers you here."), "success")
            return redirect(url_for("sanction.mine"), 303)
    return _mine(sanction.id, form)


def _give(campaign: Campaign | None, person: Person) -> ResponseReturnValue:
    quote = last_broken_text(database(), campaign, person)
    form = SanctionForm(quote=quote)
    if form.validate_on_submit():
        with show_refusals(form, {EndNeeded: form.ends_on}):
            sanction_person(
                database(), person, SanctionKind(form.kind.data),
                campaign=campaign, reason=Reason(form.reason.data), quote=form.quote.data, words=form.words.data,
                ends_at=_morning(form.ends_on.data) if form.ends_on.data else None, by=member(), now=now(),
            )  # fmt: skip
            database().commit()
            flash(_("Done. %(name)s is told, with the reason.", name=person.name), "success")
            return redirect(_person_url(campaign, person.id), 303)
    page = render_template(
        "moderation/sanction/give.html",
        campaign=campaign,
        person=person,
        sanctions=sanctions_of(database(), person, campaign_id=campaign.id if campaign else None),
        form=form,
    )
    return page, form_status(form)


def _morning(day: date) -> datetime | None:
    """The beginning of a day in the reader's time zone."""
    return from_input(datetime.combine(day, time()))


def _lift(campaign: Campaign | None, sanction: Sanction) -> ResponseReturnValue:
    lift(database(), sanction, by=member(), now=now())
    database().commit()
    flash(_("The sanction is lifted."), "success")
    return redirect(_person_url(campaign, sanction.person_id), 303)


def _answer(campaign: Campaign | None, sanction: Sanction, *, back: str = "") -> ResponseReturnValue:
    back = back or (url_for("review.index", campaign_id=campaign.id) if campaign else url_for("review.everywhere"))
    if sanction.appealed_at is None:
        return redirect(back, 303)
    form = AnswerAppealForm()
    if form.validate_on_submit():
        with show_refusals(form):
            lifts, words = form.lifts.data == "yes", form.words.data
            answer(database(), sanction, campaign, lifts=lifts, words=words, by=member(), now=now())
            database().commit()
            flash(_("Your answer is sent to %(name)s.", name=sanction.person.name), "success")
            return redirect(back, 303)
    page = render_template(
        "moderation/sanction/answer.html",
        campaign=campaign,
        sanction=sanction,
        back=back,
        may_answer=may_answer(database(), sanction, campaign, by=member()),
        form=form,
    )
    return page, form_status(form)


def _mine(sanction_id: int | None, form: AppealForm) -> ResponseReturnValue:
    """The reader's own sanctions. `sanction_id`: the one whose appeal was refused, with its form."""
    sanctions = sanctions_of(database(), member())
    page = render_template(
        "moderation/sanction/mine.html",
        sanctions=sanctions,
        campaigns=named_campaigns(database(), {one.campaign_id for one in sanctions if one.campaign_id}),
        refused_id=sanction_id,
        form=form,
    )
    return page, form_status(form)


def _person_url(campaign: Campaign | None, person_id: int) -> str:
    if campaign is None:
        return url_for("sanction.everywhere", person_id=person_id)
    return url_for("sanction.in_campaign", campaign_id=campaign.id, person_id=person_id)
