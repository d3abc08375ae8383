"""The dates of campaigns, for people's own calendars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import TeamMember, campaign_visible_to, in_force, visible_campaigns
from ideas.contributions.authors.writer import wrote
from ideas.contributions.idea import Idea, is_submitted
from ideas.outreach.follow import Follow
from ideas.people.person import Person
from ideas.people.sanction import is_banned


class DateKind(StrEnum):
    OPENING = "opening"
    CLOSING = "closing"
    DEBRIEF = "debrief"


@dataclass(frozen=True, slots=True)
class CampaignDate:
    """`at`: an instant; of a debrief, that by which it is promised, or at which it was published (`is_past`)."""

    campaign: Campaign
    kind: DateKind
    at: datetime
    is_past: bool = False


def dates_of(campaigns: Sequence[Campaign]) -> list[CampaignDate]:
    """The dates of these campaigns that are announced. For who may see them."""
    found = []
    for campaign in campaigns:
        if campaign.announced_at is None:
            continue
        debriefed = campaign.debriefed_at
        dates = (
            (DateKind.OPENING, campaign.opens_at, False),
            (DateKind.CLOSING, campaign.closes_at, False),
            (DateKind.DEBRIEF, debriefed or campaign.debrief_due_at, debriefed is not None),
        )
        found += [CampaignDate(campaign, kind, at, is_past) for kind, at, is_past in dates if at is not None]
    return found


def campaigns_of(session: Session, person: Person, *, now: datetime) -> Sequence[Campaign]:
    """The campaigns whose dates concern a person: what they follow, wrote in, lead or work on, and still see.

    Where they are banned: those among them that visitors see. Only they may read it. One query.
    """
    followed = select(Follow.campaign_id).where(Follow.person_id == person.id, Follow.campaign_id.is_not(None))
    written = select(Idea.campaign_id).where(wrote(Idea, person.id), is_submitted())
    team = select(TeamMember.campaign_id).where(TeamMember.person_id == person.id, in_force())
    theirs = or_(
        Campaign.owner_id == person.id,
        *(Campaign.id.in_(some) for some in (followed, written, team)),
    )
    shown = ~is_banned(person.id, campaign_id=Campaign.id, now=now) | campaign_visible_to(None)
    return visible_campaigns(session, person, now=now, only=theirs & shown)


def renew_calendar(person: Person) -> None:
    """Give the person's calendar another link. The earlier one ends. Only they may."""
    person.calendar_number += 1
