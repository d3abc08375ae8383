"""deploy/nginx.conf, tried with a real nginx in front of the real server."""

import getpass
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import MAX_UPLOAD_BYTES
from app.extensions import db
from app.server.connections import Limits, create_server
from tests.seen_app import create_app
from tests.services import unavailable

CONFIGURATION = Path(__file__).parents[3] / "deploy" / "nginx.conf"
FORGED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def programs() -> tuple[str, str]:
    """nginx and openssl, or a skipped test."""
    found = [
        shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
        for name in ("nginx", "openssl")
    ]
    if not all(found):
        unavailable("no nginx or no openssl: install them (apt-get install nginx-light openssl)")
    return found[0], found[1]


@contextmanager
def site(folder):
    """The port of a site that answers what it learns from the proxy in front."""
    patch = pytest.MonkeyPatch()
    for name, value in {
        "CONVERGENCE_INSTANCE": str(folder / "site"),
        "DATABASE_URL": "",
        "TRUSTED_PROXIES": "1",
        "BASE_URL": "https://ideas.example.org",
    }.items():
        patch.setenv(name, value)
    app = create_app()
    server = create_server(
        app, host="127.0.0.1", port=0, threads=4, max_body_bytes=16 * 1024 * 1024, limits=Limits(per_address=None)
    )
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield server.effective_port
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        with app.app_context():
            db.engine.dispose()
        patch.undo()


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    """The ports of http and https of nginx, with our configuration, in front of the site."""
    program, openssl = programs()
    folder = tmp_path_factory.mktemp("nginx")
    with site(folder) as port:
        yield from _nginx(program, openssl, folder, port)


def _nginx(program, openssl, folder, port):
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ideas.example.org"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)  # noqa: S603 -- our own command
    http_port, https_port = free_port(), free_port()
    text = CONFIGURATION.read_text()
    text = re.sub(r"\n    listen \[::\].*", "", text)
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{http_port};",
        "listen 443 ": f"listen 127.0.0.1:{https_port} ",
        "/etc/ssl/certs/ideas.example.org.pem": str(certificate),
        "/etc/ssl/private/ideas.example.org.key": str(key),
        "127.0.0.1:8000": f"127.0.0.1:{port}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = f"user {getpass.getuser()}; " if os.geteuid() == 0 else ""  # its folders are this user's
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;"
        "events { worker_connections 4096; }"
        f"http {{ access_log off; {temporary} include {folder}/site.conf; }}"
    )
    process = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)  # noqa: S603 -- our own command
    wait_for(https_port, process, folder / "error.log")
    yield http_port, https_port
    process.terminate()
    process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


def ask(port: int, path: str = "/", *, method: str = "GET", headers=None, body: bytes | None = None):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    try:
        connection.request(method, path, body=body, headers={"Host": "ideas.example.org"} | (headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.slow
def test_the_site_learns_the_address_the_scheme_and_the_host(nginx):
    assert ask(nginx[1]) == (200, "127.0.0.1 https ideas.example.org")


@pytest.mark.slow
def test_what_the_caller_forges_is_thrown_away(nginx):
    assert ask(nginx[1], headers=FORGED) == (200, "127.0.0.1 https ideas.example.org")


@pytest.mark.slow
def test_http_leads_to_https(nginx):
    connection = http.client.HTTPConnection("127.0.0.1", nginx[0], timeout=20)
    connection.request("GET", "/campaigns?page=2", headers={"Host": "ideas.example.org"})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, "https://ideas.example.org/campaigns?page=2")
    connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: ideas.example.org\r\nX: "])
def test_half_open_connections_leave_room_for_others(nginx, first):
    made = [socket.create_connection(("127.0.0.1", nginx[1]), timeout=5) for _ in range(300)]
    try:
        for connection in made:
            connection.sendall(first)
        assert ask(nginx[1], "/healthz")[0] == 200
    finally:
        for connection in made:
            connection.close()


@pytest.mark.slow
def test_a_body_that_is_too_large_is_refused(nginx):
    """By the site up to 17 MB; beyond, nginx reads none of it and has a page of its own in both languages."""
    status, page = ask(nginx[1], method="POST", headers={"Content-Length": "18000000"}, body=b"a")
    assert status == 413
    for sentence in ("La limite est de 16 Mo.", "The limit is 16 MB.", "Revenez à la page précédente"):
        assert sentence in page


def test_the_page_for_what_is_too_large_names_the_limit_of_the_site():
    text = CONFIGURATION.read_text()
    limit = MAX_UPLOAD_BYTES // 1024**2
    assert f"La limite est de {limit} Mo." in text
    assert f"The limit is {limit} MB." in text
    assert f"client_max_body_size {limit + 1}m;" in text


@pytest.mark.slow
def test_an_upload_of_the_largest_size_passes(nginx):
    assert ask(nginx[1], method="POST", body=b"a" * 16_000_000)[0] == 200
