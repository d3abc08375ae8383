"""What a search finds in all themes of a campaign."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload

from clustering.types import Leftover
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.people.person import Person
from ideas.search import MAX_COUNTED, Found, Match, Query, matches, search
from ideas.themes.edits.move import Place
from ideas.themes.placement import Placement


def search_placements(
    session: Session,
    campaign: Campaign,
    query: Query,
    *,
    among: ColumnElement[bool] | None = None,
    before: int | None = None,
    match: Match | None = None,
    limit: int,
) -> tuple[Found[Idea], Sequence[Placement]]:
    """The campaign's ideas that meet the search and were grouped, newest first, and their placements with authors.

    `among`: only the ideas that meet this condition; with it a search without a word finds all of them. Whoever reads
    the themes may. One query more than `search`.
    """
    grouped = Idea.id.in_(select(Placement.idea_id).where(Placement.campaign_id == campaign.id))
    where = (Idea.campaign_id == campaign.id) & is_submitted() & grouped & (true() if among is None else among)
    if among is not None and not query:
        found = _all_of(session, where, before=before, limit=limit)
    else:
        found = search(session, Idea, query, where=where, before=before, match=match, limit=limit)
    placements = session.scalars(
        select(Placement)
        .where(Placement.idea_id.in_([idea.id for idea in found.rows]))
        .order_by(Placement.idea_id.desc())
        .options(
            joinedload(Placement.idea).joinedload(Idea.author).load_only(Person.name),
            joinedload(Placement.placed_by).load_only(Person.name),
        )
    ).all()
    return found, placements


def _all_of(session: Session, where: ColumnElement[bool], *, before: int | None, limit: int) -> Found[Idea]:
    """The ideas that meet the condition, as `search` returns those that have some words."""
    some = select(Idea.id).where(where).limit(MAX_COUNTED + 1).subquery()
    total = session.scalar(select(func.count()).select_from(some)) or 0
    older_ones = where if before is None else where & (Idea.id < before)
    rows = session.scalars(select(Idea).where(older_ones).order_by(Idea.id.desc()).limit(limit + 1)).all()
    older = rows[limit - 1].id if len(rows) > limit else None
    return Found(rows=rows[:limit], total=total, match=Match.ALL, older=older)


def is_placed_in(campaign: Campaign, place: str) -> ColumnElement[bool]:
    """SQL condition: it is the idea's main theme, by its id as text; or the idea is left over for this reason."""
    here = select(Placement.idea_id).where(Placement.campaign_id == campaign.id)
    if place in set(Leftover):
        return Idea.id.in_(here.where(Placement.leftover == Leftover(place)))
    number = int(place) if place.isascii() and place.isdigit() and len(place) <= len(str(MAX_ID)) else 0
    return Idea.id.in_(here.where(Placement.theme_id == min(number, MAX_ID)))


def found_places(
    session: Session,
    campaign: Campaign,
    query: Query,
    *,
    among: ColumnElement[bool] | None = None,
    match: Match = Match.ALL,
) -> dict[int, Place]:
    """The place of every idea that `search_placements` finds, on whatever page, by its id: at most MAX_COUNTED + 1.

    `match`: the way in which it found them. One query.
    """
    if not query and among is None:
        return {}
    where = (Idea.campaign_id == campaign.id) & is_submitted() & (true() if among is None else among)
    if query:
        where &= matches(session, Idea, query, match)
    rows = session.execute(
        select(Placement.idea_id, Placement.theme_id, Placement.leftover)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, where)
        .order_by(Placement.idea_id.desc())
        .limit(MAX_COUNTED + 1)
    )
    return {idea_id: theme_id or leftover for idea_id, theme_id, leftover in rows}
