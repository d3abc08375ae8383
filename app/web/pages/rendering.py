"""From values to what people read: numbers, names, Markdown, domain sentences; and a page or its fragment."""

import re
from collections.abc import Hashable, Iterable, Mapping, MutableMapping
from datetime import datetime
from functools import lru_cache
from math import ceil
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from flask import (
    Flask,
    after_this_request,
    before_render_template,
    current_app,
    make_response,
    render_template,
    request,
)
from flask_babel import format_percent, get_locale
from flask_login import current_user
from flask_wtf import FlaskForm
from jinja2 import pass_eval_context
from jinja2.ext import Extension
from jinja2.runtime import Context, Macro
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import Field

from app.clock import now
from app.database.sqlite import only_read_from_here
from app.extensions import database
from app.signing.caller import note_limit
from app.web.pages.dates import clock, day, iso, moment, month, relative, short_day, span, until, zone, zoned
from app.web.pages.language import MAX_KEPT, gettext, language, number, numbers
from app.web.pages.markdown import markdown
from app.web.static_files import asset
from ideas.activity.version import ChangedMeanwhile
from ideas.errors import DomainError
from ideas.media_type import MEGABYTE
from ideas.people.limit import LimitReached
from ideas.personal_data.personal_data import PersonalDataFound

MAX_PICTURES = 128  # large outputs of macros in the cache; the map of a large campaign takes 100 kB
MAX_PIECES = 2048  # small ones, of about a kB

# A language's quotation marks, and those for a quotation within them.
_MARKS = {"fr": ("«\u202f", "\u202f»"), "en": ("“", "”")}
_QUOTED = {"fr": (re.compile("«([^«»]*)»"), "“{}”"), "en": (re.compile("“([^“”]*)”"), "‘{}’")}
# What is shown as it is written, or the indentation of a line.
_INDENTED = re.compile(r"(<(?:pre|textarea)\b.*?</(?:pre|textarea)>)|\n[ \t]+", re.DOTALL)


def init_app(app: Flask) -> None:
    before_render_template.connect(_hold_no_lock, app)
    app.jinja_env.filters.update(
        moment=moment,
        zoned=zoned,
        day=day,
        short_day=short_day,
        clock=clock,
        relative=relative,
        span=span,
        month=month,
        iso=iso,
        number=number,
        percent=percent,
        file_size=file_size,
        numbers=numbers,
        inner=inner,
        quoted=quoted,
        markdown=markdown,
        sentence=translated,
    )
    known: MutableMapping[str, Any] = app.jinja_env.globals
    # Jinja would look every name up in a chain of mappings, of which the first is always empty here.
    app.jinja_env.make_globals = lambda d: {**known, **d} if d else known  # type: ignore[method-assign]
    known.update(footer_links=app.extensions["settings"].footer_links)
    known.update(now=now, get_locale=get_locale, zone=zone, draw_icon=icon, kept=kept, pairs=pairs)
    app.jinja_env.context_class = _Context
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(_Dedent)


def _hold_no_lock(_app: Flask, **_given: Any) -> None:
    only_read_from_here(database())


class _Dedent(Extension):
    """Pages are sent without the indentation of their templates: one byte of thirty, and nobody sees it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 -- Jinja's
        if not (name or "").endswith(".html"):
            return source
        return _INDENTED.sub(lambda found: found[1] or "\n", source)


class _Context(Context):
    """Jinja's own, which adds half as much time to a call: a page has hundreds."""

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        kind = type(function)
        if kind is Macro or kind in _PLAIN:
            passed = _EVAL_CONTEXT if kind is Macro else getattr(function, "jinja_pass_arg", None)
            if passed is None or passed is _EVAL_CONTEXT:
                if kwargs:  # Jinja adds these two for functions that take the whole context
                    kwargs.pop("_loop_vars", None)
                    kwargs.pop("_block_vars", None)
                return function(*args, **kwargs) if passed is None else function(self.eval_ctx, *args, **kwargs)
        return super().call(function, *args, **kwargs)


# What these take of Jinja's is written on them; of other callables it may be written on their type.
_PLAIN = frozenset({FunctionType, MethodType, BuiltinFunctionType, type(lru_cache(len))})
_EVAL_CONTEXT = pass_eval_context(lambda _context: None).jinja_pass_arg  # type: ignore[attr-defined]


def is_fragment() -> bool:
    """True where htmx asks for a part of a page; a boosted or history request needs the whole page."""
    return (
        "HX-Request" in request.headers
        and "HX-Boosted" not in request.headers
        and ("HX-History-Restore-Request" not in request.headers)
    )


def translated(error: DomainError) -> str:
    """A rule's sentence in the reader's language."""
    values = {name: until(each) if isinstance(each, datetime) else each for name, each in error.values.items()}
    return str(gettext(error.message, **numbers(values)))


def refuse(form: FlaskForm, error: DomainError, field: Field | None = None) -> None:
    """Show a rule's sentence in the form: beside the field it is about, or at its top.

    Conflicts of versions, limits and personal data are about the whole form: see `form_status`.
    """
    if isinstance(error, ChangedMeanwhile):
        field, form.changed_meanwhile = None, True
    if isinstance(error, PersonalDataFound):
        field = None
        form.mark()
    if isinstance(error, LimitReached):
        field, form.limit_reached = None, True
        say_when_to_retry(error)
    errors = form.form_errors if field is None else field.errors
    sentence = translated(error)
    if field is None:
        form.form_errors = [*errors, sentence]
    else:
        field.errors = [*errors, sentence]


def form_status(form: FlaskForm) -> int:
    """The status of the page that shows this form: 409 for a conflict, 429 for a limit, 422 for a refusal, else 200."""
    if getattr(form, "changed_meanwhile", False):
        return 409
    if getattr(form, "limit_reached", False):
        return 429
    return 422 if form.errors else 200


def say_when_to_retry(error: LimitReached) -> None:
    """Add Retry-After to the answer of this request, and note the limit for the log."""
    note_limit(error)
    seconds = max(1, ceil((error.until - now()).total_seconds()))

    @after_this_request
    def add(response: Response) -> Response:
        response.headers["Retry-After"] = str(seconds)
        return response


def file_size(size: int) -> str:
    """A size in kB, MB or GB."""
    if size < MEGABYTE:
        return str(gettext("%(number)s kB", number=number(max(1, round(size / 1000)))))
    if size < 1_000 * MEGABYTE:
        return str(gettext("%(number)s MB", number=number(round(size / MEGABYTE, 1))))
    return str(gettext("%(number)s GB", number=number(round(size / (1_000 * MEGABYTE), 1))))


def percent(share: float) -> str:
    """A share of one, as the language writes it: “40 %”, “40%”."""
    return _percent(language(), share)


@lru_cache(MAX_KEPT)
def _percent(_language: str, share: float) -> str:
    return str(format_percent(share))


def inner(name: str) -> str:
    """A name to be put between quotation marks: its own become those for a quotation within another."""
    outer, within = _QUOTED["fr" if language() == "fr" else "en"]
    return type(name)(outer.sub(lambda found: within.format(found[1].strip()), name))  # what was escaped stays so


def quoted(names: Iterable[str]) -> str:
    """Names in the language's quotation marks: “« Bus », « Vélos »”."""
    before, after = _MARKS["fr" if language() == "fr" else "en"]
    return Markup(", ").join(Markup("{}{}{}").format(before, inner(name), after) for name in names)


@lru_cache(MAX_KEPT)
def icon(name: str, label: str | None = None) -> Markup:
    """A drawing of the sprite; hidden from screen readers unless it has a label. A page has hundreds."""
    spoken = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="icon"{} focusable="false"><use href="{}#{}"></use></svg>').format(
        spoken, asset("sprite.svg"), name
    )


def pairs(counts: Mapping[Any, int]) -> tuple[tuple[Any, int], ...]:
    """The counts as a value that `kept` can keep."""
    return tuple(counts.items())


class _Arguments(tuple[Any, ...]):
    """Arguments that a cache does not look at: all are equal."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Arguments)

    def __hash__(self) -> int:
        return 0


def kept(macro: Macro, value: Hashable, *arguments: Any, large: bool = False) -> Markup:
    """What the macro writes of this value, kept for the next time. `large`: it may take 100 kB.

    The macro is called with the arguments, or with the value where there are none. Only for a macro that is imported
    without context, and depends on the value, the reader's language and whether they are signed in, as names do.
    """
    keep = _kept_picture if large else _kept_piece
    return keep(language(), bool(current_user.is_authenticated), macro, value, _Arguments(arguments or (value,)))


def _written(_language: str, _is_member: bool, macro: Macro, _value: Hashable, arguments: _Arguments) -> Markup:
    return Markup(macro(*arguments))  # noqa: S704 -- the macro has escaped it


_kept_picture = lru_cache(MAX_PICTURES)(_written)
_kept_piece = lru_cache(MAX_PIECES)(_written)


def forget_pieces() -> None:
    """Write every piece anew from here on."""
    _kept_picture.cache_clear()
    _kept_piece.cache_clear()
    markdown.cache_clear()


def page_or_block(template: str, block: str, *, status: int = 200, **context: Any) -> Response:
    """The page, or for htmx only one of its blocks: both come from the same template."""
    if not is_fragment():
        return make_response(render_template(template, **context), status)
    return make_response(render_block(template, block, **context), status)


def render_block(template: str, block: str, **context: Any) -> str:
    """One block of a page's template."""
    only_read_from_here(database())
    current_app.update_template_context(context)
    page = current_app.jinja_env.get_template(template)
    scope = page.new_context(context)
    return "".join(page.blocks[block](scope))
