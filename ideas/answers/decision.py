"""Decisions: one answer to each theme, with a reason and a named respondent."""

from collections.abc import Container, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, Select, Text, bindparam, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.team import Role, TeamMember
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.text import required
from ideas.themes.theme import Theme

MAX_REASON_LENGTH = 2_000


class DecisionStatus(StrEnum):
    ADOPTED = "adopted"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DECLINED = "declined"
    NEEDS_MORE = "needs_more"


class NotARespondent(DomainError):
    message = message_id("Choose someone from the campaign team.")


class DecidedInTheFuture(DomainError):
    message = message_id("Choose today or an earlier date.")


class AnswerIsPublic(DomainError):
    message = message_id("This answer is published in the debrief. You can change it, but not withdraw it.")


class AnswersGo(DomainError):
    """A merge would hide answers."""

    message = message_id(
        "These themes already have an answer: %(themes)s. Merging withdraws their answers; undoing the merge brings"
        " them back. Merge anyway, or merge this theme into one of them."
    )


class Decision(Base):
    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), unique=True)
    status: Mapped[DecisionStatus] = mapped_column(choice(DecisionStatus))
    reason: Mapped[str] = mapped_column(Text)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_on: Mapped[date] = mapped_column(Date)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    updated_at: Mapped[datetime]

    theme: Mapped[Theme] = relationship()
    respondent: Mapped[Person] = relationship(foreign_keys=respondent_id)


def decide(
    session: Session,
    theme: Theme,
    *,
    status: DecisionStatus,
    reason: str,
    respondent: Person,
    decided_on: date,
    by: Person,
    now: datetime,
) -> Decision:
    """Record the answer to a theme, or replace it. The owner and facilitators may.

    `decided_on` is at the latest today in the time zone of `by`.
    Raises Conflict (the theme was merged away), NotARespondent, DecidedInTheFuture, EmptyText or TooLong (the reason).
    """
    lock_campaign(session, theme.campaign)
    session.refresh(theme)
    if theme.retired_at is not None:
        raise Conflict
    if respondent.id not in {person.id for person in respondents(session, theme.campaign)}:
        raise NotARespondent
    if decided_on > now.astimezone(ZoneInfo(by.timezone)).date():
        raise DecidedInTheFuture
    reason = required(reason, max_length=MAX_REASON_LENGTH)
    decision = decision_on(session, theme)
    if decision is None:
        decision = Decision(theme=theme)
        session.add(decision)
    decision.status = status
    decision.reason = reason
    decision.respondent = respondent
    decision.decided_on = decided_on
    decision.recorded_by_id = by.id
    decision.updated_at = now
    session.flush()
    return decision


def withdraw_decision(session: Session, decision: Decision, *, campaign: Campaign) -> None:
    """Delete an answer that is not published yet, with its actions.

    The owner and facilitators may. Raises AnswerIsPublic after the debrief.
    """
    lock_campaign(session, campaign)
    if campaign.debriefed_at is not None:
        raise AnswerIsPublic
    session.delete(decision)
    session.flush()


def check_answers_stay(session: Session, themes: Sequence[Theme]) -> None:
    """Raises AnswersGo, with their names, if one of these themes has an answer: a merge would hide it."""
    answered = session.scalars(
        select(Theme)
        .join(Decision, Decision.theme_id == Theme.id)
        .where(Theme.id.in_([theme.id for theme in themes]))
        .order_by(Theme.id)
    ).all()
    if answered:
        raise AnswersGo(themes=" · ".join(theme.name for theme in answered))


def decision_on(session: Session, theme: Theme) -> Decision | None:
    return session.scalar(
        select(Decision).where(Decision.theme_id == theme.id).options(joinedload(Decision.respondent))
    )


def decisions_in(session: Session, campaign: Campaign) -> dict[int, Decision]:
    """The answers to the campaign's active themes, by theme id."""
    found = session.scalars(_decisions_query(), {"campaign_id": campaign.id})
    return {decision.theme_id: decision for decision in found}


@cache  # building the query takes longer than running it
def _decisions_query() -> Select[Decision]:
    return (
        select(Decision)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(Theme.campaign_id == bindparam("campaign_id"), Theme.retired_at.is_(None))
        .options(joinedload(Decision.respondent).load_only(Person.name))
    )


def next_undecided(themes: Sequence[Theme], decided: Container[int], *, after: Theme) -> Theme | None:
    """The next theme without an answer, starting after this one and continuing at the top. None if all have one."""
    place = next((place for place, theme in enumerate(themes) if theme.id == after.id), -1)
    around = [*themes[place + 1 :], *themes[: max(place, 0)]]
    return next((theme for theme in around if theme.id not in decided), None)


def respondents(session: Session, campaign: Campaign) -> Sequence[Person]:
    """Who may be named as respondent: the owner first, then the team without observers, by name."""
    team = session.scalars(
        select(Person)
        .join(TeamMember, TeamMember.person_id == Person.id)
        .where(
            TeamMember.campaign_id == campaign.id,
            TeamMember.role.not_in([Role.PARTICIPANT, Role.OBSERVER]),
            Person.id != campaign.owner_id,
        )
        .order_by(Person.name)
    ).all()
    return [campaign.owner, *team]
