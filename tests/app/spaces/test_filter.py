"""The filter by space, in the list of campaigns and in the search of the site."""

import re

import pytest

from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import Entry, SpaceKind, SpaceRole

pytestmark = pytest.mark.one_database


def test_campaigns_and_ideas_are_filtered_by_the_spaces_that_the_reader_finds(
    session, make_campaign, make_idea, make_person, signed_in, client, alice, charlie, now
):
    club = create_space(session, text=SpaceText("Garden club", entry=Entry.REQUEST), by=alice, now=now)
    board = create_space(
        session, text=SpaceText("Secret board", kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=12), by=alice, now=now
    )
    create_space(session, text=SpaceText("Empty space", entry=Entry.REQUEST), by=alice, now=now)
    add_person(session, club, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    public, inside, elsewhere = (make_campaign(title=f"Gardens {name}") for name in ("public", "inside", "elsewhere"))
    for campaign, spaces in ((inside, [club.id, board.id]), (elsewhere, [board.id])):
        choice = AudienceChoice(Stage(Audience.SPACES, spaces=spaces))
        choose_audience(session, campaign, choice=choice, by=alice, change_reason="Start small", now=now)
    for campaign in (public, inside):
        make_idea(campaign, charlie, f"A garden, {campaign.title[8:]}")
    browser, owner = signed_in(charlie), signed_in(alice)

    def found(page):
        return set(
            re.findall(r"(Gardens \w+|A garden, \w+)(?=</a>)", page.replace("<mark>", "").replace("</mark>", ""))
        )

    def offered(page):
        return re.findall(r'<option value="\d+"[^>]*>(Garden club|Secret board|Empty space)<', page)

    listed = browser.get("/campaigns").text
    assert (found(listed), offered(listed)) == ({"Gardens public", "Gardens inside"}, ["Garden club"])
    assert found(browser.get(f"/campaigns?space={club.id}").text) == {"Gardens inside"}
    words = "/search?containing=garden"
    everything = {"Gardens public", "Gardens inside", "A garden, public", "A garden, inside"}
    assert found(browser.get(words).text) == everything
    assert found(browser.get(f"{words}&space={club.id}").text) == {"Gardens inside", "A garden, inside"}
    assert found(browser.get(f"{words}&space={board.id}").text) == everything  # they do not find that space
    assert offered(owner.get(words).text) == ["Garden club", "Secret board"]
    assert found(owner.get(f"/campaigns?space={board.id}").text) == {"Gardens inside", "Gardens elsewhere"}
    outsider = signed_in(make_person("Otto"))
    assert offered(outsider.get("/campaigns").text) == []  # the club has no campaign that they see
    assert offered(client.get(words).text) == []
    assert "Nothing in this space contains these words" in browser.get(f"/search?containing=tram&space={club.id}").text
