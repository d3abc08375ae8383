"""A moderator reads who wrote an anonymous idea, and says why."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.moderation.reveal import RevealAuthorForm
from app.web.errors import show_refusals
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.errors import DomainError
from ideas.moderation.acts.reveal import reveal_author

views = Blueprint("reveal", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>/author")


@views.route("", methods=["GET", "POST"])
@requires(Act.MODERATE)
def write(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    page = url_for("idea.show", campaign_id=campaign.id, idea_id=idea.kept.id, _anchor=f"author-{idea.id}")
    if idea.anonymous_author is None:  # maybe its author has shown their name meanwhile
        return redirect(page, 303)
    form = RevealAuthorForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.reason}):
            reveal_author(database(), idea, by=member(), reason=form.reason.data, now=now())
            database().commit()
            return redirect(page, 303)
    return render_template("moderation/reveal/write.html", campaign=campaign, idea=idea, form=form), form_status(form)
