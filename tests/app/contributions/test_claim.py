"""From a file with addresses to ideas that have an author: kept if asked, then claimed by a link or a code."""

import pytest
from sqlalchemy import select

from app.mail.invitation import claim_code, find_by_code, invitation_token, write_invitation_letter
from ideas.contributions.claim import ImportedAddress, invite_authors
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import import_ideas
from ideas.contributions.imports.row import ImportRow
from ideas.outreach.messages.message import Message
from ideas.people.limit import LIMITS, LimitedAct
from ideas.people.person import find_person
from ideas.spaces.invitation import Invitation

FILE = b"Idea;Mail\nOpen the door earlier;zoe@example.org\nMore bicycles please;yann@example.org\n"


@pytest.fixture
def claimed(app, session, campaign, alice, now):
    """(invitation, its address) of the author of an imported idea."""
    rows = [ImportRow(line=1, body="Open the door earlier.", email="zoe@example.org")]
    import_ideas(session, campaign, rows, by=alice, now=now)
    [invitation] = invite_authors(session, campaign, locale="en", by=alice, now=now).invitations
    session.commit()
    with app.app_context():
        return invitation, f"/invitations/{invitation_token(invitation)}"


@pytest.mark.parametrize("kept", [True, False])
def test_addresses_are_kept_only_if_asked(session, campaign, send, kept):
    page = send(FILE)
    assert "Keep the email addresses" in page.text
    sent = {"text": "0", "same_id": "skip", "header": "1", "encoding": "utf-8", "apart": "together"}
    browser, address = send.browser, page.request.path
    assert browser.post(address, data=sent | ({"with_addresses": "y"} if kept else {})).status_code == 303
    page = browser.get(address).text
    assert "Import summary" in page
    assert ("Let the authors claim their ideas" in page) is kept
    assert "zoe@example.org" not in page
    assert len(session.scalars(select(ImportedAddress)).all()) == (2 if kept else 0)
    assert session.scalars(select(Message)).all() == []
    if kept:
        browser.post(f"/campaigns/{campaign.id}/import/authors", data={"locale": "fr"})
        assert len(session.scalars(select(Message)).all()) == 2


def test_the_mail_quotes_the_idea_and_has_link_and_code(app, session, claimed):
    invitation, address = claimed
    with app.app_context():
        text = write_invitation_letter(session, invitation).text
        for words in ("Open the door earlier.", address, claim_code(invitation), "http://localhost/claim"):
            assert words in text


def test_a_new_account_claims_by_the_link(client, session, claimed):
    _, address = claimed
    assert "1 idea sent with your address becomes yours when you join." in client.get(address).text
    sent = {"name": "Zoe", "password": "a quiet river at dawn", "rules": "y"}
    assert client.post(f"{address}/account", data=sent).location == "/me"
    assert "1 idea is now yours." in client.get("/me").text
    session.expire_all()
    assert session.scalars(select(Idea)).one().author_id == find_person(session, "zoe@example.org").id
    assert "now yours" not in client.get("/me").text


def test_another_account_claims_by_the_code_once(app, signed_in, session, charlie, bob, claimed):
    invitation, _ = claimed
    with app.app_context():
        code = claim_code(invitation)
    browser = signed_in(charlie)
    assert browser.post("/claim", data={"code": f" {code.lower().replace('-', ' ')}"}).location == "/me"
    session.expire_all()
    assert session.scalars(select(Idea)).one().author_id == charlie.id
    answer = signed_in(bob).post("/claim", data={"code": code})
    assert answer.status_code == 422
    assert "This invitation was already used." in answer.text


@pytest.mark.parametrize(
    "typed", ["1-AAAA-BBBB-CCCC-DDDD", "x", "999999999-" + "A" * 16, "<script>", "\u0661" * 17, "-" * 60]
)
def test_a_wrong_code_is_refused_with_what_was_typed(signed_in, charlie, claimed, typed):
    answer = signed_in(charlie).post("/claim", data={"code": typed})
    assert answer.status_code == 422
    assert "This code is wrong, or no longer valid." in answer.text


def test_codes_are_not_guessed(signed_in, charlie, claimed):
    browser = signed_in(charlie)
    codes = [
        browser.post("/claim", data={"code": "1-AAAA"}).status_code for _ in range(LIMITS[LimitedAct.CLAIM][0].most + 1)
    ]
    assert codes[-2:] == [422, 429]


def test_a_code_is_long_and_of_one_invitation(app, session, claimed):
    invitation, _ = claimed
    with app.app_context():
        code = claim_code(invitation)
        assert len(code.replace("-", "")) >= 17
        assert find_by_code(session, code) is invitation
        invitation.serial += 1
        assert claim_code(invitation) != code
        assert find_by_code(session, code) is None


def test_only_who_invites_offers_ideas_to_their_authors(signed_in, session, campaign, bob, claimed):
    assert signed_in(bob).post(f"/campaigns/{campaign.id}/import/authors", data={"locale": "fr"}).status_code == 403
    assert len(session.scalars(select(Invitation)).all()) == 1
