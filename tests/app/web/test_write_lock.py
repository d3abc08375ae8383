# ruff: noqa: F401, F811 -- fixtures of another file
"""No page is rendered while its request holds the write lock of SQLite, or locks of rows: others would wait for it."""

import io
from itertools import product

import pytest
from flask import has_request_context
from sqlalchemy import event

from app.database import sqlite
from app.web.pages import rendering
from tests.app.access.test_enforcement import call, campaign_in, cast, fill, no_write, routes
from tests.app.server.test_hostile_requests import OPEN_AND_CLOSED, share_of, who

pytestmark = pytest.mark.slow

# Values that many forms accept, so that also what follows a success is seen.
SENSIBLE = {
    "title": "Easier evenings",
    "body": "A bus on Sunday.",
    "name": "Buses",
    "reason": "Because it helps.",
    "change_reason": "It was wrong.",
    "emotion": "joy",
    "brief": "yes",
    "status": "planned",
    "decided_on": "2027-01-04",
    "due_on": "2027-03-01",
    "expected_on": "2027-03-01",
    "progress": "10",
    "level": "1",
    "to": "alone",
    "role": "observer",
    "text": "0",
    "act": "submit",
    "version": "1",
    "locale": "en",
    "timezone": "Europe/Paris",
    "email": "bob@example.org",
    "password": "correct horse battery",
}


@pytest.fixture
def locked_calls(connection, monkeypatch):
    """What templates called while a transaction of their request could write.

    Each transaction of a request is a savepoint here. It may write unless it would begin with BEGIN: see app.database.
    """
    begun, found = [], []

    def began(_connection, name):
        begun.append((name, has_request_context() and not sqlite._only_reads()))  # noqa: SLF001 -- what BEGIN asks, too

    def ended(_connection, name, _context):
        while begun and begun.pop()[0] != name:
            pass

    real = rendering._Context.call  # noqa: SLF001 -- every function and macro that a template calls passes here

    def watched(self, function, /, *args, **kwargs):
        if any(may_write for _name, may_write in begun):
            found.append((self.name, getattr(function, "__name__", "")))
        return real(self, function, *args, **kwargs)

    monkeypatch.setattr(rendering._Context, "call", watched)  # noqa: SLF001 -- as above
    event.listen(connection, "savepoint", began)
    event.listen(connection, "rollback_savepoint", ended)
    event.listen(connection, "release_savepoint", ended)
    yield found
    event.remove(connection, "savepoint", began)
    event.remove(connection, "rollback_savepoint", ended)
    event.remove(connection, "release_savepoint", ended)


def bodies(named):
    """Nothing, and what most forms accept."""
    yield {}
    rows = {"idea": named["idea_id"], "theme": named["theme_id"], "respondent": named["person_id"]}
    yield SENSIBLE | rows | {"owner": named["person_id"], "to": named["theme_id"], "check": "yes"}


@pytest.mark.parametrize("state", OPEN_AND_CLOSED)
def test_no_template_is_rendered_while_the_request_may_write(app, campaign_in, fill, call, cast, state, locked_calls):
    named = fill(campaign_in(state), cast["participant"])
    wrong = {}
    ways = list(product(bodies(named), ({"HX-Request": "true"}, {"Origin": "http://localhost"})))
    for place, (endpoint, _, address) in enumerate(routes(app, named, method="POST", state=state)):
        for person in {cast["participant"], *(cast[role] for role in who(app.extensions["needs"][endpoint]))}:
            for body, headers in share_of(ways, state, place):
                locked_calls.clear()
                call(person, "POST", address, data=body, headers=headers)
                if locked_calls:
                    wrong[endpoint, str(headers)] = locked_calls[0]
    assert wrong == {}


def test_a_preview_writes_nothing(connection, signed_in, alice, closed_campaign):
    browser, address = signed_in(alice), f"/campaigns/{closed_campaign.id}"
    file = {"file": (io.BytesIO(b"text\nOne\n"), "a.csv")}
    upload = browser.post(f"{address}/import", data=file).location
    previews = {
        f"{address}/debrief/preview": {"body": "Thanks for {{ ideas_label }}."},
        upload: {"text": "0", "check": "yes"},
    }
    for page, data in previews.items():
        with no_write(connection):
            assert browser.post(page, data=data, headers={"HX-Request": "true"}).status_code == 200
