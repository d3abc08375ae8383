"""Record that campaigns have opened or closed by their dates or will close soon, and scorings of a jury too, and that
themes are late, that the year of a pioneer ends, who welcomes a newcomer, and who has come to a step of
their journey: people are told. Publish the debriefs whose hour has come, and begin the newsletters that are approved.
"""

from collections.abc import Callable
from typing import Any

from app.clock import now
from app.extensions import database
from ideas.answers.assigned import record_due_themes
from ideas.answers.scheduled import publish_scheduled
from ideas.campaigns.phases.passed_dates import record_passed_dates
from ideas.campaigns.reminder import record_debrief_reminders, record_reminders
from ideas.contest.public_vote.public_vote import watch_votes
from ideas.contest.reminder import watch_scorings
from ideas.outreach.journey.sending import note_returns, record_newcomers
from ideas.outreach.newsletters.readers import begin_newsletters
from ideas.recognition.pioneer import watch_years
from ideas.recognition.welcome.buddy import find_buddies
from ideas.work.job import Job


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.worker.worker for the contract."""
    session, instant = database(), now()
    recorded = record_passed_dates(session, now=instant)
    debriefs = publish_scheduled(session, now=instant)  # before the reminders: what is published is not late
    reminders = record_reminders(session, now=instant) + watch_scorings(session, now=instant)
    reminders += record_debrief_reminders(session, now=instant)
    votes = watch_votes(session, now=instant)
    late = record_due_themes(session, now=instant)
    years = watch_years(session, now=instant)
    welcomed = find_buddies(session, now=instant)
    newcomers = record_newcomers(session, now=instant)
    newsletters = begin_newsletters(session, now=instant)
    returns = note_returns(session, now=instant)
    return {
        "debriefs": debriefs,
        "recorded": recorded,
        "reminders": reminders,
        "late": late,
        "newcomers": newcomers,
        "newsletters": newsletters,
        "returns": returns,
        "years": years,
        "votes": votes,
        "welcomed": welcomed,
    }
