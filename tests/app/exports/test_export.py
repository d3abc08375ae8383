"""An export from its page to its file: asked for, made by the worker, fetched, gone."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import select

from app.clock import now as clock
from app.extensions import database
from app.jobs import delete_expired, export_campaign
from app.mail.notices import notify_due
from app.worker.worker import run_next
from ideas.activity.activity import Activity, Verb
from ideas.files import File, Purpose
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person
from ideas.work.job import Job, JobKind, JobStatus

pytestmark = pytest.mark.one_database
TEXTS = ("A bus on Sunday", '=HYPERLINK("http://x")', "-1 step, please\nand a ramp", "Éléphants, l’été")


@pytest.fixture
def campaign_with_ideas(session, closed_campaign, make_idea, make_theme, charlie):
    make_theme(closed_campaign, "Ways", ideas=[make_idea(closed_campaign, charlie, text) for text in TEXTS])
    session.commit()
    return closed_campaign


@pytest.fixture
def export(app, campaign_with_ideas, signed_in, alice):
    """Ask as the page does, have the file made, and fetch it from the link on the page."""
    browser, address = signed_in(alice), f"/campaigns/{campaign_with_ideas.id}/export"

    def run(format_, **data):
        assert browser.post(address, data={"format": format_} | data).status_code == 303
        assert "hx-trigger" in browser.get(address).text
        work(app)
        page = browser.get(address).text
        link = page.split(f'href="{address}/')[1].split('"')[0]
        return browser.get(f"{address}/{link}", buffered=True)

    return run


@pytest.fixture
def people(alice, bob):
    return alice, bob


def work(app):
    with app.app_context():
        while run_next():
            pass
        database().close()


def test_a_workbook_has_texts_as_they_are_and_explains_its_columns(export):
    book = openpyxl.load_workbook(io.BytesIO(export("xlsx").data))
    ideas = list(book["ideas"].iter_rows(values_only=True))
    place = ideas[0].index("text")
    assert [row[place] for row in ideas[1:]] == list(TEXTS)
    assert all(cell.data_type != "f" for row in book["ideas"].iter_rows() for cell in row)
    explained = {(table, column) for table, column, _ in book["columns"].iter_rows(min_row=2, values_only=True)}
    assert explained == {
        (sheet.title, cell.value) for sheet in book.worksheets for cell in sheet[1] if sheet.title != "columns"
    }


def test_csv_is_safe_in_a_spreadsheet_and_the_same_after_an_import(export, campaign_with_ideas, signed_in, alice, app):
    archive = zipfile.ZipFile(io.BytesIO(export("csv", named="y").data))
    table = archive.read("ideas.csv")
    assert all(archive.read(name).startswith(b"\xef\xbb\xbf") for name in archive.namelist()), "Excel reads it as UTF-8"
    explained = csv.DictReader(io.StringIO(archive.read("columns.csv").decode("utf-8-sig")))
    assert {(row["table"], row["column"]) for row in explained if row["meaning"]} == {
        (name.removesuffix(".csv"), column)
        for name in set(archive.namelist()) - {"columns.csv"}
        for column in next(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    }
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert rows[1]["text"].startswith("'=")
    assert {row["author_name"] for row in rows} == {"Charlie"}
    browser, address = signed_in(alice), f"/campaigns/{campaign_with_ideas.id}/import"
    found = browser.post(address, data={"file": (io.BytesIO(table), "ideas.csv")}, follow_redirects=True)
    for text in TEXTS:
        assert text.split("\n")[0].replace('"', "&#34;").replace("’", "’") in found.text
    assert "&#39;=HYPERLINK" not in found.text
    assert "&#39;-1 step" not in found.text


def test_json_and_polis_are_read_by_programs(export):
    found = json.loads(export("json").data)
    assert [idea["text"] for idea in found["ideas"]] == list(TEXTS)
    assert found["campaign"][0]["ideas"] == len(found["ideas"])
    explained = {(row["table"], row["column"]) for row in found["columns"] if row["meaning"]}
    assert {table for table, _column in explained} == set(found) - {"columns", "version"}
    assert {("ideas", column) for column in found["ideas"][0]} <= explained
    archive = zipfile.ZipFile(io.BytesIO(export("polis").data))
    assert set(archive.namelist()) == {"summary.csv", "comments.csv", "votes.csv", "participants-votes.csv"}
    comments = list(csv.DictReader(io.StringIO(archive.read("comments.csv").decode())))
    assert [comment["comment-body"] for comment in comments] == list(TEXTS)


def test_it_is_logged_told_and_deleted_after_a_week(app, session, export, campaign_with_ideas, alice, monkeypatch):
    monkeypatch.setattr("ideas.exports.export.LONG", timedelta(0))
    export("json", named="y")
    logged = select(Activity).where(Activity.verb == Verb.EXPORTED, Activity.campaign_id == campaign_with_ideas.id)
    assert session.scalars(logged).one().after == {"format": "json", "named": True}
    with app.app_context():
        notify_due(clock())
        database().close()
    assert session.scalars(select(Notice.person_id).where(Notice.kind == NoticeKind.CAMPAIGN_EXPORTED)).all() == [
        alice.id
    ]
    monkeypatch.setattr(delete_expired, "now", lambda: clock() + timedelta(days=8))
    with app.app_context():
        delete_expired._delete_exports()  # noqa: SLF001 -- the rest of the job is tried elsewhere
        database().close()
    session.expire_all()
    file = session.scalars(select(File).where(File.purpose == Purpose.CAMPAIGN_EXPORT)).one()
    assert file.removed_at is not None


def test_a_file_begun_before_an_erasure_is_not_kept(
    app, session, campaign_with_ideas, signed_in, alice, bob, monkeypatch
):
    signed_in(alice).post(f"/campaigns/{campaign_with_ideas.id}/export", data={"format": "json"})
    digest_of = export_campaign.digest_of

    def erase_and_digest(path):
        database().get_one(Person, bob.id).erased_at = clock()
        database().commit()
        return digest_of(path)

    monkeypatch.setattr(export_campaign, "digest_of", erase_and_digest)
    work(app)
    session.expire_all()
    job = session.scalars(select(Job).where(Job.kind == JobKind.EXPORT_CAMPAIGN)).one()
    assert job.status is JobStatus.QUEUED, "the next attempt writes it again"
    assert session.scalar(select(File.id).where(File.purpose == Purpose.CAMPAIGN_EXPORT)) is None


def test_a_second_one_waits_for_the_first(campaign_with_ideas, signed_in, alice):
    browser, address = signed_in(alice), f"/campaigns/{campaign_with_ideas.id}/export"
    browser.post(address, data={"format": "json"})
    again = browser.post(address, data={"format": "csv"})
    assert again.status_code == 422
    assert "already being made" in again.text


def test_a_text_that_looks_like_markup_breaks_no_workbook(export, session, campaign_with_ideas, make_idea, charlie):
    make_idea(campaign_with_ideas, charlie, "<r>a & b</r>")
    session.commit()
    book = openpyxl.load_workbook(io.BytesIO(export("xlsx").data))
    assert "<r>a & b</r> " in [cell.value for row in book["ideas"].iter_rows() for cell in row]


def test_one_with_names_is_for_whoever_asked_for_it(export, campaign_with_ideas, signed_in, bob):
    assert export("json", named="y").status_code == 200
    page = signed_in(bob).get(f"/campaigns/{campaign_with_ideas.id}/export").text
    assert ".json" not in page
    assert export("json").status_code == 200
    assert ".json" in signed_in(bob).get(f"/campaigns/{campaign_with_ideas.id}/export").text
