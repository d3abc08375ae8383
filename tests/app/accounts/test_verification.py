from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.accounts import link as links
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.outreach.messages.message import AccountMail
from ideas.people.limit import LIMITS, LimitedAct
from ideas.people.person import Person
from tests.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("set_up")

ENGLISH = {"Accept-Language": "en"}
DANA = {"name": "Dana", "email": "dana@example.org", "password": "une phrase à moi", "rules": "y"}
TEXT = {"title": "Quieter rooms", "body": "Felt under every chair."}


@pytest.fixture
def newcomer(make_person):
    return make_person("Dana", verified_at=None)


def signed_up(client, **more):
    client.post("/sign-up", data=DANA | more, headers=ENGLISH)


def test_looking_at_the_page_of_a_link_spends_nothing_and_its_button_does(client, session, mailed):
    signed_up(client, next="/campaigns")
    page = mailed("dana@example.org", AccountMail.VERIFY)
    for _ in range(3):
        assert client.get(page).status_code == 200
    assert session.scalar(select(Person.verified_at).where(Person.email == DANA["email"])) is None
    answer = client.post(page, data={"password": DANA["password"]})
    assert (answer.status_code, answer.location) == (303, "/campaigns")
    session.expire_all()
    assert session.scalar(select(Person.verified_at).where(Person.email == DANA["email"])) is not None
    assert client.get("/me").status_code == 200


def test_whoever_reads_the_mail_proves_nothing_for_somebody_elses_password(client, session, mailed):
    """Somebody signed up with an address that is not theirs: its owner, who opens the link, must not help them."""
    signed_up(client)
    page = mailed("dana@example.org", AccountMail.VERIFY)
    answer = client.post(page, data={"password": "a guess of the owner"}, headers=ENGLISH)
    assert answer.status_code == 422
    assert "The email address or password is incorrect." in answer.text
    session.expire_all()
    assert session.scalar(select(Person.verified_at).where(Person.email == DANA["email"])) is None


def test_whoever_is_signed_in_needs_the_button_only(signed_in, newcomer, session, mailed):
    client = signed_in(newcomer)
    client.post("/verify/again", data={"next": "/campaigns"})
    page = mailed(newcomer.email, AccountMail.VERIFY)
    assert "password" not in client.get(page).text.partition("<main")[2].partition("</main")[0].lower()
    assert client.post(page).location == "/campaigns"
    session.refresh(newcomer)
    assert newcomer.verified_at is not None


def test_a_used_a_replaced_an_expired_and_a_broken_link_say_so(signed_in, client, newcomer, mailed, monkeypatch):
    browser = signed_in(newcomer)
    browser.post("/verify/again")
    first = mailed(newcomer.email, AccountMail.VERIFY)
    browser.post("/verify/again")
    latest = mailed(newcomer.email, AccountMail.VERIFY)
    assert latest != first

    def refusal(page):
        answer = browser.get(page)
        assert answer.status_code == 410
        assert browser.post(page).status_code == 410
        return answer.text

    assert "A newer link has replaced this one." in refusal(first)
    assert "This link is not complete." in refusal(latest[:-3])
    assert browser.post(latest).status_code == 303
    assert "This link was already used." in refusal(latest)
    with monkeypatch.context() as earlier:
        earlier.setitem(links.LASTS, links.LinkPurpose.RESET, timedelta(seconds=-1))
        client.post("/forgot", data={"email": newcomer.email})
    answer = client.get(mailed(newcomer.email, AccountMail.RESET), headers=ENGLISH)
    assert answer.status_code == 410
    assert "This link has expired." in answer.text
    assert 'href="/forgot"' in answer.text


def test_the_link_of_somebody_else_asks_for_their_password(signed_in, newcomer, bob, session, mailed):
    signed_in(newcomer).post("/verify/again")
    page = mailed(newcomer.email, AccountMail.VERIFY)
    assert signed_in(bob).post(page, data={"password": "wrong, of course"}).status_code == 422
    session.refresh(newcomer)
    assert newcomer.verified_at is None


def test_before_the_proof_an_idea_is_a_draft_which_the_link_leads_back_to(
    signed_in, newcomer, campaign, session, mailed
):
    client = signed_in(newcomer)
    client.post("/verify/again")
    answer = client.post(f"/campaigns/{campaign.id}/ideas/new", data=TEXT)
    idea = session.scalars(select(Idea)).one()
    draft_page = f"/campaigns/{campaign.id}/ideas/new?draft={idea.id}"
    assert (answer.status_code, idea.submitted_at, idea.body) == (303, None, TEXT["body"])
    told = client.get(answer.location).text
    assert "Your idea is saved as a draft." in told
    assert "Send a new link" in told
    assert client.post(mailed(newcomer.email, AccountMail.VERIFY)).location == draft_page
    assert client.post(draft_page, data=TEXT).location == f"/campaigns/{campaign.id}/ideas/{idea.id}"
    session.refresh(idea)
    assert idea.submitted_at is not None


def test_before_the_proof_comments_and_support_are_refused_with_a_sentence(signed_in, newcomer, idea, session):
    client = signed_in(newcomer)
    address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    sentence = "Confirm your email address first"
    answer = client.post(f"{address}/comments", data={"body": "A comment to keep."})
    assert sentence in answer.text
    assert "A comment to keep." in answer.text
    client.post(f"{address}/vote")
    shown = client.get(address).text
    assert sentence in shown
    assert "Send the link again" in shown
    client.post(f"{address}/reaction", data={"emotion": "joy"})
    assert session.scalars(select(Comment)).all() == session.scalars(select(Vote)).all() == []


def test_asking_for_links_is_limited_by_address_and_says_when_to_ask_again(app, client, newcomer, account_mails):
    signed_up(client)
    for _ in range(4):
        assert client.post("/verify/again").status_code == 303
    refused = client.post("/verify/again", headers=ENGLISH)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "Several emails were asked for with this address." in refused.text
    assert len(account_mails(DANA["email"])) == LIMITS[LimitedAct.ACCOUNT_MAIL][0].most
    assert app.test_client().post("/forgot", data={"email": DANA["email"].upper()}).status_code == 429


def test_another_link_for_a_taken_address_answers_as_for_a_new_one(app, alice, account_mails):
    def answers(email):
        browser = app.test_client()
        browser.post("/sign-up", data=DANA | {"email": email})
        answer = browser.post("/verify/again")
        return answer.status_code, answer.location

    assert answers("alice@example.org") == answers("new@example.org") == (303, "/verify")
    assert account_mails("alice@example.org") == [AccountMail.ACCOUNT_EXISTS] * 2
    assert account_mails("new@example.org") == [AccountMail.VERIFY] * 2


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example", "/\\evil", "/no-such-page"])
def test_a_link_leads_to_no_other_site(client, mailed, next_page):
    signed_up(client, next=next_page)
    answer = client.post(mailed("dana@example.org", AccountMail.VERIFY), data={"password": DANA["password"]})
    assert answer.location == "/me"


def test_whoever_comes_to_the_page_without_a_reason_is_led_on(client, signed_in, charlie):
    assert client.get("/verify").location == "/sign-up"
    assert client.post("/verify/again").location == "/sign-up"
    assert signed_in(charlie).get("/verify").location == "/me"


def test_an_account_that_is_not_proven_can_sign_in_and_read(client, newcomer, campaign):
    assert client.post("/sign-in", data={"email": newcomer.email, "password": PASSWORD}).status_code == 303
    assert client.get(f"/campaigns/{campaign.id}").status_code == 200
    assert "Confirm your email address, dana@example.org." in client.get("/me").text
