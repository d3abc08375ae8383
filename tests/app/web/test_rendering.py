"""Instants and days, as they are read in each language."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import render_template_string
from flask_babel import force_locale
from markupsafe import escape

from app.web.rendering import clock, day, inner, moment, percent

FRIDAY = datetime(2026, 12, 4, 17, 30, tzinfo=UTC)


@pytest.fixture(params=["fr", "en"])
def language(app, request) -> Iterator[str]:
    with app.test_request_context(), force_locale(request.param):
        yield request.param


def test_an_instant_is_written_out_in_the_readers_zone(language):
    assert moment(FRIDAY) == {
        "fr": "vendredi 4 décembre 2026 à 18\u202fh\u202f30",
        "en": "Friday 4 December 2026 at 18:30",
    }[language]  # fmt: skip


def test_a_full_hour_needs_no_minutes_in_french(language):
    assert clock(FRIDAY.replace(minute=0)) == {"fr": "18\u202fh", "en": "18:00"}[language]


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (date(2027, 1, 1), "vendredi 1er janvier 2027", "Friday 1 January 2027"),
        (date(2027, 1, 21), "jeudi 21 janvier 2027", "Thursday 21 January 2027"),
        (None, "", ""),
    ],
)
def test_the_first_of_a_month_is_counted_in_french(language, value, french, english):
    assert day(value) == {"fr": french, "en": english}[language]


def test_a_share_is_written_as_the_language_does(language):
    assert percent(0.404) == {"fr": "40\xa0%", "en": "40%"}[language]


def test_a_quotation_within_another_has_other_marks(language):
    name = {"fr": "«\u202fVoir plus haut\u202f», oui", "en": "“See above”, yes"}[language]
    assert inner(name) == {"fr": "“Voir plus haut”, oui", "en": "‘See above’, yes"}[language]
    assert inner("Night <b>buses") == "Night <b>buses"
    assert escape(inner(escape(f"{name} & co"))) == escape(f"{inner(name)} & co"), "escaped once"


def test_a_count_is_written_as_the_language_writes_numbers(language):
    count = "{{ ngettext('%(num)s idea', '%(num)s ideas', count) }}"
    assert render_template_string(count, count=6884) == {"fr": "6\u202f884 idées", "en": "6,884 ideas"}[language]
    assert render_template_string(count, count=1) == {"fr": "1 idée", "en": "1 idea"}[language]
