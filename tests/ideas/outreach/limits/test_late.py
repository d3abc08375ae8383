"""What is late, beside what is planned: who sees which of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from ideas.answers.action import Action
from ideas.answers.decision import DecisionStatus
from ideas.desk.work import ThemeWork
from ideas.outreach.limits.late import LateKind, late_in_space, late_on_site

DAY = timedelta(days=1)


@pytest.fixture
def due(session, make_theme, now):
    """A theme that should be answered by a day."""

    def make(campaign, name, on):
        theme = make_theme(campaign, name)
        session.add(ThemeWork(theme_id=theme.id, campaign_id=campaign.id, due_on=on, changed_at=now))
        session.commit()
        return theme

    return make


@pytest.fixture
def late(session, now):
    """What is late on the whole site, or of some campaigns of a space."""

    def read(campaigns=None):
        facts = {"now": now, "zone": "Europe/Paris"}
        found = late_on_site(session, **facts) if campaigns is None else late_in_space(session, campaigns, **facts)
        return [(one.kind, one.since, one.count, one.campaign.title) for one in found]

    return read


def test_themes_whose_day_is_over_without_an_answer_are_late(session, campaign, due, late, give_answer, now):
    today = now.date()
    due(campaign, "Buses", today - DAY)
    due(campaign, "Trains", today - 5 * DAY)
    due(campaign, "Boats", today)
    due(campaign, "Trams", None)
    give_answer(due(campaign, "Bikes", today - 9 * DAY))
    promised = due(campaign, "Lifts", today - 2 * DAY)
    give_answer(promised, status=DecisionStatus.PENDING, expected_on=today + 9 * DAY)
    due(campaign, "Gone", today - 3 * DAY).retired_at = now
    session.commit()
    assert late() == [(LateKind.ANSWERS, today - 5 * DAY, 3, campaign.title)], "a promise is no answer"
    assert late([campaign]) == [], "the days of the team are its own"


def test_a_debrief_and_published_actions_that_are_late_are_seen_by_everyone(
    session, make_campaign, due, late, give_answer, alice, now
):
    today = now.date()
    over = {"opens_at": now - 20 * DAY, "closes_at": now - 9 * DAY}
    owed = make_campaign(title="Owed", **over, debrief_due_at=now - 2 * DAY)
    make_campaign(title="In time", **over, debrief_due_at=now + DAY)
    make_campaign(title="Draft", announced_at=None, **over, debrief_due_at=now - 2 * DAY)
    other = make_campaign(title="Elsewhere", **over, debrief_due_at=now - 4 * DAY)
    decision = give_answer(due(owed, "Buses", None))
    for on, facts in (
        (today - 3 * DAY, {"published_at": now}),
        (today - 6 * DAY, {"published_at": now}),
        (today - 7 * DAY, {}),
        (today - 7 * DAY, {"published_at": now, "done_at": now}),
        (today - 7 * DAY, {"published_at": now, "abandoned_at": now}),
        (today, {"published_at": now}),
    ):
        session.add(Action(decision=decision, title="A bus", owner_id=alice.id, due_on=on, created_at=now, **facts))
    session.commit()
    own = [
        (LateKind.ACTIONS, today - 6 * DAY, 2, "Owed"),
        (LateKind.DEBRIEF, today - 2 * DAY, 1, "Owed"),
    ]
    assert late() == [own[0], (LateKind.DEBRIEF, today - 4 * DAY, 1, "Elsewhere"), own[1]]
    assert late([owed]) == own
    assert late([]) == []
    assert other.title == "Elsewhere"


def test_what_is_late_asks_as_many_queries_whatever_is_late(session, make_campaign, due, late, now):
    counts = []
    for number in range(3):
        over = {"opens_at": now - 20 * DAY, "closes_at": now - 9 * DAY}
        campaign = make_campaign(title=f"C{number}", **over, debrief_due_at=now - 2 * DAY)
        due(campaign, "Buses", date(2020, 1, 1))
        asked = []
        event.listen(session.bind, "before_cursor_execute", count := lambda *given, to=asked: to.append(given[2]))
        assert len(late()) == 2 * (number + 1)
        event.remove(session.bind, "before_cursor_execute", count)
        counts.append(len(asked))
    assert len(set(counts[1:])) == 1
    assert counts[-1] <= 6
