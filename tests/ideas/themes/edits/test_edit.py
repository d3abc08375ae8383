from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import inspect, update

from clustering.types import Apart, Leftover, Near, ThemeWarning
from ideas.errors import Conflict, EmptyText, TooLong
from ideas.themes.edits.edit import MergeNeedsTwo, SplitTakesAll, merge_themes, rename_theme, split_theme
from ideas.themes.edits.history import count_edits, edit_history, edits_of
from ideas.themes.edits.later import EditOverlaid
from ideas.themes.edits.move import (
    MovedMeanwhile,
    NothingChosen,
    PlacedThere,
    forbid,
    move_ideas,
    pin_ideas,
    set_aside,
    unpin_ideas,
)
from ideas.themes.edits.undo import AlreadyUndone, undo_edit
from ideas.themes.placement import PlacedHow, Placement, load_forbidden
from ideas.themes.runs.run import load_state
from ideas.themes.stored import Snapshot
from ideas.themes.theme import Theme, active_themes, apart_of
from tests.places import ids, members, theme_of

# People's acts --------------------------------------------------------------------------------------------------------


def test_a_new_name_replaces_the_one_that_was_found_until_it_is_undone(session, themes, alice, now):
    edit = rename_theme(session, themes[0], name="  Night\nbuses ", by=alice, now=now, reason="Clearer")
    assert themes[0].name == "Night buses"
    assert (edit.summary, edit.reason) == ({"from": "Buses", "to": "Night buses", "themes": [themes[0].id]}, "Clearer")
    undo_edit(session, edit, by=alice, now=now)
    assert themes[0].name == "Buses"
    with pytest.raises(AlreadyUndone):
        undo_edit(session, edit, by=alice, now=now)


@pytest.mark.parametrize(("name", "refusal"), [(" \u200b", EmptyText), ("a" * 81, TooLong)])
def test_a_name_is_neither_empty_nor_too_long(session, themes, alice, now, name, refusal):
    with pytest.raises(refusal):
        rename_theme(session, themes[0], name=name, by=alice, now=now)


def test_a_merge_brings_the_ideas_of_others_in(session, campaign, themes, ideas, alice, now):
    buses, bicycles, fares = themes
    edit = merge_themes(session, buses, others=[bicycles, fares, buses], by=alice, now=now)
    assert active_themes(session, campaign) == [buses]
    assert members(session, buses) == ids(ideas)
    assert not buses.exemplars, "cleared until they are chosen again"
    undo_edit(session, edit, by=alice, now=now)
    assert active_themes(session, campaign) == themes
    assert members(session, bicycles) == ids(ideas[3:6])


def test_a_merge_needs_another_theme_of_the_same_campaign(session, themes, make_campaign, alice, now):
    other = Theme(campaign=make_campaign(), created_at=now)
    session.add(other)
    for others in ([], [themes[0]], [other]):
        with pytest.raises(MergeNeedsTwo):
            merge_themes(session, themes[0], others=others, by=alice, now=now)


def test_a_split_makes_a_theme_of_the_chosen_ideas(session, campaign, themes, ideas, alice, now):
    edit = split_theme(session, themes[0], idea_ids=[ideas[0].id, ideas[1].id], name="Trams", by=alice, now=now)
    new = active_themes(session, campaign)[-1]
    assert new.name == "Trams"
    assert members(session, new) == ids(ideas[:2])
    assert load_state(session, campaign).by_people.keys() == ids(ideas[:3])
    undo_edit(session, edit, by=alice, now=now)
    assert active_themes(session, campaign) == themes
    assert members(session, themes[0]) == ids(ideas[:3])


def test_a_split_needs_ideas_of_the_theme_and_leaves_some(session, themes, ideas, alice, now):
    with pytest.raises(NothingChosen):
        split_theme(session, themes[0], idea_ids=[], name="Trams", by=alice, now=now)
    with pytest.raises(MovedMeanwhile):
        split_theme(session, themes[0], idea_ids=[ideas[5].id], name="Trams", by=alice, now=now)
    with pytest.raises(SplitTakesAll):
        split_theme(session, themes[0], idea_ids=[i.id for i in ideas[:3]], name="Trams", by=alice, now=now)
    with pytest.raises(EmptyText):
        split_theme(session, themes[0], idea_ids=[ideas[0].id], name=" ", by=alice, now=now)


def test_ideas_can_be_moved_to_a_theme_or_out_of_any(session, campaign, themes, ideas, alice, now):
    buses, bicycles, _fares = themes
    edit = move_ideas(session, campaign, idea_ids=[ideas[0].id, ideas[3].id], to=bicycles, by=alice, now=now)
    assert edit.summary == {"to": "Bicycles", "ideas": 1, "idea": ideas[0].id, "themes": []}
    out = move_ideas(session, campaign, idea_ids=[ideas[0].id], to=None, by=alice, now=now)
    assert theme_of(session, ideas[0]) is None
    undo_edit(session, out, by=alice, now=now)
    assert theme_of(session, ideas[0]) == bicycles.id
    undo_edit(session, edit, by=alice, now=now)
    assert theme_of(session, ideas[0]) == buses.id
    assert load_state(session, campaign).by_people == {}


def test_nothing_is_moved_to_where_it_is_nor_to_a_theme_that_is_no_more(session, campaign, themes, ideas, alice, now):
    with pytest.raises(NothingChosen):
        move_ideas(session, campaign, idea_ids=[ideas[0].id], to=themes[0], by=alice, now=now)
    with pytest.raises(NothingChosen):
        move_ideas(session, campaign, idea_ids=[], to=themes[1], by=alice, now=now)
    merge_themes(session, themes[0], others=[themes[1]], by=alice, now=now)
    with pytest.raises(Conflict):
        move_ideas(session, campaign, idea_ids=[ideas[8].id], to=themes[1], by=alice, now=now)


@pytest.mark.parametrize("languages", [(("fr", 1.0),), (("fr", 0.75), ("en", 0.25))])
def test_a_split_clears_for_both_parts_what_was_measured_of_their_ideas(
    session, campaign, themes, ideas, alice, now, languages
):
    buses, *_ = themes
    buses.family, buses.languages, buses.warnings = 2, languages, (ThemeWarning.LOOSE,)
    edit = split_theme(session, buses, idea_ids=[ideas[0].id], name="Trams", by=alice, now=now)
    trams = active_themes(session, campaign)[-1]
    assert trams.family == 2
    for theme in (buses, trams):
        assert (theme.measured, theme.warnings, theme.languages) == (False, (), ())
    undo_edit(session, edit, by=alice, now=now)
    assert (buses.languages, buses.measured, buses.warnings) == (languages, True, (ThemeWarning.LOOSE,))


def test_what_sets_a_theme_apart_is_shown_while_both_are_as_measured(session, campaign, themes, ideas, run, alice, now):
    buses, bicycles, fares = themes
    buses.apart = Apart(bicycles.id, 0.5, ("wheels",), ())

    def difference():
        return apart_of(buses, active_themes(session, campaign))

    assert difference() == buses.apart
    for reshape in (
        partial(merge_themes, session, bicycles, others=[fares]),
        partial(split_theme, session, bicycles, idea_ids=[ideas[3].id], name="Paths"),
        partial(merge_themes, session, buses, others=[fares]),
        partial(merge_themes, session, fares, others=[bicycles]),
    ):
        edit = reshape(by=alice, now=now)
        assert difference() is None
        undo_edit(session, edit, by=alice, now=now)
        assert difference() == Apart(bicycles.id, 0.5, ("wheels",), ())


def test_undoing_after_a_run_marks_the_reshaped_themes_unmeasured(session, campaign, themes, ideas, run, alice, now):
    buses, bicycles, fares = themes
    edit = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    assert not buses.measured
    run({buses.id: ideas[:6], fares.id: ideas[6:]})
    assert buses.measured
    undo_edit(session, edit, by=alice, now=now)
    assert [theme.measured for theme in (buses, bicycles, fares)] == [False, False, True]


def test_a_split_does_not_count_on_ideas_that_were_withdrawn(session, campaign, themes, ideas, alice, now):
    buses, *_ = themes
    ideas[2].withdrawn_at = now
    with pytest.raises(SplitTakesAll):
        split_theme(session, buses, idea_ids=[i.id for i in ideas[:2]], name="Trams", by=alice, now=now)
    with pytest.raises(NothingChosen):
        split_theme(session, buses, idea_ids=[ideas[2].id], name="Trams", by=alice, now=now)
    edit = split_theme(session, buses, idea_ids=[ideas[0].id, ideas[2].id], name="Trams", by=alice, now=now)
    assert edit.summary["ideas"] == 1
    assert theme_of(session, ideas[2]) == buses.id
    merge = merge_themes(session, buses, others=[themes[1]], by=alice, now=now)
    assert merge.summary["ideas"] == 4


def test_a_merge_clears_the_languages_and_what_set_the_theme_apart(session, themes, ideas, alice, now):
    buses, bicycles, _fares = themes
    buses.languages, bicycles.languages = (("fr", 1.0),), (("en", 1.0),)
    buses.apart = Apart(bicycles.id, 0.5, ("wheels",), ())
    ideas[3].withdrawn_at = now
    edit = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    assert (buses.languages, buses.apart) == ((), None)
    undo_edit(session, edit, by=alice, now=now)
    assert buses.languages == (("fr", 1.0),)
    assert buses.apart.here == ("wheels",)


# How an idea belongs where it was put ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "strength"), [("move", 0.6), ("move far", 0), ("merge", 0.6), ("split", 0), ("forbid", 0.6), ("alone", 0.9)]
)
def test_an_idea_that_is_moved_keeps_nothing_measured_in_the_theme_it_left(
    session, campaign, themes, ideas, alice, now, act, strength
):
    buses, bicycles, fares = themes
    placement = placement_of(session, ideas[0])
    placement.strength, placement.shared, placement.nearest = 0.9, ["phrase 1"], near(buses, 0.9, bicycles, 0.6)
    chosen = {"idea_ids": [ideas[0].id]}
    acts = {
        "move": partial(move_ideas, session, campaign, to=bicycles, **chosen),
        "move far": partial(move_ideas, session, campaign, to=fares, **chosen),
        "merge": partial(merge_themes, session, bicycles, others=[buses]),
        "split": partial(split_theme, session, buses, name="Trams", **chosen),
        "forbid": partial(forbid, session, campaign, theme=buses, **chosen),
        "alone": partial(set_aside, session, campaign, **chosen),
    }
    edit = acts[act](by=alice, now=now)
    assert (placement.strength, placement.shared) == (strength, [])
    undo_edit(session, edit, by=alice, now=now)
    assert (placement.theme_id, placement.strength, placement.shared) == (buses.id, 0.9, ["phrase 1"])


@pytest.mark.parametrize("act", [pin_ideas, unpin_ideas])
def test_an_idea_that_stays_in_its_theme_keeps_what_was_measured(session, campaign, themes, ideas, alice, now, act):
    placement = placement_of(session, ideas[0])
    placement.strength, placement.shared = 0.9, ["phrase 1"]
    if act is unpin_ideas:
        pin_ideas(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    act(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    merge_themes(session, themes[0], others=[themes[1]], by=alice, now=now)
    assert (placement.strength, placement.shared) == (0.9, ["phrase 1"])


def test_undoing_a_move_after_another_run_keeps_what_that_run_measured(
    session, campaign, themes, run, ideas, alice, now
):
    buses, bicycles, fares = themes
    edit = move_ideas(session, campaign, idea_ids=[ideas[0].id], to=bicycles, by=alice, now=now)
    run({buses.id: ideas[1:3], bicycles.id: [*ideas[3:6], ideas[0]], fares.id: ideas[6:]})
    placement = placement_of(session, ideas[0])
    placement.nearest = near(bicycles, 0.9, buses, 0.3)
    session.flush()
    undo_edit(session, edit, by=alice, now=now)
    assert (placement.theme_id, placement.strength, placement.shared) == (buses.id, 0.3, [])


# The history ----------------------------------------------------------------------------------------------------------


def test_the_history_is_read_page_by_page_without_what_only_an_undoing_needs(
    session, campaign, themes, alice, bob, now
):
    edits = [rename_theme(session, themes[0], name=f"Name {number}", by=alice, now=now) for number in range(3)]
    undo_edit(session, edits[2], by=bob, now=now)
    other = rename_theme(session, themes[1], name="Paths", by=alice, now=now)
    session.expunge_all()
    assert [edit.id for edit in edit_history(session, campaign, start=1, limit=2)] == [edits[2].id, edits[1].id]
    assert count_edits(session, campaign) == 4
    history = edit_history(session, campaign)
    assert history[1].undone_by.name == bob.name
    assert all({"before", "after"} <= inspect(edit).unloaded for edit in history)
    assert [edit.id for edit in edits_of(session, themes[0], limit=2)] == [edits[1].id, edits[0].id]
    assert [edit.id for edit in edits_of(session, themes[1], limit=2)] == [other.id]


# Undoing --------------------------------------------------------------------------------------------------------------


def test_what_a_later_act_changed_again_can_only_be_undone_after_it(session, campaign, themes, ideas, alice, now):
    first = rename_theme(session, themes[0], name="Night buses", by=alice, now=now)
    second = rename_theme(session, themes[0], name="Late buses", by=alice, now=now)
    rename_theme(session, themes[1], name="Of no concern", by=alice, now=now)
    with pytest.raises(EditOverlaid) as refused:
        undo_edit(session, first, by=alice, now=now)
    assert refused.value.later == [second]
    assert themes[0].name == "Late buses"
    undo_edit(session, second, by=alice, now=now)
    undo_edit(session, first, by=alice, now=now)
    assert themes[0].name == "Buses"


def test_a_name_can_be_undone_after_another_run(session, themes, run, ideas, alice, now):
    edit = rename_theme(session, themes[0], name="Night buses", by=alice, now=now)
    run({themes[0].id: ideas})
    undo_edit(session, edit, by=alice, now=now)
    assert themes[0].given_name is None


def test_a_split_is_not_undone_under_ideas_that_came_to_the_new_theme(session, campaign, themes, ideas, alice, now):
    split = split_theme(session, themes[0], idea_ids=[ideas[0].id], name="Trams", by=alice, now=now)
    new = active_themes(session, campaign)[-1]
    moved = move_ideas(session, campaign, idea_ids=[ideas[8].id], to=new, by=alice, now=now)
    with pytest.raises(EditOverlaid) as refused:
        undo_edit(session, split, by=alice, now=now)
    assert refused.value.later == [moved]
    assert theme_of(session, ideas[8]) == new.id
    assert new.retired_at is None
    undo_edit(session, moved, by=alice, now=now)
    undo_edit(session, split, by=alice, now=now)


def test_an_idea_does_not_go_back_to_a_theme_that_was_merged_away(session, campaign, themes, ideas, alice, now):
    buses, bicycles, fares = themes
    moved = move_ideas(session, campaign, idea_ids=[ideas[3].id], to=fares, by=alice, now=now)
    merged = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    with pytest.raises(EditOverlaid) as refused:
        undo_edit(session, moved, by=alice, now=now)
    assert refused.value.later == [merged]
    undo_edit(session, merged, by=alice, now=now)
    undo_edit(session, moved, by=alice, now=now)
    assert theme_of(session, ideas[3]) == bicycles.id


def test_an_act_is_not_undone_under_a_later_one_that_took_its_ideas_for_granted(session, themes, ideas, alice, now):
    split = split_theme(session, themes[0], idea_ids=[ideas[0].id], name="Trams", by=alice, now=now)
    merge = merge_themes(session, themes[0], others=[themes[1]], by=alice, now=now)
    with pytest.raises(EditOverlaid):
        undo_edit(session, split, by=alice, now=now)
    undo_edit(session, merge, by=alice, now=now)
    undo_edit(session, split, by=alice, now=now)


@pytest.mark.parametrize("act", ["rename", "merge it", "merge into it", "split", "move to it"])
def test_an_act_on_a_theme_that_was_just_merged_away_is_a_conflict(session, campaign, themes, ideas, alice, now, act):
    gone, _, other = themes
    acts = {
        "rename": partial(rename_theme, session, gone, name="Trams"),
        "merge it": partial(merge_themes, session, other, others=[gone]),
        "merge into it": partial(merge_themes, session, gone, others=[other]),
        "split": partial(split_theme, session, gone, idea_ids=[ideas[0].id], name="Trams"),
        "move to it": partial(move_ideas, session, campaign, idea_ids=[ideas[8].id], to=gone),
    }
    # Another session does so: the loaded object is out of date.
    merged_away = update(Theme).where(Theme.id == gone.id).values(retired_at=now)
    session.execute(merged_away.execution_options(synchronize_session=False))
    assert gone.retired_at is None
    with pytest.raises(Conflict):
        acts[act](by=alice, now=now)


# Pins and words of never ----------------------------------------------------------------------------------------------


def placement_of(session, idea):
    return session.get(Placement, idea.id)


def test_the_act_by_which_a_person_placed_an_idea_is_kept(session, campaign, themes, ideas, alice, now):
    buses, bicycles, fares = themes
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    set_aside(session, campaign, idea_ids=[ideas[1].id], by=alice, now=now)
    pin_ideas(session, campaign, idea_ids=[ideas[2].id], by=alice, now=now)
    merge_themes(session, fares, others=[bicycles], by=alice, now=now)
    how = [placement_of(session, idea).placed_how for idea in ideas[:4]]
    assert how == [PlacedHow.MERGED, PlacedHow.SET_ASIDE, PlacedHow.PINNED, PlacedHow.MERGED]
    split_theme(session, fares, idea_ids=[ideas[0].id], name="Trams", by=alice, now=now)
    assert placement_of(session, ideas[3]).placed_how is PlacedHow.SPLIT
    state = load_state(session, campaign)
    assert [idea_id for idea_id, theme_id in state.by_people.items() if theme_id is None] == [ideas[1].id]
    assert state.by_people[ideas[2].id] == buses.id


def test_a_pinned_idea_stays_in_its_theme_until_it_is_unpinned(session, campaign, themes, run, ideas, alice, now):
    buses, bicycles, _fares = themes
    pin_ideas(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    run({bicycles.id: ideas})
    assert theme_of(session, ideas[0]) == buses.id
    with pytest.raises(NothingChosen):
        pin_ideas(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    unpin = unpin_ideas(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    assert load_state(session, campaign).by_people == {}
    undo_edit(session, unpin, by=alice, now=now)
    assert placement_of(session, ideas[0]).placed_how is PlacedHow.PINNED
    unpin_ideas(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    run({bicycles.id: ideas})
    assert theme_of(session, ideas[0]) == bicycles.id
    with pytest.raises(NothingChosen):
        unpin_ideas(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)


def test_an_outlier_can_be_set_aside_for_good(session, campaign, themes, run, ideas, alice, now):
    buses, *_ = themes
    run({buses.id: ideas[:8]}, alone=ideas[8:])
    set_aside(session, campaign, idea_ids=[ideas[8].id], by=alice, now=now)
    run({buses.id: ideas})
    assert theme_of(session, ideas[8]) is None
    with pytest.raises(NothingChosen):
        set_aside(session, campaign, idea_ids=[ideas[8].id], by=alice, now=now)
    with pytest.raises(NothingChosen):
        pin_ideas(session, campaign, idea_ids=[ideas[8].id], by=alice, now=now)


def test_a_forbidden_idea_goes_to_the_next_theme_or_to_none(session, campaign, themes, ideas, alice, now):
    buses, bicycles, fares = themes
    placement_of(session, ideas[0]).nearest = near(buses, 0.9, bicycles, 0.6, fares, 0.5)
    placement_of(session, ideas[1]).nearest = near(buses, 0.9, bicycles, 0.4)
    edit = forbid(session, campaign, idea_ids=[i.id for i in ideas[:2]], theme=buses, by=alice, now=now, reason="No")
    assert theme_of(session, ideas[0]) == bicycles.id
    assert placement_of(session, ideas[1]).leftover is Leftover.OUTLIER
    assert placement_of(session, ideas[0]).placed_by_id is None, "the machine may still choose among the others"
    assert edit.summary == {"theme": "Buses", "ideas": 2, "idea": ideas[0].id, "themes": [buses.id]}
    assert edit.reason == "No"
    with pytest.raises(NothingChosen):
        forbid(session, campaign, idea_ids=[ideas[0].id], theme=buses, by=alice, now=now)
    undo_edit(session, edit, by=alice, now=now)
    assert load_forbidden(session, campaign) == {}
    assert {theme_of(session, idea) for idea in ideas[:2]} == {buses.id}


def near(*pairs):
    return tuple(Near(theme.id, strength) for theme, strength in zip(pairs[::2], pairs[1::2], strict=True))


def test_a_run_keeps_to_what_is_forbidden_and_drops_no_theme_named_there(
    session, campaign, themes, run, ideas, alice, now
):
    buses, _bicycles, fares = themes
    forbid(session, campaign, idea_ids=[ideas[8].id], theme=buses, by=alice, now=now)
    state = load_state(session, campaign)
    assert state.forbidden == {ideas[8].id: {buses.id}}
    assert state.kept == {buses.id}
    run({buses.id: ideas})
    assert theme_of(session, ideas[8]) is None
    run({fares.id: ideas})
    assert buses in active_themes(session, campaign)


def test_a_pinned_idea_cannot_be_forbidden_and_a_later_move_lifts_it(session, campaign, themes, ideas, alice, now):
    buses, bicycles, _fares = themes
    pin_ideas(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    with pytest.raises(PlacedThere):
        forbid(session, campaign, idea_ids=[ideas[0].id], theme=buses, by=alice, now=now)
    forbid(session, campaign, idea_ids=[ideas[0].id], theme=bicycles, by=alice, now=now)
    move = move_ideas(session, campaign, idea_ids=[ideas[0].id], to=bicycles, by=alice, now=now)
    assert load_forbidden(session, campaign) == {}
    undo_edit(session, move, by=alice, now=now)
    assert load_forbidden(session, campaign) == {ideas[0].id: {bicycles.id}}


def test_what_was_forbidden_in_a_theme_is_so_in_the_one_that_takes_it_in(session, campaign, themes, ideas, alice, now):
    buses, bicycles, _fares = themes
    forbid(session, campaign, idea_ids=[ideas[8].id], theme=bicycles, by=alice, now=now)
    forbid(session, campaign, idea_ids=[ideas[3].id], theme=buses, by=alice, now=now)
    before = load_forbidden(session, campaign)
    merge = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    assert theme_of(session, ideas[3]) == buses.id
    assert buses.id in load_forbidden(session, campaign)[ideas[8].id]
    assert ideas[3].id not in load_forbidden(session, campaign), "a person brought it in"
    undo_edit(session, merge, by=alice, now=now)
    assert load_forbidden(session, campaign) == before


def test_nothing_is_forbidden_in_another_campaign(session, campaign, themes, ideas, make_campaign, alice, now):
    other = Theme(campaign=make_campaign(), created_at=now)
    session.add(other)
    session.flush()
    with pytest.raises(Conflict):
        forbid(session, campaign, idea_ids=[ideas[0].id], theme=other, by=alice, now=now)


def test_a_merged_theme_is_kept_without_ideas_until_the_merge_is_undone(
    session, campaign, themes, run, ideas, alice, now
):
    buses, bicycles, fares = themes
    merge = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    move = move_ideas(session, campaign, idea_ids=[i.id for i in ideas[:6]], to=fares, by=alice, now=now)
    run({fares.id: ideas})
    assert buses in active_themes(session, campaign)
    undo_edit(session, move, by=alice, now=now)
    undo_edit(session, merge, by=alice, now=now)
    assert not buses.touched
    run({fares.id: ideas})
    assert active_themes(session, campaign) == [fares]


def test_a_merge_can_be_undone_after_another_run(session, campaign, themes, run, ideas, alice, now):
    buses, bicycles, fares = themes
    merge = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    run({buses.id: ideas[:6], fares.id: ideas[6:]}, names={buses.id: "Transport"})
    undo_edit(session, merge, by=alice, now=now)
    assert members(session, bicycles) == ids(ideas[3:6])
    assert buses.name == "Buses", "the name of a merged theme holds through later runs"


def test_ideas_placed_in_a_theme_become_outliers_when_its_split_is_undone(session, campaign, themes, ideas, alice, now):
    split = split_theme(session, themes[0], idea_ids=[ideas[0].id], name="Trams", by=alice, now=now)
    new = active_themes(session, campaign)[-1]
    placement_of(session, ideas[8]).theme_id = new.id
    undo_edit(session, split, by=alice, now=now)
    assert placement_of(session, ideas[8]).leftover is Leftover.OUTLIER


def first_snapshot(snapshot):
    """Without what the first version did not keep yet."""

    def only(states, *names):
        return {number: {name: state[name] for name in names} for number, state in states.items()}

    return Snapshot(
        only(snapshot.themes, "given_name", "phrases", "exemplars", "retired"),
        only(snapshot.placements, "theme_id", "leftover", "placed_by_id"),
    )


def test_an_act_of_the_first_version_which_kept_less_can_be_undone(session, themes, ideas, alice, now):
    buses, bicycles, _fares = themes
    edit = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    edit.before, edit.after = first_snapshot(edit.before), first_snapshot(edit.after)
    session.flush()
    undo_edit(session, edit, by=alice, now=now)
    assert members(session, bicycles) == ids(ideas[3:6])
    assert placement_of(session, ideas[3]).placed_how is None


def test_a_theme_that_comes_back_after_a_run_has_no_sub_themes_of_the_one_before(
    session, campaign, themes, run, ideas, alice, now
):
    buses, bicycles, fares = themes
    bicycles.parts, fares.family = [1, 2], 1
    merged = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    undo_edit(session, merged, by=alice, now=now)
    assert bicycles.parts == [1, 2], "the run is still the same"
    merged = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    run({buses.id: ideas[:6], fares.id: ideas[6:]}, at=now + timedelta(hours=1))
    undo_edit(session, merged, by=alice, now=now + timedelta(hours=2))
    assert bicycles.retired_at is None
    assert (bicycles.parts, bicycles.apart, bicycles.family) == ([], None, 0)
