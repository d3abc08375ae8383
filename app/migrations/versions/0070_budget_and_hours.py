"""what each person is sent in a week, and in which hours"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0070"
down_revision = "0068"
branch_labels = None
depends_on = None

_FREQUENCY = sa.Enum("weekly", "daily", "none", name="frequency", native_enum=False, length=20)


def upgrade() -> None:
    op.add_column("organisation", sa.Column("weekly_mails", sa.Integer(), server_default="3", nullable=False))
    op.add_column("organisation", sa.Column("weekly_invitations", sa.Integer(), server_default="1", nullable=False))
    op.add_column("message", sa.Column("budgeted_at", ideas.base.UTCDateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("in_hours", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("notice", sa.Column("held_at", ideas.base.UTCDateTime(timezone=True), nullable=True))
    op.create_table(
        "mail_choice",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_hour", sa.Integer(), nullable=False),
        sa.Column("last_hour", sa.Integer(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("digest", _FREQUENCY, nullable=False),
        sa.CheckConstraint(
            "0 <= first_hour AND first_hour < last_hour AND last_hour <= 24",
            name=op.f("ck_mail_choice_hours_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mail_choice_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_choice")),
    )


def downgrade() -> None:
    op.drop_table("mail_choice")
    op.drop_column("notice", "held_at")
    op.drop_column("message", "in_hours")
    op.drop_column("message", "budgeted_at")
    op.drop_column("organisation", "weekly_invitations")
    op.drop_column("organisation", "weekly_mails")
