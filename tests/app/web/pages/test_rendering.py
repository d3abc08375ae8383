"""Instants and days, as they are read in each language."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import render_template_string
from flask_babel import force_locale
from jinja2 import DictLoader
from markupsafe import Markup, escape

from app.forms.people.person import zone_choices
from app.web.pages.dates import clock, day, moment, relative
from app.web.pages.rendering import inner, percent, quoted

FRIDAY = datetime(2026, 12, 4, 17, 30, tzinfo=UTC)


@pytest.fixture(params=["fr", "en"])
def language(app, request, monkeypatch) -> Iterator[str]:
    monkeypatch.setattr("app.web.pages.dates.now", lambda: FRIDAY)
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
        (date(2027, 1, 1), "1er janvier 2027", "1 January 2027"),
        (date(2026, 12, 1), "mardi 1er décembre 2026", "Tuesday 1 December 2026"),
        (date(2026, 12, 18), "vendredi 18 décembre 2026", "Friday 18 December 2026"),
        (date(2026, 12, 19), "19 décembre 2026", "19 December 2026"),
        (None, "", ""),
    ],
)
def test_a_day_has_its_weekday_within_two_weeks(language, value, french, english):
    assert day(value) == {"fr": french, "en": english}[language]


@pytest.mark.parametrize(
    ("hours", "french", "english"),
    [
        (23, "il y a 23 heures", "23 hours ago"),
        (24, "hier", "yesterday"),
        (47, "il y a 2 jours", "2 days ago"),
        (-20, "dans 20 heures", "in 20 hours"),
        (-26, "demain", "tomorrow"),
        (-72, "dans 3 jours", "in 3 days"),
    ],
)
def test_the_days_before_and_after_are_named(language, hours, french, english):
    assert relative(FRIDAY - timedelta(hours=hours)) == {"fr": french, "en": english}[language]


def test_time_zones_are_named_in_the_readers_language(language):
    labels = {choice.value: choice.label for choice in zone_choices(also="Europe/Paris", at=FRIDAY)}
    assert labels["Europe/London"] == {"fr": "Londres (UTC+00:00)", "en": "London (UTC+00:00)"}[language]
    assert labels["America/Montreal"] == {"fr": "Montréal (UTC-05:00)", "en": "Montreal (UTC-05:00)"}[language]
    assert labels["UTC"] == "UTC"


def test_several_names_have_the_languages_quotation_marks(language):
    assert quoted(["Bus", "<Vélos>"]) == {
        "fr": "«\u202fBus\u202f», «\u202f&lt;Vélos&gt;\u202f»",
        "en": "“Bus”, “&lt;Vélos&gt;”",
    }[language]  # fmt: skip


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


@pytest.mark.parametrize("value", ["<b>", Markup("<b>")])
def test_the_values_of_a_sentence_are_escaped_once(language, value):
    shown = render_template_string("{{ _('Closeness: %(share)s', share=value) }}", value=value)
    assert shown.endswith("<b>" if isinstance(value, Markup) else "&lt;b&gt;")


def test_a_mix_of_emotions_is_in_the_language_of_its_reader(app):
    written = {}
    for locale in ("fr", "en", "fr"):
        with app.test_request_context(), force_locale(locale):
            page = '{% from "macros/page.html" import emotion_mix %}{{ emotion_mix({"joy": 3}) }}'
            written[locale] = render_template_string(page)
    assert "Joie" in written["fr"]
    assert "Joy" in written["en"]


def test_a_macro_is_called_in_a_loop_with_names_and_with_a_body(language):
    source = (
        "{% macro one(a, b='-') %}{{ a }}{{ b }}{{ caller() if caller else '' }}{% endmacro %}"
        "{% for n in [1, 2] %}{% set m = n %}{{ one(m, b='<') }}{% call one(n) %}!{% endcall %}{% endfor %}"
    )
    assert render_template_string(source) == "1&lt;1-!2&lt;2-!"


def test_pages_have_no_indentation_and_what_is_shown_as_written_keeps_it(app):
    source = "<ul>\n  {% if true %}\n    <li>One\n      two</li>\n  {% endif %}\n</ul>\n"
    source += "<pre>a\n  b</pre>\n  <p>{{ text }}</p>"
    environment = app.jinja_env.overlay(loader=DictLoader({"page.html": source, "mail.txt": "a\n  b"}))
    written = environment.get_template("page.html").render(text="c\n  d")
    assert written == "<ul>\n<li>One\ntwo</li>\n</ul>\n<pre>a\n  b</pre>\n<p>c\n  d</p>"
    assert environment.get_template("mail.txt").render() == "a\n  b"
