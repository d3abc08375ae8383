"""Actions: what the organisation commits to after a decision, and their progress."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import CheckConstraint, Date, ForeignKey, Select, String, Text, bindparam, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.answers.decision import Decision, DecisionStatus, respondents
from ideas.base import Base
from ideas.campaigns.campaign import Campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, optional, required
from ideas.themes.theme import Theme

MAX_TITLE_LENGTH = 160
MAX_IMPACT_LENGTH = 500
COMPLETE = 100


class NothingToDo(DomainError):
    message = message_id("A declined theme has no actions. Change the answer first.")


class NotAnActionOwner(DomainError):
    message = message_id("Choose someone from the campaign team.")


class Action(Base):
    __tablename__ = "action"
    __table_args__ = (CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    impact: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date] = mapped_column(Date)
    progress: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    decision: Mapped[Decision] = relationship()
    owner: Mapped[Person] = relationship()

    def is_overdue(self, today: date) -> bool:
        return self.done_at is None and today > self.due_on


def commit_to(
    session: Session,
    decision: Decision,
    *,
    title: str,
    impact: str,
    owner: Person,
    due_on: date,
    now: datetime,
) -> Action:
    """Add an action to a decision. The owner and facilitators may.

    Raises NothingToDo (declined), NotAnActionOwner, EmptyText or TooLong.
    """
    if decision.status is DecisionStatus.DECLINED:
        raise NothingToDo
    if owner.id not in {person.id for person in respondents(session, decision.theme.campaign)}:
        raise NotAnActionOwner
    action = Action(
        decision=decision,
        title=required(clean_line(title), max_length=MAX_TITLE_LENGTH),
        impact=optional(impact, max_length=MAX_IMPACT_LENGTH),
        owner=owner,
        due_on=due_on,
        created_at=now,
    )
    session.add(action)
    update_follow_through(session, decision.theme.campaign, now=now)
    return action


def report_progress(session: Session, action: Action, *, progress: int, now: datetime) -> None:
    """Record the progress of an action, in percent; at 100 it is done. The owner and facilitators may."""
    action.progress = min(COMPLETE, max(0, progress))
    if action.progress < COMPLETE:
        action.done_at = None
    elif action.done_at is None:
        action.done_at = now
    update_follow_through(session, action.decision.theme.campaign, now=now)


def drop_action(session: Session, action: Action, *, now: datetime) -> None:
    """Delete an action that was recorded by mistake. The owner and facilitators may."""
    campaign = action.decision.theme.campaign
    session.delete(action)
    update_follow_through(session, campaign, now=now)


def update_follow_through(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """A debriefed campaign is followed through while it has actions and all are done. Updates the campaign."""
    session.flush()
    actions = [action for of_theme in actions_in(session, campaign).values() for action in of_theme]
    all_done = bool(actions) and all(action.done_at is not None for action in actions)
    if campaign.debriefed_at is None or not all_done:
        campaign.followed_through_at = None
    elif campaign.followed_through_at is None:
        campaign.followed_through_at = now


def actions_on(session: Session, decision: Decision) -> Sequence[Action]:
    """The actions of a decision, by due date."""
    return session.scalars(
        select(Action)
        .where(Action.decision_id == decision.id)
        .options(joinedload(Action.owner))
        .order_by(Action.due_on, Action.id)
    ).all()


def actions_in(session: Session, campaign: Campaign) -> dict[int, list[Action]]:
    """The campaign's actions by theme id, by due date within each."""
    by_theme: dict[int, list[Action]] = {}
    for action in session.scalars(_actions_query(), {"campaign_id": campaign.id}):
        by_theme.setdefault(action.decision.theme_id, []).append(action)
    return by_theme


@cache  # building the query takes longer than running it
def _actions_query() -> Select[Action]:
    return (
        select(Action)
        .join(Decision, Decision.id == Action.decision_id)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(Theme.campaign_id == bindparam("campaign_id"), Theme.retired_at.is_(None))
        .options(joinedload(Action.owner).load_only(Person.name), joinedload(Action.decision))
        .order_by(Action.due_on, Action.id)
    )
