"""The export of all that is stored about the reader: made by a job, for them alone, for seven days."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now as clock
from app.extensions import database
from app.jobs import delete_expired, export_data
from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from app.worker.worker import run_next
from ideas.accounts.second_factor import SecondFactor
from ideas.files import File, Purpose
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person
from ideas.privacy.export import stored_rows
from tests.app.privacy.conftest import ADDRESS, NAME, TEXTS
from tests.conftest import PASSWORD


@pytest.fixture
def hers(eloise, signed_in):
    return signed_in(eloise)


@pytest.fixture
def export(app, hers):
    """Ask for the export as the page does, and have it made."""

    def run():
        assert hers.post("/me/data/export", data={"present_password": PASSWORD}).status_code == 303
        with app.app_context():
            while run_next():
                pass
            database().close()
        return zipfile.ZipFile(io.BytesIO(hers.get("/me/data/export.zip", buffered=True).data))

    return run


def test_it_holds_everything_and_opens_as_tables(session, traces, export):
    archive = export()
    names = set(archive.namelist())
    person = json.loads(archive.read("json/person.id.json"))[0]
    assert (person["name"], person["email"]) == (NAME, ADDRESS)
    assert {"json/idea.author_id.json", "json/vote.person_id.json", "json/sanction.person_id.json"} <= names
    assert [name for name in names if name.startswith("files/") and archive.read(name) == b"RIFF"]
    ideas = list(csv.DictReader(io.StringIO(archive.read("csv/ideas.csv").decode("utf-8-sig"))))
    assert {idea["text"] for idea in ideas} == {TEXTS[1], TEXTS[2], "Draft: velvet ropes"}
    assert len(list(csv.reader(io.StringIO(archive.read("csv/votes.csv").decode("utf-8-sig"))))) == 3


def test_no_secret_and_nobody_else_is_in_it(session, eloise, traces, bob):
    session.add(SecondFactor(person_id=eloise.id, salt="s" * 64, sealed="k" * 32, created_at=traces.created_at))
    session.commit()
    found = dict(stored_rows(session, eloise))
    assert not [secret for secret in ("s" * 64, "k" * 32) if secret in json.dumps(found)]
    assert "secret" not in found["identity.person_id"][0]
    assert "given_by_id" not in found["sanction.person_id"][0]


def test_its_owner_is_told_and_nobody_else_can_fetch_it(
    app, session, eloise, export, signed_in, bob, client, settings, now
):
    export()
    with app.app_context():
        notify_due(now)
        deliver_due(clock())
        database().close()
    mail = session.scalars(select(Message).where(Message.notice_id.is_not(None))).one()
    assert mail.subject == "Convergence: the export of your data is ready"
    assert "http://localhost/me/data" in mail.body
    assert "because you asked for an export" in mail.body
    (settings.mail_folder / f"{mail.id:06}.eml").unlink()
    told = session.scalars(select(Notice).where(Notice.kind == NoticeKind.EXPORT_READY)).one()
    assert told.person_id == eloise.id
    assert signed_in(bob).get("/me/data/export.zip").status_code == 404
    assert client.get("/me/data/export.zip").status_code == 303
    file = session.scalars(select(File).where(File.purpose == Purpose.EXPORT)).one()
    assert signed_in(bob).get(f"/files/{file.id}").status_code == 404


def test_it_asks_for_the_password(hers, session):
    answer = hers.post("/me/data/export", data={"present_password": "wrong"})
    assert answer.status_code == 422
    assert hers.get("/me/data/export.zip").status_code == 404


def test_a_newer_one_replaces_it_and_after_seven_days_it_is_deleted(app, session, hers, export, uploads):
    export()
    export()
    first, second = session.scalars(select(File).where(File.purpose == Purpose.EXPORT).order_by(File.id)).all()
    assert first.removed_at is not None
    assert not (uploads / first.stored_as).exists()
    second.created_at -= timedelta(days=7)
    session.commit()
    assert hers.get("/me/data/export.zip").status_code == 404
    with app.app_context():
        delete_expired.run(None, report=lambda *_: None)
        database().commit()
    assert not (uploads / second.stored_as).exists()


def test_an_erasure_meanwhile_leaves_no_file(app, session, eloise, uploads, hers, monkeypatch, now):
    assert hers.post("/me/data/export", data={"present_password": PASSWORD}).status_code == 303
    digest_of = export_data.digest_of
    before = set(uploads.rglob("*"))

    def erase_and_digest(blocks):
        database().execute(update(Person).where(Person.id == eloise.id).values(erased_at=now))
        return digest_of(blocks)

    monkeypatch.setattr(export_data, "digest_of", erase_and_digest)
    with app.app_context():
        assert run_next()
        database().close()
    assert session.scalar(select(File.id).where(File.purpose == Purpose.EXPORT)) is None
    assert {path for path in uploads.rglob("*") if path.is_file()} <= before
