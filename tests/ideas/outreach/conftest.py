"""Acts, and whom they tell."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, record
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rules_for
from ideas.people.person import Person


@pytest.fixture
def latest(session):
    """Commit, and return the latest row of the log."""

    def commit():
        session.commit()
        return session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()

    return commit


@pytest.fixture
def act(session, latest, now):
    """Record an act and return its row of the log."""

    def record_it(verb, of, *, by=None, **facts):
        record(session, verb, of, by=by, now=facts.pop("now", now), **facts)
        return latest()

    return record_it


@pytest.fixture
def told_each(session):
    """Whom an act tells, by the kind of notice: each person by the first rule that names them."""

    def of(activity):
        known, found = set(), {}
        for rule in rules_for(activity):
            new = [person_id for person_id in recipients(session, activity, rule) if person_id not in known]
            known |= set(new)
            if new:
                found[rule.kind] = sorted(session.get(Person, person_id).name for person_id in new)
        return found

    return of
