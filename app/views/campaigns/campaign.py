"""Campaigns: listed, shown, written, announced, closed."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import is_admin, manages, member, reader
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.campaigns.campaign import AddFileForm, CloseCampaignForm, WriteCampaignForm
from app.text.campaign_kind import first_texts
from app.views.campaigns.writing import as_written, write
from app.views.spaces.filter import space_filter
from app.web.conflicts import Conflict, compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.answers.action import delivery
from ideas.answers.debriefs.figures import figures, turnouts
from ideas.campaigns.campaign import Campaign, GateItem, State, launch_gate, lock_campaign
from ideas.campaigns.earlier import first_promise, history, last_saved
from ideas.campaigns.kind import SETTINGS, CampaignKind
from ideas.campaigns.people.team import Act, managed_campaigns, roles_in, team_of, visible_campaigns
from ideas.campaigns.promise import LaunchRefused
from ideas.campaigns.promise import announce as announce_campaign
from ideas.campaigns.promise import close_now as close_campaign
from ideas.campaigns.term import terms_of
from ideas.contest.pairs import comparison_of
from ideas.contest.public_vote.public_vote import public_vote_of
from ideas.contest.result import result_of
from ideas.contributions.idea import latest_ideas
from ideas.contributions.talk.mention import names_in
from ideas.contributions.talk.pinned import comment_of_month
from ideas.contributions.talk.question import count_unanswered
from ideas.files import attachments_of
from ideas.outreach.follow import is_following
from ideas.outreach.recipients.forecast import of_announcement, of_other_dates
from ideas.people.person import Motivation
from ideas.recognition.facts import PointAct
from ideas.recognition.points import point_values
from ideas.recognition.welcome.first_idea import count_waiting, first_answers
from ideas.recognition.welcome.first_step import first_step
from ideas.recognition.welcome.team_comments import team_comments
from ideas.work.job import JobKind, enqueue
from ideas.work.job_list import count_failed

views = Blueprint("campaign", __name__)

MAX_LATEST_IDEAS = 3
MAX_EARLIER = 10  # campaigns that a new one may be a copy of
# The chapters of the list of campaigns, and the states that each shows.
CHAPTERS = {
    "open": {State.OPEN},
    "announced": {State.ANNOUNCED},
    "draft": {State.DRAFT},
    "review": {State.CLOSED, State.UNDER_REVIEW},
    "answered": {State.DEBRIEFED, State.FOLLOWED_THROUGH},
}


@views.get("/campaigns")
@requires(Platform.EVERYONE)
def index() -> ResponseReturnValue:
    instant = now()
    spaces = space_filter()
    campaigns = visible_campaigns(database(), reader(), now=instant, only=spaces.campaigns)
    chapters = {
        name: [campaign for campaign in campaigns if campaign.state(instant) in states]
        for name, states in CHAPTERS.items()
    }
    return render_template(
        "campaigns/campaign/index.html",
        chapters=chapters,
        spaces=spaces,
        turnouts=turnouts(database(), campaigns),
        failed_jobs=count_failed(database()) if is_admin() else 0,
        first=first_step(database(), person, campaigns, now=instant) if (person := reader()) is not None else None,
    )


@views.get("/campaigns/<int:campaign_id>")
@requires(Act.READ)
def show(campaign: Campaign) -> ResponseReturnValue:
    return _show_page(campaign, CloseCampaignForm(formdata=None))


def _show_page(campaign: Campaign, close_form: CloseCampaignForm) -> ResponseReturnValue:
    changes = history(database(), campaign) if campaign.announced_at and campaign.version > 1 else []
    counted = figures(database(), campaign)
    page = render_template(
        "campaigns/campaign/show.html",
        campaign=campaign,
        state=campaign.state(now()),
        figures=counted,
        delivery=delivery(database(), campaign) if campaign.debriefed_at is not None else None,
        team=team_of(database(), campaign),
        latest=latest_ideas(database(), campaign, limit=MAX_LATEST_IDEAS),
        files=attachments_of(database(), campaign.id),
        terms=terms_of(database(), campaign),
        changes=changes,
        first_due=first_promise(changes, "debrief_due_at"),
        incomplete=bool(campaign.announced_at is None and launch_gate(campaign, now=now())),
        questions=count_unanswered(database(), campaign) if manages() else 0,
        first_waiting=count_waiting(database(), campaign, now=now()) if manages() else 0,
        answers=first_answers(database(), campaign, now=now()) if campaign.announced_at is not None else None,
        presence=team_comments(database(), campaign, ideas=counted.ideas)
        if campaign.announced_at is not None
        else None,
        **_best_comment(campaign),
        following=is_following(database(), campaign, reader()),
        first=first_step(database(), person, [campaign], now=now()) if (person := reader()) is not None else None,
        close_form=close_form,
        point_values=_points_shown(campaign),
        result=result_of(database(), campaign),
        comparison=comparison_of(database(), campaign),
        vote=public_vote_of(database(), campaign),
    )
    return page, 422 if close_form.errors else 200


def _best_comment(campaign: Campaign) -> dict[str, Any]:
    """The comment of the month, with what its words mention and the badge of its author."""
    pinned = comment_of_month(database(), campaign)
    if pinned is None:
        return {"pinned": None}
    return {
        "pinned": pinned,
        "mentions": names_in(database(), [pinned.comment_id]),
        "roles": roles_in(database(), campaign),
    }


def _points_shown(campaign: Campaign) -> dict[PointAct, int]:
    """What acts give, for readers who want to see it; nothing where no act gives anything."""
    person = reader()
    if person is not None and person.motivation is Motivation.OFF:
        return {}
    values = point_values(database(), campaign)
    return values if any(values.values()) else {}


@views.route("/campaigns/new", methods=["GET", "POST"])
@requires(Platform.CAMPAIGN_AUTHOR)
def new() -> ResponseReturnValue:
    asked = request.args.get("kind")
    kind = CampaignKind(asked) if asked in set(CampaignKind) else None
    form = WriteCampaignForm(data=first_texts(kind) if kind is not None else None)
    campaign = write(form, None, kind=kind) if form.is_submitted() else None
    if campaign is None:
        return _new_page(form, kind)
    if form.errors:  # saved without its dates: what is sent next changes this draft
        here = url_for("campaign.edit", campaign_id=campaign.id)
        return *_edit_page(form, campaign), {"Content-Location": here}
    flash(_("Campaign saved as a draft. Only the campaign team can see it."), "success")
    return redirect(url_for("campaign.gate", campaign_id=campaign.id), 303)


def _new_page(form: WriteCampaignForm, kind: CampaignKind | None) -> ResponseReturnValue:
    """The form of a new campaign, beside what it may begin with."""
    page = render_template(
        "campaigns/campaign/write.html",
        form=form,
        campaign=None,
        kind=kind,
        kinds=list(CampaignKind),
        settings=SETTINGS[kind] if kind is not None else None,
        earlier=managed_campaigns(database(), member())[:MAX_EARLIER],
    )
    return page, form.http_status


@views.route("/campaigns/<int:campaign_id>/edit", methods=["GET", "POST"])
@requires(Act.MANAGE)
def edit(campaign: Campaign) -> ResponseReturnValue:
    form = WriteCampaignForm(
        data=as_written(campaign)
        | {"lang": campaign.lang or ""}
        | {
            name: getattr(campaign, name)
            for name in ("is_health", "is_strict", "allows_anonymous", "supports_each", "version")
        }
    )
    phases = campaign.phases
    if form.is_submitted() and write(form, campaign) is not None and not form.errors:
        moved = _("Its phases moved with its opening. Check their dates.") if campaign.phases != phases else ""
        flash(" ".join(part for part in (_("Campaign saved."), moved) if part), "success")
        page = "campaign.gate" if campaign.announced_at is None else "campaign.show"
        return redirect(url_for(page, campaign_id=campaign.id), 303)
    return _edit_page(form, campaign)


def _edit_page(form: WriteCampaignForm, campaign: Campaign) -> tuple[str, int]:
    page = render_template(
        "campaigns/campaign/write.html",
        form=form,
        campaign=campaign,
        conflict=_conflict(form, campaign),
        expected=of_other_dates(database(), campaign, by=member(), now=now()) if campaign.announced_at else None,
        files=attachments_of(database(), campaign.id),
        file_form=AddFileForm(formdata=None),
    )
    return page, form.http_status


def _conflict(form: WriteCampaignForm, campaign: Campaign) -> Conflict | None:
    """Both versions, where somebody saved the campaign meanwhile."""
    if not form.changed_meanwhile:
        return None
    by, at = last_saved(database(), campaign) or ("", None)
    return compare(form, as_written(campaign), version=campaign.version, by=by, at=at)


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
    flash(_("Campaign announced. The people you chose can read it."), "success")
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
    items = [item for item in GateItem if item is not GateItem.PHASES or campaign.phases]
    return render_template(
        "campaigns/campaign/gate.html",
        campaign=campaign,
        items=items,
        missing=missing,
        refused=refused,
        expected=of_announcement(database(), campaign, by=member(), now=now()),
    )
