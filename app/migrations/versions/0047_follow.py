"""what people follow, and how many ideas each may support in a campaign"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

FOLLOWED = ("idea", "campaign", "space")
ONE_OBJECT = " + ".join(f"CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END" for name in FOLLOWED) + " = 1"
NEW_KINDS = "('idea_commented', 'followed_idea', 'followed_campaign', 'followed_space')"


def upgrade() -> None:
    op.create_table(
        "follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        *(sa.Column(f"{name}_id", sa.Integer(), nullable=True) for name in FOLLOWED),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_follow_person_id_person", ondelete="CASCADE"),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"], [f"{name}.id"], name=f"fk_follow_{name}_id_{name}", ondelete="CASCADE"
            )
            for name in FOLLOWED
        ),
        sa.PrimaryKeyConstraint("id", name="pk_follow"),
        *(sa.UniqueConstraint(f"{name}_id", "person_id", name=f"uq_follow_{name}_id_person_id") for name in FOLLOWED),
        sa.CheckConstraint(ONE_OBJECT, name="one_object"),
    )
    op.create_index("ix_follow_person_id", "follow", ["person_id"])
    op.add_column("campaign", sa.Column("supports_each", sa.Integer(), nullable=True))


def downgrade() -> None:
    """An earlier version knows no such notices, and no such job."""
    op.execute(f"DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind IN {NEW_KINDS})")  # noqa: S608 -- our own names
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind IN {NEW_KINDS}")  # noqa: S608 -- our own names
    for table in ("schedule", "job"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'record_dates'")  # noqa: S608 -- our own names
    op.drop_column("campaign", "supports_each")
    op.drop_index("ix_follow_person_id", "follow")
    op.drop_table("follow")
