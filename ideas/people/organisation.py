"""The organisation that runs this site: one row, which a migration inserts. It is never deleted."""

from enum import StrEnum

from sqlalchemy import String, Text, false, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.people.person import MAX_EMAIL_LENGTH

MAX_NAME_LENGTH = 80
# What the site is called until somebody names it.
DEFAULT_NAME = "Convergence"
# The one row.
ORGANISATION_ID = 1


class SignUp(StrEnum):
    """Who may create an account: everyone, people with an address of some domains, invited people, nobody."""

    OPEN = "open"
    DOMAIN = "domain"
    INVITATION = "invitation"
    CLOSED = "closed"


class Organisation(Base):
    """`contact_email`: where questions are sent; None where nobody has said so yet.

    `sign_up_domains`: for sign-up by domain, with spaces between, as `sign_up.read_domains` writes them.
    """

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), default=DEFAULT_NAME)
    contact_email: Mapped[str | None] = mapped_column(String(MAX_EMAIL_LENGTH))
    sign_up: Mapped[SignUp] = mapped_column(choice(SignUp), default=SignUp.OPEN, server_default=SignUp.OPEN.value)
    sign_up_domains: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    admins_need_totp: Mapped[bool] = mapped_column(default=False, server_default=false())


def the_organisation(session: Session) -> Organisation:
    """The organisation that runs this site. Everyone may read it."""
    return session.get_one(Organisation, ORGANISATION_ID)
