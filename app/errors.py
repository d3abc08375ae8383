"""From an error to a page or a fragment with a clear sentence, in one place."""

from flask import Flask, current_app, flash, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.extensions import db
from app.rendering import is_fragment, translated
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
        return _page(status_of(error), sentence)
    if request.method == "POST" and request.referrer and request.referrer.startswith(request.host_url):
        flash(sentence, "error")
        return redirect(request.referrer, code=303)
    return _page(status_of(error), sentence)


def _token_missing(_error: CSRFError) -> Answer:
    return _page(400)


def _http(error: HTTPException) -> Answer:
    if isinstance(error.response, Response):
        return error.response
    answer = current_app.make_response(_page(error.code or 500))
    answer.headers.extend([(name, value) for name, value in error.get_headers() if name in {"Retry-After", "Allow"}])
    return answer


def _database_busy(error: OperationalError) -> Answer:
    db.session.rollback()
    current_app.logger.error("the database did not answer: %s", error)
    return _page(503)


def _broken(error: Exception) -> Answer:
    db.session.rollback()
    current_app.logger.error("unexpected", exc_info=error)
    return _page(500)


def _page(code: int, text: str = "") -> Answer:
    """The page of this kind of error, or its sentence alone where a part of a page was asked for."""
    if is_fragment():
        return render_template("fragment/notice.html", code=code, text=text), code
    return render_template("error.html", code=code, text=text), code
