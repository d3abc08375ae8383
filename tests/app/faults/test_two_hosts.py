"""Two hosts over one PostgreSQL, one Redis and one shared folder: each has a web process, a worker and its own network.

A host is a network namespace. One of them loses its network in the middle.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from redis import Redis as Counts
from sqlalchemy import make_url, select, update

from app.clock import now as clock
from app.database.sqlite import reading
from app.extensions import database, db
from ideas.contributions.idea import Idea
from ideas.themes.theme import Theme
from ideas.work.job import Job, JobKind, JobStatus
from tests.app.faults.test_killed_web import ROOT, filled, submit
from tests.databases import own_database
from tests.services import Redis, unavailable
from tests.worker_processes import ask, job, process, status, until

PORT = 8000
pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.allow_hosts(["127.0.0.1", "10.211.1.2", "10.211.2.2"]),
    pytest.mark.parametrize("settings", ["postgresql"], indirect=True),
]


class Host:
    """A namespace with an address of its own; this machine is at its other end, and leads to database and Redis."""

    def __init__(self, number, url, redis_url):
        self.name, self._link = f"cv-{os.getpid()}-{number}", f"cv{os.getpid()}{number}"
        self.address, gateway = f"10.211.{number}.2", f"10.211.{number}.1"
        self.inside = ("ip", "netns", "exec", self.name)
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _run("ip", "address", "add", f"{gateway}/30", "dev", self._link)
        _run("ip", "link", "set", self._link, "up")
        _run(*self.inside, "ip", "link", "set", "lo", "up")
        _run(*self.inside, "ip", "address", "add", f"{self.address}/30", "dev", "eth0")
        _run(*self.inside, "ip", "link", "set", "eth0", "up")
        self._listening, self._led, self._threads = [], [], []
        self.url = self._lead_to(url, gateway)
        self.redis_url = self._lead_to(redis_url, gateway)

    def lose_network(self):
        _run("ip", "link", "set", self._link, "down")

    def remove(self):
        _run("ip", "netns", "del", self.name)
        for each in (*self._listening, *self._led):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in (*self._listening, *self._led):
            each.close()

    def _start(self, work, *arguments):
        self._threads.append(threading.Thread(target=work, args=arguments))
        self._threads[-1].start()

    def _lead_to(self, url, gateway):
        """The address under which this host finds what is at another one."""
        listening = socket.create_server((gateway, 0))
        self._listening.append(listening)
        self._start(self._lead, listening, url)
        return url.set(host=gateway, port=listening.getsockname()[1], query={}).render_as_string(hide_password=False)

    def _lead(self, listening, url):
        """Pass on what comes for a server, which may listen on a socket of this machine only."""
        while True:
            try:
                caller, _address = listening.accept()
            except OSError:
                return
            folder, port = url.query.get("host"), url.port or 5432
            server = socket.socket(socket.AF_INET if folder is None else socket.AF_UNIX)
            self._led += [caller, server]
            server.connect((url.host, port) if folder is None else f"{folder}/.s.PGSQL.{port}")
            self._start(_pass_on, caller, server)
            self._start(_pass_on, server, caller)


def _pass_on(source, target):
    with suppress(OSError):
        while content := source.recv(65_536):
            target.sendall(content)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _run(*command):
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- our own command


@pytest.fixture
def redis():
    server = Redis()
    yield server
    server.kill()


@pytest.fixture
def own(settings, redis, tmp_path, migrated):
    """A site of its own that the processes of both hosts share."""
    keyed = replace(settings, secret_key="a secret key only for tests", redis_url=redis.url)
    with own_database(keyed, tmp_path) as app, app.app_context():
        migrated()
        yield app


@pytest.fixture
def hosts(own, redis):
    if os.geteuid() != 0 or shutil.which("ip") is None:
        unavailable("no network namespaces: run as root, with iproute2")
    with ExitStack() as stack:
        made = []
        for number in (1, 2):
            try:
                made.append(Host(number, db.engine.url, make_url(redis.url)))
            except subprocess.CalledProcessError as error:
                unavailable(f"no network namespaces: {error.stderr.decode().strip()}")
            stack.callback(made[-1].remove)
        yield made


@contextmanager
def web(host, folder, *, end=signal.SIGTERM):
    """A web process of this host, until the block ends."""
    chosen = {
        "BIND": f"{host.address}:{PORT}", "WEB_CONCURRENCY": "1", "BASE_URL": "http://ideas.example.org",
        "SECRET_KEY": "a secret key only for tests", "CONVERGENCE_INSTANCE": str(folder), "DATABASE_URL": host.url,
        "REDIS_URL": host.redis_url,
    }  # fmt: skip
    command = [*host.inside, Path(sys.executable).parent / "gunicorn", "--config", ROOT / "deploy" / "gunicorn.conf.py"]
    with (folder / "web.log").open("ab") as log:
        started = subprocess.Popen(command, cwd=ROOT, env=os.environ | chosen, stderr=log, start_new_session=True)  # noqa: S603 -- our own command
    try:
        until(lambda: ready(host), (folder / "web.log").read_text())
        yield
    finally:
        os.killpg(started.pid, end)
        started.wait(60)


def ready(host):
    with suppress(OSError):
        return read(host, "/readyz")[0] == 200
    return False


def read(host, path, cookie=""):
    connection = HTTPConnection(host.address, PORT, timeout=20)
    try:
        connection.request("GET", path, headers={"Cookie": f"session={cookie}"})
        found = connection.getresponse()
        return found.status, found.read().decode()
    finally:
        connection.close()


def test_what_is_done_on_one_host_is_there_on_the_other_which_goes_on_alone(own, hosts, redis, tmp_path):
    campaign, cookies = filled(own)
    first, second = hosts
    ideas = f"/campaigns/{campaign}/ideas"
    with web(first, tmp_path, end=signal.SIGKILL), web(second, tmp_path):
        assert submit(PORT, campaign, cookies[0], "Of the first host", address=first.address) == 303
        assert submit(PORT, campaign, cookies[0], "Of the second host", address=second.address) == 303
        for host in hosts:
            status_code, page = read(host, ideas, cookies[0])
            assert status_code == 200
            assert "Of the first host" in page
            assert "Of the second host" in page
        names = f"/campaigns/{campaign}/names?typed=P"
        assert {read(host, names, cookies[2])[0] for host in (first, second, first, second, first)} == {200}
        with Counts.from_url(redis.url) as counts:
            counted = [int(counts.get(key)) for key in counts.scan_iter("LIMITS*person*minute")]
        assert counted == [5], "the limit of an account counts what both hosts answered"
        mail = ("--carrier", "celery", "--queues", "mail")
        one, two = ({"before": host.inside, "url": host.url, "redis_url": host.redis_url} for host in hosts)
        with process(own, *mail, **one, end=signal.SIGKILL), process(own, *mail, **two):  # the first can't say its end
            jobs = [ask(JobKind.NOTIFY_PEOPLE, campaign, payload={"until": f"{number}"}) for number in range(2)]
            until(lambda: all(status(one) is JobStatus.RUNNING for one in jobs), "each worker has one of them")
            first.lose_network()
            (tmp_path / "0").touch()
            (tmp_path / "1").touch()
            until(lambda: JobStatus.DONE in {status(one) for one in jobs}, "the second host goes on")
            running = update(Job).where(Job.status == JobStatus.RUNNING)
            database().execute(running.values(lease_until=clock() - timedelta(seconds=1)))
            database().commit()
            until(lambda: {status(one) for one in jobs} == {JobStatus.DONE}, "it takes over what the first one had")
            assert submit(PORT, campaign, cookies[1], "Alone", address=second.address) == 303
            assert "Alone" in read(second, ideas, cookies[1])[1]
    with reading(database()):
        assert sorted(job(one).attempts for one in jobs) == [1, 2]
        assert len(database().scalars(select(Theme.id)).all()) == 2, "each job is done once"
        assert len(database().scalars(select(Idea.id)).all()) == 3
