"""Short limits count for all processes together: in Redis, or in a file; each process alone while that is away."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from app import create_app
from app.extensions import db, limiter
from app.signing import signing
from app.signing.counts import SharedCounts, counts_address
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


def test_without_redis_two_processes_count_together_in_a_file(settings, app, monkeypatch, tmp_path):
    for state in ("_storage_dead", "_in_memory_fallback_enabled"):  # for the next test as it was
        monkeypatch.setattr(limiter, state, False)
    monkeypatch.setattr(signing, "spend_from", lambda *_, **__: None)  # the database counts it too
    both = []
    try:
        for before in (3, 4):
            both.append(create_app(replace(settings, testing=False, instance=tmp_path)))
            both[-1].config["WTF_CSRF_ENABLED"] = False
            answers = tries(both[-1], before)
        assert answers == [422] * 3 + [429]
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("counts.sqlite*"))
        assert (b"nobody@" in kept, b"127.0.0.1" in kept) == (False, False)
        program = (
            "import sys; from app.signing.counts import SharedCounts, counts_address;"
            "print(*(SharedCounts(counts_address(sys.argv[1]), secret='s').incr('a', 60) for _ in range(100)))"
        )
        command = [sys.executable, "-c", program, tmp_path / "others.sqlite"]
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603 -- our own command
        counted = [int(number) for process in started for number in process.communicate()[0].split()]
        assert sorted(counted) == list(range(1, 201)), "of two real processes at once, none is lost"
    finally:
        create_app(settings)
        for each in both:
            with each.app_context():
                db.engine.dispose()


def test_a_window_ends_also_where_the_clock_is_set_back(tmp_path, monkeypatch):
    counts = SharedCounts(counts_address(tmp_path / "counts.sqlite"), secret="s")
    clock = [10_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    assert [counts.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    clock[0] += 61
    assert (counts.get("a"), counts.incr("a", 60)) == (0, 1)
    clock[0] -= 7_200
    assert counts.incr("a", 60) == 1
