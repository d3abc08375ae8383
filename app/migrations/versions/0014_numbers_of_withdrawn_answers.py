"""the versions of an answer follow those of the one that was withdrawn before it"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawn_answer",
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name=op.f("fk_withdrawn_answer_theme_id_theme"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("theme_id", name=op.f("pk_withdrawn_answer")),
    )


def downgrade() -> None:
    op.drop_table("withdrawn_answer")
