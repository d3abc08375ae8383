"""Answers that a second person approves: where the campaign asks for it, and what the second person does."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.pages.language import gettext as _
from ideas.answers.decision import decision_on
from ideas.answers.second_person import approve_answer, approve_proposal, ask_for_second_person, drop_proposal
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.errors import Conflict
from ideas.themes.theme import Theme

views = Blueprint("approval", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.post("/answers/second-person")
@requires(Act.ANNOUNCE)
def settle(campaign: Campaign) -> ResponseReturnValue:
    asked = bool(request.form.get("asked"))
    ask_for_second_person(database(), campaign, asked=asked, by=member(), now=now())
    database().commit()
    flash(
        _("From now on a second person approves each answer before it is published.")
        if asked
        else _("Answers no longer need a second person."),
        "success",
    )
    return redirect(url_for("theme_table.show", campaign_id=campaign.id), 303)


@views.post("/themes/<int:theme_id>/decision/approve")
@requires(Act.DECIDE)
def approve(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    """Approve the draft of the answer."""
    decision = decision_on(database(), theme)
    if decision is None:
        raise Conflict
    approve_answer(database(), decision, seen=_seen(), by=member(), now=now())
    database().commit()
    flash(_("Answer approved. It is published with the debrief."), "success")
    return _page(campaign, theme)


@views.post("/themes/<int:theme_id>/decision/publish")
@requires(Act.DECIDE)
def publish(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    """Approve the answer that waits: it is public at once."""
    approve_proposal(database(), theme, seen=_mark(), by=member(), now=now())
    database().commit()
    flash(_("Answer approved and published."), "success")
    return _page(campaign, theme)


@views.post("/themes/<int:theme_id>/decision/drop")
@requires(Act.DECIDE)
def drop(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    drop_proposal(database(), theme, seen=_mark(), by=member(), now=now())
    database().commit()
    flash(_("The answer that waited is deleted. The published one stays."), "success")
    return _page(campaign, theme)


def _seen() -> int:
    return request.form.get("version", 0, type=int)


def _mark() -> str:
    """The mark of the proposal that the person saw."""
    return request.form.get("mark", "")


def _page(campaign: Campaign, theme: Theme) -> Response:
    return redirect(url_for("decision.record", campaign_id=campaign.id, theme_id=theme.id), 303)
