"""a small picture of each cover, for phones"""

from alembic import op

revision = "0115"
down_revision = "0114"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch, which would copy the table on SQLite. Covers of before have none, until they are replaced.
    op.execute(
        "ALTER TABLE campaign ADD COLUMN cover_small_id INTEGER"
        " CONSTRAINT fk_campaign_cover_small_id_file REFERENCES file (id)"
    )


def downgrade() -> None:
    # Their files stay in the folder of uploads until it is swept.
    op.execute("CREATE TEMPORARY TABLE small_cover AS SELECT cover_small_id AS id FROM campaign")
    op.execute("UPDATE campaign SET cover_small_id = NULL")
    op.execute("DELETE FROM file WHERE id IN (SELECT id FROM small_cover)")
    op.execute("DROP TABLE small_cover")
    op.drop_column("campaign", "cover_small_id")
