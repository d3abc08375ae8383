from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from clustering.types import Change, Event, Leftover, Node
from ideas.activity.activity import Activity, Verb
from ideas.answers.decision import DecisionStatus, decide, decisions_in
from ideas.contributions.idea import revise_idea
from ideas.themes.edits.edit import merge_themes, rename_theme, split_theme
from ideas.themes.edits.history import EditKind, edit_history
from ideas.themes.edits.later import EditOverlaid
from ideas.themes.edits.move import forbid, move_ideas, pin_ideas, set_aside
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement
from ideas.themes.runs.accept import NothingTaken, ProposalClosed, accept, decline
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.difference import SameSize, differences
from ideas.themes.runs.proposal import Proposal, ProposalStatus, ProposedPlacement, open_proposal
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import active_themes
from ideas.work.job import JobKind, JobStatus, latest_job
from tests.places import ids, members, theme_of


@pytest.fixture
def named(session, themes, alice, now):
    """The three themes, after a person named the first one: so that further runs become proposals."""
    rename_theme(session, themes[0], name="Night buses", by=alice, now=now)
    return themes


@pytest.fixture
def propose(session, campaign, found, now):
    """Apply a made-up run, and return the open proposal, if there is one."""

    def propose(groups, *, at=now, keep=(), **facts):
        apply_or_propose(session, campaign, found(groups, **facts), now=at, keep=keep)
        return open_proposal(session, campaign)

    return propose


# When a run becomes a proposal ----------------------------------------------------------------------------------------


def test_a_run_is_applied_at_once_while_nobody_touched_the_themes(session, campaign, themes, propose, ideas):
    buses, bicycles, fares = themes
    assert propose({buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:]}) is None
    assert theme_of(session, ideas[3]) == buses.id


def test_the_first_run_is_applied_at_once(session, campaign, propose, ideas):
    assert propose({1: ideas}) is None
    assert len(active_themes(session, campaign)) == 1


@pytest.mark.parametrize("touch", ["rename", "move", "alone", "pin", "forbid", "answer", "debrief"])
def test_after_an_act_of_a_person_a_run_becomes_a_proposal(
    session, campaign, themes, propose, ideas, alice, now, touch
):
    buses, bicycles, fares = themes
    chosen, keep = {"idea_ids": [ideas[8].id], "by": alice, "now": now}, ()
    if touch == "rename":
        rename_theme(session, fares, name="Prices", by=alice, now=now)
    elif touch == "move":
        move_ideas(session, campaign, to=buses, **chosen)
    elif touch == "alone":
        set_aside(session, campaign, **chosen)
    elif touch == "debrief":
        campaign.debriefed_at = now
    elif touch == "pin":
        pin_ideas(session, campaign, **chosen)
    elif touch == "forbid":
        forbid(session, campaign, theme=buses, **chosen)
    else:
        keep = [fares.id]
    before = latest_run(session, campaign)
    proposal = propose({buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:]}, keep=keep)
    assert theme_of(session, ideas[3]) == bicycles.id
    assert proposal.run.applied_at is None
    assert latest_run(session, campaign) is before


def test_a_proposal_is_in_the_log_for_those_who_decide_about_it(session, campaign, named, propose, ideas):
    buses, bicycles, fares = named
    proposal = propose({buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:]})
    session.commit()
    written = session.scalars(select(Activity).where(Activity.object_kind == "proposal")).one()
    assert (written.verb, written.object_id, written.actor_id) == (Verb.CREATED, proposal.id, None)
    assert written.after == {"ideas": len(ideas), "themes": 3}


def test_a_run_without_visible_changes_is_applied_at_once(session, campaign, named, propose, found, ideas, now):
    buses, bicycles, fares = named
    same = {buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]}
    names = {theme.id: theme.found_name for theme in named}
    assert propose(same, names=names, at=now + timedelta(hours=1)) is None
    assert session.scalar(select(func.count()).select_from(Proposal)) == 0
    assert latest_run(session, campaign).applied_at == now + timedelta(hours=1)


def test_a_newer_run_replaces_an_open_proposal(session, campaign, named, propose, ideas, alice, now):
    buses, *_ = named
    first = propose({buses.id: ideas})
    second = propose({buses.id: ideas[:8]}, alone=ideas[8:])
    assert (first.status, second.status) == (ProposalStatus.OVERTAKEN, ProposalStatus.OPEN)
    with pytest.raises(ProposalClosed):
        accept(session, first, by=alice, now=now)
    assert open_proposal(session, campaign) is second


def test_an_unplaced_idea_is_placed_while_the_proposal_is_open(
    session, campaign, named, propose, ideas, make_idea, charlie
):
    buses, bicycles, fares = named
    here, there = make_idea(campaign, charlie, "A bus to the sea"), make_idea(campaign, charlie, "A boat to the sea")
    groups = {buses.id: [*ideas[:4], here], bicycles.id: ideas[4:6], fares.id: ideas[6:], 9_099: [there]}
    proposal = propose(groups)
    assert theme_of(session, here) == buses.id
    assert session.get(Placement, there.id).leftover is Leftover.OUTLIER
    (boats,) = [one for one in differences(session, proposal) if one.change is Change.BORN]
    assert [(moved.idea, moved.other) for moved in boats.ideas_in] == [(there, None)]


# What it would change -------------------------------------------------------------------------------------------------


def test_differences_list_what_would_change_in_each_theme(session, campaign, named, propose, ideas):
    buses, bicycles, fares = named
    proposal = propose(
        {buses.id: ideas[:4], fares.id: ideas[6:8], 9_077: [ideas[4], ideas[5]]},
        alone=ideas[8:],
        names={fares.id: "Tickets", 9_077: "Cycle paths"},
        events=[Event(Change.SPLIT, bicycles.id, [9_077])],
    )
    changes = {one.name_after: one for one in differences(session, proposal)}
    assert list(changes) == ["Bicycles", "Cycle paths", "Night buses", "Tickets"]
    gone, born, grown, shrunk = changes.values()
    assert (gone.change, gone.size_before, gone.size_after, gone.moving_out) == (Change.GONE, 3, 0, 3)
    assert {(moved.idea.id, moved.other) for moved in gone.ideas_out} == {
        (ideas[3].id, "Night buses"),
        (ideas[4].id, "Cycle paths"),
        (ideas[5].id, "Cycle paths"),
    }
    assert (born.change, born.theme, born.name_before, born.size_after) == (Change.BORN, None, "", 2)
    assert (grown.change, grown.name_before, grown.size_after) == (Change.GROWN, "Night buses", 4)
    assert [(moved.idea, moved.other) for moved in grown.ideas_in] == [(ideas[3], "Bicycles")]
    assert (shrunk.change, shrunk.name_before, shrunk.theme) == (Change.SHRUNK, "Fares", fares)
    assert [(moved.idea, moved.other) for moved in shrunk.ideas_out] == [(ideas[8], None)]
    assert len({one.key for one in changes.values()}) == 4


def test_a_new_name_alone_is_a_difference_but_never_a_person_s_own(session, campaign, named, propose, ideas):
    buses, bicycles, fares = named
    names = {buses.id: "Coaches", bicycles.id: "Cycling", fares.id: "Fares"}
    proposal = propose({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:]}, names=names)
    (one,) = differences(session, proposal)
    assert (one.change, one.name_before, one.name_after) == (SameSize.RENAMED, "Bicycles", "Cycling")


def test_themes_that_are_taken_in_are_named(session, campaign, named, propose, ideas):
    buses, bicycles, fares = named
    merged = [Event(Change.MERGED, fares.id, [bicycles.id])]
    proposal = propose({buses.id: ideas[:3], fares.id: ideas[3:]}, names={fares.id: "Fares"}, events=merged)
    changes = {one.change: one for one in differences(session, proposal)}
    assert changes.keys() == {Change.MERGED, Change.GONE}
    assert changes[Change.MERGED].others == ("Bicycles",)


def test_differences_show_a_few_ideas_and_count_all(session, campaign, named, propose, ideas, make_idea, charlie):
    more = [make_idea(campaign, charlie, f"Buses again {number}") for number in range(20)]
    buses, bicycles, fares = named
    proposal = propose({buses.id: ideas[:3], bicycles.id: ideas[3:6], fares.id: ideas[6:], 9_088: more})
    accept(session, proposal, by=charlie, now=proposal.created_at)
    proposal = propose({buses.id: [*ideas[:3], *more], bicycles.id: ideas[3:6], fares.id: ideas[6:]})
    grown, gone = differences(session, proposal)
    assert (grown.moving_in, len(grown.ideas_in), gone.moving_out, len(gone.ideas_out)) == (20, 5, 20, 5)


def test_differences_ask_the_database_as_often_for_many_themes_as_for_few(
    session, campaign, named, propose, ideas, count_queries
):
    def asked(proposal):
        session.expire_all()
        assert proposal.run.events == ()
        return count_queries(lambda: differences(session, proposal))

    few = asked(propose({named[0].id: ideas}))
    assert asked(propose({9_100 + number: [idea] for number, idea in enumerate(ideas)})) == few


def test_a_run_its_acceptance_and_the_undoing_ask_the_database_as_often_for_many_ideas_as_for_few(
    session, campaign, named, found, propose, ideas, make_idea, charlie, count_queries, alice, now
):
    buses, bicycles, fares = named

    def asked(moving):
        run = found({buses.id: [idea for idea in ideas if idea not in moving], bicycles.id: moving})
        session.expire_all()

        def all_of_it():
            apply_or_propose(session, campaign, run, now=now)
            undo_edit(session, accept(session, open_proposal(session, campaign), by=alice, now=now), by=alice, now=now)

        return count_queries(all_of_it)

    accept(session, propose({buses.id: ideas[2:], bicycles.id: ideas[:1], fares.id: ideas[1:2]}), by=alice, now=now)
    few = asked(ideas[:1])
    ideas += [make_idea(campaign, charlie, f"Buses, idea {number}") for number in range(40)]
    accept(session, propose({buses.id: ideas[1:], bicycles.id: ideas[:1]}), by=alice, now=now)
    assert asked(ideas[:30]) <= few


# Accepting and declining ----------------------------------------------------------------------------------------------


def test_all_of_it_can_be_accepted_and_undone(session, campaign, named, propose, ideas, alice, now):
    buses, bicycles, fares = named
    proposal = propose({buses.id: ideas[:4], 9_077: ideas[4:6], fares.id: ideas[6:8]}, alone=ideas[8:])
    edit = accept(session, proposal, by=alice, now=now + timedelta(hours=1))
    kept, prices, paths = active_themes(session, campaign)
    assert (kept, prices, paths.name) == (buses, fares, "Theme 9077")
    assert [members(session, theme) for theme in (buses, paths, fares)] == [
        ids(ideas[:4]),
        ids(ideas[4:6]),
        ids(ideas[6:8]),
    ]
    assert buses.name == "Night buses"
    assert (proposal.status, proposal.closed_by) == (ProposalStatus.ACCEPTED, alice)
    assert latest_run(session, campaign) is proposal.run
    assert (edit.kind, edit.summary) == (
        EditKind.ACCEPT,
        {"changes": 3, "offered": 3, "ideas": 4, "born": ["Theme 9077"], "gone": ["Bicycles"]}
        | {"themes": [theme.id for theme in (*named, paths)]},
    )
    undo_edit(session, edit, by=alice, now=now)
    assert active_themes(session, campaign) == named
    assert members(session, bicycles) == ids(ideas[3:6])
    assert edit_history(session, campaign)[0].undone_at == now
    assert session.scalar(select(func.count()).select_from(ProposedPlacement)) == 0


def test_a_part_of_it_can_be_accepted(session, campaign, named, propose, ideas, alice, now):
    buses, bicycles, fares = named
    proposal = propose(
        {buses.id: ideas[:4], 9_077: ideas[4:6], fares.id: ideas[6:8]}, alone=ideas[8:], names={fares.id: "Tickets"}
    )
    with pytest.raises(NothingTaken):
        accept(session, proposal, keys=set(), by=alice, now=now)
    edit = accept(session, proposal, keys={str(buses.id)}, by=alice, now=now)
    assert active_themes(session, campaign) == named
    assert members(session, buses) == ids(ideas[:4])
    assert members(session, bicycles) == ids(ideas[4:6])
    assert members(session, fares) == ids(ideas[6:])
    assert fares.name == "Fares"
    assert edit.summary["changes"] == 1
    assert edit.summary["themes"] == [buses.id]
    with pytest.raises(ProposalClosed):
        accept(session, proposal, by=alice, now=now)


def test_themes_accepted_in_part_are_not_measured_unless_their_ideas_were_measured_together(
    session, campaign, named, propose, ideas, alice, now
):
    buses, bicycles, fares = named
    proposal = propose({buses.id: [*ideas[:2], ideas[3]], bicycles.id: ideas[4:6], fares.id: [*ideas[6:], ideas[2]]})
    edit = accept(session, proposal, keys={str(buses.id)}, by=alice, now=now)
    measured = {theme: theme.measured for theme in named}
    assert measured == {buses: False, bicycles: False, fares: True}, "one gave an idea away, one kept one"
    undo_edit(session, edit, by=alice, now=now)
    assert all(theme.measured for theme in named)
    accept(session, propose({buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:]}), by=alice, now=now)
    assert all(theme.measured for theme in named)


def test_a_theme_that_only_gives_ideas_to_others_has_nothing_to_accept(
    session, campaign, named, propose, ideas, alice, now
):
    buses, bicycles, fares = named
    groups = {buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:]}
    proposal = propose(groups, names={theme.id: theme.found_name for theme in named} | {fares.id: "Tickets"})
    follows = {one.theme: one.follows for one in differences(session, proposal)}
    assert follows == {buses: False, bicycles: True, fares: False}
    with pytest.raises(NothingTaken):
        accept(session, proposal, keys={str(bicycles.id)}, by=alice, now=now)
    edit = accept(session, proposal, keys={str(buses.id), str(bicycles.id)}, by=alice, now=now)
    assert (edit.summary["changes"], edit.summary["offered"]) == (1, 2)
    assert members(session, bicycles) == ids(ideas[4:6])


def test_an_idea_that_would_be_left_over_belongs_to_the_theme_that_it_leaves(
    session, campaign, named, propose, ideas, alice, now
):
    buses, bicycles, fares = named
    proposal = propose({buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:8]}, between=ideas[8:])
    accept(session, proposal, keys={str(fares.id)}, by=alice, now=now)
    assert session.get(Placement, ideas[8].id).leftover is Leftover.AMBIGUOUS
    assert theme_of(session, ideas[3]) == bicycles.id


def belongs(session, idea):
    placement = session.get(Placement, idea.id)
    return placement.theme_id, placement.strength, placement.shared


def test_an_idea_whose_move_was_declined_shares_nothing_with_the_proposed_theme(
    session, campaign, named, propose, ideas, alice, now
):
    buses, bicycles, fares = named
    before = belongs(session, ideas[3])
    proposal = propose({buses.id: ideas[:4], bicycles.id: ideas[4:7], fares.id: ideas[7:]})
    edit = accept(session, proposal, keys={str(bicycles.id)}, by=alice, now=now)
    assert belongs(session, ideas[3]) == (bicycles.id, 0, [])
    assert belongs(session, ideas[6]) == (bicycles.id, pytest.approx(0.7), [f"phrase {bicycles.id}"])
    undo_edit(session, edit, by=alice, now=now)
    assert belongs(session, ideas[3]) == before


def test_undoing_an_acceptance_restores_no_measurement_of_a_theme_that_the_idea_left(
    session, campaign, named, propose, ideas, alice, now
):
    buses, bicycles, fares = named
    proposal = propose({buses.id: ideas[:4], bicycles.id: ideas[4:6], fares.id: ideas[6:]})
    edit = accept(session, proposal, by=alice, now=now)
    moved = move_ideas(session, campaign, idea_ids=[ideas[8].id], to=bicycles, by=alice, now=now)
    undo_edit(session, edit, by=alice, now=now)
    assert belongs(session, ideas[8]) == (bicycles.id, 0, [])
    undo_edit(session, moved, by=alice, now=now)
    assert belongs(session, ideas[8])[::2] == (fares.id, [f"phrase {fares.id}"])


def test_an_unplaced_idea_shares_nothing_with_a_theme_that_is_only_proposed(
    session, campaign, named, propose, ideas, make_idea, charlie
):
    there = make_idea(campaign, charlie, "A boat to the sea")
    propose({named[0].id: ideas[:4], named[1].id: ideas[4:6], named[2].id: ideas[6:], 9_099: [there]})
    assert belongs(session, there) == (None, 0, [])


def test_it_can_be_declined(session, campaign, named, propose, ideas, alice, now):
    proposal = propose({named[0].id: ideas})
    decline(session, proposal, by=alice, now=now)
    assert (proposal.status, proposal.closed_at) == (ProposalStatus.DECLINED, now)
    assert open_proposal(session, campaign) is None
    assert members(session, named[1]) == ids(ideas[3:6])
    with pytest.raises(ProposalClosed):
        decline(session, proposal, by=alice, now=now)


def test_what_people_did_while_a_proposal_was_open_is_kept(session, campaign, named, propose, ideas, alice, now):
    buses, bicycles, fares = named
    proposal = propose({buses.id: ideas})
    set_aside(session, campaign, idea_ids=[ideas[3].id], by=alice, now=now)
    forbid(session, campaign, idea_ids=[ideas[4].id], theme=buses, by=alice, now=now)
    pin_ideas(session, campaign, idea_ids=[ideas[6].id], by=alice, now=now)
    changes = {one.key: one for one in differences(session, proposal)}
    assert changes[str(buses.id)].moving_in == 3
    accept(session, proposal, by=alice, now=now)
    assert theme_of(session, ideas[3]) is None
    assert theme_of(session, ideas[4]) == bicycles.id
    assert members(session, fares) == {ideas[6].id}


def test_an_idea_revised_after_the_run_is_not_moved_by_the_proposal(
    session, campaign, named, propose, ideas, alice, now
):
    buses, bicycles, fares = named
    proposal = propose({buses.id: ideas[:5], bicycles.id: ideas[5:6], fares.id: ideas[6:]})
    revise_idea(session, ideas[3], by=ideas[3].author, title="", body="Other words", now=now + timedelta(seconds=1))
    changes = {one.theme: one for one in differences(session, proposal)}
    assert [moved.idea for moved in changes[buses].ideas_in] == [ideas[4]]
    accept(session, proposal, by=alice, now=now + timedelta(seconds=2))
    assert members(session, bicycles) == ids([ideas[3], ideas[5]])
    assert latest_job(session, campaign.id, JobKind.PLACE_IDEAS).status is JobStatus.QUEUED


def test_a_theme_merged_away_meanwhile_gets_nothing(session, campaign, named, propose, ideas, alice, now):
    buses, bicycles, fares = named
    proposal = propose({fares.id: ideas})
    merge_themes(session, buses, others=[fares], by=alice, now=now)
    assert differences(session, proposal) == []
    accept(session, proposal, by=alice, now=now)
    assert active_themes(session, campaign) == [buses, bicycles]


def test_a_theme_with_an_answer_stays_even_empty(session, campaign, named, propose, ideas, alice, now):
    buses, bicycles, _fares = named
    facts = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": alice, "decided_on": date(2026, 1, 1)}
    decide(session, bicycles, by=alice, now=now, **facts)
    accept(session, propose({buses.id: ideas}), keep=decisions_in(session, campaign), by=alice, now=now)
    assert active_themes(session, campaign) == [buses, bicycles]


def test_a_theme_that_people_made_meanwhile_is_not_taken_for_a_new_one_of_the_run(
    session, campaign, named, found, ideas, make_campaign, alice, now
):
    buses, bicycles, fares = named
    next_id = fares.id + 1
    result = found({buses.id: ideas[:3], bicycles.id: ideas[3:6], next_id: ideas[6:]}, new_from=next_id)

    split_theme(session, buses, idea_ids=[ideas[0].id], name="Trams", by=alice, now=now)
    trams = active_themes(session, campaign)[-1]
    assert trams.id == next_id
    apply_or_propose(session, campaign, result, now=now)
    accept(session, open_proposal(session, campaign), by=alice, now=now)
    assert members(session, trams) == {ideas[0].id}
    assert members(session, active_themes(session, campaign)[-1]) == ids(ideas[6:])


def test_an_acceptance_is_undone_only_after_later_acts(session, campaign, named, propose, ideas, alice, now):
    buses, bicycles, _fares = named
    edit = accept(session, propose({buses.id: ideas}), by=alice, now=now)
    moved = set_aside(session, campaign, idea_ids=[ideas[5].id], by=alice, now=now)
    with pytest.raises(EditOverlaid):
        undo_edit(session, edit, by=alice, now=now)
    undo_edit(session, moved, by=alice, now=now)
    undo_edit(session, edit, by=alice, now=now)
    assert members(session, bicycles) == ids(ideas[3:6])


@pytest.mark.parametrize("later", ["rename", "answer"])
def test_undoing_retires_no_theme_that_was_renamed_or_answered(
    session, campaign, named, propose, ideas, alice, now, later
):
    buses, bicycles, fares = named
    proposal = propose({buses.id: ideas[:3], bicycles.id: ideas[3:5], fares.id: ideas[6:], 9_077: ideas[5:6]})
    edit = accept(session, proposal, by=alice, now=now)
    paths = active_themes(session, campaign)[-1]
    if later == "rename":
        act = rename_theme(session, paths, name="Cycle paths", by=alice, now=now)
    else:
        facts = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": alice}
        decide(session, paths, by=alice, now=now, decided_on=date(2026, 1, 1), **facts)
    with pytest.raises(EditOverlaid):
        undo_edit(session, edit, keep=decisions_in(session, campaign), by=alice, now=now)
    assert paths in active_themes(session, campaign)
    if later == "rename":
        undo_edit(session, act, by=alice, now=now)
        undo_edit(session, edit, by=alice, now=now)
        assert active_themes(session, campaign) == named


def test_accepting_applies_the_hierarchy_and_the_granularity(session, campaign, named, propose, ideas, alice, now):
    buses, *_ = named
    tree = [Node(None, 0.0, 9, "Transport", ["bus"], 0.4, [ideas[0].id])]
    proposal = propose({buses.id: ideas}, tree=tree, families=["Going around"], granularity=-2)
    assert campaign.granularity == 0
    edit = accept(session, proposal, by=alice, now=now)
    run = latest_run(session, campaign)
    assert list(run.tree[0].exemplars) == [ideas[0].id]
    assert run.families == ("Going around",)
    assert campaign.granularity == -2
    undo_edit(session, edit, by=alice, now=now)
    assert campaign.granularity == 0
