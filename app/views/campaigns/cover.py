"""The cover of a campaign, and the picture that other sites show of a link to it or to one of its ideas."""

from contextlib import nullcontext

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database, limiter
from app.forms.campaigns.cover import SetCoverForm
from app.pictures.drawing import campaign_card
from app.pictures.uploads.cover import cover_uploads
from app.signing.caller import caller_address
from app.web.errors import show_refusals
from app.web.pages.dates import day
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from app.web.pages.site import site
from app.web.uploads import uploads
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.cover import kept_cover, remove_cover, set_cover
from ideas.campaigns.people.team import Act, visible_campaign
from ideas.errors import DomainError
from ideas.files import discard

views = Blueprint("cover", __name__, url_prefix="/campaigns/<int:campaign_id>")

MAX_ASKED = "60 per minute"


@views.route("/cover", methods=["GET", "POST"])
@requires(Act.MANAGE)
def edit(campaign: Campaign) -> ResponseReturnValue:
    form = SetCoverForm(data={"alternative": campaign.cover_alternative})
    if form.validate_on_submit():
        sent, alternative = form.file.data, form.alternative.data or ""
        database().rollback()  # drawing a picture takes a while: hold no write lock meanwhile
        with show_refusals(form, {DomainError: form.file}):
            pictures = cover_uploads(sent.stream, sent.filename or "") if sent else None
            with kept_cover(uploads(), *pictures) if pictures else nullcontext() as cover:
                replaced = set_cover(database(), campaign, cover, alternative=alternative, by=member(), now=now())
                database().commit()
            for stored_as in replaced:
                discard(uploads(), stored_as)
            flash(_("Cover saved."), "success")
            return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    return render_template("campaigns/cover/edit.html", campaign=campaign, form=form), form_status(form)


@views.post("/cover/remove")
@requires(Act.MANAGE)
def remove(campaign: Campaign) -> ResponseReturnValue:
    removed = remove_cover(database(), campaign, by=member(), now=now())
    database().commit()
    for stored_as in removed:
        discard(uploads(), stored_as)
    if removed:
        flash(_("Cover removed."), "success")
    return redirect(url_for("cover.edit", campaign_id=campaign.id), 303)


@views.get("/card.png")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Act.READ)
def card(campaign: Campaign) -> ResponseReturnValue:
    """What other sites show of a link. Of a campaign that visitors do not read there is none, whoever asks."""
    if campaign.announced_at is None or visible_campaign(database(), campaign.id, None) is None:
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    drawn = campaign_card(
        title=campaign.title,
        challenge=campaign.challenge,
        dates=_dates(campaign),
        source=site().name,
        picture=_cover(campaign),
    )
    database().rollback()  # the picture is made by another process: hold nothing meanwhile
    answer = current_app.response_class(drawn.png(), mimetype="image/png")
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _dates(campaign: Campaign) -> list[str]:
    dates = {"opening": day(campaign.opens_at), "closing": day(campaign.closes_at)}
    due = _("Answers by %(day)s", day=day(campaign.debrief_due_at))
    return [_("From %(opening)s to %(closing)s", **dates), due]


def _cover(campaign: Campaign) -> bytes:
    """The bytes of the cover; empty without one, or where its file did not come with the database."""
    return (uploads().read(campaign.cover.stored_as) if campaign.cover is not None else None) or b""
