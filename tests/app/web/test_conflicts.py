from datetime import UTC, date, datetime

import pytest
from flask import render_template_string
from wtforms import DateField, SelectChoice, SelectField, TextAreaField

from app.forms.versioned import VersionedForm
from app.web.conflicts import Difference, compare
from app.web.errors import show_refusals
from ideas.activity.version import ChangedMeanwhile
from ideas.errors import EmptyText

PANEL = '{% from "macros/conflict.html" import conflict_panel %}{{ conflict_panel(conflict, "/here") }}'


class NoteForm(VersionedForm):
    text = TextAreaField("Text")
    kind = SelectField("Kind", coerce=int, choices=[SelectChoice("1", "Large"), SelectChoice("2", "Small")])
    on = DateField("Day")


@pytest.fixture
def form(app, client):
    """A form that was opened at version 3 and sent."""
    sent = {"version": "3", "text": "Mine\r\nhere <b>", "kind": "2", "on": "2027-03-01"}
    with app.test_request_context(method="POST", data=sent, headers={"Accept-Language": "en"}):
        yield NoteForm()


@pytest.fixture
def refused(app, connection, form):
    with show_refusals(form, {ChangedMeanwhile: form.text}):
        raise ChangedMeanwhile
    return form


SAVED = {"text": "Theirs", "kind": 1, "on": date(2027, 3, 1)}


def test_a_conflict_shows_both_versions_and_keeps_what_was_typed(refused):
    at = datetime(2027, 1, 5, 12, tzinfo=UTC)
    conflict = compare(refused, SAVED, version=7, by="Bob", at=at)
    assert conflict.differences == (
        Difference("Text", "Theirs", "Mine\nhere <b>"),
        Difference("Kind", "Large", "Small"),
    )
    assert (refused.http_status, refused.text.data) == (409, "Mine\r\nhere <b>")
    panel = render_template_string(PANEL, conflict=conflict)
    for words in ("Bob saved another version on", "Theirs", "Mine\nhere &lt;b&gt;", "Large", "Small", 'href="/here"'):
        assert words in panel
    assert "Day" not in panel


def test_sent_again_it_replaces_the_version_that_was_shown(refused):
    assert refused.seen == 3
    compare(refused, SAVED, version=7)
    assert refused.seen == 7
    assert 'value="7"' in refused.version()


def test_without_a_conflict_there_is_nothing_to_compare(app, connection, form):
    assert (compare(form, SAVED, version=7), form.http_status, form.seen) == (None, 200, 3)
    with show_refusals(form):
        raise EmptyText
    assert (compare(form, SAVED, version=7), form.http_status) == (None, 422)


def test_a_form_without_a_version_saw_none(app, client):
    for version in ("", "many"):
        with app.test_request_context(method="POST", data={"version": version}):
            form = NoteForm()
            assert form.seen == 0
