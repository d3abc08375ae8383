"""when a run of digests began, the number of a calendar link, names of themes in other languages indexed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

import ideas.base
from ideas.words import index_tokens

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

CHUNK = 1_000
THEME = sa.table(
    "theme",
    *(sa.column(name) for name in ("id", "given_name", "found_name")),
    *(sa.column(name, sa.JSON()) for name in ("other_names", "phrases")),
)
WORDS = sa.table("theme_words", sa.column("id"), sa.column("words", sa.Text().with_variant(TSVECTOR(), "postgresql")))


def upgrade() -> None:
    op.add_column("digest_run", sa.Column("began_at", ideas.base.UTCDateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("calendar_number", sa.Integer(), server_default="0", nullable=False))
    _index_names()


def downgrade() -> None:
    """What is indexed stays: an earlier version finds those names too, until it writes the theme again."""
    op.drop_column("person", "calendar_number")
    op.drop_column("digest_run", "began_at")


def _index_names() -> None:
    """Write the tokens of themes that have names in several languages again, a part at a time."""
    connection, last = op.get_bind(), 0
    while rows := connection.execute(sa.select(THEME).where(THEME.c.id > last).order_by(THEME.c.id).limit(CHUNK)).all():
        last = rows[-1].id
        texts = {
            row.id: "\n".join([row.found_name, *(name for _, name in row.other_names), *(row.phrases or [])])
            for row in rows
            if row.other_names and not row.given_name
        }
        indexed = [{"id": id_, "words": words} for id_, text in texts.items() if (words := index_tokens(text))]
        if indexed:
            connection.execute(WORDS.delete().where(WORDS.c.id.in_([row["id"] for row in indexed])))
            connection.execute(WORDS.insert(), indexed)
