"""Instants, days and zones as people read and type them: in the reader's zone and language."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import inf
from zoneinfo import ZoneInfo

from babel.dates import TIMEDELTA_UNITS, format_timedelta, get_timezone_location
from flask_babel import format_date, get_timezone, to_user_timezone

from app.clock import now
from app.web.pages.language import MAX_KEPT, gettext, language

MAX_DAYS_WITH_WEEKDAY = 14  # further away, a weekday says nothing
_FIRST = re.compile(r"\b1(?= )")


def moment(instant: datetime | None) -> str:
    """An instant in the reader's zone, written out: “vendredi 4 décembre 2026 à 18 h 30”."""
    if instant is None:
        return ""
    local = to_user_timezone(instant)
    return str(gettext("%(day)s at %(time)s", day=day(local.date()), time=clock(instant)))


def zoned(instant: datetime | None) -> str:
    """As `moment`, with the zone: for what people must not miss."""
    if instant is None:
        return ""
    return str(gettext("%(moment)s (%(city)s time)", moment=moment(instant), city=zone()))


def clock(instant: datetime) -> str:
    """The time of day in the reader's zone: “18 h”, “18 h 30”, “18:30”."""
    return _hour(to_user_timezone(instant))


def _hour(local: datetime) -> str:
    if language() != "fr":
        return str(local.strftime("%H:%M"))
    return f"{local.hour}\u202fh" if local.minute == 0 else f"{local.hour}\u202fh\u202f{local.minute:02}"


def day(value: date | datetime | None) -> str:
    """A day, written out: “4 décembre 2027”, and within two weeks “vendredi 4 décembre 2026”."""
    if value is None:
        return ""
    on = to_user_timezone(value).date() if isinstance(value, datetime) else value
    # Today in UTC: mail, which has no reader's zone, is written with days too.
    is_near = abs((on - now().date()).days) <= MAX_DAYS_WITH_WEEKDAY
    return _day(language(), on, with_weekday=is_near)


@lru_cache(MAX_KEPT)
def _day(language: str, value: date, *, with_weekday: bool) -> str:
    written = str(format_date(value, "EEEE d MMMM y" if with_weekday else "d MMMM y", rebase=False))
    # French counts the first of a month and only names the others.
    return _FIRST.sub("1er", written) if language == "fr" else written


def short_day(value: date) -> str:
    """A day in a narrow column: “4 déc. 2026”."""
    return str(format_date(value, "d MMM y", rebase=False))


def relative(instant: datetime) -> str:
    """How far an instant is from now: “dans 3 jours”, “demain”, “il y a 2 heures”."""
    distance = instant - now()
    if abs(distance) >= timedelta(days=1):
        reader_zone = get_timezone()
        days = (instant.astimezone(reader_zone).date() - now().astimezone(reader_zone).date()).days
        if abs(days) == 1:
            return str(gettext("tomorrow") if days == 1 else gettext("yesterday"))
        distance = timedelta(days=days)
    seconds = distance.days * 24 * 60 * 60 + distance.seconds
    finest = "minute" if abs(distance) < timedelta(days=2) else "day"
    unit, length = next(
        (unit, length) for unit, length in TIMEDELTA_UNITS if abs(seconds) >= 1.1 * length or unit == finest
    )
    count = max(1, round(abs(seconds) / length)) if seconds else 0
    return _distance(language(), unit, count * length if seconds >= 0 else -count * length)


@lru_cache(MAX_KEPT)
def _distance(language: str, unit: str, seconds: int) -> str:
    """A distance in this unit, whatever its size."""
    return format_timedelta(seconds, granularity=unit, add_direction=True, threshold=inf, locale=language)  # type: ignore[arg-type]


def month(value: date) -> str:
    """A month with its year: “novembre 2026”."""
    return str(format_date(value, "MMMM y", rebase=False))


def span(length: timedelta) -> str:
    """How long something takes, from a minute on: “3 heures”, “2 jours”."""
    return str(
        format_timedelta(max(length, timedelta(minutes=1)), threshold=1.5, granularity="minute", locale=language())
    )


def iso(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


def until(instant: datetime) -> str:
    """When one may go on, to the minute after: “at 18:31”, or with its day where that is not today."""
    instant = (instant + timedelta(seconds=59)).replace(second=0, microsecond=0)
    time = clock(instant)
    if to_user_timezone(instant).date() == to_user_timezone(now()).date():
        return str(gettext("at %(time)s", time=time))
    return str(gettext("on %(day)s at %(time)s", day=day(to_user_timezone(instant).date()), time=time))


def local_input(instant: datetime | None) -> datetime | None:
    """An instant in the format of a datetime-local control: naive, in the reader's zone.

    `fold` says which one it is of an hour that comes twice, so that `from_input` gives the instant back.
    """
    return instant.astimezone(_reader_zone()).replace(tzinfo=None) if instant else None


def from_input(local: datetime | None) -> datetime | None:
    """The instant of a datetime-local control's value, which is in the reader's zone. For a field of a form that shows
    a stored date, `instant_of` of app.forms.campaigns.campaign.
    """
    return local.replace(tzinfo=_reader_zone()).astimezone(UTC) if local else None


def day_begins(on: date) -> datetime:
    """The instant when this day begins in the reader's zone."""
    begins: datetime = get_timezone().localize(datetime.combine(on, time()))
    return begins


def hour_objection(local: datetime) -> str:
    """Why this hour of the reader's zone is no instant, or "": it is skipped, or comes twice, in the night in which the
    clocks change.
    """
    first, second = (local.replace(tzinfo=_reader_zone(), fold=fold).utcoffset() for fold in (0, 1))
    if first is None or second is None or first == second:
        return ""
    words = {"hour": _hour(local), "day": day(local.date()), "city": zone()}
    if first < second:
        return str(
            gettext(
                "%(hour)s does not exist on %(day)s (%(city)s time): clocks go forward. Choose another time.", **words
            )
        )
    return str(
        gettext("%(hour)s comes twice on %(day)s (%(city)s time): clocks go back. Choose another time.", **words)
    )


def _reader_zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))


def zone() -> str:
    """The city whose time the reader is shown: “Paris”."""
    return city(str(get_timezone()))


def city(timezone: str) -> str:
    """The city that a time zone is named after: “Londres”, “London”."""
    return _city(language(), timezone)


@lru_cache(MAX_KEPT)
def _city(language: str, timezone: str) -> str:
    if timezone == "America/Montreal":  # which Babel takes for Toronto
        return str(gettext("Montreal"))
    return get_timezone_location(timezone, locale=language, return_city=True)
