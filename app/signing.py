"""Who is signed in: the cookie carries a token whose row can be ended."""

from flask import Flask, current_app, session
from flask_login import login_user, logout_user

from app.clock import now
from app.extensions import database, login
from ideas.person import SIGN_IN_LASTS, Person, sign_out, signed_in_person

_TOKEN = "sign_in"  # noqa: S105 -- the name of a cookie's field


def init_app(app: Flask) -> None:
    app.permanent_session_lifetime = SIGN_IN_LASTS
    login.login_view = "person.sign_in"
    login.session_protection = None  # the token is the protection: it ends when its row does
    login.user_loader(_load)


def begin(person: Person, token: str) -> None:
    """Sign the browser in; nothing of an earlier visitor's session is kept but the language."""
    locale = session.get("locale")
    session.clear()
    session.permanent = True
    session[_TOKEN] = token
    if locale:
        session["locale"] = locale
    login_user(person)


def end() -> None:
    """Sign the browser out, and every copy of its cookie with it."""
    token = session.get(_TOKEN)
    if token:
        sign_out(database(), token, now=now())
    logout_user()
    session.clear()


def _load(person_id: str) -> Person | None:
    token = session.get(_TOKEN)
    person = signed_in_person(database(), token, now=now()) if token else None
    if person is None or str(person.id) != person_id:
        current_app.logger.info("a cookie whose sign-in has ended was shown")
        return None
    return person
