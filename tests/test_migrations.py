"""Migrations go up and down, whole or not at all, also where people have written something."""

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import accumulate, repeat

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import CheckConstraint, event, func, inspect, select, text, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.demo.loading import load_demo
from app.extensions import database, db, migrate
from app.settings import PROJECT
from ideas.activity.activity import Activity, Verb, first_broken, record
from ideas.activity.version import Version
from ideas.answers.action import Action
from ideas.answers.actions.versions import UpdateKind
from ideas.answers.decision import Decision, DecisionStatus
from ideas.answers.earlier import published_answers
from ideas.campaigns.campaign import Campaign, State
from ideas.campaigns.form_field import FieldKind, FormField
from ideas.contributions.comment import Comment
from ideas.contributions.files.idea_file import IdeaFile
from ideas.contributions.idea import Idea
from ideas.files import File, Purpose
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import BY_MAIL, Notice, NoticeKind
from ideas.search import index_of, is_described, read_query, search, searchable_models
from ideas.themes.theme import Theme
from ideas.work.job import JobKind, enqueue
from tests.databases import UPGRADED, make_once, own_database, read_rows, write_rows
from tests.first_version import FACILITATOR, UNGROUPED, first_version
from tests.first_version_themes import CANTEEN

pytestmark = pytest.mark.slow


@pytest.fixture
def empty(settings, tmp_path):
    """An application on a database of its own, with nothing in it."""
    with own_database(settings, tmp_path) as app, app.app_context():
        yield app


@pytest.fixture
def first(empty):
    """The same with the tables and rows of the first version."""
    _write_first_version()
    return empty


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("first") / "upgraded.sqlite"


@pytest.fixture
def upgraded(empty, template):
    """With the rows of the first version, in the schema of today."""
    make_once(template, UPGRADED, lambda: (_write_first_version(), upgrade()))


def _write_first_version():
    upgrade(revision="0003")
    _write(first_version("-"))


@pytest.mark.model
def test_up_down_and_up_again_with_data(empty):
    upgrade()
    assert load_demo(database())
    assert not load_demo(database()), "a second start changes nothing"
    assert database().query(Idea).count() >= 300
    for theme in database().scalars(select(Theme)):
        theme.other_names = ()  # the way back to before there were any loses them
    database().commit()
    indexed = _indexed()
    assert len(indexed["idea"]) == database().query(Idea).count()
    database().close()
    downgrade(revision=ScriptDirectory.from_config(migrate.get_config()).get_revision("0016").down_revision)
    assert not [name for name in inspect(db.engine).get_table_names() if "_words" in name]
    upgrade()
    assert _indexed() == indexed, "an upgrade indexes what services indexed"
    database().close()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade()
    assert database().query(Idea).count() == 0
    database().close()


def _indexed():
    """What is indexed of each kind, by its id, without what PostgreSQL adds."""
    return {
        index_of(model).name.removesuffix("_words"): {
            key: set(words.replace("'", "").split())
            for key, words in database().execute(select(index_of(model).c.id, index_of(model).c.words))
        }
        for model in searchable_models()
    }


def test_what_people_did_before_is_carried_into_the_schema_of_proposals_and_back(empty):
    upgrade(revision="0001")
    _write(BEFORE)
    upgrade()
    assert _rows("SELECT idea_id, placed_how FROM placement ORDER BY idea_id") == [
        (1, "moved"), (2, "set_aside"), (3, None)
    ]  # fmt: skip
    assert _rows("SELECT id, touched FROM theme ORDER BY id") == [(1, True), (2, False)]
    assert _rows("SELECT applied_at = created_at, granularity, base FROM theme_run") == [(True, 0, 0)]
    assert _rows("SELECT granularity FROM campaign") == [(0,)]
    for statement in REFUSED:
        with pytest.raises(IntegrityError):
            _change(statement)
    _write(AFTER)
    downgrade(revision="0001")
    assert _rows("SELECT kind FROM theme_edit") == [("rename",)]
    assert _rows("SELECT kind FROM job") == [("find_themes",)]
    assert _rows("SELECT idea_id, theme_id, leftover FROM placement ORDER BY idea_id") == [
        (1, 1, None), (2, None, "alone"), (3, 2, None)
    ]  # fmt: skip
    assert _rows("SELECT count(*) FROM idea") == [(3,)], "nothing that points to a changed table went with it"
    upgrade()


def test_what_the_first_version_stored_comes_back_when_the_upgrade_is_taken_back(first):
    rows, checks = _all_rows(), _checks()
    upgrade()
    assert _all_rows() != rows
    assert _checks() != checks
    downgrade(revision="0003")
    after = _all_rows()
    asked = [_asked_anew(of) for of in (rows, after)]
    assert asked == [[("queued", 2), ("running", 5)], [("queued", 2), ("queued", 5)]]
    assert after == rows
    assert _checks() == checks


def _asked_anew(rows):
    """Take out the jobs that write to contributors, which the upgrade replaces: status and campaign of each."""
    jobs = [job for job in rows["job"] if job["kind"] == "tell_contributors"]
    rows["job"] = [job for job in rows["job"] if job not in jobs]
    return [(job["status"], job["campaign_id"]) for job in jobs]


def test_a_portrait_becomes_a_file_where_it_is_and_comes_back(first, tmp_path):
    """One that is not on disk keeps its row: its page is not found, as before."""
    uploads = tmp_path / "uploads"
    uploads.mkdir(exist_ok=True)
    (uploads / "me.webp").write_bytes(b"RIFF")
    _change("UPDATE campaign SET portrait = 'me.webp' WHERE id = 1")
    _change("UPDATE campaign SET portrait = 'lost.webp' WHERE id = 2")
    before = _rows("SELECT id, portrait FROM campaign ORDER BY id")
    upgrade()
    assert _rows(
        "SELECT campaign.id, file.campaign_id, stored_as, size, purpose, media_type, uploaded_by_id = owner_id,"
        " removed_at FROM campaign JOIN file ON file.id = portrait_id ORDER BY campaign.id"
    ) == [
        (1, 1, "me.webp", 4, "portrait", "image/webp", True, None),
        (2, 2, "lost.webp", 0, "portrait", "image/webp", True, None),
    ]
    (here,), (lost,) = _rows("SELECT portrait_id FROM campaign WHERE portrait_id IS NOT NULL ORDER BY id")
    with first.test_client() as browser:
        answer = browser.get(f"/files/{here}", buffered=True)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, b"RIFF", "image/webp")
        assert browser.get(f"/files/{lost}").status_code == 404
        assert browser.get("/campaigns/2").status_code == 200
    database().close()
    downgrade(revision="0003")
    assert _rows("SELECT id, portrait FROM campaign ORDER BY id") == before
    assert (uploads / "me.webp").read_bytes() == b"RIFF"


def test_people_who_were_not_told_of_a_debrief_are_in_the_log_after_the_upgrade(first):
    """A job that waits, runs or failed has told nobody; one that is done has told everyone."""
    _change("UPDATE job SET status = 'failed', key = NULL WHERE id = 4")
    upgrade()
    assert _rows("SELECT verb, object_kind, object_id, campaign_id, actor_id FROM activity ORDER BY id") == [
        ("published", "debrief", 2, 2, 1), ("published", "debrief", 5, 5, 1)
    ]  # fmt: skip
    assert _rows("SELECT count(*) FROM job WHERE kind = 'notify_contributors'") == [(0,)]
    with Session(db.engine) as session:
        assert first_broken(session) is None


def test_people_who_were_told_of_a_debrief_are_not_told_again_after_the_upgrade(first):
    _change("UPDATE job SET status = 'done', key = NULL WHERE kind = 'tell_contributors'")
    upgrade()
    assert _rows("SELECT count(*) FROM activity") == [(0,)]


def test_an_unfinished_job_keeps_a_key_that_begins_with_its_kind(first):
    upgrade(revision="0004")
    assert _rows("SELECT key FROM job WHERE key IS NOT NULL ORDER BY id") == [
        ("notify_contributors:2",), ("notify_contributors:5",)
    ]  # fmt: skip


def test_what_was_published_before_has_its_first_version_and_follow_through_is_computed(first):
    _change("UPDATE action SET done_at = '2026-03-01 00:00:00+00:00', progress = 100 WHERE done_at IS NULL")
    upgrade()
    published = "SELECT id FROM decision WHERE published_at IS NOT NULL ORDER BY id"
    assert _rows(published) == _rows("SELECT id FROM decision ORDER BY id")
    assert _rows("SELECT object_id, number, reason, by_id FROM version WHERE object_kind = 'decision'") == [
        (number, 1, "", FACILITATOR) for number in (1, 2, 3)
    ]
    assert _rows("SELECT count(*) FROM version WHERE object_kind = 'debrief'") == [(2,)]
    assert _rows("SELECT count(*) FROM action WHERE published_at IS NULL") == [(0,)]
    with Session(db.engine) as session:
        states = {campaign.id: campaign.state(datetime.now(UTC)) for campaign in session.scalars(select(Campaign))}
        assert (states[CANTEEN], states[UNGROUPED]) == (State.FOLLOWED_THROUGH, State.DEBRIEFED)
        [kept] = published_answers(session, session.get_one(Decision, 1))
        assert (kept.status, kept.reason, kept.by) == (DecisionStatus.PLANNED, "C’est prévu.", "Fabien Roche")
    downgrade(revision="0005")
    assert _rows("SELECT id FROM campaign WHERE followed_through_at IS NOT NULL") == [(CANTEEN,)]
    _change("UPDATE decision SET reason = 'Autrement.' WHERE id = 2")
    upgrade()
    numbers = "SELECT object_id, number FROM version WHERE object_kind = 'decision' ORDER BY object_id, number"
    assert _rows(numbers) == [(1, 1), (2, 1), (2, 2), (3, 1)], "what was kept stays, and a change since is kept too"
    assert _rows("SELECT id, version FROM decision ORDER BY id") == [(1, 1), (2, 2), (3, 1)]


def test_actions_get_the_versions_that_the_log_tells(first):
    upgrade(revision="0073")
    _change("UPDATE action SET done_at = NULL, progress = 10 WHERE id = 1")
    with Session(db.engine) as session:
        for verb, reason in ((Verb.COMPLETED, ""), (Verb.PROGRESSED, ""), (Verb.RESTARTED, "It broke.")):
            record(session, verb, Action(id=1), by=None, now=datetime.now(UTC), reason=reason)
        session.commit()
    kept = "SELECT number, reason FROM version WHERE object_kind = 'action' AND object_id = 1 ORDER BY number"
    for _again in range(2):
        upgrade()
        assert _rows(kept) == [(1, ""), (2, ""), (3, "It broke.")]
        assert _rows("SELECT version FROM action WHERE id = 1") == [(3,)]
        with Session(db.engine) as session:
            updates = session.get_one(Action, 1).updates
            assert [one.kind for one in updates] == [UpdateKind.PROMISED, UpdateKind.DONE, UpdateKind.REOPENED]
        downgrade(revision="0073")
    upgrade()


def test_a_promised_answer_is_none_in_an_earlier_version(upgraded):
    _change("UPDATE decision SET status = 'pending', expected_on = '2026-05-01' WHERE id = 3")
    downgrade(revision="0005")
    assert _rows("SELECT id FROM decision ORDER BY id") == [(1,), (2,)]
    upgrade()


def test_a_question_that_an_idea_answers_is_its_title_in_an_earlier_version(upgraded):
    _change("UPDATE idea SET title = '', question = 'Que changer ?' WHERE id = (SELECT min(id) FROM idea)")
    downgrade(revision="0019")
    assert _rows("SELECT title FROM idea WHERE id = (SELECT min(id) FROM idea)") == [("Que changer ?",)]
    upgrade()


def test_merged_ideas_stand_alone_in_an_earlier_version(upgraded):
    """It knows no notices of merges either, and no exports of a campaign."""
    ideas = _rows("SELECT id, body FROM idea ORDER BY id")
    _change("UPDATE idea SET merged_into_id = (SELECT min(id) FROM idea) WHERE id = (SELECT max(id) FROM idea)")
    for kind in ("idea_merged", "campaign_exported"):
        _change(
            f"INSERT INTO notice_preference (person_id, kind, by_mail) SELECT min(id), '{kind}', false FROM person"  # noqa: S608 -- our own names
        )
    with Session(db.engine) as session:
        lead = session.get_one(Campaign, 1).owner
        facts = {"campaign_id": 1, "uploaded_by_id": lead.id, "name": "e.zip", "media_type": "application/zip"}
        session.add(File(purpose=Purpose.CAMPAIGN_EXPORT, size=1, digest="", stored_as="e.zip", created_at=AT, **facts))
        enqueue(session, JobKind.EXPORT_CAMPAIGN, campaign_id=1, now=AT)
        record(session, Verb.EXPORTED, session.get_one(Campaign, 1), by=lead, campaign_id=1, now=AT)
        session.commit()
        act = session.scalars(select(Activity).order_by(Activity.id.desc())).first()
        facts = {"person_id": lead.id, "activity_id": act.id, "object_kind": "campaign", "object_id": 1}
        mail = {"address": lead.email, "subject": "", "body": "", "mail_id": "", "created_at": AT}
        for kind in (NoticeKind.CAMPAIGN_EXPORTED, NoticeKind.BADGE_REACHED):
            told = Notice(kind=kind, key=kind, created_at=AT, not_before=AT, **facts)
            session.add(Message(notice=told, key=kind, **mail))
        comment = Comment(debrief_id=1, author_id=lead.id, body="Thanks.", created_at=AT)
        session.add(comment)
        session.flush()
        for kind, number in (("comment", comment.id), ("idea_answer", 1)):
            about = facts | {"object_kind": kind, "object_id": number}
            told = Notice(kind=NoticeKind.ANSWER_CHANGED, key=kind, created_at=AT, not_before=AT, **about)
            session.add(Message(notice=told, key=kind, **mail))
        session.commit()
    downgrade(revision="0091")
    assert _rows("SELECT DISTINCT object_kind FROM notice") == [("campaign",)]
    assert _rows("SELECT count(*) FROM message WHERE notice_id IS NOT NULL") == [(2,)]
    downgrade(revision="0038")
    assert _rows("SELECT id, body FROM idea ORDER BY id") == ideas
    for left in (
        "notice_preference",
        "notice",
        "message WHERE subject = ''",
        "file",
        "job WHERE kind = 'export_campaign'",
    ):
        assert _rows(f"SELECT * FROM {left}") == [], left  # noqa: S608 -- our own names
    upgrade()
    assert _rows("SELECT count(*) FROM idea WHERE merged_into_id IS NOT NULL") == [(0,)]


def test_themes_are_found_by_their_other_names_and_an_earlier_version_knows_no_saves_of_votes(first):
    upgrade(revision="0071")
    _change("""UPDATE theme SET given_name = NULL, other_names = '[["en", "Quays"]]' WHERE id = 1""")
    # The first person had stopped all mail, the others that of one kind.
    for kind in BY_MAIL:
        who = "" if kind is NoticeKind.DEBRIEF_DUE else "WHERE id = (SELECT min(id) FROM person)"
        chosen = f"SELECT id, '{kind}', false FROM person {who}"  # noqa: S608 -- our own names
        _change("INSERT INTO notice_preference (person_id, kind, by_mail) " + chosen)
    upgrade()
    assert _rows("SELECT id FROM person WHERE wants_no_mail") == _rows("SELECT min(id) FROM person")
    with Session(db.engine) as session:
        assert [theme.id for theme in search(session, Theme, read_query("quays"), where=true()).rows] == [1]
        session.add(Version(object_kind="public_vote", object_id=1, number=1, content={}, at=AT))
        facts = {"campaign_id": 1, "uploaded_by_id": 1, "name": "a.txt", "media_type": "text/plain", "created_at": AT}
        photo = File(purpose=Purpose.IDEA, size=1, digest="", stored_as="of-an-idea", **facts)
        session.add(IdeaFile(file=photo, idea_id=session.scalar(select(func.min(Idea.id)))))
        session.add(File(purpose=Purpose.EVIDENCE, size=1, digest="", stored_as="of-an-action", **facts))
        session.add(Version(object_kind="milestone", object_id=1, number=1, content={}, at=AT))
        session.add(FormField(campaign_id=1, kind=FieldKind.FILE, label="Plan", position=1, created_at=AT))
        session.commit()
    downgrade(revision="0067")
    assert _rows("SELECT count(*) FROM version WHERE object_kind IN ('public_vote', 'milestone')") == [(0,)]
    # A file of an idea or of evidence would be one of the campaign, which everyone reads: it is gone, as a field that
    # asks for one is.
    assert _rows("SELECT count(*) FROM file WHERE stored_as LIKE 'of-an-%' AND removed_at IS NULL") == [(0,)]
    assert _rows("SELECT count(*) FROM form_field WHERE kind = 'file'") == [(0,)]


def test_jobs_of_the_first_version_get_a_queue_a_key_and_a_code_and_lose_nothing(first):
    _change("UPDATE job SET error = 'No space left' WHERE id = 3")
    _change("UPDATE job SET attempts = 2 WHERE id = 1")
    upgrade()
    assert _rows("SELECT id, queue, key, error, detail, interruptions FROM job ORDER BY id") == [
        (1, "heavy", "find_themes:1", None, "", 1),
        (2, "heavy", "find_themes:2", "unexpected", "", 0),
        (3, "quick", "place_ideas:1", "unexpected", "No space left", 0),
    ]
    assert _rows("SELECT count(*) FROM job WHERE run_at = created_at AND priority = 0") == [(3,)]


def test_a_key_is_unique_among_unfinished_jobs_only(upgraded):
    _change("UPDATE job SET key = 'the same' WHERE id IN (2, 3)")
    _change("UPDATE job SET status = 'queued' WHERE id = 2")
    with pytest.raises(IntegrityError):
        _change("UPDATE job SET status = 'running' WHERE id = 3")


def test_a_second_upgrade_changes_nothing(first):
    upgrade()
    after = _all_rows()
    upgrade()
    assert _all_rows() == after


def test_two_upgrades_at_the_same_time_do_the_work_of_one(first, tmp_path):
    url = db.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"DATABASE_URL": url, "CONVERGENCE_INSTANCE": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"]
    running = [subprocess.Popen(command, cwd=PROJECT, env=environment) for _ in range(2)]  # noqa: S603 -- our own command
    assert [process.wait() for process in running] == [0, 0]
    assert _version() == _newest()


def test_an_upgrade_that_is_interrupted_changes_nothing_and_can_be_made_again(first):
    """Interrupted at its fifth statement, then ever later, until one goes through."""
    before = _all_rows()
    for statements in accumulate(repeat(5), lambda last, _: last + max(10, last // 3)):
        try:
            with _interrupted_after(statements):
                upgrade()
        except InterruptedError:
            assert _all_rows() == before
            assert _version() == "0003"
        else:
            break
    assert statements > 5, "no upgrade was interrupted"
    assert _version() == _newest()
    assert _all_rows().keys() >= before.keys()


def test_an_upgrade_is_undone_where_a_row_points_to_one_that_is_not_there(first, caplog):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL never has such a row")
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("UPDATE comment SET author_id = 999 WHERE id = 1")
        driver.execute("PRAGMA foreign_keys=ON")
    before = _all_rows()
    with pytest.raises(SystemExit):
        upgrade()
    assert "rows point to rows that are not there: [('comment', 1, 'person'" in caplog.text
    assert _all_rows() == before


def test_foreign_keys_are_checked_again_after_an_upgrade(first):
    upgrade()
    with pytest.raises(IntegrityError):
        _change("UPDATE comment SET author_id = 999")


def test_no_migration_is_missing_also_for_a_default(empty):
    upgrade()
    check()


def test_one_proposal_only_is_open_in_a_campaign_and_any_number_is_closed(upgraded):
    """The index that says so holds for open proposals alone: also once the table was copied."""
    with pytest.raises(IntegrityError):
        _change("UPDATE proposal SET status = 'open' WHERE campaign_id = 1")
    _change("UPDATE proposal SET status = 'declined' WHERE campaign_id = 1")


def test_every_rule_of_the_models_is_in_the_migrated_schema(empty):
    upgrade()
    for table, checks in _checks().items():
        rules = db.metadata.tables[table].constraints
        assert checks.keys() == {str(rule.name) for rule in rules if isinstance(rule, CheckConstraint)}, table


AT = datetime(2026, 1, 1, tzinfo=UTC)
NO_WORDS = dict.fromkeys(("challenge", "brief", "benefit", "motivation", "owner_word", "owner_video_url"), "")
ACT = {"person_id": 1, "created_at": AT, "reason": "", "summary": {}, "before": {}, "after": {}}
WORK = {"status": "done", "created_at": AT, "attempts": 1, "fence": 1, "stage": "", "progress": 1, "error": ""}
PLACE = {"campaign_id": 1, "strength": 0, "nearest": [], "x": 0, "y": 0}
BEFORE = [
    ("person", {"id": 1, "email": "a@example.org", "name": "A", "headline": "", "password_hash": "-", "locale": "fr"}
     | {"timezone": "Europe/Paris", "is_admin": False, "rules_accepted_at": AT, "created_at": AT}),
    ("campaign", {"id": 1, "owner_id": 1, "title": "T", "created_at": AT} | NO_WORDS),
    *(("idea", {"id": number, "campaign_id": 1, "author_name": "", "title": "", "body": "Text"}
       | {"created_at": AT, "updated_at": AT}) for number in (1, 2, 3)),
    *(("theme", {"id": number, "campaign_id": 1, "found_name": "Name", "phrases": [], "exemplars": []}
       | {"cohesion": 0, "x": 0, "y": 0, "created_at": AT}) for number in (1, 2)),
    ("placement", {"idea_id": 1, "theme_id": 1, "placed_by_id": 1} | PLACE),
    ("placement", {"idea_id": 2, "leftover": "alone", "placed_by_id": 1} | PLACE),
    ("placement", {"idea_id": 3, "theme_id": 2} | PLACE),
    ("theme_run", {"id": 1, "campaign_id": 1, "model": "m", "created_at": AT, "ideas": 3, "themes": 2}
     | {"too_few": False, "seconds": {}}),
    ("theme_edit", {"campaign_id": 1, "kind": "rename"} | ACT),
    ("job", {"campaign_id": 1, "kind": "find_themes"} | WORK),
]  # fmt: skip
AFTER = [
    ("theme_edit", {"campaign_id": 1, "kind": "accept"} | ACT),
    ("job", {"campaign_id": 1, "kind": "place_ideas", "queue": "quick", "priority": 0, "payload": {}, "run_at": AT}
     | {"key": "place_ideas:1", "interruptions": 0, "detail": ""} | WORK | {"error": None}),
    ("forbidden", {"idea_id": 3, "theme_id": 1, "campaign_id": 1, "person_id": 1, "created_at": AT}),
    ("proposal", {"id": 1, "campaign_id": 1, "run_id": 1, "created_at": AT, "status": "open", "themes": []}),
    ("proposed_placement", {"proposal_id": 1, "idea_id": 1, "theme": 2, "strength": 0, "nearest": []}
     | {"x": 0, "y": 0, "neighbours": [], "shared": []}),
]  # fmt: skip
REFUSED = [
    "UPDATE campaign SET granularity = 4",
    "UPDATE placement SET placed_how = 'moved' WHERE idea_id = 3",
    "UPDATE placement SET leftover = 'outlier' WHERE idea_id = 1",
    "UPDATE job SET progress = 2",
]


@contextmanager
def _interrupted_after(statements):
    """Raise InterruptedError in place of the next statement after so many."""
    left = iter(range(statements))

    def stop(*_asked):
        if next(left, None) is None:
            raise InterruptedError

    event.listen(db.engine, "before_cursor_execute", stop)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", stop)


def _write(rows):
    with db.engine.begin() as connection:
        write_rows(connection, rows)


def _all_rows():
    with db.engine.connect() as connection:
        return read_rows(connection)


def _newest():
    """The last migration that there is."""
    return ScriptDirectory.from_config(migrate.get_config()).get_current_head()


def _checks():
    """The CHECK constraints of each table, by name."""
    schema = inspect(db.engine)
    return {
        table: {rule["name"]: rule["sqltext"] for rule in schema.get_check_constraints(table)}
        for table in schema.get_table_names()
        if table != "alembic_version" and is_described(table, "table", None)
    }


def _version():
    ((version,),) = _rows("SELECT version_num FROM alembic_version")
    return version


def _change(statement):
    with db.engine.begin() as connection:
        connection.execute(text(statement))


def _rows(query):
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]
