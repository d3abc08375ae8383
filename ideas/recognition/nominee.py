"""Nominees: who is proposed as a pioneer, from the standings of the last year, with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person
from ideas.people.sanction import Sanction
from ideas.recognition.pioneer import HERE, Merit, Pioneer
from ideas.recognition.standing import Board, Standing, campaign_standing, site_standing

PERIOD = timedelta(days=365)
# Of each standing, those up to this rank; and so many people at most.
MAX_RANK = 5
MAX_NOMINEES = 12
# Newcomers are left out: a year is asked of people who know the place.
BOARDS = (Board.ACTIVITY, Board.SUPPORT, Board.MENTIONS)


@dataclass(frozen=True, slots=True)
class Nominee:
    """`merits`: in which standings they are, best rank first."""

    person_id: int
    name: str
    merits: Sequence[Merit]


def nominees(session: Session, *, now: datetime, campaign: Campaign | None = None) -> list[Nominee]:
    """Who may be invited, by the standings of a campaign, or of all campaigns that have one. Four queries.

    Administrators may read them, and the lead of the campaign theirs. Whoever wants to be in no standing is not among
    them, nor who is a pioneer, is invited, said no or left within a year, or was sanctioned within a year.
    """
    found: dict[int, tuple[str, list[Merit]]] = {}
    for board in BOARDS:
        standing = _standing(session, board, campaign, now)
        for row in standing.rows if standing is not None and standing.is_shown else ():
            if row.rank <= MAX_RANK:
                found.setdefault(row.person_id, (row.name, []))[1].append(Merit(board, row.rank, row.points))
    left_out = _left_out(session, found, now)
    proposed = [
        Nominee(person_id, name, sorted(merits, key=lambda one: one.rank))
        for person_id, (name, merits) in found.items()
        if person_id not in left_out
    ]
    proposed.sort(key=lambda one: (one.merits[0].rank, -len(one.merits), one.person_id))
    return proposed[:MAX_NOMINEES]


def merits_in(session: Session, person: Person, *, now: datetime, campaign: Campaign | None = None) -> Sequence[Merit]:
    """Why the person may be invited now; empty where they are not proposed."""
    proposed = nominees(session, now=now, campaign=campaign)
    return next((one.merits for one in proposed if one.person_id == person.id), ())


def _standing(session: Session, board: Board, campaign: Campaign | None, now: datetime) -> Standing | None:
    since = now - PERIOD
    if campaign is None:
        return site_standing(session, board=board, since=since, now=now)
    if not campaign.has_standings or campaign.announced_at is None:
        return None
    return campaign_standing(session, campaign, board=board, since=since, now=now, reader=None)


def _left_out(session: Session, people: dict[int, tuple[str, list[Merit]]], now: datetime) -> set[int]:
    before = Pioneer.state.in_(HERE) | (Pioneer.since > now - PERIOD)
    sanctioned = exists().where(
        Sanction.person_id == Person.id, Sanction.lifted_at.is_(None), Sanction.given_at > now - PERIOD
    )
    known = exists().where(Pioneer.person_id == Person.id, before)
    return set(session.scalars(select(Person.id).where(Person.id.in_(people), known | sanctioned)))
