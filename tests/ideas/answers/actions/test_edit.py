from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.answers.action import NotAnActionOwner, abandon_action, actions_on, report_progress
from ideas.answers.actions.edit import DoneAlready, DueInThePast, change_action
from ideas.answers.actions.versions import UpdateKind
from ideas.errors import EmptyText

DAY = timedelta(days=1)


@pytest.fixture
def change(session, action, bob, now):
    def act(**facts):
        said = {"title": action.title, "impact": action.impact, "owner": action.owner, "due_on": action.due_on}
        return change_action(session, action, **said | {"by": bob, "now": now + DAY} | facts)

    return act


def test_a_draft_changes_without_a_reason_and_a_published_action_by_a_dated_update(
    session, action, change, publish, alice, bob, charlie, now
):
    assert change(title="Ship one click", due_on=now.date() - DAY)
    assert not change()
    publish()
    assert [one.kind for one in action.updates] == [UpdateKind.PROMISED]
    later = now.date() + 20 * DAY
    for wrong, error in (
        ({"due_on": later}, ReasonNeeded),
        ({"due_on": now.date() - 3 * DAY, "reason": "Sooner."}, DueInThePast),
        ({"owner": charlie, "reason": "She offered."}, NotAnActionOwner),
        ({"title": " ", "reason": "Why not."}, EmptyText),
        ({"title": "Theirs", "reason": "Better.", "seen": 1}, ChangedMeanwhile),
    ):
        with pytest.raises(error):
            change(**wrong)
    assert change(due_on=later, reason="The supplier is late.", seen=2)
    assert change(title="Ship two clicks", owner=alice, reason="One was not enough.")
    session.commit()
    [shown] = actions_on(session, action.decision)
    _first, put_off, reworded = shown.updates
    assert (put_off.kind, put_off.was_due_on, put_off.due_on) == (UpdateKind.PUT_OFF, now.date() - DAY, later)
    assert (put_off.at, put_off.reason) == (now + DAY, "The supplier is late.")
    assert (reworded.kind, reworded.was_title, reworded.has_other_owner) == (UpdateKind.CHANGED, "Ship one click", True)
    changed = select(Activity).where(Activity.object_kind == "action", Activity.verb == Verb.CHANGED)
    acts = session.scalars(changed.order_by(Activity.id)).all()
    assert [(act.reason, act.after["published"]) for act in acts] == [
        ("", False), ("The supplier is late.", True), ("One was not enough.", True),
    ]  # fmt: skip


def test_what_is_done_is_reopened_before_it_changes_and_both_stay_readable(session, action, change, publish, bob, now):
    publish()
    report_progress(session, action, progress=100, by=bob, now=now + DAY)
    with pytest.raises(DoneAlready):
        change(title="More", reason="More.")
    report_progress(session, action, progress=50, reason="It broke.", by=bob, now=now + 2 * DAY)
    report_progress(session, action, progress=60, by=bob, now=now + 2 * DAY)
    abandon_action(session, action, reason="Too dear.", by=bob, now=now + 3 * DAY)
    session.commit()
    assert [(one.kind, one.reason) for one in action.updates] == [
        (UpdateKind.PROMISED, ""),
        (UpdateKind.DONE, ""),
        (UpdateKind.REOPENED, "It broke."),
        (UpdateKind.ABANDONED, "Too dear."),
    ]
