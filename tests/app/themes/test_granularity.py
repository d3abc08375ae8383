"""Fewer or more themes, cut at once from the hierarchy that the last run left."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.jobs.granularity import apply, levels, preview
from clustering.types import Apart, Change, Leftover, Near, Node
from ideas.contributions.draft import submit_idea
from ideas.themes.card import theme_members
from ideas.themes.edits.edit import merge_themes, rename_theme
from ideas.themes.edits.move import forbid, move_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.passage import load_passages
from ideas.themes.placement import Placement
from ideas.themes.runs.accept import accept
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.difference import differences
from ideas.themes.runs.granularity import Level, NoHierarchy
from ideas.themes.runs.proposal import Proposal, open_proposal
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import active_themes
from tests.runs import apply_run, found_theme, placed_idea, run_result, with_passages

ROOT = Path(__file__).parent.parent.parent.parent
# Six finest groups of three ideas; two by two they make the themes; themes 0 and 1 make “Transport”.
NAMES = ["Night bus", "Day bus", "Paths", "Parking for bicycles", "Shade", "Schoolyards"]
ABOVE = [("Buses", 0.3), ("Bicycles", 0.4), ("Trees", 0.5), ("Transport", 0.8), ("Everything", 1.0)]
PARENTS = [6, 6, 7, 7, 8, 8, 9, 9, 10, 10, None]


@pytest.fixture
def ideas(make_idea, campaign, charlie):
    return [make_idea(campaign, charlie, f"{NAMES[n // 3]}, idea {n}") for n in range(18)]


@pytest.fixture
def tree(ideas):
    named = [(name, 0.0) for name in NAMES] + ABOVE
    return [
        Node(parent, height, 3, name, [name.lower()], 0.5, [ideas[0].id])
        for parent, (name, height) in zip(PARENTS, named, strict=True)
    ]


@pytest.fixture
def themes(session, campaign, ideas, tree, now):
    """Buses, bicycles and trees, with six ideas each, but the last idea between two of them."""
    found = [
        found_theme(number, name, [name.lower()], [], 0.4, 0.2 * number, 0.5, languages=(("fr", 1.0),))
        for number, (name, _) in enumerate(ABOVE[:3], start=1)
    ]
    placed = [
        placed_idea(idea.id, 1 + n // 6, None, 0.8, [(1 + n // 6, 0.8)], 0.2 * (1 + n // 6), 0.4, node=n // 3)
        for n, idea in enumerate(ideas[:-1])
    ]
    placed.append(placed_idea(ideas[-1].id, None, Leftover.AMBIGUOUS, 0.4, [(1, 0.4), (2, 0.4)], 0.3, 0.5))
    run = run_result(found, placed, tree=tree, families=["All"], base=3)
    apply_run(session, campaign, run, now=now)
    session.commit()
    return active_themes(session, campaign)


def shape(session, campaign):
    return {theme.name: len(theme_members(session, theme)) for theme in active_themes(session, campaign)}


def test_each_level_has_the_number_of_themes_it_would_make(session, campaign, themes):
    assert levels(latest_run(session, campaign)) == [
        Level(-3, 2), Level(-2, 2), Level(-1, 2), Level(0, 3), Level(1, 4), Level(2, 6), Level(3, 6)
    ]  # fmt: skip


def test_a_level_can_be_previewed(session, campaign, themes):
    assert preview(session, campaign, -1) == [("Transport", 12), ("Trees", 5)]
    assert preview(session, campaign, 0) == [("Bicycles", 6), ("Buses", 6), ("Trees", 5)]
    assert len(preview(session, campaign, 3)) == 6
    assert shape(session, campaign) == {"Buses": 6, "Bicycles": 6, "Trees": 5}


def test_what_is_no_proposal_stays_none_at_every_level(session, campaign, themes, ideas, now):
    placement = session.get(Placement, ideas[-1].id)
    placement.theme_id, placement.leftover = None, Leftover.NOTHING
    session.flush()
    apply(session, campaign, -1, now=now)
    assert session.get(Placement, ideas[-1].id).leftover is Leftover.NOTHING


def test_untouched_themes_are_cut_at_once_and_back(session, campaign, themes, ideas, now):
    apply(session, campaign, -1, now=now)
    assert shape(session, campaign) == {"Transport": 12, "Trees": 5}
    assert campaign.granularity == -1
    run = latest_run(session, campaign)
    assert (run.granularity, run.base, len(run.tree)) == (-1, 3, 11)
    assert run.created_at == now
    assert {event.change for event in run.events} == {Change.MERGED}
    transport = next(theme for theme in active_themes(session, campaign) if theme.name == "Transport")
    assert transport.id in {theme.id for theme in themes}, "it keeps the identity of one of its parts"
    assert transport.languages == (("fr", 1.0),)
    assert transport.parts == [6, 7]
    torn = session.get(Placement, ideas[-1].id)
    assert (torn.leftover, torn.nearest) == (Leftover.OUTLIER, (Near(transport.id, 0.4),))
    apply(session, campaign, 3, now=now)
    assert set(shape(session, campaign)) == set(NAMES)
    apply(session, campaign, 0, now=now)
    assert sorted(shape(session, campaign).values()) == [5, 6, 6]
    assert set(shape(session, campaign)) == {"Buses", "Bicycles", "Trees"}


def test_what_sets_themes_apart_is_kept_where_both_are_unchanged(session, campaign, themes, now):
    buses, bicycles, trees = themes
    trees.apart = Apart(buses.id, 0.3, ("shade",), ("night",))
    bicycles.apart = Apart(trees.id, 0.2, ("paths",), ("shade",))
    apply(session, campaign, 0, now=now)
    assert (trees.apart.theme, bicycles.apart.theme) == (buses.id, trees.id)
    apply(session, campaign, -1, now=now)
    assert {theme.name for theme in active_themes(session, campaign)} == {"Transport", "Trees"}
    assert (buses.apart, trees.apart) == (None, None), "what was nearest has other ideas now"


@pytest.mark.parametrize("language", [(("fr", 1.0),), (("fr", 0.5), ("en", 0.5))])
def test_a_part_of_a_theme_has_a_language_only_where_there_is_one(session, campaign, themes, now, language):
    for theme in themes:
        theme.languages = language
    apply(session, campaign, 1, now=now)
    languages = {theme.name: theme.languages for theme in active_themes(session, campaign)}
    part = language if len(language) == 1 else ()
    assert languages == {"Buses": language, "Bicycles": language, "Shade": part, "Schoolyards": part}


def test_a_theme_that_people_shaped_stays_unmeasured_until_a_run(session, campaign, themes, ideas, alice, now):
    buses, bicycles, trees = themes
    merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    buses.cohesion, trees.cohesion = 0.01, 0.5
    apply(session, campaign, 0, now=now)
    assert (buses.measured, buses.warnings, trees.measured) == (False, (), True)


def test_after_an_act_of_a_person_a_level_is_proposed(session, campaign, themes, ideas, alice, now):
    buses, bicycles, trees = themes
    rename_theme(session, buses, name="Coaches", by=alice, now=now)
    move_ideas(session, campaign, idea_ids=[ideas[12].id], to=None, by=alice, now=now)
    forbid(session, campaign, idea_ids=[ideas[6].id], theme=buses, by=alice, now=now)
    assert preview(session, campaign, -2) == [("Coaches", 11), ("Trees", 4)]
    apply(session, campaign, -2, now=now)
    proposal = open_proposal(session, campaign)
    assert campaign.granularity == 0
    gone, merged = differences(session, proposal)
    assert (merged.change, merged.others, gone.change) == (Change.MERGED, ("Bicycles",), Change.GONE)
    accept(session, proposal, by=alice, now=now)
    assert campaign.granularity == -2
    assert active_themes(session, campaign) == [buses, trees]
    assert bicycles.retired_at == now
    assert shape(session, campaign) == {"Coaches": 11, "Trees": 4}
    assert session.get(Placement, ideas[6].id).leftover is Leftover.OUTLIER


@pytest.mark.parametrize("taken", ["all of it", "a part"])
def test_after_an_acceptance_is_undone_the_levels_are_those_of_the_themes_on_the_page(
    session, campaign, themes, ideas, alice, now, taken
):
    buses, _bicycles, trees = themes
    rename_theme(session, buses, name="Coaches", by=alice, now=now)
    before = (levels(latest_run(session, campaign)), preview(session, campaign, -1), preview(session, campaign, 3))
    # Another hierarchy, of two finest groups that cut across those of before.
    tree = [Node(2, 0.0, 9, name, [], 0.5, []) for name in ("Odd", "Even")]
    tree.append(Node(None, 1.0, 18, "All", [], 0.5, []))
    groups = [buses.id, trees.id]
    found = [found_theme(number, f"Found {number}", [], [], 0.4, 0.5, 0.5) for number in groups]
    placed = [placed_idea(idea.id, groups[n % 2], None, 0.8, [], 0.5, 0.5, node=n % 2) for n, idea in enumerate(ideas)]
    other = run_result(found, placed, tree=tree, base=2)
    apply_or_propose(session, campaign, other, now=now)
    assert levels(latest_run(session, campaign)) == before[0], "a proposal that waits changes nothing"
    keys = None if taken == "all of it" else {str(trees.id)}
    edit = accept(session, open_proposal(session, campaign), keys=keys, by=alice, now=now)
    assert {level.themes for level in levels(latest_run(session, campaign))} == {2}
    undo_edit(session, edit, by=alice, now=now)
    after = (levels(latest_run(session, campaign)), preview(session, campaign, -1), preview(session, campaign, 3))
    assert after == before


def test_ideas_that_came_since_follow_those_that_they_were_placed_with(session, campaign, themes, ideas, charlie, now):
    late = submit_idea(session, campaign, author=charlie, title="", body="A bus", now=now)
    session.add(Placement(idea_id=late.id, campaign_id=campaign.id, strength=0.7, theme_id=themes[0].id))
    session.flush()
    apply(session, campaign, -1, now=now)
    assert shape(session, campaign) == {"Transport": 13, "Trees": 5}


def test_an_idea_with_a_finest_group_of_another_tree_follows_its_theme(session, campaign, themes, ideas, now):
    session.get(Placement, ideas[0].id).node = len(NAMES)
    assert preview(session, campaign, -1) == [("Transport", 12), ("Trees", 5)]
    apply(session, campaign, -1, now=now)
    assert shape(session, campaign) == {"Transport": 12, "Trees": 5}
    assert session.get(Placement, ideas[0].id).node is None


def test_a_run_without_a_hierarchy_cannot_be_cut(session, campaign, themes, now):
    latest_run(session, campaign).tree = ()
    assert levels(latest_run(session, campaign)) == []
    assert preview(session, campaign, 1) == []
    with pytest.raises(NoHierarchy):
        apply(session, campaign, 1, now=now)
    assert session.scalar(select(func.count()).select_from(Proposal)) == 0


@pytest.mark.slow
def test_it_loads_no_numpy():
    code = "import sys, app.jobs.granularity; print([m for m in ('numpy', 'scipy', 'sklearn') if m in sys.modules])"
    loaded = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_a_level_that_would_replace_an_open_proposal_warns_of_it(session, campaign, themes, alice, now, signed_in):
    rename_theme(session, themes[0], name="Coaches", by=alice, now=now)
    session.commit()
    address = f"/campaigns/{campaign.id}/themes/granularity?level=-1"
    assert "is discarded" not in signed_in(alice).get(address).get_data(as_text=True)
    apply(session, campaign, -2, now=now)
    session.commit()
    assert "is discarded" in signed_in(alice).get(address).get_data(as_text=True)


def test_passages_count_in_the_themes_of_the_new_level(session, campaign, ideas, themes, tree, now):
    found = [found_theme(theme.id, theme.name, [], [], 0.4, 0.2, 0.5) for theme in themes]
    placed = [placed_idea(idea.id, themes[n // 6].id, None, 0.8, node=n // 3) for n, idea in enumerate(ideas)]
    run = run_result(found, placed, tree=tree, families=["All"], base=3)
    buses, bicycles, trees = (theme.id for theme in themes)
    asked = {
        ideas[0]: [(buses, 0, 5, 0.9), (trees, 6, 9, 0.6)],
        ideas[1]: [(buses, 0, 5, 0.9), (bicycles, 6, 9, 0.6)],
    }
    apply_run(session, campaign, with_passages(run, asked), now=now)
    apply(session, campaign, -1, now=now)
    transport, trees_now = active_themes(session, campaign)
    assert [row.theme_id for row in load_passages(session, campaign)[ideas[0].id]] == [transport.id, trees_now.id]
    assert ideas[1].id not in load_passages(session, campaign), "both of its asks are in one theme"
