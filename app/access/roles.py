"""The person who makes this request, and their role in the campaign that the address names."""

from flask import Flask, g
from flask_login import current_user

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import Role
from ideas.people.person import Person

MANAGERS = {Role.OWNER, Role.FACILITATOR}
TEAM = {Role.OWNER, Role.FACILITATOR, Role.MODERATOR, Role.JURY, Role.OBSERVER}


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(manages=manages, owns=owns, in_team=in_team, reads_themes=reads_themes)


def reader() -> Person | None:
    """The person who is signed in, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001 -- the way Werkzeug's proxies are opened


def member() -> Person:
    """The person who is signed in. Raises LookupError on a route whose need does not ask for one."""
    person = reader()
    if person is None:
        raise LookupError("this route's need does not ask for a signed-in person")
    return person


def role() -> Role | None:
    """The reader's role in the campaign that the address names, or None for a visitor or another address."""
    found: Role | None = g.get("role")
    return found


def is_admin() -> bool:
    """True for an administrator of the platform."""
    return bool(current_user.is_authenticated and current_user.is_admin)


def in_team() -> bool:
    """True for the campaign's team and for administrators."""
    return role() in TEAM or is_admin()


def manages() -> bool:
    """True for the campaign's owner and facilitators, and for administrators."""
    return role() in MANAGERS or is_admin()


def owns() -> bool:
    """True for the campaign's owner."""
    return role() is Role.OWNER


def reads_themes(campaign: Campaign) -> bool:
    """True for the campaign's team; for everyone once its debrief is public."""
    return campaign.debriefed_at is not None or in_team()
