"""The headers of every answer, what a request may send, and where a key of a form counts."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.web.pages import links
from app.web.static_files import asset
from ideas.contributions.idea import Idea

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def site_with(settings):
    """A visitor of another application with these settings."""
    made = []

    def make(**changed):
        made.append(create_app(replace(settings, **changed)))
        return made[-1].test_client()

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


def test_pages_and_built_files_carry_the_same_protection(app, client):
    with app.test_request_context():
        built = asset("sprite.svg")
    for address in ("/", "/campaigns", "/nowhere", built):
        headers = client.get(address, buffered=True).headers
        assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Access-Control-Allow-Origin" not in headers
        assert "Strict-Transport-Security" not in headers


def test_a_page_of_a_person_is_kept_by_no_cache(signed_in, charlie):
    assert signed_in(charlie).get("/me").headers["Cache-Control"] == "private, no-store"


def test_a_site_that_is_reached_by_https_says_so(site_with):
    site = site_with(base_url="https://ideas.example.org")
    assert "max-age=" in site.get("/sign-in").headers["Strict-Transport-Security"]


def test_the_cookie_of_a_site_that_is_reached_by_https_is_bound_to_it(site_with):
    (cookie,) = site_with(base_url="https://ideas.example.org").get("/sign-in").headers.getlist("Set-Cookie")
    name, *flags = cookie.split("; ")
    assert name.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert "Domain" not in cookie


@pytest.mark.parametrize("sent", [b"email=" + b"a" * 1_100_000, b"a=1&" * 60_000])
def test_a_form_without_files_is_cut_with_a_page(client, sent):
    answer = client.post("/sign-in", data=sent, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "Text or file too large" in answer.text


def test_a_key_of_a_form_counts_in_its_campaign_only(signed_in, session, make_campaign, charlie, now):
    """A key that was used in one campaign published into it later, from the form of another."""
    there, here = make_campaign(), make_campaign()
    browser, key = signed_in(charlie), "k" * 22
    given = {"title": "", "body": "One click.", "form_key": key}
    browser.post(f"/campaigns/{there.id}/ideas/save", data=given)
    there.debriefed_at = there.closes_at = now
    session.commit()
    browser.post(f"/campaigns/{here.id}/ideas/new", data=given)
    session.expire_all()
    places = {idea.campaign_id: idea.submitted_at for idea in session.scalars(select(Idea))}
    assert places[there.id] is None
    assert places[here.id] is not None


@pytest.mark.parametrize("host", ["a" * 300, "a" * 70_000, "..", "[::1"])
def test_a_host_that_is_none_is_answered_with_a_page(client, host):
    answer = client.get("/sign-in", headers={"Host": host})
    assert answer.status_code in {200, 400}
    assert "<h1" in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/sign-in", "/me", "/campaigns/1", "/nowhere"])
def test_a_host_that_is_not_trusted_is_refused_with_a_page_from_the_first_request_on(site_with, app, path):
    """The first requests after a start were answered with 500: the page that refuses could not make its links."""
    links._url_for.cache_clear()  # noqa: SLF001 -- as after the start of the site
    browser = site_with(trusted_hosts=("ideas.example.org",))
    for method in (browser.get, browser.post):
        answer = method(path, headers={"Host": "evil.example"})
        assert answer.status_code == 400
        assert "<h1" in answer.text
        assert "evil.example" not in answer.text
