from datetime import timedelta

import pytest

from ideas.answers.action import (
    NotAnActionOwner,
    NothingToDo,
    actions_in,
    actions_on,
    commit_to,
    drop_action,
    report_progress,
)
from ideas.answers.decision import DecisionStatus
from ideas.campaigns.campaign import State
from ideas.errors import EmptyText


@pytest.fixture
def decision(make_theme, give_answer, closed_campaign):
    return give_answer(make_theme(closed_campaign))


@pytest.fixture
def promise(session, decision, bob, now):
    def make(**facts):
        given = {"title": "Ship it", "impact": "", "owner": bob, "due_on": now.date() + timedelta(days=9), "now": now}
        return commit_to(session, decision, **given | facts)

    return make


def test_an_action_has_a_carrier_of_the_team(promise, charlie):
    with pytest.raises(NotAnActionOwner):
        promise(owner=charlie)


def test_a_declined_theme_calls_for_no_action(decision, promise):
    decision.status = DecisionStatus.DECLINED
    with pytest.raises(NothingToDo):
        promise()


def test_an_action_says_what_is_done(promise):
    with pytest.raises(EmptyText):
        promise(title=" \u200b")


def test_at_a_hundred_it_is_done_and_below_it_is_not(session, promise, now):
    action = promise()
    report_progress(session, action, progress=140, now=now)
    assert (action.progress, action.done_at) == (100, now)
    report_progress(session, action, progress=100, now=now + timedelta(days=1))
    assert action.done_at == now
    report_progress(session, action, progress=-3, now=now)
    assert (action.progress, action.done_at) == (0, None)


def test_overdue_is_after_the_day_and_before_it_is_done(session, promise, now):
    action = promise(due_on=now.date())
    assert not action.is_overdue(now.date())
    assert action.is_overdue(now.date() + timedelta(days=1))
    report_progress(session, action, progress=100, now=now)
    assert not action.is_overdue(now.date() + timedelta(days=1))


def test_actions_come_soonest_first(session, closed_campaign, decision, promise, now):
    later, sooner = promise(), promise(title="First this", due_on=now.date())
    assert actions_on(session, decision) == [sooner, later]
    assert actions_in(session, closed_campaign) == {decision.theme_id: [sooner, later]}
    drop_action(session, sooner, now=now)
    assert actions_on(session, decision) == [later]


def test_a_campaign_is_followed_through_when_all_it_promised_is_done(session, promise, closed_campaign, now):
    first, second = promise(), promise(title="Then tell everyone")
    closed_campaign.debriefed_at = now
    report_progress(session, first, progress=100, now=now)
    assert closed_campaign.state(now) is State.DEBRIEFED
    report_progress(session, second, progress=100, now=now)
    assert closed_campaign.state(now) is State.FOLLOWED_THROUGH
    third = promise(title="One more promise")
    assert closed_campaign.state(now) is State.DEBRIEFED
    drop_action(session, third, now=now)
    assert closed_campaign.state(now) is State.FOLLOWED_THROUGH
    report_progress(session, first, progress=90, now=now)
    assert closed_campaign.state(now) is State.DEBRIEFED


def test_nothing_is_followed_through_before_the_debrief(session, promise, closed_campaign, now):
    report_progress(session, promise(), progress=100, now=now)
    assert closed_campaign.state(now) is State.CLOSED
