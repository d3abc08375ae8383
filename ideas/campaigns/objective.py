"""What a campaign is for, and what its team expects of it: for those who run campaigns, not for participants."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged
from ideas.campaigns.campaign import MAX_PARAGRAPH_LENGTH, Campaign, lock_campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.people.person import Person
from ideas.text import optional


class Objective(StrEnum):
    """What an organisation may want of a community (the SPACES model)."""

    SUPPORT = "support"
    PRODUCT = "product"
    ACQUISITION = "acquisition"
    CONTRIBUTION = "contribution"
    ENGAGEMENT = "engagement"
    SUCCESS = "success"


def set_objective(
    session: Session,
    campaign: Campaign,
    *,
    objective: Objective | None,
    expected_outcome: str,
    by: Person,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Say what the campaign is for and what is expected of it. Whoever manages it may, at any time.

    `seen`: the version of the campaign that `by` saw. The log keeps what was said before. Raises ChangedMeanwhile,
    TooLong.
    """
    lock_campaign(session, campaign)
    check_unchanged(campaign, seen)
    after = {
        "objective": objective.value if objective is not None else None,
        "expected_outcome": optional(expected_outcome, max_length=MAX_PARAGRAPH_LENGTH),
    }
    before = {name: getattr(campaign, name) for name in after}
    if before == after:
        return
    for name, value in after.items():
        setattr(campaign, name, value)
    campaign.version += 1
    session.flush()
    record(session, Verb.CHANGED, campaign, by=by, campaign_id=campaign.id, before=before, after=after, now=now)


def campaigns_by_objective(session: Session, person: Person) -> dict[Objective, Sequence[Campaign]]:
    """The announced campaigns that a person sees, by what they are for, latest first. Campaign authors may read it."""
    found = session.scalars(
        select(Campaign)
        .where(campaign_visible_to(person), Campaign.announced_at.is_not(None), Campaign.objective.is_not(None))
        .order_by(Campaign.opens_at.desc(), Campaign.id.desc())
    ).all()
    return {objective: [one for one in found if one.objective == objective] for objective in Objective}
