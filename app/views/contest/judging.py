"""The pages of the jury: its entries one after the other, then the ranking and what it says of each entry."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contest.judging import AddNoteForm, DeclareConflictForm, ScoreForm, as_given, score_form
from app.views.contest.contest import needed
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.activity.version import ReasonNeeded
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contest.authors import sent_unsigned, signed_authors
from ideas.contest.changes import changes_of
from ideas.contest.contest import Contest, Phase, contest_of, criteria_of, jurors_of
from ideas.contest.entry import entries_of, finalist_ids, is_entry
from ideas.contest.judging import (
    NotAnEntry,
    NotScoring,
    Standing,
    declare_conflict,
    judgement_of,
    judgements_on,
    score_entry,
    standings_of,
)
from ideas.contest.note import add_note, notes_on
from ideas.contest.ranking import ranking as ranked
from ideas.contest.ranking import weighted_mean
from ideas.contest.result import result_of
from ideas.contributions.fields.value import filled_of
from ideas.contributions.idea import Idea

views = Blueprint("judging", __name__, url_prefix="/campaigns/<int:campaign_id>/contest")


@views.get("/judging")
@requires(Act.JUDGE)
def index(campaign: Campaign) -> ResponseReturnValue:
    """The entries, and where the reader is with each."""
    contest = contest_of(database(), campaign)
    standings = standings_of(database(), campaign, member())
    is_juror = member().id in {juror.id for juror in jurors_of(database(), campaign)}
    return render_template(
        "contest/judging/index.html",
        campaign=campaign,
        contest=contest,
        phase=contest.phase(now()) if contest is not None else Phase.PREPARATION,
        criteria=criteria_of(database(), campaign),
        entries=entries_of(database(), campaign) if contest is not None and contest.begun_at else [],
        standings=standings,
        is_juror=is_juror,
        mine=[one for one in standings.values() if one is not Standing.OWN],
        is_unsigned=is_juror and bool(sent_unsigned(database(), campaign, member())),
        result=result_of(database(), campaign),
    )


@views.route("/judging/<int:idea_id>", methods=["GET", "POST"])
@requires(Act.JUDGE)
def entry(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """Read an entry and score it; in the discussion, read what the jury gave."""
    contest = contest_of(database(), campaign)
    if request.method == "GET" and (contest is None or not _is_shown(contest, idea)):
        return _to_list(campaign)
    contest = contest or needed(campaign)
    form = score_form(
        criteria_of(database(), campaign), contest.highest_score, judgement_of(database(), idea, member())
    )
    if form.validate_on_submit():
        with show_refusals(form, {ReasonNeeded: form.change_reason}):
            score_entry(
                database(), contest, idea,
                scores=form.scores, by=member(), now=now(), seen=form.seen, change_reason=form.change_reason.data or "",
            )  # fmt: skip
            database().commit()
            return _to_next(campaign, contest, idea, _("Scores saved."))
    return _entry_page(campaign, contest, idea, form=form)


@views.post("/judging/<int:idea_id>/conflict")
@requires(Act.JUDGE)
def conflict(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    form, contest = DeclareConflictForm(), needed(campaign)
    if form.validate_on_submit():
        with show_refusals(form):
            interest = form.interest.data
            declare_conflict(database(), contest, idea, interest=interest, by=member(), now=now(), seen=form.seen)
            database().commit()
            return _to_next(campaign, contest, idea, _("Conflict of interest declared. You don’t score this entry."))
    return _entry_page(campaign, contest, idea, conflict_form=form)


@views.post("/judging/<int:idea_id>/notes")
@requires(Act.JUDGE)
def note(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    form, contest = AddNoteForm(), needed(campaign)
    if form.validate_on_submit():
        with show_refusals(form):
            add_note(database(), contest, idea, body=form.body.data, by=member(), now=now())
            database().commit()
            return redirect(
                url_for("judging.entry", campaign_id=campaign.id, idea_id=idea.id, _anchor="notes"), 303
            )  # fmt: skip
    return _entry_page(campaign, contest, idea, note_form=form)


@views.get("/ranking")
@requires(Act.JUDGE)
def ranking(campaign: Campaign) -> ResponseReturnValue:
    """What follows from the scores, once they are shown."""
    contest = contest_of(database(), campaign)
    if contest is None or contest.phase(now()) is not Phase.DISCUSSION:
        return _to_list(campaign)
    return render_template(
        "contest/judging/ranking.html",
        campaign=campaign,
        contest=contest,
        spreads=ranked(database(), campaign),
        finalists=finalist_ids(database(), campaign),
        result=result_of(database(), campaign),
    )


def _entry_page(
    campaign: Campaign,
    contest: Contest,
    idea: Idea,
    *,
    form: ScoreForm | None = None,
    conflict_form: DeclareConflictForm | None = None,
    note_form: AddNoteForm | None = None,
) -> ResponseReturnValue:
    if not _is_shown(contest, idea):  # no page would show what was sent: the answer to this gives it back
        raise NotScoring if contest.begun_at is None else NotAnEntry
    criteria, given = criteria_of(database(), campaign), judgement_of(database(), idea, member())
    standings = standings_of(database(), campaign, member())
    is_juror = member().id in {juror.id for juror in jurors_of(database(), campaign)}
    phase = contest.phase(now())
    sent = form or conflict_form or note_form
    saved = as_given(criteria, given)
    if conflict_form is not None:
        saved = {"interest": given.interest if given is not None else ""}
    version = {"version": given.version if given is not None else 0}
    page = render_template(
        "contest/judging/entry.html",
        campaign=campaign,
        contest=contest,
        phase=phase,
        idea=idea,
        criteria=criteria,
        given=given,
        standing=standings.get(idea.id),
        mine=[one for one in standings.values() if one is not Standing.OWN],
        is_juror=is_juror,
        is_unsigned=is_juror and idea.id in sent_unsigned(database(), campaign, member()),
        filled=filled_of(database(), campaign, idea.id),
        result=result_of(database(), campaign),
        sent=sent,
        conflict=compare(sent, saved, version=version["version"]) if sent is not None else None,
        form=form or _fresh(score_form(criteria, contest.highest_score, given)),
        conflict_form=conflict_form
        or DeclareConflictForm(formdata=None, data=version | {"interest": given.interest if given is not None else ""}),
        note_form=note_form or AddNoteForm(formdata=None),
        **(_discussion(campaign, idea) if phase is Phase.DISCUSSION else {}),
    )
    return page, sent.http_status if sent is not None else 200


def _is_shown(contest: Contest, idea: Idea) -> bool:
    return contest.begun_at is not None and is_entry(database(), idea)


def _fresh(form: ScoreForm) -> ScoreForm:
    """The form as it was before another form of the page was sent."""
    for field in form:
        if field.name.startswith("score_") or field.name == "version":
            field.data, field.raw_data = field.object_data, None
    return form


def _discussion(campaign: Campaign, idea: Idea) -> dict[str, Any]:
    """What the jury gave to the entry, what changed since, and its notes."""
    given = judgements_on(database(), idea)
    weights = {one.id: one.weight for one in criteria_of(database(), campaign)}
    return {
        "judgements": given,
        "means": {one.id: weighted_mean(one.by_criterion, weights) for one in given if not one.conflict},
        "authors": signed_authors(database(), campaign).get(idea.id, set()),
        "changes": changes_of(database(), given),
        "notes": notes_on(database(), idea),
        "weighted": lambda scores: weighted_mean(scores, weights),
    }


def _to_next(campaign: Campaign, contest: Contest, idea: Idea, said: str) -> Response:
    """The next entry that the juror has to score; in the discussion, the same one."""
    flash(said, "success")
    if contest.phase(now()) is Phase.DISCUSSION:
        return redirect(url_for("judging.entry", campaign_id=campaign.id, idea_id=idea.id), 303)
    left = [
        number
        for number, standing in standings_of(database(), campaign, member()).items()
        if standing is Standing.TO_SCORE
    ]
    following = next((number for number in left if number > idea.id), left[0] if left else None)
    if following is None:
        return _to_list(campaign)
    return redirect(url_for("judging.entry", campaign_id=campaign.id, idea_id=following), 303)


def _to_list(campaign: Campaign) -> Response:
    return redirect(url_for("judging.index", campaign_id=campaign.id), 303)
