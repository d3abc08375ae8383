"""Migrations go up and down, also where people have written something."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, MetaData, inspect, text
from sqlalchemy.exc import IntegrityError

from app import create_app
from app.demo.loading import load_demo
from app.extensions import database, db
from ideas.contributions.idea import Idea


@pytest.fixture
def empty(settings, tmp_path):
    """An application on a database of its own, with nothing in it."""
    if settings.database_url.startswith("sqlite"):
        app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path / 'own.sqlite'}", instance=tmp_path))
        with app.app_context():
            yield app
            db.engine.dispose()
        return
    name = f"own_{datetime.now(UTC):%H%M%S%f}"
    outer = create_app(replace(settings, instance=tmp_path))
    with outer.app_context():
        _run(f"CREATE DATABASE {name}")
        own = db.engine.url.set(database=name).render_as_string(hide_password=False)
    app = create_app(replace(settings, database_url=own, instance=tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    with outer.app_context():
        _run(f"DROP DATABASE {name}")
        db.engine.dispose()


def _run(statement: str) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


@pytest.mark.model
def test_up_down_and_up_again_with_data(empty):
    upgrade()
    assert load_demo(database())
    assert not load_demo(database()), "a second start changes nothing"
    assert database().query(Idea).count() >= 300
    database().close()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade()
    assert database().query(Idea).count() == 0
    database().close()


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


def test_every_rule_of_the_models_is_in_the_migrated_schema(empty):
    upgrade()
    migrated = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        here = {check["name"] for check in migrated.get_check_constraints(table.name)}
        assert here == {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}, table.name


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
    ("job", {"campaign_id": 1, "kind": "place_ideas"} | WORK),
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


def _write(rows):
    """Insert into the tables as the database has them now."""
    tables = MetaData()
    tables.reflect(db.engine)
    with db.engine.begin() as connection:
        for table, values in rows:
            connection.execute(tables.tables[table].insert().values(**values))


def _change(statement):
    with db.engine.begin() as connection:
        connection.execute(text(statement))


def _rows(query):
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]
