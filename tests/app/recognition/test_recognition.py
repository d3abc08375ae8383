"""Pages of points, badges and standings: what they show, to whom, and how they are switched off."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.database import sqlite
from app.jobs import tell_badges
from app.mail.notices import notify_due
from ideas.activity.activity import Activity
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import add_comment
from ideas.contributions.draft import submit_idea
from ideas.contributions.vote import cast_vote
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Motivation
from ideas.recognition import telling
from ideas.recognition.badge import badges_of
from ideas.recognition.points import point_values
from ideas.spaces.audience import AudienceSpace
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue
from ideas.spaces.space import SpaceRole

pytestmark = pytest.mark.one_database


@pytest.fixture
def people(campaign, make_person, make_ideas):
    """Six people who wrote from six ideas to one."""
    found = [make_person(f"Writer {number}") for number in range(6)]
    for number, person in enumerate(found):
        make_ideas(campaign, person, [{"body": f"Idea {place}"} for place in range(6 - number)])
    return found


def test_a_person_reads_their_points_and_badges_and_switches_them_off(
    session, campaign, charlie, alice, idea, signed_in, now
):
    add_comment(session, idea, author=charlie, body="And then?", now=now)
    session.commit()
    browser = signed_in(charlie)
    for address in ("/me", "/me/points"):
        page = browser.get(address).text
        assert "12 points" in page
        assert "First idea" in page
    assert "1 × 10 =" in page
    assert "See the standing" in browser.get(f"/campaigns/{campaign.id}").text
    assert browser.post("/me/motivation", data={"motivation": "sometimes"}).status_code == 422
    assert browser.post("/me/motivation", data={"motivation": "off"}).status_code == 303
    session.expire_all()
    assert charlie.motivation is Motivation.OFF
    for address in ("/me", f"/campaigns/{campaign.id}"):
        page = browser.get(address).text
        assert " points" not in page.replace("Points, badges and standings", "")
        assert "First idea" not in page
        assert "See the standing" not in page
    for address in ("/me/points", f"/campaigns/{campaign.id}/standing"):
        assert browser.get(address).location == "/me/motivation"


def test_my_page_says_my_rank_also_where_i_am_not_listed(session, campaign, people, signed_in):
    browser = signed_in(people[1])
    assert "Your rank in “Easier mornings”, which only you see: 2." in browser.get("/me").text
    for motivation, shown in ((Motivation.PRIVATE, True), (Motivation.OFF, False)):
        people[1].motivation = motivation
        session.commit()
        page = browser.get("/me").text
        assert ("With your points you would have rank 2." in page) is shown
        assert "which only you see" not in page


def test_my_page_gathers_what_i_gave_and_every_page_of_mine(session, campaign, charlie, bob, make_idea, signed_in, now):
    mine, other = make_idea(campaign, charlie, "Mine"), make_idea(campaign, bob, "A bench at the stop")
    cast_vote(session, other, by=charlie, now=now)
    add_comment(session, other, author=charlie, body="Near the school", now=now)
    session.commit()
    page = signed_in(charlie).get("/me").text
    for words in ("1 idea that I support", "A bench at the stop", "1 comment of mine", "Near the school"):
        assert words in page
    pages = ("notices", "follows", "notices/preferences", "motivation", "sessions", "data", "sanctions", "profile")
    assert [name for name in pages if f'href="/me/{name}"' not in page] == []
    assert mine.id


def test_a_standing_lists_the_first_half_and_tells_readers_their_own_place(
    session, campaign, people, client, signed_in, count_queries
):
    address = f"/campaigns/{campaign.id}/standing"
    last = signed_in(people[5])
    page = last.get(address).text
    assert re.findall(r'standing__name" dir="auto">([^<]*)', page) == ["Writer 0", "Writer 1", "Writer 2"]
    assert "Your place, which only you see: rank 6, 10 points." in page
    assert "10 points for an idea, 2 for a comment" in page
    assert "A question to the team gives 5 once it is answered." in page
    assert "Everyone who mentions a member" in last.get(f"{address}?board=mentions").text
    visitor = client.get(f"{address}?board=support&period=week&after=x").text
    assert "Nobody is listed yet" in visitor
    assert "Counted since midnight on" in visitor
    assert ">Writer 0.<" in client.get(address).text  # a visitor reads first names and initials
    assert last.get(f"{address}?after=60-{people[0].id}&board=nonsense").text.count("standing__name") == 2
    assert last.get(f"{address}?after=99999999999-9").status_code == 200
    people[0].motivation = Motivation.PRIVATE
    session.commit()
    assert "Writer 0" not in last.get(address).text
    campaign.has_standings = False
    session.commit()
    assert "This campaign has no standing" in last.get(address).text


def test_groups_are_compared_for_members_alone(session, campaign, people, client, signed_in):
    attribute = Attribute(name="Department", values=[AttributeValue(name=name) for name in ("Care", "Office")])
    session.add(attribute)
    session.flush()
    campaign.standing_attribute_id = attribute.id
    session.commit()
    address = f"/campaigns/{campaign.id}/standing?board=groups"
    assert "No groups to compare yet" in signed_in(people[5]).get(address).text
    assert "No groups to compare yet" not in client.get(address).text


def test_the_best_groups_are_listed_in_a_campaign_and_in_a_space(
    session, campaign, make_person, make_ideas, alice, signed_in, now
):
    names = ("Care", "Office", "IT")
    attribute = Attribute(name="Department", values=[AttributeValue(name=name) for name in names])
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    session.add_all([attribute, AudienceSpace(campaign_id=campaign.id, number=0, space_id=space.id)])
    session.flush()
    campaign.standing_attribute_id = attribute.id
    for number in range(15):
        person, value = make_person(f"P{number}"), attribute.values[number // 5]
        session.add(PersonValue(person_id=person.id, attribute_id=attribute.id, value_id=value.id))
        add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
        written = {"body": "One", "submitted_at": now - timedelta(days=2)}
        make_ideas(campaign, person, [written] * (2 if value.name == "Office" else 1))
    browser = signed_in(person)
    for address in (f"/campaigns/{campaign.id}/standing", f"/spaces/{space.id}/standing"):
        assert 'standing?board=groups&amp;period=all"' in browser.get(address).text
        page = browser.get(f"{address}?board=groups").text
        assert re.findall(r'<td\s+data-label="[^"]+">([^<]+)</td>', page) == ["1", "20", "5 or more"]
        assert re.findall(r'<td dir="auto"><strong>([^<]+)', page) == ["Office"], "none is shown to be last"
    attribute.chosen = False
    session.commit()
    page = browser.get(f"/spaces/{space.id}/standing?board=groups").text
    assert "board=groups&amp;period" not in page


def test_a_space_shows_its_standing_to_those_in_it(session, campaign, people, alice, signed_in, now):
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    session.add(AudienceSpace(campaign_id=campaign.id, number=0, space_id=space.id))
    for person in people[:5]:
        add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
    session.commit()
    address = f"/spaces/{space.id}/standing"
    inside = signed_in(people[0])
    assert f'href="{address}"' in inside.get(f"/spaces/{space.id}").text
    assert inside.get(address).text.count("standing__name") == 2
    assert signed_in(people[5]).get(address).location == f"/spaces/{space.id}"


def test_whoever_manages_sets_points_and_two_at_once_see_both_versions(session, campaign, alice, bob, signed_in):
    address = f"/campaigns/{campaign.id}/motivation"
    sent = {
        "idea": "20", "comment": "2", "support_given": "0", "support_received": "2", "adopted": "30",
        "question_answered": "5",
        "has_standings": "y", "version": "1",
    }  # fmt: skip
    owner, facilitator = signed_in(alice), signed_in(bob)
    assert f'href="{address}"' in owner.get(f"/campaigns/{campaign.id}/edit").text
    refused = owner.post(address, data=sent)
    assert refused.status_code == 422
    assert "Say why you change its points or standings." in refused.text
    for wrong in ("", "-1", "1001", "many"):
        assert "Enter a whole number from 0 to 1000." in owner.post(address, data=sent | {"adopted": wrong}).text
    assert owner.post(address, data=sent | {"change_reason": "Fairer."}).status_code == 303
    page = owner.get(f"/campaigns/{campaign.id}").text
    assert "20 points for an idea, 2 for a comment" in page
    assert "Support gives 0 when you give it" in page
    late = facilitator.post(address, data=sent | {"idea": "5", "change_reason": "Less."})
    assert late.status_code == 409
    assert "There are two versions" in late.text
    session.expire_all()
    assert point_values(session, session.get(Campaign, campaign.id))["idea"] == 20
    logged = session.scalars(select(Activity).where(Activity.object_kind == "campaign").order_by(Activity.id)).all()[-1]
    assert (logged.reason, logged.after["idea"]) == ("Fairer.", 20)


def test_a_badge_is_told_once_in_the_product_and_never_by_mail(
    app, session, campaign, charlie, signed_in, now, monkeypatch
):
    """The job takes no write lock while it looks for badges."""
    locked = []

    def watched(*given):
        locked.append(not sqlite._only_reads())  # noqa: SLF001 -- what BEGIN asks, too
        return badges_of(*given)

    monkeypatch.setattr(telling, "badges_of", watched)
    submit_idea(session, campaign, author=charlie, title="", body="One", now=now)
    session.commit()
    with app.app_context():
        for _turn in range(2):
            tell_badges.run(None, report=lambda _stage, _share: None)
            app.extensions["sqlalchemy"].session.commit()
            notify_due(now)
    assert locked
    assert not any(locked)
    [notice] = session.scalars(select(Notice).where(Notice.kind == NoticeKind.BADGE_REACHED))
    assert notice.person_id == charlie.id
    assert session.scalars(select(Message)).all() == []
    page = signed_in(charlie).get("/me/notices").text
    assert "You have a new badge: “First idea”." in page
    assert 'href="/me/points"' in page
    assert "I reach a badge" not in signed_in(charlie).get("/me/notices/preferences").text
