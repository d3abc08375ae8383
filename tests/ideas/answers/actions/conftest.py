"""An action that is not published yet."""

from datetime import timedelta

import pytest

from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief

DAY = timedelta(days=1)


@pytest.fixture
def action(session, closed_campaign, make_theme, give_answer, bob, now):
    decision = give_answer(make_theme(closed_campaign))
    facts = {"title": "Ship it", "impact": "", "owner": bob, "due_on": now.date() + 9 * DAY}
    return commit_to(session, decision, **facts, by=bob, now=now)


@pytest.fixture
def publish(session, closed_campaign, alice, now):
    def act():
        debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
        publish_debrief(session, debrief, by=alice, now=now)
        session.commit()

    return act
