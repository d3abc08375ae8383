"""A second proof at the sign-in: a code of an app (TOTP, RFC 6238), or one of ten recovery codes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ideas.base import Base


class SecondFactor(Base):
    """The person's app. Its key is computed from the site's key and `salt`: a copy of the database has no key.

    `last_step`: the half minute of the code that was taken last; that one, and earlier ones, are worth nothing.
    """

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    # When the first code of the app was typed: not asked for at the sign-in before.
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """Stands in once for a code of the app, of a phone that is lost. Only its hash is stored."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]
