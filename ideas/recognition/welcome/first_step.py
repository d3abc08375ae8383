"""The one thing that a new member is asked to do first. Computed: it is gone once they have done anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from sqlalchemy import BindParameter, Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, role_of
from ideas.campaigns.phases.phase import PhaseAct
from ideas.contributions.authors.writer import wrote
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, is_submitted
from ideas.contributions.vote import Reaction, Vote
from ideas.people.person import Person
from ideas.people.platform_role import may_open_campaigns

# Whoever has done nothing for so long has seen it often enough.
SHOWN_FOR = timedelta(days=30)
# Of the open campaigns, those that close first: somebody of the team of one may take part in the next.
MAX_LOOKED_AT = 3


class Step(StrEnum):
    """Supporting an idea takes a moment; where there is none yet, they write the first one."""

    SUPPORT = "support"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class FirstStep:
    campaign: Campaign
    step: Step


def first_step(session: Session, person: Person, campaigns: Sequence[Campaign], *, now: datetime) -> FirstStep | None:
    """What to do first, in the open campaign that closes soonest of these, where the person takes part and whose phase
    takes it.

    None for who did something, has been here for a month, or opens campaigns. A few queries.
    """
    if not is_asked(person, now=now):
        return None
    if _did_something(session, person):
        return None
    soonest = [one for one in campaigns if one.is_open(now)][:MAX_LOOKED_AT]
    for here in soonest:
        if role_of(session, here, person) is not Role.PARTICIPANT:
            continue
        others = select(Idea.id).where(Idea.campaign_id == here.id, is_submitted()).limit(1)
        if here.takes(PhaseAct.SUPPORT, now) and session.scalar(others) is not None:
            return FirstStep(here, Step.SUPPORT)
        if here.takes(PhaseAct.WRITE, now):
            return FirstStep(here, Step.WRITE)
    return None


def is_asked(person: Person, *, now: datetime) -> bool:
    """False for who has been here for a month, or opens campaigns: a page need not look for campaigns for them."""
    return now - person.created_at <= SHOWN_FOR and not may_open_campaigns(person)


def _did_something(session: Session, person: Person) -> bool:
    return bool(session.scalar(_any_act(), {"person_id": person.id}))


@cache  # building the query takes longer than running it
def _any_act() -> Select[bool]:
    person_id: BindParameter[int] = bindparam("person_id")
    return select(
        or_(
            exists().where(wrote(Idea, person_id)),
            exists().where(Comment.author_id == person_id),
            exists().where(Vote.person_id == person_id),
            exists().where(Reaction.person_id == person_id),
        )
    )
