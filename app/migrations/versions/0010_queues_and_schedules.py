"""jobs have a queue, a payload and a next attempt; schedules; a job's key stays with it when it ends"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("status IN ('queued', 'running')")
QUEUES = {"find_themes": "heavy", "place_ideas": "quick"}
ERRORS = ("model_unavailable", "interrupted", "unexpected")


def upgrade() -> None:
    with op.batch_alter_table("job") as batch_op:
        batch_op.add_column(sa.Column("queue", sa.String(20), server_default="quick", nullable=False))
        batch_op.add_column(sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("payload", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("run_at", ideas.base.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("interruptions", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("detail", sa.Text(), server_default="", nullable=False))
        batch_op.alter_column("error", existing_type=sa.Text(), nullable=True)
        batch_op.alter_column("campaign_id", existing_type=sa.Integer(), nullable=True)
        batch_op.drop_constraint(op.f("uq_job_key"), type_="unique")
        batch_op.drop_index("ix_job_status_created_at")
    for kind, queue in QUEUES.items():
        op.execute(f"UPDATE job SET queue = '{queue}' WHERE kind = '{kind}'")  # noqa: S608 -- our own words
    op.execute("UPDATE job SET run_at = created_at")
    op.execute("UPDATE job SET key = kind || ':' || campaign_id WHERE key IS NULL")
    # A worker that ended without a word was the only cause of a second attempt.
    op.execute("UPDATE job SET interruptions = attempts - 1 WHERE attempts > 1")
    op.execute("UPDATE job SET error = NULL WHERE error = ''")
    known = ", ".join(f"'{error}'" for error in ERRORS)
    op.execute(f"UPDATE job SET detail = error, error = 'unexpected' WHERE error NOT IN ({known})")  # noqa: S608 -- our own words
    with op.batch_alter_table("job") as batch_op:
        batch_op.alter_column("run_at", existing_type=ideas.base.UTCDateTime(timezone=True), nullable=False)
        batch_op.alter_column("key", existing_type=sa.String(80), nullable=False)
        batch_op.alter_column("error", existing_type=sa.Text(), type_=sa.String(20))
        for column, kind in (("queue", sa.String(20)), ("priority", sa.Integer()), ("payload", sa.JSON())):
            batch_op.alter_column(column, existing_type=kind, server_default=None)
        batch_op.alter_column("interruptions", existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column("detail", existing_type=sa.Text(), server_default=None)
        batch_op.create_index("ix_job_status_queue_run_at", ["status", "queue", "run_at"])
        batch_op.create_index(
            "uq_job_key_unfinished", ["key"], unique=True, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
        )
    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("next_at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("every_seconds > 0", name=op.f("ck_schedule_every_seconds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("name", name=op.f("uq_schedule_name")),
    )


def downgrade() -> None:
    op.drop_table("schedule")
    # An earlier version knows neither work without a campaign nor other kinds.
    known = ", ".join(f"'{kind}'" for kind in QUEUES)
    op.execute(f"DELETE FROM job WHERE campaign_id IS NULL OR kind NOT IN ({known})")  # noqa: S608 -- our own words
    with op.batch_alter_table("job") as batch_op:
        batch_op.drop_index("uq_job_key_unfinished")
        batch_op.drop_index("ix_job_status_queue_run_at")
        batch_op.alter_column("key", existing_type=sa.String(80), nullable=True)
        batch_op.alter_column("error", existing_type=sa.String(20), type_=sa.Text())
    op.execute("UPDATE job SET key = NULL WHERE status NOT IN ('queued', 'running')")
    op.execute("UPDATE job SET error = '' WHERE error IS NULL OR status <> 'failed'")
    errors = ", ".join(f"'{error}'" for error in ERRORS)
    op.execute(f"UPDATE job SET error = 'unexpected' WHERE error <> '' AND error NOT IN ({errors})")  # noqa: S608 -- our own words
    with op.batch_alter_table("job") as batch_op:
        batch_op.alter_column("error", existing_type=sa.Text(), nullable=False)
        batch_op.alter_column("campaign_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_job_key"), ["key"])
        batch_op.create_index("ix_job_status_created_at", ["status", "created_at"])
        for column in ("queue", "priority", "payload", "run_at", "interruptions", "detail"):
            batch_op.drop_column(column)
