"""Public holidays: days on which nobody is sent what can wait. Those of the whole country, not of a region of it.

The days come from the package `holidays`, which is imported where a day is looked up first: it takes a tenth of a
second.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache

from babel.core import get_global

# What a person chooses who wants mail on holidays too.
NO_HOLIDAYS = ""


@lru_cache(1_000)
def country_of(zone: str) -> str:
    """The country of a time zone, as ISO 3166 writes it; NO_HOLIDAYS where it has none, or none with known holidays."""
    code = get_global("zone_territories").get(zone, "")
    return code if code in countries() else NO_HOLIDAYS


@cache
def countries() -> Sequence[str]:
    """The countries whose holidays are known."""
    from holidays import list_supported_countries

    return sorted(list_supported_countries(include_aliases=False))


def is_holiday(day: date, country: str) -> bool:
    """True on a public holiday of this country. NO_HOLIDAYS has none."""
    return country != NO_HOLIDAYS and day in _holidays(country, day.year)


@lru_cache(1_000)
def _holidays(country: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    # Where a holiday moves because it falls on a weekend, the day that is free instead is one too.
    return frozenset(country_holidays(country, years=year)) if country in countries() else frozenset()
