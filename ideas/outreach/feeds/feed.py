"""What is new in campaigns, for news readers: announcements, ideas and debriefs, as their pages show them to everyone.

A reader keeps what it has read: so nobody who wrote an idea is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from ideas.campaigns.audience import campaigns_of_space
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to, visible_campaigns
from ideas.contributions.idea import Idea, is_readable
from ideas.people.person import Person
from ideas.people.sanction import is_banned
from ideas.spaces.space import Space, space_visible_to

MAX_ENTRIES = 50


class EntryKind(StrEnum):
    ANNOUNCED = "announced"
    IDEA = "idea"
    DEBRIEF = "debrief"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """`idea`: of an entry about one."""

    kind: EntryKind
    at: datetime
    campaign: Campaign
    idea: Idea | None = None


def news_of(session: Session, campaigns: Sequence[Campaign]) -> list[FeedEntry]:
    """What is new in these campaigns, latest first. For whoever may see them. One query.

    Withdrawn and withheld ideas are left out, also for their team.
    """
    shown = [campaign for campaign in campaigns if campaign.announced_at is not None]
    found = []
    for campaign in shown:
        for kind, at in ((EntryKind.ANNOUNCED, campaign.announced_at), (EntryKind.DEBRIEF, campaign.debriefed_at)):
            if at is not None:
                found.append(FeedEntry(kind, at, campaign))
    ideas = session.scalars(
        select(Idea)
        .join(Idea.campaign)
        .where(Idea.campaign_id.in_([campaign.id for campaign in shown]), is_readable())
        .options(contains_eager(Idea.campaign))
        .order_by(Idea.submitted_at.desc(), Idea.id.desc())
        .limit(MAX_ENTRIES)
    )
    found += [FeedEntry(EntryKind.IDEA, idea.submitted_at, idea.campaign, idea) for idea in ideas if idea.submitted_at]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:MAX_ENTRIES]


def campaign_for(session: Session, campaign_id: int, person: Person, *, now: datetime) -> Campaign | None:
    """The campaign, if this person may read it: where they are banned, only if visitors may. One query."""
    open_to_them = ~is_banned(person.id, campaign_id=Campaign.id, now=now) | campaign_visible_to(None)
    only = (Campaign.id == campaign_id) & open_to_them
    return next(iter(visible_campaigns(session, person, now=now, only=only)), None)


def space_for(
    session: Session, space_id: int, person: Person, *, now: datetime
) -> tuple[Space, Sequence[Campaign]] | None:
    """The space and those of its campaigns that this person may read; None unless they find it. Three queries."""
    here = (Space.id == space_id) & space_visible_to(person)
    space = session.scalar(select(Space).where(here, ~is_banned(person.id, now=now)))
    if space is None:
        return None
    seen = campaigns_of_space(session, space, person)
    if seen:
        banned = select(Campaign.id).where(
            Campaign.id.in_([campaign.id for campaign in seen]),
            is_banned(person.id, campaign_id=Campaign.id, now=now),
        )
        kept_out = set(session.scalars(banned))
        seen = [campaign for campaign in seen if campaign.id not in kept_out]
    return space, seen
