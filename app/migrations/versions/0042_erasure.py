"""erasure of a person: its requests, what the log keeps of them, and the waiting time"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

REFUSAL = "the activity log is append-only"
# What an erasure leaves as it is in a row of the log: all but its words.
KEPT = ("id", "at", "actor_id", "verb", "object_kind", "object_id", "campaign_id", "hash")


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_erasure_person_id_person"), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_erasure_asked_by_id_person"), nullable=False),
        sa.Column("contents", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True)),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("counts", sa.JSON()),
    )  # fmt: skip
    op.create_index("ix_erasure_person_id", "erasure", ["person_id"])
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.add_column("activity", sa.Column("is_redacted", sa.Boolean(), nullable=False, server_default=sa.false()))
    _refuse_updates(but_redactions=True)
    op.add_column("organisation", sa.Column("erasure_days", sa.Integer(), nullable=False, server_default="7"))


def downgrade() -> None:
    op.drop_column("organisation", "erasure_days")
    _refuse_updates(but_redactions=False)
    op.drop_column("activity", "is_redacted")
    op.drop_column("person", "erased_at")
    op.drop_index("ix_erasure_person_id", table_name="erasure")
    op.drop_table("erasure")


def _refuse_updates(*, but_redactions: bool) -> None:
    """Replace the trigger that refuses to change the log: words may be taken out of a row that says so."""
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT)
    if op.get_bind().dialect.name == "postgresql":
        passes = (
            f"IF TG_OP = 'UPDATE' AND NEW.is_redacted AND {same} THEN RETURN NEW; END IF;" if but_redactions else ""
        )
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_activity_change() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {passes} RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        return
    same = same.replace("IS NOT DISTINCT FROM", "IS")
    unless = f"WHEN NOT (NEW.is_redacted AND {same})" if but_redactions else ""
    op.execute("DROP TRIGGER activity_no_update")
    op.execute(
        f"CREATE TRIGGER activity_no_update BEFORE UPDATE ON activity {unless} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
