"""fields that a campaign adds to the form of an idea, and what people give in them"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_field",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_form_field_campaign_id_campaign", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("help", sa.String(300), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("takes_several", sa.Boolean(), nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("least", sa.Double(), nullable=True),
        sa.Column("most", sa.Double(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
    )  # fmt: skip
    op.create_index("ix_form_field_campaign_id", "form_field", ["campaign_id"])
    op.create_table(
        "form_option",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("field_id", sa.Integer(), sa.ForeignKey("form_field.id", name="fk_form_option_field_id_form_field", ondelete="CASCADE"), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
    )  # fmt: skip
    op.create_index("ix_form_option_field_id", "form_option", ["field_id"])
    # With the idea: an application that does not know this table deletes drafts too.
    op.create_table(
        "field_value",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_field_value_idea_id_idea", ondelete="CASCADE"), nullable=False),
        sa.Column("field_id", sa.Integer(), sa.ForeignKey("form_field.id", name="fk_field_value_field_id_form_field", ondelete="CASCADE"), nullable=False),
        sa.Column("option_id", sa.Integer(), sa.ForeignKey("form_option.id", name="fk_field_value_option_id_form_option", ondelete="CASCADE"), nullable=True),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("text", sa.String(120), nullable=False, server_default=""),
    )  # fmt: skip
    op.create_index("ix_field_value_idea_id", "field_value", ["idea_id"])
    op.create_index("ix_field_value_field_id_option_id", "field_value", ["field_id", "option_id"])


def downgrade() -> None:
    op.drop_table("field_value")
    op.drop_table("form_option")
    op.drop_table("form_field")
