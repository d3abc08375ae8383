"""The secret key is changed, and the earlier one is accepted for a while: nobody is locked out, no link is broken."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from app import _config
from app.mail.invitation import claim_code, find_by_code, find_invitation, invitation_token
from app.mail.receipt import read_receipt_token, receipt_token
from app.mail.unsubscribe import read_unsubscribe_token, unsubscribe_token
from app.signing.keys import secret_key
from app.signing.links import open_link
from app.views.accounts import second_factor as second_factor_views
from app.views.outreach.sharing import calendar_token
from ideas.accounts.link import LinkPurpose, LinkUnknown, new_link, token_of
from ideas.accounts.second_factor import SecondFactor
from ideas.campaigns.people.inviting import invite_one
from ideas.outreach.notice import NoticeKind
from ideas.privacy.erasure import Contents, ask_to_erase, certificate_token
from ideas.spaces.invitation import Offer
from tests.conftest import PASSWORD

pytestmark = pytest.mark.one_database
FIRST, SECOND, THIRD = "the first key of the site", "the second key of the site", "the third key of the site"


@pytest.fixture
def use(app, settings, connection, monkeypatch):
    """Run the site with these keys from here on: the present one, then those of SECRET_KEY_OLD."""

    def use(key, *old):
        config = _config(replace(settings, secret_key=key, old_secret_keys=old))
        for name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "WTF_CSRF_SECRET_KEY"):
            monkeypatch.setitem(app.config, name, config[name])

    return use


def test_sign_ins_open_forms_and_links_go_on_with_the_earlier_key_and_end_without_it(
    app, session, charlie, bob, alice, campaign, use, now, monkeypatch
):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    link = new_link(session, LinkPurpose.VERIFY, person=charlie, now=now)
    erasure = ask_to_erase(session, bob, contents=Contents.DELETE, by=bob, now=now)
    invitation = invite_one(session, campaign, "new@example.org", offer=Offer(locale="en"), by=alice, now=now)
    session.commit()
    use(FIRST)
    browser = app.test_client()

    def form():
        return re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get("/sign-in").text)[1]

    who = {"email": charlie.email, "password": PASSWORD}
    open_form = form()
    with app.test_request_context():
        unsubscribe = unsubscribe_token(charlie.id, NoticeKind.DEBRIEF_PUBLISHED)
        receipt, invited = receipt_token(charlie.id, campaign.id), invitation_token(invitation)
        calendar, code = calendar_token(charlie), claim_code(invitation)
        mailed, certificate = token_of(link, key=secret_key()), certificate_token(erasure, key=secret_key())
    use(SECOND)
    assert browser.post("/sign-in", data=who | {"csrf_token": open_form}).status_code == 400
    for keys in ((FIRST,), (SECOND, FIRST), (THIRD, SECOND, FIRST), (SECOND,)):
        use(*keys)
        works = FIRST in keys
        with app.test_request_context():
            assert (read_unsubscribe_token(unsubscribe) is not None) is works
            assert (read_receipt_token(receipt) is not None) is works
            assert (find_invitation(session, invited) is not None) is works
            assert (find_by_code(session, code) is not None) is works
            if works:
                assert open_link(LinkPurpose.VERIFY, mailed).id == link.id
            else:
                with pytest.raises(LinkUnknown):
                    open_link(LinkPurpose.VERIFY, mailed)
        addresses = (f"/calendar/{calendar}.ics", f"/erasure/{certificate}")
        assert {app.test_client().get(one).status_code for one in addresses} == {200 if works else 404}
    use(FIRST)
    browser = app.test_client()
    open_form = form()
    use(SECOND, FIRST)
    assert browser.post("/sign-in", data=who | {"csrf_token": open_form}).status_code == 303
    assert browser.get("/me").status_code == 200
    with app.test_request_context():
        made_since = receipt_token(charlie.id, campaign.id)
    use(SECOND)
    assert browser.get("/me").status_code == 200, "its cookie was written with the new key"
    with app.test_request_context():
        assert read_receipt_token(made_since) == (charlie.id, campaign.id)
    use(THIRD)
    assert browser.get("/me").status_code == 303


def test_an_app_for_codes_goes_on_and_needs_the_earlier_key_no_more_once_it_was_used(
    app, session, charlie, client, use, monkeypatch
):
    steps = iter(range(2, 40, 2))

    def turn():
        instant = datetime.now(UTC) + timedelta(seconds=30 * next(steps))
        monkeypatch.setattr(second_factor_views, "now", lambda: instant)
        return instant

    def enter(*keys):
        use(*keys)
        browser = app.test_client()
        browser.post("/sign-in", data={"email": charlie.email, "password": PASSWORD})
        status = browser.post("/sign-in/code", data={"code": codes.at(turn())}).status_code
        session.expire_all()
        return status

    use(FIRST)
    client.post("/sign-in", data={"email": charlie.email, "password": PASSWORD})
    page = client.get("/me/second-factor").text
    codes = pyotp.TOTP(re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", ""))
    client.post("/me/second-factor", data={"code": codes.at(turn())})
    factor = session.get(SecondFactor, charlie.id)
    assert (enter(FIRST), factor.sealed) == (303, None)
    assert enter(SECOND) == 422, "without the earlier key the codes do not fit"
    assert enter(SECOND, FIRST) == 303
    sealed = factor.sealed
    assert sealed
    assert codes.secret not in sealed
    assert enter(SECOND) == 303, "the earlier key may go"
    assert enter(FIRST) == 422
    assert enter(THIRD, SECOND) == 303
    assert factor.sealed != sealed
    assert enter(THIRD) == 303
