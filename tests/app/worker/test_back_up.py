"""The back-up that the worker makes each day: kept by number and age, noted, and its failures told."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.backup.copying import restore
from app.backup.rehearsal import rehearse
from app.backup.scheduled import remove_old
from app.clock import now as clock
from app.extensions import database
from app.settings import SettingsError
from app.worker.worker import run_next
from ideas.work.backup import last_good_backup, latest_backups, note_backup
from ideas.work.job import Job, JobKind, JobStatus, enqueue
from tests.services import unavailable

pytestmark = pytest.mark.slow
KEY = "key"


@pytest.fixture
def site(own, tmp_path, monkeypatch, request):
    """The settings of a site whose worker makes back-ups, encrypted for the key in the instance folder."""
    if own.extensions["settings"].database_url.startswith("postgresql"):
        request.getfixturevalue("programs")
    try:
        from pyrage import x25519
    except ImportError:
        unavailable("no pyrage: install the extra encryption")
    key = x25519.Identity.generate()
    (tmp_path / KEY).write_text(str(key))
    chosen = {"backup_folder": tmp_path / "backups", "backup_recipients": (str(key.to_public()),)}
    settings = replace(own.extensions["settings"], **chosen)
    monkeypatch.setitem(own.extensions, "settings", settings)
    return settings


def make_one():
    job_id = enqueue(database(), JobKind.BACK_UP, now=clock()).id
    database().commit()
    assert run_next()
    return database().get(Job, job_id, populate_existing=True)


def test_it_is_made_noted_and_can_be_restored_and_a_failure_is_noted_once(site, monkeypatch):
    job = make_one()
    assert (job.status, job.result["removed"]) == (JobStatus.DONE, 0)
    (made,) = site.backup_folder.iterdir()
    (noted,) = latest_backups(database())
    assert (noted.place, noted.size, noted.scheduled, noted.error) == (str(made), made.stat().st_size, True, "")
    assert made.read_bytes().startswith(b"age-encryption.org/v1")
    assert rehearse(site, made, identity=site.instance / KEY).faults == []
    with pytest.raises(SettingsError, match="is encrypted: give the file"):
        rehearse(site, made)
    site.backup_folder.rename(site.instance / "away")
    site.backup_folder.write_text("a file is in its place")
    job = make_one()
    assert (job.status, "SettingsError" in job.detail) == (JobStatus.QUEUED, True), "it is tried again"
    job.run_at = clock()
    database().commit()
    assert run_next()
    failed, good = latest_backups(database())
    assert "can't be written" in failed.error
    assert (good.id, last_good_backup(database())) == (noted.id, noted.made_at)
    site.backup_folder.unlink()
    job = database().get(Job, job.id, populate_existing=True)
    job.run_at = clock()
    database().commit()
    assert run_next()
    assert [backup.error for backup in latest_backups(database())] == ["", ""], "the failure of that one is over"


# tests/app/test_backup.py has SQLite.
@pytest.mark.postgresql
@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_one_of_a_later_version_is_refused(site):
    present = database().scalar(text("SELECT version_num FROM alembic_version"))
    database().execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database().commit()
    assert make_one().status is JobStatus.DONE
    (made,) = site.backup_folder.iterdir()
    database().execute(text("UPDATE alembic_version SET version_num = :present"), {"present": present})
    database().commit()
    for act in (restore, rehearse):
        with pytest.raises(SettingsError, match="later version of Convergence: its tables are at 9999"):
            act(site, made, identity=site.instance / KEY)
    assert latest_backups(database()), "the site is as it was"


@pytest.mark.one_database
def test_without_a_folder_nothing_is_made(own):
    assert (make_one().status, latest_backups(database())) == (JobStatus.DONE, [])


@pytest.mark.one_database
def test_what_is_too_many_or_too_old_is_deleted_and_nothing_else_and_the_newest_stays(tmp_path, settings):
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    settings = replace(settings, backups_kept=3, backup_days=30, instance=tmp_path)
    ages = (0, 1, 2, 3, 40)
    named = {age: tmp_path / f"convergence-{now - timedelta(days=age):%Y%m%d-%H%M%S}-{age + 7}.tar.gz" for age in ages}
    others = [
        tmp_path / "convergence-2026.tar.gz",
        tmp_path / "convergence-99999999-999999-1.tar.gz",
        tmp_path / "mine",
    ]
    for path in (*named.values(), *others):
        path.touch()
    for name, age in ((".backup-killed", 2), (".backup-now", 0), (".restore-killed", 2), (".rehearsal-killed", 2)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (now.timestamp() - age * 86_400,) * 2)
    lacking = {named[age] for age in (0, 1, 2, 3)}
    assert remove_old(settings, tmp_path, lacking=lacking, now=now) == [named[3]], "the last with all its files stays"
    named[3].touch()
    assert set(remove_old(settings, tmp_path, now=now)) == {named[3], named[40]}
    assert {path.name for path in tmp_path.iterdir()} == {
        *(named[age].name for age in (0, 1, 2)), *(path.name for path in others), ".backup-now",
    }  # fmt: skip
    for age in (0, 1):
        named[age].unlink()
    assert remove_old(settings, tmp_path, now=now + timedelta(days=99)) == [], "the newest stays, however old"


@pytest.mark.one_database
def test_a_failed_command_is_noted_too(own, site):
    (site.instance / "there").touch()
    command = own.test_cli_runner()
    assert "never overwrites" in command.invoke(args=["backup", str(site.instance / "there")]).output
    assert latest_backups(database()) == [], "a name that can't be is no back-up that failed"
    assert command.invoke(args=["backup", str(site.instance / "there" / "1.tar.gz.age")]).exit_code == 1
    (noted,) = latest_backups(database())
    assert ("can't be written" in noted.error, noted.scheduled) == (True, False)
    note_backup(database(), place=noted.place, scheduled=False, facts={"size": 1}, now=clock())
    assert len(latest_backups(database())) == 1
