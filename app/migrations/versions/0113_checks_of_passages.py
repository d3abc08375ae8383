"""people check passages: one that a person keeps in its theme stays there in later runs; who named the
themes; the language of a campaign"""

import sqlalchemy as sa
from alembic import op

revision = "0113"
down_revision = "0112"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("passage", "kept"), ("sampled_idea", "by_passage")):
        op.add_column(table, sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("campaign", sa.Column("lang", sa.String(2), nullable=True))
    op.add_column("theme_run", sa.Column("namer", sa.String(200), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """An earlier version takes each idea of a sample to be in its theme: those of passages are not asked about."""
    op.drop_column("theme_run", "namer")
    op.drop_column("campaign", "lang")
    op.execute("DELETE FROM sampled_idea WHERE by_passage")
    with op.batch_alter_table("sampled_idea") as batch:
        batch.drop_column("by_passage")
    with op.batch_alter_table("passage") as batch:
        batch.drop_column("kept")
