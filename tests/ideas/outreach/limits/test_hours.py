"""The hours in which people get mail: in their own zone, whatever clocks do there."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ideas.outreach.limits.hours import (
    Frequency,
    Hours,
    HoursOutOfOrder,
    MailChoice,
    NoDayChosen,
    Reader,
    choose_digest,
    choose_hours,
    digest_of,
    hours_of,
)

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
        (LUNCH, "Pacific/Apia", "2011-12-29 15:00", "2012-01-02 12:00"),
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
