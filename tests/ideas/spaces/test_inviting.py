"""Invitations to a space: to addresses or by a link, with a role in it; seats, the waiting list, leaving, closing."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.people.inviting import invite_one
from ideas.spaces.addresses import Fault
from ideas.spaces.edit import SpaceText, close_space, create_space
from ideas.spaces.invitation import (
    LASTS,
    InvitationRevoked,
    InvitationState,
    InvitationUsed,
    Offer,
    OtherAddress,
    Target,
    revoke_invitation,
)
from ideas.spaces.invitation_list import count_invitations
from ideas.spaces.inviting import check_for_space, enter_by_invitation, invite_to_space, make_space_link
from ideas.spaces.member_list import place_in_line
from ideas.spaces.membership import SpaceClosed, enter, leave, membership_of, remove
from ideas.spaces.space import Entry, MembershipState, SpaceKind, SpaceRole

MEMBER = Offer(role=SpaceRole.MEMBER)


@pytest.fixture
def space(session, alice, now):
    """A private group with one seat."""
    text = SpaceText("Nurses", kind=SpaceKind.GROUP, entry=Entry.PRIVATE, seats=1)
    return create_space(session, text=text, by=alice, now=now)


@pytest.fixture
def ask(session, space, alice, now):
    """Invite one address."""

    def ask(person, role=SpaceRole.MEMBER):
        done = invite_to_space(session, space, person.email, offer=Offer(role=role), by=alice, now=now)
        assert [line.fault for line in done.lines] == [None]
        return done.invitations[0]

    return ask


@pytest.fixture
def link(session, space, alice, now):
    return make_space_link(session, space, offer=MEMBER, max_uses=3, expires_at=now + LASTS, by=alice, now=now)


def test_whoever_accepts_gets_a_seat_or_waits_and_others_take_none(session, space, ask, make_person, now):
    ada, ben, cleo, dan = (make_person(name) for name in ("Ada", "Ben", "Cleo", "Dan"))
    asked = [ask(ada), ask(ben), ask(cleo, SpaceRole.MODERATOR), ask(dan, SpaceRole.OBSERVER)]
    assert all(membership_of(session, space, person) is None for person in (ada, ben, cleo, dan))
    places = [
        enter_by_invitation(session, invitation, person, now=now)
        for invitation, person in zip(asked, (ada, ben, cleo, dan), strict=True)
    ]
    assert [place.state for place in places] == ["member", "waiting", "member", "member"]
    assert [place.role for place in places] == ["member", "member", "moderator", "observer"]
    assert place_in_line(session, places[1]) == 1
    assert count_invitations(session, Target(space_id=space.id), now=now)[InvitationState.USED] == 4
    assert ada.verified_at is not None, "whoever has the link reads the mails sent there"
    leave(session, places[0], by=ada, now=now)
    assert places[1].state is MembershipState.MEMBER
    session.commit()
    acts = session.scalars(select(Activity.verb).where(Activity.object_kind == "membership").order_by(Activity.id))
    assert list(acts)[1:] == [Verb.JOINED, Verb.QUEUED, Verb.JOINED, Verb.JOINED, Verb.LEFT, Verb.SEATED]


def test_a_list_tells_who_needs_no_invitation_and_not_who_has_an_account(
    session, campaign, space, ask, make_person, alice, charlie, now
):
    ada = make_person("Ada")
    enter_by_invitation(session, ask(ada), ada, now=now)
    ask(make_person("Ben"))
    invite_one(session, campaign, charlie.email, offer=Offer(), by=alice, now=now)
    listed = f"{ada.email}\nben@example.org\n{charlie.email}\nnew@example.org\nnobody"
    lines = check_for_space(session, space, listed, now=now)
    assert [line.fault for line in lines] == [Fault.IN_SPACE, Fault.INVITED, None, None, Fault.INVALID]
    done = invite_to_space(session, space, listed, offer=MEMBER, by=alice, now=now)
    assert [each.email for each in done.invitations] == [charlie.email, "new@example.org"]


def test_who_is_in_keeps_their_role_and_a_request_is_accepted(session, make_person, alice, charlie, bob, now):
    text = SpaceText("Doctors", kind=SpaceKind.INTEREST, entry=Entry.REQUEST)
    doctors = create_space(session, text=text, by=alice, now=now)
    offer = Offer(role=SpaceRole.OBSERVER)
    shared = make_space_link(session, doctors, offer=offer, max_uses=9, expires_at=now + LASTS, by=alice, now=now)
    assert enter_by_invitation(session, shared, alice, now=now).role is SpaceRole.MODERATOR
    enter(session, doctors, by=charlie, now=now)
    place = enter_by_invitation(session, shared, charlie, now=now)
    assert (place.state, place.role) == (MembershipState.MEMBER, SpaceRole.OBSERVER)
    assert enter_by_invitation(session, shared, charlie, now=now) is place


def test_who_was_removed_does_not_come_back_by_the_same_link(session, space, link, ask, alice, charlie, now):
    place = enter_by_invitation(session, link, charlie, now=now)
    remove(session, place, reason="Not a nurse", by=alice, now=now)
    with pytest.raises(InvitationUsed):
        enter_by_invitation(session, link, charlie, now=now)
    assert enter_by_invitation(session, ask(charlie), charlie, now=now).is_in, "a new one lets them in"


def test_an_invitation_that_is_over_or_of_somebody_else_leads_nowhere(
    session, space, link, ask, alice, bob, charlie, now
):
    with pytest.raises(OtherAddress):
        enter_by_invitation(session, ask(charlie), bob, now=now)
    revoke_invitation(session, link, by=alice, now=now)
    with pytest.raises(InvitationRevoked):
        enter_by_invitation(session, link, bob, now=now)
    mine = ask(bob)
    close_space(session, space, by=alice, now=now)
    with pytest.raises(InvitationRevoked):
        enter_by_invitation(session, mine, bob, now=now)
    with pytest.raises(SpaceClosed):
        invite_to_space(session, space, "new@example.org", offer=MEMBER, by=alice, now=now)
    with pytest.raises(SpaceClosed):
        make_space_link(session, space, offer=MEMBER, max_uses=1, expires_at=now + LASTS, by=alice, now=now)
