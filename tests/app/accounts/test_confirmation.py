"""Acts of power: the password again after ten minutes, or a code; then the act goes on, with all that was typed."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pyotp
import pytest
from sqlalchemy import delete, select, update

from app.views.accounts import second_factor
from ideas.accounts.identity import Identity
from ideas.accounts.sign_in import SignIn
from ideas.activity.activity import Activity, Verb
from ideas.outreach.hosts.host import Host
from ideas.people.limit import LIMITS, LimitedAct
from tests.conftest import PASSWORD

HOSTS = "/organisation/hosts"
TYPED = {"name": "The intranet “of all”", "origin": "https://intranet.example.org"}


@pytest.fixture
def admin(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def browser(signed_in, admin, wait):
    """Ada's, in which she gave her password eleven minutes ago."""
    client = signed_in(admin)
    wait(11)
    return client


@pytest.fixture
def wait(session):
    """As if so many minutes had gone by since each sign-in was confirmed."""

    def let(minutes):
        session.execute(update(SignIn).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=minutes)))
        session.commit()

    return let


def fields_of(page):
    form = re.search(r'<form class="form".*?</form>', page, re.DOTALL)[0]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)}


def test_the_act_goes_on_after_the_password_with_all_that_was_typed(browser, session, admin, wait):
    asked = browser.post(HOSTS, data=TYPED)
    assert (asked.status_code, session.scalars(select(Host)).all()) == (403, [])
    wrong = browser.post(HOSTS, data=fields_of(asked.text) | {"confirm_password": "not this one"})
    assert (wrong.status_code, "not this one" in wrong.text) == (422, False)
    assert "This is not your present password." in unescape(wrong.text)
    assert browser.post(HOSTS, data=fields_of(wrong.text) | {"confirm_password": ""}).status_code == 422
    done = browser.post(HOSTS, data=fields_of(wrong.text) | {"confirm_password": PASSWORD})
    assert done.status_code in {200, 303}
    assert session.scalars(select(Host.name)).all() == [TYPED["name"]]
    [logged] = session.scalars(select(Activity).where(Activity.verb == Verb.CONFIRMED))
    assert (logged.actor_id, logged.after) == (admin.id, {"act": "other applications: secrets and events"})
    wait(9)
    [host] = session.scalars(select(Host.id))
    assert browser.post(f"{HOSTS}/{host}/remove").status_code == 303
    assert session.scalars(select(Host)).all() == [], "for ten minutes no other act asks"


def test_a_download_asks_first_and_begins_afterwards(signed_in, charlie, wait):
    browser = signed_in(charlie)
    assert browser.get("/me/data/export.zip").status_code == 404, "there is none"
    wait(11)
    to_ask = browser.get("/me/data/export.zip")
    assert to_ask.location == "/confirm?next=/me/data/export.zip"
    page = browser.get(to_ask.location).text
    answer = browser.post("/confirm", data=fields_of(page) | {"confirm_password": PASSWORD})
    assert answer.location == "/me/data/export.zip"
    assert browser.get(answer.location).status_code == 404
    assert browser.get("/confirm?next=//evil.example").location == "/me"


def test_wrong_passwords_are_limited_as_elsewhere(browser):
    most = LIMITS[LimitedAct.CHECK_PASSWORD][0].most
    wrong = TYPED | {"confirm_password": "wrong"}
    assert {browser.post(HOSTS, data=wrong).status_code for _ in range(most)} == {422}
    refused = browser.post(HOSTS, data=TYPED | {"confirm_password": PASSWORD})
    assert (refused.status_code, TYPED["origin"] in refused.text) == (429, True)
    assert int(refused.headers["Retry-After"]) > 0


def test_a_code_of_the_app_is_enough_and_only_once(signed_in, admin, session, wait, monkeypatch):
    monkeypatch.setattr(second_factor, "now", lambda: datetime.now(UTC) - timedelta(minutes=2))
    browser = signed_in(admin)
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", browser.get("/me/second-factor").text)[1].replace(" ", "")
    app = pyotp.TOTP(key)
    browser.post("/me/second-factor", data={"code": app.at(datetime.now(UTC) - timedelta(minutes=2))})
    wait(11)
    code = {"confirm_password": "", "confirm_code": app.now()}
    assert 'name="confirm_code"' in browser.post(HOSTS, data=TYPED).text
    browser.post(HOSTS, data=TYPED | code)
    assert len(session.scalars(select(Host)).all()) == 1
    wait(11)
    again = TYPED | {"origin": "https://other.example.org"} | code
    assert browser.post(HOSTS, data=again).status_code == 422


def test_whoever_has_no_password_gets_one_by_email_and_goes_on(browser, session, admin):
    session.execute(delete(Identity))
    session.commit()
    asked = browser.post(HOSTS, data=TYPED)
    assert "You have no password yet." in asked.text
    assert 'href="/forgot"' in asked.text
    assert browser.post(HOSTS, data=TYPED | {"confirm_password": PASSWORD}).status_code == 422


def test_whom_another_application_signed_in_is_asked_at_once(signed_in, session, charlie):
    browser = signed_in(charlie)
    session.execute(update(SignIn).values(confirmed_at=None))
    session.commit()
    assert "/confirm" in browser.get("/me/data/export.zip").location
    assert browser.post("/me/second-factor", data={"code": "000000"}).status_code == 403
