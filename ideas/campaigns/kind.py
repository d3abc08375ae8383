"""Kinds of campaigns: what a new one is set to at first. All of it can be changed; the kind itself is not stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person
from ideas.spaces.audience import Audience


class CampaignKind(StrEnum):
    CO_CREATION = "co_creation"
    CONTEST_ONE = "contest_one"
    CONTEST_SEVERAL = "contest_several"
    BOARD = "board"
    INTERNAL = "internal"


CONTESTS = frozenset({CampaignKind.CONTEST_ONE, CampaignKind.CONTEST_SEVERAL})


@dataclass(frozen=True, slots=True)
class KindSettings:
    """What the form of a new campaign does not ask. `supports_each`: what it proposes."""

    audience: Audience
    open_to_visitors: bool = False
    has_standings: bool = True
    supports_each: int | None = None


SETTINGS = {
    CampaignKind.CO_CREATION: KindSettings(Audience.PUBLIC, open_to_visitors=True),
    # Whoever may support everything says nothing about which entry is the best.
    CampaignKind.CONTEST_ONE: KindSettings(Audience.PUBLIC, open_to_visitors=True, supports_each=3),
    CampaignKind.CONTEST_SEVERAL: KindSettings(Audience.PUBLIC, open_to_visitors=True, supports_each=5),
    # Ten to twenty people who know each other: a standing would only show who had less time.
    CampaignKind.BOARD: KindSettings(Audience.INVITED, has_standings=False),
    CampaignKind.INTERNAL: KindSettings(Audience.MEMBERS),
}


def settle_as(session: Session, campaign: Campaign, kind: CampaignKind, *, by: Person, now: datetime) -> None:
    """Give a draft that was just started the audience and the standings of its kind. Its owner may."""
    settings = SETTINGS[kind]
    choice = AudienceChoice(Stage(settings.audience), open_to_visitors=settings.open_to_visitors)
    choose_audience(session, campaign, choice=choice, by=by, now=now)
    campaign.has_standings = settings.has_standings
    session.flush()
