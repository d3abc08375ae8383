"""An idea counts in each theme that one of its passages asks for, from run to run and through what people do."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from clustering.types import Change, Near, PlacedPassage
from ideas.activity.activity import Activity, Verb
from ideas.contributions.idea import revise_idea
from ideas.themes.card import theme_cards
from ideas.themes.edits.edit import gather_theme, merge_themes, rename_theme, split_theme
from ideas.themes.edits.history import PublicAnswersChange
from ideas.themes.edits.move import MovedMeanwhile, forbid, move_ideas, set_aside
from ideas.themes.edits.undo import undo_edit
from ideas.themes.explanation import ideas_near
from ideas.themes.passage import Passage, counted, load_passages, passages_of
from ideas.themes.place_new_ideas import FoundPlace, WaitingIdea, record_places
from ideas.themes.placement import Placement
from ideas.themes.runs.accept import accept
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.difference import differences
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.theme import active_themes
from tests.places import theme_of
from tests.runs import apply_run, with_passages

BUSES, BICYCLES, FARES = 0, 1, 2


@pytest.fixture
def two_asks(session, campaign, found, ideas, now):
    """Buses, bicycles, fares, with three ideas each; the first idea, about buses, asks for bicycles too."""
    result = found({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    asked = {ideas[0]: [(1, 0, 5, 0.9), (2, 7, 13, 0.6)], ideas[1]: [(1, 0, 13, 0.8)]}
    apply_run(session, campaign, with_passages(result, asked), now=now)
    return active_themes(session, campaign)


@pytest.fixture
def counting(session, campaign):
    """The ideas that count in a theme, and those of them that count in others too."""

    def counting(theme):
        session.flush()
        pairs = counted(campaign_id=campaign.id).subquery()
        rows = session.execute(select(pairs).where(pairs.c.theme_id == theme.id)).all()
        alone = session.execute(counted(theme_id=theme.id)).all()
        assert sorted(rows) == sorted(alone), "of one theme as of all"
        assert len(rows) == len({row.idea_id for row in rows}), "each idea once"
        return {row.idea_id for row in rows}, {row.idea_id for row in rows if row.several}

    return counting


def ids(*ideas):
    return {idea.id for idea in ideas}


def spans(session, campaign, idea):
    return [(row.theme_id, row.start, row.end) for row in load_passages(session, campaign).get(idea.id, [])]


# Runs -----------------------------------------------------------------------------------------------------------------


def test_an_idea_counts_in_each_theme_that_it_asks_for(session, campaign, two_asks, ideas, counting):
    buses, bicycles, fares = two_asks
    assert counting(buses) == (ids(*ideas[:3]), ids(ideas[0]))
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    assert counting(fares) == (ids(*ideas[6:]), set())
    assert theme_of(session, ideas[0]) == buses.id
    assert spans(session, campaign, ideas[0]) == [(buses.id, 0, 5), (bicycles.id, 7, 13)]
    assert spans(session, campaign, ideas[1]) == [], "it asks for its main theme alone"
    assert [row[:4] for row in passages_of(session, [ideas[0].id, ideas[3].id])[ideas[0].id]] == [
        (buses.id, 0, 5, 0.9),
        (bicycles.id, 7, 13, 0.6),
    ]


def test_two_passages_in_a_theme_count_once(session, campaign, found, ideas, now, counting):
    result = found({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    asked = {ideas[0]: [(1, 0, 3, 0.9), (2, 3, 5, 0.6), (2, 7, 13, 0.7)]}
    apply_run(session, campaign, with_passages(result, asked), now=now)
    _buses, bicycles, _fares = active_themes(session, campaign)
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    strengths = counted(theme_id=bicycles.id).subquery()
    assert session.scalar(select(strengths.c.strength).where(~strengths.c.main)) == 0.7


def test_an_idea_that_counts_in_a_theme_is_not_said_to_be_only_near_it(session, two_asks, ideas):
    bicycles = two_asks[BICYCLES]
    for idea in ideas[:2]:
        session.get(Placement, idea.id).nearest = (Near(bicycles.id, 0.7),)
    session.flush()
    assert [placement.idea_id for placement, _share in ideas_near(session, bicycles, limit=9)] == [ideas[1].id]


def test_the_next_run_replaces_the_passages(session, campaign, two_asks, found, ideas, now, counting):
    buses, bicycles, fares = two_asks
    result = found({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    asked = {ideas[4]: [(bicycles.id, 0, 5, 0.9), (fares.id, 7, 13, 0.6)]}
    apply_run(session, campaign, with_passages(result, asked), now=now + timedelta(hours=1))
    assert counting(bicycles) == (ids(*ideas[3:6]), ids(ideas[4]))
    assert counting(fares) == (ids(ideas[4], *ideas[6:]), ids(ideas[4]))


def test_no_passage_counts_in_a_theme_that_the_run_dropped(session, campaign, two_asks, found, ideas, now):
    buses, bicycles, fares = two_asks
    late = ideas[0]
    late.updated_at = now + timedelta(minutes=1)  # the run has an earlier text of it
    result = found({buses.id: ideas[:3], fares.id: ideas[6:]}, alone=ideas[3:6], read_at=now)
    apply_run(session, campaign, result, now=now + timedelta(hours=1))
    assert bicycles.retired_at is not None
    assert spans(session, campaign, late) == [(buses.id, 0, 5)]


def test_a_run_adds_no_passage_where_a_person_forbade_the_idea_meanwhile(
    session, campaign, themes, found, ideas, alice, now, counting
):
    buses, bicycles, fares = themes
    result = found({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    forbid(session, campaign, idea_ids=[ideas[0].id], theme=bicycles, by=alice, now=now)
    asked = {ideas[0]: [(buses.id, 0, 5, 0.9), (bicycles.id, 7, 13, 0.6)]}
    apply_run(session, campaign, with_passages(result, asked), now=now)
    assert counting(bicycles) == (ids(*ideas[3:6]), set())


def test_a_run_adds_no_passage_in_the_theme_that_a_person_took_the_idea_out_of_meanwhile(
    session, campaign, themes, found, ideas, alice, now, counting
):
    buses, bicycles, fares = themes
    result = found({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    asked = {ideas[0]: [(buses.id, 0, 5, 0.9), (bicycles.id, 7, 13, 0.6)]}
    apply_run(session, campaign, with_passages(result, asked), now=now)
    assert counting(buses) == (ids(*ideas[1:3]), set())
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    assert counting(fares) == (ids(ideas[0], *ideas[6:]), ids(ideas[0]))


# The text -------------------------------------------------------------------------------------------------------------


def test_a_passage_of_an_earlier_text_counts_nowhere(session, campaign, two_asks, ideas, charlie, now, counting):
    buses, bicycles, _fares = two_asks
    revise_idea(session, ideas[0], by=charlie, title="", body="Nothing but buses", now=now + timedelta(minutes=1))
    assert counting(bicycles) == (ids(*ideas[3:6]), set())
    assert counting(buses) == (ids(*ideas[:3]), set())
    assert passages_of(session, [ideas[0].id]) == {}


@pytest.fixture
def place_again(session, campaign, found):
    """Placing an idea again that was revised: by theme id, the passages found, each its first and last character."""

    def place(idea, theme, asked, *, kept=False, forbidden=()):
        passages = tuple(PlacedPassage(theme_id, *span, 0.8) for theme_id, span in asked.items())
        main = theme.id if kept or not asked else next(iter(asked))
        placed = replace(found({main: [idea]}).found.ideas[0], passages=passages)
        waiting = WaitingIdea(
            idea.id, idea.text, lang=None, again=True, kept=kept, theme_id=theme.id, forbidden=frozenset(forbidden)
        )
        found_place = FoundPlace(placed, [], same_as=None)
        record_places(session, campaign, {waiting: found_place}, uses=lambda _text, _phrase: False)

    return place


def test_a_revised_idea_that_asks_for_one_thing_has_no_passages(session, campaign, two_asks, ideas, place_again):
    place_again(ideas[0], two_asks[BUSES], {})
    assert spans(session, campaign, ideas[0]) == []


def test_a_revised_idea_counts_by_the_passages_of_its_new_text(
    session, campaign, two_asks, ideas, charlie, now, place_again, counting
):
    buses, bicycles, fares = two_asks
    revise_idea(session, ideas[0], by=charlie, title="", body="Fares, buses", now=now + timedelta(minutes=1))
    place_again(ideas[0], buses, {fares.id: (0, 5), buses.id: (7, 12)})
    assert counting(fares) == (ids(ideas[0], *ideas[6:]), ids(ideas[0]))
    assert counting(buses) == (ids(*ideas[:3]), ids(ideas[0]))
    assert counting(bicycles) == (ids(*ideas[3:6]), set())
    assert session.get(Placement, ideas[0].id).theme_id == fares.id


def test_a_revised_idea_stays_in_the_theme_of_a_person_and_counts_by_its_passages(
    session, campaign, two_asks, ideas, alice, now, place_again, counting
):
    buses, bicycles, fares = two_asks
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    place_again(ideas[0], fares, {bicycles.id: (0, 5), fares.id: (7, 12)}, kept=True)
    assert session.get(Placement, ideas[0].id).theme_id == fares.id
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    assert counting(buses) == (ids(*ideas[1:3]), set())


def test_a_passage_counts_in_no_theme_where_a_person_forbade_the_idea(
    session, campaign, two_asks, ideas, alice, now, place_again, counting
):
    buses, bicycles, _fares = two_asks
    forbid(session, campaign, idea_ids=[ideas[0].id], theme=bicycles, by=alice, now=now)
    place_again(ideas[0], buses, {buses.id: (0, 5), bicycles.id: (7, 12)}, forbidden=[bicycles.id])
    assert counting(bicycles) == (ids(*ideas[3:6]), set())
    assert spans(session, campaign, ideas[0]) == []


def test_a_withdrawn_idea_loses_its_passages_with_its_placement(session, campaign, two_asks, found, ideas, now):
    buses, bicycles, fares = two_asks
    ideas[0].withdrawn_at = now
    result = found({buses.id: ideas[1:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    apply_run(session, campaign, result, now=now + timedelta(hours=1))
    assert session.get(Placement, ideas[0].id) is None
    assert spans(session, campaign, ideas[0]) == []


def test_the_passages_of_an_idea_go_with_it(session, campaign, two_asks, ideas):
    session.delete(ideas[0])
    session.flush()
    assert session.scalars(select(Passage)).all() == []


# What people do, and undo ---------------------------------------------------------------------------------------------


def test_an_idea_that_is_moved_asks_of_the_new_theme_what_it_asked_of_the_old(
    session, campaign, two_asks, ideas, alice, now, counting
):
    buses, bicycles, fares = two_asks
    edit = move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    assert counting(buses) == (ids(*ideas[1:3]), set())
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    assert spans(session, campaign, ideas[0]) == [(fares.id, 0, 5), (bicycles.id, 7, 13)]
    undo_edit(session, edit, by=alice, now=now)
    assert counting(buses) == (ids(*ideas[:3]), ids(ideas[0]))
    assert spans(session, campaign, ideas[0]) == [(buses.id, 0, 5), (bicycles.id, 7, 13)]


def test_an_idea_that_is_moved_to_another_of_its_themes_counts_there_once(
    session, campaign, two_asks, ideas, alice, now, counting
):
    buses, bicycles, _fares = two_asks
    edit = move_ideas(session, campaign, idea_ids=[ideas[0].id], to=bicycles, by=alice, now=now)
    assert counting(buses) == (ids(*ideas[1:3]), set())
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), set())
    undo_edit(session, edit, by=alice, now=now)
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))


def test_an_idea_that_is_taken_out_of_all_themes_counts_in_none(
    session, campaign, two_asks, ideas, alice, now, counting
):
    _buses, bicycles, _fares = two_asks
    edit = set_aside(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    assert counting(bicycles) == (ids(*ideas[3:6]), set())
    undo_edit(session, edit, by=alice, now=now)
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))


def test_an_idea_is_kept_out_of_a_theme_where_it_counts_by_a_passage(
    session, campaign, two_asks, ideas, alice, now, counting
):
    buses, bicycles, _fares = two_asks
    edit = forbid(session, campaign, idea_ids=[ideas[0].id], theme=bicycles, by=alice, now=now, seen=bicycles)
    assert theme_of(session, ideas[0]) == buses.id
    assert counting(buses) == (ids(*ideas[:3]), set())
    assert counting(bicycles) == (ids(*ideas[3:6]), set())
    undo_edit(session, edit, by=alice, now=now)
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    with pytest.raises(MovedMeanwhile):
        forbid(session, campaign, idea_ids=[ideas[1].id], theme=bicycles, by=alice, now=now, seen=bicycles)


def test_an_idea_that_is_kept_out_of_its_main_theme_goes_where_else_it_asks(
    session, campaign, two_asks, ideas, alice, now, counting
):
    buses, bicycles, _fares = two_asks
    edit = forbid(session, campaign, idea_ids=[ideas[0].id], theme=buses, by=alice, now=now, seen=buses)
    assert theme_of(session, ideas[0]) == bicycles.id
    assert counting(buses) == (ids(*ideas[1:3]), set())
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), set())
    undo_edit(session, edit, by=alice, now=now)
    assert theme_of(session, ideas[0]) == buses.id
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))


def test_a_merge_takes_in_the_passages_too(session, campaign, two_asks, ideas, alice, now, counting):
    buses, bicycles, fares = two_asks
    edit = merge_themes(session, fares, others=[bicycles], by=alice, now=now)
    assert counting(fares) == (ids(ideas[0], *ideas[3:]), ids(ideas[0]))
    assert counting(buses) == (ids(*ideas[:3]), ids(ideas[0]))
    undo_edit(session, edit, by=alice, now=now)
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    assert counting(fares) == (ids(*ideas[6:]), set())


def test_an_idea_whose_themes_are_merged_counts_once(session, campaign, two_asks, ideas, alice, now, counting):
    buses, bicycles, _fares = two_asks
    edit = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    assert counting(buses) == (ids(*ideas[:6]), set())
    undo_edit(session, edit, by=alice, now=now)
    assert counting(buses) == (ids(*ideas[:3]), ids(ideas[0]))


def test_what_is_split_off_or_gathered_takes_its_passages_along(
    session, campaign, two_asks, ideas, alice, now, counting
):
    buses, bicycles, _fares = two_asks
    split = split_theme(session, buses, idea_ids=[ideas[0].id], name="Night buses", by=alice, now=now)
    night = active_themes(session, campaign)[-1]
    assert counting(night) == (ids(ideas[0]), ids(ideas[0]))
    assert counting(buses) == (ids(*ideas[1:3]), set())
    assert spans(session, campaign, ideas[0]) == [(night.id, 0, 5), (bicycles.id, 7, 13)]
    gathered = gather_theme(session, campaign, idea_ids=[ideas[0].id], name="Both", by=alice, now=now)
    both = active_themes(session, campaign)[-1]
    assert spans(session, campaign, ideas[0]) == [(both.id, 0, 5), (bicycles.id, 7, 13)]
    undo_edit(session, gathered, by=alice, now=now)
    undo_edit(session, split, by=alice, now=now)
    assert counting(buses) == (ids(*ideas[:3]), ids(ideas[0]))
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))


def test_undoing_leaves_what_a_run_found_since(session, campaign, two_asks, found, ideas, alice, now, counting):
    buses, bicycles, fares = two_asks
    edit = move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    result = found({buses.id: ideas[1:3], bicycles.id: ideas[3:6], fares.id: [*ideas[6:], ideas[0]]})
    asked = {
        ideas[0]: [(fares.id, 0, 5, 0.9), (bicycles.id, 7, 10, 0.6)],
        ideas[1]: [(buses.id, 0, 5, 0.9), (fares.id, 7, 13, 0.6)],
    }
    apply_run(session, campaign, with_passages(result, asked), now=now + timedelta(hours=1))
    undo_edit(session, edit, by=alice, now=now + timedelta(hours=2))
    assert spans(session, campaign, ideas[0]) == [(buses.id, 0, 5), (bicycles.id, 7, 10)]
    assert counting(fares) == (ids(ideas[1], *ideas[6:]), ids(ideas[1]))


# Proposals ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposal(session, campaign, two_asks, found, ideas, alice, now):
    """A run that moves an idea from buses to fares, and finds other passages; a person named the buses."""
    buses, bicycles, fares = two_asks
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    result = found({buses.id: ideas[:2], bicycles.id: ideas[3:6], fares.id: [*ideas[6:], ideas[2]]})
    asked = {
        ideas[3]: [(bicycles.id, 0, 5, 0.9), (buses.id, 7, 13, 0.6)],
        ideas[4]: [(bicycles.id, 0, 5, 0.9), (fares.id, 7, 13, 0.6)],
    }
    apply_or_propose(session, campaign, with_passages(result, asked), now=now + timedelta(hours=1))
    return open_proposal(session, campaign)


def test_a_proposal_changes_passages_once_it_is_accepted(
    session, campaign, two_asks, proposal, ideas, alice, now, counting
):
    buses, bicycles, fares = two_asks
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    edit = accept(session, proposal, by=alice, now=now + timedelta(hours=2))
    assert counting(buses) == (ids(*ideas[:2], ideas[3]), ids(ideas[3]))
    assert counting(bicycles) == (ids(*ideas[3:6]), ids(*ideas[3:5]))
    assert counting(fares) == (ids(ideas[2], ideas[4], *ideas[6:]), ids(ideas[4]))
    undo_edit(session, edit, by=alice, now=now + timedelta(hours=3))
    assert counting(buses) == (ids(*ideas[:3]), ids(ideas[0]))
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0]))
    assert counting(fares) == (ids(*ideas[6:]), set())


def test_in_a_theme_whose_change_is_declined_the_passages_of_today_stay(
    session, campaign, two_asks, found, ideas, alice, now, counting
):
    buses, bicycles, fares = two_asks
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    result = found({buses.id: ideas[:1], bicycles.id: [*ideas[3:6], ideas[1]], fares.id: [*ideas[6:], ideas[2]]})
    asked = {
        ideas[7]: [(fares.id, 0, 5, 0.9), (bicycles.id, 7, 13, 0.6)],
        ideas[4]: [(bicycles.id, 0, 5, 0.9), (fares.id, 7, 13, 0.6)],
    }
    apply_or_propose(session, campaign, with_passages(result, asked), now=now + timedelta(hours=1))
    proposal = open_proposal(session, campaign)
    accept(session, proposal, keys=[str(fares.id)], by=alice, now=now + timedelta(hours=2))
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0], ideas[4]))
    assert counting(fares) == (ids(ideas[2], ideas[4], *ideas[6:]), ids(ideas[4]))


def test_newcomers_of_a_proposal_get_their_passages_at_once(
    session, campaign, two_asks, found, ideas, alice, charlie, make_idea, now, counting
):
    buses, bicycles, fares = two_asks
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    late = make_idea(campaign, charlie, "Buses and bicycles")
    result = found({buses.id: [ideas[0], late], bicycles.id: [*ideas[3:6], *ideas[1:3]], fares.id: ideas[6:]})
    asked = {late: [(buses.id, 0, 5, 0.9), (bicycles.id, 7, 13, 0.6)]}
    apply_or_propose(session, campaign, with_passages(result, asked), now=now + timedelta(hours=1))
    assert open_proposal(session, campaign) is not None
    assert counting(bicycles) == (ids(ideas[0], late, *ideas[3:6]), ids(ideas[0], late))


def test_a_proposal_shows_sizes_of_all_that_count(session, campaign, two_asks, proposal, ideas):
    buses, bicycles, fares = two_asks
    shown = {one.theme.id: one for one in differences(session, proposal)}
    sizes = {number: (one.size_before, one.size_after) for number, one in shown.items()}
    assert sizes == {buses.id: (3, 3), bicycles.id: (4, 3), fares.id: (3, 5)}
    asking = {number: (one.asking_in, one.asking_out) for number, one in shown.items()}
    assert asking == {buses.id: (1, 0), bicycles.id: (0, 1), fares.id: (1, 0)}
    (moved,) = shown[bicycles.id].ideas_asking_out
    assert (moved.idea.id, moved.other) == (ideas[0].id, "Night buses")
    assert not shown[bicycles.id].follows, "it can be declined"
    assert shown[bicycles.id].change is Change.SHRUNK


def test_what_a_proposal_shows_is_what_it_makes_of_the_themes(session, campaign, two_asks, proposal, alice, now):
    shown = {one.theme.id: one.size_after for one in differences(session, proposal)}
    accept(session, proposal, by=alice, now=now + timedelta(hours=2))
    assert shown == {card.theme.id: card.size for card in theme_cards(session, campaign)}


@pytest.fixture
def other_passages(session, campaign, two_asks, found, ideas, alice, now):
    """A run that finds all ideas where they are, and that the first one asks for fares instead of bicycles."""
    buses, bicycles, fares = two_asks
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    result = found({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    asked = {ideas[0]: [(buses.id, 0, 5, 0.9), (fares.id, 7, 13, 0.6)]}

    def group():
        apply_or_propose(session, campaign, with_passages(result, asked), now=now + timedelta(hours=1))
        return open_proposal(session, campaign)

    return group


def test_a_run_that_changes_passages_alone_is_proposed_like_any_other(
    session, campaign, two_asks, other_passages, ideas, alice, now, counting
):
    _buses, bicycles, fares = two_asks
    proposal = other_passages()
    assert proposal is not None
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0])), "until it is accepted"
    changes = {(one.theme.id, one.moving_in, one.asking_in, one.asking_out) for one in differences(session, proposal)}
    assert changes == {(bicycles.id, 0, 0, 1), (fares.id, 0, 1, 0)}
    edit = accept(session, proposal, keys=[str(fares.id)], by=alice, now=now + timedelta(hours=2))
    assert counting(fares) == (ids(ideas[0], *ideas[6:]), ids(ideas[0]))
    assert counting(bicycles) == (ids(ideas[0], *ideas[3:6]), ids(ideas[0])), "declined"
    undo_edit(session, edit, by=alice, now=now + timedelta(hours=3))
    assert counting(fares) == (ids(*ideas[6:]), set())


def test_after_the_debrief_a_proposal_of_passages_needs_a_reason_and_tells_the_authors(
    session, campaign, two_asks, other_passages, ideas, alice, now
):
    _buses, _bicycles, fares = two_asks
    campaign.debriefed_at = now
    proposal = other_passages()
    session.commit()
    with pytest.raises(PublicAnswersChange):
        accept(session, proposal, by=alice, now=now + timedelta(hours=2))
    session.rollback()
    accept(session, proposal, by=alice, now=now + timedelta(hours=2), reason="It speaks of fares.")
    assert told(session) == {"ideas": [ideas[0].id], "theme_id": fares.id}


def test_a_run_with_the_passages_of_today_is_applied_at_once(session, campaign, two_asks, found, ideas, alice, now):
    buses, bicycles, fares = two_asks
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    names = {bicycles.id: bicycles.name, fares.id: fares.name}
    result = found({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]}, names=names)
    asked = {ideas[0]: [(buses.id, 0, 5, 0.9), (bicycles.id, 7, 13, 0.6)]}
    apply_or_propose(session, campaign, with_passages(result, asked), now=now + timedelta(hours=1))
    assert open_proposal(session, campaign) is None


# After the debrief ----------------------------------------------------------------------------------------------------


def told(session):
    """The ideas that the log says to have moved last, with the theme where they went."""
    session.commit()
    moves = session.scalars(select(Activity).where(Activity.verb == Verb.MOVED).order_by(Activity.id)).all()
    return moves[-1].after


def test_after_the_debrief_authors_are_told_of_the_themes_of_their_passages_too(
    session, campaign, two_asks, ideas, alice, now
):
    buses, bicycles, fares = two_asks
    campaign.debriefed_at = now
    keep_out = partial(forbid, session, campaign, idea_ids=[ideas[0].id], theme=bicycles, by=alice, now=now)
    session.commit()
    with pytest.raises(PublicAnswersChange):
        keep_out()
    session.rollback()
    edit = keep_out(reason="It is about buses.")
    assert told(session) == {"ideas": [ideas[0].id], "theme_id": buses.id}
    with pytest.raises(PublicAnswersChange):
        undo_edit(session, edit, by=alice, now=now)
    session.rollback()
    undo_edit(session, edit, by=alice, now=now, reason="It asks for both.")
    assert told(session) == {"ideas": [ideas[0].id], "theme_id": bicycles.id}
    merge_themes(session, fares, others=[bicycles], by=alice, now=now, reason="The same.")
    assert told(session) == {"ideas": [idea.id for idea in (ideas[0], *ideas[3:6])], "theme_id": fares.id}
