"""Pages fold the ideas that say the same: one is shown, every one is counted, and each author is named."""

from html import unescape

import pytest

from ideas.themes.placement import Placement
from tests.places import at
from tests.runs import apply_run, found_theme, placed_idea, run_result

LETTER = "Keep the library of the lime trees open in the evening"


@pytest.fixture
def letters(session, closed_campaign, make_idea, charlie, bob, now):
    """A letter that three people sent, on its own; another idea; and one in a theme."""
    letters = [make_idea(closed_campaign, author, f"{LETTER}. {n}") for n, author in enumerate([charlie, bob, charlie])]
    letters[2].author_id, letters[2].author_name = None, "Dora of the <lanes>"
    other, placed = make_idea(closed_campaign, bob, "Benches"), make_idea(closed_campaign, bob, "Buses")
    left = [placed_idea(idea.id, None, "outlier", 0.0) for idea in (*letters, other)]
    apply_run(
        session,
        closed_campaign,
        run_result([found_theme(1, "Buses", [])], [*left, placed_idea(placed.id, 1, None, 0.9)]),
        now=now,
    )
    for copy in letters[1:]:
        session.get(Placement, copy.id).same_as = letters[0].id
    session.commit()
    return letters


def words(page):
    return " ".join(unescape(page.text).split())


def folded(page):
    """What is behind the first of those that say the same."""
    return page.text.split('<details class="alike">')[1].split("</details>")[0]


@pytest.mark.parametrize("place", ["/leftover/outlier", "/search?containing=library"])
def test_pages_of_the_team_fold_them_and_each_can_be_selected(letters, closed_campaign, manager, place):
    page = manager.get(at(closed_campaign, place))
    assert page.status_code == 200
    assert "and 2 nearly identical texts" in words(page)
    assert page.text.count('<details class="alike">') == 1
    assert page.text.count('data-choose name="idea"') == (4 if "leftover" in place else 3)
    assert "Dora of the &lt;lanes&gt;" in page.text


def test_a_page_of_ideas_in_no_theme_counts_all(letters, closed_campaign, manager):
    assert "4 ideas" in words(manager.get(at(closed_campaign, "/leftover/outlier")))


def test_the_list_of_ideas_folds_them_for_everyone(letters, closed_campaign, client):
    page = client.get(f"/campaigns/{closed_campaign.id}/ideas")
    assert "5 ideas" in words(page)
    assert page.text.count(LETTER) == 3, "one, and two behind it"
    assert folded(page).count(LETTER) == 2
    assert "Dora" in folded(page)
    assert 'type="checkbox"' not in folded(page)


def test_a_search_folds_what_it_found(letters, closed_campaign, client):
    page = client.get(f"/campaigns/{closed_campaign.id}/ideas?containing=library")
    assert "3 ideas" in words(page)
    assert folded(page).count(LETTER) == 2


def test_without_copies_the_list_is_as_it_was(session, letters, closed_campaign, client):
    for idea in letters:
        session.get(Placement, idea.id).same_as = None
    session.commit()
    assert "nearly identical" not in client.get(f"/campaigns/{closed_campaign.id}/ideas").text


def test_the_list_asks_the_database_as_often_for_many_copies_as_for_few(
    session, letters, closed_campaign, client, count_queries, make_idea, bob
):
    address = f"/campaigns/{closed_campaign.id}/ideas"
    few = count_queries(lambda: client.get(address))
    for number in range(12):
        copy = make_idea(closed_campaign, bob, f"{LETTER}! {number}")
        session.add(
            Placement(
                idea_id=copy.id,
                campaign_id=closed_campaign.id,
                theme_id=None,
                leftover="outlier",
                same_as=letters[0].id,
            )
        )
    session.commit()
    assert count_queries(lambda: client.get(address)) == few
