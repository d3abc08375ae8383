"""split ideas: from which idea another one was split"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

SPLIT = sa.text("split_from_id IS NOT NULL")


def upgrade() -> None:
    # In words, since Alembic adds no constraint on SQLite but by copying the table.
    op.execute(
        "ALTER TABLE idea ADD COLUMN split_from_id INTEGER CONSTRAINT fk_idea_split_from_id_idea REFERENCES idea (id)"
    )
    op.create_index("ix_idea_split_from_id", "idea", ["split_from_id"], sqlite_where=SPLIT, postgresql_where=SPLIT)


def downgrade() -> None:
    op.drop_index("ix_idea_split_from_id", "idea")
    op.drop_column("idea", "split_from_id")
