"""Hostile requests to a site that runs, whose writes stay, while others submit ideas: none of these is lost."""

import os
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as chosen
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from app.clock import now as clock
from app.extensions import database, db
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from tests.app.faults.test_killed_web import EACH, PEOPLE, RAW, WRITERS, filled, gunicorn, submit
from tests.app.server.test_deploy import answer
from tests.app.server.test_nginx import free_port
from tests.app.server.test_random_requests import FORMS, NAMED, TEXTS
from tests.databases import own_database

pytestmark = pytest.mark.slow
# A tenth of what the test of requests in the process sends: each goes through a server here, on each database.
HOW_MANY = int(os.environ.get("HOSTILE_REQUESTS", "1500")) // 10
SUBMITTED = 25
# Nobody submits more than thirty ideas in an hour: these people are not among the hostile ones.
AUTHORS = range(WRITERS, WRITERS * PEOPLE)


@pytest.fixture
def own(settings, tmp_path, migrated):
    """A site of its own that other processes share, on each database, with a campaign and another one to attack."""
    keyed = replace(settings, secret_key="a secret key only for tests")
    with own_database(keyed, tmp_path) as app, app.app_context():
        migrated()
        yield app


def test_acknowledged_ideas_stay_while_others_send_hostile_requests(own, tmp_path):
    campaign, cookies = filled(own)
    another = attacked(campaign)
    rules = sorted(own.url_map.iter_rules(), key=str)
    port, answered, failed, acknowledged, refused = free_port(), Counter(), [], [], []
    turns, step = threading.Semaphore(0), max(1, HOW_MANY // SUBMITTED)

    def write():
        for number in range(SUBMITTED):
            turns.acquire()
            title = f"Idea {number}"
            status = submit(port, campaign, cookies[AUTHORS[number // EACH]], title)
            (acknowledged if status == 303 else refused).append((title, status))

    @chosen(max_examples=HOW_MANY, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        rule=st.sampled_from(rules),
        person=st.sampled_from([None, *range(WRITERS)]),
        method=st.sampled_from(["GET", "POST", "POST", "HEAD", "PUT"]),
        number=st.one_of(st.integers(1, 3).map(str), TEXTS),
        query=FORMS,
        form=FORMS,
        is_signed=st.booleans(),
    )
    def send(rule, person, method, number, query, form, is_signed):
        def told(found):
            return str(another) if found[1] == "campaign_id" else quote(number.encode(errors="replace"), safe="")

        address = NAMED.sub(told, rule.rule)
        address += f"?{written(query)}" if query else ""
        fields = written(form | {"csrf_token": token} if is_signed else form)
        status = ask(port, method, address, fields, cookies[person] if person is not None else "")
        answered[status] += 1
        if status >= 500:
            failed.append((method, rule.endpoint, person, number, status))
        if answered.total() % step == 0:
            turns.release()

    token = URLSafeTimedSerializer("a secret key only for tests", salt="wtf-csrf-token").dumps(RAW)
    with gunicorn(own, tmp_path, port):
        writer = threading.Thread(target=write)
        writer.start()
        try:
            send()
        finally:
            turns.release(SUBMITTED)
            writer.join()
        pages = ("/", "/campaigns", f"/campaigns/{campaign}", f"/campaigns/{campaign}/ideas", "/healthz", "/readyz")
        seen = {page: answer(port, page)[0] for page in pages}
    assert (failed, refused, len(acknowledged)) == ([], [], SUBMITTED)
    assert set(seen.values()) == {200}
    assert answered.total() >= HOW_MANY
    assert {200, 303, 404} <= set(answered)
    titles = database().scalars(select(Idea.title).where(Idea.campaign_id == campaign)).all()
    assert sorted(titles) == sorted(title for title, _status in acknowledged), "each is there, and once"


def written(fields):
    return urlencode({key.encode(errors="replace"): text.encode(errors="replace") for key, text in fields.items()})


def attacked(campaign):
    """The number of an open campaign like the other one, whose owner is among the hostile people."""
    like = database().get_one(Campaign, campaign)
    people = database().scalars(select(Person).order_by(Person.id)).all()
    names = ("title", "benefit", "motivation", "created_at", "announced_at", "opens_at", "closes_at", "debrief_due_at")
    made = Campaign(owner=people[0], open_to_visitors=True, **{name: getattr(like, name) for name in names})
    database().add(made)
    database().flush()
    times = dict.fromkeys(("created_at", "updated_at", "submitted_at"), clock() - timedelta(hours=1))
    database().add(Idea(campaign=made, author=people[1], body="Attack me.", **times))
    database().commit()
    number = made.id
    db.session.remove()
    db.engine.dispose()
    return number


def ask(port, method, address, body, cookie):
    """The status of the answer, which is read to its end."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    site = f"http://127.0.0.1:{port}"
    headers = {"Referer": f"{site}/", "Content-Type": "application/x-www-form-urlencoded"}
    if cookie:
        headers["Cookie"] = f"session={cookie}"
    try:
        connection.request(method, address, body if method in {"POST", "PUT"} else None, headers)
        found = connection.getresponse()
        found.read()
        return found.status
    finally:
        connection.close()
