"""From values to what people read: instants, numbers, Markdown, domain sentences; and a page or its fragment."""

import re
from collections.abc import Hashable, Iterable, Mapping, MutableMapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil, inf
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any
from zoneinfo import ZoneInfo

import nh3
from babel.dates import TIMEDELTA_UNITS, format_timedelta, get_timezone_location
from flask import (
    Flask,
    after_this_request,
    before_render_template,
    current_app,
    make_response,
    render_template,
    request,
)
from flask_babel import format_date, format_percent, get_locale, get_timezone, gettext, to_user_timezone
from flask_wtf import FlaskForm
from jinja2 import pass_eval_context
from jinja2.runtime import Context, Macro
from markdown_it import MarkdownIt
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import Field

from app.clock import now
from app.extensions import database
from app.sqlite import only_read_from_here
from app.web.caller import note_limit
from app.web.language import MAX_KEPT, language, number, numbers
from app.web.static_files import asset
from ideas.activity.version import ChangedMeanwhile
from ideas.errors import DomainError
from ideas.files import MEGABYTE
from ideas.people.limit import LimitReached
from ideas.text import clean

MAX_DAYS_WITH_WEEKDAY = 14  # further away, a weekday says nothing
MAX_PICTURES = 128  # large outputs of macros in the cache; the map of a large campaign takes 100 kB
MAX_PIECES = 2048  # small ones, of about a kB
MAX_TEXTS = 256  # Markdown texts whose HTML is kept

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "typographer": True}).enable(
    ["table", "strikethrough"]
)
_TAGS = {"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "s", "blockquote", "hr", "code", "pre", "a"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_HEADING = re.compile(r"<(/?)h([1-6])>")
# A language's quotation marks, and those for a quotation within them.
_MARKS = {"fr": ("«\u202f", "\u202f»"), "en": ("“", "”")}
_QUOTED = {"fr": (re.compile("«([^«»]*)»"), "“{}”"), "en": (re.compile("“([^“”]*)”"), "‘{}’")}
_FIRST = re.compile(r"\b1(?= )")
_UNSAFE_HREF = re.compile(r"[\\\s]")


def init_app(app: Flask) -> None:
    before_render_template.connect(_hold_no_lock, app)
    app.jinja_env.filters.update(
        moment=moment,
        zoned=zoned,
        day=day,
        clock=clock,
        relative=relative,
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


def _hold_no_lock(_app: Flask, **_given: Any) -> None:
    only_read_from_here(database())


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
    values = {name: _until(each) if isinstance(each, datetime) else each for name, each in error.values.items()}
    return str(gettext(error.message, **numbers(values)))


def refuse(form: FlaskForm, error: DomainError, field: Field | None = None) -> None:
    """Show a rule's sentence in the form: beside the field it is about, or at its top.

    Conflicts of versions and limits are about the whole form: see `form_status`.
    """
    if isinstance(error, ChangedMeanwhile):
        field, form.changed_meanwhile = None, True
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
    """The size of a file, in kB or MB."""
    if size < MEGABYTE:
        return str(gettext("%(number)s kB", number=number(max(1, round(size / 1000)))))
    return str(gettext("%(number)s MB", number=number(round(size / MEGABYTE, 1))))


def moment(instant: datetime | None) -> str:
    """An instant in the reader's zone, written out: “vendredi 4 décembre 2026 à 18 h 30”."""
    if instant is None:
        return ""
    local = to_user_timezone(instant)
    return str(gettext("%(day)s at %(time)s", day=day(local.date()), time=clock(instant)))


def zoned(instant: datetime | None) -> str:
    """As `moment`, with the zone: for what people must not miss."""
    if instant is None:
        return ""
    return str(gettext("%(moment)s (%(city)s time)", moment=moment(instant), city=zone()))


def clock(instant: datetime) -> str:
    """The time of day in the reader's zone: “18 h”, “18 h 30”, “18:30”."""
    return _hour(to_user_timezone(instant))


def _hour(local: datetime) -> str:
    if language() != "fr":
        return str(local.strftime("%H:%M"))
    return f"{local.hour}\u202fh" if local.minute == 0 else f"{local.hour}\u202fh\u202f{local.minute:02}"


def day(value: date | datetime | None) -> str:
    """A day, written out: “4 décembre 2027”, and within two weeks “vendredi 4 décembre 2026”."""
    if value is None:
        return ""
    on = to_user_timezone(value).date() if isinstance(value, datetime) else value
    # Today in UTC: mail, which has no reader's zone, is written with days too.
    is_near = abs((on - now().date()).days) <= MAX_DAYS_WITH_WEEKDAY
    return _day(language(), on, with_weekday=is_near)


@lru_cache(MAX_KEPT)
def _day(language: str, value: date, *, with_weekday: bool) -> str:
    written = str(format_date(value, "EEEE d MMMM y" if with_weekday else "d MMMM y", rebase=False))
    # French counts the first of a month and only names the others.
    return _FIRST.sub("1er", written) if language == "fr" else written


def relative(instant: datetime) -> str:
    """How far an instant is from now: “dans 3 jours”, “demain”, “il y a 2 heures”."""
    distance = instant - now()
    if abs(distance) >= timedelta(days=1):
        reader_zone = get_timezone()
        days = (instant.astimezone(reader_zone).date() - now().astimezone(reader_zone).date()).days
        if abs(days) == 1:
            return str(gettext("tomorrow") if days == 1 else gettext("yesterday"))
        distance = timedelta(days=days)
    seconds = distance.days * 24 * 60 * 60 + distance.seconds
    finest = "minute" if abs(distance) < timedelta(days=2) else "day"
    unit, length = next(
        (unit, length) for unit, length in TIMEDELTA_UNITS if abs(seconds) >= 1.1 * length or unit == finest
    )
    count = max(1, round(abs(seconds) / length)) if seconds else 0
    return _distance(language(), unit, count * length if seconds >= 0 else -count * length)


@lru_cache(MAX_KEPT)
def _distance(language: str, unit: str, seconds: int) -> str:
    """A distance in this unit, whatever its size."""
    return format_timedelta(seconds, granularity=unit, add_direction=True, threshold=inf, locale=language)  # type: ignore[arg-type]


def iso(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


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


def _until(instant: datetime) -> str:
    """When one may go on, to the minute after: “at 18:31”, or with its day where that is not today."""
    instant = (instant + timedelta(seconds=59)).replace(second=0, microsecond=0)
    time = clock(instant)
    if to_user_timezone(instant).date() == to_user_timezone(now()).date():
        return str(gettext("at %(time)s", time=time))
    return str(gettext("on %(day)s at %(time)s", day=day(to_user_timezone(instant).date()), time=time))


def local_input(instant: datetime | None) -> datetime | None:
    """An instant in the format of a datetime-local control: naive, in the reader's zone."""
    return to_user_timezone(instant).replace(tzinfo=None) if instant else None


def from_input(local: datetime | None) -> datetime | None:
    """The value of a datetime-local control, as an aware instant in the reader's zone."""
    # `localize`, since a zone of pytz put in by `replace` would give Paris its mean solar time.
    return get_timezone().localize(local) if local else None


def hour_objection(local: datetime) -> str:
    """Why this hour of the reader's zone is no instant, or "": it is skipped, or comes twice, in the night in which the
    clocks change.
    """
    first, second = (local.replace(tzinfo=ZoneInfo(str(get_timezone())), fold=fold).utcoffset() for fold in (0, 1))
    if first is None or second is None or first == second:
        return ""
    words = {"hour": _hour(local), "day": day(local.date()), "city": zone()}
    if first < second:
        return str(
            gettext(
                "%(hour)s does not exist on %(day)s (%(city)s time): clocks go forward. Choose another time.", **words
            )
        )
    return str(
        gettext("%(hour)s comes twice on %(day)s (%(city)s time): clocks go back. Choose another time.", **words)
    )


def zone() -> str:
    """The city whose time the reader is shown: “Paris”."""
    return city(str(get_timezone()))


def city(timezone: str) -> str:
    """The city that a time zone is named after: “Londres”, “London”."""
    return _city(language(), timezone)


@lru_cache(MAX_KEPT)
def _city(language: str, timezone: str) -> str:
    if timezone == "America/Montreal":  # which Babel takes for Toronto
        return str(gettext("Montreal"))
    return get_timezone_location(timezone, locale=language, return_city=True)


@lru_cache(MAX_KEPT)
def icon(name: str, label: str | None = None) -> Markup:
    """A drawing of the sprite; hidden from screen readers unless it has a label. A page has hundreds."""
    spoken = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="icon"{} focusable="false"><use href="{}#{}"></use></svg>').format(
        spoken, asset("sprite.svg"), name
    )


@lru_cache(MAX_TEXTS)
def markdown(text: str) -> Markup:
    """Markdown as safe HTML: headings start at h2, links are http, https or mailto and say that they lead out."""
    html = _markdown.render(clean(text))
    html = _HEADING.sub(lambda tag: f"<{tag[1]}h{min(4, int(tag[2]) + 1)}>", html)
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
        attribute_filter=_safe_attribute,
    )
    return Markup(safe)  # noqa: S704 -- nh3 has just cleaned it


def _safe_attribute(_tag: str, attribute: str, value: str) -> str | None:
    """`//evil` and `/\\evil` would leave the site while looking local."""
    if attribute == "href" and (value.startswith(("/", "\\")) or _UNSAFE_HREF.search(value)):
        return None
    return value


def pairs(counts: Mapping[Any, int]) -> tuple[tuple[Any, int], ...]:
    """The counts as a value that `kept` can keep."""
    return tuple(counts.items())


def kept(macro: Macro, value: Hashable, *, large: bool = False) -> Markup:
    """What the macro writes of this value, kept for the next time. `large`: it may take 100 kB.

    Only for a macro that is imported without context, and depends on the value and the reader's language alone.
    """
    return (_kept_picture if large else _kept_piece)(language(), macro, value)


def _written(_language: str, macro: Macro, value: Hashable) -> Markup:
    return Markup(macro(value))  # noqa: S704 -- the macro has escaped it


_kept_picture = lru_cache(MAX_PICTURES)(_written)
_kept_piece = lru_cache(MAX_PIECES)(_written)


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
