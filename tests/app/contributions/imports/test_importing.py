import errno
import io
import re
import zipfile
from contextlib import contextmanager

import openpyxl
import pytest
from sqlalchemy import event, func, select

from app.sandbox import reading as sandboxed
from app.sandbox.process import Refused
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.idea import Idea, submitted_ideas
from ideas.contributions.imports.importing import IdeaImport, imports_of
from ideas.work.job import Job, JobStatus
from tests import exports
from tests.effort import effort

CHOSEN = r'<select[^>]* name="(\w+)"(?:(?!</select>).)*?<option selected value="(\d*)"'
CSV = b"text\nA night bus\nA cycle lane\n"


def workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook that says it unpacks to 500 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.infolist()[0].file_size = 500 * 1024 * 1024
    return out.getvalue()


def figures(page: str) -> list[str]:
    return re.findall(r'figure__value">([^<]*)<', page)


def bodies(session, campaign) -> list[str]:
    session.expire_all()
    return [idea.body for idea in session.scalars(submitted_ideas(campaign))]


# The page


def test_a_file_is_previewed_before_it_is_imported(send, session, campaign):
    page = send("Titre;Votre idée;Âge\nBus;Un bus de nuit;33\n;;\n;  ;41\n".encode("cp1252"))
    assert (page.status_code, page.request.path.startswith(f"/campaigns/{campaign.id}/import/")) == (200, True)
    assert figures(page.text) == ["1", "0", "1"]
    assert "Un bus de nuit" in page.text
    assert "The text is empty." in page.text
    assert ">4</td><td>The text is empty." in page.text
    assert bodies(session, campaign) == []


def test_an_import_is_reported_and_its_file_deleted(send, session, campaign):
    page = send(b"text,author\nA night bus,Awa\n,Bob\nA cycle lane,\n")
    answer = send.browser.post(page.request.path, data={"text": "0", "author": "1"})
    assert (answer.status_code, answer.location) == (303, page.request.path)
    report = send.browser.get(answer.location).text
    assert figures(report) == ["2", "0", "1"]
    assert "The text is empty." in report
    assert f"/campaigns/{campaign.id}/themes/group" in report
    assert bodies(session, campaign) == ["A night bus", "A cycle lane"]
    assert session.scalars(select(IdeaImport)).one().content is None
    assert "ideas.csv" in send.browser.get(f"/campaigns/{campaign.id}/import").text


def test_a_second_click_and_a_second_file_add_nothing(send, session, campaign):
    first = send(CSV).request.path
    for _ in range(2):
        assert send.browser.post(first, data={"text": "0"}).status_code == 303
    again = send(CSV)
    assert figures(again.text) == ["0", "2", "0"]
    send.browser.post(again.request.path, data={"text": "0"})
    assert "Nothing was added twice" in send.browser.get(again.request.path).text
    assert len(session.scalars(submitted_ideas(campaign)).all()) == 2


def test_columns_can_be_changed_before_importing(send, session, campaign):
    page = send(b"a,b\nleft,right\nup,\n")
    assert "Choose the column that holds the text" in page.text
    checked = send.browser.post(page.request.path, data={"text": "1", "check": "yes"})
    assert (checked.status_code, figures(checked.text)) == (200, ["1", "0", "1"])
    assert bodies(session, campaign) == []
    send.browser.post(page.request.path, data={"text": "0", "title": "", "key": ""})
    assert bodies(session, campaign) == ["left", "up"]


def test_a_change_of_column_returns_only_the_outcome(send):
    page = send(b"a,b\nleft,right\n")
    part = send.browser.post(page.request.path, data={"text": "1", "check": "yes"}, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert figures(part) == ["1", "0", "0"]
    assert "right" in part


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"text": ""}, "Choose the column that holds the text."),
        ({"text": "0", "title": "0"}, "The column “a” is chosen twice. Choose another one."),
        ({"text": "7"}, "Not a valid choice."),
        ({"text": "x"}, "could not coerce"),
    ],
)
def test_an_impossible_choice_of_columns_is_refused(send, session, campaign, sent, sentence):
    page = send(b"a,b\nleft,right\n")
    answer = send.browser.post(page.request.path, data=sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert bodies(session, campaign) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("text\nUn été plus sûr\n".encode("utf-8-sig"), "bom.csv"),
        ("text\nUn été plus sûr\n".encode("utf-16"), "excel.csv"),
        ("text;autre\nUn été plus sûr;1\n".encode(), "semicolons.csv"),
        ("autre\ttext\n1\tUn été plus sûr\n".encode(), "tabs.tsv"),
        ("autre;texte\n1;Un été plus sûr, où l’on se sent protégé\n".encode("cp1252"), "windows.csv"),
        (workbook(["id", "Idée"], [1, "Un été plus sûr"]), "book.xlsx"),
        (workbook(["id", "Idée"], [1, "Un été plus sûr"]), "wrong-name.csv"),
    ],
)
def test_the_usual_files_are_read(send, session, campaign, content, name):
    page = send(content, name)
    chosen = dict(re.findall(CHOSEN, page.text, re.DOTALL))
    send.browser.post(page.request.path, data=chosen)
    assert [body.partition(",")[0] for body in bodies(session, campaign)] == ["Un été plus sûr"]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", "This file is empty."),
        (b" \n\n", "a.csv", "This file is empty."),
        (b"text,id\n", "a.csv", "but no rows"),
        (workbook(["text"]), "a.xlsx", "but no rows"),
        (b"text\nfine\n\x81\x8d\x8f\x90\x9d\xff\xfe\x00\n", "a.csv", "can’t be read"),
        (b'text\n"never closed\n', "a.csv", "a quotation mark that is not closed"),
        (b"this is no workbook", "a.xlsx", "This Excel file can’t be read."),
        (b"PK\x03\x04 neither is this", "a.xlsx", "This Excel file can’t be read."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "old Excel format"),
        (bomb(), "a.xlsx", "too large once unpacked"),
        (b",".join(b"c%d" % place for place in range(201)) + b"\n1\n", "a.csv", "This file has 201 columns."),
        (b"a," * 50_000 + b"a\n1\n", "a.csv", "This file has 50,001 columns."),
    ],
)
def test_a_file_that_cannot_be_used_gets_its_sentence(send, session, content, name, sentence):
    answer = send(content, name)
    assert answer.status_code == 422
    assert sentence in answer.text.partition('id="file-error"')[2]
    assert session.scalar(select(IdeaImport)) is None


def test_an_upload_without_a_file_is_refused(send, campaign):
    answer = send.browser.post(f"/campaigns/{campaign.id}/import")
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_too_large_a_file_is_refused(send, campaign):
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    answer = send.browser.post(
        f"/campaigns/{campaign.id}/import",
        data=start + b"text\n" + b"x" * 17 * 1024 * 1024 + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert "choose a smaller file" in answer.text


def test_one_row_is_enough(send):
    assert figures(send(b"text\nA night bus\n").text) == ["1", "0", "0"]


def test_hostile_headers_names_and_cells_are_escaped(send, session, campaign):
    header = '"<script>alert(1)</script>","text","text","","%(x)s {{ 7*7 }}"'
    page = send(f"{header}\n1,=HYPERLINK(1),+2,<b>,@x\n".encode(), "../../<img src=x>.csv")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x>" not in page.text
    assert "{{ 7*7 }}" in page.text
    send.browser.post(page.request.path, data={"text": "1"})
    assert bodies(session, campaign) == ["=HYPERLINK(1)"]


def test_a_formula_of_a_workbook_is_never_run(send):
    page = send(workbook(["id", "text"], [1, "=1+1"], [2, "A night bus"]), "a.xlsx")
    assert figures(page.text) == ["1", "0", "1"]  # a formula without a kept result is an empty cell


@pytest.mark.parametrize("name", ["é" * 200_000 + ".csv", "a" + "\u0315\u0300" * 30_000 + ".csv"])
def test_the_name_of_a_file_may_be_of_any_length(send, session, name):
    """A process takes no argument of more than 128 kB: such a name failed with 500."""
    page = send(CSV, name)
    assert page.status_code == 200
    assert session.scalars(select(IdeaImport)).one().preview["row_count"] == 2


@pytest.mark.slow
def test_little_is_kept_of_huge_column_names_and_cells_to_be_shown(send, session, campaign):
    huge = b"text " + b"x" * 3_000_000
    page = send(huge + b"\n" + huge + b"\nA night bus\n")
    assert page.status_code == 200
    kept = session.scalars(select(IdeaImport)).one()
    assert len(str(kept.preview)) < 10_000
    send.browser.post(f"/campaigns/{campaign.id}/import/{kept.id}", data={"text": "0"})
    assert bodies(session, campaign) == ["A night bus"]


def test_an_import_can_be_cancelled(send, session, campaign):
    path = send(CSV).request.path
    assert send.browser.post(f"{path}/cancel").location == f"/campaigns/{campaign.id}/import"
    assert send.browser.get(path).status_code == 404
    assert session.scalar(select(func.count(Idea.id))) == 0


def test_a_file_belongs_to_its_campaign_and_to_managers(send, client, signed_in, charlie, alice, closed_campaign):
    path = send(CSV).request.path
    assert client.get(path).location.startswith("/sign-in")
    assert signed_in(charlie).get(path).status_code == 403
    assert signed_in(charlie).post(f"{path}/cancel").status_code == 403
    number = path.rsplit("/", 1)[1]
    assert signed_in(alice).get(f"/campaigns/{closed_campaign.id}/import/{number}").status_code == 404


def test_importing_is_refused_after_the_debrief(signed_in, alice, make_campaign, now):
    done = make_campaign(debriefed_at=now)
    answer = signed_in(alice).post(f"/campaigns/{done.id}/import", data={"file": (io.BytesIO(CSV), "a.csv")})
    assert answer.status_code == 422
    assert "the debrief is published" in answer.text


def test_the_list_of_imports_takes_a_constant_number_of_queries(send, session, campaign, connection, alice, now):
    seen = []
    event.listen(connection, "before_cursor_execute", lambda *_: seen.append(1))

    def cost() -> int:
        seen.clear()
        assert send.browser.get(f"/campaigns/{campaign.id}/import").status_code == 200
        return len(seen)

    def add(count: int) -> None:
        report = {"added": 1, "known": 0, "refused_total": 0, "refused": []}
        session.add_all(
            IdeaImport(
                campaign_id=campaign.id,
                person_id=alice.id,
                filename="a.csv",
                created_at=now,
                finished_at=now,
                report=report,
            )
            for _ in range(count)
        )
        session.commit()

    add(3)
    few = cost()
    add(27)
    assert cost() == few


@pytest.mark.slow
def test_a_record_contest_is_imported_well_within_five_seconds(send, session, campaign):
    lines = "".join(
        f"{number},Une idée sur le vélo numéro {number} {'et ses suites ' * 12}\n" for number in range(1225)
    )
    with effort() as cost:
        page = send(f"id,texte\n{lines}".encode())
        send.browser.post(page.request.path, data={"text": "1", "key": "0"})
        assert figures(send.browser.get(page.request.path).text) == ["1,225", "0", "0"]
    assert cost.seconds < 5
    assert len(session.scalars(submitted_ideas(campaign)).all()) == 1225


# The command


@pytest.fixture
def run(app, connection, campaign, tmp_path):
    def run(content: bytes, *options: str, name: str = "ideas.csv", number: int | None = None):
        path = tmp_path / name
        path.write_bytes(content)
        runner = app.test_cli_runner()
        return runner.invoke(args=["idea", "import", str(number or campaign.id), str(path), *options])

    return run


def test_the_command_imports_once(run, session, campaign):
    content = b"text\nA night bus\n \nA cycle lane\n"
    first = run(content)
    assert first.exit_code == 0
    assert first.stdout.splitlines()[:3] == ["added: 2", "already imported: 0", "refused: 0"]
    assert run(content).stdout.splitlines()[:2] == ["added: 0", "already imported: 2"]
    assert len(session.scalars(submitted_ideas(campaign)).all()) == 2
    assert session.scalar(select(Job)) is None


def test_the_command_prints_refused_rows_with_their_lines(run):
    answer = run(b"id,text\n1,A night bus\n2,\n1,A cycle lane\n")
    assert answer.stdout.splitlines()[2:-1] == [
        "refused: 2",
        "  line 3: The text is empty.",
        "  line 4: The identifier “1” is already on line 2.",
    ]


def test_a_dry_run_of_the_command_writes_nothing(run, session, campaign):
    assert run(CSV, "--dry-run").stdout.splitlines()[0] == "to add: 2"
    assert len(session.scalars(submitted_ideas(campaign)).all()) == 0
    assert session.scalar(select(IdeaImport)) is None


def test_a_dry_run_shows_how_the_file_is_read(run):
    rows = [
        ("Banc", "Rien pour s’asseoir", "Un banc à l’ombre", "Awa"),
        ("Bus", "Trop de voitures", "Un bus de nuit", "Bob"),
    ]
    content = "Titre;Problème;Solution;Auteur;Statut\n" + "".join(f"{';'.join(row)};publié\n" for row in rows)
    assert run(content.encode("cp1252"), "--dry-run").stdout.splitlines()[3:] == [
        "text: Problème, Solution, joined", "title: Titre", "author: Auteur, not shown", "language: none",
        "identifier: none", "state: Statut", "addresses: none", "encoding: cp1252",
        "idea 1: Banc – Rien pour s’asseoir Un banc à l’ombre",
        "idea 2: Bus – Trop de voitures Un bus de nuit",
    ]  # fmt: skip


def test_an_idea_with_a_row_for_each_vote_is_shown_once(run):
    lines = run(exports.cap_collectif(), "--dry-run").stdout.splitlines()
    assert (lines[0], lines[-2].partition(" – ")[0]) == ("to add: 6", f"idea 1: {exports.IDEAS[0]}")


def test_an_import_by_the_command_is_undone_from_its_report(run, session, campaign, signed_in, alice):
    run(b"id,text\n1,A bus\n")
    last = run(b"id,text\n1,A night bus\n2,A lane\n", "--same-id", "replace").stdout.splitlines()[-1]
    page = last.removeprefix("report, from which to undo it: http://localhost")
    browser = signed_in(alice)
    assert "1 idea will be withdrawn" in browser.get(page).text
    browser.post(f"{page}/undo", data={"reason": "Wrong file"})
    assert bodies(session, campaign) == ["A bus"]
    assert [upload.filename for upload in imports_of(session, campaign)] == ["ideas.csv"] * 2


def test_the_command_takes_named_columns(run, session, campaign):
    content = "n°,qui,quoi,où,lg\n7,Awa,Un bus,La gare,fr\n".encode()
    named = ["--text", "quoi", "--title", "OÙ", "--author", "qui", "--lang", "lg", "--id", "n°"]
    assert run(content, *named).exit_code == 0
    idea = session.scalars(select(Idea)).one()
    assert (idea.body, idea.title, idea.author_name, idea.lang, idea.import_key) == (
        "Un bus", "La gare", "Awa", "fr", "id:7",
    )  # fmt: skip


def test_the_command_reads_a_sheet_a_header_and_several_texts(run, session, campaign):
    rows = [["Export", "", ""], ["ref", "quoi", "pourquoi"], ["7", "Un bus", "Il fait nuit"]]
    content = exports.workbook(Lisez=[["A lire"]], Reponses=rows)
    named = ["--sheet", "Reponses", "--header", "2", "--text", "quoi", "--more", "pourquoi", "--id", "ref"]
    assert run(content, *named, name="ideas.xlsx").exit_code == 0
    assert session.scalars(select(Idea)).one().body == "Un bus\n\nIl fait nuit"
    apart = run(content, *named, "--apart", "--same-id", "add", "--dry-run", name="ideas.xlsx")
    assert "text: quoi, pourquoi, each an idea of its own" in apart.output
    unknown = run(content, "--sheet", "Autre", name="ideas.xlsx")
    assert (unknown.exit_code, "Sheets: Lisez, Reponses" in unknown.output) == (2, True)


def test_the_command_takes_an_encoding_and_the_addresses_of_authors(run, session, campaign):
    content = "quoi,contact\nUn café €,awa@example.org\n".encode("cp1252")
    named = ["--text", "quoi", "--email", "contact", "--encoding", "cp1252"]
    assert run(content, *named).exit_code == 0
    idea = session.scalars(select(Idea)).one()
    assert idea.body == "Un café €"
    assert session.scalars(select(ImportedAddress.email)).all() == ["awa@example.org"]
    assert "There is no encoding latin-99." in run(content, "--encoding", "latin-99").output


def test_the_command_leaves_out_what_was_rejected_and_says_what_it_does_with_known_identifiers(run, session, campaign):
    run(b"id,text\n1,A night bus\n")
    content = b"id,text,status\n1,A tram,open\n2,A ramp,rejected\n"
    assert run(content, "--dry-run").stdout.splitlines()[:5] == [
        "to add: 0", "already imported: 0", "same identifier, other text: 1", "left out because of their state: 1",
        "refused: 0",
    ]  # fmt: skip
    run(content, "--same-id", "replace", "--with-rejected")
    assert bodies(session, campaign) == ["A tram", "A ramp"]


def test_the_command_takes_another_column_of_states_or_none(run, session, campaign):
    content = b"id,text,status,kept\n1,A tram,open,yes\n2,A ramp,rejected,yes\n3,A bench,open,spam\n"
    assert run(content, "--state", "nothing", "--dry-run").exit_code == 2
    assert "state: none" in run(content, "--state", "none", "--dry-run").stdout
    run(content, "--state", "kept")
    assert bodies(session, campaign) == ["A tram", "A ramp"]
    run(content, "--state", "none")
    assert bodies(session, campaign) == ["A tram", "A ramp", "A bench"]


def test_the_command_stores_no_name_that_was_not_asked_for(run, session):
    run(b"text,author\nA night bus,Awa\n")
    assert session.scalars(select(Idea.author_name)).one() == ""


@pytest.mark.parametrize(
    ("content", "options", "line"),
    [
        (b"a,b\n1,2\n", [], "Error: Choose the column that holds the text. The file has: a, b."),
        (b"a,b\n1,2\n", ["--text", "c"], "Error: There is no column “c”. The file has: a, b."),
        (b"a,b\n1,2\n", ["--text", "a", "--id", "a"], "Error: The column “a” is chosen twice. Choose another one."),
        (b"", [], "Error: This file is empty."),
        (b"text\n", [], "Error: This file has column names but no rows. There is nothing to import."),
    ],
)
def test_bad_input_prints_one_line_with_status_two(run, content, options, line):
    answer = run(content, *options)
    assert (answer.exit_code, answer.stdout, answer.stderr) == (2, "", f"{line}\n")


def test_the_command_reports_an_unknown_campaign_or_file(run, app, campaign):
    assert run(CSV, number=9999).stderr == "Error: There is no campaign 9999.\n"
    answer = app.test_cli_runner().invoke(args=["idea", "import", str(campaign.id), "/nowhere/ideas.csv"])
    assert (answer.exit_code, answer.stderr) == (
        2,
        "Error: /nowhere/ideas.csv can't be read: No such file or directory.\n",
    )


# Large files


@pytest.mark.slow
def test_a_table_beyond_a_bound_is_refused_with_a_sentence_that_names_it(send, session):
    answer = send(b"text\n" + b"a\n" * 200_001)
    assert answer.status_code == 422
    assert "This file has more than 200,000 rows." in answer.text.partition('id="file-error"')[2]
    assert session.scalar(select(IdeaImport)) is None


@pytest.mark.slow
def test_a_large_file_is_not_tried_before_and_shows_its_progress(signed_in, alice, campaign, session, carry_out):
    browser = signed_in(alice)
    content = b"text\n" + b"".join(b"idea %d\n" % number for number in range(6_000))
    sent = browser.post(f"/campaigns/{campaign.id}/import", data={"file": (io.BytesIO(content), "a.csv")})
    page = browser.get(sent.location).text
    assert "This file is large." in page
    assert "Import 6,000 rows" in page
    assert browser.post(sent.location, data={"text": "0"}).location == sent.location
    waiting = browser.get(sent.location).text
    assert "Waiting to start" in waiting
    assert "Stop this import" in waiting
    part = browser.get(sent.location, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    carry_out()
    assert browser.get(sent.location, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert figures(browser.get(sent.location).text) == ["6,000", "0", "0"]


def test_an_import_that_failed_says_what_is_kept_and_can_be_run_again(signed_in, alice, campaign, session, carry_out):
    browser = signed_in(alice)
    sent = browser.post(f"/campaigns/{campaign.id}/import", data={"file": (io.BytesIO(CSV), "a.csv")})
    browser.post(sent.location, data={"text": "0"})
    job = session.scalars(select(Job)).one()
    job.status = JobStatus.FAILED
    session.commit()
    page = browser.get(sent.location).text
    assert "The import stopped." in page
    assert f"/campaigns/{campaign.id}/jobs/{job.id}/run-again" in page
    browser.post(f"/campaigns/{campaign.id}/jobs/{job.id}/run-again")
    carry_out()
    assert figures(browser.get(sent.location).text) == ["2", "0", "0"]


def test_an_import_can_be_stopped_while_it_waits(signed_in, alice, campaign, session):
    browser = signed_in(alice)
    sent = browser.post(f"/campaigns/{campaign.id}/import", data={"file": (io.BytesIO(CSV), "a.csv")})
    browser.post(sent.location, data={"text": "0"})
    assert browser.post(f"{sent.location}/cancel").location == f"/campaigns/{campaign.id}/import"
    assert session.scalars(select(Job.status)).all() == [JobStatus.CANCELLED]


def test_too_many_files_at_once_are_refused_with_a_sentence(send, monkeypatch):
    @contextmanager
    def busy(*_arguments, **_named):
        raise Refused("busy")
        yield

    monkeypatch.setattr(sandboxed, "read", busy)
    answer = send(CSV)
    assert answer.status_code == 422
    assert "Several files are being read at the moment." in answer.text


@pytest.mark.parametrize("why", [Refused("busy"), OSError(errno.ENOSPC, "No space left on device")])
def test_the_choices_of_a_file_are_shown_while_it_can_not_be_read(signed_in, alice, campaign, monkeypatch, why):
    """Too many others are read, or its rows find no room on the disk."""
    browser = signed_in(alice)
    sent = browser.post(f"/campaigns/{campaign.id}/import", data={"file": (io.BytesIO(CSV), "a.csv")})

    @contextmanager
    def busy(*_arguments, **_named):
        raise why
        yield

    monkeypatch.setattr(sandboxed, "read", busy)
    answer = browser.get(sent.location)
    assert answer.status_code == 200
    assert "Import 2 rows" in answer.text


def test_an_import_is_tried_again_where_too_many_files_are_read(signed_in, alice, campaign, session, carry_out):
    browser = signed_in(alice)
    sent = browser.post(f"/campaigns/{campaign.id}/import", data={"file": (io.BytesIO(CSV), "a.csv")})
    browser.post(sent.location, data={"text": "0"})

    @contextmanager
    def busy(*_arguments, **_named):
        raise Refused("busy")
        yield

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandboxed, "read", busy)
        carry_out()
    job = session.scalars(select(Job)).one()
    assert job.status is JobStatus.QUEUED
    job.run_at = job.created_at
    session.commit()
    carry_out()
    assert figures(browser.get(sent.location).text) == ["2", "0", "0"]


@pytest.mark.parametrize("code", ["too_slow", "too_much_memory", "failed"])
def test_a_file_that_takes_too_much_gets_its_sentence(send, monkeypatch, code):
    @contextmanager
    def refuse(*_arguments, **_named):
        raise Refused(code)
        yield

    monkeypatch.setattr(sandboxed, "read", refuse)
    answer = send(CSV)
    assert answer.status_code == 422
    assert {"too_slow": "20 seconds", "too_much_memory": "1,000 MB", "failed": "can’t be read"}[code] in answer.text
