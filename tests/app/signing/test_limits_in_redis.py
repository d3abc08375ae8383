"""Where there is a Redis, short limits count there: for all processes together, and each alone while it is away."""

from dataclasses import replace

import pytest

from app import create_app
from app.extensions import db, limiter
from app.signing import signing
from tests.services import Redis

pytestmark = pytest.mark.one_database


def tries(app, count):
    given = {"email": "nobody@example.org", "password": "guess"}
    return [app.test_client().post("/sign-in", data=given).status_code for _ in range(count)]


def test_two_processes_count_together_and_go_on_without_redis(settings, app, monkeypatch):
    for state in ("_storage_dead", "_in_memory_fallback_enabled"):  # for the next test as it was
        monkeypatch.setattr(limiter, state, False)
    monkeypatch.setattr(signing, "spend_from", lambda *_, **__: None)  # the database counts it too
    redis = Redis()
    both = []
    try:
        for before in (3, 4):
            both.append(create_app(replace(settings, testing=False, redis_url=redis.url)))  # its counts begin anew
            both[-1].config["WTF_CSRF_ENABLED"] = False
            answers = tries(both[-1], before)
        assert answers == [422] * 3 + [429]
        redis.kill()
        assert tries(both[-1], 7) == [422] * 6 + [429], "counted by the process alone"
    finally:
        redis.kill()
        create_app(settings)  # the one limiter counts in memory again
        for each in both:
            with each.app_context():
                db.engine.dispose()
