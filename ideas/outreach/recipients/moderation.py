"""Whom the acts of moderators and reports concern."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.people import people_of
from ideas.contributions.idea import Idea
from ideas.contributions.withheld import ObjectKind, Review
from ideas.moderation.report import Report
from ideas.moderation.review import moderators
from ideas.people.person import Person
from ideas.people.sanction import Sanction


def moderators_of_campaign(session: Session, activity: Activity) -> Iterable[int]:
    """Those who moderate the campaign."""
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    return {person.id for person in moderators(session, campaign)} if campaign is not None else ()


def author_of_review(session: Session, activity: Activity) -> Iterable[int]:
    """Who wrote the text that a moderator dealt with; not a person who was reported: their sanction is told."""
    review = session.get(Review, activity.object_id)
    if review is None or review.object_kind is ObjectKind.PERSON:
        return ()
    authors = {review.author_id} if review.author_id is not None else set()
    if review.object_kind is ObjectKind.IDEA:
        authors |= set(session.scalars(people_of(Idea.id == review.object_id)))
    return authors


def reporter(session: Session, activity: Activity) -> Iterable[int]:
    """Who sent the report."""
    return session.scalars(select(Report.reporter_id).where(Report.id == activity.object_id))


def sanctioned(session: Session, activity: Activity) -> Iterable[int]:
    """Whom the sanction is about."""
    return session.scalars(select(Sanction.person_id).where(Sanction.id == activity.object_id))


def may_answer(session: Session, activity: Activity) -> Iterable[int]:
    """Who moderates the campaign, or the administrators where the sanction holds everywhere; not who gave it."""
    given_by = session.scalar(select(Sanction.given_by_id).where(Sanction.id == activity.object_id))
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    others = {person.id for person in moderators(session, campaign)} - {given_by} if campaign is not None else set()
    return others or set(session.scalars(select(Person.id).where(Person.is_admin))) - {given_by}
