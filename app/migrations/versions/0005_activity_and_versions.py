"""the activity log, which the database itself keeps from being changed, and versions of what was published"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

REFUSAL = "the activity log is append-only"


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("object_kind", sa.String(30), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_activity_actor_id_person")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_activity_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("hash", name=op.f("uq_activity_hash")),
    )
    op.create_index("ix_activity_actor_id", "activity", ["actor_id"])
    op.create_index("ix_activity_object_kind_object_id", "activity", ["object_kind", "object_id"])
    op.create_index("ix_activity_campaign_id_id", "activity", ["campaign_id", "id"])
    op.create_table(
        "activity_cursor",
        sa.Column("reader", sa.String(40), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_activity_cursor")),
    )
    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("object_kind", sa.String(30), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_version_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("object_kind", "object_id", "number", name=op.f("uq_version_object_kind_object_id_number")),
    )
    _refuse_changes()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER activity_append_only ON activity")
        op.execute("DROP FUNCTION refuse_activity_change()")
    op.drop_table("version")
    op.drop_table("activity_cursor")
    op.drop_table("activity")


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_activity_change() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE ON activity"
            " FOR EACH ROW EXECUTE FUNCTION refuse_activity_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER activity_no_{act.lower()} BEFORE {act} ON activity BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
