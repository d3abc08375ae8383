"""Themes and the people of the team: which are assigned to whom, who is late, and which must be kept for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

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
# The assignee is reminded this long before the day, and the owner told this long after it.
REMIND_BEFORE, ESCALATE_AFTER = timedelta(days=2), timedelta(days=3)
# Nobody is reminded of what was given to them just now.
SETTLED = timedelta(days=1)


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


def unanswered_themes(session: Session, campaign_ids: Sequence[int]) -> list[Work]:
    """The work of the active themes of these campaigns that have no answer. Three queries."""
    works = work_in(session, campaign_ids)
    waiting = select(Theme.id).where(Theme.id.in_(works), Theme.retired_at.is_(None), ~_answered(Theme.id))
    return [works[theme_id] for theme_id in session.scalars(waiting)]


def record_due_themes(session: Session, *, now: datetime) -> int:
    """Record, for each theme without an answer, that its day comes soon, and later that it is long over. Returns how
    many. For the worker.

    The assignee is reminded once, before the day. Some days after it, the owner of the campaign is told, also of a
    theme that is assigned to nobody, or to somebody who left the team. The day is that of the assignee's time zone, or
    of the owner's. Of several that one person has in a campaign, the first act names all: they are told once. A changed
    due date brings new ones.
    """
    waiting, able, people, rows = _waiting(session, now)
    soon: dict[tuple[int, int | None, bool], list[Work]] = {}
    over: dict[tuple[int, int | None], list[Work]] = {}
    for work in waiting:
        person = people[work.assignee_id or able[work.campaign_id].owner_id]
        today, due, row = today_of(person, now), work.due_on, rows[work.from_id]
        if due is None:
            continue
        may_answer = work.assignee_id in able[work.campaign_id].people
        is_near = today >= due - REMIND_BEFORE and row.changed_at <= now - SETTLED
        if due != row.escalated_for and today >= due + ESCALATE_AFTER:
            over.setdefault((work.campaign_id, work.assignee_id), []).append(work)
            row.reminded_for = due if may_answer else row.reminded_for  # the assignee is told with the owner
        elif may_answer and due != row.reminded_for and is_near:
            soon.setdefault((work.campaign_id, work.assignee_id, due < today), []).append(work)
    for (campaign_id, _person, is_late), works in soon.items():
        for work in works:
            rows[work.from_id].reminded_for = work.due_on
        _record(session, campaign_id, works, rows, {"is_late": is_late}, now)
    for (campaign_id, _person), works in over.items():
        for work in works:
            rows[work.from_id].escalated_for = work.due_on
        _record(session, campaign_id, works, rows, {"is_late": True, "is_escalated": True}, now)
    return sum(len(works) for works in (*soon.values(), *over.values()))


def _record(
    session: Session, campaign_id: int, works: Sequence[Work], rows: Mapping[int, ThemeWork], facts: dict[str, bool],
    now: datetime,
) -> None:  # fmt: skip
    """Record an act for each of these themes of one person; the first names all of them."""
    themes = [work.theme_id for work in works]
    for work in works:
        after: dict[str, Any] = {"assignee_id": work.assignee_id, "due_on": work.due_on, "theme_id": work.theme_id}
        after |= facts | ({"themes": themes} if work is works[0] else {})
        record(session, Verb.REMINDED, rows[work.from_id], by=None, now=now, campaign_id=campaign_id, after=after)


class _Able(NamedTuple):
    """Of a campaign, its owner and who may answer themes."""

    owner_id: int
    people: set[int | None]


def _waiting(
    session: Session, now: datetime
) -> tuple[Sequence[Work], dict[int, _Able], dict[int, Person], dict[int, ThemeWork]]:
    """The work of active themes without an answer whose day may be near or over, and that something is still to be said
    of; with who may answer in each campaign, and the assignees and owners, and the rows of the work, by id.
    """
    day = (now + AHEAD).date() + REMIND_BEFORE
    to_remind = ThemeWork.reminded_for.is_(None) | (ThemeWork.reminded_for != ThemeWork.due_on)
    to_escalate = ThemeWork.escalated_for.is_(None) | (ThemeWork.escalated_for != ThemeWork.due_on)
    is_near = (ThemeWork.due_on <= day) & (to_remind | to_escalate) & ~_answered(ThemeWork.theme_id)
    candidates = select(ThemeWork.campaign_id).where(is_near)
    campaigns = session.scalars(
        select(Campaign).where(Campaign.id.in_(candidates), Campaign.deleted_at.is_(None)).order_by(Campaign.id)
    ).all()
    if not campaigns:
        return [], {}, {}, {}
    works = [
        work
        for work in work_in(session, [campaign.id for campaign in campaigns]).values()
        if work.due_on is not None and work.due_on <= day
    ]
    waiting = select(Theme.id).where(
        Theme.id.in_([work.theme_id for work in works]), Theme.retired_at.is_(None), ~_answered(Theme.id)
    )
    ids = set(session.scalars(waiting))
    late = [work for work in works if work.theme_id in ids]
    able = {one.id: _Able(one.owner_id, {person.id for person in assignable(session, one)}) for one in campaigns}
    named = {work.assignee_id for work in late} | {one.owner_id for one in able.values()}
    people = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(named)))}
    given = select(ThemeWork).where(ThemeWork.theme_id.in_([work.from_id for work in late]))
    return late, able, people, {row.theme_id: row for row in session.scalars(given)}


def _answered(theme_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """SQL condition: this theme has an answer that is no promise."""
    return exists().where(Decision.theme_id == theme_id, Decision.status != DecisionStatus.PENDING)
