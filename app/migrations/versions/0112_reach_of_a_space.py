"""newsletters: pictures, clicks on their links, who left after one; and people who want no emails of one space"""

import sqlalchemy as sa
from alembic import op

revision = "0112"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("newsletter") as table:
        table.add_column(sa.Column("counts_clicks", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("unsubscribed", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "newsletter_click",
        sa.Column("newsletter_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["newsletter_id"],
            ["newsletter.id"],
            name="fk_newsletter_click_newsletter_id_newsletter",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("newsletter_id", "place", name="pk_newsletter_click"),
    )
    op.create_table(
        "newsletter_picture",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name="fk_newsletter_picture_file_id_file"),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name="fk_newsletter_picture_space_id_space", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", name="pk_newsletter_picture"),
    )
    op.create_index("ix_newsletter_picture_space_id", "newsletter_picture", ["space_id"])
    op.create_table(
        "silent_space",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_silent_space_person_id_person", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_silent_space_space_id_space", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "space_id", name="pk_silent_space"),
    )
    op.create_index("ix_silent_space_space_id", "silent_space", ["space_id"])


def downgrade() -> None:
    """An earlier version has no such files."""
    op.drop_table("silent_space")
    op.drop_table("newsletter_picture")
    op.execute("UPDATE file SET purpose = 'attachment' WHERE purpose = 'newsletter'")
    op.drop_table("newsletter_click")
    with op.batch_alter_table("newsletter") as table:
        table.drop_column("unsubscribed")
        table.drop_column("counts_clicks")
