from datetime import timedelta

import pytest

from clustering.types import Change, Event, Leftover
from ideas.contributions.draft import submit_idea
from ideas.themes.card import all_placements, leftovers
from ideas.themes.edits.edit import merge_themes, rename_theme
from ideas.themes.edits.history import edit_history
from ideas.themes.edits.move import forbid, move_ideas, pin_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement, count_unplaced
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.run import latest_run, load_state
from ideas.themes.theme import active_themes
from ideas.work.job import JobKind, JobStatus, latest_job
from tests.places import ids, members, theme_of
from tests.runs import apply_run, found_theme, placed_idea, run_result


def test_a_run_records_its_themes_and_placements(session, campaign, run, ideas, now):
    recorded = run({1: ideas[:3], 2: ideas[3:6]}, alone=ideas[6:8], between=ideas[8:])
    buses, bicycles = active_themes(session, campaign)
    assert (buses.name, bicycles.name) == ("Buses", "Bicycles")
    assert members(session, buses) == ids(ideas[:3])
    assert [placement.idea_id for placement in leftovers(session, campaign, Leftover.OUTLIER)] == [
        idea.id for idea in ideas[6:8]
    ]
    (torn,) = leftovers(session, campaign, Leftover.AMBIGUOUS)
    assert [near.theme for near in torn.nearest] == [buses.id, bicycles.id]
    assert latest_run(session, campaign) is recorded
    assert (recorded.ideas, recorded.themes, recorded.model) == (9, 2, "test")
    assert campaign.grouped_at == now
    assert len(all_placements(session, campaign)) == 9


def test_a_theme_found_again_keeps_its_row_and_one_that_is_gone_is_retired(session, campaign, themes, run, ideas, now):
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


def test_a_name_of_the_other_language_holds_until_a_person_names_the_theme(
    session, campaign, themes, ideas, alice, now
):
    buses = themes[0]
    found = [found_theme(buses.id, "Bus de nuit", [], other_names=(("en", "Night buses"),))]
    apply_run(
        session, campaign, run_result(found, [placed_idea(idea.id, buses.id, None, 0.9) for idea in ideas]), now=now
    )
    assert [buses.name_in(language) for language in ("fr", "en", "de")] == ["Bus de nuit", "Night buses", "Bus de nuit"]
    rename_theme(session, buses, name="Bus du soir", by=alice, now=now)
    assert {buses.name_in(language) for language in ("fr", "en", "de")} == {"Bus du soir"}
    (renamed, *_) = edit_history(session, campaign)
    undo_edit(session, renamed, by=alice, now=now)
    assert buses.name_in("en") == "Night buses"


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
    (alone,) = leftovers(session, campaign, Leftover.OUTLIER)
    assert (alone.idea_id, alone.placed_by) == (ideas[1].id, alice)


def test_a_measurement_is_kept_only_for_the_theme_where_the_run_placed_the_idea(
    session, campaign, themes, run, ideas, alice, now
):
    buses, bicycles, fares = themes
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    forbid(session, campaign, idea_ids=[ideas[8].id], theme=buses, by=alice, now=now)
    run({buses.id: [*ideas[:3], ideas[8]], bicycles.id: ideas[3:6], fares.id: ideas[6:8]})
    placements = [session.get(Placement, ideas[number].id) for number in (0, 8, 1)]
    measures = [(placement.theme_id, placement.strength, placement.shared) for placement in placements]
    phrases = [f"phrase {buses.id}"]
    assert measures == [(fares.id, 0, []), (None, 0.9, []), (buses.id, pytest.approx(0.8), phrases)]


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


def test_an_idea_revised_while_a_run_computes_stays_where_it_is(session, campaign, themes, run, ideas, now):
    buses, _bicycles, fares = themes
    ideas[0].updated_at = ideas[3].updated_at = now + timedelta(minutes=1)
    run({buses.id: ideas[1:3], fares.id: [ideas[0], ideas[3], *ideas[6:]]}, alone=ideas[4:6], read_at=now)
    assert theme_of(session, ideas[0]) == buses.id
    assert session.get(Placement, ideas[3].id).leftover is Leftover.OUTLIER, "its theme is no more"
    assert members(session, fares) == ids(ideas[6:])


def test_an_idea_that_came_while_the_first_run_computed_is_placed_after_it(session, campaign, run, ideas, charlie, now):
    late = submit_idea(session, campaign, author=charlie, title="", body="Trams", now=now)
    assert latest_job(session, campaign.id, JobKind.PLACE_IDEAS) is None, "there are no themes yet"
    run({1: ideas})
    assert theme_of(session, late) is None
    assert latest_job(session, campaign.id, JobKind.PLACE_IDEAS).status is JobStatus.QUEUED


def test_a_theme_to_keep_outlives_a_run_that_no_longer_finds_it(session, campaign, themes, run, ideas, now):
    buses = themes[0]
    assert buses.id in load_state(session, campaign, keep=[buses.id]).kept
    found = run_result()
    apply_run(session, campaign, found, now=now + timedelta(hours=1), keep={buses.id})
    assert active_themes(session, campaign) == [buses]


def test_no_event_names_a_new_theme_without_ideas(session, campaign, themes, run, ideas, alice, now):
    buses, bicycles, fares = themes
    pin_ideas(session, campaign, idea_ids=[ideas[0].id], by=alice, now=now)
    groups = {buses.id: ideas[1:3], bicycles.id: ideas[3:6], fares.id: ideas[6:], 999: ideas[:1]}
    events = [Event(Change.BORN, 999), Event(Change.SPLIT, buses.id, [999]), Event(Change.GONE, 5)]
    recorded = run(groups, new_from=900, events=events)
    assert recorded.events == (Event(Change.SPLIT, buses.id), Event(Change.GONE, 5))


def test_a_run_reads_the_themes_and_placements_once(session, campaign, themes, found, ideas, alice, now, statements):
    """Whether it is applied at once, or kept as a proposal."""
    buses, bicycles, fares = themes
    session.commit()
    applied = found({buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:]})
    with statements() as asked:
        apply_or_propose(session, campaign, applied, now=now)
    assert reads_of(asked) == (1, 1)
    assert len(asked) <= 19
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    session.commit()
    proposed = found({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    with statements() as asked:
        assert apply_or_propose(session, campaign, proposed, now=now).applied_at is None
    assert reads_of(asked) == (1, 1)
    assert len(asked) <= 19


def reads_of(asked):
    """How many times all active themes were read, and all placements."""
    words = [" ".join(statement.split()) for statement in asked]
    themes = [one for one in words if "FROM theme WHERE" in one and "theme.retired_at IS NULL ORDER BY" in one]
    placements = [one for one in words if "FROM placement WHERE placement.campaign_id = " in one]
    return len(themes), len(placements)
