"""The winners of a contest: chosen, announced, read by everyone, corrected in the open."""

from dataclasses import replace
from textwrap import shorten

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contest.winner import AnnounceWinnersForm, winners_form
from app.views.contest.contest import needed
from app.web.conflicts import Conflict, Difference, compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.activity.version import ReasonNeeded
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contest.contest import Phase, contest_of
from ideas.contest.entry import finalist_ids, uses_entries
from ideas.contest.ranking import ranking
from ideas.contest.result import MAX_WINNERS, ContestResult, announce_winners, published_results, result_of
from ideas.contributions.idea import Idea

views = Blueprint("winner", __name__, url_prefix="/campaigns/<int:campaign_id>/winners")


@views.get("")
@requires(Act.READ)
def show(campaign: Campaign) -> ResponseReturnValue:
    """The winners and why they were chosen, for everyone."""
    result = result_of(database(), campaign)
    if result is None:
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    return render_template("contest/winner/show.html", campaign=campaign, result=result)


@views.get("/versions")
@requires(Act.READ)
def versions(campaign: Campaign) -> ResponseReturnValue:
    """The announcement with all that it was before, for everyone."""
    found = published_results(database(), campaign)
    if not found:
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    return render_template("contest/winner/versions.html", campaign=campaign, results=found)


@views.get("/choose")
@requires(Act.PUBLISH)
def choose(campaign: Campaign) -> ResponseReturnValue:
    """The entries with their ranking, to choose from."""
    contest = contest_of(database(), campaign)
    if contest is None:
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    phase = contest.phase(now())
    result = result_of(database(), campaign)
    finalists = set(finalist_ids(database(), campaign))
    spreads = ranking(database(), campaign) if phase is not Phase.SCORING and uses_entries(contest) else []
    return render_template(
        "contest/winner/choose.html",
        campaign=campaign,
        contest=contest,
        phase=phase,
        spreads=[spread for spread in spreads if not finalists or spread.idea.id in finalists],
        finalists=finalists,
        chosen={winner.idea_id for winner in result.winners} if result is not None else set(),
        result=result,
    )


@views.route("/announce", methods=["GET", "POST"])
@requires(Act.PUBLISH)
def announce(campaign: Campaign) -> ResponseReturnValue:
    """Write the reasons of the chosen ideas, which the address or the form names, and publish them."""
    result = result_of(database(), campaign)
    ideas = _chosen(campaign)
    if not ideas and request.method == "GET":
        return redirect(url_for("winner.choose", campaign_id=campaign.id), 303)
    form = winners_form([idea.id for idea in ideas], result)
    if form.validate_on_submit():
        is_correction = result is not None
        with show_refusals(form, {ReasonNeeded: form.change_reason} if is_correction else {}):
            announce_winners(
                database(), needed(campaign),
                reasons=form.reasons, words_to_others=form.words_to_others.data, by=member(), now=now(),
                seen=form.seen, change_reason=(form.change_reason.data or "") if is_correction else "",
            )  # fmt: skip
            database().commit()
            said = _("The announcement is corrected.") if is_correction else _(
                "The winners are announced. Everyone who took part with an idea is notified."
            )  # fmt: skip
            flash(said, "success")
            return redirect(url_for("winner.show", campaign_id=campaign.id), 303)
    page = render_template(
        "contest/winner/announce.html",
        campaign=campaign,
        contest=contest_of(database(), campaign),
        ideas=ideas,
        result=result,
        form=form,
        conflict=_conflict(form, result, ideas),
    )
    return page, form.http_status


def _conflict(form: AnnounceWinnersForm, result: ContestResult | None, ideas: list[Idea]) -> Conflict | None:
    """What somebody announced meanwhile: other winners, their reasons, the words to the others."""
    if result is None:
        return compare(form, {}, version=0)
    found = compare(form, {"words_to_others": result.words_to_others}, version=result.version)
    if found is None:
        return None
    announced, typed = {idea.id: reason for idea, reason in result.chosen}, form.reasons
    known = {idea.id: idea for idea in [*(idea for idea, _reason in result.chosen), *ideas]}
    differences = [
        Difference(_("Why it was chosen: %(idea)s", idea=_name(idea)), saved, mine)
        for number, idea in known.items()
        if (saved := announced.get(number, "")) != (mine := (typed.get(number) or "").replace("\r\n", "\n").strip())
    ]
    return replace(found, differences=(*differences, *found.differences))


def _name(idea: Idea) -> str:
    if not idea.is_readable:
        return str(_("This idea can no longer be read."))
    return shorten(idea.title or idea.body, 80, placeholder="…")


def _chosen(campaign: Campaign) -> list[Idea]:
    """The ideas of this campaign that are named, in their order; what is not there is left out."""
    numbers = [one for one in request.values.getlist("idea", type=int) if 0 < one <= MAX_ID]
    numbers = list(dict.fromkeys(numbers))[: MAX_WINNERS + 1]
    found = select(Idea).where(Idea.id.in_(numbers), Idea.campaign_id == campaign.id, Idea.submitted_at.is_not(None))
    ideas = {idea.id: idea for idea in database().scalars(found.options(joinedload(Idea.author)))}
    return [ideas[number] for number in numbers if number in ideas]
