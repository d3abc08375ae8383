"""undoing: an idea knows the import that added it, an import can be undone, a draft campaign deleted"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = ideas.base.UTCDateTime(timezone=True)


def upgrade() -> None:
    # Not as a batch, which would copy the table on SQLite.
    op.execute(
        "ALTER TABLE idea ADD COLUMN import_id INTEGER CONSTRAINT fk_idea_import_id_idea_import REFERENCES idea_import (id)"
    )
    op.create_index("ix_idea_import_id", "idea", ["import_id"])
    op.add_column("idea_import", sa.Column("undone_at", INSTANT, nullable=True))
    # An import and its ideas were written at the same instant.
    op.execute(
        "UPDATE idea SET import_id = (SELECT max(idea_import.id) FROM idea_import WHERE"
        " idea_import.campaign_id = idea.campaign_id AND idea_import.finished_at = idea.created_at)"
        " WHERE import_key IS NOT NULL"
    )
    op.add_column("campaign", sa.Column("deleted_at", INSTANT, nullable=True))


def downgrade() -> None:
    # An earlier version shows a deleted draft again, to its team.
    op.drop_column("campaign", "deleted_at")
    op.drop_column("idea_import", "undone_at")
    op.drop_index("ix_idea_import_id", "idea")
    op.drop_column("idea", "import_id")
