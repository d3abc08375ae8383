"""The files of deploy/: each is parsed, names what exists, and what this machine can start is started."""

import configparser
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from flask import Flask
from flask_migrate.cli import db as migrations

from tests.app.server.test_nginx import free_port
from tests.services import unavailable

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
pytestmark = pytest.mark.one_database
UNITS = ("convergence-web.service", "convergence-worker.service")
SETTINGS = set(re.findall(r'environ\.get\("([A-Z_]+)"', (ROOT / "app" / "settings.py").read_text("utf-8")))
SETTINGS |= set(re.findall(r'environ\.get\("([A-Z_]+)"', (DEPLOY / "gunicorn.conf.py").read_text("utf-8")))
FORWARDED = {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Request-ID"}
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}


def variables(text: str) -> set[str]:
    """The names of what a file of settings sets."""
    return {line.partition("=")[0] for line in text.splitlines() if re.match(r"[A-Z_]+=", line)}


def exists(app: Flask, command: str) -> bool:
    """True for gunicorn with a file that is there, or one of our commands."""
    words = command.split()
    if words[0] == "gunicorn":
        return (ROOT / words[words.index("--config") + 1]).is_file()
    commands, options = app.cli.commands | {"db": migrations}, set()
    for word in words[words.index("app") + 1 :]:
        if word in options:
            continue
        if word not in commands:
            return False
        options = {
            one for option in commands[word].params for one in (*option.opts, *getattr(option.type, "choices", ()))
        }
        commands = getattr(commands[word], "commands", {})
    return True


def test_the_units_of_systemd_are_valid_and_start_what_exists(app, tmp_path):
    for name in UNITS:
        text = (DEPLOY / name).read_text("utf-8")
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read_string(text)
        service = unit["Service"]
        for key in ("ExecStartPre", "ExecStart"):
            if key in service:
                assert exists(app, service[key].replace("/opt/convergence/.venv/bin/", "")), service[key]
        for key, value in (
            ("User", "convergence"),
            ("UMask", "0077"),
            ("NoNewPrivileges", "yes"),
            ("Restart", "always"),
        ):
            assert service[key] == value
        (tmp_path / name).write_text(re.sub(r"/opt/convergence/\.venv/bin/\w+", "/bin/true", text))
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        unavailable("no systemd-analyze (apt-get install systemd): the units were read, not verified")
    told = subprocess.run(  # noqa: S603 -- our own files
        [analyze, "verify", *(tmp_path / name for name in UNITS)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, [line for line in told.stderr.splitlines() if "convergence-" in line]) == (0, [])


def test_each_setting_of_the_files_is_one_of_the_site():
    assert variables((DEPLOY / "convergence.env").read_text("utf-8")) <= SETTINGS
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert set(compose["x-site"]["environment"]) <= SETTINGS
    container = (DEPLOY / "Containerfile").read_text("utf-8")
    set_in_it = set(re.findall(r"^(?:ENV| {4})\s*([A-Z_]+)=", container, re.MULTILINE))
    assert set_in_it - {"PYTHONDONTWRITEBYTECODE"} <= SETTINGS


def test_the_compose_file_names_what_is_there(app):
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).is_file(), volume
        if "command" in service and "build" in service:
            assert exists(app, " ".join(service["command"])), name
        if "build" in service:
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert services["worker"]["command"][-2:] == ["--carrier", "celery"]
    assert "@redis:" in compose["x-site"]["environment"]["REDIS_URL"]
    (subnet,) = compose["networks"]["default"]["ipam"]["config"]
    assert compose["x-site"]["environment"]["PROXY_ADDRESSES"] == subnet["subnet"]


def test_the_file_with_the_passwords_is_in_no_commit_and_in_no_image():
    (settings,) = {service["env_file"] for service in _sites()}
    assert f"/deploy/{settings}" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert f"deploy/{settings}" in (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").splitlines()


def _sites() -> list[dict[str, str]]:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    return [service for service in services.values() if "env_file" in service]


def test_the_container_file_copies_what_is_there_and_installs_what_can_be():
    text = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text("utf-8"))
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    assert {line[0] for line in lines} <= INSTRUCTIONS
    for line in lines:
        if line[0] == "COPY" and not line[1].startswith("--from"):
            assert [source for source in line[1:-1] if not (ROOT / source).exists()] == []
    assert "deploy/install.sh python requirements/server.txt" in text
    extras = re.findall(
        r'"(\w+)"', re.search(r"^SERVER = (.*)", (DEPLOY / "lock.py").read_text("utf-8"), re.MULTILINE)[1]
    )
    known = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(extras) == set(known) - {"segmentation", "test", "bench"}, "what a site may switch on is in the image"
    user = [line for line in lines if line[0] in {"USER", "CMD"}]
    assert [line[0] for line in user] == ["USER", "CMD"], "it does not run as root"


def test_both_proxies_set_the_headers_that_the_site_believes():
    caddy = set(re.findall(r"header_up -?([\w-]+)", (DEPLOY / "Caddyfile").read_text("utf-8")))
    nginx = set(re.findall(r"proxy_set_header ([\w-]+)", (DEPLOY / "nginx.conf").read_text("utf-8")))
    assert caddy == FORWARDED <= nginx


def test_the_caddyfile_is_valid(tmp_path):
    text = (DEPLOY / "Caddyfile").read_text("utf-8")
    depth = 0
    for line in text.splitlines():
        bare = re.sub(r"\{[$\w.:-]+\}", "", line.partition("#")[0]).strip()
        depth += bare.endswith("{") - (bare == "}")
        assert depth >= 0
    assert depth == 0
    program = shutil.which("caddy")
    if program is None:
        unavailable("no caddy (apt-get install caddy): the braces were counted, the file was not validated")
    told = subprocess.run(  # noqa: S603 -- our own file
        [program, "validate", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"],
        env=os.environ | {"HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr


@pytest.mark.slow
def test_gunicorn_serves_with_its_file_logs_json_and_stops_when_it_is_told(tmp_path):
    gunicorn = Path(sys.executable).parent / "gunicorn"
    if not gunicorn.exists():
        unavailable("no gunicorn: install the extra of that name")
    port, log = free_port(), tmp_path / "log"
    chosen = {
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "2",
        "LOG_FORMAT": "json",
        "METRICS": "1",
        "BASE_URL": "https://ideas.example.org",
        "TRUSTED_HOSTS": "ideas.example.org",
    }
    shared = {
        "CONVERGENCE_INSTANCE": str(tmp_path / "site"),
        "DATABASE_URL": "",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 -- our own command
            [gunicorn, "--config", DEPLOY / "gunicorn.conf.py"], cwd=ROOT, env=os.environ | shared | chosen, stderr=file
        )
    try:
        end = time.monotonic() + 60
        while (found := answer(port, "/readyz")) is None and time.monotonic() < end:
            time.sleep(0.1)
        status, text = found
        assert (status, json.loads(text)["schema"]) == (503, "pending"), "no table is there yet"
        public = {"Host": "ideas.example.org"}
        assert answer(port, "/sign-in", public | {"X-Request-ID": "from-the-proxy"})[0] in {200, 303, 503}
        assert 'convergence_requests_total{method="GET",route="person.sign_in"' in answer(port, "/metrics")[1]
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    said = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    (line,) = [line for line in said if line["event"] == "request" and line["route"] == "person.sign_in"]
    assert line["request_id"] == "from-the-proxy"
    assert "gunicorn.error" in {line["logger"] for line in said}, "the lines of its processes are JSON, too"


def answer(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, str] | None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as found:  # noqa: S310 -- our own address
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return None
