"""What earlier versions kept as JSON is read for ever: these rows are written out as they were then."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import JSON, column, insert, table, update

from app.jobs.granularity import levels, preview
from clustering.types import Apart, Change, Event, FoundTheme, Leftover, Near, Node, ThemeWarning
from ideas.themes import stored
from ideas.themes.edits.history import EditKind, ThemeEdit
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import PlacedHow, Placement
from ideas.themes.runs.accept import accept
from ideas.themes.runs.difference import differences
from ideas.themes.runs.proposal import Proposal, ProposedPlacement
from ideas.themes.runs.run import latest_run
from ideas.themes.stored import VERSION, Snapshot
from ideas.themes.theme import Theme, active_themes
from tests.places import ids, members

APART = {"theme": 2, "likeness": 0.5, "here": ["wheels"], "there": []}
INSTANT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def write_old(session, row, **columns):
    """Write these columns of a row as an earlier version had left them."""
    session.flush()
    bare = table(row.__tablename__, column("id"), *(column(name, JSON) for name in columns))
    session.execute(update(bare).where(bare.c.id == row.id).values(columns))
    session.expire_all()


@pytest.mark.parametrize(
    ("kept", "value"),
    [
        (stored.NEAREST, (Near(1, 0.8), Near(-2, 0.4))),
        (stored.APART, Apart(2, 0.5, ("wheels",), ())),
        (stored.LANGUAGES, (("fr", 0.75), ("en", 0.25))),
        (stored.WARNINGS, (ThemeWarning.SMALL, ThemeWarning.LOOSE)),
        (stored.TREE, (Node(None, 0.5, 3, "Buses", ("bus",), 0.4, (7, 8)),)),
        (stored.FAMILIES, ("Getting around", "Paying")),
        (stored.EVENTS, (Event(Change.MERGED, 1, (2, 3)), Event(Change.GONE, 4))),
        (
            stored.THEMES,
            (
                FoundTheme(-1, "Buses", ("bus",), 3, 0.4, (7,), 0.1, 0.2, 1, (5, 6), (("fr", 1.0),)),
                FoundTheme(2, "", (), 0, 0.0, (), 0.5, 0.5, apart=Apart(-1, 0.1, (), ("bus",)), measured=False),
            ),
        ),
        (stored.SUMMARY, {"from": "Buses", "to": "Night buses", "themes": [1]}),
        (
            stored.SNAPSHOT,
            Snapshot(
                {1: {"retired": True, "apart": Apart(2, 0.5, ("wheels",), ()), "languages": (("fr", 1.0),)}},
                {7: {"theme_id": None, "leftover": Leftover.AMBIGUOUS, "placed_by_id": 3, "placed_how": "set_aside"}},
                {(7, 1): (3, INSTANT)},
                run=5,
            ),
        ),
    ],
)
def test_what_is_written_is_read_back_the_same(kept, value):
    assert kept.read(json.loads(json.dumps(kept.write(value)))) == value


@pytest.mark.parametrize("kept", [stored.TREE, stored.FAMILIES, stored.EVENTS, stored.THEMES])
def test_a_list_that_is_kept_for_good_carries_its_version(kept):
    assert kept.write(()) == {"version": VERSION, "items": []}
    assert kept.read([]) == (), "version 1 kept bare lists"


def test_an_act_carries_its_version():
    assert stored.SNAPSHOT.write(Snapshot())["version"] == VERSION
    assert stored.SUMMARY.write({"ideas": 2}) == {"version": VERSION, "ideas": 2}


def test_an_act_of_version_1_is_read_in_the_words_of_today():
    old = {
        "themes": {"1": {"given_name": None, "retired": False, "apart": APART, "doubts": ["small"]}},
        "placements": {
            "7": {"theme": None, "leftover": "alone", "placed_by": 3, "placed_how": "alone", "strength": 0.1},
            "8": {"theme": None, "leftover": "between", "placed_by": None, "placed_how": None},
            "9": {"theme": 1, "leftover": None, "placed_by": 3, "placed_how": "moved"},
        },
        "forbidden": [[7, 1, 3, "2026-11-28T12:00:00+00:00"]],
        "run": 5,
    }
    snapshot = stored.SNAPSHOT.read(old)
    assert snapshot.themes == {
        1: {
            "given_name": None,
            "retired": False,
            "apart": Apart(2, 0.5, ("wheels",), ()),
            "warnings": (ThemeWarning.SMALL,),
        }
    }
    assert snapshot.placements == {
        7: {
            "theme_id": None,
            "leftover": Leftover.OUTLIER,
            "placed_by_id": 3,
            "placed_how": PlacedHow.SET_ASIDE,
            "strength": 0.1,
        },
        8: {"theme_id": None, "leftover": Leftover.AMBIGUOUS, "placed_by_id": None, "placed_how": None},
        9: {"theme_id": 1, "leftover": None, "placed_by_id": 3, "placed_how": PlacedHow.MOVED},
    }
    assert snapshot.forbidden == {(7, 1): (3, INSTANT)}
    assert snapshot.run == 5


def test_the_first_acts_of_all_kept_less():
    placement = {"theme": 1, "leftover": None, "placed_by": None}
    snapshot = stored.SNAPSHOT.read({"themes": {}, "placements": {"7": placement}})
    assert snapshot == Snapshot({}, {7: {"theme_id": 1, "leftover": None, "placed_by_id": None}})
    assert stored.SNAPSHOT.read({}) == Snapshot()


def test_a_theme_of_an_old_proposal_is_read_without_what_was_not_kept_or_is_no_longer():
    old = {
        "id": 25,
        "name": "Bicycles",
        "phrases": ["bicycle"],
        "exemplars": [7],
        "cohesion": 0.2,
        "x": 0.8,
        "y": 0.3,
        "languages": [["fr", 1.0]],
        "apart": APART,
        "doubts": ["loose"],
        "of_another_time": 1,
    }
    (theme,) = stored.THEMES.read([old])
    assert theme == FoundTheme(
        id=25,
        name="Bicycles",
        phrases=("bicycle",),
        size=0,
        cohesion=0.2,
        exemplars=(7,),
        x=0.8,
        y=0.3,
        languages=(("fr", 1.0),),
        apart=Apart(2, 0.5, ("wheels",), ()),
        warnings=(ThemeWarning.LOOSE,),
    )


def test_an_old_act_can_be_undone(session, campaign, themes, ideas, alice, now):
    """A person put one idea aside, and another out of the two themes that it was between."""
    buses, bicycles, _fares = themes
    for idea in ideas[:2]:
        placement = session.get(Placement, idea.id)
        placement.theme_id, placement.leftover = None, Leftover.OUTLIER
        placement.placed_by_id, placement.placed_how = alice.id, PlacedHow.SET_ASIDE
    edit = ThemeEdit(campaign_id=campaign.id, kind=EditKind.MOVE, person=alice, created_at=now)
    session.add(edit)
    one, other = (str(idea.id) for idea in ideas[:2])
    aside = {"theme": None, "leftover": "alone", "placed_by": alice.id, "placed_how": "alone"}
    measures = {"strength": 0.7, "shared": ["bus"]}
    in_theme = {"theme": buses.id, "leftover": None, "placed_by": None, "placed_how": None}
    between = {"theme": None, "leftover": "between", "placed_by": None, "placed_how": None}
    write_old(
        session,
        edit,
        before={"themes": {}, "placements": {one: in_theme | measures, other: between | measures}, "forbidden": []},
        after={"themes": {}, "placements": {one: aside | measures, other: aside | measures}, "forbidden": [], "run": 1},
        summary={"themes": [], "to": None, "ideas": 2, "idea": ideas[0].id},
    )
    undo_edit(session, edit, by=alice, now=now)
    back, torn = (session.get(Placement, idea.id) for idea in ideas[:2])
    assert (back.theme_id, back.leftover, back.placed_by_id) == (buses.id, None, None)
    assert (torn.theme_id, torn.leftover, torn.placed_how) == (None, Leftover.AMBIGUOUS, None)
    assert members(session, bicycles) == ids(ideas[3:6])


def test_an_old_rename_gives_the_warnings_back_that_it_kept(session, campaign, themes, alice, now):
    buses = themes[0]
    buses.given_name, buses.touched = "Night buses", True
    edit = ThemeEdit(campaign_id=campaign.id, kind=EditKind.RENAME, person=alice, created_at=now)
    session.add(edit)
    state = {"given_name": None, "retired": False, "found_name": "Buses", "apart": None, "doubts": ["small"]}
    changed = state | {"given_name": "Night buses", "doubts": []}
    write_old(
        session,
        edit,
        before={"themes": {buses.id: state}, "placements": {}},
        after={"themes": {buses.id: changed}, "placements": {}},
        summary={"from": "Buses", "to": "Night buses"},
    )
    undo_edit(session, edit, by=alice, now=now)
    assert (buses.name, buses.warnings) == ("Buses", (ThemeWarning.SMALL,))


def test_an_old_open_proposal_is_shown_and_accepted(session, campaign, themes, run, ideas, alice, now):
    buses, bicycles, fares = themes
    run({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    proposal = Proposal(campaign_id=campaign.id, run=latest_run(session, campaign), created_at=now)
    session.add(proposal)
    facts = {"phrases": ["bus"], "exemplars": [], "cohesion": 0.5, "x": 0.5, "y": 0.5, "apart": None, "doubts": []}
    found = [
        facts | {"id": buses.id, "name": "Buses", "doubts": ["loose"]},
        facts | {"id": -2, "name": "Cycle paths", "apart": APART | {"theme": buses.id}},
    ]
    write_old(session, proposal, themes=found)
    rows = [(idea.id, buses.id if place < 4 else -2) for place, idea in enumerate(ideas)]
    session.execute(
        insert(ProposedPlacement),
        [
            {"proposal_id": proposal.id, "idea_id": idea_id, "theme": theme, "leftover": None, "strength": 0.8}
            | {"nearest": (Near(theme, 0.8),), "x": 0.5, "y": 0.5, "node": None, "neighbours": [], "shared": []}
            for idea_id, theme in rows
        ],
    )
    changes = {one.name_after: one.moving_in for one in differences(session, proposal)}
    assert (changes["Cycle paths"], changes["Buses"]) == (5, 1)
    accept(session, proposal, by=alice, now=now)
    kept, paths = active_themes(session, campaign)
    assert (kept, paths.name) == (buses, "Cycle paths")
    assert members(session, paths) == ids(ideas[4:])
    assert buses.warnings == (ThemeWarning.LOOSE,)
    assert paths.apart == Apart(buses.id, 0.5, ("wheels",), ())


def test_the_tree_of_an_old_run_is_cut(session, campaign, themes, ideas, now):
    leaf = {"parent": 2, "height": 0.0, "size": 3, "phrases": ["bus"], "cohesion": 0.5, "exemplars": [ideas[0].id]}
    tree = [
        leaf | {"name": "Buses"},
        leaf | {"name": "Bicycles"},
        leaf | {"name": "Transport", "parent": 4, "height": 0.5, "size": 6},
        leaf | {"name": "Fares", "parent": 4},
        leaf | {"name": "Everything", "parent": None, "height": 1.0, "size": 9},
    ]
    tree = [tree[0], tree[1], tree[3], tree[2] | {"parent": 4}, tree[4]]
    tree[0]["parent"] = tree[1]["parent"] = 3
    recorded = latest_run(session, campaign)
    recorded.base = 3
    write_old(
        session,
        recorded,
        tree=tree,
        families=[{"name": "All"}],
        events=[{"change": "born", "theme": themes[0].id, "others": []}],
    )
    for place, idea in enumerate(ideas):
        session.get(Placement, idea.id).node = place // 3
    assert [level.themes for level in levels(recorded)] == [2, 2, 2, 3, 3, 3, 3]
    assert preview(session, campaign, -1) == [("Transport", 6), ("Fares", 3)]
    assert recorded.families == ("All",)
    assert recorded.events == (Event(Change.BORN, themes[0].id),)


def test_an_old_theme_is_read(session, themes):
    buses = themes[0]
    write_old(session, buses, languages=[["fr", 0.87], ["en", 0.13]], apart=APART, warnings=["small", "loose"])
    theme = session.get(Theme, buses.id)
    assert theme.languages == (("fr", 0.87), ("en", 0.13))
    assert theme.apart == Apart(2, 0.5, ("wheels",), ())
    assert theme.warnings == (ThemeWarning.SMALL, ThemeWarning.LOOSE)
