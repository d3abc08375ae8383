"""Where a campaign asks for it, nobody publishes an answer alone: before the debrief and after it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded, Version
from ideas.answers.action import commit_to
from ideas.answers.approval import AnswerProposal, AnswersUnapproved, ApprovalNeeded, approval_of
from ideas.answers.assigned import kept_themes
from ideas.answers.decision import DecisionStatus, decide, decision_on, publish_answers
from ideas.answers.earlier import WaitingAnswersGo, check_answers_stay
from ideas.answers.second_person import (
    ActionsCameLater,
    ApprovedOneself,
    approve_answer,
    approve_proposal,
    ask_for_second_person,
    drop_proposal,
    propose_answer,
    propose_drafts,
    waiting_themes,
)
from ideas.errors import Conflict
from ideas.exports.returned.apply import apply_rows
from ideas.exports.returned.sheet import Sheet, SheetRow
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for
from ideas.privacy.quotations import erase_quotations
from ideas.themes.edits.edit import merge_themes
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement


@pytest.fixture
def reviewed(session, closed_campaign, alice, now):
    ask_for_second_person(session, closed_campaign, asked=True, by=alice, now=now)
    session.commit()
    return closed_campaign


def mark_of(session, theme):
    return session.get(AnswerProposal, theme.id).mark


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
    mark = mark_of(session, buses)
    for person, seen, error in ((bob, mark, ApprovedOneself), (alice, "1", ChangedMeanwhile)):
        with pytest.raises(error):
            approve_proposal(session, buses, seen=seen, by=person, now=now)
    approve_proposal(session, buses, seen=mark, by=alice, now=now)
    propose_answer(session, trees, **changed, seen=0)
    drop_proposal(session, trees, seen=mark_of(session, trees), by=alice, now=now)
    with pytest.raises(Conflict):
        approve_proposal(session, trees, seen="", by=alice, now=now)
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


@pytest.fixture
def published(session, reviewed, make_theme, answer, alice, bob, now):
    """A theme of a published debrief, whose answer has an action."""
    theme = make_theme(reviewed, "Buses", bodies=["The last bus leaves much too early on Sunday evenings."])
    given = decide(session, theme, **answer, by=alice, now=now)
    approve_answer(session, given, seen=1, by=bob, now=now)
    commit_to(session, given, title="Ask the operator", impact="", owner=alice, due_on=now.date(), by=alice, now=now)
    reviewed.debriefed_at = now - timedelta(hours=1)
    publish_answers(session, reviewed, by=alice, now=now)
    session.commit()
    return theme


def test_a_proposal_is_approved_only_as_it_was_read_and_replaced_only_by_who_read_it(
    session, published, answer, alice, bob, now
):
    later = {"title": "Buy a bus", "impact": "", "owner": alice, "due_on": now.date(), "by": alice, "now": now}
    changed = answer | {"by": bob, "now": now, "seen": 1, "change_reason": "No buses."}
    propose_answer(session, published, **changed | {"reason": "In June."})
    read = mark_of(session, published)
    with pytest.raises(ChangedMeanwhile):  # Alice did not see what Bob wrote
        propose_answer(session, published, **changed | {"by": alice, "reason": "In July."})
    drop_proposal(session, published, seen=read, by=bob, now=now)
    propose_answer(session, published, **changed | {"reason": "Never."})
    with pytest.raises(ChangedMeanwhile):  # the number is the same again, the text is not
        approve_proposal(session, published, seen=read, by=alice, now=now)
    declined = changed | {"status": DecisionStatus.DECLINED, "abandon_reason": "No money."}
    propose_answer(session, published, **declined, replaces=mark_of(session, published))
    commit_to(session, decision_on(session, published), **later)
    with pytest.raises(ActionsCameLater, match="Buy a bus"):
        approve_proposal(session, published, seen=mark_of(session, published), by=alice, now=now)
    propose_answer(session, published, **declined, replaces=mark_of(session, published))
    approve_proposal(session, published, seen=mark_of(session, published), by=alice, now=now)
    session.commit()
    assert [action.is_open for action in decision_on(session, published).actions] == [False, False]
    log = session.scalars(select(Activity).where(Activity.object_kind == "answer_proposal").order_by(Activity.id)).all()
    assert [(act.before or {}).get("reason") for act in log] == [None, "In June.", None, "Never.", "In May."]


def test_what_waits_is_listed_kept_warned_of_and_erased(session, published, reviewed, answer, alice, bob, now):
    idea = session.scalars(select(Placement).where(Placement.theme_id == published.id)).one().idea
    quoting = answer | {"reason": f"You wrote “{idea.body}”", "change_reason": "Late.", "seen": 1}
    propose_answer(session, published, **quoting, by=bob, now=now)
    assert waiting_themes(session, reviewed) == {published.id}
    assert published.id in kept_themes(session, reviewed)
    with pytest.raises(WaitingAnswersGo, match="Buses"):
        check_answers_stay(session, [published])
    erase_quotations(session, [idea], [], instead="(erased)")
    session.expire_all()
    assert "Sunday" not in session.get(AnswerProposal, published.id).content["reason"]


def test_undoing_a_merge_lets_an_unapproved_draft_wait(
    session, published, reviewed, make_theme, answer, alice, bob, now
):
    reviewed.debriefed_at = None
    trees = make_theme(reviewed, "Trees", bodies=["Trees"])
    draft = decide(session, trees, **answer, by=bob, now=now)
    commit_to(session, draft, title="Plant", impact="", owner=alice, due_on=now.date(), by=bob, now=now)
    assert waiting_themes(session, reviewed) == {trees.id}
    edit = merge_themes(session, published, others=[trees], by=alice, now=now, reason="Alike.")
    reviewed.debriefed_at = now
    undo_edit(session, edit, by=alice, now=now, reason="Not alike.")
    assert propose_drafts(session, reviewed, by=alice, now=now) == ["Plant"]
    publish_answers(session, reviewed, by=alice, now=now)
    session.commit()
    assert decision_on(session, trees) is None
    approve_proposal(session, trees, seen=mark_of(session, trees), by=alice, now=now)
    assert (decision_on(session, trees).reason, decision_on(session, trees).recorded_by_id) == ("In May.", bob.id)
