"""No act on a page takes a theme away that has its answer."""

import pytest
from sqlalchemy import select

from ideas.answers.decision import DecisionStatus, decide
from ideas.themes.edits.history import edit_history
from ideas.themes.placement import Placement
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.theme import active_themes
from tests.places import at, ids, members
from tests.runs import found_theme, placed_idea, run_result


@pytest.fixture
def answered(session, grouped, closed_campaign, alice, now):
    """Two themes; the second has its answer."""
    first, second = grouped()
    decide(
        session,
        second,
        status=DecisionStatus.PLANNED,
        reason="Soon.",
        respondent=alice,
        decided_on=now.date(),
        by=alice,
        now=now,
    )
    session.commit()
    return first, second


def test_an_answered_theme_that_ends_up_empty_stays_when_a_proposal_is_accepted(
    session, answered, closed_campaign, manager, now
):
    first, second = answered
    placed = [
        placed_idea(idea_id, first.id, None, 0.8)
        for idea_id in session.scalars(select(Placement.idea_id).order_by(Placement.idea_id))
    ]
    run = run_result([found_theme(first.id, first.found_name, [])], placed)
    apply_or_propose(session, closed_campaign, run, now=now, keep={second.id})
    session.commit()
    proposal = open_proposal(session, closed_campaign)
    manager.post(at(closed_campaign, "/proposal/accept"), data={"proposal": proposal.id, "all": "1"})
    session.expire_all()
    assert members(session, second) == set()
    assert active_themes(session, closed_campaign) == [first, second]


def test_a_split_is_not_undone_once_the_new_theme_has_its_answer(
    session, answered, closed_campaign, manager, alice, now
):
    first, _second = answered
    one = min(members(session, first))
    manager.post(at(closed_campaign, f"/{first.id}/split"), data={"idea": one, "name": "Trams"})
    session.expire_all()
    trams = active_themes(session, closed_campaign)[-1]
    facts = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": alice, "decided_on": now.date()}
    decide(session, trams, **facts, by=alice, now=now)
    session.commit()
    edit = edit_history(session, closed_campaign)[0]
    said = manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"), follow_redirects=True).text
    assert "an assignee, a due date or a note: Trams. Remove those first." in said
    session.expire_all()
    assert trams in active_themes(session, closed_campaign)
    assert members(session, trams) == ids([session.get(Placement, one).idea])
