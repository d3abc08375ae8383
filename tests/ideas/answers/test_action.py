from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ReasonNeeded
from ideas.answers.action import (
    ActionIsAbandoned,
    ActionIsDone,
    ActionIsPublic,
    AnswerFirst,
    Delivery,
    NotAnActionOwner,
    NothingToDo,
    abandon_action,
    actions_in,
    actions_on,
    commit_to,
    delivery,
    drop_action,
    report_progress,
)
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import ActionsStayOpen, DecisionStatus, decide
from ideas.campaigns.campaign import State
from ideas.campaigns.people.team import visible_campaigns
from ideas.errors import EmptyText


@pytest.fixture
def decision(make_theme, give_answer, closed_campaign):
    return give_answer(make_theme(closed_campaign))


@pytest.fixture
def promise(session, decision, bob, now):
    def make(**facts):
        given = {
            "title": "Ship it",
            "impact": "",
            "owner": bob,
            "due_on": now.date() + timedelta(days=9),
            "by": bob,
            "now": now,
        }
        return commit_to(session, decision, **given | facts)

    return make


def test_an_action_has_a_carrier_of_the_team(promise, charlie):
    with pytest.raises(NotAnActionOwner):
        promise(owner=charlie)


def test_a_declined_theme_calls_for_no_action(session, decision, promise, alice, now):
    done = promise()
    report_progress(session, done, progress=100, by=alice, now=now)
    decision.status = DecisionStatus.DECLINED
    with pytest.raises(NothingToDo):
        promise()
    with pytest.raises(NothingToDo):  # what was done before stays done
        report_progress(session, done, progress=50, by=alice, now=now)


def test_an_action_says_what_is_done(promise):
    with pytest.raises(EmptyText):
        promise(title=" \u200b")


def test_at_a_hundred_it_is_done_and_below_it_is_not(session, promise, alice, now):
    action = promise()
    report_progress(session, action, progress=140, by=alice, now=now)
    assert (action.progress, action.done_at) == (100, now)
    report_progress(session, action, progress=100, by=alice, now=now + timedelta(days=1))
    assert action.done_at == now
    report_progress(session, action, progress=-3, by=alice, now=now)
    assert (action.progress, action.done_at) == (0, None)


def test_overdue_is_after_the_day_and_before_it_is_done(session, promise, alice, now):
    action = promise(due_on=now.date())
    assert not action.is_overdue(now.date())
    assert action.is_overdue(now.date() + timedelta(days=1))
    report_progress(session, action, progress=100, by=alice, now=now)
    assert not action.is_overdue(now.date() + timedelta(days=1))


def test_actions_come_soonest_first(session, closed_campaign, decision, promise, alice, now):
    later, sooner = promise(), promise(title="First this", due_on=now.date())
    assert actions_on(session, decision) == [sooner, later]
    assert actions_in(session, closed_campaign) == {decision.theme_id: [sooner, later]}
    drop_action(session, sooner, by=alice, now=now)
    assert actions_on(session, decision) == [later]


def test_nothing_is_followed_through_before_the_debrief(session, promise, closed_campaign, alice, now):
    report_progress(session, promise(), progress=100, by=alice, now=now)
    assert closed_campaign.state(now) is State.CLOSED


# Once published -------------------------------------------------------------------------------------------------------


@pytest.fixture
def publish(session, closed_campaign, alice, now):
    def act():
        debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
        publish_debrief(session, debrief, by=alice, now=now)
        session.commit()

    return act


def test_before_publication_an_action_is_deleted_and_afterwards_never(session, promise, publish, alice, now):
    drop_action(session, promise(), by=alice, now=now)
    kept = promise()
    publish()
    with pytest.raises(ActionIsPublic):
        drop_action(session, kept, by=alice, now=now)
    added_later = promise(title="One more")
    with pytest.raises(ActionIsPublic):
        drop_action(session, added_later, by=alice, now=now)


def test_an_action_is_abandoned_with_a_reason_and_stays(session, decision, promise, publish, alice, now):
    action = promise()
    publish()
    with pytest.raises(ReasonNeeded):
        abandon_action(session, action, reason=" ", by=alice, now=now)
    abandon_action(session, action, reason="The supplier closed.", by=alice, now=now)
    assert (action.abandoned_at, action.abandoned_reason) == (now, "The supplier closed.")
    assert actions_on(session, decision) == [action]
    assert not action.is_overdue(now.date() + timedelta(days=99))
    for again in (
        lambda: report_progress(session, action, progress=50, by=alice, now=now),
        lambda: abandon_action(session, action, reason="Twice.", by=alice, now=now),
    ):
        with pytest.raises(ActionIsAbandoned):
            again()


def test_what_is_done_is_not_abandoned(session, promise, alice, now):
    action = promise()
    report_progress(session, action, progress=100, by=alice, now=now)
    with pytest.raises(ActionIsDone):
        abandon_action(session, action, reason="No.", by=alice, now=now)


def test_a_done_action_is_reopened_only_with_a_reason_once_it_is_published(session, promise, publish, alice, now):
    action = promise()
    report_progress(session, action, progress=100, by=alice, now=now)
    report_progress(session, action, progress=90, by=alice, now=now)  # nobody has seen it as done
    report_progress(session, action, progress=100, by=alice, now=now)
    publish()
    with pytest.raises(ReasonNeeded):
        report_progress(session, action, progress=40, by=alice, now=now)
    report_progress(session, action, progress=40, reason="It broke.", by=alice, now=now)
    assert (action.done_at, action.progress) == (None, 40)


def test_a_declined_theme_keeps_no_open_action(session, closed_campaign, decision, promise, publish, alice, bob, now):
    done, remaining = promise(title="First"), promise(title="Second")
    report_progress(session, done, progress=100, by=alice, now=now)
    publish()
    answer = {"respondent": alice, "decided_on": now.date(), "by": alice, "now": now + timedelta(days=1)}
    declined = {"status": DecisionStatus.DECLINED, "reason": "Too dear.", "change_reason": "The budget was cut."}
    with pytest.raises(ActionsStayOpen, match="Second") as refused:
        decide(session, decision.theme, **answer, **declined)
    assert "First" not in refused.value.values["actions"]
    session.rollback()
    with pytest.raises(ReasonNeeded):
        decide(session, decision.theme, **answer, **declined, abandon_reason="")
    session.rollback()
    decide(session, decision.theme, **answer, **declined, abandon_reason="No money left.")
    assert (remaining.abandoned_reason, done.abandoned_at) == ("No money left.", None)
    assert not any(action.is_open for action in actions_on(session, decision))


def test_a_theme_without_an_answer_takes_no_action(decision, promise):
    decision.status = DecisionStatus.PENDING
    with pytest.raises(AnswerFirst):
        promise()


def test_every_act_on_an_action_is_in_the_activity_log(session, closed_campaign, promise, publish, alice, bob, now):
    first, second, third = promise(title="A"), promise(title="B"), promise(title="C")
    report_progress(session, first, progress=30, by=bob, now=now)
    report_progress(session, first, progress=30, by=bob, now=now)  # nothing changed
    report_progress(session, first, progress=100, by=bob, now=now)
    drop_action(session, third, by=bob, now=now)
    publish()
    report_progress(session, first, progress=60, reason="It broke.", by=bob, now=now)
    abandon_action(session, second, reason="Too dear.", by=alice, now=now)
    session.commit()
    acts = session.scalars(select(Activity).where(Activity.object_kind == "action").order_by(Activity.id)).all()
    assert [(act.verb, act.object_id, act.reason) for act in acts] == [
        (Verb.CREATED, first.id, ""),
        (Verb.CREATED, second.id, ""),
        (Verb.CREATED, third.id, ""),
        (Verb.PROGRESSED, first.id, ""),
        (Verb.COMPLETED, first.id, ""),
        (Verb.DELETED, third.id, ""),
        (Verb.RESTARTED, first.id, "It broke."),
        (Verb.ABANDONED, second.id, "Too dear."),
    ]
    assert {act.campaign_id for act in acts} == {closed_campaign.id}


# Promised and delivered -----------------------------------------------------------------------------------------------


def test_a_campaign_is_followed_through_when_all_it_promised_is_done(
    session, promise, closed_campaign, publish, alice, now
):
    first, second = promise(), promise(title="Then tell everyone")
    report_progress(session, second, progress=100, by=alice, now=now)
    publish()
    assert closed_campaign.state(now) is State.DEBRIEFED
    report_progress(session, first, progress=100, by=alice, now=now)
    assert closed_campaign.state(now) is State.FOLLOWED_THROUGH
    third = promise(title="One more promise")
    assert closed_campaign.state(now) is State.DEBRIEFED
    report_progress(session, third, progress=100, by=alice, now=now)
    assert closed_campaign.state(now) is State.FOLLOWED_THROUGH
    report_progress(session, first, progress=90, reason="Not quite.", by=alice, now=now)
    assert closed_campaign.state(now) is State.DEBRIEFED


def test_abandoning_the_last_open_action_keeps_no_promise(session, promise, closed_campaign, publish, alice, now):
    first, second = promise(), promise(title="Then tell everyone")
    publish()
    report_progress(session, first, progress=100, by=alice, now=now)
    abandon_action(session, second, reason="Too dear.", by=alice, now=now)
    assert closed_campaign.state(now) is State.DEBRIEFED
    assert delivery(session, closed_campaign) == Delivery(promised=2, done=1, abandoned=1)


def test_a_debrief_without_actions_is_not_followed_through(decision, closed_campaign, publish, now):
    publish()
    assert closed_campaign.state(now) is State.DEBRIEFED


def test_a_list_of_campaigns_computes_follow_through_without_a_further_query(
    session, promise, make_campaign, publish, alice, now, count_queries
):
    report_progress(session, promise(), progress=100, by=alice, now=now)
    publish()
    for number in range(5):
        make_campaign(title=f"Campaign {number}")
    session.expunge_all()
    session.connection()  # the transaction has begun
    states = []

    def read():
        states.extend(campaign.state(now) for campaign in visible_campaigns(session, None, now=now))

    assert count_queries(read) == 1
    assert states.count(State.FOLLOWED_THROUGH) == 1
