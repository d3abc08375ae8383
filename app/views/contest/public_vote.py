"""A public vote: its set-up for the team, the ballot for everyone, the result once it is over."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import manages, may, member, reader
from app.clock import now
from app.extensions import database
from app.forms.campaigns.campaign import instant_of
from app.forms.contest.public_vote import SetPublicVoteForm, vote_as_written
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import say_when_to_retry, translated
from ideas.activity.version import ReasonNeeded
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contest.contest import Phase, contest_of
from ideas.contest.entry import entry_ids, uses_entries
from ideas.contest.public_vote.ballot import (
    ballot_of,
    cast_ballot,
    entries_to_choose,
    own_entries,
    result_of_vote,
)
from ideas.contest.public_vote.public_vote import (
    NoShortlist,
    PublicVote,
    TooManyChoices,
    VoteDatesWrong,
    changes_of,
    drop_public_vote,
    public_vote_of,
    set_public_vote,
)
from ideas.contest.ranking import Spread, ranking
from ideas.contest.result import result_of
from ideas.errors import DomainError
from ideas.people.limit import LimitReached

views = Blueprint("public_vote", __name__, url_prefix="/campaigns/<int:campaign_id>/public-vote")


@views.get("")
@requires(Act.READ)
def show(campaign: Campaign) -> ResponseReturnValue:
    vote = public_vote_of(database(), campaign)
    if vote is None:
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    return _page(campaign, vote, None)


@views.post("")
@requires(Act.SUPPORT)
def cast(campaign: Campaign) -> ResponseReturnValue:
    chosen = {int(value) for value in request.form.getlist("entry") if value.isdecimal() and len(value) < 10}  # noqa: PLR2004 -- the database's numbers
    try:
        cast_ballot(database(), campaign, chosen, by=member(), now=now())
    except DomainError as error:
        database().rollback()
        vote = public_vote_of(database(), campaign)
        if isinstance(error, LimitReached):
            say_when_to_retry(error)
        if vote is None:
            flash(translated(error), "error")
            return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
        return _page(campaign, vote, chosen, refusal=translated(error))
    database().commit()
    said = ngettext(
        "Your ballot is saved, with %(num)s vote.", "Your ballot is saved, with %(num)s votes.", len(chosen)
    )
    flash(said if chosen else _("Your ballot is taken back."), "success")
    return _to_vote(campaign)


@views.route("/set-up", methods=["GET", "POST"])
@requires(Act.MANAGE)
def set_up(campaign: Campaign) -> ResponseReturnValue:
    vote, instant = public_vote_of(database(), campaign), now()
    form = SetPublicVoteForm(data=vote_as_written(vote))
    if form.validate_on_submit():
        fields = {
            TooManyChoices: form.choices,
            NoShortlist: form.choices,
            VoteDatesWrong: form.opens_at,
            ReasonNeeded: form.change_reason,
        }
        with show_refusals(form, fields):
            opens_at, closes_at = instant_of(form.opens_at), instant_of(form.closes_at)
            if opens_at is None or closes_at is None:
                raise VoteDatesWrong
            set_public_vote(
                database(), campaign,
                choices=form.choices.data, opens_at=opens_at, closes_at=closes_at, by=member(), now=instant,
                seen=form.seen, change_reason=form.change_reason.data or "",
            )  # fmt: skip
            database().commit()
            flash(_("Public vote saved."), "success")
            return redirect(url_for("public_vote.set_up", campaign_id=campaign.id), 303)
    vote, contest = public_vote_of(database(), campaign), contest_of(database(), campaign)
    saved = vote_as_written(vote)
    page = render_template(
        "contest/public_vote/set_up.html",
        campaign=campaign,
        form=form,
        vote=vote,
        phase=vote.phase(instant) if vote is not None else None,
        entries=len(entry_ids(database(), campaign)) if uses_entries(contest) else 0,
        conflict=compare(form, saved, version=saved["version"]) if form.changed_meanwhile else None,
    )
    return page, form.http_status


@views.post("/drop")
@requires(Act.MANAGE)
def drop(campaign: Campaign) -> ResponseReturnValue:
    drop_public_vote(database(), campaign, by=member(), now=now())
    database().commit()
    flash(_("There is no public vote any more."), "success")
    return redirect(url_for("public_vote.set_up", campaign_id=campaign.id), 303)


def _page(campaign: Campaign, vote: PublicVote, chosen: set[int] | None, *, refusal: str = "") -> ResponseReturnValue:
    """The ballot, or the result. `chosen`: what was sent and refused, which stays ticked."""
    person, instant = reader(), now()
    votes = may(Act.SUPPORT) and person is not None
    page = render_template(
        "contest/public_vote/show.html",
        campaign=campaign,
        vote=vote,
        phase=vote.phase(instant),
        entries=entries_to_choose(database(), vote, person),
        ballot=chosen if chosen is not None else (ballot_of(database(), vote, person) if votes and person else set()),
        own=own_entries(database(), vote, person) if votes and person else set(),
        votes=votes,
        result=result_of_vote(database(), vote, now=instant),
        spreads=_jury(campaign),
        winners={winner.id for winner, _why in result.chosen} if (result := result_of(database(), campaign)) else set(),
        changes=[one for one in changes_of(database(), campaign) if one.reason],
        refusal=refusal,
    )
    return page, 422 if refusal else 200


def _jury(campaign: Campaign) -> dict[int, Spread]:
    """How the jury ranked each entry, for the jury and the team, once its scores are shown to it."""
    contest = contest_of(database(), campaign)
    if contest is None or contest.phase(now()) is not Phase.DISCUSSION or not (manages() or may(Act.JUDGE)):
        return {}
    return {spread.idea.id: spread for spread in ranking(database(), campaign) if spread.rank is not None}


def _to_vote(campaign: Campaign) -> Response:
    return redirect(url_for("public_vote.show", campaign_id=campaign.id), 303)
