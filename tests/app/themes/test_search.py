"""The desk's search: ideas of all themes that contain some words are moved together, or make a new theme."""

import re

import pytest
from sqlalchemy import select

from ideas.themes.edits.history import EditKind, ThemeEdit
from ideas.themes.placement import PlacedHow, Placement
from ideas.themes.theme import Theme, active_themes


@pytest.fixture
def carpool(closed_campaign, make_theme, make_idea, session):
    """Ideas about carpooling in two themes, and one on its own; two ideas about something else."""
    for name, bodies in {
        "Parking": ["Covoiturage au parking", "Des places de parking"],
        "Travel": ["Le co-voiturage", "Un bus"],
    }.items():
        make_theme(closed_campaign, name, bodies=bodies)
    alone = make_idea(closed_campaign, None, "Des covoiturages payés")
    session.add(Placement(idea_id=alone.id, campaign_id=closed_campaign.id, leftover="outlier"))
    session.commit()
    return closed_campaign


@pytest.fixture
def desk(carpool):
    return f"/campaigns/{carpool.id}/themes/search?containing=covoiturage"


def ids_on(page):
    return [int(number) for number in re.findall(r'data-choose name="idea"\s+value="(\d+)"', page)]


def sent(page, **fields):
    """What the form of the page sends with all ideas ticked."""
    (places,) = re.findall(r'name="places" value="([^"]*)">\s*<p class="toolbar', page)
    return {"idea": ids_on(page), "back": "search", "containing": "covoiturage", "places": places} | fields


def where(session, ids):
    session.expire_all()
    return session.scalars(select(Placement).where(Placement.idea_id.in_(ids)).order_by(Placement.idea_id)).all()


def test_ideas_of_several_themes_are_listed_with_their_theme(manager, desk):
    page = manager.get(desk).text
    assert len(ids_on(page)) == 3
    for words in (
        "<mark>Covoiturage</mark> au parking",
        "Travel</a>",
        "Parking</a>",
        "Ideas on their own",
        "3 ideas contain",
    ):
        assert words in page
    assert "Un bus" not in page


def test_they_make_a_new_theme_and_the_change_is_undone(session, manager, carpool, desk, bob):
    page = manager.get(desk).text
    before = [(one.theme_id, one.leftover, one.placed_by_id) for one in where(session, ids_on(page))]
    answer = manager.post(f"/campaigns/{carpool.id}/themes/gather", data=sent(page, name="Carpooling"))
    assert (answer.status_code, answer.location) == (303, desk)
    done = manager.get(answer.location).text
    assert "Made the theme “Carpooling” of 3 ideas." in done
    edit = session.scalars(select(ThemeEdit)).one()
    new = session.scalars(select(Theme).where(Theme.given_name == "Carpooling")).one()
    assert (edit.kind, new.retired_at, new.touched) == (EditKind.GATHER, None, True)
    placed = where(session, ids_on(page))
    assert {(one.theme_id, one.placed_by_id, one.placed_how) for one in placed} == {(new.id, bob.id, PlacedHow.MOVED)}
    undone = manager.post(f"/campaigns/{carpool.id}/themes/edits/{edit.id}/undo", data={"back": "search"})
    assert undone.location == f"/campaigns/{carpool.id}/themes/search"
    assert [(one.theme_id, one.leftover, one.placed_by_id) for one in where(session, ids_on(page))] == before
    assert [theme.name for theme in active_themes(session, carpool)] == ["Parking", "Travel"]
    assert "Made the theme “Carpooling” of 3 ideas." in manager.get(f"/campaigns/{carpool.id}/themes/history").text


def test_they_are_moved_to_a_theme(session, manager, carpool, desk):
    page, theme = manager.get(desk).text, active_themes(session, carpool)[0]
    answer = manager.post(f"/campaigns/{carpool.id}/themes/move", data=sent(page, to=theme.id))
    assert answer.status_code == 303
    assert {one.theme_id for one in where(session, ids_on(page))} == {theme.id}


@pytest.mark.parametrize(("act", "fields"), [("gather", {"name": "Carpooling"}), ("move", {"to": "alone"})])
def test_an_idea_that_was_moved_meanwhile_stays(session, manager, carpool, desk, act, fields):
    page = manager.get(desk).text
    themes = active_themes(session, carpool)
    moved = session.scalars(select(Placement).where(Placement.theme_id == themes[0].id)).first()
    moved.theme_id = themes[1].id
    session.commit()
    answer = manager.post(f"/campaigns/{carpool.id}/themes/{act}", data=sent(page, **fields))
    assert answer.status_code == 409
    assert "Ideas have moved in the meantime" in answer.text
    assert ids_on(answer.text) == ids_on(page), "the search is still there"
    assert answer.text.count(" checked") == 3
    assert where(session, [moved.idea_id])[0].theme_id == themes[1].id


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"name": ""}, "Enter a name for the new theme."), ({"idea": [], "name": "x"}, "Select at least one idea first.")],
)
def test_a_refusal_keeps_what_was_chosen(session, manager, carpool, desk, fields, sentence):
    page = manager.get(desk).text
    answer = manager.post(f"/campaigns/{carpool.id}/themes/gather", data=sent(page, **fields))
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert 'value="covoiturage"' in answer.text
    assert session.scalars(select(ThemeEdit)).all() == []


@pytest.mark.parametrize("places", ["", "x", "1:x 2:", "9" * 30 + ":1", "1:outlier 1:ambiguous", ":::", "١:١"])
def test_any_places_are_read_or_left_out(manager, carpool, desk, places):
    page = manager.get(desk).text
    answer = manager.post(f"/campaigns/{carpool.id}/themes/gather", data=sent(page, name="x", places=places))
    assert answer.status_code in {303, 409}


def test_whoever_may_not_read_the_themes_does_not_search_them(signed_in, client, charlie, desk, carpool):
    for browser, refused in ((client, {303, 404}), (signed_in(charlie), {403, 404})):
        assert browser.get(desk).status_code in refused
        gathered = browser.post(f"/campaigns/{carpool.id}/themes/gather", data={"idea": 1, "name": "x"})
        assert gathered.status_code in refused


def test_the_number_of_queries_does_not_depend_on_what_is_found(manager, desk, carpool, count_queries, make_theme):
    manager.get(desk)
    before = count_queries(lambda: manager.get(desk))
    for number in range(5):
        make_theme(carpool, f"Theme {number}", bodies=["Un covoiturage"] * 3)
    assert count_queries(lambda: manager.get(desk)) == before


def test_the_page_of_themes_leads_to_the_search(manager, grouped, closed_campaign):
    grouped()
    page = manager.get(f"/campaigns/{closed_campaign.id}/themes?containing=PHRASES").text
    assert "2 themes contain" in page
    assert f"/campaigns/{closed_campaign.id}/themes/search?containing=PHRASES" in page


def test_enter_in_the_name_of_a_new_theme_makes_it_without_a_script(manager, desk, carpool, session):
    """Without a script, Enter presses the first button of the form, which moves."""
    page = manager.get(desk).text
    answer = manager.post(f"/campaigns/{carpool.id}/themes/move", data=sent(page, name="Covoiturage", to=""))
    assert answer.status_code == 303
    (theme_id,) = {one.theme_id for one in where(session, ids_on(page))}
    assert session.get_one(Theme, theme_id).name == "Covoiturage"


def test_a_name_and_a_theme_to_move_to_are_not_both_taken(manager, desk, carpool, session):
    page = manager.get(desk).text
    (theme, *_) = active_themes(session, carpool)
    answer = manager.post(f"/campaigns/{carpool.id}/themes/move", data=sent(page, name="Covoiturage", to=theme.id))
    assert answer.status_code == 422
    assert "You chose a theme and wrote the name of another one." in answer.text
    assert "<title>Error:" in answer.text


def everything_on(page):
    """The value of the box that means all ideas which the search found, on whatever page."""
    (mark,) = re.findall(r'name="everything" value="([^"]*)"', page)
    return mark


@pytest.fixture
def short_pages(monkeypatch):
    monkeypatch.setattr("app.views.themes.search.IDEAS_PER_PAGE", 2)


@pytest.mark.usefixtures("short_pages")
@pytest.mark.parametrize(
    ("act", "fields"),
    [("gather", {"name": "Carpooling"}), ("move", {"to": "alone"}), ("tag-ideas", {"tags": "car", "act": "add"})],
)
def test_all_that_the_search_found_is_taken_from_every_page(session, manager, carpool, desk, act, fields):
    page = manager.get(desk).text
    assert "3 ideas contain “covoiturage”. In 2 themes." in page
    assert len(ids_on(page)) == 2
    assert "All 3 ideas found" in page
    answer = manager.post(
        f"/campaigns/{carpool.id}/themes/{act}", data=sent(page, everything=everything_on(page), **fields)
    )
    assert answer.status_code == 303
    done = manager.get(answer.location).text
    assert any(words in done for words in ("of 3 ideas", "Set 3 ideas apart", "tags of 3 ideas"))


@pytest.mark.usefixtures("short_pages")
def test_nothing_is_done_where_the_search_finds_others_meanwhile(session, manager, carpool, desk, make_theme):
    mark = everything_on(manager.get(desk).text)
    page = manager.get(desk).text
    make_theme(carpool, "More", bodies=["Encore un covoiturage"])
    for sent_mark in (mark, "x", "all-"):
        data = sent(page, everything=sent_mark, name="Carpooling")
        answer = manager.post(f"/campaigns/{carpool.id}/themes/gather", data=data)
        assert answer.status_code == 409
        assert "The search finds other ideas than before." in answer.text
        assert everything_on(answer.text) != mark
    assert session.scalars(select(ThemeEdit)).all() == []


def test_a_search_that_is_on_one_page_needs_no_such_box(manager, desk):
    assert 'name="everything"' not in manager.get(desk).text
