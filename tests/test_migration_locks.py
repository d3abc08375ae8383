"""No migration keeps people waiting: on PostgreSQL, none rewrites, scans or locks a large table unmeasured.

`python -m benchmarks migrations` measures with 1,000,000 ideas; docs/scale.md says what was found.
"""

import re
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from app.extensions import db

ROOT = Path(__file__).parent.parent
LARGE = (
    "idea", "idea_words", "comment", "vote", "reaction", "placement", "person", "identity", "activity",
    "notice", "message", "version",
)  # fmt: skip
# Before it, installations had no such tables. Those from here on were measured, or hold to the rules.
FIRST = "0092"
# What has one of these statements and kept nobody waiting for a second, with 1,000,000 ideas. A new one is measured
# first: then it comes here, and its longest wait into docs/scale.md.
MEASURED = {"0092", "0093", "0098", "0105"}
_TABLE = rf'(?:ONLY )?"?(?:{"|".join(LARGE)})"?(?![\w.])'
WAITING = (
    rf"UPDATE {_TABLE}",
    rf"DELETE FROM {_TABLE}",  # noqa: S608 -- a pattern
    rf"ALTER TABLE {_TABLE} .*(?:\bTYPE\b|SET NOT NULL|GENERATED|SERIAL)",
    rf"ALTER TABLE {_TABLE} ADD CONSTRAINT (?!.*NOT VALID)",
    # A default that is another one for each row is written into each row.
    rf"ALTER TABLE {_TABLE} ADD COLUMN .*DEFAULT [^,]*\((?<!now\()",
    rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON {_TABLE}",
    rf"(?:LOCK|TRUNCATE|CLUSTER|VACUUM FULL|REINDEX)(?: TABLE)? {_TABLE}",
)


@cache
def migrations():
    script = ScriptDirectory(str(ROOT / "app" / "migrations"))
    found = [one for one in script.walk_revisions() if one.revision >= FIRST]
    return {one.revision: one.module for one in reversed(found)}


def statements(upgrade):
    """What PostgreSQL is asked to do, without asking it."""
    written = StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written, "literal_binds": True}
    )
    with Operations.context(context):
        upgrade()
    return [" ".join(one.split()) for one in written.getvalue().split(";")]


def waits(upgrade):
    """The statements that keep others waiting for as long as a large table takes."""
    return [one for one in statements(upgrade) if any(re.match(rule, one, re.IGNORECASE) for rule in WAITING)]


def test_no_migration_keeps_a_large_table_unless_it_was_measured():
    found = {revision: waits(module.upgrade) for revision, module in migrations().items()}
    assert {revision for revision, some in found.items() if some} == MEASURED, found
    assert {table for table in LARGE if table not in db.metadata.tables} == set()


def test_the_document_says_which_migration_was_measured_last():
    said = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    [last] = re.findall(r"measured up to migration (\d{4})", said)
    assert max(MEASURED) <= last <= max(migrations())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE idea SET lang = 'fr'",
        "DELETE FROM vote WHERE id < 7",
        "ALTER TABLE idea ALTER COLUMN title TYPE VARCHAR(200)",
        "ALTER TABLE person ALTER COLUMN locale SET NOT NULL",
        "ALTER TABLE comment ADD CONSTRAINT ck_comment CHECK (body <> '')",
        "ALTER TABLE idea ADD COLUMN token TEXT DEFAULT gen_random_uuid() NOT NULL",
        "CREATE INDEX ix_idea_lang ON idea (lang)",
        "CREATE UNIQUE INDEX ix_vote_both ON vote (idea_id, person_id)",
    ],
)
def test_what_waits_is_found(statement):
    from alembic import op

    assert waits(lambda: op.execute(statement)) == [statement]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE theme_work SET escalated_for = reminded_for",
        "ALTER TABLE idea ADD COLUMN note TEXT",
        "ALTER TABLE idea ADD COLUMN is_odd BOOLEAN DEFAULT false NOT NULL",
        "ALTER TABLE idea ADD COLUMN at TIMESTAMP DEFAULT now() NOT NULL",
        "ALTER TABLE comment ADD CONSTRAINT ck_comment CHECK (body <> '') NOT VALID",
        "CREATE INDEX ix_idea_tag_name ON idea_tag (name)",
        "CREATE INDEX CONCURRENTLY ix_idea_lang ON idea (lang)",
        "ALTER TABLE comment ALTER COLUMN idea_id DROP NOT NULL",
    ],
)
def test_what_waits_for_nothing_is_let_through(statement):
    from alembic import op

    assert waits(lambda: op.execute(statement)) == []
