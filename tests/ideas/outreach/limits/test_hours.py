"""The hours in which people get mail: in their own zone, whatever clocks do there."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ideas.activity.activity import Verb, record
from ideas.outreach.limits.holidays import NO_HOLIDAYS
from ideas.outreach.limits.hours import (
    Frequency,
    Hours,
    HoursOutOfOrder,
    MailChoice,
    NoDayChosen,
    QuietOutOfOrder,
    QuietTooLong,
    Reader,
    UnknownCountry,
    choose_digest,
    choose_hours,
    choose_quiet,
    digest_of,
    hours_of,
)
from ideas.outreach.limits.learnt import learn_hours

pytestmark = pytest.mark.one_database
LUNCH = Hours()
DAYS = frozenset(range(7))


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "now", "expected"),
    [
        # 2 December 2026 is a Wednesday.
        (LUNCH, "Europe/Paris", "2026-12-02 09:00", "2026-12-02 12:00"),
        (LUNCH, "Europe/Paris", "2026-12-02 12:59", "2026-12-02 12:59"),
        (LUNCH, "Europe/Paris", "2026-12-02 14:00", "2026-12-03 12:00"),
        (LUNCH, "Europe/Paris", "2026-12-04 15:00", "2026-12-07 12:00"),
        (LUNCH, "America/New_York", "2026-12-05 23:00", "2026-12-07 12:00"),
        (LUNCH, "Asia/Kathmandu", "2026-12-02 11:59", "2026-12-02 12:00"),
        (LUNCH, "Pacific/Kiritimati", "2026-12-02 00:10", "2026-12-02 12:00"),
        (Hours(22, 24, DAYS), "Europe/Paris", "2026-12-02 23:59", "2026-12-02 23:59"),
        (Hours(0, 24, frozenset({6})), "Europe/Paris", "2026-12-02 08:00", "2026-12-06 00:00"),
        # Clocks go from 2 to 3 on 29 March, and back from 3 to 2 on 25 October.
        (LUNCH, "Europe/Paris", "2026-03-27 15:00", "2026-03-30 12:00"),
        (Hours(2, 3, DAYS), "Europe/Paris", "2026-03-29 00:30", "2026-03-30 02:00"),
        (Hours(2, 4, DAYS), "Europe/Paris", "2026-03-29 00:30", "2026-03-29 03:00"),
        (Hours(3, 4, DAYS), "Europe/Paris", "2026-10-25 01:00", "2026-10-25 03:00"),
        # Samoa had no 30 December 2011, a Friday.
        (Hours(country=NO_HOLIDAYS), "Pacific/Apia", "2011-12-29 15:00", "2012-01-02 12:00"),
        # Holidays of the zone's country: Ascension Day is a Thursday, Easter Monday follows a weekend.
        (LUNCH, "Europe/Paris", "2026-05-14 12:30", "2026-05-15 12:00"),
        (LUNCH, "Europe/Paris", "2026-04-03 15:00", "2026-04-07 12:00"),
        (LUNCH, "America/New_York", "2026-05-14 12:30", "2026-05-14 12:30"),
        (LUNCH, "UTC", "2026-12-25 12:30", "2026-12-25 12:30"),
        # Of the country that was chosen, whatever the zone; of none.
        (Hours(country="US"), "Europe/Paris", "2026-11-26 09:00", "2026-11-27 12:00"),
        (Hours(country=NO_HOLIDAYS), "Europe/Paris", "2026-05-14 12:30", "2026-05-14 12:30"),
        # Quiet days, over an end of the year and its holiday.
        (Hours(quiet=(date(2026, 12, 21), date(2026, 12, 31))), "Europe/Paris", "2026-12-21 12:30", "2027-01-04 12:00"),
        (Hours(quiet=(date(2026, 2, 1), date(2026, 4, 1))), "Europe/Paris", "2026-02-01 12:30", "2026-04-02 12:00"),
    ],
)
def test_a_mail_goes_out_in_the_next_hour_that_suits(hours, zone, now, expected):
    assert hours.next(at(now, zone), zone) == at(expected, zone)


def test_an_hour_that_comes_twice_counts_in_full():
    twice = Hours(2, 3, DAYS)
    begins = at("2026-10-25 02:00", "Europe/Paris")
    for minutes in (0, 59, 61, 119):
        now = begins + timedelta(minutes=minutes)
        assert twice.next(now, "Europe/Paris") == now


def test_a_week_is_one_of_the_person():
    sunday = at("2026-12-06 23:30", "UTC")
    paris, lima = (Reader(LUNCH, zone, Frequency.WEEKLY) for zone in ("Europe/Paris", "America/Lima"))
    assert [one.week(sunday).isoformat() for one in (paris, lima)] == ["2026-12-07", "2026-11-30"]
    assert lima.week_ends(sunday) == at("2026-12-07 00:00", "America/Lima")


def test_a_person_chooses_hours_days_and_digest(session, charlie):
    choose_digest(session, charlie, Frequency.DAILY)
    choose_hours(session, charlie, first=18, last=24, days=[5, 1, 5])
    session.commit()
    assert (hours_of(session, charlie), digest_of(session, charlie)) == (
        Hours(18, 24, frozenset({1, 5})), Frequency.DAILY,
    )  # fmt: skip
    for first, last in ((12, 12), (14, 12), (-1, 3), (3, 25)):
        with pytest.raises(HoursOutOfOrder):
            choose_hours(session, charlie, first=first, last=last, days=[1])
    for days in ([], [7], [-1]):
        with pytest.raises(NoDayChosen):
            choose_hours(session, charlie, first=1, last=3, days=days)
    assert session.get(MailChoice, charlie.id).days == [1, 5]


def test_quiet_days_are_in_order_and_end_some_day(session, charlie):
    first = date(2026, 7, 1)
    kept = {"country": None, "learns": False}
    for wrong, error in (
        ({"first": first, "last": None}, QuietOutOfOrder),
        ({"first": first, "last": first - timedelta(days=1)}, QuietOutOfOrder),
        ({"first": first, "last": first + timedelta(days=60)}, QuietTooLong),
        ({"first": None, "last": None, "country": "ZZ"}, UnknownCountry),
    ):
        with pytest.raises(error):
            choose_quiet(session, charlie, **kept | wrong)
    choose_quiet(session, charlie, first=first, last=first + timedelta(days=59), **kept)
    assert hours_of(session, charlie).quiet == (first, date(2026, 8, 29))


def test_hours_are_learnt_of_who_agreed_alone_and_forgotten_once_they_no_longer_do(session, campaign, charlie, bob):
    now = at("2026-11-30 09:00", "Europe/Paris")
    for person in (charlie, bob):
        person.timezone = "Europe/Paris"
        for days in (3, 4, 5, 6, 7):  # at 18 and 19 o'clock of weekdays, and much more on one morning
            when = at(f"2026-11-{27 - days:02} 18:30", "Europe/Paris")
            record(session, Verb.SUPPORTED, campaign, by=person, now=when + timedelta(hours=days % 2))
        for minute in range(9):
            record(session, Verb.SUPPORTED, campaign, by=person, now=at(f"2026-11-25 10:0{minute}", "Europe/Paris"))
    choose_hours(session, charlie, first=8, last=9, days=range(7))
    choose_quiet(session, charlie, country=None, first=None, last=None, learns=True)
    choose_hours(session, bob, first=8, last=9, days=range(7))
    session.commit()
    assert learn_hours(session, now=now) == 1
    assert (hours_of(session, charlie).first_hour, hours_of(session, charlie).last_hour) == (18, 20)
    assert hours_of(session, bob).first_hour == 8
    choose_quiet(session, charlie, country=None, first=None, last=None, learns=False)
    assert session.get(MailChoice, charlie.id).learnt_hour is None
    assert hours_of(session, charlie).first_hour == 8
    choose_quiet(session, charlie, country=None, first=None, last=None, learns=True)
    assert learn_hours(session, now=now + timedelta(days=90)) == 0, "what is long ago says nothing"
