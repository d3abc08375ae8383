"""The look of mails: style attributes, because mail programs ignore style sheets and these pages have none inline.

Text and ground have no colour of their own: the program's are right, in light and in dark mode. Buttons have the accent
colour of the organisation for the light appearance, which is dark enough for white words: see
ideas.organisation.appearance.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup

from app.web.pages.site import PRODUCT_ACCENT

_QUOTE = "#2f8f92"
_TEXT = "margin:0 0 16px;font-size:16px;line-height:1.55"
_DECLARATIONS = {
    "body": "margin:0;padding:24px 16px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
    "overflow-wrap:anywhere;word-break:break-word",
    "page": "max-width:600px;margin:0 auto",
    "brand": "margin:0 0 24px;font-family:Georgia,serif;font-size:20px;font-weight:bold",
    "text": _TEXT,
    "heading": "margin:32px 0 16px;font-family:Georgia,serif;font-size:22px;line-height:1.3",
    "quote": "margin:0 0 16px;padding:2px 0 2px 16px;border-left:3px solid {quote};font-size:16px;line-height:1.55;"
    "white-space:pre-line",
    "fact": f"{_TEXT};font-weight:bold",
    "list": "margin:0 0 16px;padding-left:24px;font-size:16px;line-height:1.55",
    "button": "display:inline-block;max-width:100%;box-sizing:border-box;"
    "margin:0 0 16px;padding:12px 20px;border-radius:24px;background-color:{accent};"
    "color:#ffffff;font-size:16px;font-weight:bold;text-decoration:none",
    "link": "color:inherit;text-decoration:underline",
    "line": "border:0;border-top:1px solid #8a8a8a;margin:24px 0",
    "footer": "margin:0 0 8px;font-size:14px;line-height:1.5",
    "picture": "max-width:100%;height:auto;border-radius:8px",
    "subheading": "margin:24px 0 8px;font-family:Georgia,serif;font-size:19px;line-height:1.3",
    "code": "font-size:14px;white-space:pre-wrap",
}
# How the tags of a text that people wrote look.
_TAGS = {
    "p": "text",
    "h2": "subheading",
    "h3": "subheading",
    "h4": "subheading",
    "ul": "list",
    "ol": "list",
    "blockquote": "quote",
    "a": "link",
    "hr": "line",
    "pre": "code",
}
_TAG = re.compile(rf"<({'|'.join(_TAGS)})(?=[ >])")


def styled(html: str, style: Mapping[str, Markup]) -> Markup:
    """The safe HTML of a text with the styles of a mail."""
    return Markup(_TAG.sub(lambda tag: f"<{tag[1]}{style[_TAGS[tag[1]]]}", html))  # noqa: S704 -- it was safe before


def styles_with(accent: tuple[str, str] | None) -> Mapping[str, Markup]:
    """The styles of mails, ready to follow the name of a tag: <p{{ style.text }}>. `accent`: as the site has it."""
    return _styles(accent[0], accent[0]) if accent else _styles(PRODUCT_ACCENT[0], _QUOTE)


@lru_cache(maxsize=8)
def _styles(accent: str, quote: str) -> Mapping[str, Markup]:
    return {
        name: Markup(' style="{}"').format(declarations.format(accent=accent, quote=quote))
        for name, declarations in _DECLARATIONS.items()
    }
