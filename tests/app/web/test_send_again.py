"""A session that ends while somebody writes: the text comes back, and a click sends it."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea

TEXT = 'A bus on Sunday, from the harbour to the school.\nAnd one "more" in the evening.'
HERE = {"Origin": "http://localhost"}


@pytest.fixture
def open_browser(app, signed_in):
    """The browser of a person whose forms need their tokens, which other tests leave out."""

    def sign_in(person):
        browser = signed_in(person)
        app.config["WTF_CSRF_ENABLED"] = True
        return browser

    yield sign_in
    app.config["WTF_CSRF_ENABLED"] = False


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def fields_of(page):
    form = re.search(r"<form class=\"stack\" method=\"post\".*?</form>", page, re.DOTALL)[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    texts = re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    return {name: unescape(value) for name, value in [*hidden, *texts]}


def test_a_text_sent_after_the_sign_in_has_ended_is_sent_after_the_next_one(open_browser, session, campaign, charlie):
    browser = open_browser(charlie)
    address = f"/campaigns/{campaign.id}/ideas/new"
    page = browser.get(address).text
    browser.post("/sign-out", data={"csrf_token": token_of(page)})
    kept = browser.post(address, data={"csrf_token": token_of(page), "body": TEXT}, headers=HERE)
    assert kept.status_code in {400, 401}
    assert fields_of(kept.text)["body"] == TEXT
    again = browser.post(address, data=fields_of(kept.text), headers=HERE)
    assert again.status_code == 401
    assert f'href="/sign-in?next={address}"' in again.text, "signing in leads back to the page of the form"
    assert session.scalars(select(Idea.body)).all() == []
    other = open_browser(charlie)
    browser.set_cookie("session", other.get_cookie("session").value)
    once_more = browser.post(address, data=fields_of(again.text), headers=HERE)
    if once_more.status_code == 400:  # the other sign-in has another token: one more click
        once_more = browser.post(address, data=fields_of(once_more.text), headers=HERE)
    assert once_more.status_code == 303
    assert session.scalars(select(Idea.body)).all() == [TEXT]


def test_a_form_with_a_token_of_another_session_keeps_its_text(open_browser, session, campaign, charlie, make_idea):
    idea = make_idea(campaign, charlie, "More buses")
    session.commit()
    browser = open_browser(charlie)
    address = f"/campaigns/{campaign.id}/ideas/{idea.id}/comments"
    kept = browser.post(
        address, data={"csrf_token": "stale", "body": "<b>Yes</b>, please, and as soon as possible"}, headers=HERE
    )
    assert kept.status_code == 400
    assert "<b>Yes" not in kept.text
    assert browser.post(address, data=fields_of(kept.text), headers=HERE).status_code == 303
    assert session.scalars(select(Comment.body)).all() == ["<b>Yes</b>, please, and as soon as possible"]


def test_a_form_of_another_site_and_a_password_are_not_given_back(app, open_browser, campaign, charlie):
    browser = open_browser(charlie)
    address = f"/campaigns/{campaign.id}/ideas/new"
    foreign = browser.post(address, data={"body": TEXT}, headers={"Origin": "http://elsewhere.example"})
    assert foreign.status_code == 400
    assert "harbour" not in foreign.text
    secret = app.test_client().post(
        "/sign-in", data={"email": "a@example.org", "password": "correct horse"}, headers=HERE
    )
    assert secret.status_code == 400
    assert "correct horse" not in secret.text


def test_a_stale_form_gets_the_token_of_the_session_of_today(open_browser, session, campaign, charlie):
    browser = open_browser(charlie)
    address = f"/campaigns/{campaign.id}/ideas/new"
    kept = browser.post(address, data={"csrf_token": "stale", "body": TEXT}, headers=HERE)
    assert (kept.status_code, kept.headers["X-Reader"]) == (400, charlie.get_id())
    token = kept.headers["X-CSRF-Token"]
    assert browser.post(address, data={"csrf_token": token, "body": TEXT}, headers=HERE).status_code == 303


def test_a_text_sent_without_any_session_asks_to_sign_in_and_leaves_the_page(
    app, open_browser, session, campaign, charlie
):
    open_browser(charlie)
    address = f"/campaigns/{campaign.id}/ideas/save"
    answer = app.test_client().post(address, data={"body": TEXT}, headers=HERE | {"HX-Request": "true"})
    assert (answer.status_code, answer.headers["X-Reader"]) == (401, "")
    assert "HX-Redirect" not in answer.headers


def test_a_press_without_any_session_leads_to_the_sign_in(app, open_browser, session, campaign, charlie, make_idea):
    idea = make_idea(campaign, charlie, "More buses")
    session.commit()
    open_browser(charlie)
    address = f"/campaigns/{campaign.id}/ideas/{idea.id}/vote"
    answer = app.test_client().post(address, data={"csrf_token": "x" * 91}, headers=HERE | {"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")
