"""Other newsletters about the same campaign in the same week: the referent knows of them before they approve one."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.outreach.newsletters.blocks import parts_of
from ideas.outreach.newsletters.newsletter import Newsletter

WEEK = timedelta(days=7)


def others_about(session: Session, newsletter: Newsletter, *, now: datetime) -> list[datetime]:
    """When other newsletters go out, or went, that have a block about a campaign of this one: within a week of it, in
    whatever space. Who may propose newsletters may read it. One query.
    """
    named = _campaigns_in(newsletter.body)
    if not named:
        return []
    at = newsletter.begun_at or newsletter.send_at or now
    when = func.coalesce(Newsletter.begun_at, Newsletter.send_at, Newsletter.approved_at)
    told = Newsletter.approved_at.is_not(None) & Newsletter.stopped_at.is_(None) & (Newsletter.id != newsletter.id)
    near = select(Newsletter.body, when).where(told, when.between(at - WEEK, at + WEEK)).order_by(when)
    return [instant for body, instant in session.execute(near) if named & _campaigns_in(body)]


def _campaigns_in(body: str) -> set[int]:
    return {part.campaign_id for part in parts_of(body) if part.campaign_id}
