"""files: the portrait of a campaign becomes one, other files may support its brief

A portrait stays where it is on disk. Its size and digest are read there; a portrait that is not there keeps its row.
"""

import hashlib

import sqlalchemy as sa
from alembic import op
from flask import current_app

import ideas.base

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = ideas.base.UTCDateTime(timezone=True)
CAMPAIGN = sa.table(
    "campaign",
    *map(sa.column, ("id", "owner_id", "portrait", "portrait_id")),
    sa.column("created_at", INSTANT),
)
FILE = sa.table(
    "file",
    *map(sa.column, ("id", "campaign_id", "uploaded_by_id", "purpose", "name", "media_type")),
    *map(sa.column, ("size", "digest", "stored_as")),
    sa.column("created_at", INSTANT),
)


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("stored_as", sa.String(80), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_file_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_file_uploaded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("stored_as", name=op.f("uq_file_stored_as")),
    )
    op.create_index("ix_file_campaign_id", "file", ["campaign_id"])
    op.create_index("ix_file_uploaded_by_id", "file", ["uploaded_by_id"])
    # Not as a batch, which would copy the table on SQLite: the CHECK of a column would become one of the table, and the
    # migration that added it could not be taken back.
    op.execute(
        "ALTER TABLE campaign ADD COLUMN portrait_id INTEGER CONSTRAINT fk_campaign_portrait_id_file REFERENCES file (id)"
    )
    _portraits_become_files()
    op.drop_column("campaign", "portrait")


def downgrade() -> None:
    # An earlier version knows portraits only. Supporting files stay in the folder of uploads; restore the back-up to
    # have them in their campaigns again.
    op.add_column("campaign", sa.Column("portrait", sa.String(80), nullable=True))
    op.execute("UPDATE campaign SET portrait = (SELECT file.stored_as FROM file WHERE file.id = campaign.portrait_id)")
    op.drop_column("campaign", "portrait_id")
    op.drop_table("file")


def _portraits_become_files() -> None:
    connection = op.get_bind()
    uploads = current_app.extensions["settings"].uploads
    with_portrait = sa.select(CAMPAIGN).where(CAMPAIGN.c.portrait.is_not(None)).order_by(CAMPAIGN.c.id)
    for campaign in connection.execute(with_portrait).all():
        path = uploads / campaign.portrait
        content = path.read_bytes() if path.is_file() else b""
        connection.execute(
            FILE.insert().values(
                campaign_id=campaign.id,
                uploaded_by_id=campaign.owner_id,
                purpose="portrait",
                name="portrait.webp",
                media_type="image/webp",
                size=len(content),
                digest=hashlib.sha256(content).hexdigest(),
                stored_as=campaign.portrait,
                created_at=campaign.created_at,
            )
        )
    connection.execute(
        CAMPAIGN.update().values(
            portrait_id=sa.select(FILE.c.id)
            .where(FILE.c.campaign_id == CAMPAIGN.c.id, FILE.c.stored_as == CAMPAIGN.c.portrait)
            .scalar_subquery()
        )
    )
