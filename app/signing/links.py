"""Links of account mails, as they come back in an address."""

from flask import current_app

from app.clock import now
from app.extensions import database
from ideas.accounts.link import Link, LinkPurpose, find_link


def open_link(purpose: LinkPurpose, token: str) -> Link:
    """The link with this token. It is not used up by being looked at. Raises LinkRefused, which has its own page."""
    return find_link(database(), purpose, token, key=str(current_app.config["SECRET_KEY"]), now=now())
