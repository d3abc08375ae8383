"""The page where the audience of a campaign is chosen, and what an address answers outside of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.campaigns.audience import AudienceChoice, Stage, audience_of, choose_audience
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.guest import Guest, admit
from ideas.spaces.membership import add_person
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue
from ideas.spaces.space import Entry, SpaceKind, SpaceRole


@pytest.fixture
def board(session, alice, now):
    text = SpaceText("Board", kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=12)
    space = create_space(session, text=text, by=alice, now=now)
    session.commit()
    return space


@pytest.fixture
def owner(signed_in, alice):
    return signed_in(alice)


@pytest.fixture
def page(campaign):
    return f"/campaigns/{campaign.id}/audience"


def test_the_owner_chooses_spaces_and_a_later_stage_with_a_reason(session, campaign, owner, board, page, now):
    later = now + timedelta(days=3)
    chosen = {
        "audience_0": "spaces",
        "spaces_0": [board.id],
        "audience_1": "public",
        "opens_1": later.strftime("%Y-%m-%dT%H:%M"),
        "change_reason": "Start small",
        "version": campaign.audience_version,
    }
    answer = owner.post(page, data=chosen, follow_redirects=True)
    assert "Saved." in answer.text
    session.expire_all()
    choice = audience_of(session, campaign)
    assert (choice.first.audience, choice.first.spaces) == (Audience.SPACES, (board.id,))
    assert [stage.audience for stage in choice.later] == [Audience.PUBLIC]
    shown = owner.get(page).text
    assert "Board" in shown
    assert later.strftime("%Y-%m-%dT") in shown


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose who can take part."),
        ({"audience_0": "everybody"}, "Not a valid choice"),
        ({"audience_0": "spaces", "change_reason": "x"}, "Select the spaces"),
        ({"audience_0": "spaces", "spaces_0": ["987654"], "change_reason": "x"}, "not a valid choice"),
        ({"audience_0": "spaces", "spaces_0": ["x"], "change_reason": "x"}, "could not be coerced"),
        ({"audience_0": "segments", "change_reason": "x"}, "Select the profiles"),
        ({"audience_0": "members", "open_to_visitors": "y", "change_reason": "x"}, "Only a public campaign"),
        ({"audience_0": "members", "change_reason": "  "}, "Say why you change whom it is open to"),
        ({"audience_0": "members", "change_reason": "x" * 501}, "Your text is too long"),
        ({"audience_0": "invited", "audience_1": "members", "change_reason": "x"}, "Enter a date for each stage"),
        (
            {"audience_0": "invited", "audience_1": "members", "opens_1": "0001-01-01T00:00", "change_reason": "x"},
            "year",
        ),
        ({"audience_0": "members", "version": "1", "change_reason": "x"}, None),
    ],
)
def test_a_wrong_form_says_what_is_missing_and_changes_nothing(session, campaign, owner, board, page, data, words):
    answer = owner.post(page, data={"version": campaign.audience_version} | data)
    session.expire_all()
    if words is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert words.lower() in answer.text.lower()
    assert campaign.audience is Audience.PUBLIC


def test_of_two_who_choose_at_once_the_second_is_told_and_may_save_again(session, campaign, owner, page):
    seen = {"version": campaign.audience_version, "change_reason": "x"}
    theirs = {"audience_0": "members", "audience_1": "public", "opens_1": "2027-03-01T09:00"}
    assert owner.post(page, data=seen | theirs).status_code == 303
    refused = owner.post(page, data=seen | {"audience_0": "invited", "open_to_visitors": "y"})
    assert refused.status_code == 409
    assert f'name="version" type="hidden" value="{campaign.audience_version + 1}"' in refused.text
    versions = refused.text[refused.text.index("There are two versions") :].partition("</section>")[0]
    assert re.findall(r'dir="auto">([^<]+)</dd>', versions) == [
        *("Members", "Guests only"), *("No", "Yes"), *("Public", "No later stage"), *("2027-03-01 09:00", "–")
    ]  # fmt: skip
    assert "Alice saved another version on" in versions
    again = {"audience_0": "invited", "version": campaign.audience_version + 1, "change_reason": "x"}
    assert owner.post(page, data=again).status_code == 303


def test_guests_are_listed_and_removed_by_whoever_may_invite(session, campaign, owner, page, charlie, alice, now):
    guest = admit(session, campaign_id=campaign.id, person=charlie, by=alice, now=now)
    session.commit()
    assert "Charlie" in owner.get(page).text
    remove = f"{page}/guests/{guest.id}/remove"
    assert owner.post(remove).status_code == 303
    assert session.scalars(select(Guest)).all() == []
    assert owner.post(remove).status_code == 404


def test_a_link_to_a_public_campaign_leads_visitors_to_sign_in_and_of_others_they_learn_nothing(
    session, app, campaign, idea
):
    visitor = app.test_client()
    address = f"/campaigns/{campaign.id}/ideas/{idea.id}"
    campaign.open_to_visitors = False
    session.commit()
    answer = visitor.get(address)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={address}")
    for audience in (Audience.MEMBERS, Audience.SPACES, Audience.SEGMENTS, Audience.INVITED):
        campaign.audience = audience
        session.commit()
        answer = visitor.get(address)
        assert answer.status_code == 404
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert campaign.title not in answer.text
        assert "/sign-in" in answer.text, "who has an account signs in, and finds it"


def test_a_campaign_that_visitors_do_not_read_has_no_sharing_preview(session, signed_in, campaign, charlie):
    page = f"/campaigns/{campaign.id}"
    assert "og:title" in signed_in(charlie).get(page).text
    campaign.open_to_visitors = False
    session.commit()
    answer = signed_in(charlie).get(page)
    assert "og:title" not in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_an_observer_of_a_board_is_shown_no_way_to_write(
    session, signed_in, campaign, idea, board, alice, charlie, now
):
    add_person(session, board, charlie, role=SpaceRole.OBSERVER, by=alice, now=now)
    choice = AudienceChoice(Stage(Audience.SPACES, spaces=[board.id]))
    choose_audience(session, campaign, choice=choice, by=alice, change_reason="x", now=now)
    for guest in session.scalars(select(Guest)):
        session.delete(guest)
    session.commit()
    browser = signed_in(charlie)
    for page in (
        f"/campaigns/{campaign.id}",
        f"/campaigns/{campaign.id}/ideas",
        f"/campaigns/{campaign.id}/ideas/{idea.id}",
    ):
        text = browser.get(page).text
        assert "ideas/new" not in text
        assert "/vote" not in text


def test_numbers_of_people_by_profile_are_rounded_and_small_ones_not_shown(
    session, campaign, owner, page, make_person, board
):
    region = Attribute(name="Region")
    session.add(region)
    session.flush()
    north, south = (AttributeValue(attribute_id=region.id, name=name) for name in ("North", "South"))
    session.add_all([north, south])
    session.flush()
    for number in range(11):
        person = make_person(f"P{number}")
        value = north if number < 7 else south
        session.add(PersonValue(person_id=person.id, attribute_id=region.id, value_id=value.id))
    session.commit()
    shown = owner.get(page).text
    assert "5 people or more" in shown
    assert "not shown" in shown
    assert "7 people" not in shown


def test_the_page_asks_the_database_the_same_number_of_times_for_ten_guests_and_spaces(
    session, campaign, owner, board, page, make_person, alice, now, count_queries
):
    few = count_queries(lambda: owner.get(page))
    for number in range(10):
        admit(session, campaign_id=campaign.id, person=make_person(f"G{number}"), by=alice, now=now)
    for name in ("Nurses", "Doctors"):
        create_space(session, text=SpaceText(name), by=alice, now=now)
    session.commit()
    assert count_queries(lambda: owner.get(page)) == few
