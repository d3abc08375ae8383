"""What becomes of an act for the people whom it will be told to: how many get a mail, and how many read it in their
digest or on the site alone. Read before the act is done; nothing is written.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.accounts.undeliverable import unreached
from ideas.activity.activity import Activity, Verb
from ideas.base import chunks
from ideas.campaigns.audience import those_who_see
from ideas.campaigns.campaign import Campaign
from ideas.outreach.limits.budget import Later, outside_budget, without_budget
from ideas.outreach.newsletters.readers import Forecast
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import silent_in, without_mail
from ideas.outreach.recipients.recipient import told_by_kind
from ideas.outreach.talk import followers_of_spaces
from ideas.people.person import Person, is_here
from ideas.spaces.space import Membership, MembershipState, Space


def of_announcement(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> Forecast:
    """Of a campaign that is announced: those who follow its spaces and will see it. Who may announce it may read it."""
    act = _act(Verb.ANNOUNCED, campaign, by=by, now=now)
    follow = sorted(set(followers_of_spaces(session, act)) - {by.id})
    people = those_who_see(session, campaign, follow, once_announced=True)
    return _forecast(session, act, {NoticeKind.FOLLOWED_SPACE: people}, now=now)


def of_other_dates(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> Forecast:
    """Of a campaign whose dates change: those who took part, and who follow it. Who may change them may read it."""
    act = _act(Verb.EXTENDED, campaign, by=by, now=now)
    return _forecast(session, act, told_by_kind(session, act), now=now)


def of_workshop(session: Session, space: Space, *, by: Person, now: datetime) -> Forecast:
    """Of a workshop that is announced in a space. Those who run the space may read it."""
    inside = (Membership.space_id == space.id) & (Membership.state == MembershipState.MEMBER)
    people = session.scalars(select(Membership.person_id).where(inside, Membership.person_id != by.id)).all()
    act = _act(Verb.ANNOUNCED, None, by=by, now=now)
    return _forecast(session, act, {NoticeKind.WORKSHOP: people}, space_id=space.id, now=now)


def of_pioneer(session: Session, person: Person, *, by: Person, now: datetime) -> Forecast:
    """Of an invitation to the pioneers. Who may invite them may read it."""
    return _forecast(session, _act(Verb.INVITED, None, by=by, now=now), {NoticeKind.PIONEER: [person.id]}, now=now)


def _act(verb: Verb, campaign: Campaign | None, *, by: Person, now: datetime) -> Activity:
    """The act as it will be recorded. It is in no session."""
    campaign_id = campaign.id if campaign is not None else None
    return Activity(
        id=0, at=now, actor_id=by.id, verb=verb, object_kind=Campaign.__tablename__, object_id=campaign_id or 0,
        campaign_id=campaign_id, reason="",
    )  # fmt: skip


def _forecast(
    session: Session,
    act: Activity,
    told: Mapping[NoticeKind, Collection[int]],
    *,
    now: datetime,
    space_id: int | None = None,
) -> Forecast:
    """A few queries for each few hundred people. `space_id`: of a kind that may be stopped for one space."""
    total = no_mail = 0
    later: dict[int, datetime | None] = {}
    for kind, people in told.items():
        for part in chunks(sorted(people)):
            here = session.scalars(select(Person.id).where(Person.id.in_(part), is_here())).all()
            silent = without_mail(session, kind, here) | unreached(session, here) | silent_in(session, space_id, here)
            wanted = [one for one in here if one not in silent]
            always = outside_budget(session, act, kind, wanted)
            later |= without_budget(session, [one for one in wanted if one not in always], now=now)
            total += len(here)
            no_mail += len(silent)
    return Forecast(total, total - no_mail - len(later), Later.of(list(later.values())), no_mail)
