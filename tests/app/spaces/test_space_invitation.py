"""Inviting people to a space on its pages, the mail that they get, and what its link lets them do."""

import re

import pytest
from sqlalchemy import select

from app.mail.invitation import invitation_token, write_invitation_letter
from ideas.outreach.messages.message import Message
from ideas.people.person import find_person
from ideas.spaces.edit import SpaceText, close_space, create_space
from ideas.spaces.invitation import Invitation, Offer
from ideas.spaces.inviting import invite_to_space
from ideas.spaces.membership import add_person, membership_of
from ideas.spaces.space import Entry, SpaceKind, SpaceRole

ACCOUNT = {"name": "Zoe", "password": "a quiet river at dawn", "rules": "y"}
SENT = {"addresses": "zoe@example.org", "role": "member", "locale": "en"}


@pytest.fixture
def space(session, alice, now):
    text = SpaceText("Nurses of the north", "Fifty wards.", kind=SpaceKind.GROUP, entry=Entry.PRIVATE, seats=1)
    space = create_space(session, text=text, by=alice, now=now)
    session.commit()
    return space


@pytest.fixture
def here(space):
    return f"/spaces/{space.id}/invitations"


@pytest.fixture
def owner(signed_in, alice):
    return signed_in(alice)


def test_a_list_is_checked_sent_sent_again_and_withdrawn(owner, session, here, space, bob, alice, now, tmp_path):
    add_person(session, space, bob, role=SpaceRole.OBSERVER, by=alice, now=now)
    session.commit()
    file = tmp_path / "people.csv"
    file.write_text(f"Name;Mail\nZoe;zoe@example.org\nBob;{bob.email}\nNobody;none\n", encoding="utf-8")
    with file.open("rb") as content:
        sent = SENT | {"addresses": "", "file": (content, "people.csv")}
        page = owner.post(here, data=sent, content_type="multipart/form-data").text
    for words in ("1 address is ready", "This is not an email address.", "already in the space, or waits for a seat"):
        assert words in page
    assert session.scalars(select(Invitation)).all() == []
    page = owner.post(here, data=SENT, follow_redirects=True).text
    assert "1 person is invited." in page
    assert "zoe@example.org" in page
    invitation = session.scalars(select(Invitation)).one()
    assert (invitation.space_id, invitation.campaign_id, invitation.role) == (space.id, None, "member")
    owner.post(f"{here}/{invitation.id}/send")
    assert len(session.scalars(select(Message)).all()) == 2
    owner.post(f"{here}/{invitation.id}/revoke")
    assert "Withdrawn" in owner.get(here).text
    assert owner.get(f"{here}/invitations.csv").text.count("\n") == 2
    assert owner.post(f"/spaces/{space.id + 1}/invitations/{invitation.id}/revoke").status_code == 404
    assert owner.post(here, data=SENT | {"role": "jury"}).status_code == 422


def test_invited_to_a_space_then_an_account_then_the_waiting_list(app, client, session, here, owner, space, now):
    owner.post(f"{here}/link", data={
        "link-role": "member", "link-locale": "fr", "link-max_uses": "2", "link-last_day": "2027-06-30"
    })  # fmt: skip
    shared = re.search(r'data-copy="http://localhost([^"]+)"', owner.get(here).text)[1]
    owner.post(here, data=SENT)
    invitation = session.scalars(select(Invitation).where(Invitation.email == "zoe@example.org")).one()
    with app.app_context():
        letter = write_invitation_letter(session, invitation)
        address = f"/invitations/{invitation_token(invitation)}"
    for words in ("Alice invites you", "Nurses of the north", "Your role in the space: Member", address):
        assert words in letter.text
    page = client.get(address).text
    for words in ("Nurses of the north", "Fifty wards.", "Create an account to join"):
        assert words in page
    assert "No seat is left now." not in page
    answer = client.post(f"{address}/account", data=ACCOUNT)
    assert (answer.status_code, answer.location) == (303, f"/spaces/{space.id}")
    assert "You are now in this space." in client.get(answer.location).text
    assert membership_of(session, space, find_person(session, "zoe@example.org")).is_in
    assert "You have already joined." in client.get(address).text

    second = app.test_client()
    second.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "No seat is left now." in second.get(shared).text
    answer = second.post(f"{shared}/account", data=ACCOUNT | {"email": "yann@example.org", "name": "Yann"})
    assert "You are on the waiting list, at place 1." in second.get(answer.location).text


def test_an_invitation_to_a_closed_space_leads_nowhere(app, client, session, space, alice, now):
    offer = Offer(role=SpaceRole.MEMBER)
    done = invite_to_space(session, space, "zoe@example.org", offer=offer, by=alice, now=now)
    close_space(session, space, by=alice, now=now)
    session.commit()
    with app.app_context():
        address = f"/invitations/{invitation_token(done.invitations[0])}"
    assert client.get(address).status_code == 410
    assert client.post(f"{address}/account", data=ACCOUNT).status_code == 410


def test_only_who_runs_the_space_invites_to_it(signed_in, session, here, space, alice, charlie, make_person, now):
    add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    session.commit()
    member, admin = signed_in(charlie), signed_in(make_person("Ada", is_admin=True))
    assert [member.get(here).status_code, member.post(here, data=SENT).status_code] == [403, 403]
    assert admin.get(here).status_code == 200
    assert "Invite people" not in member.get(f"/spaces/{space.id}").text
