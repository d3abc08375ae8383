"""campaigns count their saves, and what they promise now is their first version"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = ideas.base.UTCDateTime(timezone=True)
DATES = ("opens_at", "closes_at", "debrief_due_at")
TEXTS = ("title", "challenge", "brief", "benefit", "motivation", "owner_word", "owner_video_url")
CAMPAIGN = sa.table(
    "campaign",
    *map(sa.column, ("id", "owner_id", "version", *TEXTS)),
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
    connection = op.get_bind()
    for campaign in connection.execute(
        sa.select(*(column for column in CAMPAIGN.c)).where(CAMPAIGN.c.announced_at.is_not(None))
    ).all():
        _keep(connection, campaign)


def downgrade() -> None:
    # The versions stay: they are what was promised. An upgrade after this goes on with their numbers.
    op.drop_column("campaign", "version")


def _keep(connection, campaign) -> None:
    """Keep what the campaign promises now, unless it is what was kept last."""
    content = {name: getattr(campaign, name) for name in TEXTS}
    content |= {name: _text(getattr(campaign, name)) for name in DATES}
    of_campaign = (VERSION.c.object_kind == "campaign") & (VERSION.c.object_id == campaign.id)
    last = connection.execute(
        sa.select(VERSION.c.number, VERSION.c.content).where(of_campaign).order_by(VERSION.c.number.desc()).limit(1)
    ).one_or_none()
    number = last.number if last else 0
    if last is None or last.content != content:
        number += 1
        connection.execute(
            sa.insert(VERSION).values(
                object_kind="campaign",
                object_id=campaign.id,
                number=number,
                reason="",
                by_id=campaign.owner_id,
                at=campaign.announced_at if last is None else datetime.now(UTC),
                content=content,
            )
        )
    connection.execute(sa.update(CAMPAIGN).where(CAMPAIGN.c.id == campaign.id).values(version=number))


def _text(instant):
    return instant.astimezone(UTC).isoformat() if instant is not None else None
