"""From an error to a page or a fragment with a clear sentence, in one place."""

from urllib.parse import urlsplit

from flask import Flask, current_app, flash, g, redirect, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.extensions import db, login
from app.web.links import local
from app.web.rendering import is_fragment, translated
from ideas.errors import Conflict, DomainError, NotAllowed

Answer = tuple[str, int] | Response


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _token_missing)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(500, _broken)


def status_of(error: DomainError) -> int:
    if isinstance(error, NotAllowed):
        return 403
    return 409 if isinstance(error, Conflict) else 422


def _refused(error: DomainError) -> Answer:
    """A rule said no outside a form: the sentence is shown where the person was."""
    db.session.rollback()
    sentence = translated(error)
    if is_fragment():
        return error_page(status_of(error), sentence)
    back = _page_before() if request.method == "POST" else None
    if back is not None:
        flash(sentence, "error")
        return redirect(back, code=303)
    return error_page(status_of(error), sentence)


def _token_missing(_error: CSRFError) -> Answer:
    return error_page(400)


def _http(error: HTTPException) -> Answer:
    if isinstance(error.response, Response):
        return error.response
    answer = current_app.make_response(error_page(error.code or 500))
    answer.headers.extend([(name, value) for name, value in error.get_headers() if name in {"Retry-After", "Allow"}])
    return answer


def _database_busy(error: OperationalError) -> Answer:
    _let_go()
    current_app.logger.error("the database did not answer: %s", error)
    if request.method != "POST":
        return error_page(503)
    return error_page(
        503,
        gettext("Nothing is saved yet. Wait a few seconds. Then reload this page and agree to send the form again."),
    )


def _broken(error: Exception) -> Answer:
    _let_go()
    current_app.logger.error("unexpected", exc_info=error)
    return error_page(500)


def _page_before() -> str | None:
    """The page of ours that the form stood on, unless it is the answer to an earlier form, which has no GET."""
    before = urlsplit(request.referrer or "")
    if (before.scheme, before.netloc) != (request.scheme, request.host):
        return None
    return local(f"{before.path}?{before.query}" if before.query else before.path)


def _let_go() -> None:
    """Ask the database nothing more: the page is drawn as for a visitor, without looking the reader up again."""
    db.session.rollback()
    g._login_user = login.anonymous_user()  # noqa: SLF001 -- where Flask-Login remembers the reader of this request


def error_page(code: int, text: str = "") -> Answer:
    """The page of this kind of error, or its sentence alone where a part of a page was asked for."""
    if is_fragment():
        return render_template("fragment/notice.html", code=code, text=text), code
    return render_template("error.html", code=code, text=text), code
