"""what other applications of the organisation are told, and whether it reached them"""

import sqlalchemy as sa
from alembic import op

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("host", sa.Column("webhook", sa.String(500), server_default=sa.text("''"), nullable=False))
    op.add_column("host", sa.Column("webhook_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name="fk_webhook_delivery_activity_id_activity"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_webhook_delivery_host_id_host", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.UniqueConstraint("host_id", "activity_id", name="uq_webhook_delivery_host_id_activity_id"),
    )
    op.create_index("ix_webhook_delivery_activity_id", "webhook_delivery", ["activity_id"])
    op.create_index("ix_webhook_delivery_next_attempt_at", "webhook_delivery", ["next_attempt_at"])
    # What happened before is told to nobody: years of it need not be read.
    op.execute(
        "INSERT INTO activity_cursor (reader, activity_id) SELECT 'webhooks', COALESCE(MAX(id), 0) FROM activity"
    )


def downgrade() -> None:
    """An earlier version does not know this kind of job."""
    op.execute("DELETE FROM schedule WHERE kind = 'send_webhooks'")
    op.execute("DELETE FROM job WHERE kind = 'send_webhooks'")
    op.execute("DELETE FROM activity_cursor WHERE reader = 'webhooks'")
    op.drop_table("webhook_delivery")
    op.drop_column("host", "webhook_since")
    op.drop_column("host", "webhook")
