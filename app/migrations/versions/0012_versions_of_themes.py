"""themes count their changes, and the themes of an edit are found without reading all edits"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("theme", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("theme", sa.Column("shape", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "edited_theme",
        sa.Column("edit_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edit_id"], ["theme_edit.id"], name=op.f("fk_edited_theme_edit_id_theme_edit"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name=op.f("fk_edited_theme_theme_id_theme"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edit_id", "theme_id", name=op.f("pk_edited_theme")),
    )
    op.create_index("ix_edited_theme_theme_id", "edited_theme", ["theme_id"])
    _fill()


def downgrade() -> None:
    op.drop_table("edited_theme")
    with op.batch_alter_table("theme") as batch_op:
        batch_op.drop_column("shape")
        batch_op.drop_column("version")


def _fill() -> None:
    """Note the themes of each edit. Edits of the first version name them in their states alone."""
    bind = op.get_bind()
    edited = sa.table("edited_theme", sa.column("edit_id", sa.Integer), sa.column("theme_id", sa.Integer))
    known = set(bind.scalars(sa.text("SELECT id FROM theme")))
    for edit_id, summary in bind.execute(sa.text("SELECT id, summary FROM theme_edit")).all():
        named = _read(summary).get("themes")
        if named is None:
            after = bind.scalar(sa.text("SELECT after FROM theme_edit WHERE id = :edit"), {"edit": edit_id})
            named = [int(theme_id) for theme_id in _read(after).get("themes", {})]
        rows = [{"edit_id": edit_id, "theme_id": theme_id} for theme_id in sorted(known.intersection(named))]
        if rows:
            bind.execute(edited.insert(), rows)


def _read(stored: Any) -> dict[str, Any]:
    """PostgreSQL gives JSON as it is, SQLite as text."""
    found: dict[str, Any] = json.loads(stored) if isinstance(stored, str) else stored or {}
    return found
