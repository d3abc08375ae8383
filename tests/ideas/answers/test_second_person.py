"""Where a campaign asks for it, nobody publishes an answer alone: before the debrief and after it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded, Version
from ideas.answers.approval import AnswerProposal, AnswersUnapproved, ApprovalNeeded, approval_of
from ideas.answers.decision import DecisionStatus, decide, decision_on, publish_answers
from ideas.answers.second_person import (
    ApprovedOneself,
    approve_answer,
    approve_proposal,
    ask_for_second_person,
    drop_proposal,
    propose_answer,
)
from ideas.errors import Conflict
from ideas.exports.returned.apply import apply_rows
from ideas.exports.returned.sheet import Sheet, SheetRow
from ideas.outreach.recipients import recipients, rule_for


@pytest.fixture
def reviewed(session, closed_campaign, alice, now):
    ask_for_second_person(session, closed_campaign, asked=True, by=alice, now=now)
    session.commit()
    return closed_campaign


@pytest.fixture
def answer(alice, now):
    return {"status": DecisionStatus.PLANNED, "reason": "In May.", "respondent": alice, "decided_on": now.date()}


def test_the_debrief_waits_until_somebody_else_approved_each_answer_as_it_is(
    session, reviewed, make_theme, answer, alice, bob, now
):
    buses, trees, later = (make_theme(reviewed, name, bodies=[name]) for name in ("Buses", "Trees", "Later"))
    for theme in (buses, trees):
        decide(session, theme, **answer, by=alice, now=now)
    promise = {"status": DecisionStatus.PENDING, "reason": "", "expected_on": now.date() + timedelta(days=9)}
    decide(session, later, **answer | promise, by=alice, now=now)
    first, second = decision_on(session, buses), decision_on(session, trees)
    with pytest.raises(ApprovedOneself):
        approve_answer(session, first, seen=first.version, by=alice, now=now)
    for decision in (first, second):
        approve_answer(session, decision, seen=decision.version, by=bob, now=now)
    decide(session, trees, **answer | {"reason": "In June."}, by=alice, now=now)
    assert (approval_of(session, first).approved_by_id, approval_of(session, second)) == (bob.id, None)
    with pytest.raises(AnswersUnapproved) as refused:
        publish_answers(session, reviewed, by=alice, now=now)
    assert refused.value.values == {"themes": "Trees"}
    with pytest.raises(ChangedMeanwhile):
        approve_answer(session, second, seen=1, by=bob, now=now)
    # Bob changes it himself: then it is Alice who approves.
    decide(session, trees, **answer | {"reason": "In July."}, by=bob, now=now)
    approve_answer(session, second, seen=second.version, by=alice, now=now)
    publish_answers(session, reviewed, by=alice, now=now)
    assert all(decision_on(session, theme).published_at for theme in (buses, trees, later))
    session.commit()
    assert session.scalars(select(Activity.actor_id).where(Activity.verb == Verb.APPROVED)).all() == [
        bob.id, bob.id, alice.id,
    ]  # fmt: skip


def test_after_the_debrief_an_answer_waits_unseen_until_it_is_approved(
    session, reviewed, make_theme, answer, alice, bob, charlie, now
):
    buses, trees = (make_theme(reviewed, name, bodies=[name]) for name in ("Buses", "Trees"))
    decide(session, buses, **answer, by=alice, now=now)
    approve_answer(session, decision_on(session, buses), seen=1, by=bob, now=now)
    reviewed.debriefed_at = now - timedelta(hours=1)
    publish_answers(session, reviewed, by=alice, now=now)
    session.commit()
    changed = answer | {"reason": "In autumn.", "by": bob, "now": now}
    for theme in (buses, trees):
        with pytest.raises(ApprovalNeeded):
            decide(session, theme, **changed, change_reason="No buses.")
    cells = {"theme_id": str(trees.id), "status": "planned", "reason": "In autumn."}
    row = SheetRow(Sheet.DECISIONS, 2, cells)
    [step] = apply_rows(session, reviewed, [row], reason="", by=bob, now=now, day_first=True)
    assert isinstance(step.error, ApprovalNeeded)
    with pytest.raises(ReasonNeeded):  # what could not be published is not proposed
        propose_answer(session, buses, **changed, seen=1)
    propose_answer(session, buses, **changed, seen=1, change_reason="No buses.")
    session.commit()
    assert (decision_on(session, buses).reason, decision_on(session, buses).version) == ("In May.", 1)
    for person, seen, error in ((bob, 1, ApprovedOneself), (alice, 2, ChangedMeanwhile)):
        with pytest.raises(error):
            approve_proposal(session, buses, seen=seen, by=person, now=now)
    approve_proposal(session, buses, seen=1, by=alice, now=now)
    propose_answer(session, trees, **changed, seen=0)
    drop_proposal(session, trees, seen=1, by=alice, now=now)
    with pytest.raises(Conflict):
        approve_proposal(session, trees, seen=1, by=alice, now=now)
    session.commit()
    decision = decision_on(session, buses)
    assert (decision.reason, decision.recorded_by_id, session.scalars(select(AnswerProposal)).all()) == (
        "In autumn.", bob.id, [],
    )  # fmt: skip
    assert session.scalars(select(Version.reason).where(Version.object_kind == "decision")).all() == ["", "No buses."]
    acts = session.scalars(select(Activity).where(Activity.object_kind == "decision").order_by(Activity.id))
    told = [(act.verb, recipients(session, act, rule)) for act in acts if (rule := rule_for(act)) is not None]
    assert told[-1] == (Verb.CHANGED, [charlie.id])
    ask_for_second_person(session, reviewed, asked=False, by=alice, now=now)
    decide(session, trees, **changed)
