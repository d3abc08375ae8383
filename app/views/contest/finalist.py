"""The finalists of a contest: chosen from the scores, before the winners."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contest.finalist import ChooseFinalistsForm
from app.views.contest.contest import needed
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contest.contest import Phase, contest_of
from ideas.contest.entry import finalist_ids
from ideas.contest.ranking import choose_finalists, ranking, take_back_finalists
from ideas.contest.result import result_of

views = Blueprint("finalist", __name__, url_prefix="/campaigns/<int:campaign_id>/contest/finalists")


@views.route("", methods=["GET", "POST"])
@requires(Act.PUBLISH)
def choose(campaign: Campaign) -> ResponseReturnValue:
    """The entries with their ranking: so many of the best, or those that are ticked."""
    contest = contest_of(database(), campaign)
    is_open = contest is not None and contest.phase(now()) is Phase.DISCUSSION
    if request.method == "GET" and (not is_open or result_of(database(), campaign) is not None):
        return redirect(url_for("winner.choose", campaign_id=campaign.id), 303)
    contest = contest or needed(campaign)
    saved = {"note": contest.finalists_note}
    form = ChooseFinalistsForm(data=saved | {"version": contest.version})
    ticked = {one for one in request.form.getlist("idea", type=int) if 0 < one <= MAX_ID}
    if form.validate_on_submit():
        with show_refusals(form):
            choose_finalists(
                database(), contest,
                ideas=ticked, top=form.top.data, note=form.note.data or "", by=member(), now=now(), seen=form.seen,
            )  # fmt: skip
            database().commit()
            flash(_("Finalists saved. Choose the winners among them."), "success")
            return redirect(url_for("winner.choose", campaign_id=campaign.id), 303)
    finalists = finalist_ids(database(), campaign)
    page = render_template(
        "contest/finalist/choose.html",
        campaign=campaign,
        contest=contest,
        spreads=ranking(database(), campaign) if is_open else [],
        finalists=finalists,
        chosen=ticked if form.is_submitted() else set(finalists),
        form=form,
        conflict=compare(form, saved, version=contest.version),
    )
    return page, form.http_status


@views.post("/undo")
@requires(Act.PUBLISH)
def undo(campaign: Campaign) -> ResponseReturnValue:
    take_back_finalists(database(), needed(campaign), by=member(), now=now())
    database().commit()
    flash(_("There are no finalists any more. The winners are chosen among all entries."), "success")
    return redirect(url_for("finalist.choose", campaign_id=campaign.id), 303)
