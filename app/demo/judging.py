"""What happened in the demo's contest: a shortlist, pairs, scores, a conflict of interest, a discussion, a winner."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contest.contest import Contest, ContestText, criteria_of, set_up_contest
from ideas.contest.entry import add_entries, begin_scoring
from ideas.contest.judging import declare_conflict, score_entry
from ideas.contest.note import add_note
from ideas.contest.pairs import Choice, Compared, answer_pair, close_comparison, draw_pair, open_comparison
from ideas.contest.public_vote.ballot import cast_ballot, own_entries
from ideas.contest.public_vote.public_vote import public_vote_of, set_public_vote
from ideas.contest.ranking import choose_finalists
from ideas.contest.result import announce_winners
from ideas.contributions.idea import Idea
from ideas.people.person import Person


def hold_contest(
    session: Session, campaign: Campaign, facts: dict[str, Any], *,
    ideas: Mapping[str, Idea], people: Mapping[str, Person], today: datetime,
) -> None:  # fmt: skip
    """From the criteria to the winner, all since the campaign closed."""
    closed_at, owner = campaign.closes_at or today, campaign.owner
    text = ContestText(
        criteria=[(name, weight) for name, weight in facts["criteria"]],
        only_shortlist=True,
        highest_score=10,
        scores_due_at=closed_at + timedelta(days=10),
    )
    contest = set_up_contest(session, campaign, text=text, by=owner, now=closed_at)
    add_entries(session, contest, [ideas[key].id for key in facts["shortlist"]], by=owner, now=closed_at)
    _compare(session, campaign, facts["comparison"], ideas=ideas, people=people, now=closed_at + timedelta(days=1))
    _vote(session, campaign, facts["comparison"], ideas=ideas, people=people, now=closed_at + timedelta(days=1))
    begin_scoring(session, contest, by=owner, now=closed_at + timedelta(days=2))
    for number, (juror, given) in enumerate(facts["scores"].items()):
        at = closed_at + timedelta(days=5 + number)
        for key, said in given.items():
            if isinstance(said, str):
                declare_conflict(session, contest, ideas[key], interest=said, by=people[juror], now=at)
            else:
                _score(session, contest, ideas[key], said, by=people[juror], now=at)
    at = closed_at + timedelta(days=12)
    for note in facts["notes"]:
        add_note(session, contest, ideas[note["on"]], body=note["body"], by=people[note["by"]], now=at)
    for change in facts["changes"]:
        by, why = people[change["by"]], change["reason"]
        _score(session, contest, ideas[change["on"]], change["scores"], by=by, now=at, change_reason=why)
    choose_finalists(
        session, contest, top=3, note=facts["finalists_note"], by=owner, now=closed_at + timedelta(days=14)
    )
    announce_winners(
        session, contest,
        reasons={ideas[key].id: reason for key, reason in facts["winners"].items()},
        words_to_others=facts["words_to_others"], by=owner, now=closed_at + timedelta(days=15),
    )  # fmt: skip


def _compare(
    session: Session, campaign: Campaign, facts: dict[str, Any], *,
    ideas: Mapping[str, Idea], people: Mapping[str, Person], now: datetime,
) -> None:  # fmt: skip
    """Participants compare the shortlist by pairs. Of two ideas they tend to choose the one that `liked` has higher."""
    drawn = Random(facts["pairs"])  # noqa: S311 -- a demo, not a secret
    liked = {ideas[key].id: weight for key, weight in facts["liked"].items()}
    open_comparison(session, campaign, compared=Compared.IDEAS, by_jury=False, by=campaign.owner, now=now)
    for key in facts["people"]:
        for _number in range(facts["pairs"]):
            pair = draw_pair(session, campaign, by=people[key], now=now)
            if pair is None:
                break
            first, second = liked[pair.first_id], liked[pair.second_id]
            chosen = Choice.FIRST if drawn.random() * (first + second) < first else Choice.SECOND
            answer_pair(session, campaign, pair.id, chosen=chosen, by=people[key], now=now)
    close_comparison(session, campaign, by=campaign.owner, now=now + timedelta(days=5))


def _vote(
    session: Session, campaign: Campaign, facts: dict[str, Any], *,
    ideas: Mapping[str, Idea], people: Mapping[str, Person], now: datetime,
) -> None:  # fmt: skip
    """The public votes on the shortlist for a week: each person for three entries, the most liked more often."""
    drawn = Random(facts["pairs"])  # noqa: S311 -- a demo, not a secret
    liked = {ideas[key].id: weight for key, weight in facts["liked"].items()}
    opens_at = now + timedelta(hours=1)
    set_public_vote(
        session, campaign,
        choices=3, opens_at=opens_at, closes_at=opens_at + timedelta(days=7), by=campaign.owner, now=now,
    )  # fmt: skip
    for day, key in enumerate(facts["people"]):
        vote = public_vote_of(session, campaign)
        own = own_entries(session, vote, people[key]) if vote is not None else set()
        open_to = [number for number in liked if number not in own]
        chosen = set(drawn.choices(open_to, weights=[liked[number] for number in open_to], k=3))
        cast_ballot(session, campaign, chosen, by=people[key], now=opens_at + timedelta(hours=9 * day))


def _score(session: Session, contest: Contest, idea: Idea, values: list[int], **facts: Any) -> None:
    numbers = [one.id for one in criteria_of(session, contest.campaign)]
    score_entry(session, contest, idea, scores=dict(zip(numbers, values, strict=True)), **facts)
