"""Answers and actions leave as a workbook or as CSV, are changed there, and come back."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.exports.files import write_export
from app.exports.returned import pack, unpack
from app.web.csv_file import csv_text
from clustering.table import HowToRead, read_table
from ideas.activity.activity import Activity
from ideas.activity.version import Version
from ideas.answers.action import Action, commit_to
from ideas.answers.decision import Decision, DecisionStatus
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.vote import Vote
from ideas.exports.export import ExportFormat
from ideas.exports.returned.sheet import AnswerCells, Sheet, SheetRow, read_answer, read_stamp, stamp
from ideas.exports.returned.step import TooManyChanges
from ideas.exports.rows import Authors
from ideas.outreach.returned import preview_rows
from ideas.text import clean, clean_line
from ideas.themes.placement import Placement

pytestmark = pytest.mark.one_database


@pytest.fixture
def answered(session, closed_campaign, make_theme, give_answer, alice, now):
    """Two answered themes with an action, and one without an answer; the texts are such as spreadsheets trip over."""
    texts = ("=SUM(A1:A9) – yes", "-1 step\n\n<b>soon</b> & 3 < 4 &amp;", "No answer")
    themes = [make_theme(closed_campaign, name, bodies=[f"{name}."]) for name in ("Ramps", "Buses", "Lights")]
    for theme, reason in zip(themes[:2], texts, strict=False):
        decision = give_answer(theme, reason=reason)
        due = now.date() + timedelta(days=30)
        commit_to(session, decision, title=f"@ {theme.name}", impact="'=1", owner=alice, due_on=due, by=alice, now=now)
    session.commit()
    return closed_campaign, themes


@pytest.fixture
def exported(app, session, tmp_path):
    """The bytes of an export, and its name."""

    def export(campaign, format_):
        path = tmp_path / "export"
        authors = Authors(campaign.id, "key", named=False)
        with app.test_request_context():
            write_export(path, session, campaign, format_=format_, authors=authors, address="http://localhost/")
        return path.read_bytes()

    return export


def tables_of(content):
    """The tables of decisions and actions of a workbook as lists of dictionaries, and the workbook made of them."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = {}
    for name in ("decisions", "actions"):
        head, *lines = book[name].iter_rows(values_only=True)
        rows[name] = [dict(zip(head, line, strict=True)) for line in lines]
    return rows


def workbook(tables):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        head = list(dict.fromkeys(column for row in rows for column in row))
        sheet.append(head)
        for row in rows:
            sheet.append([row.get(column) for column in head])
        for cell in (cell for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)):
            cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(browser, campaign, content, name="export.xlsx"):
    address = f"/campaigns/{campaign.id}/answers/import"
    return browser.post(address, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def confirm(browser, campaign, page, **data):
    fields = dict(re.findall(r'name="(rows|digest)" value="([^"]*)"', page.text))
    return browser.post(f"/campaigns/{campaign.id}/answers/import/confirm", data=fields | data)


def count_acts(session):
    return session.scalar(select(func.count()).select_from(Activity))


def test_an_export_that_comes_back_as_it_was_changes_nothing(answered, exported, app, session, signed_in, alice, now):
    campaign, _themes = answered
    browser, before = signed_in(alice), count_acts(session)
    archive = zipfile.ZipFile(io.BytesIO(exported(campaign, ExportFormat.CSV)))
    files = [("all.xlsx", exported(campaign, ExportFormat.XLSX))]
    files += [(name, archive.read(name)) for name in ("decisions.csv", "actions.csv")]
    # As a spreadsheet writes it in a country that begins with the day, with semicolons.
    table = list(csv.reader(io.StringIO(files[1][1].decode("utf-8-sig"))))
    there = [[re.sub(r"^(\d{4})-(\d\d)-(\d\d)$", r"\3/\2/\1", cell) for cell in line] for line in table]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(there)
    for name, content in [*files, ("decisions.csv", out.getvalue().encode())]:
        page = send(browser, campaign, content, name)
        assert page.status_code == 200
        assert "0 changes" in page.text
        assert "Save these changes" not in page.text
        assert "refused" not in page.text
    assert count_acts(session) == before


def test_changes_are_shown_then_made_by_the_rules_of_the_pages(answered, exported, session, signed_in, alice, bob, now):
    campaign, themes = answered
    browser = signed_in(alice)
    tables = tables_of(exported(campaign, ExportFormat.XLSX))
    ramps, buses = tables["decisions"]
    ramps |= {"status": "adopted", "respondent": "bob", "community_impact": "Wheelchairs pass."}
    buses["status"] = "declined"
    lights = {"theme_id": themes[2].id, "status": "Needs more", "reason": "Which street?"}
    tables["decisions"].append(lights)
    first, second = tables["actions"]
    first["progress"], second["abandoned_reason"] = 40, "No money."
    tables["actions"].append({"theme_id": themes[0].id, "title": "Build", "owner": "Alice", "due_on": "2027-05-01"})
    page = send(browser, campaign, workbook(tables))
    session.expire_all()
    assert session.scalars(select(Decision.status)).all() == [DecisionStatus.PLANNED] * 2
    assert "6 changes" in page.text
    assert "answers are drafts until the debrief" in page.text
    assert confirm(browser, campaign, page).status_code == 303
    session.expire_all()
    answers = {one.theme_id: one for one in session.scalars(select(Decision))}
    assert [answers[theme.id].status for theme in themes] == ["adopted", "declined", "needs_more"]
    assert [answers[theme.id].respondent_id for theme in themes] == [bob.id, alice.id, alice.id]
    assert [answers[theme.id].community_impact for theme in themes] == ["Wheelchairs pass.", "", ""]
    actions = {action.title: action for action in session.scalars(select(Action))}
    assert (actions["@ Ramps"].progress, actions["@ Buses"].abandoned_reason) == (40, "No money.")
    assert actions["Build"].due_on.isoformat() == "2027-05-01"
    # The same table once more: what is done is not done again.
    assert "0 changes" in send(browser, campaign, workbook(tables)).text


def test_a_published_answer_gets_a_version_with_a_reason_and_people_are_told(
    answered, exported, session, signed_in, alice, charlie, now
):
    campaign, _themes = answered
    campaign.debriefed_at = now - timedelta(hours=1)
    for decision in session.scalars(select(Decision)):
        decision.published_at = decision.updated_at
    session.commit()
    browser = signed_in(alice)
    tables = tables_of(exported(campaign, ExportFormat.XLSX))
    tables["decisions"][0]["status"] = "done"
    page = send(browser, campaign, workbook(tables))
    assert "1 person is told" in page.text
    assert "Why published answers change" in page.text
    refused = confirm(browser, campaign, page)
    assert refused.status_code == 422
    assert "Say why you change it" in refused.text
    assert confirm(browser, campaign, refused, reason="It is built.").status_code == 303
    kept = session.scalars(select(Version).where(Version.object_kind == "decision")).one()
    assert (kept.content["status"], kept.reason) == ("done", "It is built.")
    # What was exported before that, and changed otherwise: the answer of the site is not overwritten.
    tables["decisions"][0]["status"] = "declined"
    assert "changed on the site after the export" in send(browser, campaign, workbook(tables)).text
    assert confirm(browser, campaign, page, reason="Again").status_code == 409


def test_the_preview_names_who_is_told_and_shows_what_they_will_read(
    answered, exported, session, make_idea, make_person, signed_in, alice, now
):
    campaign, (ramps, buses, _lights) = answered
    campaign.debriefed_at = now - timedelta(hours=1)
    for decision in session.scalars(select(Decision)):
        decision.published_at = decision.updated_at
    ann, fan, shy = (make_person(name) for name in ("Ann Author", "Fan Supporter", "Shy Writer"))
    own, unsigned = make_idea(campaign, ann, "A ramp at the door."), make_idea(campaign, None, "Me.", is_anonymous=True)
    imported, other = make_idea(campaign, None, "A ramp for prams."), make_idea(campaign, ann, "A bus at night.")
    for idea, theme in ((own, ramps), (unsigned, ramps), (imported, ramps), (other, buses)):
        session.add(Placement(idea_id=idea.id, campaign_id=campaign.id, theme_id=theme.id))
    session.add(AnonymousAuthor(idea_id=unsigned.id, person_id=shy.id))
    session.add(Vote(idea_id=own.id, person_id=fan.id, created_at=now))
    session.add(ImportedAddress(idea_id=imported.id, email="zoe@example.org", agreed=True))
    session.commit()
    browser, before = signed_in(alice), count_acts(session)
    tables = tables_of(exported(campaign, ExportFormat.XLSX))
    tables["decisions"][0] |= {"status": "done", "change_reason": "It is built."}
    page = send(browser, campaign, workbook(tables)).text
    assert f'name="person" value="{ann.id}">Ann Author' in page
    assert "Fan Supporter" not in page
    assert "Shy Writer" not in page
    assert "2 people are not named here" in page
    assert "1 author without an account" in page
    assert re.search(r"(\d+) people are told\.", page)[1] == "5"  # and the author of the theme's own idea

    rows = re.search(r'name="rows" value="([^"]*)"', page)[1]
    address = f"/campaigns/{campaign.id}/answers/import/message"
    read = browser.post(address, data={"rows": rows, "person": ann.id}).text
    for words in ("Message to Ann Author", "A ramp at the door.", "It is built."):
        assert words in read
    assert "A bus at night." not in read  # nothing changes for it
    assert "/receipt/" not in read
    for person in (fan, shy):
        assert "is not named in the list" in browser.post(address, data={"rows": rows, "person": person.id}).text
    assert "Ann Author" in browser.post(address, data={"rows": rows}).text  # back to the list
    assert browser.post(address, data={"rows": "x"}).status_code == 303
    session.expire_all()
    assert count_acts(session) == before
    assert session.scalars(select(Decision.status).order_by(Decision.id)).first() == DecisionStatus.PLANNED


def test_each_row_that_makes_no_sense_is_refused_with_its_sentence(
    answered, exported, make_campaign, make_theme, give_answer, session, signed_in, alice, bob, now
):
    campaign, themes = answered
    other = make_theme(make_campaign(title="Another"), "Elsewhere")
    elsewhere = give_answer(other)
    replaced = make_theme(campaign, "Old name", bodies=["Old."])
    give_answer(replaced)
    sheet = tables_of(exported(campaign, ExportFormat.XLSX))
    old = next(row for row in sheet["decisions"] if row["theme_id"] == replaced.id)
    replaced.retired_at = now
    session.commit()
    ramps, buses = (row for row in sheet["decisions"] if row["theme_id"] != replaced.id)
    first, second = sheet["actions"]
    cases = {
        "There is no theme with the number 99999": [{"theme_id": 99999, "status": "done", "reason": "x"}],
        f"There is no theme with the number {other.id}": [
            {"decision_id": elsewhere.id, "theme_id": other.id, "status": "done", "reason": "x"}
        ],
        f"no answer with the number {elsewhere.id}": [ramps | {"decision_id": elsewhere.id, "status": "done"}],
        "say different things about the same row": [ramps | {"status": "done"}, ramps | {"status": "declined"}],
        "is no longer there": [old | {"status": "done"}],
        "“next week” is not a clear date": [ramps | {"decided_on": "next week"}],
        "“2026-02-30” is not a clear date": [ramps | {"decided_on": "2026-02-30"}],
        "“03/04/2026” is not a clear date": [ramps | {"decided_on": "03/04/2026"}],
        "Choose today or an earlier date": [ramps | {"decided_on": "2199-01-01"}],
        "“maybe” is no answer": [ramps | {"status": "maybe"}],
        "Nobody in the campaign team is called “Zoé”": [ramps | {"respondent": "Zoé"}],
        "This text is empty": [ramps | {"reason": ""}],
        "unfinished actions: @ Buses": [buses | {"status": "declined"}],
        "The column “version” is empty": [ramps | {"status": "done", "version": ""}],
        "has an answer already": [{"theme_id": themes[0].id, "status": "done", "reason": "x"}],
    }
    actions = {
        "no action with the number 88888": first | {"action_id": 88888, "progress": 3},
        "a table can only change the progress": first | {"title": "Other"},
        "“101” is no progress": second | {"progress": 101},
        "no answer yet": {"theme_id": themes[2].id, "title": "T", "owner": "Alice", "due_on": "2027-01-01"},
        "Enter the day by which": {"theme_id": themes[0].id, "title": "T", "owner": "Alice"},
    }
    for sentence, rows in [*cases.items(), *((sentence, [row]) for sentence, row in actions.items())]:
        kind = Sheet.ACTIONS if sentence in actions else Sheet.DECISIONS
        read = [SheetRow(kind, 2, {name: str(cell or "") for name, cell in row.items()}) for row in rows]
        shown = preview_rows(session, campaign, read, by=alice, now=now, day_first=False)
        assert [sentence in str(step.error) for step in shown.steps] == [True] * len(rows), sentence
        assert not shown.changes
    row = SheetRow(Sheet.DECISIONS, 2, {"theme_id": "99999", "status": "done"})
    with pytest.raises(TooManyChanges, match="more than 200 rows"):
        preview_rows(
            session, campaign,
            [SheetRow(Sheet.DECISIONS, line, row.cells | {"theme_id": str(99_000 + line)}) for line in range(201)],
            by=alice, now=now, day_first=False,
        )  # fmt: skip
    # A row that is refused keeps no other from being saved.
    page = send(
        signed_in(alice), campaign, workbook({"decisions": [ramps | {"status": "maybe"}, buses | {"status": "done"}]})
    )
    assert "“maybe” is no answer" in page.text
    assert confirm(signed_in(alice), campaign, page).status_code == 303


@given(st.text(min_size=1, max_size=80), st.dates())
@examples(max_examples=30)
def test_what_an_export_says_of_an_answer_is_read_back_the_same(text, day):
    reason = clean(text)
    cells = AnswerCells("declined", reason, clean_line(text), day, None, reason)
    written = {
        "decision_id": 1, "theme_id": 2, "status": "declined", "reason": reason, "respondent": cells.respondent,
        "decided_on": day.isoformat(), "expected_on": None, "community_impact": reason, "version": stamp(cells),
    }  # fmt: skip
    files = {
        "decisions.csv": csv_text(list(written), [list(written.values())]).encode(),
        "all.xlsx": workbook({"decisions": [written]}),
    }
    for name, content in files.items():
        [line] = read_table(io.BytesIO(content), name, HowToRead(header=1)).rows
        row = SheetRow(Sheet.DECISIONS, line.line, line.cells)
        read = read_answer(row, None, day_first=True)
        assert read == cells, name
        assert read_stamp(row.cell("version")) == stamp(read)


def test_other_files_and_forms_are_refused_with_a_sentence(answered, session, signed_in, alice):
    campaign, _themes = answered
    browser = signed_in(alice)
    files = {
        "holds neither answers nor actions": b"a,b\n1,2\n",
        "The column “reason” is missing": b"decision_id,theme_id,status\n1,2,done\n",
        "This file is empty": b"",
    }
    for sentence, content in files.items():
        page = send(browser, campaign, content, "x.csv")
        assert (page.status_code, sentence in page.text) == (422, True), sentence
    address = f"/campaigns/{campaign.id}/answers/import/confirm"
    for packed in ("", "????", "eJwDAAAAAAE=", pack([])):
        assert browser.post(address, data={"rows": packed}).status_code == 303
    row = SheetRow(Sheet.ACTIONS, 3, {"title": "é" * 10})
    assert unpack(pack([row])) == [row]
