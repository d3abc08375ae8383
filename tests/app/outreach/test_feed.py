"""What is new in a campaign or a space, for news readers."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.contributions.idea import withdraw_idea
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person, end_place, membership_of
from ideas.spaces.space import Entry, SpaceKind, SpaceRole

pytestmark = pytest.mark.one_database

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(answer):
    """The kinds and titles of a feed, latest first."""
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    found = ET.fromstring(answer.data).findall(f"{ATOM}entry")  # noqa: S314 -- our own answer
    return [(one.find(f"{ATOM}category").get("term"), one.findtext(f"{ATOM}title")) for one in found]


def test_a_campaign_s_feed_has_what_everyone_reads_and_names_nobody(
    session, client, signed_in, make_campaign, make_idea, alice, charlie, now
):
    campaign = make_campaign(title="Mornings & <more>", announced_at=now - timedelta(days=8))
    kept = make_idea(campaign, charlie, "One click & done.", submitted_at=now - timedelta(days=2))
    gone = make_idea(campaign, charlie, "Withdrawn.", submitted_at=now - timedelta(days=1))
    make_idea(campaign, charlie, "A draft.", submitted_at=None)
    withdraw_idea(session, gone, by=charlie, now=now)
    session.commit()
    address = f"/campaigns/{campaign.id}/news.atom"
    news = client.get(address, headers={"Accept-Language": "en"})
    assert entries(news) == [("idea", kept.title or kept.body), ("announced", "New campaign: Mornings & <more>")]
    assert "Charlie" not in news.text
    same = client.get(address, headers={"Accept-Language": "en", "If-None-Match": news.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    campaign.debriefed_at = now
    session.commit()
    assert entries(client.get(address, headers={"If-None-Match": news.headers["ETag"]}))[0][0] == "debrief"
    assert f'"http://localhost{address}"' in signed_in(alice).get(f"/campaigns/{campaign.id}/share").text
    campaign.open_to_visitors = False
    session.commit()
    assert client.get(address).location.startswith("/sign-in")


def test_a_space_has_a_feed_for_each_of_its_people_that_ends_with_their_rights(
    session, client, signed_in, make_campaign, alice, charlie, now
):
    text = SpaceText("Radiology", kind=SpaceKind.GROUP, entry=Entry.PRIVATE)
    space = create_space(session, text=text, by=alice, now=now)
    add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    inside, draft = make_campaign(title="Inside", open_to_visitors=False), make_campaign(announced_at=None)
    for one in (inside, draft):
        choice = AudienceChoice(Stage(Audience.SPACES, spaces=[space.id]))
        choose_audience(session, one, choice=choice, by=alice, change_reason="Start small", now=now)
    session.commit()
    page = signed_in(charlie).get(f"/spaces/{space.id}").text
    address = re.search(r'data-copy="http://localhost(/feeds/[^"]+)"', page)[1]
    assert entries(client.get(address)) == [("announced", "New campaign: Inside")]
    share = signed_in(charlie).get(f"/campaigns/{inside.id}/share").text
    of_campaign = re.search(r'data-copy="http://localhost(/feeds/[^"]+)"', share)[1]
    assert len(entries(client.get(of_campaign))) == 1
    assert client.get(f"{address.removesuffix('.atom')}x.atom").status_code == 404
    ban = give_sanction(
        session, charlie, SanctionKind.BAN, reason=Reason.INSULT, quote="", words="", by=alice, now=now,
        campaign_id=inside.id,
    )  # fmt: skip
    session.commit()
    assert entries(client.get(address)) == []
    assert client.get(of_campaign).status_code == 404
    session.delete(ban)
    session.commit()
    assert len(entries(client.get(of_campaign))) == 1
    signed_in(charlie).post("/me/calendar")
    assert client.get(address).status_code == client.get(of_campaign).status_code == 404, "a new address was made"
    page = signed_in(charlie).get(f"/spaces/{space.id}").text
    address = re.search(r'data-copy="http://localhost(/feeds/[^"]+)"', page)[1]
    assert len(entries(client.get(address))) == 1
    end_place(session, membership_of(session, space, charlie), now=now)
    session.commit()
    assert client.get(address).status_code == 404
