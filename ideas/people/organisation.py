"""The organisation that runs this site: one row, which a migration inserts. It is never deleted."""

from sqlalchemy import String, Text, false, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base
from ideas.people.person import MAX_EMAIL_LENGTH

MAX_NAME_LENGTH = 80
# What the site is called until somebody names it.
DEFAULT_NAME = "Convergence"
# The one row.
ORGANISATION_ID = 1


class Organisation(Base):
    """`contact_email`: where questions are sent; None where nobody has said so yet."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), default=DEFAULT_NAME)
    contact_email: Mapped[str | None] = mapped_column(String(MAX_EMAIL_LENGTH))
    # A newcomer's first idea or comment waits for a moderator.
    first_post_held: Mapped[bool] = mapped_column(default=False, server_default=false())
    # One a line: a text with one of them waits for a moderator. See ideas.contributions.withheld.
    blocked_words: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))


def the_organisation(session: Session) -> Organisation:
    """The organisation that runs this site. Everyone may read it."""
    return session.get_one(Organisation, ORGANISATION_ID)
