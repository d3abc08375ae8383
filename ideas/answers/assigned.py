"""Themes and the people of the team: which are assigned to whom, who is late, and which must be kept for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from ideas.activity.activity import Verb, record
from ideas.answers.approval import proposals_in
from ideas.answers.decision import Decision, DecisionStatus, decisions_in
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import managed_campaigns
from ideas.desk.work import ThemeWork, Work, assignable, today_of, work_in, worked_themes
from ideas.people.person import Person
from ideas.themes.theme import Theme

# No day is over anywhere before it has begun everywhere.
AHEAD = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class MyTheme:
    """`status`: of its answer, None without one."""

    theme: Theme
    work: Work
    status: DecisionStatus | None

    @property
    def answered(self) -> bool:
        return self.status not in {None, DecisionStatus.PENDING}


def kept_themes(session: Session, campaign: Campaign) -> set[int]:
    """The themes that have an answer, also one that waits for a second person, an assignee, a day by which they are
    due, or a note of the team.
    """
    answered = set(decisions_in(session, campaign)) | set(proposals_in(session, campaign.id))
    return answered | worked_themes(session, campaign)


def my_themes(session: Session, person: Person) -> Sequence[MyTheme]:
    """The active themes that are assigned to this person in campaigns that they manage: what is due first comes first.

    A number of queries that does not depend on how many there are.
    """
    named = select(ThemeWork.campaign_id).where(ThemeWork.assignee_id == person.id)
    given = set(session.scalars(named))
    campaigns = (
        [campaign.id for campaign in managed_campaigns(session, person) if campaign.id in given] if given else []
    )
    if not campaigns:
        return []
    works = {theme_id: work for theme_id, work in work_in(session, campaigns).items() if work.assignee_id == person.id}
    found = session.execute(
        select(Theme, Decision.status)
        .outerjoin(Decision, Decision.theme_id == Theme.id)
        .where(Theme.id.in_(works), Theme.retired_at.is_(None))
        .options(joinedload(Theme.campaign))
    )
    themes = [MyTheme(theme, works[theme.id], status) for theme, status in found]
    return sorted(themes, key=lambda one: (one.work.due_on or date.max, one.theme.id))


def count_waiting(session: Session, person: Person) -> int:
    """How many themes that are assigned to the person have no answer."""
    return sum(not one.answered for one in my_themes(session, person))


def record_due_themes(session: Session, *, now: datetime) -> int:
    """Record a reminder of each theme that is late. Returns how many. For the worker.

    The day is over in the time zone of the assignee. Of several that one person has in a campaign, the first act names
    all: they are told once. A changed due date brings a new reminder; an answered theme gets none.
    """
    late = _late(session, now)
    people = {work.assignee_id for work in late}
    zones = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(people)))}
    due = [work for work in late if work.due_on and work.due_on < today_of(zones[work.assignee_id or 0], now)]
    by_person: dict[tuple[int, int], list[Work]] = {}
    for work in due:
        by_person.setdefault((work.campaign_id, work.assignee_id or 0), []).append(work)
    for (campaign_id, person_id), works in by_person.items():
        themes = [work.theme_id for work in works]
        for work in works:
            row = session.get_one(ThemeWork, work.from_id)
            row.reminded_for = work.due_on
            facts: dict[str, Any] = {"assignee_id": person_id, "due_on": work.due_on, "theme_id": work.theme_id}
            facts |= {"themes": themes} if work is works[0] else {}
            record(session, Verb.REMINDED, row, by=None, now=now, campaign_id=campaign_id, after=facts)
    return len(due)


def _late(session: Session, now: datetime) -> Sequence[Work]:
    """The work of active themes without an answer whose day may be over, and of which nobody was reminded yet.

    Without that of people who may not answer it now: they are told nothing, and may come back to the team.
    """
    day = (now + AHEAD).date()
    to_remind = ThemeWork.reminded_for.is_(None) | (ThemeWork.reminded_for != ThemeWork.due_on)
    candidates = select(ThemeWork.campaign_id).where(
        ThemeWork.assignee_id.is_not(None), ThemeWork.due_on < day, to_remind, ~_answered(ThemeWork.theme_id)
    )
    campaigns = session.scalars(
        select(Campaign.id).where(Campaign.id.in_(candidates), Campaign.deleted_at.is_(None)).order_by(Campaign.id)
    ).all()
    if not campaigns:
        return []
    works = [
        work
        for work in work_in(session, campaigns).values()
        if work.assignee_id is not None and work.due_on and work.due_on < day and work.due_on != work.reminded_for
    ]
    waiting = select(Theme.id).where(
        Theme.id.in_([work.theme_id for work in works]), Theme.retired_at.is_(None), ~_answered(Theme.id)
    )
    ids = set(session.scalars(waiting))
    late = [work for work in works if work.theme_id in ids]
    concerned = {work.campaign_id for work in late}
    able = {
        (campaign.id, person.id)
        for campaign in session.scalars(select(Campaign).where(Campaign.id.in_(concerned)))
        for person in assignable(session, campaign)
    }
    return [work for work in late if (work.campaign_id, work.assignee_id) in able]


def _answered(theme_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """SQL condition: this theme has an answer that is no promise."""
    return exists().where(Decision.theme_id == theme_id, Decision.status != DecisionStatus.PENDING)
