"""A code of an app at the sign-in: set up, asked for, never taken twice, replaced by a recovery code, switched off."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from app.signing import signing
from app.views.accounts import second_factor as views
from ideas.accounts.second_factor import RecoveryCode, SecondFactor
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import AccountMail
from ideas.people.limit import LIMITS, LimitedAct
from tests.conftest import PASSWORD

ENGLISH = {"Accept-Language": "en"}
SET_UP, CODE = "/me/second-factor", "/sign-in/code"


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the codes to so many half minutes from now."""

    def turn(steps=0):
        instant = datetime.now(UTC) + timedelta(seconds=30 * steps)
        monkeypatch.setattr(views, "now", lambda: instant)
        return instant

    return turn


@pytest.fixture
def phone(signed_in, charlie, at):
    """Charlie's app, set up; with `recovery`, the codes that were shown."""
    client = signed_in(charlie)
    page = client.get(SET_UP).text
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    codes = pyotp.TOTP(key)
    shown = client.post(SET_UP, data={"code": codes.at(at())})
    codes.recovery = re.findall(r"<code>([A-Z2-7-]{19})</code>", shown.text)
    codes.client = client
    return codes


def half(app, email="charlie@example.org"):
    """A browser in which the password was typed."""
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD, "next": "/campaigns"})
    assert answer.location.startswith(CODE)
    return client, answer.location


def test_setting_it_up_shows_ten_recovery_codes_once_and_tells_by_mail(phone, session, account_mails, charlie):
    assert len(set(phone.recovery)) == 10
    again = phone.client.get(SET_UP).text
    assert not any(code in again for code in phone.recovery)
    assert "You have 10 recovery codes left." in again
    assert account_mails(charlie.email) == [AccountMail.TOTP_ON]
    stored = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not any(code.replace("-", "") in kept for code in phone.recovery for kept in stored)


def test_the_picture_is_inline_and_has_no_style(signed_in, charlie):
    page = signed_in(charlie).get(SET_UP).text
    picture = re.search(r"<svg[^>]*class=\"qr\".*?</svg>", page, re.DOTALL)[0]
    assert "style=" not in picture
    assert "data:" not in picture


def test_looking_at_the_page_stores_nothing_and_shows_the_same_key(signed_in, charlie, session):
    client = signed_in(charlie)
    keys = {re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(SET_UP).text)[1] for _ in range(2)}
    assert len(keys) == 1
    assert session.scalars(select(SecondFactor)).all() == []


def test_the_key_is_not_in_the_database(phone, session):
    factor = session.scalars(select(SecondFactor)).one()
    assert phone.secret not in {str(getattr(factor, column.key)) for column in factor.__table__.columns}


def test_signing_in_asks_for_the_code_after_the_password(app, phone, at):
    client, page = half(app)
    assert client.get("/me").status_code == 303
    assert "Enter your code" in client.get(page, headers=ENGLISH).text
    answer = client.post(page, data={"code": phone.at(at(1)), "next": "/campaigns"})
    assert (answer.status_code, answer.location) == (303, "/campaigns")
    assert client.get("/me").status_code == 200


def test_no_code_is_taken_twice_nor_an_earlier_one(app, phone, at):
    client, page = half(app)
    code = phone.at(at(1))
    assert client.post(page, data={"code": code}).status_code == 303
    other, page = half(app)
    assert other.post(page, data={"code": code}).status_code == 422
    assert other.post(page, data={"code": phone.at(at(0))}).status_code == 422
    assert other.post(page, data={"code": phone.at(at(2))}).status_code == 303


def test_a_recovery_code_works_once_however_it_is_typed(app, phone):
    client, page = half(app)
    typed = phone.recovery[3].lower().replace("-", " ")
    assert client.post(page, data={"code": typed}).status_code == 303
    other, page = half(app)
    refused = other.post(page, data={"code": typed}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "This code is wrong or was already used." in refused.text


@pytest.mark.parametrize("code", ["", "000000", "é" * 6, "\x00", "1" * 300, "١٢٣٤٥٦"])
def test_hostile_codes_are_refused(app, phone, code):
    client, page = half(app)
    assert client.post(page, data={"code": code}).status_code == 422


def test_tries_are_limited_by_account(app, phone, at):
    client, page = half(app)
    used = 1  # when it was set up
    for _ in range(LIMITS[LimitedAct.CHECK_CODE][0].most - used):
        assert client.post(page, data={"code": "000000"}).status_code == 422
    refused = half(app)[0].post(page, data={"code": phone.at(at(1))})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_the_half_way_ends_after_ten_minutes_and_with_a_new_password(app, phone, at, monkeypatch, charlie, mailed):
    client, page = half(app)
    with monkeypatch.context() as later:
        later.setattr(signing, "now", lambda: datetime.now(UTC) + timedelta(minutes=11))
        assert client.post(page, data={"code": phone.at(at(1))}).location == "/sign-up"
    visitor = app.test_client()
    visitor.post("/forgot", data={"email": charlie.email})
    answer = visitor.post(mailed(charlie.email, AccountMail.RESET), data={"password": "nine quiet rivers"})
    assert answer.location.startswith(CODE)  # a reset does not replace the code
    assert client.post(page, data={"code": phone.at(at(1))}).location == "/sign-up"


def test_whoever_gave_no_password_is_not_asked_for_a_code(client, signed_in, charlie):
    assert client.get(CODE).location == "/sign-up"
    assert signed_in(charlie).get(CODE).location == "/"


def test_switching_it_off_asks_for_the_password(app, phone, session, charlie, account_mails):
    refused = phone.client.post(f"{SET_UP}/off", data={"present_password": "wrong"}, headers=ENGLISH)
    assert refused.status_code == 422
    assert session.scalars(select(SecondFactor)).all()
    assert phone.client.post(f"{SET_UP}/off", data={"present_password": PASSWORD}).status_code == 303
    session.expire_all()
    assert session.scalars(select(SecondFactor)).all() == session.scalars(select(RecoveryCode)).all() == []
    assert account_mails(charlie.email)[-1] is AccountMail.TOTP_OFF
    given = {"email": charlie.email, "password": PASSWORD}
    assert app.test_client().post("/sign-in", data=given).location == "/"


def test_new_recovery_codes_replace_the_earlier_ones(app, phone):
    shown = phone.client.post(f"{SET_UP}/codes", data={"present_password": PASSWORD}).text
    fresh = re.findall(r"<code>([A-Z2-7-]{19})</code>", shown)
    assert len(fresh) == 10
    client, page = half(app)
    assert client.post(page, data={"code": phone.recovery[0]}).status_code == 422
    assert client.post(page, data={"code": fresh[0]}).status_code == 303


def test_whoever_runs_the_server_takes_it_off(app, phone, connection):
    runner = app.test_cli_runner()
    assert "signs in without a code" in runner.invoke(args=["admin", "remove-code", "charlie@example.org"]).output
    again = runner.invoke(args=["admin", "remove-code", "charlie@example.org"])
    assert again.exit_code == 2


# Administrators who need one


@pytest.fixture
def ada(make_person, session):
    ada = make_person("Ada", is_admin=True)
    the_organisation(session).admins_need_totp = True
    session.commit()
    return ada


def test_an_administrator_is_led_to_set_it_up_and_can_do_nothing_else(signed_in, ada, campaign, session):
    client = signed_in(ada)
    for address in ("/people", "/organisation", f"/campaigns/{campaign.id}", "/me", "/messages"):
        assert client.get(address).location == SET_UP
    assert "Administrators of this site need a code." in client.get(SET_UP).text
    refused = client.post(f"/campaigns/{campaign.id}/ideas/new", data={"title": "T", "body": "A text to copy."})
    assert refused.status_code == 403
    granted = client.post(f"/people/{ada.id}/campaign_author/grant", data={"reason": "mine"})
    assert granted.status_code == 403
    session.refresh(ada)
    assert not ada.may_open_campaigns


def test_with_the_code_an_administrator_goes_on_and_others_never_notice(signed_in, ada, charlie, at):
    assert signed_in(charlie).get("/me").status_code == 200
    client = signed_in(ada)
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(SET_UP).text)[1].replace(" ", "")
    assert client.post(SET_UP, data={"code": pyotp.TOTP(key).at(at())}).status_code == 200
    assert client.get("/people").status_code == 200
