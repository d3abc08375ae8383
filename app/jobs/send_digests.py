"""Queue the mails of the digests that are due: once a day, and once a week for most people.

First the hours are learnt of those who agreed to it.
"""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app

from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.settings import Settings
from app.web.pages.site import site_of
from ideas.organisation.organisation import the_organisation
from ideas.outreach.digest import read_batch, read_turn, write_batch
from ideas.outreach.limits.digest_run import DigestRun, due_run
from ideas.outreach.limits.hours import Frequency
from ideas.outreach.limits.learnt import learn_hours
from ideas.work.job import Job


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.worker.worker for the contract. It commits after each thousand people, and goes on from there."""
    learnt = learn_hours(database(), now=now())
    database().commit()
    return {"learnt": learnt} | {frequency.value: _send(frequency) for frequency in (Frequency.DAILY, Frequency.WEEKLY)}


def _send(frequency: Frequency) -> int:
    """Make the digests of the present period, which begins and ends where the site is. Returns how many."""
    session, instant, made = database(), now(), 0
    settings: Settings = current_app.extensions["settings"]
    today = instant.astimezone(ZoneInfo(site_of(the_organisation(session)).timezone)).date()
    run = due_run(session, frequency, today=today, now=instant)
    if run is None:
        return 0
    day, after = run.day, run.last_person_id
    session.commit()
    with reading(session):
        turn = read_turn(session, session.get_one(DigestRun, (frequency, day)), now=instant)
    while True:
        with reading(session):
            batch = read_batch(session, turn, after=after)
        made += write_batch(session, turn, batch, domain=settings.mail_domain, now=instant)
        session.commit()
        if batch.last_id is None:
            return made
        after = batch.last_id
