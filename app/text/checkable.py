"""The text of a debrief in which every figure, theme and quotation leads to its ideas.

A link is marked in the Markdown, and made once that is HTML: what people write there may not lead into the site.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import url_for
from markupsafe import Markup

from app.web.pages.language import gettext as _
from ideas.answers.debriefs.coverage import Basis
from ideas.answers.debriefs.debrief import unlinkable
from ideas.answers.debriefs.quotes import Quotation, Why
from ideas.campaigns.campaign import Campaign

# Private characters, which no text has: `unmarked` takes them out of what people write.
_START, _WORDS, _END = "\ue000", "\ue001", "\ue002"
_SIGNS = re.compile(f"[{_START}-{_END}]")
_LINK = re.compile(rf"{_START}(\d+){_WORDS}(.*?){_END}", re.DOTALL)


class Links:
    """The links of one text, by the number in their mark."""

    def __init__(self) -> None:
        self._addresses: list[str] = []

    def mark(self, address: str, words: str) -> str:
        """These words of a Markdown text, marked as a link to this address."""
        self._addresses.append(address)
        return f"{_START}{len(self._addresses) - 1}{_WORDS}{words}{_END}"

    def made(self, html: Markup) -> Markup:
        """The HTML of the text with its links."""

        def link(found: re.Match[str]) -> str:
            return Markup('<a class="checked" href="{}">{}</a>').format(
                self._addresses[int(found[1])],
                Markup(found[2]),  # noqa: S704 -- a part of HTML that is safe
            )

        return Markup(_LINK.sub(link, str(html)))  # noqa: S704 -- as above


def unmarked(body: str) -> str:
    return _SIGNS.sub("", body)


def with_links(body: str, basis: Basis, campaign: Campaign, links: Links) -> str:
    """The Markdown text in which each name of a theme is a link to its ideas, and each quotation has one to its idea.
    Of a quotation that nobody can check, it says so: nobody is named.

    `basis`: of this text.
    """
    closed = unlinkable(body)
    changes: list[tuple[int, int, str]] = []
    for (start, end), theme_id in basis.named.items():
        if not _touches(start, end, closed):
            address = url_for("theme.show", campaign_id=campaign.id, theme_id=theme_id)
            changes.append((start, end, links.mark(address, body[start:end])))
    notes = {one: _unknown(one, basis) for one in basis.unknown if _("withdrawn by moderation") not in one.words}
    for quotation, idea_id in basis.quoted.items():
        address = url_for("idea.show", campaign_id=campaign.id, idea_id=idea_id)
        notes[quotation] = links.mark(address, _("Idea %(number)s", number=idea_id))
    for quotation, words in notes.items():
        end = quotation.end
        if not quotation.is_block:
            if not _touches(quotation.start, end, closed):
                changes.append((end, end, f"\u00a0({words})"))
        else:
            before = "" if body[:end].endswith("\n") else "\n"
            changes.append((end, end, f"{before}>\n> {words}\n"))
    for start, end, instead in sorted(changes, reverse=True):
        body = f"{body[:start]}{instead}{body[end:]}"
    return body


def _unknown(quotation: Quotation, basis: Basis) -> str:
    """What readers read beside a quotation that leads to no idea."""
    gone = basis.gone.get(quotation)
    if gone is None:
        return str(_("not found among the ideas"))
    return str(_("its author withdrew this idea") if gone.why is Why.WITHDRAWN else _("withdrawn by moderation"))


def _touches(start: int, end: int, closed: list[tuple[int, int]]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in closed)


def figure_address(campaign: Campaign) -> Callable[[str], str]:
    """Where the ideas of each figure are listed, or where the page says how it is counted."""

    def address(name: str) -> str:
        listed: dict[str, dict[str, Any]] = {
            "ideas": {},
            "without_author": {"imported": "yes"},
            "votes": {"order": "supported"},
            "comments": {"order": "discussed"},
        }
        if name in listed:
            return url_for("idea.index", campaign_id=campaign.id, **listed[name])
        if name == "themes":
            return url_for("theme.index", campaign_id=campaign.id)
        return "#answers-title" if name == "decided" else "#counted"  # on the page of the debrief itself

    return address
