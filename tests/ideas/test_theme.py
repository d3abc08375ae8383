from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from ideas.errors import Conflict, DomainError, EmptyText, TooLong
from ideas.theme import (
    Leftover,
    Placement,
    Theme,
    active_themes,
    all_placements,
    count_unplaced,
    latest_run,
    leftovers,
    theme_cards,
    theme_members,
    themes_containing,
)
from ideas.theme_edit import (
    MergeNeedsTwo,
    NothingChosen,
    SplitTakesAll,
    edit_history,
    merge_themes,
    move_ideas,
    rename_theme,
    split_theme,
)
from ideas.theme_run import IdeaPlaced, RunFound, ThemeFound, record_run, standing
from ideas.theme_undo import AlreadyUndone, EditOverlaid, undo_edit
from ideas.vote import Emotion, Reaction, Vote

NAMES = {1: "Buses", 2: "Bicycles", 3: "Fares"}


@pytest.fixture
def ideas(make_idea, campaign, charlie):
    """Nine ideas: three on each of three themes."""
    return [make_idea(campaign, charlie, f"{NAMES[1 + number // 3]}, idea {number}") for number in range(9)]


@pytest.fixture
def run(session, campaign, now):
    """Record a run: `groups` maps a theme's id, in this run, to its ideas; the rest is left over."""

    def record(groups, *, alone=(), between=(), too_few=False, at=now):
        themes = [
            ThemeFound(
                id=number,
                name=NAMES.get(number, f"Theme {number}"),
                phrases=[f"phrase {number}"],
                exemplars=[idea.id for idea in ideas[:1]],
                cohesion=0.5,
                x=0.1 * (number % 10),
                y=0.5,
            )
            for number, ideas in groups.items()
        ]
        near = [(number, 0.4) for number in groups][:2]
        placed = [
            IdeaPlaced(idea.id, number, None, 0.9 - 0.1 * place, [(number, 0.9)], 0.2, 0.2)
            for number, ideas in groups.items()
            for place, idea in enumerate(ideas)
        ]
        placed += [IdeaPlaced(idea.id, None, Leftover.ALONE, 0.1, [], 0.3, 0.3) for idea in alone]
        placed += [IdeaPlaced(idea.id, None, Leftover.BETWEEN, 0.4, near, 0.4, 0.4) for idea in between]
        return record_run(session, campaign, RunFound("test", {"total": 1.0}, too_few, themes, placed), now=at)

    return record


@pytest.fixture
def themes(run, ideas, session, campaign):
    """Buses, bicycles, fares, with three ideas each."""
    run({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    return active_themes(session, campaign)


def theme_of(session, idea):
    return session.scalar(select(Placement.theme_id).where(Placement.idea_id == idea.id))


def members(session, theme):
    return {placement.idea_id for placement in theme_members(session, theme)}


def ids(ideas):
    return {idea.id for idea in ideas}


# Runs -----------------------------------------------------------------------------------------------------------------


def test_a_run_records_its_themes_and_where_each_idea_stands(session, campaign, run, ideas, now):
    recorded = run({1: ideas[:3], 2: ideas[3:6]}, alone=ideas[6:8], between=ideas[8:])
    buses, bicycles = active_themes(session, campaign)
    assert (buses.name, bicycles.name) == ("Buses", "Bicycles")
    assert members(session, buses) == ids(ideas[:3])
    assert [placement.idea_id for placement in leftovers(session, campaign, Leftover.ALONE)] == [
        idea.id for idea in ideas[6:8]
    ]
    (torn,) = leftovers(session, campaign, Leftover.BETWEEN)
    assert [near["theme"] for near in torn.nearest] == [buses.id, bicycles.id]
    assert latest_run(session, campaign) is recorded
    assert (recorded.ideas, recorded.themes, recorded.model) == (9, 2, "test")
    assert campaign.grouped_at == now
    assert len(all_placements(session, campaign)) == 9


def test_a_theme_lives_on_in_the_next_run_and_one_that_is_gone_is_retired(session, campaign, themes, run, ideas, now):
    buses, bicycles, fares = themes
    run({buses.id: ideas[:6], 999: ideas[6:]}, at=now + timedelta(hours=1))
    kept, new = active_themes(session, campaign)
    assert kept is buses
    assert members(session, buses) == ids(ideas[:6])
    assert new.id not in {theme.id for theme in themes}
    assert (bicycles.retired_at, fares.retired_at) == (now + timedelta(hours=1),) * 2


def test_a_theme_that_a_person_named_keeps_its_name(session, themes, run, ideas, alice, now):
    buses = themes[0]
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    run({buses.id: ideas})
    assert buses.name == "Night buses"
    assert buses.phrases == [f"phrase {buses.id}"]


def test_a_theme_that_a_person_named_is_never_dropped(session, campaign, themes, run, ideas, alice, now):
    buses = themes[0]
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    run({999: ideas})
    assert buses in active_themes(session, campaign)


def test_an_idea_that_a_person_placed_is_never_moved_by_a_run(session, campaign, themes, run, ideas, alice, now):
    buses, _bicycles, fares = themes
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    move_ideas(session, campaign, idea_ids=[ideas[1].id], to=None, by=alice, now=now)
    run({buses.id: ideas})
    assert theme_of(session, ideas[0]) == fares.id
    assert fares.retired_at is None
    (alone,) = leftovers(session, campaign, Leftover.ALONE)
    assert (alone.idea_id, alone.placed_by) == (ideas[1].id, alice)


def test_a_theme_merged_away_while_a_run_computes_does_not_come_back_empty(
    session, campaign, themes, run, ideas, alice, now
):
    buses, bicycles, fares = themes
    merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    run({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    assert active_themes(session, campaign) == [buses, fares]
    assert members(session, buses) == ids(ideas[:6])


def test_a_run_forgets_ideas_that_were_withdrawn_and_counts_those_that_came_since(
    session, campaign, themes, run, ideas, make_idea, charlie, now
):
    ideas[8].withdrawn_at = now
    make_idea(campaign, charlie, "A new one")
    assert len(all_placements(session, campaign)) == 8
    assert count_unplaced(session, campaign) == 1
    run({themes[0].id: ideas[:8]})
    assert theme_of(session, ideas[8]) is None


def test_the_next_run_is_told_what_people_did(session, campaign, themes, ideas, alice, now):
    buses, bicycles, fares = themes
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    told = standing(session, campaign)
    assert told.placed == {ideas[0].id: fares.id}
    assert told.kept == {buses.id, fares.id}
    assert told.theme_of[ideas[4].id] == bicycles.id
    assert told.positions[buses.id] == (buses.x, buses.y)
    assert told.next_id > fares.id


# Figures --------------------------------------------------------------------------------------------------------------


def test_a_card_counts_each_supporter_of_a_theme_once(session, campaign, themes, ideas, alice, bob, now):
    session.add_all(Vote(idea_id=idea.id, person_id=alice.id, created_at=now) for idea in ideas[:3])
    session.add(Vote(idea_id=ideas[0].id, person_id=bob.id, created_at=now))
    session.add(Reaction(idea_id=ideas[0].id, person_id=bob.id, emotion=Emotion.HOPE, created_at=now))
    session.flush()
    card = theme_cards(session, campaign)[0]
    assert (card.theme, card.size, card.people, card.support) == (themes[0], 3, 1, 2)
    assert card.emotions == {Emotion.HOPE: 1}
    assert theme_cards(session, campaign, only=themes[0])[0] == card


def test_a_card_tells_emotions_in_the_order_of_their_list(session, campaign, ideas, themes, alice, bob, now):
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
    assert theme_cards(session, campaign)[0].verbatims == [ideas[2], ideas[0], ideas[1]]
    move_ideas(session, campaign, idea_ids=[ideas[2].id], to=fares, by=alice, now=now)
    assert theme_cards(session, campaign, only=buses)[0].verbatims == [ideas[0], ideas[1]]


def test_people_of_imported_ideas_are_counted_by_their_names(session, campaign, themes, ideas):
    for idea, name in zip(ideas[:3], ["Paul", "Paul", "Inès"], strict=True):
        idea.author, idea.author_name = None, name
    session.flush()
    assert theme_cards(session, campaign, only=themes[0])[0].people == 2


def test_themes_are_found_by_the_words_of_their_name_phrases_or_ideas(session, campaign, themes):
    buses, bicycles, fares = themes
    assert themes_containing(session, campaign, "bUSes") == {buses.id}
    assert themes_containing(session, campaign, "phrase 3") == {fares.id}
    assert themes_containing(session, campaign, "idea 4") == {bicycles.id}
    assert themes_containing(session, campaign, "100%") == set()


# People's acts --------------------------------------------------------------------------------------------------------


def test_a_new_name_replaces_the_one_that_was_found_until_it_is_undone(session, themes, alice, now):
    edit = rename_theme(session, themes[0], name="  Night\nbuses ", by=alice, now=now, reason="Clearer")
    assert themes[0].name == "Night buses"
    assert (edit.summary, edit.reason) == ({"from": "Buses", "to": "Night buses"}, "Clearer")
    undo_edit(session, edit, by=alice, now=now)
    assert themes[0].name == "Buses"
    with pytest.raises(AlreadyUndone):
        undo_edit(session, edit, by=alice, now=now)


@pytest.mark.parametrize(("name", "refusal"), [(" \u200b", EmptyText), ("a" * 81, TooLong)])
def test_a_name_has_words_and_an_end(session, themes, alice, now, name, refusal):
    with pytest.raises(refusal):
        rename_theme(session, themes[0], name=name, by=alice, now=now)


def test_a_merge_brings_the_ideas_of_others_in(session, campaign, themes, ideas, alice, now):
    buses, bicycles, fares = themes
    edit = merge_themes(session, buses, others=[bicycles, fares, buses], by=alice, now=now)
    assert active_themes(session, campaign) == [buses]
    assert members(session, buses) == ids(ideas)
    assert len(buses.exemplars) == 3
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
    assert standing(session, campaign).placed.keys() == ids(ideas[:3])
    undo_edit(session, edit, by=alice, now=now)
    assert active_themes(session, campaign) == themes
    assert members(session, themes[0]) == ids(ideas[:3])


def test_a_split_needs_ideas_of_the_theme_and_leaves_some(session, themes, ideas, alice, now):
    with pytest.raises(NothingChosen):
        split_theme(session, themes[0], idea_ids=[ideas[5].id], name="Trams", by=alice, now=now)
    with pytest.raises(SplitTakesAll):
        split_theme(session, themes[0], idea_ids=[i.id for i in ideas], name="Trams", by=alice, now=now)
    with pytest.raises(EmptyText):
        split_theme(session, themes[0], idea_ids=[ideas[0].id], name=" ", by=alice, now=now)


def test_ideas_can_be_moved_to_a_theme_or_out_of_any(session, campaign, themes, ideas, alice, now):
    buses, bicycles, _fares = themes
    edit = move_ideas(session, campaign, idea_ids=[ideas[0].id, ideas[3].id], to=bicycles, by=alice, now=now)
    assert edit.summary == {"to": "Bicycles", "ideas": 1, "idea": ideas[0].id}
    out = move_ideas(session, campaign, idea_ids=[ideas[0].id], to=None, by=alice, now=now)
    assert theme_of(session, ideas[0]) is None
    undo_edit(session, out, by=alice, now=now)
    assert theme_of(session, ideas[0]) == bicycles.id
    undo_edit(session, edit, by=alice, now=now)
    assert theme_of(session, ideas[0]) == buses.id
    assert standing(session, campaign).placed == {}


def test_nothing_is_moved_to_where_it_is_nor_to_a_theme_that_is_no_more(session, campaign, themes, ideas, alice, now):
    with pytest.raises(NothingChosen):
        move_ideas(session, campaign, idea_ids=[ideas[0].id], to=themes[0], by=alice, now=now)
    with pytest.raises(NothingChosen):
        move_ideas(session, campaign, idea_ids=[], to=themes[1], by=alice, now=now)
    merge_themes(session, themes[0], others=[themes[1]], by=alice, now=now)
    with pytest.raises(Conflict):
        move_ideas(session, campaign, idea_ids=[ideas[8].id], to=themes[1], by=alice, now=now)


# Undoing --------------------------------------------------------------------------------------------------------------


def test_what_a_later_act_changed_again_can_only_be_undone_after_it(session, campaign, themes, ideas, alice, now):
    first = rename_theme(session, themes[0], name="Night buses", by=alice, now=now)
    second = rename_theme(session, themes[0], name="Late buses", by=alice, now=now)
    with pytest.raises(EditOverlaid):
        undo_edit(session, first, by=alice, now=now)
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
    with pytest.raises(EditOverlaid):
        undo_edit(session, split, by=alice, now=now)
    assert theme_of(session, ideas[8]) == new.id
    assert new.retired_at is None
    undo_edit(session, moved, by=alice, now=now)
    undo_edit(session, split, by=alice, now=now)


def test_an_idea_does_not_go_back_to_a_theme_that_was_merged_away(session, campaign, themes, ideas, alice, now):
    buses, bicycles, fares = themes
    moved = move_ideas(session, campaign, idea_ids=[ideas[3].id], to=fares, by=alice, now=now)
    merged = merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    with pytest.raises(EditOverlaid):
        undo_edit(session, moved, by=alice, now=now)
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


act = st.tuples(
    st.sampled_from(["rename", "merge", "split", "split", "move", "move", "out", "undo", "undo"]),
    *[st.integers(0, 3), st.integers(0, 8), st.integers(1, 3)],
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(act, min_size=3, max_size=14))
def test_undoing_all_acts_in_reverse_restores_everything_exactly(session, campaign, themes, ideas, alice, now, acts):
    with session.begin_nested() as attempt:
        before = picture(session, campaign)
        for kind, *numbers in acts:
            with_refusals(session, lambda: do(session, campaign, ideas, alice, now, kind, numbers))  # noqa: B023 -- called at once
            assert_nothing_is_stranded(session, campaign)
        for edit in edit_history(session, campaign):
            if edit.undone_at is None:
                undo_edit(session, edit, by=alice, now=now)
                assert_nothing_is_stranded(session, campaign)
        assert picture(session, campaign) == before
        attempt.rollback()


def do(session, campaign, ideas, by, now, kind, numbers):
    """One act, on themes and ideas that the numbers choose; refused where it can't be."""
    themes = active_themes(session, campaign)
    one, other = themes[numbers[0] % len(themes)], themes[numbers[1] % len(themes)]
    some = [idea.id for idea in ideas[numbers[1] : numbers[1] + numbers[2]]]
    if kind == "rename":
        rename_theme(session, one, name=f"Name {numbers[1]}", by=by, now=now)
    elif kind == "merge":
        merge_themes(session, one, others=[other], by=by, now=now)
    elif kind == "split":
        split_theme(session, one, idea_ids=some, name=f"Part {numbers[2]}", by=by, now=now)
    elif kind == "undo":
        history = edit_history(session, campaign)
        if history:
            undo_edit(session, history[numbers[0] % len(history)], by=by, now=now)
    else:
        move_ideas(session, campaign, idea_ids=some, to=one if kind == "move" else None, by=by, now=now)


def with_refusals(session, deed):
    """Do it, or leave all as it was where a rule says no."""
    with session.begin_nested() as point:
        try:
            deed()
        except DomainError:
            point.rollback()


def picture(session, campaign):
    """Everything that acts may change."""
    session.expire_all()
    return (
        [(t.id, t.given_name, t.phrases, t.exemplars) for t in active_themes(session, campaign)],
        session.execute(
            select(Placement.idea_id, Placement.theme_id, Placement.leftover, Placement.placed_by_id).order_by(
                Placement.idea_id
            )
        ).all(),
    )


def assert_nothing_is_stranded(session, campaign):
    active = {theme.id for theme in active_themes(session, campaign)}
    standing_in = session.scalars(select(Placement.theme_id).where(Placement.theme_id.is_not(None))).all()
    assert set(standing_in) <= active


def test_a_theme_to_keep_outlives_a_run_that_no_longer_finds_it(session, campaign, themes, run, ideas, now):
    buses = themes[0]
    assert buses.id in standing(session, campaign, keep=[buses.id]).kept
    found = RunFound("test", {}, too_few=False, themes=[], ideas=[])
    record_run(session, campaign, found, now=now + timedelta(hours=1), keep={buses.id})
    assert active_themes(session, campaign) == [buses]


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
    # Another session does so: the object in hand does not know it.
    merged_away = update(Theme).where(Theme.id == gone.id).values(retired_at=now)
    session.execute(merged_away.execution_options(synchronize_session=False))
    assert gone.retired_at is None
    with pytest.raises(Conflict):
        acts[act](by=alice, now=now)
