"""The hours in which a person is here, learnt from what they do, for those who agreed: only the result is kept.

What was learnt takes the place of the hours that they chose; their days stay. It is deleted once they no longer agree.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.base import chunks
from ideas.outreach.limits.hours import LEARNT_HOURS, MailChoice, zone_of
from ideas.people.person import Person

# From this long ago on; of fewer days than that nothing is learnt.
LOOKED_BACK = timedelta(days=60)
MIN_DAYS = 5
# Nobody is learnt to read mail at night.
FIRST, LAST = 7, 22
_NOON = 12


def learn_hours(session: Session, *, now: datetime) -> int:
    """Learn the hours of everyone who agreed. Returns how many have some. For the worker, each hour."""
    agreed = session.execute(
        select(MailChoice, Person.timezone)
        .join(Person, Person.id == MailChoice.person_id)
        .where(MailChoice.learns)
        .order_by(MailChoice.person_id)
    ).all()
    learnt = 0
    for part in chunks(agreed):
        acts: dict[int, list[datetime]] = defaultdict(list)
        seen = select(Activity.actor_id, Activity.at).where(
            Activity.actor_id.in_([choice.person_id for choice, _zone in part]), Activity.at > now - LOOKED_BACK
        )
        for person_id, at in session.execute(seen):
            if person_id is not None:
                acts[person_id].append(at)
        for choice, zone in part:
            local = (at.astimezone(zone_of(zone)) for at in acts[choice.person_id])
            choice.learnt_hour = usual_hour(at for at in local if at.weekday() in choice.days)
            learnt += choice.learnt_hour is not None
    session.flush()
    return learnt


def usual_hour(local: Iterable[datetime]) -> int | None:
    """The hour from which on most of these instants are, by the number of days; None where they are too few.

    Of two as frequent ones, the one nearest to noon.
    """
    days: dict[int, set[date]] = defaultdict(set)
    for at in local:
        days[at.hour].add(at.date())
    found = {
        hour: len(set().union(*(days.get(hour + more, ()) for more in range(LEARNT_HOURS))))
        for hour in range(FIRST, LAST - LEARNT_HOURS + 1)
    }
    best = max(found, key=lambda hour: (found[hour], -abs(hour - _NOON)))
    return best if found[best] >= MIN_DAYS else None
