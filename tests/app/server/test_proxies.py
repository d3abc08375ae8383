"""Who the caller is, through real sockets: behind a proxy, behind none, and with forged headers."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from app.extensions import db
from app.server.connections import create_server
from app.server.proxies import TrustedProxies
from app.settings import LOCAL_NETWORKS, SettingsError, from_env
from tests.seen_app import create_app

ROOT = Path(__file__).parents[3]
FORGED = {
    "X-Forwarded-For": "198.51.100.1, 203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "ideas.example.org",
}
SEEN = "203.0.113.9 https ideas.example.org"


def ask(port: int, headers: dict[str, str], at: str = "127.0.0.1") -> str:
    request = urllib.request.Request(f"http://{at}:{port}/healthz", headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return answer.read().decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def embedded(tmp_path, monkeypatch):
    """The server of `flask serve`, with the given settings."""
    monkeypatch.setenv("CONVERGENCE_INSTANCE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")
    servers = []

    def start(**environ: str) -> int:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        app = create_app()
        server = create_server(app, host="127.0.0.1", port=0, threads=2, max_body_bytes=1_000)
        threading.Thread(target=server.run, daemon=True).start()
        servers.append((app, server))
        return int(server.effective_port)

    yield start
    for app, server in servers:
        server.close()
        server.task_dispatcher.shutdown()
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def gunicorn(tmp_path):
    """The same application under gunicorn."""
    processes = []

    def start(**environ: str) -> int:
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
        process = subprocess.Popen(  # noqa: S603 -- our own command
            [*command, "tests.seen_app:create_app()"],
            cwd=ROOT,
            env=os.environ | {"CONVERGENCE_INSTANCE": str(tmp_path), "DATABASE_URL": ""} | environ,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        return port

    yield start
    for process in processes:
        process.terminate()
        process.wait(20)


@pytest.fixture(params=["embedded", pytest.param("gunicorn", marks=pytest.mark.slow)])
def start(request):
    return request.getfixturevalue(request.param)


def test_a_trusted_proxy_names_the_caller_the_scheme_and_the_host(start):
    port = start(TRUSTED_PROXIES="1")
    assert ask(port, FORGED) == SEEN


def test_of_two_trusted_proxies_the_outer_one_names_the_caller(start):
    port = start(TRUSTED_PROXIES="2")
    chain = {"X-Forwarded-For": "192.0.2.1, 203.0.113.9, 10.0.0.2", "X-Forwarded-Proto": "https, http"}
    assert ask(port, chain).startswith("203.0.113.9 https ")


def test_without_trusted_proxies_forged_headers_are_ignored(start):
    port = start(TRUSTED_PROXIES="0")
    assert ask(port, FORGED) == f"127.0.0.1 http 127.0.0.1:{port}"


def test_a_forged_header_from_an_address_that_is_no_proxy_is_ignored(start):
    port = start(TRUSTED_PROXIES="1", PROXY_ADDRESSES="192.0.2.0/24")
    assert ask(port, FORGED) == f"127.0.0.1 http 127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("count", "given", "seen"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, '"[2001:db8::1]:4711"', "2001:db8::1"),
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (2, "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),  # fewer proxies than said: the address is that of the proxy
        (1, "nobody", "127.0.0.1"),
        (1, "<script>", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "," * 3_000, "127.0.0.1"),
    ],
)
def test_the_address_is_the_one_that_the_outermost_trusted_proxy_saw(count, given, seen):
    found = []
    networks = LOCAL_NETWORKS
    middleware = TrustedProxies(
        lambda environ, _start: found.append(environ["REMOTE_ADDR"]) or [], count=count, networks=networks
    )
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": given, "wsgi.url_scheme": "http"}
    list(middleware(environ, lambda *_: None))
    assert found == [seen]


def test_each_header_of_an_untrusted_address_is_removed_and_said_once(caplog):
    seen = []
    middleware = TrustedProxies(lambda environ, _start: seen.append(dict(environ)) or [], count=1, networks=())
    for _ in range(3):
        environ = {"REMOTE_ADDR": "192.0.2.7", "HTTP_FORWARDED": "for=1.2.3.4", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}
        list(middleware(environ, None))
    assert all("FORWARDED" not in name for environ in seen for name in environ)
    assert [record.message.split()[0] for record in caplog.records] == ["192.0.2.7"]


def test_a_list_of_proxies_that_makes_no_sense_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="PROXY_ADDRESSES"):
        from_env({"CONVERGENCE_INSTANCE": str(tmp_path), "PROXY_ADDRESSES": "proxy.example.org"})
