"""Migrations go up and down, also where people have written something."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from app import create_app
from app.demo.loading import load_demo
from app.extensions import database, db
from ideas.idea import Idea


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
