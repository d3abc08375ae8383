from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.signing.browser import browser_of
from ideas.accounts.sign_in import SignIn
from tests.conftest import PASSWORD

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Safari/604"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit (KHTML, like Gecko) Chrome/140 Safari/537 Edg/140"


@pytest.fixture
def browsers(app, client, charlie):
    """Charlie's two browsers: the client's, and another one."""
    other = app.test_client()
    for browser, agent in ((client, FIREFOX), (other, SAFARI)):
        given = {"email": charlie.email, "password": PASSWORD}
        assert browser.post("/sign-in", data=given, headers={"User-Agent": agent}).status_code == 303
    return client, other


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, ("Firefox", "Windows")),
        (SAFARI, ("Safari", "iPhone")),
        (CHROME, ("Chrome", "Android")),
        (EDGE, ("Edge", "macOS")),
        ("curl/8", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_named_in_words_that_people_know(agent, words):
    assert browser_of(agent) == words


def test_the_page_lists_the_browsers_and_marks_this_one(browsers):
    page = browsers[0].get("/me/sessions").text
    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert page.count("This browser") == 1
    assert page.index("This browser") > page.index("Firefox on Windows")


def test_one_browser_is_signed_out(browsers, session):
    here, other = browsers
    ended = session.scalars(select(SignIn).where(SignIn.browser == "Safari")).one()
    assert here.post(f"/me/sessions/{ended.id}/end").status_code == 303
    assert other.get("/me").status_code == 303
    assert here.get("/me").status_code == 200
    assert "Safari" not in here.get("/me/sessions").text


def test_all_others_are_signed_out(browsers):
    here, other = browsers
    here.post("/me/sessions/end-others")
    assert other.get("/me").status_code == 303
    assert here.get("/me").status_code == 200


@pytest.mark.parametrize("number", [0, 2**31, 10**30])
def test_a_number_that_is_none_is_not_found(browsers, number):
    assert browsers[0].post(f"/me/sessions/{number}/end").status_code == 404


def test_nobody_ends_the_sign_in_of_somebody_else(browsers, signed_in, bob, session):
    sign_in = session.scalars(select(SignIn).where(SignIn.browser == "Safari")).one()
    assert signed_in(bob).post(f"/me/sessions/{sign_in.id}/end").status_code == 404
    assert browsers[1].get("/me").status_code == 200


def test_what_was_used_last_is_stored_once_an_hour(browsers, session):
    here, _other = browsers
    sign_in = session.scalars(select(SignIn).where(SignIn.browser == "Firefox")).one()
    minutes_ago = datetime.now(UTC) - timedelta(minutes=50)
    sign_in.seen_at = minutes_ago
    session.commit()
    here.get("/me")
    session.refresh(sign_in)
    assert sign_in.seen_at == minutes_ago
    sign_in.seen_at = minutes_ago - timedelta(minutes=20)
    session.commit()
    here.get("/me")
    session.refresh(sign_in)
    assert sign_in.seen_at > minutes_ago


def test_no_network_address_is_stored():
    assert not [column.key for column in SignIn.__table__.columns if "address" in column.key or "ip" in column.key]


def test_a_strange_header_is_stored_short(client, charlie, session):
    given = {"email": charlie.email, "password": PASSWORD}
    client.post("/sign-in", data=given, headers={"User-Agent": "Chrome" * 4_000 + "é\x01"})
    assert session.scalars(select(SignIn.browser)).all() == ["Chrome"]
