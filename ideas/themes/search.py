"""What a search finds in all themes of a campaign."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.people.person import Person
from ideas.search import Found, Match, Query, search
from ideas.themes.placement import Placement


def search_placements(
    session: Session,
    campaign: Campaign,
    query: Query,
    *,
    before: int | None = None,
    match: Match | None = None,
    limit: int,
) -> tuple[Found[Idea], Sequence[Placement]]:
    """The campaign's ideas that meet the search and were grouped, newest first, and their placements with authors.

    Whoever reads the themes may. One query more than `search`.
    """
    grouped = Idea.id.in_(select(Placement.idea_id).where(Placement.campaign_id == campaign.id))
    where = (Idea.campaign_id == campaign.id) & is_submitted() & grouped
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
