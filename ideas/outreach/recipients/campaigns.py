"""Whom acts on a campaign, its team and its themes concern."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, select, union
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import TeamMember
from ideas.campaigns.reminder import is_day_before
from ideas.contest.public_vote.ballot import Ballot
from ideas.contributions.authors.people import people_of
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.vote import Reaction, Vote
from ideas.desk.work import assignable
from ideas.outreach.recipients.members import names_person, person_named
from ideas.outreach.talk import followers_of_campaign, managers_of
from ideas.people.person import Person
from ideas.work.job import Job


def managers(session: Session, activity: Activity) -> Iterable[int]:
    """Those who manage the campaign."""
    return session.scalars(managers_of(activity.campaign_id)) if activity.campaign_id is not None else ()


def promise_changed(session: Session, activity: Activity) -> Iterable[int]:
    """Everyone who took part, if the campaign was announced by then."""
    campaign = session.get(Campaign, activity.object_id)
    if campaign is None or campaign.announced_at is None or campaign.announced_at > activity.at:
        return ()
    return session.scalars(took_part(Idea.campaign_id == campaign.id))


def took_part(concerned: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Who wrote, commented, supported, voted or reacted, for the public ideas that meet this condition; each once."""
    counted = concerned & is_readable()
    return union(
        people_of(counted),
        select(Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(counted, is_shown()),
        select(Vote.person_id).join(Idea, Idea.id == Vote.idea_id).where(counted),
        select(Reaction.person_id).join(Idea, Idea.id == Reaction.idea_id).where(counted),
        select(Ballot.person_id).join(Idea, Idea.id == Ballot.idea_id).where(counted),
    )


def handed_over(session: Session, activity: Activity) -> Iterable[int]:
    """The former lead of a campaign and the new one."""
    both = [(values or {}).get("owner_id") for values in (activity.before, activity.after)]
    return session.scalars(select(Person.id).where(Person.id.in_([one for one in both if isinstance(one, int)])))


def role_changed(session: Session, activity: Activity) -> Iterable[int]:
    """The person whose role in a team began, changed or ended. The row itself may be gone by now, and so may they."""
    if names_person(activity):
        return person_named(session, activity)
    return session.scalars(select(TeamMember.person_id).where(TeamMember.id == activity.object_id))


def authors_of_drafts(session: Session, activity: Activity) -> Iterable[int]:
    """Who has an idea in the campaign that is not submitted, before it closes."""
    if "closes_at" not in (activity.after or {}):
        return ()
    waits = (Idea.campaign_id == activity.campaign_id) & Idea.submitted_at.is_(None)
    return session.scalars(select(Idea.author_id).where(waits, Idea.author_id.is_not(None)))


def reminded_followers(session: Session, activity: Activity) -> Iterable[int]:
    """Who follows the campaign: a day before its closing, and no more."""
    return followers_of_campaign(session, activity) if is_day_before(activity) else ()


def who_owes_debrief(session: Session, activity: Activity) -> Iterable[int]:
    """Those who manage the campaign, three days before its debrief is due and once it is late."""
    return managers(session, activity) if "debrief_due_at" in (activity.after or {}) else ()


def job_failed(session: Session, activity: Activity) -> Iterable[int]:
    """Those who manage the campaign; the administrators where the job belongs to none."""
    if activity.campaign_id is not None:
        return session.scalars(managers_of(activity.campaign_id))
    return session.scalars(select(Person.id).where(Person.is_admin))


def who_asked_for_export(session: Session, activity: Activity) -> Iterable[int]:
    """Who asked for the export that a job has made."""
    payload = session.scalar(select(Job.payload).where(Job.id == activity.object_id)) or {}
    return [payload["person"]] if "person" in payload else []


def assignee(session: Session, activity: Activity) -> Iterable[int]:
    """Who a theme is assigned to, or is reminded of it, if they still may answer it. Of several at once, the act on the
    first one tells of all.
    """
    campaign = session.get(Campaign, activity.campaign_id) if assigned_themes(activity) else None
    named = (activity.after or {}).get("assignee_id")
    return [person.id for person in assignable(session, campaign) if person.id == named] if campaign is not None else ()


def assignee_and_owner(session: Session, activity: Activity) -> Iterable[int]:
    """Whose theme is due soon; and once it was due some days ago, the owner of the campaign too."""
    campaign = session.get(Campaign, activity.campaign_id) if assigned_themes(activity) else None
    if campaign is None:
        return ()
    after = activity.after or {}
    # Acts of earlier versions have no such mark: they told both.
    is_escalated = after.get("is_escalated", "is_late" not in after)
    return {*assignee(session, activity), *([campaign.owner_id] if is_escalated else [])}


def assigned_themes(activity: Activity) -> list[int]:
    """The ids of the themes that an act assigns to one person, or reminds them of."""
    return [theme_id for theme_id in (activity.after or {}).get("themes", ()) if isinstance(theme_id, int)]
