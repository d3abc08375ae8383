"""Drafts of campaigns: made from another campaign, deleted, restored."""

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.pages.language import gettext as _
from app.web.pages.rendering import translated
from app.web.pages.site import site
from ideas.campaigns.campaign import MAX_TITLE_LENGTH, Campaign
from ideas.campaigns.draft import (
    RestoredTooLate,
    delete_draft_campaign,
    deleted_drafts,
    duplicate_campaign,
    restore_draft_campaign,
)
from ideas.campaigns.people.team import Act
from ideas.contest.contest import copy_contest
from ideas.recognition.settings import copy_motivation

views = Blueprint("draft", __name__)


@views.post("/campaigns/<int:campaign_id>/duplicate")
@requires(Act.MANAGE)
def duplicate(campaign: Campaign) -> ResponseReturnValue:
    title = str(_("Copy of %(title)s", title=campaign.title))[:MAX_TITLE_LENGTH]
    copy = duplicate_campaign(database(), campaign, title=title, by=member(), now=now(), zone=ZoneInfo(site().timezone))
    copy_motivation(database(), campaign, to=copy)
    copy_contest(database(), campaign, to=copy)
    database().commit()
    flash(_("This draft has the texts of “%(title)s”. Choose its dates, and change what is different.",
            title=campaign.title), "success")  # fmt: skip
    return redirect(url_for("campaign.edit", campaign_id=copy.id), 303)


@views.post("/campaigns/<int:campaign_id>/delete")
@requires(Act.DELETE, power=Power.DELETION)
def delete(campaign: Campaign) -> ResponseReturnValue:
    title = campaign.title
    delete_draft_campaign(database(), campaign, by=member(), now=now())
    database().commit()
    flash(_("“%(title)s” is deleted. You can restore it for 30 days.", title=title), "success")
    return redirect(url_for("draft.deleted"), 303)


@views.get("/me/deleted-campaigns")
@requires(Platform.MEMBER)
def deleted() -> ResponseReturnValue:
    campaigns = deleted_drafts(database(), member(), now=now())
    return render_template("campaigns/draft/deleted.html", campaigns=campaigns)


@views.post("/me/deleted-campaigns/<int:draft_id>/restore")
@requires(Platform.MEMBER)
def restore(draft_id: int) -> ResponseReturnValue:
    campaign = next((one for one in deleted_drafts(database(), member(), now=now()) if one.id == draft_id), None)
    if campaign is None:
        flash(translated(RestoredTooLate()), "error")
        return redirect(url_for("draft.deleted"), 303)
    restore_draft_campaign(database(), campaign, by=member(), now=now())
    database().commit()
    flash(_("“%(title)s” is a draft again.", title=campaign.title), "success")
    return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
