"""The person who makes this request, and their role in the campaign that the address names."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, g
from flask_login import current_user

from app.extensions import database, login
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, Role, may_read_themes
from ideas.campaigns.people.team import may as role_may
from ideas.organisation.organisation import the_organisation
from ideas.people.person import Person
from ideas.people.platform_role import may_open_campaigns


def init_app(app: Flask) -> None:
    app.jinja_env.globals["must_have_code"] = must_have_code
    app.jinja_env.globals.update(
        may=may, offers=offers, manages=manages, reads_themes=reads_themes, opens_campaigns=opens_campaigns
    )


def reader() -> Person | None:
    """The person who is signed in, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001 -- the way Werkzeug's proxies are opened


def member() -> Person:
    """The person who is signed in. Raises LookupError on a route whose need does not ask for one."""
    person = reader()
    if person is None:
        raise LookupError("this route's need does not ask for a signed-in person")
    return person


def role() -> Role:
    """The reader's role in the campaign that the address names; participant or visitor at any other address."""
    found: Role | None = g.get("role")
    if found is not None:
        return found
    return Role.PARTICIPANT if current_user.is_authenticated else Role.VISITOR


def is_admin() -> bool:
    """True for an administrator of the platform."""
    return bool(current_user.is_authenticated and current_user.is_admin and not g.get("is_preview", False))


@contextmanager
def seen_as(role: Role) -> Iterator[None]:
    """Render a page as somebody else reads it: a visitor, or a member with this role and no right on the platform.

    For previews that a GET shows: nothing is written and nobody else is signed in.
    """
    before = {name: g.get(name) for name in ("_login_user", "role", "is_preview")}
    g.role, g.is_preview = role, True
    if role is Role.VISITOR:
        g._login_user = login.anonymous_user()  # noqa: SLF001 -- where Flask-Login keeps who is signed in
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(g, name, value)


def must_have_code() -> bool:
    """True for an administrator of a site whose administrators need a code at each sign-in."""
    return is_admin() and the_organisation(database()).admins_need_totp


def opens_campaigns() -> bool:
    """True for campaign authors and administrators."""
    person = reader()
    return person is not None and may_open_campaigns(person)


def moderates_space() -> bool:
    """True for the moderators of the space that the address names, and for administrators."""
    return bool(g.get("runs_space", False))


def may(act: Act | str) -> bool:
    """True if the reader may do this in the campaign that the address names. Routes, views and templates ask it."""
    act = Act(act)
    campaign: Campaign | None = g.get("campaign")
    if act is Act.READ_THEMES and campaign is not None:
        return reads_themes(campaign)
    return role_may(role(), act, is_admin=is_admin())


def offers(act: Act | str) -> bool:
    """True where a page shows the button of an act: to whoever may, and to a visitor whom it leads to sign in first."""
    return may(act) or (role() is Role.VISITOR and role_may(Role.PARTICIPANT, Act(act), is_admin=False))


def manages() -> bool:
    """True for whoever may change the campaign: its owner and facilitators, and administrators."""
    return may(Act.MANAGE)


def reads_themes(campaign: Campaign) -> bool:
    """True for the campaign's team; for everyone once its debrief is public."""
    return may_read_themes(campaign, role(), is_admin=is_admin())
