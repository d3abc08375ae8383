"""A contest as those who manage it see it: what the jury scores by, how far it is, what comes next."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.campaign import instant_of
from app.forms.contest.contest import MoveDateForm, SetUpContestForm, as_set_up
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.dates import local_input
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contest.contest import (
    MAX_WEIGHT,
    Contest,
    ContestText,
    DateOver,
    DueInThePast,
    NoContest,
    ScoringBegun,
    contest_of,
    criteria_of,
    set_up_contest,
)
from ideas.contest.entry import begin_scoring, entry_ids, finalist_ids
from ideas.contest.judging import progress, take_back_scoring
from ideas.contest.result import result_of

views = Blueprint("contest", __name__, url_prefix="/campaigns/<int:campaign_id>/contest")


@views.route("", methods=["GET", "POST"])
@requires(Act.MANAGE)
def show(campaign: Campaign) -> ResponseReturnValue:
    contest = contest_of(database(), campaign)
    if contest is not None and contest.begun_at is not None:
        return _show_begun(campaign, contest)
    saved = as_set_up(contest, criteria_of(database(), campaign))
    version = contest.version if contest is not None else 0
    form = SetUpContestForm(data=saved | {"version": version})
    if form.validate_on_submit():
        with show_refusals(form, {DueInThePast: form.scores_due_at}):
            set_up_contest(database(), campaign, text=form.text, by=member(), now=now(), seen=form.seen)
            database().commit()
            flash(_("Contest saved."), "success")
            return redirect(url_for("contest.show", campaign_id=campaign.id), 303)
    return _page(campaign, contest, form, compare(form, saved, version=version))


def _show_begun(campaign: Campaign, contest: Contest) -> ResponseReturnValue:
    """Only the date still changes. Whoever had the whole form open meanwhile is told so, with what they wrote."""
    if "highest_score" in request.form:
        whole = SetUpContestForm()
        if not whole.validate_on_submit():
            raise ScoringBegun
        set_up_contest(database(), campaign, text=whole.text, by=member(), now=now(), seen=whole.seen)
        database().commit()
        flash(_("Contest saved."), "success")
        return redirect(url_for("contest.show", campaign_id=campaign.id), 303)
    form = MoveDateForm(data={"version": contest.version, "scores_due_at": local_input(contest.scores_due_at)})
    if form.validate_on_submit():
        with show_refusals(form, {DueInThePast: form.scores_due_at, DateOver: form.scores_due_at}):
            text = ContestText(
                criteria=[(one.name, one.weight) for one in criteria_of(database(), campaign)],
                several_winners=contest.several_winners,
                only_shortlist=contest.only_shortlist,
                hides_authors=contest.hides_authors,
                highest_score=contest.highest_score,
            )
            text = replace(text, scores_due_at=instant_of(form.scores_due_at))
            set_up_contest(database(), campaign, text=text, by=member(), now=now(), seen=form.seen)
            database().commit()
            flash(_("Date saved."), "success")
            return redirect(url_for("contest.show", campaign_id=campaign.id), 303)
    saved = {"scores_due_at": local_input(contest.scores_due_at)}
    return _page(campaign, contest, form, compare(form, saved, version=contest.version))


def _page(
    campaign: Campaign, contest: Contest | None, form: SetUpContestForm | MoveDateForm, conflict: object
) -> ResponseReturnValue:
    page = render_template(
        "contest/contest/show.html",
        campaign=campaign,
        contest=contest,
        phase=contest.phase(now()) if contest is not None else None,
        criteria=criteria_of(database(), campaign),
        entries=len(entry_ids(database(), campaign)),
        finalists=len(finalist_ids(database(), campaign)),
        jury=progress(database(), campaign),
        result=result_of(database(), campaign),
        form=form,
        conflict=conflict,
        max_weight=MAX_WEIGHT,
    )
    return page, form.http_status


@views.post("/begin")
@requires(Act.MANAGE)
def begin(campaign: Campaign) -> ResponseReturnValue:
    begin_scoring(database(), needed(campaign), by=member(), now=now())
    database().commit()
    flash(_("The scoring has begun. We are notifying the jury."), "success")
    return redirect(url_for("contest.show", campaign_id=campaign.id), 303)


@views.post("/take-back")
@requires(Act.MANAGE)
def take_back(campaign: Campaign) -> ResponseReturnValue:
    take_back_scoring(database(), needed(campaign), by=member(), now=now())
    database().commit()
    flash(_("The scoring is taken back. You can change the criteria and the entries."), "success")
    return redirect(url_for("contest.show", campaign_id=campaign.id), 303)


def needed(campaign: Campaign) -> Contest:
    """The campaign's contest, for what is done to it. Raises NoContest."""
    contest = contest_of(database(), campaign)
    if contest is None:
        raise NoContest
    return contest
