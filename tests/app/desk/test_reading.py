import re

import pytest

from ideas.desk.reading import IdeaReading, read_idea
from ideas.themes.placement import Placement

pytestmark = pytest.mark.one_database


@pytest.fixture
def ideas(session, campaign, make_theme, make_idea, charlie):
    theme = make_theme(campaign, "Buses", bodies=["A bus on Sunday", "A night bus"], author=charlie)
    placed = session.query(Placement).filter_by(theme_id=theme.id).order_by(Placement.idea_id).all()
    alone = make_idea(campaign, charlie, "A bench")
    session.add(Placement(idea_id=alone.id, campaign_id=campaign.id, leftover="outlier"))
    session.commit()
    return [*(row.idea for row in placed), alone]


def test_ideas_are_read_one_after_the_other_starred_and_left_for_later(session, campaign, ideas, signed_in, alice):
    browser, here = signed_in(alice), f"/campaigns/{campaign.id}/reading"
    offered = browser.get(f"/campaigns/{campaign.id}/themes").text
    assert f'href="{here}"' not in offered  # nothing is grouped: the page offers the grouping first
    page = browser.get(here).text
    assert "A bus on Sunday" in page
    assert "0 of 3" in page
    answer = browser.post(f"{here}/{ideas[0].id}", data={"act": "read"}, follow_redirects=True)
    assert "A night bus" in answer.text
    assert "1 of 3" in answer.text
    later = browser.get(here, query_string={"after": ideas[1].id}).text
    assert "A bench" in later
    starred = browser.post(f"{here}/{ideas[1].id}", data={"act": "star"}, follow_redirects=True).text
    assert "1 idea that you starred" in starred
    assert re.search(r'value="unstar"\s+aria-pressed="true"', starred)
    listed = browser.get(f"{here}/starred").text
    assert "A night bus" in listed
    back = {"act": "unstar", "back": "starred"}
    assert "You have starred no idea" in browser.post(f"{here}/{ideas[1].id}", data=back, follow_redirects=True).text
    end = browser.post(f"{here}/{ideas[2].id}", data={"act": "read"}, follow_redirects=True).text
    assert "You have read all ideas." in end
    unread = browser.post(f"{here}/{ideas[2].id}", data={"act": "unread"}, follow_redirects=True).text
    assert "2 of 3" in unread
    assert session.query(IdeaReading).count() == 2


def test_within_a_theme_and_with_odd_addresses(
    session, campaign, ideas, signed_in, alice, make_campaign, make_idea, bob
):
    browser, here = signed_in(alice), f"/campaigns/{campaign.id}/reading"
    theme = session.get(Placement, ideas[0].id).theme_id
    for idea in ideas[:2]:
        browser.post(f"{here}/{idea.id}", data={"act": "read", "theme": theme})
    assert "You have read all ideas of this theme." in browser.get(here, query_string={"theme": theme}).text
    assert "A bench" in browser.get(here, query_string={"theme": 10**12}).text
    elsewhere = make_idea(make_campaign(), bob, "Secret")
    session.commit()
    for query in ({"idea": elsewhere.id}, {"after": elsewhere.id}, {"idea": "x"}, {"idea": 10**30}, {"idea": -1}):
        page = browser.get(here, query_string=query)
        assert page.status_code == 200
        assert "Secret" not in page.text
    odd = browser.post(f"{here}/{ideas[0].id}", data={"act": "eat"}, follow_redirects=True)
    assert "Nothing was changed. Choose one of the buttons below the idea." in odd.text
    assert browser.post(f"{here}/{elsewhere.id}", data={"act": "read"}).status_code == 404


def test_an_idea_is_moved_while_it_is_read_and_comes_back(session, campaign, ideas, make_theme, signed_in, alice):
    browser, here = signed_in(alice), f"/campaigns/{campaign.id}/reading"
    night = make_theme(campaign, "Night", bodies=["Lamps"])
    page = browser.get(here, query_string={"idea": ideas[1].id}).text
    (places,) = re.findall(r'name="places" value="([^"]*)"', page)
    assert re.search(r'<select class="input" id="reading-to" name="to" data-key="t"', page)
    form = {"act": "move", "places": places, "to": night.id, "tags": "later", "seen": ""}
    moved = browser.post(f"{here}/{ideas[1].id}", data=form, follow_redirects=True).text
    assert "A night bus" in moved, "the reader stays on the idea"
    assert "Moved 1 idea to “Night”." in moved
    assert 'name="tags" value="later"' in moved
    assert session.get(Placement, ideas[1].id).theme_id == night.id
    stale = browser.post(f"{here}/{ideas[1].id}", data=form | {"to": "alone", "tags": "kept", "seen": "later"})
    assert stale.status_code == 409
    assert "Ideas have moved in the meantime" in stale.text
    assert 'name="tags" value="kept"' in stale.text
    nowhere = browser.post(f"{here}/{ideas[1].id}", data={"act": "move"})
    assert (nowhere.status_code, "Choose a theme to move these ideas to." in nowhere.text) == (422, True)


def test_tags_that_were_typed_are_kept_by_whatever_button(session, campaign, ideas, signed_in, alice):
    browser, here = signed_in(alice), f"/campaigns/{campaign.id}/reading"
    for idea, act in zip(ideas, ("read", "star", "unread"), strict=True):
        browser.post(f"{here}/{idea.id}", data={"act": act, "tags": f"tag {act}", "seen": ""})
        assert f"tag {act}" in browser.get(here, query_string={"idea": idea.id}).text
    too_many = {"act": "read", "tags": ",".join(f"tag {n}" for n in range(60)), "seen": ""}
    before = session.query(IdeaReading).count()
    refused = browser.post(f"{here}/{ideas[2].id}", data=too_many)
    assert refused.status_code == 422
    assert session.query(IdeaReading).count() == before, "an idea whose tags are refused is not read yet"


def test_the_team_sees_who_has_read_how_many(session, campaign, ideas, signed_in, alice, bob, now):
    read_idea(session, ideas[0], by=bob, now=now)
    read_idea(session, ideas[1], by=bob, now=now)
    session.commit()
    page = signed_in(alice).get(f"/campaigns/{campaign.id}/reading").text
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="number">([^<]+)</td>', page)
    assert rows[:2] == [("Bob", "2 of 3"), ("Alice", "0 of 3")]
