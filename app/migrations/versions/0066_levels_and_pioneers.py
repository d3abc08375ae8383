"""levels with privileges, briefs shown early, pioneers"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisation") as organisation:
        organisation.add_column(sa.Column("levels", sa.JSON(), server_default="{}", nullable=False))
        organisation.add_column(sa.Column("pioneer_space_id", sa.Integer(), nullable=True))
        organisation.create_foreign_key("fk_organisation_pioneer_space_id_space", "space", ["pioneer_space_id"], ["id"])
    op.add_column("campaign", sa.Column("shown_early_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "pioneer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_pioneer_person_id_person", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("thanks", sa.Text(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_pioneer_invited_by_id_person"), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("person_id", name="uq_pioneer_person_id"),
    )  # fmt: skip
    op.create_index("ix_pioneer_invited_by_id", "pioneer", ["invited_by_id"])


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'pioneer')")
    op.execute("DELETE FROM notice WHERE kind = 'pioneer'")
    op.execute("DELETE FROM notice_preference WHERE kind = 'pioneer'")
    op.drop_table("pioneer")
    op.drop_column("campaign", "shown_early_at")
    with op.batch_alter_table("organisation") as organisation:
        organisation.drop_constraint("fk_organisation_pioneer_space_id_space", type_="foreignkey")
        organisation.drop_column("pioneer_space_id")
        organisation.drop_column("levels")
