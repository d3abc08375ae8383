import re

import pytest

from ideas.outreach.messages.message import AccountMail
from ideas.people.limit import LIMITS, LimitedAct
from tests.conftest import PASSWORD

ENGLISH = {"Accept-Language": "en"}
NEW = "nine quiet rivers"
TOKEN = re.compile(r"[\w-]{40,}\.[\w-]+\.[\w-]+")


def signs_in(app, email, password):
    return app.test_client().post("/sign-in", data={"email": email, "password": password}).status_code == 303


# A lost one


def test_a_lost_password_is_replaced_and_leads_back_to_where_one_was(app, client, signed_in, charlie, mailed, campaign):
    elsewhere = signed_in(charlie)
    back = f"/campaigns/{campaign.id}/ideas/new"
    assert client.post("/forgot", data={"email": " Charlie@Example.org ", "next": back}).status_code == 303
    page = mailed(charlie.email, AccountMail.RESET)
    for _ in range(2):
        assert client.get(page).status_code == 200
    answer = client.post(page, data={"password": NEW})
    assert (answer.status_code, answer.location) == (303, back)
    assert client.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    assert signs_in(app, charlie.email, NEW)
    assert not signs_in(app, charlie.email, PASSWORD)


def test_the_answer_does_not_tell_who_has_an_account(app, charlie, account_mails):
    def answers(email):
        browser = app.test_client()
        answer = browser.post("/forgot", data={"email": email}, headers=ENGLISH)
        page = browser.get(answer.location, headers=ENGLISH)
        return answer.status_code, answer.location, TOKEN.sub("", page.text.replace(email, "…"))

    assert answers(charlie.email) == answers("nobody@example.org")
    assert account_mails(charlie.email) == [AccountMail.RESET]
    assert account_mails("nobody@example.org") == []


def test_a_reset_link_works_once_and_a_refused_password_does_not_use_it_up(client, charlie, mailed):
    client.post("/forgot", data={"email": charlie.email})
    page = mailed(charlie.email, AccountMail.RESET)
    refused = client.post(page, data={"password": "azerty12345"}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "password is too common" in refused.text
    assert client.post(page, data={"password": NEW}).status_code == 303
    again = client.post(page, data={"password": "nine other rivers"}, headers=ENGLISH)
    assert again.status_code == 410
    assert "This link was already used." in again.text


def test_a_reset_proves_the_address(client, make_person, session, mailed):
    dana = make_person("Dana", verified_at=None)
    client.post("/forgot", data={"email": dana.email})
    client.post(mailed(dana.email, AccountMail.RESET), data={"password": NEW})
    session.refresh(dana)
    assert dana.verified_at is not None


def test_the_host_that_a_request_names_is_not_in_the_mail(client, charlie, mailed):
    client.post("/forgot", data={"email": charlie.email}, headers={"Host": "evil.example"})
    assert mailed(charlie.email, AccountMail.RESET).startswith("/reset/")


@pytest.mark.parametrize("email", ["", "\x00", "a" * 300, "not an address"])
def test_a_hostile_address_is_answered_with_a_page(client, email):
    assert client.post("/forgot", data={"email": email}).status_code in {303, 422}


def test_a_lost_password_does_not_show_its_page_without_having_asked(client):
    assert client.get("/forgot/sent").location == "/forgot"


# A known one


def change(client, **facts):
    given = {"present_password": PASSWORD, "password": NEW, "end_others": "y"} | facts
    return client.post("/me/password", data=given, headers=ENGLISH)


def test_changing_the_password_ends_the_other_sign_ins_and_tells_by_mail(app, signed_in, charlie, account_mails):
    here, elsewhere = signed_in(charlie), signed_in(charlie)
    assert change(here).status_code == 303
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    assert account_mails(charlie.email) == [AccountMail.PASSWORD_CHANGED]
    assert signs_in(app, charlie.email, NEW)


def test_the_other_sign_ins_may_be_kept(signed_in, charlie):
    here, elsewhere = signed_in(charlie), signed_in(charlie)
    assert change(here, end_others="").status_code == 303
    assert elsewhere.get("/me").status_code == 200


def test_the_box_is_ticked_until_somebody_unticks_it(signed_in, charlie):
    page = signed_in(charlie).get("/me/password").text
    assert re.search(r'<input[^>]*checked[^>]*name="end_others"|<input[^>]*name="end_others"[^>]*checked', page)


def test_the_present_password_is_asked_for_and_tries_are_limited(signed_in, charlie):
    client = signed_in(charlie)
    most = LIMITS[LimitedAct.CHECK_PASSWORD][0].most
    for _ in range(most):
        wrong = change(client, present_password="not this one")
        assert wrong.status_code == 422
        assert "This is not your present password." in wrong.text
    refused = change(client)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_a_weak_password_changes_nothing(app, signed_in, charlie):
    assert "mostly your name" in change(signed_in(charlie), password="charlie charlie").text
    assert signs_in(app, charlie.email, PASSWORD)


def test_a_changed_password_makes_the_reset_links_worthless(client, signed_in, charlie, mailed):
    client.post("/forgot", data={"email": charlie.email})
    page = mailed(charlie.email, AccountMail.RESET)
    change(signed_in(charlie))
    assert client.get(page).status_code == 410
