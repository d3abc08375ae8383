from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ideas.activity.activity import Activity, Verb
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_TITLE_LENGTH, Idea, submitted_ideas
from ideas.contributions.imports.importing import (
    MAX_LISTED_REFUSALS,
    IdeaImport,
    ImportClosed,
    drop_upload,
    finish_import,
    import_chunk,
    import_ideas,
    imports_of,
    keep_upload,
    start_import,
)
from ideas.contributions.imports.row import EMPTY_ROW, LONG_ROW, TAKEN_KEY, ImportRow, prepare
from ideas.search import read_query, search
from ideas.work.job import Job, JobKind, JobStatus
from ideas.work.lease import LeaseLost


def rows(*bodies: str, **parts) -> list[ImportRow]:
    return [ImportRow(line=line, body=body, **parts) for line, body in enumerate(bodies, start=2)]


def test_rows_become_submitted_ideas_in_the_order_of_the_file(session, campaign, now):
    report = import_ideas(session, campaign, rows("A bus", "A lane", author_name=" Awa ", lang="FR-be"), now=now)
    ideas = session.scalars(submitted_ideas(campaign)).all()
    assert (report.added, report.known, report.refused_total) == (2, 0, 0)
    assert [(idea.body, idea.author_name, idea.lang, idea.submitted_at) for idea in ideas] == [
        ("A bus", "Awa", "fr", now),
        ("A lane", "Awa", "fr", now),
    ]


def test_imported_ideas_are_found_at_once(session, campaign, now):
    import_ideas(session, campaign, rows("Une école", "Des bus"), now=now)
    import_ideas(session, campaign, rows("Une école", "Les ÉCOLES"), now=now)
    found = search(session, Idea, read_query("ecole"), where=Idea.campaign_id == campaign.id)
    assert [idea.body for idea in found.rows] == ["Les ÉCOLES", "Une école"]


@pytest.mark.parametrize("key", ["", "shared"])
def test_repeating_an_import_adds_nothing(session, campaign, now, key):
    given = [
        ImportRow(line, body, key=key and f"{key}-{line}")
        for line, body in enumerate(["same", "same", "other", "same"], start=2)
    ]
    assert import_ideas(session, campaign, given, now=now).added == 4
    again = import_ideas(session, campaign, given, now=now)
    assert (again.added, again.known) == (0, 4)
    assert len(session.scalars(submitted_ideas(campaign)).all()) == 4


def test_rows_that_say_an_idea_again_are_not_other_ideas(session, campaign, now):
    bus = ImportRow(2, "A bus", key="1")
    votes = [
        replace(bus, line=3),
        ImportRow(4, ""),
        replace(bus, line=5, title="Night"),
        ImportRow(6, "A lane", key="2"),
    ]
    report = import_ideas(session, campaign, [bus, *votes], now=now)
    assert (report.added, report.known) == (2, 1)
    assert [(row.line, row.reason) for row in report.refused] == [(5, TAKEN_KEY)]


def test_a_row_that_repeats_a_refused_one_is_refused_too(session, campaign, now):
    long = ImportRow(2, "x" * (MAX_BODY_LENGTH + 1), key="1")
    report = import_ideas(session, campaign, [long, replace(long, line=3)], now=now)
    assert (report.known, [(row.line, row.reason) for row in report.refused]) == (0, [(2, LONG_ROW), (3, LONG_ROW)])


def test_two_answers_of_one_row_with_the_same_identifier_are_not_both_added(session, campaign, now):
    given = [ImportRow(2, "A bus", key="1"), ImportRow(2, "A bus", key="1"), ImportRow(2, "A lane", key="1")]
    report = import_ideas(session, campaign, given, now=now)
    assert (report.added, report.known, [row.reason for row in report.refused]) == (1, 1, [TAKEN_KEY])


def test_the_same_rows_can_be_imported_into_another_campaign(session, campaign, closed_campaign, now):
    import_ideas(session, campaign, rows("A bus"), now=now)
    assert import_ideas(session, closed_campaign, rows("A bus"), now=now).added == 1


def test_a_dry_run_says_the_same_and_writes_nothing(session, campaign, now):
    given = rows("A bus", "", "A lane")
    foreseen = import_ideas(session, campaign, given, now=now, dry_run=True)
    assert len(session.scalars(submitted_ideas(campaign)).all()) == 0
    assert import_ideas(session, campaign, given, now=now) == foreseen


def test_refused_rows_are_reported_by_line_and_reason(session, campaign, now):
    given = [
        *rows("\u200b \n", "x" * (MAX_BODY_LENGTH + 1)),
        ImportRow(7, "First", key="a"),
        ImportRow(9, "Second", key="a"),
    ]
    report = import_ideas(session, campaign, given, now=now)
    assert [(row.line, row.reason) for row in report.refused] == [(2, EMPTY_ROW), (3, LONG_ROW), (9, TAKEN_KEY)]
    assert report.refused[2].reason % report.refused[2].values == "The identifier “a” is already on line 7."
    assert report.added == 1


def test_an_identifier_on_an_empty_row_is_still_free(session, campaign, now):
    report = import_ideas(session, campaign, [ImportRow(2, "", key="a"), ImportRow(3, "A bus", key="a")], now=now)
    assert (report.added, report.refused_total) == (1, 1)


def test_only_so_many_refused_rows_are_listed_but_all_are_counted(session, campaign, now):
    report = import_ideas(session, campaign, rows(*[""] * (MAX_LISTED_REFUSALS + 3)), now=now)
    assert (len(report.refused), report.refused_total) == (MAX_LISTED_REFUSALS, MAX_LISTED_REFUSALS + 3)


def test_no_word_of_a_long_title_is_lost(session, campaign, now):
    title = "long " * MAX_TITLE_LENGTH
    import_ideas(session, campaign, [ImportRow(2, "Body", title=title), ImportRow(3, "", title="Alone")], now=now)
    first, second = session.scalars(submitted_ideas(campaign)).all()
    assert (first.title, first.body) == ("", f"{title.strip()}\n\nBody")
    assert (second.title, second.body) == ("", "Alone")


@pytest.mark.parametrize(
    ("given", "kept"), [("fr", "fr"), ("EN_us", "en"), ("français", None), ("", None), ("12", None), ("fr;en", None)]
)
def test_a_language_is_kept_where_it_is_a_code(session, campaign, now, given, kept):
    import_ideas(session, campaign, rows("A bus", lang=given), now=now)
    assert session.scalars(select(Idea.lang)).one() == kept


def test_hostile_rows_are_kept_as_text(session, campaign, now):
    given = rows("=HYPERLINK(1)\x00", "\ud800a", "\u202eevil", key="", author_name="x" * 500)
    assert import_ideas(session, campaign, given, now=now).added == 3
    assert session.scalars(select(Idea.body).order_by(Idea.id)).all() == ["=HYPERLINK(1)", "a", "evil"]


def test_a_long_identifier_is_known_again(session, campaign, now):
    given = rows("A bus", key="https://example.org/" + "x" * 300)
    assert import_ideas(session, campaign, given, now=now).added == 1
    assert import_ideas(session, campaign, given, now=now).known == 1


def test_after_the_debrief_nothing_is_imported(session, make_campaign, alice, now):
    done = make_campaign(closes_at=now - timedelta(days=2), grouped_at=now, debriefed_at=now)
    with pytest.raises(ImportClosed):
        import_ideas(session, done, rows("A bus"), now=now)
    with pytest.raises(ImportClosed):
        keep_upload(session, done, by=alice, filename="a.csv", content=b"text\na", preview={}, now=now)


def test_a_kept_file_is_imported_once_and_then_let_go_of(session, campaign, alice, now):
    upload = keep_upload(session, campaign, by=alice, filename="a\x00.csv", content=b"text\nA bus", preview={}, now=now)
    assert (upload.filename, imports_of(session, campaign)) == ("a.csv", [])
    for _ in range(2):
        start_import(session, campaign, upload, {"text": 0}, now=now)
    assert session.scalars(select(Job.kind)).all() == [JobKind.IMPORT_IDEAS]
    import_chunk(session, campaign, upload.id, list(prepare(rows("A bus"))), done=0, now=now)
    finish_import(session, upload, now=now)
    with pytest.raises(LeaseLost):
        import_chunk(session, campaign, upload.id, list(prepare(rows("Another"))), done=1, now=now)
    assert len(session.scalars(submitted_ideas(campaign)).all()) == 1
    assert upload.content is None
    assert upload.report["added"] == 1
    assert imports_of(session, campaign) == [upload]


def test_a_person_leaves_one_unfinished_file_and_may_drop_it(session, campaign, alice, bob, now):
    for person in (alice, alice, bob):
        last = keep_upload(session, campaign, by=person, filename="a.csv", content=b"text\na", preview={}, now=now)
    assert session.scalar(select(func.count(IdeaImport.id))) == 2
    drop_upload(session, last, by=bob, now=now)
    assert session.scalars(select(IdeaImport.person_id)).all() == [alice.id]


def test_a_report_is_not_dropped(session, campaign, alice, now):
    upload = keep_upload(session, campaign, by=alice, filename="a.csv", content=b"text\na", preview={}, now=now)
    finish_import(session, upload, now=now)
    drop_upload(session, upload, by=alice, now=now)
    assert imports_of(session, campaign) == [upload]


@pytest.fixture
def started(session, campaign, alice, now):
    """An import of three rows of which two are done: one added, one refused."""
    upload = keep_upload(session, campaign, by=alice, filename="a.csv", content=b"text", preview={}, now=now)
    start_import(session, campaign, upload, {"text": 0}, now=now)
    import_chunk(session, campaign, upload.id, list(prepare(rows("A bus", ""))), done=0, now=now)
    session.commit()
    return upload


def test_chunks_add_up_to_one_report_and_one_activity(session, campaign, started, alice, now):
    whole = list(prepare(rows("A bus", "", "A bus", "A lane")))
    assert import_chunk(session, campaign, started.id, whole[2:], done=2, now=now) == 4
    finish_import(session, started, now=now)
    session.commit()
    assert (started.progress, started.report["added"], started.report["known"]) == (None, 3, 0)
    assert [row["line"] for row in started.report["refused"]] == [3]
    recorded = session.scalars(select(Activity).where(Activity.verb == Verb.IMPORTED)).one()
    assert (recorded.actor_id, recorded.after) == (alice.id, {"ideas": 3})


def test_two_workers_do_not_import_the_same_rows_twice(session, campaign, started, now):
    row = list(prepare(rows("A lane")))
    import_chunk(session, campaign, started.id, row, done=2, now=now)
    with pytest.raises(LeaseLost):
        import_chunk(session, campaign, started.id, row, done=2, now=now)


def test_an_import_that_is_stopped_keeps_and_reports_what_it_added(session, campaign, started, bob, now):
    drop_upload(session, started, by=bob, now=now)
    assert (started.finished_at, started.report["added"], started.content) == (now, 1, None)
    assert session.scalars(select(Job.status)).all() == [JobStatus.CANCELLED]
    assert len(session.scalars(submitted_ideas(campaign)).all()) == 1


def test_an_import_that_was_not_begun_is_deleted_with_its_job_cancelled(session, campaign, alice, now):
    upload = keep_upload(session, campaign, by=alice, filename="a.csv", content=b"text", preview={}, now=now)
    start_import(session, campaign, upload, {"text": 0}, now=now)
    drop_upload(session, upload, by=alice, now=now)
    assert session.scalar(select(func.count(IdeaImport.id))) == 0
    assert session.scalars(select(Job.status)).all() == [JobStatus.CANCELLED]


def test_a_new_file_does_not_replace_one_whose_import_goes_on(session, campaign, started, alice, now):
    keep_upload(session, campaign, by=alice, filename="b.csv", content=b"text", preview={}, now=now)
    assert session.scalar(select(func.count(IdeaImport.id))) == 2


def test_rows_are_not_added_once_the_debrief_is_public(session, campaign, started, now):
    campaign.closes_at, campaign.grouped_at, campaign.debriefed_at = now - timedelta(days=1), now, now
    session.flush()
    with pytest.raises(ImportClosed):
        import_chunk(session, campaign, started.id, list(prepare(rows("A lane"))), done=2, now=now)
