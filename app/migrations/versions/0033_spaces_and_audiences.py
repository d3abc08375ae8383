"""spaces and audiences: who may see and take part in a campaign"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _spaces()
    _segments()
    _audiences()
    # Not as a batch, which would copy the table on SQLite.
    op.add_column("campaign", sa.Column("audience", sa.String(20), nullable=False, server_default="public"))
    op.add_column("campaign", sa.Column("open_to_visitors", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("campaign", sa.Column("audience_version", sa.Integer(), nullable=False, server_default="1"))
    # Until now everyone saw every campaign.
    op.execute(
        sa.text("UPDATE campaign SET open_to_visitors = :yes").bindparams(sa.bindparam("yes", True, sa.Boolean()))
    )


def downgrade() -> None:
    op.drop_column("campaign", "audience_version")
    op.drop_column("campaign", "open_to_visitors")
    op.drop_column("campaign", "audience")
    for table in (
        "guest",
        "audience_value",
        "audience_space",
        "audience_stage",
        "person_value",
        "attribute_value",
        "attribute",
        "membership",
        "space",
    ):
        op.drop_table(table)


def _spaces() -> None:
    op.create_table(
        "space",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("entry", sa.String(20), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_space_created_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_space"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_membership_space_id_space", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_membership_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.UniqueConstraint("space_id", "person_id", name="uq_membership_space_id_person_id"),
    )
    op.create_index("ix_membership_person_id", "membership", ["person_id"])
    op.create_index("ix_membership_space_id_state_role", "membership", ["space_id", "state", "role"])


def _segments() -> None:
    op.create_table(
        "attribute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attribute"),
        sa.UniqueConstraint("name", name="uq_attribute_name"),
    )
    op.create_table(
        "attribute_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attribute_id"], ["attribute.id"], name="fk_attribute_value_attribute_id_attribute", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attribute_value"),
        sa.UniqueConstraint("attribute_id", "name", name="uq_attribute_value_attribute_id_name"),
    )
    op.create_table(
        "person_value",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_person_value_person_id_person", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["attribute_id"], ["attribute.id"], name="fk_person_value_attribute_id_attribute", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["value_id"], ["attribute_value.id"], name="fk_person_value_value_id_attribute_value", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "attribute_id", name="pk_person_value"),
    )
    op.create_index("ix_person_value_value_id", "person_value", ["value_id"])


def _audiences() -> None:
    op.create_table(
        "audience_stage",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("opens_at", INSTANT, nullable=False),
        _of_campaign("audience_stage"),
        sa.PrimaryKeyConstraint("campaign_id", "number", name="pk_audience_stage"),
    )
    op.create_table(
        "audience_space",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        _of_campaign("audience_space"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_audience_space_space_id_space"),
        sa.PrimaryKeyConstraint("campaign_id", "number", "space_id", name="pk_audience_space"),
    )
    op.create_index("ix_audience_space_space_id", "audience_space", ["space_id"])
    op.create_table(
        "audience_value",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        _of_campaign("audience_value"),
        sa.ForeignKeyConstraint(
            ["value_id"], ["attribute_value.id"], name="fk_audience_value_value_id_attribute_value"
        ),
        sa.ForeignKeyConstraint(["attribute_id"], ["attribute.id"], name="fk_audience_value_attribute_id_attribute"),
        sa.PrimaryKeyConstraint("campaign_id", "number", "value_id", name="pk_audience_value"),
    )
    op.create_index("ix_audience_value_value_id", "audience_value", ["value_id"])
    op.create_index("ix_audience_value_attribute_id", "audience_value", ["attribute_id"])
    op.create_table(
        "guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        _of_campaign("guest"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_guest_person_id_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_guest"),
        sa.UniqueConstraint("campaign_id", "person_id", name="uq_guest_campaign_id_person_id"),
    )
    op.create_index("ix_guest_person_id", "guest", ["person_id"])


def _of_campaign(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["campaign_id"], ["campaign.id"], name=f"fk_{table}_campaign_id_campaign", ondelete="CASCADE"
    )
