"""What is done follows from facts; the rest is ticked by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.contributions.comment import Comment
from ideas.contributions.withheld import Cause, ObjectKind, open_review
from ideas.guidance.practice import BY_HAND, PRACTICES, NotTicked, Practice, PracticeState, checklist, tick

DONE, TO_DO, LATER = PracticeState


def test_each_line_belongs_to_one_role_and_follows_from_facts_or_a_hand(
    session, campaign, draft_campaign, alice, bob, charlie, make_idea, now
):
    every = [practice for practices in PRACTICES.values() for practice in practices]
    assert sorted(every) == sorted(Practice)

    def states(of=campaign, at=now):
        return {line.practice: line.state for lines in checklist(session, of, alice, now=at).values() for line in lines}

    found = states(draft_campaign)
    assert {found[one] for one in (Practice.ANSWERS_IDEAS, Practice.ALL_READ, Practice.PINNED)} == {LATER}
    assert {found[one] for one in BY_HAND} == {TO_DO}
    found = states()
    done = {practice for practice, state in found.items() if state is DONE}
    assert done == {
        Practice.PRESENTED, Practice.PROMISED, Practice.SHORT_BRIEF, Practice.DEBRIEF_SOON, Practice.FIRST_ANSWERED,
        Practice.QUESTIONS_ANSWERED, Practice.QUEUE_SHORT, Practice.REPLACED,
    }  # fmt: skip
    assert found[Practice.DEBRIEF_IN_TIME] is LATER
    ideas = [
        make_idea(campaign, charlie, f"Idea {number}", submitted_at=now - timedelta(days=2)) for number in range(5)
    ]
    open_review(
        session, ObjectKind.IDEA, ideas[0].id, campaign_id=campaign.id, cause=Cause.REPORTED, reason=None,
        author_id=charlie.id, text="", now=now - timedelta(days=3),
    )  # fmt: skip
    campaign.brief, campaign.debrief_due_at = "word " * 401, campaign.closes_at + timedelta(days=61)
    session.commit()
    found = states()
    late = (
        Practice.FIRST_ANSWERED,
        Practice.QUEUE_SHORT,
        Practice.ALL_READ,
        Practice.SHORT_BRIEF,
        Practice.DEBRIEF_SOON,
    )
    assert {found[one] for one in (*late, Practice.ANSWERS_IDEAS)} == {TO_DO}
    for idea in ideas:
        session.add(Comment(idea=idea, author=alice, body="When?", created_at=now))
    session.commit()
    found = states()
    assert (found[Practice.ANSWERS_IDEAS], found[Practice.FIRST_ANSWERED], found[Practice.PINNED]) == (
        DONE,
        DONE,
        TO_DO,
    )
    overdue = states(at=campaign.debrief_due_at + timedelta(days=1))
    assert overdue[Practice.DEBRIEF_IN_TIME] is TO_DO


def test_a_line_is_ticked_by_hand_once_and_taken_back(session, campaign, bob, now):
    for is_done in (True, True, False, True):
        tick(session, campaign, Practice.TIME_BOOKED, is_done=is_done, by=bob, now=now)
    session.commit()
    lines = [line for lines in checklist(session, campaign, bob, now=now).values() for line in lines]
    [line] = [line for line in lines if line.practice is Practice.TIME_BOOKED]
    assert (line.state, line.by, line.at) == (DONE, "Bob", now)
    acts = select(Activity.verb).where(Activity.object_kind == "practice_tick").order_by(Activity.id)
    assert list(session.scalars(acts)) == ["checked", "undone", "checked"]
    with pytest.raises(NotTicked):
        tick(session, campaign, Practice.ALL_READ, is_done=True, by=bob, now=now)
