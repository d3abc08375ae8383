"""Markdown as HTML that does no harm, in a time that grows with the text and no faster."""

import re
from collections.abc import Callable
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, image, link
from markupsafe import Markup

from ideas.text import clean

MAX_TEXTS = 256  # texts whose HTML is kept
MAX_BRACKETS = 4  # one within another; the library looks for a link in twenty, and takes three times as long

_TAGS = {"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "s", "blockquote", "hr", "code", "pre", "a"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_HEADING = re.compile(r"<(/?)h([1-6])>")
_UNSAFE_HREF = re.compile(r"[\\\s]")


@lru_cache(MAX_TEXTS)
def markdown(text: str) -> Markup:
    """Markdown as safe HTML: headings start at h2, links are http, https or mailto and say that they lead out."""
    html = _parser.render(clean(text))
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


def _few_brackets(rule: Callable[[StateInline, bool], bool], opening: str) -> Callable[[StateInline, bool], bool]:
    """The rule, which takes brackets that are too deep for text up to the end, as the library does past its limit."""

    def within_limit(state: StateInline, silent: bool) -> bool:
        if state.level < MAX_BRACKETS:
            return rule(state, silent)
        if silent and state.src[state.pos] == opening:
            state.pos = state.posMax
            return True
        return False

    return within_limit


def _new_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "typographer": True})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.at("link", _few_brackets(link, "["))
    parser.inline.ruler.at("image", _few_brackets(image, "!"))
    return parser


_parser = _new_parser()
