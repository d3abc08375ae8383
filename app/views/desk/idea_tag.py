"""Tags of ideas: on those that were chosen in a list, or on the one that is read."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.desk.idea_tag import SetTagsForm, TagIdeasForm
from app.views.desk.reading import reading_page, save_tags
from app.views.themes.edit import page_with_refusal
from app.views.themes.history import return_url
from app.views.themes.search import chosen_ideas
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.desk.idea_tag import tag_ideas
from ideas.errors import DomainError

views = Blueprint("idea_tag", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.post("/themes/tag-ideas")
@requires(Act.GROUP)
def change(campaign: Campaign) -> ResponseReturnValue:
    """Put tags on the chosen ideas, or take them away."""
    form = TagIdeasForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.tags}):
            chosen = {"add": () if form.removes else form.typed, "remove": form.typed if form.removes else ()}
            idea_ids, _places = chosen_ideas(campaign, form)
            count = tag_ideas(database(), campaign, idea_ids=idea_ids, **chosen, by=member(), now=now())
            database().commit()
            flash(_told(count), "success")
            return redirect(return_url(campaign, form.back.data), 303)
    return page_with_refusal(campaign, form)


@views.post("/reading/<int:idea_id>/tags")
@requires(Act.GROUP)
def save(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """The tags of the idea that is read."""
    form = SetTagsForm()
    count = save_tags(campaign, idea, form)
    if count is not None:
        database().commit()
        flash(_told(count), "success")
        theme = request.form.get("theme", type=int)
        return redirect(url_for("reading.show", campaign_id=campaign.id, idea=idea.id, theme=theme), 303)
    return reading_page(campaign, idea, tags_form=form)


def _told(count: int) -> str:
    if not count:
        return str(_("These ideas had these tags already: nothing was changed."))
    return str(ngettext("The tags of %(num)s idea were changed.", "The tags of %(num)s ideas were changed.", count))
