"""The shortlist of a contest: ideas are added by hand, or a whole theme at once."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.views.contest.contest import needed
from app.views.themes.theme import by_name, names_of
from app.web.pages.language import gettext as _
from app.web.pages.language import ngettext
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.campaigns.term import spelled_out
from ideas.contest.contest import contest_of
from ideas.contest.entry import add_entries, add_theme, entries_of, remove_entry
from ideas.contributions.idea import Idea, search_ideas
from ideas.search import read_query
from ideas.themes.theme import active_themes

MAX_FOUND = 20

views = Blueprint("entry", __name__, url_prefix="/campaigns/<int:campaign_id>/contest/shortlist")


@views.get("")
@requires(Act.MANAGE)
def index(campaign: Campaign) -> ResponseReturnValue:
    contest = contest_of(database(), campaign)
    if contest is None:
        return redirect(url_for("contest.show", campaign_id=campaign.id), 303)
    words = request.args.get("containing", "")[:100]
    entries = entries_of(database(), campaign)
    known = {idea.id for idea in entries}
    query = spelled_out(database(), campaign.id, read_query(words))
    found = search_ideas(database(), campaign, query).rows if words.strip() else []
    themes = active_themes(database(), campaign)
    return render_template(
        "contest/entry/index.html",
        campaign=campaign,
        contest=contest,
        entries=entries,
        words=words,
        found=[idea for idea in found if idea.id not in known][:MAX_FOUND],
        themes=by_name(themes),
        names=names_of(themes),
    )


@views.post("/add")
@requires(Act.MANAGE)
def add(campaign: Campaign) -> ResponseReturnValue:
    """The ideas that the form names, or those of a theme that it names."""
    contest, number = needed(campaign), request.form.get("theme", type=int)
    theme = next((one for one in active_themes(database(), campaign) if one.id == number), None)
    if theme is not None:
        added = add_theme(database(), contest, theme, by=member(), now=now())
    else:
        ideas = [one for one in request.form.getlist("idea", type=int) if 0 < one <= MAX_ID]
        added = add_entries(database(), contest, ideas, by=member(), now=now())
    database().commit()
    if added:
        flash(
            ngettext("%(num)s idea added to the shortlist.", "%(num)s ideas added to the shortlist.", added), "success"
        )
    else:
        flash(_("These ideas were on the shortlist already, or no longer count."), "info")
    return redirect(url_for("entry.index", campaign_id=campaign.id), 303)


@views.post("/<int:idea_id>/remove")
@requires(Act.MANAGE)
def remove(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    remove_entry(database(), needed(campaign), idea, by=member(), now=now())
    database().commit()
    flash(_("Idea removed from the shortlist."), "success")
    return redirect(url_for("entry.index", campaign_id=campaign.id), 303)
