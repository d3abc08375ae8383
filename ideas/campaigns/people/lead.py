"""The lead of a campaign is handed over to another person of its team."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import MAX_REASON_LENGTH, Activity, Verb, record
from ideas.activity.version import keep_version
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import OwnTeamRole, Role, TeamMember, member_of
from ideas.campaigns.promise import promise_of
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.files import remove_file
from ideas.people.person import Person
from ideas.text import optional


class NotOfTheTeam(DomainError):
    message = message_id("Choose someone from the campaign team. Add this person to the team first.")


class LeadChangedMeanwhile(Conflict):
    message = message_id("The campaign lead changed in the meantime. Check who leads it now, then try again.")


def hand_over(
    session: Session,
    campaign: Campaign,
    *,
    to: Person,
    by: Person,
    now: datetime,
    seen_owner_id: int,
    former_stays: bool = True,
    reason: str = "",
) -> str | None:
    """Make a person of the team the owner of the campaign. Only its owner or an administrator may; nobody names
    themself.

    The former owner becomes a facilitator, or leaves the team where not `former_stays`. Their portrait, message and
    video are taken off, because they speak for one person: what was published stays readable as an earlier version.
    `seen_owner_id`: the owner whom `by` saw. Returns where the portrait was stored, or None: `discard` it after the
    commit. Both are told, from the log.

    Raises NotAllowed, OwnTeamRole, LeadChangedMeanwhile, NotOfTheTeam, TooLong (the reason).
    """
    lock_campaign(session, campaign)
    if campaign.owner_id != seen_owner_id:
        raise LeadChangedMeanwhile
    if by.id != campaign.owner_id and not by.is_admin:
        raise NotAllowed
    if to.id == by.id:
        raise OwnTeamRole
    member = member_of(session, campaign, to, again=True)
    if member is None:
        raise NotOfTheTeam
    reason = optional(reason, max_length=MAX_REASON_LENGTH)
    former, role = campaign.owner, member.role
    session.delete(member)
    session.flush()
    campaign.owner = to
    if former_stays:
        session.add(TeamMember(campaign_id=campaign.id, person_id=former.id, role=Role.FACILITATOR, added_at=now))
    record(
        session,
        Verb.HANDED_OVER,
        campaign,
        by=by,
        now=now,
        campaign_id=campaign.id,
        reason=reason,
        before={"owner_id": former.id, "role": role},
        after={"owner_id": to.id, "former_role": Role.FACILITATOR if former_stays else None},
    )
    return _take_words_off(session, campaign, reason=reason, by=by, now=now)


def hand_overs(session: Session, campaign_ids: Sequence[int]) -> dict[int, list[tuple[datetime, int]]]:
    """When these campaigns were handed over, oldest first, and the id of who led them until then. From the log."""
    found: dict[int, list[tuple[datetime, int]]] = {}
    for some in chunks(campaign_ids):
        acts = (
            select(Activity.object_id, Activity.at, Activity.before)
            .where(Activity.object_kind == Campaign.__tablename__, Activity.object_id.in_(some))
            .where(Activity.verb == Verb.HANDED_OVER)
            .order_by(Activity.id)
        )
        for campaign_id, at, before in session.execute(acts):
            if isinstance(former := (before or {}).get("owner_id"), int):
                found.setdefault(campaign_id, []).append((at, former))
    return found


def lead_at(campaign: Campaign, handed_over: Sequence[tuple[datetime, int]], at: datetime) -> int:
    """The id of who led the campaign at this instant. `handed_over`: of `hand_overs`."""
    return next((former for until, former in handed_over if at < until), campaign.owner_id)


def leads_of(campaign: Campaign, handed_over: Sequence[tuple[datetime, int]]) -> set[int]:
    """The ids of who leads the campaign and who led it before. `handed_over`: of `hand_overs`."""
    return {campaign.owner_id, *(former for _until, former in handed_over)}


def _take_words_off(session: Session, campaign: Campaign, *, reason: str, by: Person, now: datetime) -> str | None:
    """Remove what shows the former owner, and keep the earlier version where it was published."""
    spoke = bool(campaign.owner_word or campaign.owner_video_url)
    campaign.owner_word = campaign.owner_video_url = ""
    if spoke:
        campaign.version += 1
        if campaign.announced_at is not None:
            content = promise_of(campaign)
            keep_version(session, campaign, object_id=campaign.id, content=content, reason=reason, by=by, now=now)
    if campaign.portrait is None:
        session.flush()
        return None
    stored_as = remove_file(session, campaign.portrait, by=by, now=now)
    campaign.portrait = None
    session.flush()
    return stored_as
