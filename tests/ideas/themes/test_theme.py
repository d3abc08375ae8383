from dataclasses import replace

import pytest

from clustering.types import MeasuredTheme, ThemeWarning
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.themes.card import count_members, theme_cards, theme_members, themes_containing
from ideas.themes.edits.edit import merge_themes, split_theme
from ideas.themes.edits.move import move_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement
from ideas.themes.refresh import load_reshaped, record_measures
from ideas.themes.theme import active_themes, neighbours_of
from tests.runs import apply_run, with_passages


def test_a_card_counts_each_supporter_of_a_theme_once(session, campaign, themes, ideas, alice, bob, now):
    session.add_all(Vote(idea_id=idea.id, person_id=alice.id, created_at=now) for idea in ideas[:3])
    session.add(Vote(idea_id=ideas[0].id, person_id=bob.id, created_at=now))
    session.add(Reaction(idea_id=ideas[0].id, person_id=bob.id, emotion=Emotion.HOPE, created_at=now))
    session.flush()
    card = theme_cards(session, campaign)[0]
    assert (card.theme, card.size, card.people, card.support) == (themes[0], 3, 1, 2)
    assert card.emotions == {Emotion.HOPE: 1}
    assert theme_cards(session, campaign, only=themes[0])[0] == card


def test_a_card_lists_emotions_in_the_order_of_the_enum(session, campaign, ideas, themes, alice, bob, now):
    felt = [(ideas[0], alice, Emotion.WORRY), (ideas[1], alice, Emotion.WORRY), (ideas[0], bob, Emotion.JOY)]
    session.add_all(
        Reaction(idea_id=idea.id, person_id=person.id, emotion=emotion, created_at=now)
        for idea, person, emotion in felt
    )
    session.flush()
    assert list(theme_cards(session, campaign)[0].emotions.items()) == [(Emotion.JOY, 1), (Emotion.WORRY, 2)]


def test_verbatims_are_the_typical_ideas_that_are_still_in_the_theme(session, campaign, themes, ideas, alice, now):
    buses, _bicycles, fares = themes
    buses.exemplars = [ideas[2].id, ideas[0].id]
    assert [one.id for one in theme_cards(session, campaign)[0].verbatims] == [ideas[2].id, ideas[0].id, ideas[1].id]
    move_ideas(session, campaign, idea_ids=[ideas[2].id], to=fares, by=alice, now=now)
    assert [one.id for one in theme_cards(session, campaign, only=buses)[0].verbatims] == [ideas[0].id, ideas[1].id]


def test_a_theme_is_too_small_to_conclude_from_by_its_size_of_today(session, campaign, themes, ideas, alice, now):
    buses, bicycles, _fares = themes

    def shown_warnings():
        return {card.theme.name: card.warnings for card in theme_cards(session, campaign)}

    buses.warnings, bicycles.warnings = (ThemeWarning.SMALL, ThemeWarning.LOOSE), ()
    assert shown_warnings() == {
        "Buses": [ThemeWarning.SMALL, ThemeWarning.LOOSE],
        "Bicycles": [ThemeWarning.SMALL],
        "Fares": [ThemeWarning.SMALL],
    }
    move_ideas(session, campaign, idea_ids=[ideas[1].id, ideas[2].id], to=None, by=alice, now=now)
    assert shown_warnings()["Buses"] == [ThemeWarning.SMALL], "one idea alone has nothing to be close to"
    merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    assert shown_warnings()["Buses"] == [ThemeWarning.SMALL], "how close these are is not known"
    move_ideas(session, campaign, idea_ids=[ideas[1].id, ideas[2].id], to=buses, by=alice, now=now)
    assert shown_warnings()["Buses"] == []
    split_theme(session, buses, idea_ids=[ideas[0].id, ideas[3].id], name="Trams", by=alice, now=now)
    assert (shown_warnings()["Trams"], shown_warnings()["Buses"]) == ([ThemeWarning.SMALL], [ThemeWarning.SMALL])


def test_names_that_a_file_gives_are_no_people(session, campaign, themes, ideas):
    for idea, name in zip(ideas[:3], ["Paul", "Paul", "Inès"], strict=True):
        idea.author, idea.author_name = None, name
    session.flush()
    assert theme_cards(session, campaign, only=themes[0])[0].people == 0


def test_themes_are_found_by_the_words_of_their_name_phrases_or_ideas(session, campaign, themes):
    buses, bicycles, fares = themes
    assert themes_containing(session, campaign, "bUSes") == {buses.id}
    assert themes_containing(session, campaign, "phrase 3") == {fares.id}
    assert themes_containing(session, campaign, "idea 4") == {bicycles.id}
    assert themes_containing(session, campaign, "100%") == set()


@pytest.fixture
def defined(session, campaign, found, ideas, now):
    """Three themes; the first two have a definition."""
    result = found({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    said = {1: "Buses, idea 0", 2: "Bicycles,   IDEA 4"}
    themes = tuple(replace(theme, definition=said.get(theme.id, "")) for theme in result.found.themes)
    apply_run(session, campaign, replace(result, found=replace(result.found, themes=themes)), now=now)
    return active_themes(session, campaign)


def refresh(session, campaign):
    """What the job does, without a model."""
    reshaped = load_reshaped(session, campaign)
    record_measures(
        session, campaign, reshaped, {number: MeasuredTheme((), (), 0.5, ()) for number in reshaped.shapes}, {}
    )


def test_a_definition_stays_while_an_idea_of_the_theme_says_it(session, campaign, defined, ideas, alice, now):
    buses, bicycles, fares = defined
    assert [theme.definition for theme in defined] == ["Buses, idea 0", "Bicycles,   IDEA 4", ""]
    edit = move_ideas(session, campaign, idea_ids=[ideas[0].id, ideas[3].id], to=fares, by=alice, now=now)
    refresh(session, campaign)
    assert [theme.definition for theme in defined] == ["", "Bicycles,   IDEA 4", ""]
    undo_edit(session, edit, by=alice, now=now)
    assert buses.definition == "Buses, idea 0"
    assert bicycles.definition == "Bicycles,   IDEA 4"


def test_the_next_run_gives_another_definition(session, campaign, defined, found, ideas, now):
    buses, bicycles, fares = defined
    apply_run(session, campaign, found({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]}), now=now)
    assert buses.definition == ""


def test_a_card_counts_the_ideas_that_ask_for_its_theme_by_a_passage(session, campaign, found, ideas, alice, bob, now):
    result = found({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    asked = {ideas[0]: [(1, 0, 5, 0.9), (2, 7, 10, 0.6), (2, 11, 13, 0.5)]}
    apply_run(session, campaign, with_passages(result, asked), now=now)
    session.add_all(Vote(idea_id=ideas[0].id, person_id=person.id, created_at=now) for person in (alice, bob))
    session.add(Reaction(idea_id=ideas[0].id, person_id=alice.id, emotion=Emotion.HOPE, created_at=now))
    first, *others = theme_cards(session, campaign)
    assert (first.theme.name, first.size, first.main, first.several) == ("Bicycles", 4, 3, 1)
    assert [(card.theme.name, card.size, card.main, card.several) for card in others] == [
        ("Buses", 3, 3, 1),
        ("Fares", 3, 3, 0),
    ]
    assert first.support == others[0].support == 2
    assert first.emotions == others[0].emotions == {Emotion.HOPE: 1}
    assert sum(card.main for card in (first, *others)) == len(ideas), "each idea once"
    alone = theme_cards(session, campaign, only=first.theme)[0]
    assert (alone.size, alone.main, alone.several, alone.support, alone.emotions) == (4, 3, 1, 2, first.emotions)


def test_a_theme_lists_the_ideas_of_other_themes_after_its_own(session, campaign, found, ideas, now):
    result = found({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    asked = {
        ideas[8]: [(3, 0, 5, 0.9), (2, 7, 13, 0.5)],
        ideas[0]: [(1, 0, 5, 0.9), (2, 7, 13, 0.6)],
    }
    apply_run(session, campaign, with_passages(result, asked), now=now)
    bicycles = active_themes(session, campaign)[1]
    listed = [placement.idea_id for placement in theme_members(session, bicycles)]
    assert listed == [idea.id for idea in (*ideas[3:6], ideas[0], ideas[8])]
    assert count_members(session, bicycles) == 5
    assert [one.idea_id for one in theme_members(session, bicycles, start=3, limit=1)] == [ideas[0].id]
    assert [one.idea_id for one in theme_members(session, bicycles, containing="fares")] == [ideas[8].id]
    assert themes_containing(session, campaign, "fares") >= {bicycles.id}
    session.get(Placement, ideas[0].id).node = session.get(Placement, ideas[3].id).node = 4
    assert [one.idea_id for one in theme_members(session, bicycles, nodes=[4])] == [ideas[3].id]
    assert count_members(session, bicycles, nodes=[4]) == 1


def test_the_neighbours_of_a_theme_are_next_to_it_on_the_map_nearest_first(session, campaign, make_theme):
    here, *others = (make_theme(campaign, f"Theme {number}") for number in range(7))
    for theme, (x, y) in zip(
        others, [(0.9, 0.9), (0.5, 0.6), (0.5, 0.5), (0.1, 0.5), (0.6, 0.6), (0.5, 0.1)], strict=True
    ):
        theme.x, theme.y = x, y
    here.x, here.y = 0.5, 0.5
    found = neighbours_of(here, active_themes(session, campaign))
    assert found == [others[2], others[1], others[4], min(others[3], others[5], key=lambda one: one.id)]
    assert neighbours_of(here, [here]) == []
