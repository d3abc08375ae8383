"""Drafts of campaigns: one made from another campaign, and one deleted, as long as nobody was promised anything."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload

from ideas.activity.activity import Verb, record
from ideas.campaigns.audience import copy_audience
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.form_field import copy_fields
from ideas.campaigns.phases.edit import copy_phases
from ideas.campaigns.promise import CampaignText, start_campaign
from ideas.campaigns.term import copy_terms
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.person import Person

# How long a deleted draft can be restored.
RESTORABLE_FOR = timedelta(days=30)


class AnnouncedStays(DomainError):
    message = message_id("This campaign is announced. You can close it, but no longer delete it.")


class RestoredTooLate(DomainError):
    message = message_id("This draft was deleted more than 30 days ago. You can no longer restore it.")


def duplicate_campaign(
    session: Session, campaign: Campaign, *, title: str, by: Person, now: datetime, zone: ZoneInfo | None = None
) -> Campaign:
    """A new draft of this person, with the texts of the campaign. Owner and facilitators may, if they may start one.

    Question, brief, benefit, motivation, objective, phases (later), fields of the form, glossary, whom it is open to
    first and whether a second person approves answers are copied. What belongs to one campaign or one person is not:
    dates, team, files, ideas, and, for another owner, their portrait, message and video. `zone`: as of `copy_phases`.
    Raises what `start_campaign` raises.
    """
    is_own = by.id == campaign.owner_id
    text = CampaignText(
        title=title,
        challenge=campaign.challenge,
        brief=campaign.brief,
        benefit=campaign.benefit,
        motivation=campaign.motivation,
        owner_word=campaign.owner_word if is_own else "",
        owner_video_url=campaign.owner_video_url if is_own else "",
    )
    copy = start_campaign(session, owner=by, text=text, now=now)
    copy.granularity, copy.is_health, copy.is_strict = campaign.granularity, campaign.is_health, campaign.is_strict
    copy.lang = campaign.lang
    copy.answers_reviewed = campaign.answers_reviewed
    copy.supports_each, copy.allows_anonymous = campaign.supports_each, campaign.allows_anonymous
    copy.objective, copy.expected_outcome = campaign.objective, campaign.expected_outcome
    copy_phases(session, campaign, to=copy, now=now, zone=zone)
    copy_audience(session, campaign, to=copy)
    copy_fields(session, campaign, to=copy, now=now)
    copy_terms(session, campaign, to=copy, now=now)
    return copy


def delete_draft_campaign(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> None:
    """Delete a campaign that was never announced. Its owner and administrators may.

    From here on nobody finds it. Its row stays, because the activity log points to it, and for 30 days
    `restore_draft_campaign` brings it back. A second time changes nothing. Raises AnnouncedStays.
    """
    lock_campaign(session, campaign)
    if campaign.announced_at is not None:
        raise AnnouncedStays
    if campaign.deleted_at is None:
        campaign.deleted_at = now
        record(
            session, Verb.DELETED, campaign, by=by, campaign_id=campaign.id, before={"title": campaign.title}, now=now
        )
        session.flush()


def restore_draft_campaign(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> None:
    """Bring a deleted draft back. Its owner and administrators may. Raises NotAllowed or RestoredTooLate."""
    if by.id != campaign.owner_id and not by.is_admin:
        raise NotAllowed
    lock_campaign(session, campaign)
    if campaign.deleted_at is None:
        return
    if now - campaign.deleted_at > RESTORABLE_FOR:
        raise RestoredTooLate
    campaign.deleted_at = None
    record(session, Verb.RESTORED, campaign, by=by, campaign_id=campaign.id, now=now)
    session.flush()


def deleted_drafts(session: Session, person: Person, *, now: datetime) -> Sequence[Campaign]:
    """The deleted drafts that this person can still restore, latest first: their own; all for an administrator."""
    return session.scalars(
        select(Campaign)
        .where(_restorable_by(person, now))
        .options(joinedload(Campaign.owner))
        .order_by(Campaign.deleted_at.desc(), Campaign.id.desc())
    ).all()


def count_deleted_drafts(session: Session, person: Person, *, now: datetime) -> int:
    """How many deleted drafts this person can still restore."""
    return session.scalar(select(func.count()).select_from(Campaign).where(_restorable_by(person, now))) or 0


def _restorable_by(person: Person, now: datetime) -> ColumnElement[bool]:
    theirs = true() if person.is_admin else Campaign.owner_id == person.id
    return theirs & (Campaign.deleted_at > now - RESTORABLE_FOR)
