"""What people wrote, as it is shown: its language, its direction, and its addresses as links."""

import re
from collections.abc import Sequence
from functools import lru_cache

from flask import Flask
from flask_login import current_user
from markupsafe import Markup, escape

from app.settings import LOCALES
from app.text.detected_language import text_language
from app.web.pages.language import language
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import short_name
from ideas.people.translator import translation_address
from ideas.themes.stored import PassageRow

MAX_KEPT = 1024  # texts whose HTML is kept
MAX_ADDRESS_LENGTH = 2000
MAX_BEFORE = 60  # characters shown before the first passage of an idea
MAX_READ = 500  # characters of a text that tell its language

_ADDRESS = re.compile(r"https?://[^\s<>\"«»“”]+", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
# Signs that end a sentence rather than an address.
_CLOSING = ".,;:!?…'’*_"


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(linked=linked, with_mentions=with_mentions, asking=asking)
    app.jinja_env.globals.update(
        spoken=spoken,
        spoken_idea=spoken_idea,
        in_other_language=in_other_language,
        language_of=language_of,
        translation_of=translation_of,
    )


@lru_cache(MAX_KEPT)
def linked(text: str) -> Markup:
    """The text, escaped, in which http and https addresses are links. They tell search engines not to follow."""
    parts, done = [], 0
    for found in _ADDRESS.finditer(text):
        address = found[0][: _end(found[0])]
        if not _leads_somewhere(address):
            continue
        link = Markup('<a href="{0}" rel="nofollow ugc noopener noreferrer">{0}</a>').format(address)
        parts += [escape(text[done : found.start()]), link]
        done = found.start() + len(address)
    return Markup("").join([*parts, escape(text[done:])])


def with_mentions(text: str, names: Sequence[str]) -> Markup:
    """As `linked`, with each “@name” of these names marked, and shortened for whoever has no account here."""
    if not names:
        return linked(text)
    pieces, done = [], 0
    for found in _mention_pattern(names).finditer(text):
        name = found[0][1:]
        shown = name if current_user.is_authenticated else short_name(name)
        pieces += [linked(text[done : found.start()]), Markup('<span class="mention">@{}</span>').format(shown)]
        done = found.end()
    return Markup("").join([*pieces, linked(text[done:])])


def with_short_mentions(text: str, names: Sequence[str]) -> str:
    """The plain text, in which each “@name” of these names is shortened."""
    return _mention_pattern(names).sub(lambda found: f"@{short_name(found[0][1:])}", text) if names else text


def _mention_pattern(names: Sequence[str]) -> re.Pattern[str]:
    pattern = "|".join(re.escape(f"@{name}") for name in names)
    return re.compile(rf"(?<![\w@.])(?:{pattern})(?!\w)")


def _end(address: str) -> int:
    """Where the address ends: without the signs of the sentence around it. A closing bracket stays if it was opened."""
    end, unopened = len(address), address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if last == ")" and unopened > 0:
            unopened -= 1
        elif last not in _CLOSING:
            break
        end -= 1
    return end


def _leads_somewhere(address: str) -> bool:
    host = address.partition("://")[2]
    # `https://bank.example@evil.example` looks as if it led to the bank.
    before_path = re.split(r"[/?#]", host, maxsplit=1)[0]
    return before_path[:1].isalnum() and "@" not in before_path and len(address) <= MAX_ADDRESS_LENGTH


def forget() -> None:
    """Forget every text."""
    linked.cache_clear()
    _found.cache_clear()


@lru_cache(MAX_KEPT)
def spoken(lang: str | None) -> Markup:
    """The attributes of an element that holds what people wrote, in this language if it is known."""
    if lang and _LANGUAGE.fullmatch(lang):
        return Markup(' lang="{}" dir="auto"').format(lang)
    return Markup(' dir="auto"')


def spoken_idea(idea: Idea) -> Markup:
    """The attributes of an element that holds words of an idea."""
    return spoken(idea.lang or _found(idea.body))


def language_of(campaign: Campaign) -> str:
    """“fr” or “en”, as people said or its texts are written; "" where they do not tell, or in another language."""
    if campaign.lang:
        return campaign.lang if campaign.lang in LOCALES else ""
    return _found(campaign.challenge) or _found(campaign.brief)


@lru_cache(MAX_KEPT)
def _found(text: str) -> str:
    return text_language(text[:MAX_READ])


def in_other_language(lang: str) -> bool:
    """True if the reader has chosen another of the site's languages than the one that a text is in."""
    return lang in LOCALES and lang != language()


def translation_of(idea: Idea) -> str:
    """The address of an idea in the reader's own translator; empty where it is in their language, or they have none."""
    if not current_user.is_authenticated:
        return ""
    lang = idea.lang or _found(idea.body)
    return translation_address(current_user.translator, idea.text, lang=lang, to=language()) if lang else ""


def asking(idea: Idea, passages: Sequence[PassageRow], length: int = 400) -> Markup:
    """The words of an idea around its passages, which are marked: of the body where it has a title, else of the text.

    Empty where the title holds them all.
    """
    text, skipped = (idea.body, len(idea.text) - len(idea.body)) if idea.title else (idea.text, 0)
    spans = sorted((max(0, row.start - skipped), min(len(text), row.end - skipped)) for row in passages)
    spans = [(start, end) for start, end in spans if start < end]
    if not spans:
        return Markup("")
    begin = text.rfind(" ", 0, spans[0][0] - MAX_BEFORE) + 1 if spans[0][0] > MAX_BEFORE else 0
    end = max(begin + length, min(spans[0][1], begin + 2 * length))
    if end < len(text):
        end = max(text.rfind(" ", spans[0][0] + 1, end), end - MAX_BEFORE)
    pieces, at = [Markup("…") if begin else Markup("")], begin
    for start, stop in ((max(start, at), min(stop, end)) for start, stop in spans if start < end):
        pieces += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:stop])]
        at = stop
    return Markup("").join([*pieces, escape(text[at:end]), "…" if end < len(text) else ""])
