"""Sign-in sessions of browsers: the cookie carries a token, which is valid until its row in the database ends."""

from datetime import timedelta

from flask import Flask, Request, current_app, g, redirect, request, session, url_for
from flask import Response as FlaskResponse
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadSignature
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.wrappers import Response

from app.clock import now
from app.database.sqlite import reading
from app.demo.passwords import is_refused
from app.extensions import database, login
from app.settings import Settings
from app.signing.browser import browser_of
from app.signing.caller import account_typed, caller_address
from app.signing.keys import reading_keys
from ideas.accounts.identity import WrongCredentials, check_credentials, check_present_password, password_mark
from ideas.accounts.second_factor import check_second_factor, has_second_factor
from ideas.accounts.sign_in import (
    SIGN_IN_LASTS,
    confirm_sign_in,
    is_seen,
    note_seen,
    open_sign_in,
    sign_out,
    signed_in_person,
)
from ideas.people.limit import LimitedAct, spend, spend_from
from ideas.people.person import Person, find_person

_TOKEN = "sign_in"  # noqa: S105 -- the name of a cookie's field
_HALF = "half"  # who owes a code, since when, and a mark of the password that they gave
HALF_LASTS = timedelta(minutes=10)
_SIGNED_OUT = "left"  # the id of the person who signed out here
_CSRF = "csrf_token"


class CookieSessions(SecureCookieSessionInterface):
    """Sessions of cookies that were signed in the future, too: the clock of a server may be set back by seconds.

    Flask would take such a cookie for forged: everyone would be signed out, and a text being sent would be refused.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        signer = self.get_signing_serializer(app)
        value = request.cookies.get(self.get_cookie_name(app))
        if signer is None or not value:
            return None if signer is None else self.session_class()
        try:
            content, signed_at = signer.loads(value, return_timestamp=True)
        except BadSignature:
            return self.session_class()
        is_old = now() - signed_at > app.permanent_session_lifetime
        return self.session_class() if is_old else self.session_class(content)


def init_app(app: Flask) -> None:
    app.session_interface = CookieSessions()
    app.permanent_session_lifetime = SIGN_IN_LASTS
    login.login_view = "person.sign_in"
    login.session_protection = None  # the token protects the session
    login.user_loader(_load)
    app.after_request(_note_seen)
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


def enter(person: Person, *, page: str, confirmed: bool = True) -> Response:
    """Sign in here whoever has just proven who they are, commit, and lead them to the page.

    Where the person has an app for codes, the page that asks for one comes first.
    `confirmed`: False where they gave no password, as another application signs them in.
    """
    if has_second_factor(database(), person):
        session[_HALF] = {"id": person.id, "at": int(now().timestamp()), "password": password_mark(database(), person)}
        database().commit()
        return redirect(url_for("second_factor.check", next=page), 303)
    return enter_with_code(person, page=page, confirmed=confirmed)


def half_signed_in() -> Person | None:
    """Who gave the password in this browser a few minutes ago, and owes a code. None if the password changed since."""
    half = session.get(_HALF)
    if not half or not 0 <= now().timestamp() - half["at"] + 1 <= HALF_LASTS.total_seconds():
        return None
    person = database().get(Person, half["id"])
    if person is None or password_mark(database(), person) != half["password"]:
        return None
    return person


def enter_with_code(person: Person, *, page: str, confirmed: bool = True) -> Response:
    """As `enter`, for whoever owes no code, or has given it."""
    browser, system = browser_of(request.user_agent.string)
    token = open_sign_in(database(), person, now=now(), browser=browser, system=system, confirmed=confirmed)
    database().commit()
    begin(person, token)
    return redirect(page, 303)


def token() -> str:
    """The token of this browser's sign-in; "" without one."""
    return str(session.get(_TOKEN) or "")


def check_present(password: str) -> None:
    """Before something that a browser left open must not allow: count the try, then compare the reader's password.

    Raises LimitReached, WrongPassword.
    """
    person = _reader()
    spend(database(), LimitedAct.CHECK_PASSWORD, by=person, now=now())
    database().commit()
    with reading(database()):  # hashing takes a while: hold no write lock meanwhile
        check_present_password(database(), person, password)


def confirm(act: str, *, password: str, code: str) -> None:
    """Before an act of power: count the try, take the reader's password, or a code of their app, and commit.

    Raises LimitReached, WrongPassword, WrongSecondFactor.
    """
    person = _reader()
    if code:
        spend(database(), LimitedAct.CHECK_CODE, by=person, now=now())
        database().commit()
        check_second_factor(database(), person, code, keys=reading_keys(), now=now())
    else:
        check_present(password)
    confirm_sign_in(database(), token(), by=person, now=now(), act=act)
    database().commit()


def check_typed(email: str, password: str) -> Person:
    """Count the try of somebody who is not signed in, then return the person with this address and password.

    Raises LimitReached, WrongCredentials.
    """
    count_try(email)
    with reading(database()):  # hashing takes a while: hold no write lock meanwhile
        person_id = check_credentials(database(), email=email, password=password).id
    settings: Settings = current_app.extensions["settings"]
    asked = {"asked_at": request.host, "asked_from": request.remote_addr or ""}
    if is_refused(settings, email, password, **asked):  # after the comparison: it takes as long as any other
        current_app.logger.warning("the known password of a demo account was refused: it is for this machine only")
        raise WrongCredentials
    return database().get_one(Person, person_id)


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


def was_here(email: str) -> bool:
    """True where the person with this address was the last who was signed in with this browser."""
    left = session.get(_SIGNED_OUT)
    person = find_person(database(), email) if left else None
    return person is not None and person.get_id() == left


def count_try(email: str) -> None:
    """Count a try to sign in, whatever comes of it, for all processes and beyond a restart. Raises LimitReached.

    A browser in which this person was signed in is not kept out by tries from other addresses.
    """
    typed = account_typed(email)
    spend_from(database(), LimitedAct.SIGN_IN, subject=f"{typed} {caller_address()}"[:80], now=now())
    if not was_here(email):
        spend_from(database(), LimitedAct.SIGN_IN_ANYWHERE, subject=typed, now=now())
        spend_from(database(), LimitedAct.SIGN_IN_FROM, subject=caller_address(), now=now())
    database().commit()


def _reader() -> Person:
    person: Person = current_user._get_current_object()  # noqa: SLF001 -- the way Werkzeug's proxies are opened
    return person


def _keep(*names: str) -> None:
    """Clear the session except for these fields."""
    kept = {name: session[name] for name in names if name in session}
    session.clear()
    session.update(kept)


def _note_seen(response: FlaskResponse) -> FlaskResponse:
    """Store once an hour that this browser is used, when the page is written already and nothing is left to commit."""
    person = g.get("_login_user")
    if not isinstance(person, Person) or not (given := token()) or is_seen(person, now=now()):
        return response
    try:
        database().rollback()
        note_seen(database(), given, now=now())
        database().commit()
    except (NoConnection, OperationalError):  # the database is busy: the next page will do
        database().rollback()
    return response


def _load(person_id: str) -> Person | None:
    """The person of this cookie, or None where its token has ended or is someone else's."""
    token = session.get(_TOKEN)
    person = signed_in_person(database(), token, now=now()) if token else None
    if person is None or str(person.id) != person_id:
        current_app.logger.info("a cookie whose sign-in has ended was sent")
        return None
    return person
