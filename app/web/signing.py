"""Sign-in sessions of browsers: the cookie carries a token, which is valid until its row in the database ends."""

from flask import Flask, current_app, session
from flask_login import current_user, login_user, logout_user

from app.clock import now
from app.extensions import database, login
from ideas.people.person import Person
from ideas.people.sign_in import SIGN_IN_LASTS, sign_out, signed_in_person

_TOKEN = "sign_in"  # noqa: S105 -- the name of a cookie's field
_SIGNED_OUT = "left"  # the id of the person who signed out here
_CSRF = "csrf_token"


def init_app(app: Flask) -> None:
    app.permanent_session_lifetime = SIGN_IN_LASTS
    login.login_view = "person.sign_in"
    login.session_protection = None  # the token protects the session
    login.user_loader(_load)
    app.jinja_env.globals["current_user"] = current_user  # also for macros, which are imported without context


def begin(person: Person, token: str) -> None:
    """Sign the browser in and clear its earlier session.

    A person who signs in again keeps the CSRF token, so that a form left open in another tab can still be sent.
    """
    returns = person.get_id() in {session.get(_SIGNED_OUT), session.get("_user_id")}
    _keep(*([_CSRF] if returns else []))
    session.permanent = True
    session[_TOKEN] = token
    session["locale"] = person.locale  # for error pages, which must not query the database
    login_user(person)


def end() -> None:
    """Sign the browser out. Copies of its cookie are signed out too."""
    token = session.get(_TOKEN)
    if token:
        sign_out(database(), token, now=now())
    person_id = session.get("_user_id")
    logout_user()
    _keep("locale", _CSRF)
    if person_id:
        session[_SIGNED_OUT] = person_id


def was_signed_in() -> bool:
    """True where someone was signed in with this browser and no longer is: one of their pages may still be open."""
    return not current_user.is_authenticated and (_SIGNED_OUT in session or _TOKEN in session)


def _keep(*names: str) -> None:
    """Clear the session except for these fields."""
    kept = {name: session[name] for name in names if name in session}
    session.clear()
    session.update(kept)


def _load(person_id: str) -> Person | None:
    """The person of this cookie, or None where its token has ended or is someone else's."""
    token = session.get(_TOKEN)
    person = signed_in_person(database(), token, now=now()) if token else None
    if person is None or str(person.id) != person_id:
        current_app.logger.info("a cookie whose sign-in has ended was sent")
        return None
    return person
