"""The back-up that the worker makes each day: kept by number and age, noted, and its failures told."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.backup.rehearsal import rehearse
from app.backup.scheduled import remove_old
from app.clock import now as clock
from app.extensions import database
from app.worker.worker import run_next
from ideas.work.backup import last_good_backup, latest_backups, note_backup
from ideas.work.job import Job, JobKind, JobStatus, enqueue

pytestmark = pytest.mark.one_database  # tests/app/test_backup.py has PostgreSQL


@pytest.fixture
def site(own, tmp_path, monkeypatch):
    """The settings of a site whose worker makes back-ups; returns what comes of one turn of it."""
    settings = replace(own.extensions["settings"], backup_folder=tmp_path / "backups")
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
    assert rehearse(site, made).faults == []
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


def test_without_a_folder_nothing_is_made(own):
    assert (make_one().status, latest_backups(database())) == (JobStatus.DONE, [])


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


def test_a_failed_command_is_noted_too(own, site):
    (site.instance / "there").touch()
    command = own.test_cli_runner()
    assert "never overwrites" in command.invoke(args=["backup", str(site.instance / "there")]).output
    assert latest_backups(database()) == [], "a name that can't be is no back-up that failed"
    assert command.invoke(args=["backup", str(site.instance / "there" / "1.tar")]).exit_code == 1
    (noted,) = latest_backups(database())
    assert ("can't be written" in noted.error, noted.scheduled) == (True, False)
    note_backup(database(), place=noted.place, scheduled=False, facts={"size": 1}, now=clock())
    assert len(latest_backups(database())) == 1
