"""Authors of imported ideas claim them: only those sent with their address, once, and only when invited."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.contributions.claim import (
    ImportedAddress,
    Unclaimed,
    authors_to_tell,
    ideas_of_same_author,
    ideas_to_claim,
    invite_authors,
    join_and_claim,
    keep_addresses,
    tell_no_more,
    unclaimed,
)
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import import_ideas
from ideas.contributions.imports.known import SameId
from ideas.contributions.imports.row import ImportRow, prepare
from ideas.outreach.messages.message import Message
from ideas.spaces.addresses import EmptyList
from ideas.spaces.invitation import InvitationUsed, OtherAddress, revoke_invitation


@pytest.fixture
def load(session, campaign, alice, now):
    """Import (text, address) rows, with identifiers if asked."""

    def load(*rows, keys=False, same_id=SameId.SKIP, agreed=True):
        given = [
            ImportRow(line=line, body=text, email=email, key=f"k{line}" if keys else "")
            for line, (text, email) in enumerate(rows, start=1)
        ]
        import_ideas(session, campaign, given, by=alice, same_id=same_id, now=now)
        keep_addresses(session, campaign, list(prepare(given)), agreed=agreed)

    return load


def addresses(session):
    found = session.execute(select(Idea.body, ImportedAddress.email).join(ImportedAddress).order_by(Idea.id))
    return [tuple(row) for row in found]


def test_addresses_are_kept_apart_from_the_ideas(session, load):
    load(("One", " Zoe@Example.org "), ("Two", "nobody"), ("Three", ""))
    assert addresses(session) == [("One", "zoe@example.org")]
    assert session.scalars(select(Message)).all() == [], "nothing is sent by an import"


def test_a_repeated_import_adds_the_addresses_that_were_left_out(session, load):
    for keys in (False, True):
        load(("One", ""), ("Two", ""), keys=keys)
        load(("One", "zoe@example.org"), ("Two", "yann@example.org"), keys=keys)
    assert [email for _, email in addresses(session)] == ["zoe@example.org", "yann@example.org"] * 2


def test_an_address_never_goes_to_the_idea_of_somebody_else(session, load):
    load(("One", "zoe@example.org"), keys=True)
    load(("Another text", "yann@example.org"), keys=True)  # the same identifier, of another file
    assert addresses(session) == [("One", "zoe@example.org")]
    load(("Another text", "yann@example.org"), keys=True, same_id=SameId.ADD)
    assert addresses(session) == [("One", "zoe@example.org"), ("Another text", "yann@example.org")]


def test_authors_are_invited_once_and_claim_what_is_theirs(session, campaign, alice, charlie, make_person, load, now):
    zoe = make_person("Zoe")
    load(("One", zoe.email), ("Two", zoe.email), ("Three", "yann@example.org"), ("Four", ""))
    assert unclaimed(session, campaign) == Unclaimed(ideas=3, addresses=2, not_invited=2, agreed=1, silent=2)
    done = invite_authors(session, campaign, locale="fr", by=alice, now=now)
    assert [each.email for each in done.invitations] == ["yann@example.org", zoe.email]
    assert unclaimed(session, campaign).not_invited == 0
    with pytest.raises(EmptyList):
        invite_authors(session, campaign, locale="fr", by=alice, now=now)
    invitation = done.invitations[1]
    with pytest.raises(OtherAddress):
        join_and_claim(session, invitation, charlie, now=now)
    _, ideas = join_and_claim(session, invitation, zoe, now=now)
    assert [idea.body for idea in ideas] == ["One", "Two"]
    assert {idea.author_id for idea in ideas} == {zoe.id}
    assert join_and_claim(session, invitation, zoe, now=now)[1] == []
    session.commit()
    acts = session.scalars(select(Activity).where(Activity.verb == Verb.CLAIMED)).all()
    assert [(act.actor_id, act.after) for act in acts] == [(zoe.id, {"author_id": zoe.id})] * 2
    assert addresses(session) == [("Three", "yann@example.org")], "an address that was claimed is not kept"


def test_nobody_is_invited_who_did_not_agree_to_be_written_to(session, campaign, alice, load, now):
    load(("One", "yann@example.org"), ("Two", "zoe@example.org"), agreed=False)
    assert unclaimed(session, campaign) == Unclaimed(ideas=2, addresses=2, not_invited=0, not_agreed=2, silent=2)
    with pytest.raises(EmptyList):
        invite_authors(session, campaign, locale="fr", by=alice, now=now)
    load(("Three", "zoe@example.org"))  # one of her ideas came in a file whose authors agreed
    assert unclaimed(session, campaign).not_agreed == 1
    done = invite_authors(session, campaign, locale="fr", by=alice, now=now)
    assert [each.email for each in done.invitations] == ["zoe@example.org"]


def test_a_code_lets_an_account_with_another_address_claim_once(session, campaign, alice, bob, charlie, load, now):
    load(("One", "zoe@example.org"))
    [invitation] = invite_authors(session, campaign, locale="fr", by=alice, now=now).invitations
    _, [idea] = join_and_claim(session, invitation, charlie, now=now, any_address=True)
    assert idea.author_id == charlie.id
    with pytest.raises(InvitationUsed):
        join_and_claim(session, invitation, bob, now=now, any_address=True)


def test_withdrawn_ideas_and_those_of_other_campaigns_are_not_claimed(
    session, campaign, make_campaign, alice, make_person, load, now
):
    zoe = make_person("Zoe")
    other = make_campaign(title="Other")
    import_ideas(session, other, [ImportRow(line=1, body="Elsewhere", email=zoe.email)], by=alice, now=now)
    load(("One", zoe.email), ("Two", zoe.email))
    session.scalars(select(Idea).where(Idea.body == "Two")).one().withdrawn_at = now
    [invitation] = invite_authors(session, campaign, locale="fr", by=alice, now=now).invitations
    assert [idea.body for idea in ideas_to_claim(session, invitation)] == ["One"]


def test_a_withdrawn_invitation_gives_no_idea(session, campaign, alice, charlie, load, now):
    load(("One", charlie.email))
    [invitation] = invite_authors(session, campaign, locale="fr", by=alice, now=now).invitations
    revoke_invitation(session, invitation, by=alice, now=now)
    with pytest.raises(Exception, match="withdrawn"):
        join_and_claim(session, invitation, charlie, now=now)
    assert session.scalars(select(Idea)).one().author_id is None


def test_no_later_file_takes_back_what_an_author_said_of_mails(session, campaign, load, now):
    rows = ("One", "zoe@example.org"), ("Two", "yann@example.org")
    for agreed in (True, False):
        load(*rows, keys=True, agreed=agreed)
        assert sorted(authors_to_tell(session, campaign.id)) == ["yann@example.org", "zoe@example.org"]
    number = authors_to_tell(session, campaign.id)["zoe@example.org"]
    for _twice in range(2):
        tell_no_more(session, number, now=now)
    load(*rows, ("Three", "zoe@example.org"), keys=True, agreed=True)
    assert sorted(authors_to_tell(session, campaign.id)) == ["yann@example.org"]
    assert ideas_of_same_author(session, number) == []
    assert unclaimed(session, campaign) == Unclaimed(
        ideas=3, addresses=2, not_invited=1, not_agreed=1, agreed=1, silent=2
    )
