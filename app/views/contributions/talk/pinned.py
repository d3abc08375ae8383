"""The comment of the month of a campaign, and its best comments."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.pages.dates import month
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, roles_in
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.talk.mention import names_in
from ideas.contributions.talk.pinned import most_discussed, pin_comment, pinned_in, unpin_comment

views = Blueprint("pinned", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.get("/comments/best")
@requires(Act.READ)
def index(campaign: Campaign) -> str:
    pinned = pinned_in(database(), campaign)
    shown = {one.comment_id for one in pinned}
    discussed = [one for one in most_discussed(database(), campaign) if one.comment.id not in shown]
    ids = shown | {one.comment.id for one in discussed}
    return render_template(
        "contributions/pinned/index.html",
        campaign=campaign, pinned=pinned, discussed=discussed,
        mentions=names_in(database(), ids), roles=roles_in(database(), campaign),
    )  # fmt: skip


@views.post("/ideas/<int:idea_id>/comments/<int:comment_id>/pin")
@requires(Act.MANAGE)
def pin(campaign: Campaign, idea: Idea, comment: Comment) -> ResponseReturnValue:
    pinned = pin_comment(database(), campaign, comment, by=member(), now=now())
    database().commit()
    flash(_("This is now the comment of the month: %(month)s.", month=month(pinned)), "success")
    return _to(idea, comment)


@views.post("/ideas/<int:idea_id>/comments/<int:comment_id>/unpin")
@requires(Act.MANAGE)
def unpin(campaign: Campaign, idea: Idea, comment: Comment) -> ResponseReturnValue:
    unpin_comment(database(), campaign, comment, by=member(), now=now())
    database().commit()
    flash(_("This is no longer the comment of the month."), "success")
    return _to(idea, comment)


def _to(idea: Idea, comment: Comment) -> ResponseReturnValue:
    page = url_for("idea.show", campaign_id=idea.campaign_id, idea_id=idea.kept.id, _anchor=f"comment-{comment.id}")
    return redirect(page, 303)
