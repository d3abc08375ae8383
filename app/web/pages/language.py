"""The reader's language and time zone, and what templates say in that language."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from flask import Flask, g, request, session
from flask_babel import force_locale, format_decimal, get_locale, get_translations, refresh
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from app.web.pages.site import site

MAX_KEPT = 4096  # sentences, and numbers, that are kept as they were written last


def init_app(app: Flask) -> None:
    """Give templates their `_` and `ngettext`. A page calls them hundreds of times, so they keep what they found."""
    app.jinja_env.globals.update(_=_translate, gettext=_translate, ngettext=_translate_count)


def locale() -> str:
    """A member's own choice, else the browser's choice here, else what it asks for, else the site's.

    Only a language that the site offers.
    """
    if current_user.is_authenticated:
        return site().offered(current_user.locale)
    chosen = session.get("locale")
    if chosen in site().locales:
        return str(chosen)
    return request.accept_languages.best_match(site().locales) or site().locale


@contextmanager
def read_by(locale: str, timezone: str) -> Iterator[None]:
    """Inside, sentences and instants are written for this reader: for mail, which no request is behind."""
    with force_locale(locale):
        g.reader_timezone = timezone
        refresh()
        try:
            yield
        finally:
            g.pop("reader_timezone")
            refresh()


def timezone() -> str:
    """The zone of the reader of a mail, or a member's own zone, else the default one."""
    if "reader_timezone" in g:
        return str(g.reader_timezone)
    if current_user.is_authenticated:
        return str(current_user.timezone)
    return site().timezone


def language() -> str:
    """The code of the reader's language; "" where there is no reader."""
    # Flask-Babel keeps the locale here, but takes four steps to look it up; the first call lets it choose one.
    chosen = getattr(g, "_flask_babel", None)
    found = getattr(chosen, "babel_locale", None) or get_locale()
    return found.language if found else ""


def number(value: float) -> str:
    """A number as the reader's language writes it: “1 225”, “1,225”."""
    return _number(language(), value)


def numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a sentence, with numbers as the reader's language writes them."""
    return {name: number(value) if isinstance(value, int | float) else value for name, value in values.items()}


def gettext(message: str, **values: Any) -> str:
    """The sentence in the reader's language as plain text, for mails: as that of Flask-Babel, and kept."""
    sentence = str(_sentence(language(), message))
    return sentence % values if values else sentence


def ngettext(one: str, many: str, num: int) -> str:
    """The singular or the plural, with %(num)s as the reader's language writes numbers."""
    return str(_counted(language(), one, many, num)) % {"num": number(num)}


@lru_cache(MAX_KEPT)
def _number(_language: str, value: float) -> str:
    return str(format_decimal(value))


@pass_eval_context
def _translate(context: EvalContext, message: str, **values: Any) -> str:
    return _filled(context, _sentence(language(), message), values)


@pass_eval_context
def _translate_count(context: EvalContext, one: str, many: str, num: int, **values: Any) -> str:
    """%(num)s is written as the reader's language writes numbers."""
    if not values and context.autoescape:
        return _count(language(), one, many, num)
    return _filled(context, _counted(language(), one, many, num), {"num": number(num)} | values)


def _filled(context: EvalContext, sentence: Markup, values: dict[str, Any]) -> str:
    """The sentence with its values, which are escaped unless the template is plain text. Always a format: %% is %."""
    if not context.autoescape:
        return str(sentence) % values
    if "%" not in sentence:
        return sentence
    # Markup's own % takes three times as long, and would do the same.
    return Markup(str(sentence) % {name: escape(value) for name, value in values.items()})  # noqa: S704 -- escaped


@lru_cache(MAX_KEPT)
def _sentence(_language: str, message: str) -> Markup:
    return Markup(get_translations().ugettext(message))  # noqa: S704 -- our own catalogue, not what people write


@lru_cache(MAX_KEPT)
def _counted(_language: str, one: str, many: str, num: int) -> Markup:
    return Markup(get_translations().ungettext(one, many, num))  # noqa: S704 -- our own catalogue


@lru_cache(MAX_KEPT)
def _count(language: str, one: str, many: str, num: int) -> Markup:
    return _counted(language, one, many, num) % {"num": number(num)}
