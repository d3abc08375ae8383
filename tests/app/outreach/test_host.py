"""The pages of the organisation's applications: their administration, what their script is told, and the way in."""

import re

import pytest
from sqlalchemy import func, select

from docs.examples.host import identity_token
from ideas.activity.activity import Activity, Verb, record
from ideas.outreach.hosts.entry import HostEntry
from ideas.outreach.hosts.host import Host
from ideas.outreach.notice import NoticeKind, write_notices

pytestmark = pytest.mark.one_database

ORIGIN = "https://app.example.org"


@pytest.fixture
def admin(signed_in, make_person):
    return signed_in(make_person("Ada", is_admin=True))


@pytest.fixture
def answered(session, campaign, make_idea, alice, charlie, now):
    """Charlie has two answers to read."""
    make_idea(campaign, charlie, "One click.")
    for kind in (NoticeKind.ANSWER_CHANGED, NoticeKind.DEBRIEF_PUBLISHED):
        record(session, Verb.CHANGED, campaign, by=alice, campaign_id=campaign.id, now=now)
        session.commit()
        act = session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
        write_notices(session, act, kind, [charlie.id], now=now)
    session.commit()


def register(admin, origin=ORIGIN):
    """Register an application; its number and its secret, as the page shows them this once."""
    page = admin.post("/organisation/hosts", data={"name": "Portal", "origin": origin}).text
    return int(re.search(r'data-host="(\d+)', page)[1]), re.search(r'id="secret">([^<]+)', page)[1]


def test_an_administrator_registers_an_application_whose_secret_is_shown_once(session, admin):
    assert "No application yet" in admin.get("/organisation/hosts").text
    number, secret = register(admin)
    page = admin.get("/organisation/hosts").text
    assert "Portal" in page
    assert secret not in page
    taken = admin.post("/organisation/hosts", data={"name": "Twice", "origin": f"{ORIGIN}/"})
    assert "already registered, as “Portal”" in taken.text
    assert "Enter the beginning" in admin.post("/organisation/hosts", data={"name": "P", "origin": "http://a.org"}).text
    renewed = re.search(r'id="secret">([^<]+)', admin.post(f"/organisation/hosts/{number}/renew").text)[1]
    assert renewed != secret
    admin.post(f"/organisation/hosts/{number}/remove")
    assert session.scalar(select(func.count(Host.id))) == 0


def test_the_script_is_small_and_may_be_loaded_by_other_sites(client):
    script = client.get("/notice.js")
    assert (script.mimetype, len(script.data) < 5_000) == ("text/javascript", True)
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "cookie" not in script.text
    assert client.get("/notice.js", headers={"If-None-Match": script.headers["ETag"]}).status_code == 304


def test_a_page_of_the_application_is_told_a_number_and_a_link_that_signs_in_once(
    app, session, client, admin, answered, charlie, make_person
):
    number, secret = register(admin)
    address = f"/hosts/{number}/notice"

    def ask(email, origin=ORIGIN, key=secret):
        return client.post(address, data={"token": identity_token(key, email)}, headers={"Origin": origin})

    told = ask(charlie.email)
    assert told.json["text"] == "2 answers to your ideas"
    assert told.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Set-Cookie" not in told.headers
    assert "Access-Control-Allow-Credentials" not in told.headers
    for nothing in (ask("nobody@example.org"), ask("ada@example.org")):
        assert (nothing.status_code, nothing.data) == (204, b"")
    for refused in (ask(charlie.email, origin="https://evil.example.org"), ask(charlie.email, key="guessed")):
        assert refused.status_code == 422
        assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    link = told.json["url"].removeprefix("http://localhost")
    assert "You are about to sign in as Charlie" in client.get(link).text
    assert session.scalar(select(func.count()).select_from(HostEntry)) == 0, "looking uses nothing up"
    browser, late = app.test_client(), app.test_client()
    assert browser.post(link).location == "/me/notices"
    assert browser.get("/me/notices").status_code == 200
    again = late.post(link, headers={"Accept-Language": "en"})
    assert (again.status_code, "already used" in again.text) == (410, True)
    assert late.get("/arrive/made-up").status_code == 410
    charlie.is_admin = True
    session.commit()
    assert ask(charlie.email).json["url"] == "http://localhost/me/notices"
