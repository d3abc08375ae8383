"""Support for an idea, and reactions to it. Each response is the block of the idea that shows both."""

import json

from flask import Blueprint, flash, get_template_attribute, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.web.pages.language import gettext as _
from app.web.pages.links import local_address
from app.web.pages.rendering import is_fragment, say_when_to_retry, translated
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Emotion, cast_vote, responses, supports_left, withdraw_vote
from ideas.contributions.vote import react as record_reaction
from ideas.errors import DomainError
from ideas.people.limit import LimitReached
from ideas.recognition.level import more_supports

views = Blueprint("vote", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>")


@views.post("/vote")
@requires(Act.SUPPORT)
def cast(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    try:
        cast_vote(database(), idea, by=member(), now=now(), more=_more(campaign))
    except DomainError as error:
        return _refused(campaign, idea, error)
    database().commit()
    return _response(campaign, idea, _with_left(campaign, _("You support this idea.")))


@views.post("/vote/withdraw")
@requires(Act.SUPPORT)
def withdraw(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    try:
        withdraw_vote(database(), idea, by=member(), now=now())
    except DomainError as error:
        return _refused(campaign, idea, error)
    database().commit()
    return _response(campaign, idea, _with_left(campaign, _("You no longer support this idea.")))


@views.post("/reaction")
@requires(Act.SUPPORT)
def react(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    emotion = request.form.get("emotion")
    if emotion not in set(Emotion):
        return _response(campaign, idea, _("Choose one of the reactions."), status=422)
    try:
        record_reaction(database(), idea, by=member(), emotion=Emotion(emotion), now=now())
    except DomainError as error:
        return _refused(campaign, idea, error)
    database().commit()
    return _response(campaign, idea, _("Reaction saved."))


def _more(campaign: Campaign) -> int:
    """How many more ideas than others the reader may support."""
    return more_supports(database(), campaign, member(), now=now())


def _with_left(campaign: Campaign, sentence: str) -> str:
    """The sentence, with how many more ideas one may support where there is a limit."""
    left = supports_left(database(), campaign, member(), more=_more(campaign))
    if left is None:
        return sentence
    told = ngettext("You can support %(num)s more idea.", "You can support %(num)s more ideas.", left)
    if not left:
        told = _("You have no support left in this campaign.")
    return f"{sentence} {told}"


def _refused(campaign: Campaign, idea: Idea, error: DomainError) -> ResponseReturnValue:
    database().rollback()
    if isinstance(error, LimitReached):
        say_when_to_retry(error)
        return _response(campaign, idea, translated(error), status=429)
    return _response(campaign, idea, translated(error), status=422)


def _response(campaign: Campaign, idea: Idea, sentence: str, *, status: int = 200) -> ResponseReturnValue:
    """The current block, with a sentence for the status region; without htmx, a redirect to the page of the button.

    Of a merged idea, the block of the one that it is merged into.
    """
    idea = idea.kept
    back = local_address(request.form.get("next")) or url_for("idea.show", campaign_id=campaign.id, idea_id=idea.id)
    if not is_fragment():
        if status != 200:  # noqa: PLR2004 -- only refusals need a sentence: the button shows success
            flash(sentence, "error")
        return redirect(back, 303)
    response_block = get_template_attribute("contributions/idea/response.html", "response_block")
    left = supports_left(database(), campaign, member(), more=_more(campaign))
    with rendering(database()):
        page = response_block(
            campaign,
            idea,
            responses(database(), [idea], reader=member())[idea.id],
            brief=request.form.get("brief") == "yes",
            back=back,
            left=left,
            refusal=sentence if status != 200 else "",  # noqa: PLR2004 -- as above
        )
    answer = make_response(page, status)
    answer.headers["HX-Trigger"] = json.dumps({"announce": sentence})
    return answer
