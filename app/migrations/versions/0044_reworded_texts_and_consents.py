"""reworded texts: comments count their texts, as ideas do; when rules were accepted is in the consents alone"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comment", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    # Each person there was has a consent of that instant, since there are consents.
    op.drop_column("person", "rules_accepted_at")


def downgrade() -> None:
    """An earlier version knows no rewording, and no mail about an erasure that was refused, and no export of a campaign.

    Whoever accepted no rules, such as an administrator made on the server, gets the instant of their account: an
    earlier version stored that.
    """
    op.add_column("person", sa.Column("rules_accepted_at", sa.DateTime(timezone=True), nullable=True))
    first = "SELECT min(consent.at) FROM consent WHERE consent.person_id = person.id"
    op.execute(f"UPDATE person SET rules_accepted_at = coalesce(({first}), created_at)")  # noqa: S608 -- our own names
    with op.batch_alter_table("person") as person:
        person.alter_column("rules_accepted_at", nullable=False)
    for table in ("review", "report"):
        op.execute(f"UPDATE {table} SET outcome = 'changed' WHERE outcome = 'reworded'")  # noqa: S608 -- our own names
    op.execute("DELETE FROM message WHERE account_mail = 'erasure_refused'")
    exported = "kind = 'campaign_exported'"
    op.execute(f"DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE {exported})")  # noqa: S608 -- our own names
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE {exported}")  # noqa: S608 -- our own names
    op.execute("DELETE FROM job WHERE kind = 'export_campaign'")
    op.execute("DELETE FROM file WHERE purpose = 'campaign_export'")  # their bytes are swept
    op.drop_column("comment", "version")
