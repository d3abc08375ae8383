"""Comparing ideas or themes by pairs: set up by the team, done two by two, read with its bounds."""

from collections.abc import Collection
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import manages, member, reads_themes
from app.clock import now
from app.extensions import database
from app.forms.contest.comparison import OpenComparisonForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import translated
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contest.contest import contest_of, jurors_of
from ideas.contest.entry import entry_ids, uses_entries
from ideas.contest.pairs import (
    Choice,
    Compared,
    Comparison,
    PairGone,
    answer_pair,
    close_comparison,
    comparison_of,
    draw_pair,
    open_comparison,
    open_pair,
)
from ideas.contest.shares import count_answers, shares
from ideas.contributions.idea import Idea
from ideas.themes.theme import Theme

views = Blueprint("comparison", __name__, url_prefix="/campaigns/<int:campaign_id>/compare")


@views.get("")
@requires(Act.COMPARE)
def show(campaign: Campaign) -> ResponseReturnValue:
    """The pair that the reader was shown and has not answered; before the first one, what this is."""
    comparison = comparison_of(database(), campaign)
    if comparison is None:
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    pair = open_pair(database(), campaign, member()) if comparison.closed_at is None else None
    return render_template(
        "contest/comparison/show.html",
        campaign=campaign,
        comparison=comparison,
        pair=pair,
        shown=_named(comparison, [pair.first_id, pair.second_id] if pair is not None else []),
        answered=count_answers(database(), campaign, member()),
        is_mine=not comparison.by_jury or member().id in {juror.id for juror in jurors_of(database(), campaign)},
        no_more="end" in request.args,
        reads_results=manages() or _reads_items(campaign, comparison),
    )


@views.post("/next")
@requires(Act.COMPARE)
def draw(campaign: Campaign) -> ResponseReturnValue:
    """Show the first pair, or another one after a pause."""
    pair = draw_pair(database(), campaign, by=member(), now=now())
    database().commit()
    return _to_pair(campaign, is_end=pair is None)


@views.post("/answer")
@requires(Act.COMPARE)
def answer(campaign: Campaign) -> ResponseReturnValue:
    """Keep what was chosen of this pair, and show the next one."""
    number, chosen = request.form.get("pair", 0, type=int), request.form.get("chosen")
    if chosen not in set(Choice) or not 0 < number <= MAX_ID:
        flash(_("Nothing was saved. Choose one of the buttons below the pair."), "error")
        return _to_pair(campaign)
    try:
        answer_pair(database(), campaign, number, chosen=Choice(chosen), by=member(), now=now())
    except PairGone as error:  # a double click, or the page of another window
        database().rollback()
        flash(translated(error), "info")
        return _to_pair(campaign)
    pair = draw_pair(database(), campaign, by=member(), now=now())
    database().commit()
    return _to_pair(campaign, is_end=pair is None)


@views.get("/results")
@requires(Act.READ)
def results(campaign: Campaign) -> ResponseReturnValue:
    """How each fared: for those who manage the campaign at any time, for everyone once it is over.

    Of themes, only for those who may read the themes by then.
    """
    comparison = comparison_of(database(), campaign)
    is_hidden = comparison is None or comparison.closed_at is None or not _reads_items(campaign, comparison)
    if comparison is None or (is_hidden and not manages()):
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    found = shares(database(), campaign)
    return render_template(
        "contest/comparison/results.html",
        campaign=campaign,
        comparison=comparison,
        shares=found,
        shown=_named(comparison, [one.item_id for one in found]),
        people=count_answers(database(), campaign),
    )


@views.route("/set-up", methods=["GET", "POST"])
@requires(Act.MANAGE)
def set_up(campaign: Campaign) -> ResponseReturnValue:
    form = OpenComparisonForm()
    if form.validate_on_submit():
        with show_refusals(form, {}):
            open_comparison(
                database(), campaign,
                compared=Compared(form.compared.data), by_jury=form.by.data == "jury", by=member(), now=now(),
            )  # fmt: skip
            database().commit()
            flash(_("The comparison is open."), "success")
            return redirect(url_for("comparison.set_up", campaign_id=campaign.id), 303)
    page = render_template(
        "contest/comparison/set_up.html",
        campaign=campaign,
        comparison=comparison_of(database(), campaign),
        entries=len(entry_ids(database(), campaign)) if uses_entries(contest_of(database(), campaign)) else 0,
        form=form,
    )
    return page, 422 if form.errors else 200


@views.post("/close")
@requires(Act.MANAGE)
def close(campaign: Campaign) -> ResponseReturnValue:
    close_comparison(database(), campaign, by=member(), now=now())
    database().commit()
    comparison = comparison_of(database(), campaign)
    if comparison is not None and comparison.compared is Compared.THEMES and campaign.debriefed_at is None:
        flash(_("The comparison is closed. Everyone can read the results once the debrief is published."), "success")
    else:
        flash(_("The comparison is closed. Everyone can read the results."), "success")
    return redirect(url_for("comparison.results", campaign_id=campaign.id), 303)


def _reads_items(campaign: Campaign, comparison: Comparison) -> bool:
    """True where the reader may read all that was compared: themes are the team's until the debrief is out."""
    return comparison.compared is Compared.IDEAS or reads_themes(campaign)


def _named(comparison: Comparison, numbers: Collection[int]) -> dict[int, Any]:
    """The ideas or themes with these numbers."""
    model: type[Idea | Theme] = Idea if comparison.compared is Compared.IDEAS else Theme
    found: Any = select(model).where(model.id.in_(numbers))
    return {row.id: row for row in database().scalars(found)}


def _to_pair(campaign: Campaign, *, is_end: bool = False) -> Response:
    return redirect(url_for("comparison.show", campaign_id=campaign.id, end=1 if is_end else None), 303)
