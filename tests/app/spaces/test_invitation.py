"""Inviting people on the page, the mail that they get, and what its link lets them do."""

import re

import pytest
from sqlalchemy import select

from app.mail.delivery import compose, deliver_due
from app.mail.invitation import invitation_token, write_invitation_letter
from ideas.campaigns.people.inviting import invite_one, make_link
from ideas.campaigns.people.team import Role, role_of
from ideas.contributions.idea import Idea
from ideas.outreach.limits.budget import invite_by_mail
from ideas.outreach.messages.kept import message_page
from ideas.outreach.messages.message import Message
from ideas.people.person import Person, find_person
from ideas.spaces.invitation import LASTS, Invitation, InvitationState, Offer, revoke_invitation

PASSWORD = "correct horse battery"
ACCOUNT = {"name": "Zoe", "password": "a quiet river at dawn", "rules": "y"}


@pytest.fixture
def owner(signed_in, alice):
    return signed_in(alice)


@pytest.fixture
def here(campaign):
    return f"/campaigns/{campaign.id}/invitations"


@pytest.fixture
def invited(app, session, campaign, alice, now):
    """(invitation, the address of its page)"""

    def make(email="zoe@example.org", role=None):
        invitation = invite_one(session, campaign, email, offer=Offer(role=role, locale="en"), by=alice, now=now)
        session.commit()
        with app.app_context():
            return invitation, f"/invitations/{invitation_token(invitation)}"

    return make


@pytest.fixture
def shared(app, session, campaign, alice, now):
    def make(**facts):
        facts = {"max_uses": 1, "expires_at": now + LASTS, "offer": Offer()} | facts
        invitation = make_link(session, campaign, **facts, by=alice, now=now)
        session.commit()
        with app.app_context():
            return invitation, f"/invitations/{invitation_token(invitation)}"

    return make


# The page of who invites ----------------------------------------------------------------------------------------------


def test_a_list_is_checked_then_sent(owner, session, here, campaign, bob):
    sent = {"addresses": f"zoe@example.org\n{bob.email}\nnobody", "role": "participant", "locale": "en"}
    page = owner.post(here, data=sent | {"check": "1"})
    assert page.status_code == 200
    for words in ("1 address is ready", "This is not an email address.", "This person is already in the team."):
        assert words in page.text
    assert session.scalars(select(Invitation)).all() == []
    page = owner.post(here, data=sent)
    assert "1 person is invited." in page.text
    assert "nobody" in page.text, "what was not invited is kept"
    assert [mail.address for mail in session.scalars(select(Message))] == ["zoe@example.org"]
    answer = owner.post(here, data=sent | {"addresses": "yann@example.org"})
    assert answer.status_code == 303


def test_a_file_is_checked_before_anything_is_sent(owner, session, here, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("Name;Mail\nZoe;zoe@example.org\nYann;yann@example.org\nNobody;none\n", encoding="utf-8")
    sent = {"addresses": "", "role": "jury", "locale": "fr", "file": (file.open("rb"), "people.csv")}
    page = owner.post(here, data=sent, content_type="multipart/form-data")
    assert "2 addresses are ready" in page.text
    assert "zoe@example.org\nyann@example.org\nnone" in page.text.replace("\r", "")
    assert session.scalars(select(Invitation)).all() == []


def test_a_file_without_addresses_is_refused_with_a_sentence(owner, here, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("Name;Town\nZoe;Paris\nYann;Brest\n", encoding="utf-8")
    sent = {"addresses": "kept@example.org", "role": "jury", "locale": "fr", "file": (file.open("rb"), "people.csv")}
    page = owner.post(here, data=sent, content_type="multipart/form-data")
    assert page.status_code == 422
    assert "No column of this file has email addresses." in page.text
    assert "kept@example.org" in page.text


def test_an_empty_list_is_refused(owner, here):
    answer = owner.post(here, data={"addresses": " \u200b ", "role": "participant", "locale": "en"})
    assert answer.status_code == 422
    assert "Enter at least one email address." in answer.text


def test_a_link_is_made_copied_and_withdrawn(owner, client, session, here):
    answer = owner.post(f"{here}/link", data={
        "link-role": "participant", "link-locale": "fr", "link-max_uses": "2", "link-last_day": "2027-06-30"
    })  # fmt: skip
    assert answer.status_code == 303
    invitation = session.scalars(select(Invitation)).one()
    address = re.search(r'data-copy="http://localhost([^"]+)"', owner.get(here).text)[1]
    assert client.get(address).status_code == 200
    owner.post(f"{here}/{invitation.id}/revoke")
    page = client.get(address)
    assert page.status_code == 410
    assert "This invitation was withdrawn." in page.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"link-max_uses": "0"}, "Choose how many people may use the link"),
        ({"link-last_day": "2020-01-01"}, "Choose a last day that is not past"),
        ({"link-last_day": "9999-12-31"}, "Check the year."),
        ({"link-role": "owner"}, "Not a valid choice"),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(owner, here, sent, sentence):
    given = {"link-role": "jury", "link-locale": "fr", "link-max_uses": "2", "link-last_day": "2027-06-30"}
    answer = owner.post(f"{here}/link", data=given | sent)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_an_invitation_is_sent_again_until_it_is_withdrawn(owner, session, here, invited):
    invitation, _ = invited()
    assert owner.post(f"{here}/{invitation.id}/send").status_code == 303
    assert session.scalars(select(Message.key)).all() == [f"invitation:{invitation.id}:2"]
    owner.post(f"{here}/{invitation.id}/revoke")
    owner.post(f"{here}/{invitation.id}/send")
    assert len(session.scalars(select(Message.key)).all()) == 1


def test_the_list_is_downloaded_without_secrets_and_without_formulas(owner, session, here, invited, shared):
    _, address = invited("=cmdx@example.org")
    shared()
    text = owner.get(f"{here}/invitations.csv").text
    assert "'=cmdx@example.org" in text
    assert text.count("\n") == 3
    assert address.rsplit("/", 1)[1] not in text


def test_only_the_lead_and_administrators_invite(signed_in, here, bob, charlie):
    for person in (bob, charlie):
        browser = signed_in(person)
        assert browser.get(here).status_code == 403
        assert browser.post(here, data={"addresses": "a@example.org"}).status_code == 403
        assert browser.get(f"{here}/invitations.csv").status_code == 403


def test_an_invitation_of_another_campaign_is_not_found(owner, here, make_campaign, invited):
    invitation, _ = invited()
    other = make_campaign()
    assert owner.post(f"/campaigns/{other.id}/invitations/{invitation.id}/revoke").status_code == 404


# The mail -------------------------------------------------------------------------------------------------------------


def test_the_mail_holds_the_link_and_the_database_does_not(app, session, connection, invited, now, settings):
    invitation, address = invited(role=Role.JURY)
    invite_by_mail(session, [invitation], domain="localhost", now=now)
    session.commit()
    with app.app_context():
        letter = write_invitation_letter(session, invitation)
        assert f"http://localhost{address}" in letter.text
        for words in ("Alice invites you", "Jury member", "Never invite me again"):
            assert words in letter.text
            assert words in letter.html
        mail = compose(session.scalars(select(Message)).one(), sender="a@example.org", letter=letter)
        assert mail["To"] == "zoe@example.org"
        assert mail["List-Unsubscribe"] == f"<http://localhost{address}/never>"
        assert deliver_due(now) == 1
    session.expire_all()
    message = session.scalars(select(Message)).one()
    assert (message.subject, message.body, message.html) == ("", "", "")
    assert message.sent_at is not None
    assert message_page(session, number=1).messages == [message]


def test_the_mail_of_a_withdrawn_invitation_is_not_sent(app, session, connection, invited, alice, now):
    invitation, _ = invited()
    invite_by_mail(session, [invitation], domain="localhost", now=now)
    revoke_invitation(session, invitation, by=alice, now=now)
    session.commit()
    with app.app_context():
        assert deliver_due(now) == 0
    assert session.scalars(select(Message)).all() == []


def test_the_mail_is_in_the_language_of_the_invitation(app, session, campaign, alice, now):
    invitation = invite_one(session, campaign, "zoe@example.org", offer=Offer(locale="fr"), by=alice, now=now)
    with app.app_context():
        assert 'lang="fr"' in write_invitation_letter(session, invitation).html


def test_administrators_see_the_mail_without_its_secret(app, signed_in, session, make_person, invited, now):
    invitation, address = invited()
    invite_by_mail(session, [invitation], domain="localhost", now=now)
    session.commit()
    browser = signed_in(make_person("Ada", is_admin=True))
    message = session.scalars(select(Message)).one()
    for page in (browser.get("/messages").text, browser.get(f"/messages/{message.id}").text):
        assert "zoe@example.org" in page
        assert address not in page


# Whoever is invited ---------------------------------------------------------------------------------------------------


def test_invited_then_an_account_then_a_first_idea(client, session, campaign, invited, now):
    invitation, address = invited()
    page = client.get(address).text
    for words in ("Alice invites you", campaign.title, "zoe@example.org", "Create an account to join"):
        assert words in page
    assert 'name="email"' not in page
    # The address is that of the invitation, whatever the form says.
    answer = client.post(f"{address}/account", data=ACCOUNT | {"email": "other@example.org"})
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{campaign.id}")
    zoe = find_person(session, "zoe@example.org")
    assert zoe.name == "Zoe"
    assert find_person(session, "other@example.org") is None
    session.expire_all()
    assert invitation.state(now) is InvitationState.USED
    new = f"/campaigns/{campaign.id}/ideas/new"
    assert client.get(new).status_code == 200
    assert client.post(new, data={"title": "", "body": "Open the door.", "form_key": "first"}).status_code == 303
    assert client.get(address).text.count("You have already joined.") == 1


def test_a_refused_account_keeps_what_was_typed_and_spends_nothing(client, session, invited, now):
    invitation, address = invited()
    answer = client.post(f"{address}/account", data={"name": "Zoe", "password": "short", "rules": "y"})
    assert answer.status_code == 422
    assert 'value="Zoe"' in answer.text
    session.expire_all()
    assert invitation.state(now) is InvitationState.WAITING
    assert find_person(session, "zoe@example.org") is None


def test_looking_spends_nothing_and_the_address_stays_private(client, session, invited, now):
    invitation, address = invited()
    for _ in range(3):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "noindex" in answer.headers["X-Robots-Tag"]
    session.expire_all()
    assert invitation.state(now) is InvitationState.WAITING


def test_a_member_reads_so_in_their_language_and_goes_on_to_the_campaign(
    app, session, client, campaign, charlie, invited, now
):
    charlie.locale = "fr"
    invitation, address = invited("charlie@example.org")
    with app.app_context():
        letter = write_invitation_letter(session, invitation)
    assert 'lang="fr"' in letter.html, "the invitation is in English"
    assert "Charlie" in letter.text
    assert f"http://localhost{address}" in letter.text
    page = client.get(address).text
    assert 'name="password"' not in page, "no account is created"
    signed = client.post("/sign-in", data={"email": charlie.email, "password": PASSWORD, "next": address})
    assert signed.location == address
    assert client.post(address).location == f"/campaigns/{campaign.id}"


def test_only_whoever_has_an_account_reads_that_they_have_one(app, session, charlie, invited):
    with app.app_context():
        for email, words in ((charlie.email, "Join the campaign"), ("zoe@example.org", "See the invitation")):
            letter = write_invitation_letter(session, invited(email)[0])
            assert words in letter.text
            assert ("You already have an account" in letter.text) == (email == charlie.email)


def test_a_member_joins_with_the_role(signed_in, client, session, campaign, charlie, invited):
    _, address = invited(charlie.email, Role.OBSERVER)
    page = client.get(address).text
    assert "You already have an account with this address." in page
    assert "/sign-in?next=" in page
    assert client.post(address).location.startswith("/sign-in")
    browser = signed_in(charlie)
    assert browser.post(address).location == f"/campaigns/{campaign.id}"
    assert role_of(session, campaign, charlie) is Role.OBSERVER


def test_an_invitation_is_not_usable_by_another_account(signed_in, session, campaign, charlie, invited, now):
    _, address = invited("zoe@example.org", Role.FACILITATOR)
    browser = signed_in(charlie)
    for answer in (browser.get(address), browser.post(address)):
        assert answer.status_code == 403
        assert "This invitation was sent to another address than that of your account." in answer.text
        assert "zoe@example.org" not in answer.text
    assert role_of(session, campaign, charlie) is Role.PARTICIPANT


def test_a_shared_link_shows_a_visitor_no_surname(client, session, alice, shared):
    alice.name = "Alice Lefevre"
    session.commit()
    _, address = shared()
    page = client.get(address).text
    assert "Alice L. invites you" in page
    assert "Lefevre" not in page


def test_a_shared_link_takes_as_many_as_it_says(app, client, session, campaign, shared):
    _, address = shared()
    sent = ACCOUNT | {"email": "zoe@example.org"}
    assert client.post(f"{address}/account", data=sent).status_code == 303
    second = app.test_client()
    answer = second.post(f"{address}/account", data=sent | {"email": "yann@example.org", "name": "Yann"})
    assert answer.status_code == 410
    assert find_person(session, "yann@example.org") is None


@pytest.mark.parametrize("token", ["nobody", "WzEsMV0.AAAA", "../x", "%00", "x" * 3_000])
def test_a_link_that_nobody_signed_is_not_found(client, token):
    for address in (f"/invitations/{token}", f"/invitations/{token}/never"):
        assert client.get(address).status_code in {404, 308}
    assert client.post(f"/invitations/{token}/account").status_code in {404, 308}


def test_an_expired_invitation_says_so(client, session, invited, now):
    invitation, address = invited()
    invitation.expires_at = now
    session.commit()
    answer = client.get(address)
    assert answer.status_code == 410
    assert "This invitation has expired." in answer.text
    assert client.post(f"{address}/account", data=ACCOUNT).status_code == 410
    assert session.scalars(select(Person).where(Person.email == "zoe@example.org")).all() == []


def test_never_invite_me_again(client, session, owner, here, invited, now):
    invitation, address = invited()
    assert "Send me no more invitations" in client.get(f"{address}/never").text
    session.expire_all()
    assert invitation.state(now) is InvitationState.WAITING
    assert "You get no more invitations" in client.post(f"{address}/never").text
    page = owner.post(here, data={"addresses": "zoe@example.org", "role": "participant", "locale": "en"})
    assert "This person wants no more invitations." in page.text


def test_hostile_names_are_shown_as_text(client, session, campaign, alice, invited):
    campaign.title, alice.name = "<script>alert(1)</script>", '"><img src=x>'
    session.commit()
    _, address = invited()
    page = client.get(address).text
    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page
    assert session.scalars(select(Idea)).all() == []
