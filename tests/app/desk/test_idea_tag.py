"""Tags of ideas on the pages of the team, and ideas that are selected on the map."""

import re

import pytest
from sqlalchemy import select

from ideas.desk.idea_tag import tag_ideas, tags_of
from ideas.themes.placement import Placement

pytestmark = pytest.mark.one_database


@pytest.fixture
def ideas(session, grouped):
    """Two of each theme, one on its own, one between two themes."""
    grouped()
    return session.scalars(select(Placement.idea_id).order_by(Placement.idea_id)).all()


def ids_on(page):
    return {int(number) for number in re.findall(r'data-choose name="idea"\s+value="(\d+)"', page)}


def test_ideas_are_tagged_in_a_list_and_found_by_their_tag(
    session, closed_campaign, ideas, manager, signed_in, charlie
):
    themes = f"/campaigns/{closed_campaign.id}/themes"
    search = {"back": "search", "containing": "body"}
    answer = manager.post(
        f"{themes}/tag-ideas", data={"idea": ideas[:2], "tags": "Quick win, ask", "act": "add"} | search
    )
    assert answer.location == f"{themes}/search?containing=body"
    page = manager.get(answer.location).text
    assert "The tags of 2 ideas were changed." in page
    assert "Quick win (2)" in page
    found = manager.get(f"{themes}/search?tag=ask").text
    assert ids_on(found) == set(ideas[:2])
    away = manager.post(f"{themes}/tag-ideas", data={"idea": ideas[:1], "tags": "ASK", "act": "remove"} | search)
    assert away.status_code == 303
    assert ids_on(manager.get(f"{themes}/search?tag=ask").text) == {ideas[1]}
    theme = session.get(Placement, ideas[0]).theme_id
    for address in (f"{themes}/{theme}", f"{themes}/leftover/outlier"):
        assert "Add the tags" in manager.get(address).text
    assert "Quick win" in manager.get(f"{themes}/{theme}").text
    # Enter in the field presses the first button of the form, which moves.
    entered = manager.post(f"{themes}/move", data={"idea": ideas[:1], "tags": "entered", "to": ""} | search)
    assert (entered.status_code, entered.location) == (307, f"{themes}/tag-ideas")
    refused = manager.post(f"{themes}/tag-ideas", data={"idea": ideas[:1], "tags": "x" * 31, "act": "add"} | search)
    assert (refused.status_code, "x" * 31 in refused.text) == (422, True)
    assert ids_on(refused.text) == set(ideas[:4])
    closed_campaign.open_to_visitors = True
    session.commit()
    assert "Quick win" not in signed_in(charlie).get(f"{themes}/search?containing=body&tag=ask").text


def test_the_tags_of_the_idea_that_is_read_are_written_beside_it(session, closed_campaign, ideas, manager, bob, now):
    here = f"/campaigns/{closed_campaign.id}/reading"
    tag_ideas(session, closed_campaign, idea_ids=ideas[:1], add=["Ask", "Later"], by=bob, now=now)
    session.commit()
    page = manager.get(f"{here}?idea={ideas[0]}").text
    assert 'value="Ask, Later"' in page
    tag_ideas(session, closed_campaign, idea_ids=ideas[:1], add=["Meanwhile"], by=bob, now=now)
    session.commit()
    answer = manager.post(f"{here}/{ideas[0]}/tags", data={"seen": "Ask, Later", "tags": "later, New"})
    assert answer.location == f"{here}?idea={ideas[0]}"
    assert tags_of(session, ideas[:1]) == {ideas[0]: ["Later", "Meanwhile", "New"]}
    refused = manager.post(f"{here}/{ideas[0]}/tags", data={"seen": "Later", "tags": "Later," + "y" * 31})
    assert (refused.status_code, "y" * 31 in refused.text) == (422, True)
    same = manager.post(f"{here}/{ideas[0]}/tags", data={"seen": "", "tags": ""}, follow_redirects=True)
    assert "nothing was changed" in same.text


def test_what_lies_in_an_area_of_the_map_is_listed_beside_it(session, closed_campaign, ideas, manager, count_queries):
    themes = f"/campaigns/{closed_campaign.id}/themes"
    page = manager.get(f"{themes}/search?map=yes").text
    assert "data-draw" in page
    assert ids_on(page) == set()
    (island,) = set(
        re.findall(r'href="([^"]*theme=\d+[^"]*)"', page[: page.index("</a>", page.index("island__reach"))])
    )
    assert len(ids_on(manager.get(island.replace("&amp;", "&")).text)) == 2
    whole = "0000rs00rsjg00jg"
    everything = f"{themes}/search?map=yes&area={whole}"
    listed = manager.get(everything).text
    assert ids_on(listed) == set(ideas)
    assert f'name="area" value="{whole}"' in listed
    assert ids_on(manager.get(f"{everything}&containing=outlier").text) == {ideas[4]}
    west = manager.get(f"{themes}/search?map=yes&area=00005k005kjg00jg").text  # up to x = 200
    assert {ideas[4]} <= ids_on(west) < set(ideas)
    for odd in ("", "x", "00", "0000" * 49, "zz" * 300, "----", "00000000000"):
        answer = manager.get(f"{themes}/search?map=yes&area={odd}")
        assert (answer.status_code, ids_on(answer.text)) == (200, set())
    sent = {"idea": ideas[:4], "back": "search", "map": "yes", "area": whole, "name": "Drawn"}
    sent["places"] = re.findall(r'name="places" value="([^"]*)">\s*<p class="toolbar', listed)[0]
    made = manager.post(f"{themes}/gather", data=sent)
    assert (made.status_code, made.location) == (303, f"{themes}/search?area={whole}&map=yes")
    assert count_queries(lambda: manager.get(everything)) <= 40
