"""An address is changed once the new one is proven; the former one is told, and may object."""

import pytest
from sqlalchemy import select

from ideas.accounts.identity import Identity
from ideas.activity.activity import Activity, Verb
from ideas.outreach.messages.message import AccountMail
from tests.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("set_up")

ENGLISH = {"Accept-Language": "en"}
OLD, NEW = "charlie@example.org", "charlie@new.example"


def ask(client, **facts):
    return client.post("/me/address", data={"email": NEW, "present_password": PASSWORD} | facts, headers=ENGLISH)


def signs_in(app, email):
    return app.test_client().post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303


@pytest.fixture
def changed(signed_in, charlie, mailed):
    """Charlie's browser, after the change."""
    client = signed_in(charlie)
    ask(client)
    client.post(mailed(NEW, AccountMail.CHANGE_ADDRESS))
    return client


def test_a_new_address_counts_once_it_is_confirmed(app, signed_in, charlie, session, mailed, account_mails):
    client = signed_in(charlie)
    assert ask(client, email=" Charlie@NEW.example ").status_code == 303
    page = mailed(NEW, AccountMail.CHANGE_ADDRESS)
    assert client.get(page).status_code == 200
    session.refresh(charlie)
    assert charlie.email == OLD
    assert account_mails(OLD) == [AccountMail.ADDRESS_CHANGING]
    assert client.post(page).status_code == 303
    session.refresh(charlie)
    assert charlie.email == NEW
    assert account_mails(OLD) == [AccountMail.ADDRESS_CHANGING, AccountMail.ADDRESS_CHANGED]
    assert signs_in(app, NEW)
    assert not signs_in(app, OLD)


def test_a_mistyped_address_gives_its_owner_nothing(client, signed_in, charlie, session, mailed):
    ask(signed_in(charlie))
    page = mailed(NEW, AccountMail.CHANGE_ADDRESS)
    assert client.post(page, data={"password": "a stranger’s guess"}).status_code == 422
    session.refresh(charlie)
    assert charlie.email == OLD
    assert client.post(page, data={"password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("email", ["bob@example.org", NEW])
def test_the_answer_does_not_tell_whether_an_address_is_somebody_elses(signed_in, charlie, bob, email, account_mails):
    client = signed_in(charlie)
    answer = ask(client, email=email)
    assert (answer.status_code, answer.location) == (303, "/me/profile")
    assert f"Look in the inbox of {email}" in client.get("/me/profile").text
    assert account_mails(OLD) == [AccountMail.ADDRESS_CHANGING]
    told = AccountMail.CHANGE_ADDRESS if email == NEW else AccountMail.ACCOUNT_EXISTS
    assert account_mails(email) == [told]


def test_the_former_address_takes_the_account_back_and_chooses_a_new_password(
    app, changed, charlie, session, mailed, account_mails
):
    owner = app.test_client()
    page = mailed(OLD, AccountMail.ADDRESS_CHANGED)
    assert owner.get(page).status_code == 200
    answer = owner.post(page)
    session.refresh(charlie)
    assert charlie.email == OLD
    assert changed.get("/me").status_code == 303
    assert account_mails(OLD)[-1] is AccountMail.ADDRESS_KEPT
    reset = answer.location.removeprefix("http://localhost")
    assert owner.post(reset, data={"password": "nine quiet rivers"}).status_code == 303
    assert not signs_in(app, NEW)
    assert not signs_in(app, OLD)
    assert owner.post(page).status_code == 410


def test_an_objection_before_the_change_stops_it(client, signed_in, charlie, session, mailed):
    thief = signed_in(charlie)
    ask(thief)
    confirm, object_ = mailed(NEW, AccountMail.CHANGE_ADDRESS), mailed(OLD, AccountMail.ADDRESS_CHANGING)
    assert client.post(object_).status_code == 303
    assert client.post(confirm, data={"password": PASSWORD}).status_code == 410
    session.refresh(charlie)
    assert charlie.email == OLD
    assert thief.get("/me").status_code == 303


def test_a_second_change_does_not_take_the_first_objection_away(changed, client, charlie, session, mailed):
    object_ = mailed(OLD, AccountMail.ADDRESS_CHANGED)
    ask(changed, email="third@new.example")
    changed.post(mailed("third@new.example", AccountMail.CHANGE_ADDRESS))
    later = mailed(NEW, AccountMail.ADDRESS_CHANGED)
    assert client.post(object_).status_code == 303
    session.refresh(charlie)
    assert charlie.email == OLD
    assert client.post(later).status_code == 410


def test_nobody_else_takes_the_former_address_while_it_may_object(changed, client, session, bob, signed_in, mailed):
    data = {"name": "Dana", "email": OLD, "password": "une phrase à moi", "rules": "y"}
    assert client.post("/sign-up", data=data).location == "/verify"
    assert session.scalars(select(Identity.subject).where(Identity.subject == OLD)).all() == []
    ask(signed_in(bob), email=OLD)
    with pytest.raises(AssertionError):
        mailed(OLD, AccountMail.CHANGE_ADDRESS)


def test_links_that_were_sent_to_the_former_address_are_worth_nothing(client, signed_in, charlie, mailed):
    client.post("/forgot", data={"email": OLD})
    reset = mailed(OLD, AccountMail.RESET)
    browser = signed_in(charlie)
    ask(browser)
    browser.post(mailed(NEW, AccountMail.CHANGE_ADDRESS))
    assert client.get(reset).status_code == 410


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"email": OLD.upper()}, "This is already your email address."),
        ({"email": "no address"}, "Enter an email address such as"),
        ({"email": ""}, "Enter your email address."),
        ({"present_password": "wrong"}, "This is not your present password."),
        ({"present_password": ""}, "Enter your password."),
    ],
)
def test_a_refused_change_says_why_and_sends_nothing(signed_in, charlie, account_mails, facts, sentence):
    answer = ask(signed_in(charlie), **facts)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert account_mails(OLD) == account_mails(NEW) == []


def test_the_log_says_that_the_address_changed_and_names_neither(changed, session, charlie):
    acts = session.scalars(
        select(Activity).where(Activity.verb == Verb.CHANGED, Activity.object_kind == "person")
    ).all()
    assert [act.after for act in acts] == [{"changed": "email"}]
