"""What the site keeps on disk can be read by its own user only."""

import os
import stat
from pathlib import Path

import pytest
from flask_migrate import upgrade

from app import create_app
from app.extensions import database, db
from app.server.private_files import protect
from app.settings import from_env


@pytest.fixture(autouse=True)
def usual_umask():
    """The umask of most systems, which lets others read. Restored afterwards."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    found = {".": stat.S_IMODE(folder.stat().st_mode)}
    return found | {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


def test_a_new_site_is_for_its_user_only(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVERGENCE_INSTANCE", str(tmp_path / "new" / "site"))
    monkeypatch.setenv("DATABASE_URL", "")
    app = create_app()
    with app.app_context():
        upgrade()
        database().execute(db.text("SELECT 1"))
        found = modes(tmp_path / "new" / "site")
        assert {"convergence.sqlite", "secret.key"} <= set(found)
        assert {found.pop("."), found.pop("templates")} == {0o700}
        assert set(found.values()) == {0o600}  # the database, its -wal and -shm, the key
        db.session.remove()
        db.engine.dispose()


def test_what_was_open_to_others_is_mended_at_start_and_said(tmp_path, caplog):
    settings = from_env({"CONVERGENCE_INSTANCE": str(tmp_path / "site")})
    for name in ("convergence.sqlite", "convergence.sqlite-wal", "uploads/ab/abc", "mail/1.eml"):
        path = settings.instance / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret")
        path.chmod(0o644)
        path.parent.chmod(0o755)
    (settings.instance / "secret.key").chmod(0o640)
    assert protect(settings) == 9
    for name, mode in modes(settings.instance).items():
        assert mode == (0o700 if (settings.instance / name).is_dir() else 0o600), name
    assert "9 files or folders" in caplog.text
    caplog.clear()
    assert protect(settings) == 0
    assert not caplog.records


def test_a_database_elsewhere_is_mended_and_its_folder_left_alone(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    (folder / "ideas.sqlite").touch(mode=0o644)
    url = f"sqlite:///{folder / 'ideas.sqlite'}"
    protect(from_env({"CONVERGENCE_INSTANCE": str(tmp_path / "site"), "DATABASE_URL": url}))
    assert modes(folder) == {".": 0o755, "ideas.sqlite": 0o600}


def test_other_files_and_links_are_left_alone(tmp_path):
    settings = from_env({"CONVERGENCE_INSTANCE": str(tmp_path / "site")})
    stranger = tmp_path / "stranger"
    stranger.touch(mode=0o644)
    settings.uploads.mkdir()
    (settings.uploads / "link").symlink_to(stranger)
    (settings.instance / "notes.txt").touch(mode=0o644)
    protect(settings)
    assert stat.S_IMODE(stranger.stat().st_mode) == 0o644
    assert stat.S_IMODE((settings.instance / "notes.txt").stat().st_mode) == 0o644


def test_a_folder_of_everyone_is_not_taken_away_from_them(tmp_path, caplog):
    folder = tmp_path / "everyone"
    folder.mkdir()
    folder.chmod(0o1777)
    protect(from_env({"CONVERGENCE_INSTANCE": str(folder)}))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o1777
    assert "CONVERGENCE_INSTANCE" in caplog.text
