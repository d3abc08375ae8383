"""Errors as responses: a page or a fragment with a sentence that says what happened."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, g, redirect, render_template, request
from flask_wtf import FlaskForm
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response
from wtforms import Field

from app.extensions import db, login
from app.web.pages.language import gettext
from app.web.pages.links import local_address
from app.web.pages.rendering import is_fragment, refuse, say_when_to_retry, translated
from app.web.pages.site import use_default_site
from ideas.accounts.link import LinkRefused
from ideas.errors import Conflict, DeletedMeanwhile, DomainError, NotAllowed
from ideas.people.limit import LimitReached
from ideas.store import StoreAway

MAX_FLASHED = 600  # characters: the cookie of the session holds 4 kB
# Errors whose page gives back what was just posted: to be sent again, or to be copied where nothing takes it any more.
TO_SEND_AGAIN = frozenset({400, 401, 429, 500, 503})
TO_COPY = frozenset({403, 404, 409, 422})
# PostgreSQL ended a transaction in which nothing was done for too long: see app.database.postgresql.
_IDLE_IN_TRANSACTION = "25P03"
_LONG = 40  # characters: what is longer is a text, not a key or a choice

ErrorResponse = tuple[str, int] | Response


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(LinkRefused, _link_refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(NoConnection, _database_busy)
    app.register_error_handler(InternalError, _transaction_ended)
    app.register_error_handler(500, _broken)
    app.teardown_appcontext(_end_transaction)


@contextmanager
def show_refusals(form: FlaskForm, fields: Mapping[type[DomainError], Field] | None = None) -> Iterator[None]:
    """Where a rule refuses what is done inside: roll back, show its sentence in the form, and go on after the block.

    `fields`: the field that a rule is about, the first that fits. Other sentences are shown at the top of the form.
    DeletedMeanwhile goes on to the page of the error: the form can't be shown without what it is about.
    """
    try:
        yield
    except DeletedMeanwhile:
        raise
    except DomainError as error:
        db.session.rollback()
        about = [field for kind, field in (fields or {}).items() if isinstance(error, kind)]
        refuse(form, error, about[0] if about else None)


def _end_transaction(_error: BaseException | None) -> None:
    """End what an answer leaves open, before the session is closed. Where the database is gone, that fails, and must
    not make an error of an answer that is made: what was committed is committed.
    """
    if db.session.registry.has():
        try:
            db.session.close()
        except OperationalError as error:
            current_app.logger.error("the database went away after an answer: %s", error)  # noqa: TRY400 -- as below


def status_of(error: DomainError) -> int:
    """403 for what a person may not do, 409 for a conflict, 429 for a limit, 503 where files are away, else 422."""
    if isinstance(error, NotAllowed):
        return 403
    if isinstance(error, LimitReached):
        return 429
    if isinstance(error, StoreAway):
        return 503
    return 409 if isinstance(error, Conflict) else 422


def _refused(error: DomainError) -> ErrorResponse:
    """A rule refused something outside a form: its sentence is shown on the page that the request came from."""
    db.session.rollback()
    sentence = translated(error)
    if isinstance(error, LimitReached):
        say_when_to_retry(error)
    if is_fragment():
        return error_page(status_of(error), sentence)
    is_there = request.method == "POST" and not isinstance(error, DeletedMeanwhile)
    previous = previous_page() if is_there and not _holds_text(_written()) else None
    if previous is not None:
        flash(sentence[:MAX_FLASHED], "error")
        return redirect(previous, code=303)
    return error_page(status_of(error), sentence)


def _link_refused(error: LinkRefused) -> ErrorResponse:
    """A link of a mail does nothing: say why, and how to get another one."""
    db.session.rollback()
    sentence = translated(error)
    return render_template("accounts/link_refused.html", purpose=error.purpose, sentence=sentence), 410


def send_again_page(code: int) -> ErrorResponse | None:
    """A page with what was just posted, to be sent once more: its form came too late, its text must not be lost.

    None where no page gives it back: see `_written`.
    """
    written = _written()
    return _page_with(written, code) if written else None


def _written() -> list[tuple[str, str]]:
    """What was posted with a form of this site, to be given back: names and values.

    Empty for htmx, which leaves the form as it is, for a form of another site, and for passwords.
    """
    if request.method != "POST" or is_fragment() or not _is_own_form():
        return []
    written = _fields()
    return [] if any("password" in name for name, _ in written) else written


def _fields() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token" and value]


def posts_text() -> bool:
    """True where the request carries what somebody wrote."""
    return _holds_text(_fields())


def _holds_text(written: list[tuple[str, str]]) -> bool:
    return any(_is_text(*field) for field in written)


def _is_text(name: str, value: str) -> bool:
    """True for what somebody wrote; false for the key of a form, a number or a choice."""
    return name in {"title", "body"} or len(value) > _LONG or any(letter.isspace() for letter in value)


def _page_with(written: list[tuple[str, str]], code: int, sentence: str = "") -> ErrorResponse:
    """A page with a text that was not saved."""
    address = request.full_path.removesuffix("?")
    page = render_template(
        "send_again.html",
        code=code,
        sentence=sentence,
        written=[(name, value, _is_text(name, value)) for name, value in written],
        again=code in TO_SEND_AGAIN,
        lost_file=any(file.filename for file in request.files.values()),
        address=address,
        back=local_address(address) or previous_page(),
    )
    return page, code


def _is_own_form() -> bool:
    sent_from = urlsplit(request.headers.get("Origin") or request.referrer or "")
    return (sent_from.scheme, sent_from.netloc) == (request.scheme, request.host)


def _http(error: HTTPException) -> ErrorResponse:
    if isinstance(error.response, Response):
        return error.response
    response = current_app.make_response(error_page(error.code or 500))
    response.headers.extend([(name, value) for name, value in error.get_headers() if name in {"Retry-After", "Allow"}])
    return response


def _database_busy(error: OperationalError | InternalError | NoConnection) -> ErrorResponse:
    _drop_session()
    current_app.logger.error("the database did not answer: %s", error)
    if request.method != "POST" or _holds_text(_written()):
        return error_page(503)
    return error_page(
        503,
        gettext("Nothing is saved yet. Wait a few seconds. Then reload this page and agree to send the form again."),
    )


def _transaction_ended(error: InternalError) -> ErrorResponse:
    """The caller was too slow, not the site at fault. Any other such error is one of ours."""
    if getattr(error.orig, "sqlstate", None) != _IDLE_IN_TRANSACTION:
        raise error
    return _database_busy(error)


def _broken(error: Exception) -> ErrorResponse:
    _drop_session()
    current_app.logger.error("unexpected", exc_info=error)
    return error_page(500)


def previous_page() -> str | None:
    """The page of this site that the form was on, from the Referer. None where that address has no GET."""
    previous = urlsplit(request.referrer or "")
    if (previous.scheme, previous.netloc) != (request.scheme, request.host):
        return None
    return local_address(f"{previous.path}?{previous.query}" if previous.query else previous.path)


def _drop_session() -> None:
    """Roll back and treat the reader as a visitor, so that the error page is rendered without another query."""
    db.session.rollback()
    g._login_user = login.anonymous_user()  # noqa: SLF001 -- where Flask-Login remembers the reader of this request
    use_default_site()


def error_page(code: int, text: str = "") -> ErrorResponse:
    """The page for this status, with `text` instead of its usual sentence; for htmx only the sentence.

    A text that was just posted is on the page, so that it is not lost.
    """
    if is_fragment():
        answer = current_app.make_response((render_template("fragment/notice.html", code=code, text=text), code))
        if code == 429:  # noqa: PLR2004 -- the form stays on the page, with what was written in it
            answer.headers["HX-Reswap"] = "none"
            answer.headers["HX-Trigger"] = json.dumps({"announce": text or gettext("Too many attempts")})
        return answer
    if code in TO_SEND_AGAIN | TO_COPY and _holds_text(written := _written()):
        return _page_with(written, code, text)
    return render_template("error.html", code=code, text=text), code
