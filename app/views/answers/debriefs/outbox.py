"""Before a debrief is published: who will be told, and what each of them will read. Nothing is sent from here."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.mail.letters.imported import write_imported_draft
from app.mail.letters.letter import read_draft, write_letter
from app.text.notices.notice import sentence
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign, State
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.outreach.outbox import outbox_of, page_of, publication
from ideas.people.person import Person

views = Blueprint("outbox", __name__, url_prefix="/campaigns/<int:campaign_id>/debrief/outbox")


@views.get("")
@requires(Act.PUBLISH)
def index(campaign: Campaign) -> ResponseReturnValue:
    """Everyone who will be told, in pages, or those with some words in their name."""
    if (elsewhere := _elsewhere(campaign)) is not None:
        return elsewhere
    words = request.args.get("who", "").strip()
    outbox = outbox_of(database(), campaign, by=member(), now=now())
    return render_template(
        "answers/outbox/index.html",
        campaign=campaign,
        outbox=outbox,
        words=words,
        found=outbox.named(words),
        page=page_of(outbox, number=request.args.get("page", 1, type=int)),
    )


@views.get("/<int:person_id>")
@requires(Act.PUBLISH)
def show(campaign: Campaign, person: Person) -> ResponseReturnValue:
    """What one person will read, as it will be written; nothing for whoever is not in the list."""
    if (elsewhere := _elsewhere(campaign)) is not None:
        return elsewhere
    recipient = outbox_of(database(), campaign, by=member(), now=now()).one(person.id)
    contents = letter = None
    if recipient is not None:
        act = publication(campaign, by=member(), now=now())
        contents = read_draft(database(), act, recipient.kind, person)
        letter = write_letter(contents)
    return render_template(
        "answers/outbox/show.html",
        campaign=campaign,
        person=person,
        recipient=recipient,
        notice=sentence(contents.detail) if contents else "",
        letter=letter,
    )


@views.get("/imported/<int:idea_id>")
@requires(Act.PUBLISH)
def show_imported(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """What the author of an imported idea will read, who agreed to be told. Nobody sees who it is."""
    if (elsewhere := _elsewhere(campaign)) is not None:
        return elsewhere
    recipient = outbox_of(database(), campaign, by=member(), now=now()).author_of(idea.id)
    return render_template(
        "answers/outbox/show.html",
        campaign=campaign,
        person=None,
        recipient=recipient,
        notice="",
        letter=write_imported_draft(database(), idea.id) if recipient is not None else None,
    )


def _elsewhere(campaign: Campaign) -> Response | None:
    """Where to go instead, unless the campaign is closed and has no debrief yet. While it is open, a list that grows
    with each idea would say who sent the latest one without a name.
    """
    if campaign.debriefed_at is not None:
        return redirect(url_for("debrief.show", campaign_id=campaign.id), 303)
    if campaign.state(now()) in {State.CLOSED, State.UNDER_REVIEW}:
        return None
    flash(_("You can read who will be told once the campaign is closed."), "info")
    return redirect(url_for("debrief.write", campaign_id=campaign.id), 303)
