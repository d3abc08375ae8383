"""Who is signed in: the cookie carries a token whose row can be ended."""

from flask import Flask, current_app, session
from flask_login import current_user, login_user, logout_user

from app.clock import now
from app.extensions import database, login
from ideas.people.person import SIGN_IN_LASTS, Person, sign_out, signed_in_person

_TOKEN = "sign_in"  # noqa: S105 -- the name of a cookie's field
_LEFT = "left"
_CSRF = "csrf_token"


def init_app(app: Flask) -> None:
    app.permanent_session_lifetime = SIGN_IN_LASTS
    login.login_view = "person.sign_in"
    login.session_protection = None  # the token is the protection: it ends when its row does
    login.user_loader(_load)
    app.jinja_env.globals["current_user"] = current_user  # also for macros, which are imported without context


def begin(person: Person, token: str) -> None:
    """Sign the browser in. Nothing of an earlier session is kept.

    But whoever comes back keeps the token of forms: a text half written in another tab can still be sent.
    """
    comes_back = person.get_id() in {session.get(_LEFT), session.get("_user_id")}
    _keep(*([_CSRF] if comes_back else []))
    session.permanent = True
    session[_TOKEN] = token
    session["locale"] = person.locale  # for the pages that must not ask the database
    login_user(person)


def end() -> None:
    """Sign the browser out, and every copy of its cookie with it."""
    token = session.get(_TOKEN)
    if token:
        sign_out(database(), token, now=now())
    left = session.get("_user_id")
    logout_user()
    _keep("locale", _CSRF)
    if left:
        session[_LEFT] = left


def has_left() -> bool:
    """True where somebody was signed in here and no longer is: a page of theirs may still be open."""
    return not current_user.is_authenticated and (_LEFT in session or _TOKEN in session)


def _keep(*names: str) -> None:
    """Forget the session but for these."""
    kept = {name: session[name] for name in names if name in session}
    session.clear()
    session.update(kept)


def _load(person_id: str) -> Person | None:
    token = session.get(_TOKEN)
    person = signed_in_person(database(), token, now=now()) if token else None
    if person is None or str(person.id) != person_id:
        current_app.logger.info("a cookie whose sign-in has ended was shown")
        return None
    return person
