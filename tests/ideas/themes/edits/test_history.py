"""The activity log of themes: every edit and run, and whose answer changes after the debrief."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.base import Base
from ideas.themes.edits import history
from ideas.themes.edits.edit import merge_themes, rename_theme, split_theme
from ideas.themes.edits.history import PublicAnswersChange, edit_history, edits_of
from ideas.themes.edits.move import forbid, move_ideas, pin_ideas, set_aside, unpin_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement
from ideas.themes.runs.accept import accept, decline
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.theme import Theme, active_themes


@pytest.fixture
def recorded(session):
    """The activities since the last call, oldest first: verb, kind of object, before, after."""
    read = []

    def since():
        session.commit()
        rows = session.scalars(select(Activity).order_by(Activity.id)).all()
        new, read[:] = rows[len(read) :], rows
        return new

    since()
    return since


def facts(activity):
    return activity.verb, activity.object_kind, activity.before, activity.after


def test_each_edit_is_recorded_with_names_and_counts(session, campaign, themes, ideas, alice, now, recorded):
    recorded()
    buses, bicycles, fares = themes
    one = {"idea_ids": [ideas[0].id]}
    edits = [
        (partial(rename_theme, session, buses, name="Lines"), Verb.RENAMED, {"name": "Buses"}, {"name": "Lines"}),
        (partial(pin_ideas, session, campaign, **one), Verb.PINNED, None, {"count": 1}),
        (partial(unpin_ideas, session, campaign, **one), Verb.UNPINNED, None, {"count": 1}),
        (partial(forbid, session, campaign, theme=fares, **one), Verb.FORBIDDEN, None, {"theme": "Fares", "count": 1}),
        (partial(move_ideas, session, campaign, to=fares, **one), Verb.MOVED, None, {"theme": "Fares", "count": 1}),
        (partial(set_aside, session, campaign, **one), Verb.MOVED, None, {"theme": None, "count": 1}),
        (
            partial(split_theme, session, buses, idea_ids=[ideas[1].id], name="Trams"),
            Verb.SPLIT, {"theme": "Lines"}, {"theme": "Trams", "count": 1},
        ),
        (
            partial(merge_themes, session, fares, others=[bicycles]),
            Verb.MERGED, {"themes": ["Bicycles"], "theme_count": 1}, {"theme": "Fares", "count": 6},
        ),
    ]  # fmt: skip
    for edit, verb, before, after in edits:
        made = edit(by=alice, now=now, reason="Clearer")
        (activity,) = recorded()
        assert facts(activity) == (verb, "theme_edit", before, after)
        named = (activity.object_id, activity.actor_id, activity.campaign_id, activity.reason)
        assert named == (made.id, alice.id, campaign.id, "Clearer")
    undo_edit(session, made, by=alice, now=now, reason="A mistake")
    (activity,) = recorded()
    assert facts(activity) == (Verb.UNDONE, "theme_edit", None, {"kind": "merge", "count": 3})
    assert (activity.object_id, activity.reason) == (made.id, "A mistake")


def test_a_merge_of_many_themes_is_recorded_with_a_few_names(session, campaign, themes, alice, now, recorded):
    others = [Theme(campaign_id=campaign.id, found_name=f"Theme {n}", created_at=now) for n in range(95)]
    session.add_all(others)
    session.flush()
    merge_themes(session, themes[0], others=others, by=alice, now=now)
    before = recorded()[-1].before
    assert (len(before["themes"]), before["theme_count"]) == (20, 95)


def test_a_run_is_recorded_once_it_is_applied(session, campaign, themes, found, run, ideas, alice, now, recorded):
    buses, bicycles, fares = themes
    run({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    (grouped,) = recorded()
    assert grouped.verb is Verb.GROUPED
    assert grouped.actor_id is None, "the product did it"
    assert (grouped.object_kind, grouped.after) == ("theme_run", {"ideas": 9, "themes": 3, "granularity": 0})
    rename_theme(session, themes[0], name="Night buses", by=alice, now=now)
    recorded()
    other = found({buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:]})
    apply_or_propose(session, campaign, other, now=now)
    (proposed,) = recorded()
    assert facts(proposed) == (Verb.CREATED, "proposal", None, {"ideas": 9, "themes": 3})
    accept(session, open_proposal(session, campaign), by=alice, now=now)
    (accepted,) = recorded()
    assert facts(accepted) == (Verb.ACCEPTED, "proposal", None, {"changes": 1, "offered": 1, "count": 1})
    back = found({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    apply_or_propose(session, campaign, back, now=now)
    decline(session, open_proposal(session, campaign), by=alice, now=now)
    _proposed, declined = recorded()
    assert (*facts(declined), declined.actor_id) == (Verb.DECLINED, "proposal", None, None, alice.id)


def test_an_edit_that_is_refused_or_rolled_back_is_not_recorded(session, themes, alice, now, recorded):
    recorded()
    rename_theme(session, themes[0], name="Night buses", by=alice, now=now)
    session.rollback()
    assert recorded() == []


# After the debrief ----------------------------------------------------------------------------------------------------


@pytest.fixture
def public(session, campaign, themes, now, recorded):
    campaign.debriefed_at = now
    session.commit()
    recorded()
    return campaign


def moves(activities):
    """The ideas that have another answer, by the theme where they are now."""
    told = [activity for activity in activities if activity.verb is Verb.MOVED and "ideas" in activity.after]
    assert {activity.object_kind for activity in told} <= {"theme_edit"}
    return {activity.after["theme_id"]: activity.after["ideas"] for activity in told}


@pytest.mark.parametrize("kind", ["move", "aside", "merge", "split", "forbid"])
def test_an_edit_after_the_debrief_records_whose_answer_changes(
    session, public, themes, ideas, alice, now, recorded, kind
):
    buses, bicycles, _fares = themes
    one = {"idea_ids": [ideas[0].id]}
    edit = {
        "move": partial(move_ideas, session, public, to=bicycles, **one),
        "aside": partial(move_ideas, session, public, to=None, **one),
        "merge": partial(merge_themes, session, bicycles, others=[buses]),
        "split": partial(split_theme, session, buses, name="Trams", **one),
        "forbid": partial(forbid, session, public, theme=buses, **one),
    }[kind]
    with pytest.raises(PublicAnswersChange), session.begin_nested():
        edit(by=alice, now=now, reason="  ")
    assert recorded() == []
    made = edit(by=alice, now=now, reason="It was misread")
    target = session.get(Placement, ideas[0].id).theme_id
    moved = [idea.id for idea in (ideas[:3] if kind == "merge" else ideas[:1])]
    activities = recorded()
    assert moves(activities) == {target: moved}
    assert {activity.reason for activity in activities} == {"It was misread"}
    with pytest.raises(PublicAnswersChange), session.begin_nested():
        undo_edit(session, made, by=alice, now=now)
    undo_edit(session, made, by=alice, now=now, reason="It was right")
    assert moves(recorded()) == {buses.id: moved}


def test_accepting_a_proposal_after_the_debrief_records_whose_answer_changes(
    session, public, themes, found, ideas, alice, now, recorded
):
    buses, bicycles, fares = themes
    run = found({buses.id: ideas[:2], bicycles.id: ideas[2:6], fares.id: ideas[6:8]}, alone=ideas[8:])
    apply_or_propose(session, public, run, now=now)
    proposal = open_proposal(session, public)
    with pytest.raises(PublicAnswersChange), session.begin_nested():
        accept(session, proposal, by=alice, now=now)
    accept(session, proposal, by=alice, now=now, reason="Better")
    assert moves(recorded()) == {bicycles.id: [ideas[2].id], None: [ideas[8].id]}


def test_names_and_pins_need_no_reason_after_the_debrief(session, public, themes, ideas, alice, now, recorded):
    rename_theme(session, themes[0], name="Night buses", by=alice, now=now)
    pin_ideas(session, public, idea_ids=[ideas[0].id], by=alice, now=now)
    assert moves(recorded()) == {}


def test_ideas_that_were_withdrawn_are_not_among_those_whose_answer_changes(
    session, public, themes, ideas, alice, now, recorded
):
    ideas[0].withdrawn_at = now
    merge_themes(session, themes[1], others=[themes[0]], by=alice, now=now, reason="The same")
    assert moves(recorded()) == {themes[1].id: [ideas[1].id, ideas[2].id]}


def test_many_ideas_that_moved_are_recorded_in_several_rows(
    session, public, themes, ideas, alice, now, recorded, monkeypatch
):
    monkeypatch.setattr(history, "MAX_RECORDED_IDEAS", 2)
    merge_themes(session, themes[1], others=[themes[0]], by=alice, now=now, reason="The same")
    told = [activity.after["ideas"] for activity in recorded() if "ideas" in activity.after]
    assert told == [[ideas[0].id, ideas[1].id], [ideas[2].id]]


def test_before_the_debrief_nobody_is_told(session, campaign, themes, ideas, alice, now, recorded):
    recorded()
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=themes[1], by=alice, now=now)
    assert moves(recorded()) == {}


# Names ----------------------------------------------------------------------------------------------------------------


def test_merged_and_split_themes_keep_their_names_through_runs_proposals_and_undoing(
    session, campaign, themes, found, run, ideas, alice, now
):
    buses, bicycles, fares = themes
    merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    split_theme(session, fares, idea_ids=[ideas[8].id], name="Tickets", by=alice, now=now)
    tickets = active_themes(session, campaign)[-1]
    names = {buses.id: "Transport", fares.id: "Prices", tickets.id: "Cards"}
    groups = {buses.id: ideas[:6], fares.id: ideas[6:8], tickets.id: ideas[8:]}
    run(groups, names=names, at=now + timedelta(hours=1))
    assert [theme.name for theme in (buses, fares, tickets)] == ["Buses", "Fares", "Tickets"]
    apply_or_propose(session, campaign, found(groups, names=names), now=now)
    assert open_proposal(session, campaign) is None, "another name is no difference"
    rename_theme(session, buses, name="Lines", by=alice, now=now)
    run(groups, names=names, at=now + timedelta(hours=2))
    assert buses.name == "Lines"


def test_a_theme_of_a_first_run_takes_the_name_of_the_next(session, campaign, themes, run, ideas):
    buses, bicycles, fares = themes
    run({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]}, names={buses.id: "Transport"})
    assert buses.name == "Transport"


# What is read ---------------------------------------------------------------------------------------------------------


def test_the_edits_of_a_theme_are_read_without_those_of_others(session, campaign, themes, alice, now, count_queries):
    own = [rename_theme(session, themes[0], name=f"Name {n}", by=alice, now=now) for n in range(3)]
    for n in range(30):
        rename_theme(session, themes[1], name=f"Other {n}", by=alice, now=now)
    session.commit()
    for edit in edit_history(session, campaign):
        session.expunge(edit)
    session.refresh(themes[0])
    loaded = []

    def read():
        loaded.extend(edits_of(session, themes[0], limit=2))

    assert count_queries(read) == 1
    assert [edit.id for edit in loaded] == [own[2].id, own[1].id]
    assert sum(isinstance(row, history.ThemeEdit) for row in session.identity_map.values()) == 2


def test_every_edited_theme_goes_with_its_campaign():
    table = Base.metadata.tables["edited_theme"]
    assert {key.ondelete for key in table.foreign_keys} == {"CASCADE"}
