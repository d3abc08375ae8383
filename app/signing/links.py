"""Links of account mails, as they come back in an address."""

from app.clock import now
from app.extensions import database
from app.signing.keys import reading_keys
from ideas.accounts.link import Link, LinkPurpose, find_link


def open_link(purpose: LinkPurpose, token: str) -> Link:
    """The link with this token. It is not used up by being looked at. Raises LinkRefused, which has its own page."""
    return find_link(database(), purpose, token, keys=reading_keys(), now=now())
