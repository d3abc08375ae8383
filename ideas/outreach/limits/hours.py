"""The hours in which a person gets mail: lunch on weekdays, in their own time zone, unless they chose others.

No mail goes out on public holidays of their country and on quiet days, which they choose. What may not wait goes out at
once: see `ideas.outreach.limits.budget`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, String, false, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.outreach.limits.holidays import countries, country_of, is_holiday
from ideas.people.person import Person

WEEK = range(7)
HOURS = 24
# How many hours are learnt: see `ideas.outreach.limits.learnt`.
LEARNT_HOURS = 2
# A mail waits no longer than that for quiet days to end.
MAX_QUIET_DAYS = 60
# Some days are holidays, or short, or have no such hour, where clocks change: the next ones have.
_MAX_DAYS_AHEAD = MAX_QUIET_DAYS + 35


class HoursOutOfOrder(DomainError):
    message = message_id("Choose an end that is later than the beginning.")


class NoDayChosen(DomainError):
    message = message_id("Choose at least one day for your emails.")


class QuietOutOfOrder(DomainError):
    message = message_id("Enter a first and a last day, in this order.")


class QuietTooLong(DomainError):
    message = message_id("Choose %(most)s quiet days at most: your emails wait until they end.")


class UnknownCountry(DomainError):
    message = message_id("Choose a country from the list.")


class Frequency(StrEnum):
    """How often a person gets a digest."""

    WEEKLY = "weekly"
    DAILY = "daily"
    NONE = "none"


class MailChoice(Base):
    """A person's own hours, days and digest. Where there is no row, it is as in `Hours` and weekly.

    `country`: whose holidays they have; None where it follows from their zone. `quiet_from`, `quiet_until`: their quiet
    days, the last one too. `learns`: they agreed that their hours are learnt. `learnt_hour`: when those begin.
    """

    __tablename__ = "mail_choice"
    __table_args__ = (
        CheckConstraint("0 <= first_hour AND first_hour < last_hour AND last_hour <= 24", name="hours_in_order"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    # From the beginning of the first until the beginning of the last, which may be 24.
    first_hour: Mapped[int]
    last_hour: Mapped[int]
    # Monday is 0.
    days: Mapped[list[Any]]
    digest: Mapped[Frequency] = mapped_column(choice(Frequency))
    country: Mapped[str | None] = mapped_column(String(2))
    quiet_from: Mapped[date | None]
    quiet_until: Mapped[date | None]
    learns: Mapped[bool] = mapped_column(default=False, server_default=false())
    learnt_hour: Mapped[int | None]


@dataclass(frozen=True, slots=True)
class Hours:
    """From when until when, and on which days of the week, of which Monday is 0.

    `country`: whose holidays are left out; None where it follows from the zone. `quiet`: the first and the last of the
    days that are left out too.
    """

    first_hour: int = 12
    last_hour: int = 14
    days: frozenset[int] = frozenset(range(5))
    country: str | None = None
    quiet: tuple[date, date] | None = None

    def next(self, now: datetime, zone: str) -> datetime:
        """The first instant from now on that is within these hours: now, or the next beginning.

        Where clocks change, an hour that a day has not is skipped, and one that it has twice counts in full.
        """
        local = zone_of(zone)
        today = now.astimezone(local).date()
        country = self.country if self.country is not None else country_of(zone)
        for ahead in range(_MAX_DAYS_AHEAD):
            day = today + timedelta(days=ahead)
            if day.weekday() not in self.days or self.is_quiet(day) or is_holiday(day, country):
                continue
            begins, ends = (_instant(day, hour, local) for hour in (self.first_hour, self.last_hour))
            # A zone that moved over the date line had no such day.
            if now < ends and begins < ends and begins.astimezone(local).date() == day:
                return max(now, begins)
        return now

    def is_quiet(self, day: date) -> bool:
        """True on one of the person's quiet days."""
        return self.quiet is not None and self.quiet[0] <= day <= self.quiet[1]


@dataclass(frozen=True, slots=True)
class Reader:
    """When one person gets mail, and how often a digest."""

    hours: Hours
    zone: str
    digest: Frequency

    def next(self, now: datetime) -> datetime:
        return self.hours.next(now, self.zone)

    def is_away(self, at: datetime) -> bool:
        """True while one of their quiet days lasts, where they are."""
        return self.hours.is_quiet(at.astimezone(zone_of(self.zone)).date())

    def week(self, at: datetime) -> date:
        """The Monday of the week of this instant, where they are."""
        day = at.astimezone(zone_of(self.zone)).date()
        return day - timedelta(days=day.weekday())

    def week_ends(self, at: datetime) -> datetime:
        """When the week of this instant ends, where they are."""
        return _instant(self.week(at) + timedelta(days=7), 0, zone_of(self.zone))


DEFAULT = Hours()


def hours_of(session: Session, person: Person) -> Hours:
    """The person's hours: their own, or those of everyone."""
    return readers(session, [person.id])[person.id].hours


def digest_of(session: Session, person: Person) -> Frequency:
    """How often the person gets a digest."""
    return readers(session, [person.id])[person.id].digest


def readers(session: Session, people: Sequence[int]) -> dict[int, Reader]:
    """When each of these people gets mail, at most a thousand at a time. One query."""
    found = session.execute(
        select(Person.id, Person.timezone, MailChoice)
        .outerjoin(MailChoice, MailChoice.person_id == Person.id)
        .where(Person.id.in_(people))
    )
    return {person_id: _reader(zone, chosen) for person_id, zone, chosen in found}


def _reader(zone: str, chosen: MailChoice | None) -> Reader:
    if chosen is None:
        return Reader(DEFAULT, zone, Frequency.WEEKLY)
    hours = chosen_hours(chosen)
    if chosen.learns and chosen.learnt_hour is not None:
        hours = replace(hours, first_hour=chosen.learnt_hour, last_hour=chosen.learnt_hour + LEARNT_HOURS)
    return Reader(hours, zone, chosen.digest)


def chosen_hours(chosen: MailChoice | None) -> Hours:
    """The hours that the person chose, or those of everyone, whatever was learnt."""
    if chosen is None:
        return DEFAULT
    quiet = None
    if chosen.quiet_from is not None and chosen.quiet_until is not None:
        quiet = chosen.quiet_from, chosen.quiet_until
    return Hours(chosen.first_hour, chosen.last_hour, frozenset(chosen.days), chosen.country, quiet)


def mail_choice(session: Session, person: Person) -> MailChoice | None:
    """What the person chose; None where they chose nothing."""
    return session.get(MailChoice, person.id)


def choose_hours(session: Session, person: Person, *, first: int, last: int, days: Collection[int]) -> None:
    """The hours and the days on which this person gets mail, from now on. Only they may.

    Raises HoursOutOfOrder, NoDayChosen.
    """
    if not 0 <= first < last <= HOURS:
        raise HoursOutOfOrder
    kept = sorted(set(days).intersection(WEEK))
    if not kept:
        raise NoDayChosen
    row = _own(session, person)
    row.first_hour, row.last_hour, row.days = first, last, kept
    session.flush()


def choose_quiet(
    session: Session, person: Person, *, country: str | None, first: date | None, last: date | None, learns: bool
) -> None:
    """On which days this person gets no mail, and whether their hours are learnt. Only they may choose it.

    `country`: whose holidays they have; None for that of their zone, NO_HOLIDAYS for none. `first`, `last`: of their
    quiet days, or none. What was learnt is deleted once they no longer agree.
    Raises UnknownCountry, QuietOutOfOrder, QuietTooLong.
    """
    if country and country not in countries():
        raise UnknownCountry
    if (first is None) != (last is None):
        raise QuietOutOfOrder
    if first is not None and last is not None:
        if last < first:
            raise QuietOutOfOrder
        if (last - first).days >= MAX_QUIET_DAYS:
            raise QuietTooLong(most=MAX_QUIET_DAYS)
    row = _own(session, person)
    row.country, row.quiet_from, row.quiet_until, row.learns = country, first, last, learns
    if not learns:
        row.learnt_hour = None
    session.flush()


def choose_digest(session: Session, person: Person, frequency: Frequency) -> None:
    """How often this person gets a digest. They may, and whoever holds the link in one may switch it off."""
    _own(session, person).digest = frequency
    session.flush()


def _own(session: Session, person: Person) -> MailChoice:
    """The person's row, made where they have none. Two requests at once change the same one."""
    row = session.get(MailChoice, person.id)
    if row is None:
        row = MailChoice(
            person_id=person.id,
            first_hour=DEFAULT.first_hour,
            last_hour=DEFAULT.last_hour,
            days=sorted(DEFAULT.days),
            digest=Frequency.WEEKLY,
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # another request made it at the same moment
            return session.get_one(MailChoice, person.id)
    return row


@lru_cache(1_000)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(4_096)
def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """When this hour begins there. A day has 24 of them in its clock, whatever it has in fact."""
    day, hour = (day + timedelta(days=1), 0) if hour == HOURS else (day, hour)
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
