"""Who comes to a step of the journey, and who came back after it. The worker asks each minute.

A step is recorded as an act of the product; the notice and its mail follow from the log, within the budget, the hours
and the choices of the person. Whoever switched this kind of mail off reads it in the product only.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from ideas.accounts.sign_in import SignIn
from ideas.activity.activity import Activity, Verb, record
from ideas.organisation.organisation import the_organisation
from ideas.outreach.digest import gets_mail
from ideas.outreach.journey.step import DAYS, JourneyStep, Step, is_control
from ideas.people.person import Person

# A step that is later than this is left out: it would be no welcome, and no surprise of dozens at once.
MAX_LATE = timedelta(days=7)
MAX_AT_ONCE = 200
# Whoever is seen here within this time has come back; of the first day, from a day later on.
RETURN_WITHIN = timedelta(days=14)
FIRST_DAY = timedelta(days=1)
_TAKING_PART = frozenset({Verb.SUBMITTED, Verb.ADDED, Verb.SUPPORTED, Verb.REACTED})
_DONE_TO = ("idea", "comment")


def record_newcomers(session: Session, *, now: datetime) -> int:
    """Note who has come to a step, and record it for those who are told. Returns how many came to one. For the worker.

    Each person comes to a step once, whatever dies in between.
    """
    since = the_organisation(session).journey_since
    if since is None:
        return 0
    came = 0
    for days in DAYS:
        people = session.scalars(
            select(Person.id).where(_is_due(days, since, now)).order_by(Person.id).limit(MAX_AT_ONCE)
        ).all()
        active = took_part(session, people, since=now - DAYS[days][2])
        for person_id in people:
            _come_to(session, person_id, days, is_active=person_id in active, now=now)
        came += len(people)
    return came


def _come_to(session: Session, person_id: int, days: int, *, is_active: bool, now: datetime) -> None:
    step = step_for(days, is_active=is_active)
    row = JourneyStep(person_id=person_id, days=days, step=step, at=now, is_control=is_control(person_id))
    session.add(row)
    session.flush()
    if not row.is_control:
        record(session, Verb.INVITED, row, by=None, now=now, after={"step": step.value})


def step_for(days: int, *, is_active: bool) -> Step:
    active, inactive, _since = DAYS[days]
    return active if is_active else inactive


def _is_due(days: int, since: datetime, now: datetime) -> ColumnElement[bool]:
    """SQL condition: the person came here so many days ago, and has not come to this step."""
    first = max(since, now - MAX_LATE) - timedelta(days=days)
    came = exists().where(JourneyStep.person_id == Person.id, JourneyStep.days == days)
    is_new = (Person.created_at >= first) & (Person.created_at <= now - timedelta(days=days))
    return is_new & ~came & gets_mail(now)


def took_part(session: Session, people: Collection[int], *, since: datetime) -> set[int]:
    """Those of these people who sent, commented on, supported or reacted to an idea since this instant. One query.

    An idea without its author's name does not count: administrators read which text a person gets.
    """
    if not people:
        return set()
    acted = select(Activity.actor_id).where(
        Activity.actor_id.in_(people),
        Activity.at > since,
        Activity.verb.in_(_TAKING_PART),
        Activity.object_kind.in_(_DONE_TO),
    )
    return {one for one in session.scalars(acted.distinct()) if one is not None}


def note_returns(session: Session, *, now: datetime) -> int:
    """Note who was seen here since they came to a step, told or not. Returns how many. For the worker."""
    counts = (JourneyStep.days > 0) | (JourneyStep.at <= now - FIRST_DAY)
    waits = (JourneyStep.at > now - RETURN_WITHIN) & JourneyStep.returned_at.is_(None) & counts
    seen = select(JourneyStep.person_id, JourneyStep.days, JourneyStep.at, func.max(SignIn.seen_at))
    seen = seen.join(SignIn, SignIn.person_id == JourneyStep.person_id).where(waits, SignIn.seen_at > JourneyStep.at)
    back = [
        (person_id, days)
        for person_id, days, at, last in session.execute(
            seen.group_by(JourneyStep.person_id, JourneyStep.days, JourneyStep.at)
        )
        if days or (last is not None and last > at + FIRST_DAY)  # on their first day people are here anyway
    ]
    for key in back:
        session.get_one(JourneyStep, key).returned_at = now
    session.flush()
    return len(back)


@dataclass(frozen=True, slots=True)
class Returns:
    """Of those who came to the step after so many days at least two weeks ago: how many were told, and how many of them
    came back; the same of those who were sent nothing.
    """

    days: int
    told: int = 0
    told_returned: int = 0
    control: int = 0
    control_returned: int = 0


def returns(session: Session, *, now: datetime) -> list[Returns]:
    """Whether people come back, with and without the messages. Administrators may read it. One query."""
    rows = session.execute(
        select(JourneyStep.days, JourneyStep.is_control, func.count(), func.count(JourneyStep.returned_at))
        .where(JourneyStep.at <= now - RETURN_WITHIN)
        .group_by(JourneyStep.days, JourneyStep.is_control)
    )
    found = {(days, control): (count, back) for days, control, count, back in rows}
    return [Returns(days, *found.get((days, False), (0, 0)), *found.get((days, True), (0, 0))) for days in DAYS]


def steps_of(session: Session, person: Person) -> Mapping[int, JourneyStep]:
    """The steps that a person has come to, by days. Administrators may read them."""
    return {one.days: one for one in session.scalars(select(JourneyStep).where(JourneyStep.person_id == person.id))}


def coming(session: Session, *, now: datetime, ahead: timedelta, zone: str) -> Iterator[tuple[datetime, int, int]]:
    """How many people will be told of each step, by day: its first instant, the days of the step, the number.

    Whoever comes here later is not known yet. One query for each step.
    """
    since = the_organisation(session).journey_since
    if since is None:
        return
    local = ZoneInfo(zone)
    for days in DAYS:
        late = timedelta(days=days)
        new = Person.created_at.between(max(now, since) - late, now + ahead - late)
        known: Sequence[tuple[int, datetime]] = [
            (person_id, at + late)
            for person_id, at in session.execute(
                select(Person.id, Person.created_at).where(new, Person.created_at <= now, gets_mail(now))
            )
            if at + late > now and not is_control(person_id)
        ]
        counts: Counter[date] = Counter(at.astimezone(local).date() for _id, at in known)
        first: dict[date, datetime] = {}
        for _id, at in known:
            on = at.astimezone(local).date()
            first[on] = min(at, first.get(on, at))
        for on, count in counts.items():
            yield first[on], days, count
