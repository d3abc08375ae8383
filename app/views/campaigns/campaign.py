"""Campaigns: listed, shown, written, announced, closed."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field

from app.access.needs import Platform, requires
from app.access.roles import is_admin, member, reader
from app.clock import now
from app.extensions import database
from app.forms.campaigns.campaign import AddFileForm, CloseCampaignForm, WriteCampaignForm, is_unchanged
from app.pictures import portrait as portraits
from app.sqlite import rendering
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.rendering import from_input, local_input, refuse
from app.web.uploads import uploads
from ideas.activity.version import ReasonNeeded
from ideas.answers.action import delivery
from ideas.answers.figures import figures, turnouts
from ideas.campaigns.campaign import Campaign, GateItem, State, launch_gate, lock_campaign, set_portrait
from ideas.campaigns.promise import (
    DATES,
    AlreadyClosed,
    CampaignText,
    ClosesBeforeOpening,
    ClosingInThePast,
    DebriefBeforeClosing,
    DebriefInThePast,
    DebriefIsPublished,
    LastsTooLong,
    LaunchRefused,
    NotAVideoLink,
    OpeningIsPast,
    first_promise,
    history,
    start_campaign,
    validation_errors,
    write_campaign,
)
from ideas.campaigns.promise import announce as announce_campaign
from ideas.campaigns.promise import close_now as close_campaign
from ideas.campaigns.team import Act, team_of, visible_campaigns
from ideas.contributions.idea import latest_ideas
from ideas.errors import DomainError, EmptyText
from ideas.files import Upload, attachments_of, discard, kept
from ideas.work.job import JobKind, enqueue
from ideas.work.job_list import count_failed

views = Blueprint("campaign", __name__)

MAX_LATEST_IDEAS = 3
# The chapters of the list of campaigns, and the states that each shows.
CHAPTERS = {
    "open": {State.OPEN},
    "announced": {State.ANNOUNCED},
    "draft": {State.DRAFT},
    "review": {State.CLOSED, State.UNDER_REVIEW},
    "answered": {State.DEBRIEFED, State.FOLLOWED_THROUGH},
}
# The field that a rule is about: its sentence is shown there.
FIELD_OF = {
    ClosesBeforeOpening: "closes_at",
    LastsTooLong: "closes_at",
    ClosingInThePast: "closes_at",
    AlreadyClosed: "closes_at",
    OpeningIsPast: "opens_at",
    DebriefBeforeClosing: "debrief_due_at",
    DebriefInThePast: "debrief_due_at",
    DebriefIsPublished: "debrief_due_at",
    NotAVideoLink: "owner_video_url",
    EmptyText: "title",
    ReasonNeeded: "change_reason",
}
WORDS = ("title", "challenge", "brief", "benefit", "motivation", "owner_word", "owner_video_url")


@views.get("/campaigns")
@requires(Platform.EVERYONE)
def index() -> ResponseReturnValue:
    instant = now()
    campaigns = visible_campaigns(database(), reader(), now=instant)
    chapters = {
        name: [campaign for campaign in campaigns if campaign.state(instant) in states]
        for name, states in CHAPTERS.items()
    }
    return render_template(
        "campaigns/campaign/index.html",
        chapters=chapters,
        turnouts=turnouts(database(), campaigns),
        failed_jobs=count_failed(database()) if is_admin() else 0,
    )


@views.get("/campaigns/<int:campaign_id>")
@requires(Act.READ)
def show(campaign: Campaign) -> ResponseReturnValue:
    return _show_page(campaign, CloseCampaignForm(formdata=None))


def _show_page(campaign: Campaign, close_form: CloseCampaignForm) -> ResponseReturnValue:
    changes = history(database(), campaign) if campaign.announced_at and campaign.version > 1 else []
    page = render_template(
        "campaigns/campaign/show.html",
        campaign=campaign,
        state=campaign.state(now()),
        figures=figures(database(), campaign),
        delivery=delivery(database(), campaign) if campaign.debriefed_at is not None else None,
        team=team_of(database(), campaign),
        latest=latest_ideas(database(), campaign, limit=MAX_LATEST_IDEAS),
        files=attachments_of(database(), campaign.id),
        changes=changes,
        first_due=first_promise(changes, "debrief_due_at"),
        incomplete=bool(campaign.announced_at is None and launch_gate(campaign, now=now())),
        close_form=close_form,
    )
    return page, 422 if close_form.errors else 200


@views.route("/campaigns/new", methods=["GET", "POST"])
@requires(Platform.CAMPAIGN_AUTHOR)
def new() -> ResponseReturnValue:
    form = WriteCampaignForm()
    campaign = _write(form, None) if form.is_submitted() else None
    if campaign is None:
        return render_template("campaigns/campaign/write.html", form=form, campaign=None), form.http_status
    flash(_("Campaign saved as a draft. Only the campaign team can see it."), "success")
    return redirect(url_for("campaign.gate", campaign_id=campaign.id), 303)


@views.route("/campaigns/<int:campaign_id>/edit", methods=["GET", "POST"])
@requires(Act.MANAGE)
def edit(campaign: Campaign) -> ResponseReturnValue:
    form = WriteCampaignForm(data=_as_written(campaign) | {"version": campaign.version})
    if form.is_submitted() and _write(form, campaign) is not None:
        flash(_("Campaign saved."), "success")
        page = "campaign.gate" if campaign.announced_at is None else "campaign.show"
        return redirect(url_for(page, campaign_id=campaign.id), 303)
    page = render_template(
        "campaigns/campaign/write.html",
        form=form,
        campaign=campaign,
        conflict=compare(form, _as_written(campaign), version=campaign.version),
        files=attachments_of(database(), campaign.id),
        file_form=AddFileForm(formdata=None),
    )
    return page, form.http_status


@views.get("/campaigns/<int:campaign_id>/launch")
@requires(Act.MANAGE)
def gate(campaign: Campaign) -> ResponseReturnValue:
    if campaign.announced_at is not None:
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    return _gate_page(campaign, launch_gate(campaign, now=now()))


@views.post("/campaigns/<int:campaign_id>/launch/announce")
@requires(Act.ANNOUNCE)
def announce(campaign: Campaign) -> ResponseReturnValue:
    try:
        announce_campaign(database(), campaign, by=member(), now=now())
    except LaunchRefused as refusal:
        return _gate_page(campaign, refusal.missing, refused=True), 422
    database().commit()
    flash(_("Campaign announced. Everyone can read it."), "success")
    return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)


@views.post("/campaigns/<int:campaign_id>/close")
@requires(Act.MANAGE)
def close(campaign: Campaign) -> ResponseReturnValue:
    form = CloseCampaignForm()
    if form.validate_on_submit():
        with show_refusals(form):
            lock_campaign(database(), campaign)
            instant = now()
            close_campaign(database(), campaign, reason=form.reason.data or "", by=member(), now=instant)
            enqueue(database(), JobKind.FIND_THEMES, campaign_id=campaign.id, now=instant)
            database().commit()
            flash(_("The campaign is closed to new ideas. The ideas are being grouped."), "success")
            return redirect(url_for("theme.index", campaign_id=campaign.id), 303)
    with rendering(database()):
        return _show_page(campaign, form)


def _gate_page(campaign: Campaign, missing: Sequence[GateItem], *, refused: bool = False) -> str:
    return render_template(
        "campaigns/campaign/gate.html", campaign=campaign, items=list(GateItem), missing=missing, refused=refused
    )


def _write(form: WriteCampaignForm, campaign: Campaign | None) -> Campaign | None:
    """Save what the form says. Where rules refuse it, show all their sentences in the form and return None."""
    form.validate()
    instant, text = now(), _text(form, campaign)
    if campaign is None or form.seen == campaign.version:  # else the page shows both versions
        for objection in validation_errors(campaign, text=text, now=instant):
            refuse(form, objection, _field_of(form, objection))
    picture = _picture(form)
    if form.errors:
        return None
    replaced = None
    try:
        with kept(uploads(), picture.content) if picture else nullcontext("") as stored_as:
            if campaign is None:
                campaign = start_campaign(database(), owner=member(), text=text, now=instant)
            else:
                write_campaign(
                    database(),
                    campaign,
                    text=text,
                    by=member(),
                    now=instant,
                    seen=form.seen,
                    change_reason=form.change_reason.data or "",
                )
            if picture:
                replaced = set_portrait(database(), campaign, picture, stored_as=stored_as, by=member(), now=instant)
            database().commit()
    except DomainError as error:
        database().rollback()
        refuse(form, error, _field_of(form, error))
        return None
    if replaced is not None:
        discard(uploads(), replaced)
    return campaign


def _picture(form: WriteCampaignForm) -> Upload | None:
    if not form.portrait.data:
        return None
    database().rollback()  # resizing takes a while: hold no write lock meanwhile
    try:
        return portraits.portrait_upload(form.portrait.data.stream, form.portrait.data.filename or "")
    except DomainError as error:
        refuse(form, error, form.portrait)
        return None


def _text(form: WriteCampaignForm, campaign: Campaign | None) -> CampaignText:
    words: dict[str, Any] = {name: form[name].data or "" for name in WORDS}
    dates: dict[str, Any] = {name: _date(form[name], campaign, name) for name in DATES}
    return CampaignText(**words, **dates)


def _date(field: Field, campaign: Campaign | None, name: str) -> datetime | None:
    if campaign is not None and is_unchanged(field):
        kept: datetime | None = getattr(campaign, name)
        return kept
    # Converting a date that the form refuses, such as one in the year 1, could overflow.
    return None if field.errors else from_input(field.data)


def _as_written(campaign: Campaign) -> dict[str, object]:
    words = {name: getattr(campaign, name) for name in WORDS}
    return words | {name: local_input(getattr(campaign, name)) for name in DATES}


def _field_of(form: WriteCampaignForm, error: DomainError) -> Field | None:
    name = FIELD_OF.get(type(error))
    return form[name] if name else None
