"""A back-up of a site that people write to, and the way back."""

import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from app import create_app
from app.backup.copying import back_up, restore
from app.backup.databases import fit_to_server
from app.backup.rehearsal import rehearse
from app.extensions import database, db
from app.file_store import file_store
from app.settings import Settings, SettingsError
from ideas.activity.activity import Verb, count_activities, first_broken, record
from ideas.files import Purpose, Upload, add_file, kept
from ideas.people.person import Person
from tests.app.server.test_nginx import free_port
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
def opened(migrated):
    """Open a site in a folder: its application, inside its context."""
    stack = []

    def start(settings: Settings, *, migrate: bool = True):
        app = create_app(settings)
        context = app.app_context()
        context.push()
        stack.append(context)
        if migrate:
            migrated()
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
    with kept(file_store(settings), upload.content) as stored_as:
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
    for number in range(20):
        add_upload(old, add_person(number))
    before = counts()
    (old.instance / "push.key").write_text("of the push services")
    report = back_up(old, tmp_path / name)
    assert (report.counts["person"], report.files, report.missing) == (20, 20, [])
    add_person(99)  # is not in it
    restored = restore(new, tmp_path / name)
    assert (restored.counts, restored.files, restored.missing) == (report.counts, 20, [])
    assert (new.instance / "secret.key").read_text() == old.secret_key
    assert (new.instance / "push.key").read_text() == "of the push services"
    opened(new, migrate=False)
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


def test_what_was_acknowledged_is_there_after_the_process_is_killed(tmp_path, opened):
    """Every idea that was answered with “saved” is in the database, whatever ends the process."""
    path = tmp_path / "killed"
    opened(settings_in(path))
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.app.test_backup import *\n"
        "from pathlib import Path\n"
        f"app = create_app(settings_in(Path({str(path)!r})))\n"
        "with app.app_context():\n"
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


def test_files_of_a_bucket_are_backed_up_and_restored_and_those_of_a_folder_copied_there(tmp_path, opened, s3):
    def bucket(name):
        return {"file_store": f"{s3.place}/{uuid4().hex}/{name}", "file_store_endpoint": s3.endpoint}

    old = replace(settings_in(tmp_path / "old"), **bucket("old"))
    opened(old)
    for number in range(3):
        add_upload(old, add_person(number))
    names = set(file_store(old).names())
    report = back_up(old, tmp_path / "copy.tar.gz")
    assert (len(names), report.files, report.missing) == (3, 3, [])
    assert rehearse(old, tmp_path / "copy.tar.gz").faults == []
    moved = settings_in(tmp_path / "moved")
    assert restore(moved, tmp_path / "copy.tar.gz").damaged == []
    assert {path.relative_to(moved.uploads).as_posix() for path in moved.uploads.glob("*/*")} == names

    there = replace(moved, **bucket("moved"))
    site = opened(there, migrate=False).test_cli_runner()
    copied = site.invoke(args=["files", "copy"])
    assert (copied.exit_code, copied.output) == (0, "Copied 3 files; 3 of 3 are in the store.\n")
    again = site.invoke(args=["files", "copy"])
    assert again.output == "Copied 0 files; 3 of 3 are in the store.\n"
    first, *_others = sorted(names)
    file_store(there).put(first, b"PICTURE")
    assert site.invoke(args=["files", "copy"]).output.startswith("Copied 1 files; 3 of 3")
    assert file_store(there).read(first) == b"picture"
    file_store(there).delete(first)
    (moved.uploads / first).unlink()
    lost = site.invoke(args=["files", "copy"])
    assert (lost.exit_code, f"missing: {first}" in lost.output) == (1, True)
    away = replace(there, file_store_endpoint=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(SettingsError, match="The store of files does not answer"):
        back_up(away, tmp_path / "away")


def test_a_restore_replaces_a_damaged_file_and_names_one_that_is_damaged_in_the_back_up(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    opened(settings)
    add_upload(settings, add_person(1))
    back_up(settings, tmp_path / "copy")
    db.session.remove()
    db.engine.dispose()
    (file,) = (path for path in settings.uploads.rglob("*") if path.is_file())
    for damage in (b"pict", b"PICTURE"):  # cut short, and of the same length
        file.write_bytes(damage)
        assert restore(settings, tmp_path / "copy").damaged == []
        assert file.read_bytes() == b"picture"
    name = file.relative_to(settings.uploads)
    (tmp_path / "copy" / "uploads" / name).write_bytes(b"damaged")
    assert restore(settings, tmp_path / "copy").damaged == []
    assert file.read_bytes() == b"picture", "what is whole stays"
    file.unlink()
    assert restore(settings, tmp_path / "copy").damaged == [name.as_posix()]


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


def test_a_back_up_of_a_later_version_is_refused_before_anything_is_touched(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    opened(settings)
    add_person(1)
    copy = tmp_path / "copy"
    back_up(settings, copy)
    assert len(json.loads((copy / "backup.json").read_text())["schema"]) == 1
    add_upload(settings, add_person(2))
    with closing(sqlite3.connect(copy / "database.sqlite")) as database_of_copy, database_of_copy:
        database_of_copy.execute("UPDATE alembic_version SET version_num = '9999'")
    (copy / "uploads" / "ab").mkdir(parents=True)
    (copy / "uploads" / "ab" / "new").write_bytes(b"new")
    for act in (restore, rehearse):
        with pytest.raises(SettingsError, match="later version of Convergence: its tables are at 9999"):
            act(settings, copy)
    assert counts()[0] == 2
    assert not (settings.uploads / "ab" / "new").exists()


def test_an_encrypted_back_up_is_read_with_its_key_alone(tmp_path, opened):
    try:
        import pyrage
    except ImportError:
        unavailable("no pyrage: install the extra encryption")
    right, wrong = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    for name, lines in (("right", ["# created: today", str(right)]), ("wrong", [str(wrong)]), ("none", ["# nothing"])):
        (tmp_path / name).write_text("\n".join(lines))
    settings = replace(settings_in(tmp_path / "site"), backup_recipients=(str(right.to_public()),))
    opened(settings)
    add_upload(settings, add_person(1))
    for name in ("copy", "copy.tar.gz"):
        with pytest.raises(SettingsError, match=r"end its name \.tar\.gz\.age"):
            back_up(settings, tmp_path / name)
    with pytest.raises(SettingsError, match="there is no key: set BACKUP_RECIPIENTS"):
        back_up(replace(settings, backup_recipients=()), tmp_path / "copy.tar.gz.age")
    archive = tmp_path / "copy.tar.gz.age"
    assert back_up(settings, archive).is_encrypted
    assert archive.read_bytes().startswith(b"age-encryption.org/v1")
    assert not stat.S_IMODE(archive.stat().st_mode) & 0o077
    add_person(2)
    for key, words in (
        (None, "is encrypted: give the file"),
        ("wrong", "encrypted for another"),
        ("none", "has no secret key of age"),
    ):
        with pytest.raises(SettingsError, match=words):
            restore(settings, archive, identity=key and tmp_path / key)
    cut = tmp_path / "cut.tar.gz.age"
    cut.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(SettingsError, match="can't be read"):
        restore(settings, cut, identity=tmp_path / "right")
    assert counts()[0] == 2
    assert rehearse(settings, archive, identity=tmp_path / "right").faults == []
    db.session.remove()
    db.engine.dispose()
    assert restore(settings, archive, identity=tmp_path / "right").counts["person"] == 1
    assert not list(tmp_path.glob(".backup-*"))
    assert not list(settings.instance.glob(".*")), "nothing that is not encrypted is left"


def test_a_rehearsal_restores_beside_the_site_and_finds_what_is_not_whole(tmp_path, opened):
    settings = settings_in(tmp_path / "site")
    app = opened(settings)
    for number in range(3):
        add_upload(settings, add_person(number))
    copy = tmp_path / "copy"
    back_up(settings, copy)
    command = app.test_cli_runner().invoke(args=["backup", "rehearse", str(copy)])
    assert (command.exit_code, "files: 3, activities: 6" in command.output) == (0, True), command.output
    first, second, _third = sorted(path for path in (copy / "uploads").rglob("*") if path.is_file())
    first.unlink()
    second.write_bytes(b"another picture")
    with closing(sqlite3.connect(copy / "database.sqlite")) as inside, inside:
        inside.execute("PRAGMA foreign_keys=OFF")
        inside.execute("DELETE FROM person WHERE name = 'P1'")
        inside.execute("DROP TRIGGER IF EXISTS activity_update")
    found = rehearse(settings, copy).faults
    assert [fault for fault in found if "no such file" in fault] == [
        f"{first.parent.name}/{first.name} is in the database, but there is no such file"
    ]
    for words in ("is not the file that was kept", "person has 2 rows, and had 3", "refers to rows that are not there"):
        assert any(words in fault for fault in found), words
    command = app.test_cli_runner().invoke(args=["backup", "rehearse", str(copy)])
    assert (command.exit_code, "This back-up is not whole." in command.output) == (1, True)
    assert counts()[0] == 3
    assert not list(settings.instance.glob(".rehearsal-*"))


@pytest.mark.one_database
def test_a_server_is_given_no_limit_that_it_does_not_know(tmp_path):
    """pg_restore of version 17 writes one for every server."""
    line, script = b"SET transaction_timeout = 0;\n", tmp_path / "restore.sql"
    head = b"--\n-- PostgreSQL database dump\n--\n\n\\restrict 0aZ\n\nSET lock_timeout = 0;\n"
    rest = b"SET client_encoding = 'UTF8';\nCOPY public.idea (body) FROM stdin;\n" + line
    for version, left in (((16, 4), b"-- " + line[3:]), ((17,), line), ((18, 1), line)):
        script.write_bytes(head + line + rest)
        fit_to_server(script, version=version)
        assert script.read_bytes() == head + left + rest, version
    script.write_bytes(head + rest)
    fit_to_server(script, version=(15,))
    assert script.read_bytes() == head + rest, "what people wrote stays"


@pytest.mark.one_database
def test_without_the_programs_of_postgresql_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    settings = replace(settings_in(tmp_path / "site"), database_url="postgresql+psycopg://ada:s3cret@127.0.0.1:1/ideas")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match=r"pg_dump and pg_restore and psql not found.*postgresql-client"):
        back_up(settings, tmp_path / "copy")
    for name in ("pg_dump", "pg_restore", "psql"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o700)
    with pytest.raises(SettingsError, match="The database can't be read"):
        back_up(settings, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_restored_back_up_of_postgresql_has_the_same_counts_files_and_a_whole_log(  # noqa: PLR0915 -- one story: two databases are made once
    tmp_path, postgresql_url, programs, opened, monkeypatch
):
    """While people write: whatever was acknowledged before is in it. The password is on no command line."""
    commands = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **facts: commands.append(command) or run(command, **facts))
    with ExitStack() as stack:
        settings = []
        for name in ("old", "new"):
            empty = replace(settings_in(tmp_path / name), database_url=postgresql_url)
            app = stack.enter_context(own_database(empty, tmp_path / name))
            url = make_url(app.extensions["settings"].database_url).set(password="s3cret").render_as_string(False)
            settings.append(replace(app.extensions["settings"], database_url=url))
        old, new = settings
        app = opened(old)
        for number in range(5):
            add_upload(old, add_person(number))
        acknowledged, stop = [], threading.Event()

        def write() -> None:
            with app.app_context():
                while not stop.is_set():
                    add_person(5 + len(acknowledged))
                    acknowledged.append(1)
                db.session.remove()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            while len(acknowledged) < 10:
                pass
            at_least = 5 + len(acknowledged)
            report = back_up(old, tmp_path / "copy.tar.gz")
        finally:
            stop.set()
            writer.join()
        assert at_least <= report.counts["person"] <= 5 + len(acknowledged)
        assert (report.files, report.missing) == (5, [])
        execute(postgresql_url, "CREATE DATABASE rehearsal_4711_0123abcd")  # of one that was killed
        rehearsed = rehearse(old, tmp_path / "copy.tar.gz")
        assert (rehearsed.faults, rehearsed.activities) == ([], report.counts["activity"])
        close_connections()
        with own_databases(postgresql_url) as names:
            assert not [name for name in names if name.startswith("rehearsal_")]
        for time_ in range(2):  # into an empty database, then over what is there, with a table of a later version
            restored = restore(new, tmp_path / "copy.tar.gz")
            assert (restored.counts, restored.files, restored.missing) == (report.counts, 5, [])
            if time_ == 0:
                execute(new.database_url, "CREATE TABLE later (id integer REFERENCES person)")
        opened(new, migrate=False)
        people, activities, broken = counts()
        assert (people, activities, broken) == (report.counts["person"], report.counts["activity"], None)
        add_person(1_000)  # numbers go on after those of the back-up
        content = (tmp_path / "copy.tar.gz").read_bytes()
        (tmp_path / "cut.tar.gz").write_bytes(content[: len(content) // 2])
        with pytest.raises(SettingsError, match="can't be read"):
            restore(new, tmp_path / "cut.tar.gz")
        with pytest.raises(SettingsError, match="is of PostgreSQL, and DATABASE_URL names SQLite"):
            restore(settings_in(tmp_path / "other"), tmp_path / "copy.tar.gz")
        assert counts()[0] == people + 1
        close_connections()
    assert {Path(command[0]).name for command in commands} >= {"pg_dump", "pg_restore", "psql"}
    assert not [command for command in commands if "s3cret" in " ".join(map(str, command))]


def close_connections() -> None:
    """So that the database can be dropped."""
    db.session.remove()
    db.engine.dispose()


def execute(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def own_databases(url: str):
    """The names of the databases of the server."""
    engine = create_engine(url)
    with engine.connect() as connection:
        yield list(connection.scalars(text("SELECT datname FROM pg_database")))
    engine.dispose()
