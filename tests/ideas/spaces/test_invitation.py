"""Invitations: to a list of addresses or by a link, sent again, withdrawn, expired, accepted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.people.inviting import accept, check_addresses, invite, invite_one, make_link
from ideas.campaigns.people.team import NotATeamRole, Role, add_to_team, member_of, role_of, visible_campaign
from ideas.people.limit import LIMITS, LimitedAct, LimitReached
from ideas.spaces.addresses import MAX_ADDRESSES, EmptyList, Fault, TooManyAddresses, read_addresses
from ideas.spaces.audience import Audience
from ideas.spaces.invitation import (
    LASTS,
    EndOutOfRange,
    Invitation,
    InvitationExpired,
    InvitationRevoked,
    InvitationState,
    InvitationUsed,
    Offer,
    OtherAddress,
    Target,
    Unwanted,
    UsesOutOfRange,
    never_again,
    revoke_invitation,
    send_again,
)
from ideas.spaces.invitation_list import count_invitations, invitation_page

DAY = timedelta(days=1)
TAKE_PART = Offer()


@pytest.fixture
def ask(session, campaign, alice, now):
    """Invite one address."""

    def ask(email="zoe@example.org", role=None, **facts):
        offer = Offer(role=role, **facts)
        return invite_one(session, campaign, email, offer=offer, by=alice, now=now)

    return ask


@pytest.fixture
def link(session, campaign, alice, now):
    def link(max_uses=2, role=None, days=10):
        until = now + days * DAY
        return make_link(
            session, campaign, offer=Offer(role=role), max_uses=max_uses, expires_at=until, by=alice, now=now
        )

    return link


def test_a_list_is_read_as_people_write_it():
    lines = read_addresses("Ada <Ada@Example.org>, bob@example.org;\n\n zoé@exämple.org\r\nnobody\nADA@example.org")
    assert [(line.email, line.fault) for line in lines] == [
        ("ada@example.org", None),
        ("bob@example.org", None),
        ("zoé@exämple.org", None),
        ("", Fault.INVALID),
        ("ada@example.org", Fault.TWICE),
    ]


def test_a_list_that_is_empty_or_too_long_is_refused():
    with pytest.raises(EmptyList):
        read_addresses(" ,;\n \u200b")
    with pytest.raises(TooManyAddresses):
        read_addresses("\n".join(f"a{n}@example.org" for n in range(MAX_ADDRESSES + 1)))


@pytest.mark.parametrize(
    "hostile", ["a@b.org\x00", "<script>@example.org", "a@b.org%0abcc:x@y.org", "x" * 300 + "@a.org"]
)
def test_hostile_addresses_are_no_addresses_or_plain_ones(hostile):
    [line] = read_addresses(hostile)
    assert line.fault is Fault.INVALID or line.email in {"a@b.org", "a@b.org%0abcc:x@y.org"}
    assert len(line.written) <= 80


def test_a_list_tells_of_each_line_whether_it_is_invited(session, campaign, alice, bob, charlie, ask, now):
    ask("zoe@example.org")
    never_again(session, ask("no@example.org"), now=now)
    text = f"{alice.email}\n{bob.email}\n{charlie.email}\nzoe@example.org\nno@example.org\nnew@example.org"
    found = check_addresses(session, campaign, text, offer=TAKE_PART, now=now)
    # Charlie has an account, and the last has none: nothing tells them apart.
    faults = [Fault.IN_TEAM, Fault.IN_TEAM, None, Fault.INVITED, Fault.UNWANTED, None]
    assert [line.fault for line in found] == faults
    done = invite(session, campaign, text, offer=TAKE_PART, by=alice, now=now)
    assert [line.fault for line in done.lines] == faults
    assert [each.email for each in done.invitations] == [charlie.email, "new@example.org"]


def test_whoever_accepts_gets_the_role_and_its_dates_and_both_are_in_the_log(session, campaign, charlie, ask, now):
    invitation = ask(charlie.email, Role.JURY, ends_at=now + DAY)
    assert role_of(session, campaign, charlie) is Role.PARTICIPANT
    assert accept(session, invitation, charlie, now=now) is campaign
    assert role_of(session, campaign, charlie) is Role.JURY
    assert member_of(session, campaign, charlie).ends_at == now + DAY
    assert invitation.state(now) is InvitationState.USED
    session.commit()
    acts = session.scalars(select(Activity).where(Activity.actor_id == charlie.id).order_by(Activity.id)).all()
    assert [(act.verb, act.object_kind) for act in acts] == [
        (Verb.ACCEPTED, "invitation"), (Verb.ADMITTED, "guest"), (Verb.ADDED, "team_member")
    ]  # fmt: skip
    everything = session.scalars(select(Activity)).all()
    assert not any(charlie.email in str((act.before, act.after, act.reason)) for act in everything)


def test_whoever_accepts_finds_a_campaign_that_is_for_invited_people_only(session, campaign, charlie, ask, now):
    campaign.audience = Audience.INVITED
    session.flush()
    assert visible_campaign(session, campaign.id, charlie) is None
    accept(session, ask(charlie.email), charlie, now=now)
    assert visible_campaign(session, campaign.id, charlie) is campaign


def test_the_link_of_an_invitation_proves_the_address_that_it_was_sent_to(session, charlie, bob, ask, link, now):
    charlie.verified_at = bob.verified_at = None
    accept(session, ask(charlie.email), charlie, now=now)
    accept(session, link(), bob, now=now)
    assert charlie.verified_at == now
    assert bob.verified_at is None, "a link that is for anybody proves nothing"


def test_who_is_in_the_team_does_not_raise_themself_with_a_link(session, campaign, alice, charlie, link, now):
    add_to_team(session, campaign, charlie, role=Role.OBSERVER, by=alice, now=now)
    accept(session, link(role=Role.FACILITATOR), charlie, now=now)
    assert role_of(session, campaign, charlie) is Role.OBSERVER


def test_an_invitation_is_not_for_another_account(session, campaign, charlie, ask, now):
    invitation = ask("zoe@example.org", Role.FACILITATOR)
    with pytest.raises(OtherAddress):
        accept(session, invitation, charlie, now=now)
    assert invitation.state(now) is InvitationState.WAITING


def test_an_invitation_ends_after_its_time(session, charlie, ask, now):
    invitation = ask(charlie.email)
    assert invitation.state(now + LASTS - timedelta(microseconds=1)) is InvitationState.WAITING
    with pytest.raises(InvitationExpired):
        accept(session, invitation, charlie, now=now + LASTS)


def test_a_withdrawn_invitation_is_worth_nothing_also_when_it_is_made_again(session, charlie, ask, alice, now):
    invitation = ask(charlie.email)
    revoke_invitation(session, invitation, by=alice, now=now)
    with pytest.raises(InvitationRevoked):
        accept(session, invitation, charlie, now=now)
    serial = invitation.serial
    again = ask(charlie.email, Role.JURY)
    assert again is invitation
    assert again.serial == serial + 1, "the earlier link stays worthless"
    accept(session, again, charlie, now=now)
    with pytest.raises(InvitationUsed):
        revoke_invitation(session, again, by=alice, now=now)


def test_who_left_the_team_can_be_invited_to_it_again(session, campaign, alice, charlie, ask, now):
    accept(session, ask(charlie.email, Role.JURY), charlie, now=now)
    session.delete(member_of(session, campaign, charlie))
    session.flush()
    again = ask(charlie.email, Role.OBSERVER)
    accept(session, again, charlie, now=now)
    assert role_of(session, campaign, charlie) is Role.OBSERVER


def test_a_link_is_used_as_often_as_it_says_and_once_by_each(session, bob, charlie, make_person, link, now):
    shared = link(max_uses=2)
    for person in (bob, charlie, charlie):
        accept(session, shared, person, now=now)
    assert (shared.uses, shared.state(now)) == (2, InvitationState.USED)
    with pytest.raises(InvitationUsed):
        accept(session, shared, make_person("Zoe"), now=now)
    accept(session, shared, charlie, now=now)  # who has joined is not refused


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"max_uses": 0}, UsesOutOfRange),
        ({"max_uses": 10**6}, UsesOutOfRange),
        ({"days": 0}, EndOutOfRange),
        ({"days": 400}, EndOutOfRange),
        ({"role": Role.OWNER}, NotATeamRole),
    ],
)
def test_a_link_has_bounds(link, facts, error):
    with pytest.raises(error):
        link(**facts)


def test_an_invitation_to_a_deleted_campaign_leads_nowhere(session, campaign, charlie, ask, now):
    invitation = ask(charlie.email)
    campaign.deleted_at = now
    with pytest.raises(InvitationRevoked):
        accept(session, invitation, charlie, now=now)


def test_who_wants_no_invitation_gets_none_whoever_asks(session, campaign, alice, ask, now):
    invitation = ask("zoe@example.org")
    never_again(session, invitation, now=now)
    assert invitation.state(now) is InvitationState.REVOKED
    with pytest.raises(InvitationRevoked):
        send_again(session, invitation, by=alice, now=now)
    assert "zoe" not in session.scalars(select(Unwanted.address_hash)).one()
    [line] = invite(session, campaign, "zoe@example.org", offer=TAKE_PART, by=alice, now=now).lines
    assert line.fault is Fault.UNWANTED


def test_one_person_is_not_mailed_again_and_again(session, campaign, alice, ask, now):
    invitation = ask("zoe@example.org")
    for _ in range(LIMITS[LimitedAct.INVITED][0].most - 1):
        send_again(session, invitation, by=alice, now=now)
    with pytest.raises(LimitReached):
        send_again(session, invitation, by=alice, now=now)
    revoke_invitation(session, invitation, by=alice, now=now)
    [line] = invite(session, campaign, "zoe@example.org", offer=TAKE_PART, by=alice, now=now).lines
    assert line.fault is Fault.LIMIT


def test_nobody_mails_the_world(session, campaign, alice, now):
    text = "\n".join(f"a{n}@example.org" for n in range(51))
    with pytest.raises(LimitReached):
        invite(session, campaign, text, offer=TAKE_PART, by=alice, now=now)  # a new account
    assert session.scalars(select(Invitation)).all() == []


def test_an_invitation_that_expired_is_sent_again_and_lasts(session, alice, charlie, ask, now):
    invitation = ask(charlie.email)
    later = now + LASTS + DAY
    send_again(session, invitation, by=alice, now=later)
    assert (invitation.times_sent, invitation.expires_at) == (2, later + LASTS)
    accept(session, invitation, charlie, now=later)
    with pytest.raises(InvitationUsed):
        send_again(session, invitation, by=alice, now=later)


def test_the_list_is_searched_filtered_and_counted(session, campaign, alice, charlie, ask, link, now):
    ask("zoe@example.org")
    accept(session, ask(charlie.email), charlie, now=now)
    revoke_invitation(session, ask("yann@example.org"), by=alice, now=now)
    link()
    here = Target(campaign.id)
    for state, count in count_invitations(session, here, now=now).items():
        page = invitation_page(session, here, number=1, now=now, state=state)
        assert page.total == count
        assert all(each.state(now) is state for each in page.invitations)
    assert count_invitations(session, here, now=now) == {"waiting": 2, "used": 1, "expired": 0, "revoked": 1}
    assert count_invitations(session, here, now=now + LASTS)["expired"] == 2
    found = invitation_page(session, here, number=1, now=now, containing="ZOE").invitations
    assert [each.email for each in found] == ["zoe@example.org"]
