"""campaigns count their saves, and what they promise now is their first version"""

from datetime import UTC

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = ideas.base.UTCDateTime(timezone=True)
DATES = ("opens_at", "closes_at", "debrief_due_at")
TEXTS = ("title", "challenge", "brief", "benefit", "motivation", "owner_word", "owner_video_url")
CAMPAIGN = sa.table(
    "campaign",
    *map(sa.column, ("id", "owner_id", *TEXTS)),
    *(sa.column(name, INSTANT) for name in (*DATES, "announced_at")),
)
VERSION = sa.table(
    "version",
    *map(sa.column, ("object_kind", "object_id", "number", "reason", "by_id")),
    sa.column("content", sa.JSON),
    sa.column("at", INSTANT),
)


def upgrade() -> None:
    op.add_column("campaign", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    announced = sa.select(CAMPAIGN).where(CAMPAIGN.c.announced_at.is_not(None))
    rows = [
        {
            "object_kind": "campaign",
            "object_id": campaign.id,
            "number": 1,
            "reason": "",
            "by_id": campaign.owner_id,
            "at": campaign.announced_at,
            "content": {name: getattr(campaign, name) for name in TEXTS}
            | {name: _text(getattr(campaign, name)) for name in DATES},
        }
        for campaign in op.get_bind().execute(announced)
    ]
    if rows:
        op.bulk_insert(VERSION, rows)


def downgrade() -> None:
    op.execute("DELETE FROM version WHERE object_kind = 'campaign'")
    op.drop_column("campaign", "version")


def _text(instant):
    return instant.astimezone(UTC).isoformat() if instant is not None else None
