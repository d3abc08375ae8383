"""Support for an idea, and the emotion it calls up. Each answer is the same block of the idea, drawn anew."""

import json

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.access import member
from app.clock import now
from app.extensions import database
from app.web.links import local
from app.web.rendering import is_fragment, translated
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Emotion, cast_vote, responses, withdraw_vote
from ideas.contributions.vote import react as give_emotion
from ideas.errors import DomainError

views = Blueprint("vote", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>")


@views.route("/vote", methods=["POST"])
def cast(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    try:
        cast_vote(database(), idea, by=member(), now=now())
    except DomainError as error:
        return _refused(campaign, idea, error)
    database().commit()
    return _answer(campaign, idea, _("You support this idea."))


@views.route("/vote/withdraw", methods=["POST"])
def withdraw(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    try:
        withdraw_vote(database(), idea, by=member(), now=now())
    except DomainError as error:
        return _refused(campaign, idea, error)
    database().commit()
    return _answer(campaign, idea, _("You no longer support this idea."))


@views.route("/reaction", methods=["POST"])
def react(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    emotion = request.form.get("emotion")
    if emotion not in set(Emotion):
        return _answer(campaign, idea, _("Choose one of the reactions."), status=422)
    try:
        give_emotion(database(), idea, by=member(), emotion=Emotion(emotion), now=now())
    except DomainError as error:
        return _refused(campaign, idea, error)
    database().commit()
    return _answer(campaign, idea, _("Reaction saved."))


def _refused(campaign: Campaign, idea: Idea, error: DomainError) -> ResponseReturnValue:
    database().rollback()
    return _answer(campaign, idea, translated(error), status=422)


def _answer(campaign: Campaign, idea: Idea, sentence: str, *, status: int = 200) -> ResponseReturnValue:
    """The block as it stands now, with a sentence for the status region; or the page where the button was."""
    back = local(request.form.get("next")) or url_for("idea.show", campaign_id=campaign.id, idea_id=idea.id)
    if not is_fragment():
        if status != 200:  # noqa: PLR2004 -- the page tells only what went wrong: what went well shows on the button
            flash(sentence, "error")
        return redirect(back, 303)
    page = render_template(
        "contributions/idea/response.html",
        campaign=campaign,
        idea=idea,
        response=responses(database(), [idea], reader=member())[idea.id],
        brief=request.form.get("brief") == "yes",
        back=back,
        refusal=sentence if status != 200 else "",  # noqa: PLR2004 -- as above
    )
    answer = make_response(page, status)
    answer.headers["HX-Trigger"] = json.dumps({"announce": sentence})
    return answer
