"""newsletters of a space, and the one person who approves them"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0102"
down_revision = "0101"
branch_labels = None
depends_on = None

_INVOLVEMENT = sa.Enum(
    "anything", "took_part", "supported", "never_back", name="involvement", native_enum=False, length=20
)


def _instant(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, ideas.base.UTCDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("space") as table:
        table.add_column(sa.Column("referent_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_space_referent_id_person"), "person", ["referent_id"], ["id"])
        table.create_index(op.f("ix_space_referent_id"), ["referent_id"])
    op.create_table(
        "newsletter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("to_all", sa.Boolean(), nullable=False),
        sa.Column("value_ids", sa.JSON(), nullable=False),
        sa.Column("involvement", _INVOLVEMENT, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("theme_id", sa.Integer(), nullable=True),
        sa.Column("per_hour", sa.Integer(), nullable=True),
        _instant("send_at"),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        _instant("written_at", nullable=False),
        _instant("proposed_at"),
        _instant("approved_at"),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        _instant("paused_at"),
        _instant("stopped_at"),
        _instant("begun_at"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_newsletter_space_id_space", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_newsletter_campaign_id_campaign", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name="fk_newsletter_theme_id_theme", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["written_by_id"], ["person.id"], name="fk_newsletter_written_by_id_person"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name="fk_newsletter_decided_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_newsletter"),
    )
    op.create_index("ix_newsletter_space_id_id", "newsletter", ["space_id", "id"])
    for name in ("campaign_id", "theme_id", "written_by_id", "decided_by_id"):
        op.create_index(f"ix_newsletter_{name}", "newsletter", [name])


def downgrade() -> None:
    """An earlier version does not know these kinds of notice."""
    kinds = "('newsletter', 'newsletter_work')"
    op.execute(f"DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind IN {kinds})")  # noqa: S608
    op.execute(f"DELETE FROM notice WHERE kind IN {kinds}")  # noqa: S608
    op.execute(f"DELETE FROM notice_preference WHERE kind IN {kinds}")  # noqa: S608
    op.drop_table("newsletter")
    with op.batch_alter_table("space") as table:
        table.drop_index(op.f("ix_space_referent_id"))
        table.drop_constraint(op.f("fk_space_referent_id_person"), type_="foreignkey")
        table.drop_column("referent_id")
