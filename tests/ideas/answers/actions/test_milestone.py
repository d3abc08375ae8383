from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.answers.action import ProgressOfMilestones, actions_on, report_progress
from ideas.answers.actions.edit import DoneAlready, DueInThePast
from ideas.answers.actions.milestone import Milestone
from ideas.answers.actions.milestone_change import (
    MAX_MILESTONES,
    MilestoneIsAbandoned,
    MilestoneIsReached,
    MilestoneReasonNeeded,
    ReachedBeforeCampaign,
    ReachedDueDateStays,
    ReachedInTheFuture,
    ReachedReasonNeeded,
    TooManyMilestones,
    abandon_milestone,
    add_milestone,
    change_milestone,
)
from ideas.answers.actions.versions import UpdateKind
from ideas.answers.delivered import EventKind, Outcome, PromiseKind, promises_of
from ideas.answers.scheduled import confirmed_stamp
from ideas.errors import DeletedMeanwhile, EmptyText
from ideas.exports.rows import Authors
from ideas.exports.tables import TABLES

DAY = timedelta(days=1)


@pytest.fixture
def add(session, action, bob, now):
    def act(title="Choose a supplier", days=3, at=now):
        return add_milestone(session, action, title=title, due_on=now.date() + days * DAY, by=bob, now=at)

    return act


@pytest.fixture
def change(session, bob, now):
    def act(one, **facts):
        said = {"title": one.title, "due_on": one.due_on, "done_on": one.done_on}
        return change_milestone(session, one, **said | {"by": bob, "now": now + DAY} | facts)

    return act


def test_milestones_say_how_far_an_action_is(session, closed_campaign, action, add, change, publish, bob, now):
    stamp = confirmed_stamp(session, closed_campaign)
    first, second, third = add(), add("Sign", 5), add("Never mind", 6)
    assert confirmed_stamp(session, closed_campaign) != stamp
    with pytest.raises(ProgressOfMilestones):
        report_progress(session, action, progress=40, by=bob, now=now)
    change(first, done_on=now.date())
    assert action.progress == 33
    abandon_milestone(session, third, reason="", by=bob, now=now)  # nobody has read it: it is deleted
    assert (session.scalars(select(Milestone.id).order_by(Milestone.id)).all(), action.progress) == (
        [first.id, second.id], 50,
    )  # fmt: skip
    publish()
    change(second, done_on=now.date() + DAY)
    # All are reached, and the action is done when its owner says so.
    assert (action.progress, action.done_at) == (99, None)
    report_progress(session, action, progress=100, by=bob, now=now + DAY)
    with pytest.raises(DoneAlready):
        add("Too late")
    report_progress(session, action, progress=10, reason="It broke.", by=bob, now=now + DAY)
    assert action.progress == 99


def test_what_a_published_milestone_said_stays_and_a_change_has_its_reason(
    session, closed_campaign, action, add, change, publish, bob, now
):
    one = add()
    assert change(one, title="Choose two suppliers")
    assert not change(one)
    publish()
    later = now.date() + 6 * DAY
    for wrong, error in (
        ({"due_on": later}, ReasonNeeded),
        ({"due_on": now.date() - DAY, "reason": "Sooner."}, DueInThePast),
        ({"title": " ", "reason": "Why not."}, EmptyText),
        ({"title": "Theirs", "reason": "Better.", "seen": 1}, ChangedMeanwhile),
        ({"done_on": now.date() + 9 * DAY}, ReachedInTheFuture),
    ):
        with pytest.raises(error):
            change(one, **wrong)
    with pytest.raises(DueInThePast):
        add(days=-1)
    assert change(one, due_on=later, reason="No offer yet.", seen=2)
    # Late once its day has passed, and also where it was reached after it.
    assert [one.is_late(later), one.is_late(later + DAY)] == [False, True]
    assert change(one, done_on=later + DAY, now=now + 8 * DAY)
    assert one.is_late(later)
    with pytest.raises(MilestoneIsReached):
        abandon_milestone(session, one, reason="Too dear.", by=bob, now=now)
    with pytest.raises(ReasonNeeded):
        change(one, done_on=None)
    assert change(one, done_on=None, reason="It was not signed.", now=now + 9 * DAY)
    with pytest.raises(MilestoneReasonNeeded):
        abandon_milestone(session, one, reason=" ", by=bob, now=now)
    abandon_milestone(session, one, reason="Too dear.", by=bob, now=now + 10 * DAY)
    with pytest.raises(MilestoneIsAbandoned):
        change(one, title="Again", reason="Again.")
    session.commit()
    [shown] = actions_on(session, action.decision)
    assert [(each.kind, each.reason) for each in shown.milestones[0].updates] == [
        (UpdateKind.PROMISED, ""),
        (UpdateKind.PUT_OFF, "No offer yet."),
        (UpdateKind.DONE, ""),
        (UpdateKind.REOPENED, "It was not signed."),
        (UpdateKind.ABANDONED, "Too dear."),
    ]
    # An update of the promise, which a milestone neither keeps nor breaks.
    promises = promises_of(session, [closed_campaign], now=now + 5 * DAY)
    [promise] = [each for each in promises if each.kind is PromiseKind.ACTION]
    assert (promise.outcome, promise.extensions) == (Outcome.WAITING, 0)
    assert [(event.kind, event.about) for event in promise.events] == [
        (EventKind.PROMISED, ""),
        (EventKind.MILESTONE_CHANGED, "Choose two suppliers"),
        (EventKind.MILESTONE_REACHED, "Choose two suppliers"),
        (EventKind.MILESTONE_CHANGED, "Choose two suppliers"),
        (EventKind.MILESTONE_ABANDONED, "Choose two suppliers"),
    ]
    table = next(table for table in TABLES if table.name == "milestones")
    [row] = table.rows(session, closed_campaign, Authors(closed_campaign.id, "secret", named=False))
    assert len(row) == len(table.columns)
    assert (row[1], row[-1]) == (action.id, "Too dear.")
    acts = session.scalars(select(Activity.verb).where(Activity.object_kind == "milestone").order_by(Activity.id)).all()
    assert acts == ["created", "changed", "changed", "completed", "restarted", "abandoned"]


def test_a_milestone_that_was_late_stays_late_or_its_correction_is_read(
    session, closed_campaign, action, add, change, publish, now
):
    one, today = add(), now.date()
    publish()
    due, late = one.due_on, {"now": now + 6 * DAY}
    with pytest.raises(ReachedBeforeCampaign):
        change(one, done_on=date(1, 1, 1))
    # Its day is over: that it was reached in time is said with a reason that everyone reads.
    for wrong, error in (
        ({"done_on": due}, ReachedReasonNeeded),
        ({"done_on": today + 5 * DAY, "due_on": today + 9 * DAY, "reason": "More time."}, ReachedDueDateStays),
    ):
        with pytest.raises(error):
            change(one, **wrong, **late)
    assert change(one, done_on=today + 5 * DAY, **late)
    with pytest.raises(ReachedDueDateStays):
        change(one, due_on=today + 9 * DAY, reason="More time.", **late)
    assert change(one, done_on=due, reason="Read from the invoice.", **late)
    session.commit()
    reached, corrected = one.updates[1:]
    assert (reached.kind, reached.was_done_on) == (UpdateKind.DONE, None)
    assert (corrected.kind, corrected.was_done_on) == (UpdateKind.CHANGED, today + 5 * DAY)
    promises = promises_of(session, [closed_campaign], now=now + 7 * DAY)
    [promise] = [each for each in promises if each.kind is PromiseKind.ACTION]
    assert [event.was_done_on for event in promise.events][1:] == [None, today + 5 * DAY]
    other = add("Sign", at=now)
    assert change(other, done_on=other.due_on, reason="Seen only now.", **late)
    session.commit()
    assert other.updates[-1].reason == "Seen only now."


def test_what_somebody_else_deleted_meanwhile_is_said_to_be_gone(session, action, add, change, bob, now):
    first, second = add(), add("Sign")

    def delete_elsewhere(of):
        session.flush()
        gone = delete(type(of)).where(type(of).id == of.id)
        session.execute(gone.execution_options(synchronize_session=False))

    delete_elsewhere(first)
    with pytest.raises(DeletedMeanwhile):
        change(first, title="Choose two suppliers")
    with pytest.raises(DeletedMeanwhile):
        abandon_milestone(session, first, reason="", by=bob, now=now)
    delete_elsewhere(action)
    with pytest.raises(DeletedMeanwhile):
        change(second, title="Sign it")
    with pytest.raises(DeletedMeanwhile):
        report_progress(session, action, progress=40, by=bob, now=now)


def test_an_action_has_so_many_milestones(add):
    for _ in range(MAX_MILESTONES):
        add()
    with pytest.raises(TooManyMilestones):
        add()
