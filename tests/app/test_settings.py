import socket
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import request

from app import create_app
from app.extensions import db
from app.server.serving import check_address
from app.settings import DatabaseLimits, SettingsError, from_env
from app.worker import broker

ROOT = Path(__file__).parent.parent.parent


def test_without_settings_the_embedded_database_is_used(tmp_path):
    settings = from_env({"CONVERGENCE_INSTANCE": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/convergence.sqlite"
    assert settings.embedding_model == "use-multilingual"
    assert settings.base_url == "http://127.0.0.1:5000"


def test_the_secret_key_is_made_once_and_readable_only_by_this_user(tmp_path):
    first = from_env({"CONVERGENCE_INSTANCE": str(tmp_path)}).secret_key
    assert len(first) > 40
    assert from_env({"CONVERGENCE_INSTANCE": str(tmp_path)}).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db"),
        ("REDIS_URL", "redis.example.org"),
        ("FILE_STORE", "/uploads"),
        ("FILE_STORE", "s3://a"),
        ("FILE_STORE", "s3://bucket/../other bucket"),
        ("FILE_STORE_ENDPOINT", "s3.example.org"),
        ("BASE_URL", "ideas.example.org"),
        ("SMTP_URL", "mail.example.org:25"),
        ("NAMER_URL", "models.example.org"),
        ("NAMER_URL", "file:///etc/passwd"),
        ("FOOTER_LINKS", "https://example.org/legal"),
        ("FOOTER_LINKS", "Legal notice=javascript:alert(1)"),
        ("FOOTER_LINKS", "Legal notice=https://example.org/legal; Privacy"),
        ("TRUSTED_PROXIES", "yes"),
        ("TRUSTED_PROXIES", "127"),
        ("DEFAULT_LOCALE", "de"),
        ("DEFAULT_TIMEZONE", "Europe/Atlantis"),
        ("CONTACT_EMAIL", "Ask us"),
        ("CONTACT_EMAIL", "a@example.org, b@example.org"),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(tmp_path, name, value):
    with pytest.raises(SettingsError, match=name):
        from_env({"CONVERGENCE_INSTANCE": str(tmp_path), name: value})


def test_the_namer_is_off_unless_named(tmp_path):
    environ = {"CONVERGENCE_INSTANCE": str(tmp_path)}
    assert from_env(environ).namer_url == ""
    address = {"NAMER_URL": "http://127.0.0.1:11434/v1"}
    with pytest.raises(SettingsError, match="NAMER_MODEL"):
        from_env(environ | address)
    settings = from_env(environ | address | {"NAMER_MODEL": "small", "NAMER_KEY": "not to be shown"})
    assert (settings.namer_url, settings.namer_model) == ("http://127.0.0.1:11434/v1", "small")
    assert "not to be shown" not in repr(settings)


@pytest.mark.slow
def test_a_read_only_instance_folder_is_reported_in_one_line(tmp_path):
    in_the_way = tmp_path / "instance"
    in_the_way.write_text("a file")
    finished = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "serve"],
        cwd=ROOT,
        env={"CONVERGENCE_INSTANCE": str(in_the_way), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "CONVERGENCE_INSTANCE" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_reported_with_a_remedy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"make run PORT={port + 1}"):
            check_address("127.0.0.1", port)


def test_a_short_secret_is_refused_and_an_empty_one_is_ignored(tmp_path):
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        from_env({"CONVERGENCE_INSTANCE": str(tmp_path), "SECRET_KEY": "secret"})
    assert len(from_env({"CONVERGENCE_INSTANCE": str(tmp_path), "SECRET_KEY": ""}).secret_key) > 40


@pytest.mark.slow
def test_an_empty_key_file_is_reported_with_a_remedy(tmp_path):
    (tmp_path / "secret.key").touch()
    with pytest.raises(SettingsError, match="delete it"):
        from_env({"CONVERGENCE_INSTANCE": str(tmp_path)})


def test_a_key_that_another_process_is_writing_is_waited_for(tmp_path):
    key = tmp_path / "secret.key"
    key.touch()
    other = threading.Timer(0.1, key.write_text, ["the key of the other process"])
    other.start()
    assert from_env({"CONVERGENCE_INSTANCE": str(tmp_path)}).secret_key == "the key of the other process"
    other.join()


@pytest.mark.parametrize(("proxies", "address", "scheme"), [("0", "127.0.0.1", "http"), ("1", "203.0.113.9", "https")])
def test_a_proxy_names_the_caller_only_where_it_is_trusted(tmp_path, proxies, address, scheme):
    app = create_app(from_env({"CONVERGENCE_INSTANCE": str(tmp_path), "TRUSTED_PROXIES": proxies}))
    seen = []
    app.before_request_funcs = {None: [lambda: seen.append((request.remote_addr, request.scheme)) or "seen"]}
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}
    app.test_client().get("/healthz", headers=headers)
    assert seen == [(address, scheme)]
    with app.app_context():
        db.engine.dispose()


def test_the_organisation_s_pages_have_a_name_and_an_address(tmp_path):
    given = " Legal notice = https://example.org/legal?a=b ; Privacy=https://example.org/privacy;"
    settings = from_env({"CONVERGENCE_INSTANCE": str(tmp_path), "FOOTER_LINKS": given})
    assert settings.footer_links == (
        ("Legal notice", "https://example.org/legal?a=b"),
        ("Privacy", "https://example.org/privacy"),
    )


def test_celery_asks_a_redis_over_tls_for_a_valid_certificate():
    with broker.celery_of("rediss://redis.example.org/0").connection_for_write() as connection:
        assert connection.ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    with broker.celery_of("redis://redis.example.org/0").connection_for_write() as connection:
        assert not connection.ssl


def test_old_keys_back_ups_and_limits_of_the_database_are_read_and_checked(tmp_path):
    place = {"CONVERGENCE_INSTANCE": str(tmp_path)}
    given = {
        "SECRET_KEY_OLD": "the secret before, and the one before that",
        "BACKUP_DIR": "/backups",
        "BACKUP_KEEP": "3",
        "DATABASE_POOL": "4",
        "DATABASE_TIMEOUT": "0",
    }
    found = from_env(place | given)
    assert found.old_secret_keys == ("the secret before", "and the one before that")
    assert (found.backup_folder, found.backups_kept, found.backup_days) == (Path("/backups"), 3, 90)
    assert found.limits == DatabaseLimits(pool=4, statement_seconds=0)
    assert "before" not in repr(found)
    for name, value in (
        ("SECRET_KEY_OLD", ",".join(4 * ["sixteen characters"])),
        ("SECRET_KEY_OLD", "short"),
        ("BACKUP_DIR", "here"),
        ("BACKUP_KEEP", "0"),
        ("BACKUP_KEEP_DAYS", "some"),
        ("BACKUP_RECIPIENTS", "age1-not-a-key"),
        ("DATABASE_POOL", "-1"),
        ("DATABASE_IDLE_TIMEOUT", "1.5"),
    ):
        with pytest.raises(SettingsError, match=name):
            from_env(place | {name: value})
