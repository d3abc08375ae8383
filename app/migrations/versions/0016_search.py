"""the words of campaigns, ideas, themes, people and reasons, indexed for search"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from ideas.words import index_tokens

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CHUNK = 1_000
WORDS = sa.Text().with_variant(TSVECTOR(), "postgresql")
# The columns of the text of each table.
TEXTS = {
    "activity": ("reason",),
    "campaign": ("title", "challenge", "brief", "benefit", "motivation", "owner_word"),
    "idea": ("title", "body"),
    "person": ("name", "email"),
    "theme": ("given_name", "found_name", "phrases"),
}
# FTS5 keeps no text of its own here: it reads the table beside it, and these triggers tell it what changed.
TRIGGERS = {
    "insert": "INSERT INTO {table}_fts (rowid, words) VALUES (new.id, new.words);",
    "delete": "INSERT INTO {table}_fts ({table}_fts, rowid, words) VALUES ('delete', old.id, old.words);",
}
TRIGGERS["update"] = f"{TRIGGERS['delete']} {TRIGGERS['insert']}"


def upgrade() -> None:
    for name in TEXTS:
        op.create_table(
            f"{name}_words",
            sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("words", WORDS, nullable=False),
            sa.ForeignKeyConstraint(
                ["id"], [f"{name}.id"], name=op.f(f"fk_{name}_words_id_{name}"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}_words")),
        )
        _index(name)
        _make_searchable(f"{name}_words")


def downgrade() -> None:
    for name in TEXTS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {name}_words_fts")
        op.drop_table(f"{name}_words")


def _index(name: str) -> None:
    """Write the tokens of what is there, a part at a time."""
    connection, last = op.get_bind(), 0
    table = sa.table(name, *map(sa.column, ("id", *TEXTS[name])))
    words = sa.table(f"{name}_words", sa.column("id"), sa.column("words", WORDS))
    while True:
        rows = connection.execute(sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(CHUNK)).all()
        if not rows:
            return
        last = rows[-1].id
        indexed = [{"id": row.id, "words": index_tokens(_text(name, row))} for row in rows]
        if indexed := [row for row in indexed if row["words"]]:
            connection.execute(words.insert(), indexed)


def _text(name: str, row: sa.Row) -> str:
    if name == "theme":
        phrases = json.loads(row.phrases) if isinstance(row.phrases, str) else row.phrases
        return "\n".join([row.given_name or row.found_name, *(phrases or [])])
    return "\n".join(value for value in row[1:] if value)


def _make_searchable(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin (words)")
        return
    # Tokens are of a-z, 0-9 and _. Which texts have one is all that is asked: no positions, no lengths.
    op.execute(
        f"CREATE VIRTUAL TABLE {table}_fts USING fts5(words, content='{table}', content_rowid='id',"
        " tokenize=\"ascii tokenchars '_'\", detail=none, columnsize=0)"
    )
    op.execute(f"INSERT INTO {table}_fts ({table}_fts) VALUES ('rebuild')")  # noqa: S608 -- our own words
    for act, statements in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {table}_{act} AFTER {act} ON {table} BEGIN {statements.format(table=table)} END")
