"""The ideas that meet a search best, first.

The index knows which words a text has, not where or how often, so that it stays small and both databases give the same.
The order follows from the title and the length of the text, of the newest ideas that meet the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from ideas.contributions.idea import Idea
from ideas.search import MAX_COUNTED, Found, Match, Query, matches, newest_found
from ideas.words import words_of


class SearchOrder(StrEnum):
    NEWEST = "newest"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class BestPage:
    """A page of the best. `upto`, `place`: ask for the next page with both, else None. New ideas don't move it."""

    rows: Sequence[Idea]
    upto: int | None
    place: int | None


def best_ideas(
    session: Session,
    query: Query,
    found: Found[Idea],
    *,
    where: ColumnElement[bool],
    limit: int,
    upto: int | None = None,
    place: int = 0,
    options: Sequence[ORMOption] = (),
) -> BestPage:
    """The ideas that have the most words of the search, then those that have the most in their title, then the
    shortest, then the newest: of the newest `MAX_COUNTED` that were `found`. Two queries.

    `upto`: of ideas with a smaller id alone. `place`: how many come before this page.
    """
    newest = newest_found(session, Idea, query, found.match, where=where, before=upto, limit=MAX_COUNTED)
    met = [case((matches(session, Idea, Query(query.text, (word,))), 1), else_=0) for word in query.words]
    had = sum(met, literal(0)) if found.match is Match.SOME else literal(0)
    rows = session.execute(select(Idea.id, Idea.title, func.length(Idea.body), had).where(Idea.id.in_(newest))).all()
    ranked = sorted(rows, key=lambda row: (-row[3], -_in_title(row[1], query, found.match), row[2], -row[0]))
    ids = [row[0] for row in ranked[place : place + limit]]
    ideas = {one.id: one for one in session.scalars(select(Idea).where(Idea.id.in_(ids)).options(*options))}
    more = place + limit < len(ranked)
    last = upto or max((row[0] for row in rows), default=0) + 1
    return BestPage([ideas[number] for number in ids], last if more else None, place + limit if more else None)


def _in_title(title: str | None, query: Query, match: Match) -> int:
    """How many words of the search the title has."""
    if not title:
        return 0
    words = [one for word in words_of(title) for one in (word, *word.parts)]
    stems = frozenset().union(*(word.stems for word in words))
    begins = match is Match.BEGINS
    return sum(
        word.is_among(stems) or (begins and any(one.folded.startswith(word.folded) for one in words))
        for word in query.words
    )
