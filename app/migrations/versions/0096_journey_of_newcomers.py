"""messages to newcomers: their texts, who has come to which, and whether they came back"""

import sqlalchemy as sa
from alembic import op

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisation", sa.Column("journey_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "journey_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journey_text"),
        sa.UniqueConstraint("step", "locale", name="uq_journey_text_step_locale"),
    )
    op.create_table(
        "journey_step",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_control", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_journey_step_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "days", name="pk_journey_step"),
    )
    op.create_index("ix_journey_step_at", "journey_step", ["at"])


def downgrade() -> None:
    """An earlier version does not know this kind of notice: whoever was told of one is told of it no more."""
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'newcomer')")
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'newcomer'")  # noqa: S608 -- our own names
    op.drop_table("journey_step")
    op.drop_table("journey_text")
    op.drop_column("organisation", "journey_since")
