"""accounts: proven addresses, links in mails, second factors, browsers in words, who may sign up"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = True) -> sa.Column[sa.DateTime]:
    return sa.Column(name, ideas.base.UTCDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("person", _instant("verified_at"))
    # Whoever has an account already could publish with it.
    op.execute("UPDATE person SET verified_at = created_at")
    for name in ("browser", "system"):
        op.add_column("sign_in", sa.Column(name, sa.String(40), server_default=sa.text("''"), nullable=False))
    op.add_column("sign_in", _instant("seen_at"))
    op.add_column("organisation", sa.Column("sign_up", sa.String(20), server_default="open", nullable=False))
    op.add_column("organisation", sa.Column("sign_up_domains", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column(
        "organisation", sa.Column("admins_need_totp", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _add_link()
    _add_second_factor()
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("account_mail", sa.String(20), nullable=True))
        batch_op.add_column(sa.Column("link_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_message_link_id_link"), "link", ["link_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index("ix_message_link_id", ["link_id"])


def downgrade() -> None:
    # The version before can't make the text of these mails.
    op.execute(sa.text("DELETE FROM message WHERE account_mail IS NOT NULL"))
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index("ix_message_link_id")
        batch_op.drop_constraint(batch_op.f("fk_message_link_id_link"), type_="foreignkey")
        batch_op.drop_column("link_id")
        batch_op.drop_column("account_mail")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
    op.drop_table("link")
    for name in ("admins_need_totp", "sign_up_domains", "sign_up"):
        op.drop_column("organisation", name)
    for name in ("seen_at", "system", "browser"):
        op.drop_column("sign_in", name)
    op.drop_column("person", "verified_at")


def _add_link() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("page", sa.String(2000), nullable=False),
        _instant("created_at", nullable=False),
        _instant("expires_at", nullable=False),
        _instant("spent_at"),
        _instant("replaced_at"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_link_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    for name in ("person_id", "email", "expires_at"):
        op.create_index(f"ix_link_{name}", "link", [name])


def _add_second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        _instant("created_at", nullable=False),
        _instant("confirmed_at"),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        _instant("used_at"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index("ix_recovery_code_person_id", "recovery_code", ["person_id"])
