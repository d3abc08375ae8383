from datetime import timedelta

import pytest

from ideas.activity.version import keep_version
from ideas.answers.action import abandon_action, commit_to, report_progress
from ideas.answers.actions.edit import change_action
from ideas.answers.actions.evidence_change import add_evidence
from ideas.answers.actions.milestone_change import add_milestone, change_milestone
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import DecisionStatus, decide, decision_on, promise_answers
from ideas.answers.delivered import EventKind, Outcome, PromiseKind, events_of, promises_of, tally
from ideas.campaigns.campaign import DEBRIEF_LEEWAY
from ideas.campaigns.people.lead import hand_over
from ideas.campaigns.promise import promise_of
from ideas.themes.edits.edit import merge_themes

DAY = timedelta(days=1)


@pytest.fixture
def put_off(session):
    """Move the day of a campaign's debrief, at an instant."""

    def move(campaign, due, at):
        campaign.debrief_due_at, campaign.version = due, campaign.version + 1
        session.flush()
        facts = {"object_id": campaign.id, "content": promise_of(campaign), "reason": "More ideas than we thought."}
        keep_version(session, campaign, **facts, by=campaign.owner, now=at)
        session.flush()

    return move


def debrief_outcome(session, campaign, now):
    [promise] = [one for one in promises_of(session, [campaign], now=now) if one.kind is PromiseKind.DEBRIEF]
    return promise.outcome, promise.extensions


def test_a_debrief_is_kept_late_or_put_off_as_the_versions_say(session, make_campaign, put_off, now):
    campaign = make_campaign(debrief_due_at=now + 10 * DAY)
    assert debrief_outcome(session, campaign, now) == (Outcome.WAITING, 0)
    assert debrief_outcome(session, campaign, now + 11 * DAY) == (Outcome.OVERDUE, 0)
    campaign.debriefed_at = now + 9 * DAY
    assert debrief_outcome(session, campaign, now + 20 * DAY) == (Outcome.ON_TIME, 0)
    # Scheduled for the very moment, it comes with the worker's next turn.
    for after, outcome in (
        (DEBRIEF_LEEWAY, Outcome.ON_TIME),
        (2 * DEBRIEF_LEEWAY, Outcome.LATE),
        (2 * DAY, Outcome.LATE),
    ):
        campaign.debriefed_at = now + 10 * DAY + after
        assert debrief_outcome(session, campaign, now + 20 * DAY) == (outcome, 0), after
    put_off(campaign, now + 15 * DAY, now + 5 * DAY)
    assert debrief_outcome(session, campaign, now + 20 * DAY) == (Outcome.EXTENDED, 1)
    # Put off once the day had passed: the first promise was missed, whatever was promised then.
    put_off(campaign, now + 30 * DAY, now + 16 * DAY)
    campaign.debriefed_at = now + 18 * DAY
    assert debrief_outcome(session, campaign, now + 20 * DAY) == (Outcome.LATE, 2)
    draft = make_campaign(announced_at=None)
    assert promises_of(session, [draft], now=now) == []


@pytest.fixture
def debriefed(session, closed_campaign, make_theme, give_answer, alice, now):
    """A campaign with one theme that has an answer, and two that have a day: in 9 days and in 20."""
    answered = make_theme(closed_campaign)
    first, second = (make_theme(closed_campaign, name, bodies=(name,)) for name in ("More light", "Quiet rooms"))
    give_answer(answered)
    dates = {first.id: now.date() + 9 * DAY, second.id: now.date() + 20 * DAY}
    promise_answers(session, closed_campaign, dates=dates, by=alice, now=now)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    return answered, first, second


def outcomes(session, campaign, kind, now):
    found = [one for one in promises_of(session, [campaign], now=now) if one.kind is kind]
    return [(one.title, one.outcome) for one in found]


def test_answers_that_were_promised_count_by_their_day(session, closed_campaign, debriefed, alice, now):
    _answered, first, second = debriefed

    def answers(at):
        return outcomes(session, closed_campaign, PromiseKind.ANSWER, at)

    assert answers(now) == [("More light", Outcome.WAITING), ("Quiet rooms", Outcome.WAITING)]
    assert answers(now + 12 * DAY) == [("More light", Outcome.OVERDUE), ("Quiet rooms", Outcome.WAITING)]
    given = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": alice, "change_reason": "Decided."}
    decide(session, first, **given, decided_on=now.date(), by=alice, now=now + 3 * DAY)
    pending = {"status": DecisionStatus.PENDING, "reason": "", "respondent": alice, "change_reason": "Not yet."}
    later = {"decided_on": now.date(), "expected_on": now.date() + 40 * DAY}
    decide(session, second, **pending, **later, by=alice, now=now + 4 * DAY)
    assert answers(now + 30 * DAY) == [("More light", Outcome.ON_TIME), ("Quiet rooms", Outcome.WAITING)]
    decide(session, second, **given, decided_on=now.date(), by=alice, now=now + 35 * DAY)
    assert answers(now + 50 * DAY) == [("More light", Outcome.ON_TIME), ("Quiet rooms", Outcome.EXTENDED)]
    promises = promises_of(session, [closed_campaign], now=now + 50 * DAY)
    counted = tally(promises)
    assert (counted.kept, counted.due, counted.extensions) == (3, 3, 1)
    latest = events_of(promises, most=2)
    assert [(one.title, event.kind) for one, event in latest] == [
        ("Quiet rooms", EventKind.DONE),
        ("Quiet rooms", EventKind.EXTENDED),
    ]
    assert latest[1][1].reason == "Not yet."


def test_a_promised_answer_of_a_theme_that_was_merged_away_is_that_of_the_one_with_its_ideas(
    session, closed_campaign, debriefed, bob, now
):
    answered, first, _second = debriefed
    merge_themes(session, answered, others=[first], reason="The same.", by=bob, now=now + 2 * DAY)
    assert outcomes(session, closed_campaign, PromiseKind.ANSWER, now + 12 * DAY) == [
        ("More light", Outcome.ON_TIME),
        ("Quiet rooms", Outcome.WAITING),
    ]


def test_as_many_queries_are_asked_however_many_themes_were_merged_away(
    session, closed_campaign, debriefed, bob, count_queries, now
):
    answered, first, second = debriefed

    def count():
        session.commit()
        return count_queries(lambda: promises_of(session, [closed_campaign], now=now))

    merge_themes(session, answered, others=[first], reason="The same.", by=bob, now=now + 2 * DAY)
    one = count()
    merge_themes(session, answered, others=[second], reason="The same.", by=bob, now=now + 2 * DAY)
    assert count() == one


def test_actions_are_done_late_abandoned_or_overdue_and_a_reopened_one_is_not_done(
    session, closed_campaign, debriefed, bob, now
):
    answered, _first, _second = debriefed
    decision = decision_on(session, answered)
    made = {}
    for name in ("Ship", "Paint", "Plant", "Lift", "Wait"):
        due = now.date() + (60 if name == "Wait" else 5) * DAY
        facts = {"title": name, "impact": "", "owner": bob, "due_on": due}
        made[name] = commit_to(session, decision, **facts, by=bob, now=now)
    report_progress(session, made["Ship"], progress=100, by=bob, now=now + 5 * DAY)
    report_progress(session, made["Paint"], progress=100, by=bob, now=now + 7 * DAY)
    abandon_action(session, made["Plant"], reason="Too dear.", by=bob, now=now + DAY)
    found = dict(outcomes(session, closed_campaign, PromiseKind.ACTION, now + 9 * DAY))
    assert found == {
        "Ship": Outcome.ON_TIME,
        "Paint": Outcome.LATE,
        "Plant": Outcome.ABANDONED,
        "Lift": Outcome.OVERDUE,
        "Wait": Outcome.WAITING,
    }
    report_progress(session, made["Ship"], progress=80, reason="It broke.", by=bob, now=now + 8 * DAY)
    assert dict(outcomes(session, closed_campaign, PromiseKind.ACTION, now + 9 * DAY))["Ship"] is Outcome.OVERDUE
    counted = tally(promises_of(session, [closed_campaign], now=now + 9 * DAY))
    assert (counted.kept, counted.due, counted.total(PromiseKind.ACTION)) == (1, 5, 5)


def test_what_was_said_of_an_action_stays_and_its_first_day_counts(session, closed_campaign, debriefed, bob, now):
    decision = decision_on(session, debriefed[0])
    said = {"title": "Ship", "impact": "", "owner": bob, "due_on": now.date() + 5 * DAY}
    action = commit_to(session, decision, **said, by=bob, now=now)
    later = said | {"title": "Ship it", "due_on": now.date() + 20 * DAY}
    change_action(session, action, **later, reason="It rains.", by=bob, now=now + DAY)
    report_progress(session, action, progress=100, by=bob, now=now + 6 * DAY)
    report_progress(session, action, progress=10, reason="It broke.", by=bob, now=now + 7 * DAY)

    def promise(at):
        return next(one for one in promises_of(session, [closed_campaign], now=at) if one.kind is PromiseKind.ACTION)

    waiting = promise(now + 8 * DAY)
    assert (waiting.outcome, waiting.extensions) == (Outcome.WAITING, 1)
    assert (waiting.first_due, waiting.due) == (said["due_on"], later["due_on"])
    assert [(one.kind, one.reason) for one in waiting.events] == [
        (EventKind.PROMISED, ""),
        (EventKind.EXTENDED, "It rains."),
        (EventKind.DONE, ""),
        (EventKind.REOPENED, "It broke."),
    ]
    assert waiting.events[1].was_title == "Ship"
    report_progress(session, action, progress=100, by=bob, now=now + 9 * DAY)
    assert promise(now + 30 * DAY).outcome is Outcome.EXTENDED


def test_an_action_that_is_brought_forward_is_on_time_until_the_day_that_was_promised_first(
    session, closed_campaign, debriefed, bob, now
):
    said = {"title": "Ship", "impact": "", "owner": bob, "due_on": now.date() + 20 * DAY}
    action = commit_to(session, decision_on(session, debriefed[0]), **said, by=bob, now=now)
    sooner = said | {"due_on": now.date() + 5 * DAY}
    change_action(session, action, **sooner, reason="We can.", by=bob, now=now + DAY)
    late = now + 9 * DAY
    assert dict(outcomes(session, closed_campaign, PromiseKind.ACTION, late)) == {"Ship": Outcome.OVERDUE}
    report_progress(session, action, progress=100, by=bob, now=late)
    assert dict(outcomes(session, closed_campaign, PromiseKind.ACTION, late)) == {"Ship": Outcome.ON_TIME}


def test_a_promise_stays_with_who_led_when_it_was_made(session, closed_campaign, debriefed, alice, bob, now):
    facts = {"impact": "", "owner": bob, "due_on": now.date() + 5 * DAY, "by": bob}
    decision = decision_on(session, debriefed[0])
    commit_to(session, decision, title="Ship", **facts, now=now)
    hand_over(session, closed_campaign, to=bob, by=alice, now=now + DAY, seen_owner_id=alice.id)
    session.commit()
    commit_to(session, decision, title="Paint", **facts, now=now + 2 * DAY)
    promises = promises_of(session, [closed_campaign], now=now + 9 * DAY)
    assert {one.title: one.lead_id for one in promises if one.kind is PromiseKind.ACTION} == {
        "Ship": alice.id,
        "Paint": bob.id,
    }
    assert {one.lead_id for one in promises if one.kind is not PromiseKind.ACTION} == {alice.id}


def test_what_ended_before_the_debrief_is_promised_by_who_published_it_and_its_steps_are_told_from_then_on(
    session, closed_campaign, make_theme, give_answer, alice, bob, count_queries, now
):
    decision = give_answer(make_theme(closed_campaign))
    facts = {"impact": "", "owner": bob, "due_on": now.date() + 9 * DAY, "by": alice, "now": now}
    done, on_the_way = (commit_to(session, decision, title=title, **facts) for title in ("Ship", "Paint"))
    report_progress(session, done, progress=100, by=alice, now=now)
    said = {"due_on": now.date() + 5 * DAY, "by": alice, "now": now}
    for title in ("Order", "Choose"):
        milestone = add_milestone(session, on_the_way, title=title, **said)
        change_milestone(session, milestone, title=title, **said, done_on=now.date() - 2 * DAY)
    hand_over(session, closed_campaign, to=bob, by=alice, now=now + DAY, seen_owner_id=alice.id)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=bob, now=now + 2 * DAY)
    publish_debrief(session, debrief, by=bob, now=now + 2 * DAY)
    add_evidence(session, on_the_way, body="It is red.", by=bob, now=now + 3 * DAY)
    session.commit()

    def read(**how):
        return promises_of(session, [closed_campaign], now=now + 4 * DAY, **how)

    shown = {one.title: one for one in read() if one.kind is PromiseKind.ACTION}
    assert {title: one.lead_id for title, one in shown.items()} == {"Ship": bob.id, "Paint": bob.id}
    published, steps = now + 2 * DAY, [EventKind.PROMISED, *2 * [EventKind.MILESTONE_REACHED]]
    assert [(one.kind, one.at) for one in shown["Ship"].events] == [
        (EventKind.PROMISED, published), (EventKind.DONE, published),
    ]  # fmt: skip
    assert [one.kind for one in shown["Paint"].events] == [*steps, EventKind.EVIDENCE]
    # Each is told apart in a feed, where the promise comes first and is read last.
    assert len({(one.kind, one.at, one.about_id) for one in shown["Paint"].events}) == 4
    assert [event.kind for one, event in events_of([shown["Ship"]], most=9)] == [EventKind.DONE, EventKind.PROMISED]
    # Where promises are only counted, their steps are not loaded.
    assert tally(read(with_steps=False)) == tally(read())
    session.commit()
    all_of_it = count_queries(read)
    session.commit()
    assert count_queries(lambda: read(with_steps=False)) == all_of_it - 3
