"""A form that takes long to arrive: no transaction of the database waits for it."""

import io

import pytest
from sqlalchemy.exc import InternalError

from app.access import loaders
from app.extensions import database

pytestmark = pytest.mark.one_database


class Line(io.BytesIO):
    """What a browser sends. It notes whether a transaction was open while some of it arrived."""

    def __init__(self, sent):
        super().__init__(sent)
        self.waited = []

    def read(self, *size):
        self.waited.append(database().in_transaction())
        return super().read(*size)

    def readinto(self, buffer):
        self.waited.append(database().in_transaction())
        return super().readinto(buffer)


def test_a_form_has_arrived_before_anything_is_read_from_the_database(signed_in, closed_campaign, alice):
    line = Line(b"body=Thanks+to+all")
    answer = signed_in(alice).post(
        f"/campaigns/{closed_campaign.id}/debrief/write",
        input_stream=line,
        content_length=len(line.getvalue()),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 303, answer.text
    assert line.waited
    assert not any(line.waited)


def test_whoever_was_too_slow_all_the_same_gets_their_text_back(signed_in, closed_campaign, alice, monkeypatch):
    class Ended(Exception):
        sqlstate = "25P03"

    def fail(*_given):
        raise InternalError("SELECT 1", {}, Ended("terminating connection due to idle-in-transaction timeout"))

    monkeypatch.setattr(loaders, "visible_campaign", fail)
    browser, here = signed_in(alice), f"/campaigns/{closed_campaign.id}/debrief/write"
    answer = browser.post(here, data={"body": "Thanks to all"}, headers={"Origin": "http://localhost"})
    assert (answer.status_code, "Thanks to all" in answer.text) == (503, True)
    Ended.sqlstate = "XX000"
    with pytest.raises(InternalError):
        browser.get(here)
