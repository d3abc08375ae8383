"""Rows of a file with personal data: held, left out, or kept knowingly."""

import pytest
from sqlalchemy import delete, event, func, select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import Version
from ideas.contributions.idea import Idea, is_submitted
from ideas.contributions.imports.importing import finish_import, import_chunk, import_ideas, keep_upload, start_import
from ideas.contributions.imports.known import SameId
from ideas.contributions.imports.report import ImportReport
from ideas.contributions.imports.row import ImportRow, look_for_personal_data, prepare
from ideas.contributions.imports.undo import restore_import, undo_import
from ideas.contributions.withheld import Cause, Review, Withheld
from ideas.moderation.review import hide, restore, review_for
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for
from ideas.people.sanction import Reason
from ideas.personal_data.personal_data import Kind
from ideas.personal_data.rows import MAX_AROUND, FoundRow, PersonalRows

PHONE, EMAIL = "Call 06 12 34 56 78 about the bus.", "Write to jo@example.org or call 06 12 34 56 79."
ROWS = [
    ImportRow(line=2, body="A night bus", key="1"),
    ImportRow(line=3, body=PHONE, key="2"),
    ImportRow(line=4, body=EMAIL, key="3"),
]


def texts(session, campaign, *where):
    found = select(Idea.body).where(Idea.campaign_id == campaign.id, *where).order_by(Idea.id)
    return session.scalars(found).all()


def test_rows_are_held_left_out_or_kept_as_was_chosen_and_counted_by_kind(session, campaign, now):
    for personal, counts, added, public in (
        (PersonalRows.LEAVE_OUT, (0, 2, 0), 1, ["A night bus"]),
        (PersonalRows.HOLD, (2, 0, 0), 2, ["A night bus"]),
    ):
        report = import_ideas(session, campaign, ROWS, personal=personal, now=now)
        found = report.personal
        assert (report.added, (found.held, found.left_out, found.kept)) == (added, counts), personal
        assert dict(found.kinds) == {Kind.PHONE: 2, Kind.EMAIL: 1}
        assert found.lines == [(3, [Kind.PHONE]), (4, [Kind.EMAIL, Kind.PHONE])]
        assert texts(session, campaign, is_submitted()) == public
    session.commit()
    held = session.scalars(select(Review).order_by(Review.id)).all()
    assert [(review.text, review.cause, review.is_open) for review in held] == [
        (PHONE, Cause.PERSONAL_DATA, True),
        (EMAIL, Cause.PERSONAL_DATA, True),
    ]
    [act] = session.scalars(select(Activity).where(Activity.verb == Verb.HELD))
    assert (act.object_kind, act.after) == ("campaign", {"ideas": 2, "cause": "personal_data"})
    again = import_ideas(session, campaign, ROWS, personal=PersonalRows.KEEP, now=now)
    assert (again.added, again.known, again.personal.total) == (0, 3, 0), "what is there is not judged again"
    kept = [ImportRow(line=2, body=f"{PHONE} Soon.", key="9")]
    assert import_ideas(session, campaign, kept, personal=PersonalRows.KEEP, now=now).personal.kept == 1
    assert texts(session, campaign, is_submitted()) == ["A night bus", f"{PHONE} Soon."]


def test_a_row_that_repeats_one_that_is_left_out_is_left_out_too(session, campaign, now):
    given = [ImportRow(line, PHONE, key="1") for line in (2, 3)]
    for dry_run in (True, False):
        report = import_ideas(session, campaign, given, personal=PersonalRows.LEAVE_OUT, now=now, dry_run=dry_run)
        assert (report.added, report.known, report.personal.left_out) == (0, 0, 2)
    import_ideas(session, campaign, given, personal=PersonalRows.KEEP, now=now)
    report = import_ideas(session, campaign, given, personal=PersonalRows.LEAVE_OUT, now=now)
    assert (report.known, report.personal.total) == (2, 0)


def test_a_strict_campaign_holds_them_whatever_was_chosen_and_a_moderator_publishes(session, campaign, alice, bob, now):
    campaign.is_strict = True
    session.commit()
    import_ideas(session, campaign, ROWS, personal=PersonalRows.KEEP, by=bob, now=now)
    session.commit()
    assert texts(session, campaign, is_submitted()) == ["A night bus"]
    [held] = session.scalars(select(Activity).where(Activity.verb == Verb.HELD))
    assert recipients(session, held, rule_for(held)) == [alice.id], "other moderators are told"
    review = session.scalars(select(Review).order_by(Review.id)).first()
    restore(session, review, by=bob, now=now)
    assert texts(session, campaign, is_submitted()) == ["A night bus", PHONE]


def test_patients_are_looked_for_in_campaigns_about_health_alone(session, campaign, now):
    rows = [ImportRow(line=2, body="Mme Durand, 82 ans, est diabétique.")]
    assert import_ideas(session, campaign, rows, now=now, dry_run=True).personal.total == 0
    campaign.is_health = True
    session.commit()
    assert dict(import_ideas(session, campaign, rows, now=now, dry_run=True).personal.kinds) == {Kind.PATIENT: 1}


def test_a_replaced_text_is_held_or_its_row_left_out(session, campaign, now):
    import_ideas(session, campaign, [ImportRow(line=2, body="A bus", key="1")], now=now)
    rows = [ImportRow(line=2, body=PHONE, key="1")]
    left = import_ideas(session, campaign, rows, same_id=SameId.REPLACE, personal=PersonalRows.LEAVE_OUT, now=now)
    assert (left.changed, left.personal.left_out, texts(session, campaign)) == (0, 1, ["A bus"])
    held = import_ideas(session, campaign, rows, same_id=SameId.REPLACE, personal=PersonalRows.HOLD, now=now)
    assert (held.changed, held.personal.held, texts(session, campaign)) == (1, 1, [PHONE])
    assert session.scalars(select(Idea)).one().withheld is Withheld.WAITING
    skipped = import_ideas(session, campaign, [ImportRow(line=2, body=EMAIL, key="1")], now=now)
    assert skipped.personal.total == 0


def test_undoing_an_import_takes_held_ideas_out_of_the_queue_and_restoring_puts_them_back(session, campaign, bob, now):
    upload = keep_upload(session, campaign, by=bob, filename="w.csv", content=b"text\nx", preview={}, now=now)
    start_import(session, campaign, upload, {"text": 0}, now=now)
    import_chunk(session, campaign, upload.id, list(prepare(ROWS)), done=0, now=now)  # nobody had looked before
    finish_import(session, upload, now=now)
    session.commit()
    stored = upload.report["personal"]
    assert (stored["held"], "06 12" in str(upload.report)) == (2, False), "a report repeats no personal data"
    assert ImportReport.from_json(upload.report).personal.lines[0] == (3, [Kind.PHONE])
    assert undo_import(session, campaign, upload, by=bob, reason="Wrong file.", now=now) == 3
    assert texts(session, campaign, Idea.withdrawn_at.is_(None)) == []
    assert session.scalar(select(func.count()).where(Review.is_open)) == 0
    assert restore_import(session, campaign, upload, by=bob, now=now) == 3
    assert texts(session, campaign, is_submitted()) == ["A night bus"]
    assert session.scalar(select(func.count()).where(Review.is_open)) == 2


def test_a_text_that_was_held_is_held_again_where_an_undone_import_is_restored(session, campaign, bob, now):
    import_ideas(session, campaign, [ImportRow(line=n, body=f"A bus {n}", key=str(n)) for n in (1, 2, 3)], now=now)
    upload = keep_upload(session, campaign, by=bob, filename="w.csv", content=b"text\nx", preview={}, now=now)
    start_import(session, campaign, upload, {"text": 0, "same_id": SameId.REPLACE}, now=now)
    rows = [ImportRow(line=n, body=f"{body} {n}", key=str(n)) for n, body in ((1, PHONE), (2, "A tram"), (3, "A tram"))]
    import_chunk(session, campaign, upload.id, list(prepare(rows)), done=0, now=now)
    finish_import(session, upload, now=now)
    session.commit()
    phone, hidden, erased = session.scalars(select(Idea).order_by(Idea.id)).all()
    hide(session, review_for(session, campaign, hidden, by=bob, now=now), reason=Reason.INSULT, by=bob, now=now)
    session.execute(delete(Version).where(Version.object_id == erased.id))  # as an erasure does
    undo_import(session, campaign, upload, by=bob, reason="Wrong file.", now=now)
    session.commit()
    assert (phone.body, phone.is_public, erased.body) == ("A bus 1", True, "A tram 3"), "nothing left to wait for"
    assert session.scalar(select(func.count()).where(Review.is_open)) == 0
    restricted = select(Version.content["body"].as_string()).where(Version.is_restricted).order_by(Version.id)
    assert session.scalars(restricted).all() == [f"{PHONE} 1", "A tram 2"], "for the team alone"
    restore(session, review_for(session, campaign, hidden, by=bob, now=now), by=bob, now=now)
    restore_import(session, campaign, upload, by=bob, now=now)
    session.commit()
    assert (phone.body, phone.withheld) == (f"{PHONE} 1", Withheld.WAITING)
    assert (hidden.body, hidden.withheld) == ("A tram 2", Withheld.WAITING)
    assert session.scalar(select(func.count()).where(Review.is_open)) == 2


def test_holding_takes_a_constant_number_of_queries(session, campaign, connection, now):
    seen = []
    event.listen(connection, "before_cursor_execute", lambda *_: seen.append(1))

    def cost(first, count):
        seen.clear()
        rows = [ImportRow(line=n, body=f"{PHONE} {n}") for n in range(first, first + count)]
        import_ideas(session, campaign, rows, now=now)
        return len(seen)

    cost(0, 2)
    assert cost(10, 40) == cost(100, 2)


@pytest.mark.one_database
def test_a_preview_looks_at_so_many_characters_and_shows_the_words_with_what_is_around():
    rows = list(look_for_personal_data(prepare(ROWS), health=False, most=20))
    assert [row.spans is None for row in rows] == [False, False, True]
    [found] = look_for_personal_data(prepare([ImportRow(line=2, body="a" * 200 + f" {PHONE}")]), health=False)
    pieces = found.found.excerpt
    assert [kind for _, kind in pieces] == [None, Kind.PHONE, None]
    assert pieces[0][0].startswith("…")
    assert len(pieces[0][0]) == MAX_AROUND + 1
    assert FoundRow(2, []).excerpt == [("", None)]
