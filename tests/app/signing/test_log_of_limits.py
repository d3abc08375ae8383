# ruff: noqa: F401, F811 -- fixtures of another file
"""Each request that a limit refuses is logged: its route, who, which limit; and no address in clear."""

import logging

import pytest
from flask import abort

from ideas.people import limit
from ideas.people.limit import NEW_ACCOUNT_LIMITS, LimitedAct
from tests.app.people.test_person import strict

ADDRESS = {"REMOTE_ADDR": "203.0.113.7"}
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def everything(caplog):
    caplog.set_level(logging.DEBUG)


def lines(caplog):
    return [record.getMessage() for record in caplog.records if record.getMessage().startswith("429:")]


def test_the_limiter_in_memory_is_logged_without_the_address_and_the_account_that_was_typed(strict, caplog):
    client, given = strict.test_client(), {"email": "somebody@example.org", "password": "not it"}
    for _ in range(7):
        answer = client.post("/sign-in", data=given, environ_base=ADDRESS)
    assert answer.status_code == 429
    [line] = lines(caplog)
    assert line.startswith("429: POST person.sign_in by address ")
    assert line.endswith(", limit: 6 per 1 minute")
    said = [record.getMessage() for record in caplog.records if record.name in {"app", "flask-limiter"}]
    assert not any("somebody@" in sentence for sentence in said)


def test_a_limit_of_an_account_is_logged_whatever_asks(signed_in, campaign, idea, alice, bob, caplog, monkeypatch):
    """A form, a form for htmx, and the draft that is saved while somebody writes."""
    for act in (LimitedAct.COMMENT, LimitedAct.RESPOND, LimitedAct.DRAFT, LimitedAct.SUBMIT):
        monkeypatch.setitem(
            NEW_ACCOUNT_LIMITS, act, [type(NEW_ACCOUNT_LIMITS[act][0])(0, NEW_ACCOUNT_LIMITS[act][0].within)]
        )
    browser, ideas = signed_in(bob), f"/campaigns/{campaign.id}/ideas"
    asked = {
        "comment.add": (f"{ideas}/{idea.id}/comments", {}, "comment"),
        "idea_draft.new": (f"{ideas}/new", {}, "submit"),
        "idea_draft.save": (f"{ideas}/save", HTMX, "draft"),
        "vote.cast": (f"{ideas}/{idea.id}/vote", HTMX, "respond"),
    }
    for endpoint, (address, headers, limited) in asked.items():
        caplog.clear()
        answer = browser.post(address, data={"body": "A bus"}, headers=headers, environ_base=ADDRESS)
        assert answer.status_code == 429
        assert lines(caplog) == [f"429: POST {endpoint} by person {bob.id}, limit: {limited}"]
        assert "203.0.113.7" not in caplog.text


@pytest.mark.usefixtures("set_up")
def test_sign_ups_and_tries_to_sign_in_are_logged_with_a_hash_of_the_network(client, caplog, monkeypatch):
    few = [limit.Allowance(0, limit.LIMITS[LimitedAct.SIGN_UP][0].within)]
    monkeypatch.setattr(limit, "LIMITS", limit.LIMITS | {LimitedAct.SIGN_UP: few, LimitedAct.SIGN_IN: few})
    data = {
        "name": "Dora",
        "email": "dora@example.org",
        "password": "correct horse battery",
        "rules": "y",
        "locale": "en",
    }
    for page, limited in (("sign-up", "sign_up"), ("sign-in", "sign_in")):
        caplog.clear()
        answer = client.post(f"/{page}", data=data, environ_base=ADDRESS)
        assert answer.status_code == 429, answer.text
        [line] = lines(caplog)
        assert line.startswith(f"429: POST person.{limited} by address ")
        assert line.endswith(f", limit: {limited}")
        assert "203.0.113.7" not in caplog.text
        assert "dora@" not in caplog.text


def test_any_other_429_is_logged_too(app, caplog):
    with app.test_request_context("/campaigns", environ_base=ADDRESS):
        app.process_response(app.handle_user_exception(too_many()))
    [line] = lines(caplog)
    assert line.endswith(", limit: unknown")


def too_many():
    with pytest.raises(Exception, match="429") as error:
        abort(429)
    return error.value
