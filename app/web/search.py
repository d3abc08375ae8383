"""Searches in addresses and on pages: what was asked, and the words that were found."""

from dataclasses import dataclass

from flask import Flask, request
from markupsafe import Markup, escape

from app.extensions import database
from ideas import search
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.term import spelled_out, spelled_out_for
from ideas.people.person import Person
from ideas.search import Match, Query, read_query

# The parameter of an address that holds the words.
WORDS = "containing"


@dataclass(frozen=True, slots=True)
class Asked:
    """The search of the address. `typed`: something was typed, be it no word. `before`, `match`: of a further page."""

    query: Query
    typed: bool
    before: int | None
    match: Match | None


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(marked=marked, excerpt=excerpt)
    app.jinja_env.globals.update(max_counted=search.MAX_COUNTED, max_searched=search.MAX_SEARCH_LENGTH)


def asked(campaign: Campaign | None = None, *, reader: Person | None = None) -> Asked:
    """Read the address, or the form that was sent from such a page. What makes no sense in it is not asked for.

    In a campaign by its glossary, else by those of all campaigns that the reader sees.
    """
    words, before, match = (
        request.values.get(WORDS, ""),
        request.values.get("before", type=int),
        request.values.get("match"),
    )
    known = before is not None and 0 < before <= MAX_ID
    return Asked(
        query=(
            spelled_out(database(), campaign.id, read_query(words))
            if campaign is not None
            else spelled_out_for(database(), reader, read_query(words))
        ),
        typed=bool(words.strip()),
        before=before if known else None,
        match=Match(match) if match in set(Match) else None,
    )


def marked(text: str, query: Query, match: Match = Match.ALL) -> Markup:
    """The text with the words of the search in <mark>."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if found else escape(piece)
        for piece, found in search.marked(text, query, match)
    )


def excerpt(text: str, query: Query, match: Match = Match.ALL, length: int = 280) -> Markup:
    """The part of the text around the first word of the search, marked."""
    return marked(search.excerpt(text, query, match, length=length), query, match)
