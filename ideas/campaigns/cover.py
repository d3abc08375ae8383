"""The cover of a campaign: a wide picture on its page, its card in lists, and what other sites show of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import MAX_ALTERNATIVE_LENGTH, Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.files import Purpose, Upload, add_file, remove_file
from ideas.people.person import Person
from ideas.text import clean_line, optional


class NoCover(DomainError):
    message = message_id("Choose a picture first.")


def set_cover(
    session: Session,
    campaign: Campaign,
    upload: Upload | None,
    *,
    stored_as: str = "",
    alternative: str,
    by: Person,
    now: datetime,
) -> str | None:
    """Make the file that is `stored_as` the cover, or keep the present one. Whoever manages the campaign may.

    `alternative`: what the picture shows, for who does not see it; empty where it only decorates. Returns where the
    file that it replaces is, or None: `discard` it after the commit. Raises NoCover, TooLong, QuotaReached.
    """
    said = optional(clean_line(alternative), max_length=MAX_ALTERNATIVE_LENGTH)
    lock_campaign(session, campaign)
    if upload is None and campaign.cover_id is None:
        raise NoCover
    replaced = None
    if upload is not None:
        replaced = remove_file(session, campaign.cover, by=by, now=now) if campaign.cover else None
        campaign.cover = add_file(
            session, upload, stored_as=stored_as, purpose=Purpose.COVER, campaign_id=campaign.id, by=by, now=now
        )
    if said != campaign.cover_alternative:
        before, campaign.cover_alternative = campaign.cover_alternative, said
        record(
            session, Verb.CHANGED, campaign,
            by=by, campaign_id=campaign.id,
            before={"cover_alternative": before}, after={"cover_alternative": said}, now=now,
        )  # fmt: skip
    session.flush()
    return replaced


def remove_cover(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> str | None:
    """Show no cover any more. Whoever manages the campaign may. Returns as `set_cover` does."""
    lock_campaign(session, campaign)
    if campaign.cover is None:
        return None
    removed = remove_file(session, campaign.cover, by=by, now=now)
    campaign.cover, campaign.cover_alternative = None, ""
    session.flush()
    return removed
