"""themes that people trust: proposals, what is forbidden, the hierarchy, kept vectors"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = {
    "theme_edit": (("rename", "merge", "split", "move"), ("pin", "unpin", "forbid", "accept")),
    "job": (("find_themes", "tell_contributors"), ("place_ideas",)),
}
HOW = ("moved", "pinned", "merged", "split", "alone")


def upgrade() -> None:
    # On SQLite a table that others point to can't be made anew: that would empty them. So columns are added to it.
    op.execute(
        "ALTER TABLE campaign ADD COLUMN granularity INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_campaign_granularity CHECK (granularity BETWEEN -3 AND 3)"
    )
    for column in _theme_columns():
        op.add_column("theme", column)
    for column in _run_columns():
        op.add_column("theme_run", column)
    op.execute("UPDATE theme_run SET applied_at = created_at")
    op.execute(
        "UPDATE theme SET touched = true WHERE given_name IS NOT NULL"
        " OR id IN (SELECT theme_id FROM placement WHERE theme_id IS NOT NULL AND placed_by_id IS NOT NULL)"
    )
    _say_how_ideas_were_placed()
    for table, (old, new) in KINDS.items():
        _change_kinds(table, (*old, *new))
    _create_tables()


def downgrade() -> None:
    for table in ("proposed_placement", "proposal", "text_vector", "forbidden"):
        op.drop_table(table)
    for table, (old, new) in KINDS.items():
        op.execute(f"DELETE FROM {table} WHERE kind IN ({_listed(new)})")  # noqa: S608 -- our own words
        _change_kinds(table, old)
    with op.batch_alter_table("placement") as batch_op:
        batch_op.drop_constraint(op.f("ck_placement_placed_by_and_how"), type_="check")
        batch_op.drop_constraint(op.f("ck_placement_placed_how"), type_="check")
        for name in ("placed_how", "shared", "neighbours", "leaf"):
            batch_op.drop_column(name)
    for column in reversed(_run_columns()):
        op.drop_column("theme_run", column.name)
    for column in reversed(_theme_columns()):
        op.drop_column("theme", column.name)
    op.drop_column("campaign", "granularity")


def _theme_columns() -> list[sa.Column]:
    return [
        sa.Column("family", sa.Integer(), server_default="0", nullable=False),
        sa.Column("parts", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("languages", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("apart", sa.JSON(), nullable=True),
        sa.Column("doubts", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("touched", sa.Boolean(), server_default=sa.false(), nullable=False),
    ]


def _run_columns() -> list[sa.Column]:
    return [
        sa.Column("applied_at", ideas.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("granularity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("base", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tree", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("families", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("events", sa.JSON(), server_default="[]", nullable=False),
    ]


def _say_how_ideas_were_placed() -> None:
    with op.batch_alter_table("placement") as batch_op:
        batch_op.add_column(sa.Column("leaf", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("neighbours", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("shared", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("placed_how", sa.String(length=20), nullable=True))
    op.execute(
        "UPDATE placement SET placed_how = CASE WHEN theme_id IS NULL THEN 'alone' ELSE 'moved' END"
        " WHERE placed_by_id IS NOT NULL"
    )
    with op.batch_alter_table("placement") as batch_op:
        batch_op.create_check_constraint(op.f("ck_placement_placed_how"), f"placed_how IN ({_listed(HOW)})")
        batch_op.create_check_constraint(
            op.f("ck_placement_placed_by_and_how"), "(placed_by_id IS NULL) = (placed_how IS NULL)"
        )


def _change_kinds(table: str, kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(op.f(f"ck_{table}_kind"), type_="check")
        batch_op.create_check_constraint(op.f(f"ck_{table}_kind"), f"kind IN ({_listed(kinds)})")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _create_tables() -> None:
    op.create_table(
        "text_vector",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "model", name=op.f("pk_text_vector")),
    )
    op.create_table(
        "forbidden",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_forbidden_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_forbidden_idea_id_idea"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_forbidden_person_id_person")),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name=op.f("fk_forbidden_theme_id_theme"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("idea_id", "theme_id", name=op.f("pk_forbidden")),
    )
    with op.batch_alter_table("forbidden") as batch_op:
        batch_op.create_index(batch_op.f("ix_forbidden_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_forbidden_theme_id"), ["theme_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("created_at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "overtaken",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("closed_at", ideas.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_proposal_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_proposal_closed_by_id_person")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["theme_run.id"], name=op.f("fk_proposal_run_id_theme_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal") as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(
            "uq_proposal_open",
            ["campaign_id"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
    op.create_table(
        "proposed_placement",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.Integer(), nullable=True),
        sa.Column(
            "leftover",
            sa.Enum("alone", "between", name="leftover", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.Column("nearest", sa.JSON(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=True),
        sa.Column("neighbours", sa.JSON(), nullable=False),
        sa.Column("shared", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(theme IS NULL) <> (leftover IS NULL)", name=op.f("ck_proposed_placement_theme_or_leftover")
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_proposed_placement_idea_id_idea"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposal.id"],
            name=op.f("fk_proposed_placement_proposal_id_proposal"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("proposal_id", "idea_id", name=op.f("pk_proposed_placement")),
    )
