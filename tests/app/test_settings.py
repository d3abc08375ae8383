import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.serving import check_address
from app.settings import SettingsError, from_env

ROOT = Path(__file__).parent.parent.parent


def test_the_embedded_default(tmp_path):
    settings = from_env({"CONVERGENCE_INSTANCE": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/convergence.sqlite"
    assert settings.embedding_model == "use-multilingual"
    assert settings.base_url == "http://127.0.0.1:5000"


def test_the_secret_is_made_once_and_kept_from_others(tmp_path):
    first = from_env({"CONVERGENCE_INSTANCE": str(tmp_path)}).secret_key
    assert len(first) > 40
    assert from_env({"CONVERGENCE_INSTANCE": str(tmp_path)}).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db"),
        ("BASE_URL", "ideas.example.org"),
        ("SMTP_URL", "mail.example.org:25"),
        ("DEFAULT_LOCALE", "de"),
        ("DEFAULT_TIMEZONE", "Europe/Atlantis"),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(tmp_path, name, value):
    with pytest.raises(SettingsError, match=name):
        from_env({"CONVERGENCE_INSTANCE": str(tmp_path), name: value})


def test_an_instance_that_cannot_be_written_is_one_plain_line(tmp_path):
    in_the_way = tmp_path / "instance"
    in_the_way.write_text("a file")
    told = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "serve"],
        cwd=ROOT,
        env={"CONVERGENCE_INSTANCE": str(in_the_way), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "CONVERGENCE_INSTANCE" in told.stderr
    assert "Traceback" not in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_told_with_the_remedy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"make run PORT={port + 1}"):
            check_address("127.0.0.1", port)
