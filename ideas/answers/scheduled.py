"""A debrief is published as it was read: at once, or by itself at an hour that was chosen.

Whoever publishes or schedules it has read who will be told what. The text, the answers, the actions and the themes are
then confirmed as they are: once one of them changes, the debrief stays a draft until somebody confirms it again.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.activity.version import ChangedMeanwhile
from ideas.answers.action import Action
from ideas.answers.approval import AnswersUnapproved
from ideas.answers.debriefs.debrief import (
    AlreadyPublished,
    Debrief,
    NotClosedYet,
    NothingDecided,
    NothingWritten,
    ThemesUnanswered,
    check_publishable,
    publish_debrief,
)
from ideas.answers.decision import Decision, unanswered
from ideas.answers.single.idea_answer import AnswersOnMergedIdeas, IdeaAnswer
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import Act, may, role_of
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.people.sanction import sanction_in_force
from ideas.themes.theme import Theme

MAX_AHEAD = timedelta(days=366)
MAX_CODE_LENGTH = 40


class HourNeeded(DomainError):
    message = message_id("Choose the day and the hour of the publication.")


class PublicationInThePast(DomainError):
    message = message_id("This time has passed. Choose a later one, or publish the debrief now.")


class PublicationTooFar(DomainError):
    message = message_id("Choose a time within a year from now.")


class PromisedSooner(DomainError):
    """Themes whose answer is promised by a day that has come when the debrief is to be published."""

    message = message_id(
        "Themes whose answer is promised for that day or an earlier one: %(count)s. Choose an earlier time, answer "
        "them or promise a later day."
    )


class ConfirmedOtherwise(ChangedMeanwhile):
    message = message_id(
        "The text, an answer, an action or a theme changed since it was read. Read it again, then confirm it."
    )


class MayNotPublish(DomainError):
    message = message_id(
        "The person who scheduled it may no longer publish it. Someone else of the campaign team must confirm it."
    )


# Why a scheduled debrief stays a draft, by the code that is stored.
REFUSALS: dict[str, type[DomainError]] = {
    kind.__name__: kind
    for kind in (
        AnswersOnMergedIdeas, AnswersUnapproved, ConfirmedOtherwise, MayNotPublish, NotClosedYet, NothingDecided,
        NothingWritten, ThemesUnanswered,
    )
}  # fmt: skip


class DebriefSchedule(Base):
    """When a debrief is published. `stamp`: stands for what was confirmed; `told`: how many were to be told then.

    `refused_at`: when it was not published, for the reason `refusal`; nothing happens before it is confirmed again.
    """

    __tablename__ = "debrief_schedule"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    publish_at: Mapped[datetime] = mapped_column(index=True)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]
    stamp: Mapped[str] = mapped_column(String(64))
    told: Mapped[int] = mapped_column(default=0)
    refused_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(String(MAX_CODE_LENGTH), default="", server_default=text("''"))
    refusal_values: Mapped[dict[str, Any]] = mapped_column(default=dict)

    set_by: Mapped[Person] = relationship()

    @property
    def error(self) -> DomainError | None:
        """Why it was not published, as the error of the rule."""
        kind = REFUSALS.get(self.refusal)
        return kind(**self.refusal_values) if kind is not None else None


def confirmed_stamp(session: Session, campaign: Campaign) -> str:
    """Stands for what a publication would make public now: it changes with the text, an answer, an action, a theme."""
    of_campaign = Theme.campaign_id == campaign.id
    active = of_campaign & Theme.retired_at.is_(None)
    content = [
        _rows(session, select(Debrief.version).where(Debrief.campaign_id == campaign.id)),
        _rows(session, select(Theme.id, Theme.version).where(active).order_by(Theme.id)),
        _rows(
            session,
            select(Decision.id, Decision.version)
            .join(Theme, Theme.id == Decision.theme_id)
            .where(of_campaign)
            .order_by(Decision.id),
        ),
        _rows(
            session,
            select(Action.id, Action.version)
            .join(Decision, Decision.id == Action.decision_id)
            .join(Theme, Theme.id == Decision.theme_id)
            .where(of_campaign)
            .order_by(Action.id),
        ),
        _rows(
            session,
            select(IdeaAnswer.id, IdeaAnswer.number, IdeaAnswer.withdrawn_at.is_not(None))
            .join(Idea, Idea.id == IdeaAnswer.idea_id)
            .where(Idea.campaign_id == campaign.id)
            .order_by(IdeaAnswer.id),
        ),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def schedule_of(session: Session, campaign: Campaign) -> DebriefSchedule | None:
    """When the debrief is to be published, or why it was not. None once it is. Whoever may publish it may read it."""
    return session.get(DebriefSchedule, campaign.id) if campaign.debriefed_at is None else None


def publish_as_read(session: Session, debrief: Debrief, *, seen: str, by: Person, now: datetime) -> None:
    """Publish the debrief at once. `seen`: the stamp of what `by` read and confirms.

    Raises ConfirmedOtherwise, and what `publish_debrief` raises.
    """
    lock_campaign(session, debrief.campaign)
    session.refresh(debrief)
    try:
        _check_as_read(session, debrief.campaign, seen)
    except ConfirmedOtherwise:
        check_publishable(session, debrief, by=by, now=now)  # what it lacks is said first
        raise
    publish_debrief(session, debrief, by=by, now=now)


def schedule_publication(
    session: Session, debrief: Debrief, *, publish_at: datetime | None, seen: str, told: int, by: Person, now: datetime
) -> DebriefSchedule:
    """Publish the debrief at this instant, or at another one than before. Whoever may publish it may.

    `seen`: the stamp of what `by` read and confirms; `told`: how many people they saw that it tells.
    Raises HourNeeded, PublicationInThePast, PublicationTooFar, PromisedSooner (it would fail at its hour),
    ConfirmedOtherwise, and what `publish_debrief` raises.
    """
    campaign = debrief.campaign
    lock_campaign(session, campaign)
    session.refresh(debrief)
    if publish_at is None:
        raise HourNeeded
    if publish_at <= now:
        raise PublicationInThePast
    if publish_at > now + MAX_AHEAD:
        raise PublicationTooFar
    check_publishable(session, debrief, by=by, now=now)
    without_answer = unanswered(session, campaign, by=by, now=publish_at)
    if without_answer:
        raise PromisedSooner(count=len(without_answer))
    _check_as_read(session, campaign, seen)
    row = session.get(DebriefSchedule, campaign.id, populate_existing=True)
    before = {"publish_at": row.publish_at} if row is not None else None
    if row is None:
        row = DebriefSchedule(campaign_id=campaign.id)
        session.add(row)
    row.publish_at, row.stamp, row.told = publish_at, seen, told
    row.set_by_id, row.set_at = by.id, now
    row.refused_at, row.refusal, row.refusal_values = None, "", {}
    session.flush()
    verb = Verb.CHANGED if before else Verb.CREATED
    after = {"publish_at": publish_at, "told": told}
    record(session, verb, row, by=by, now=now, campaign_id=campaign.id, before=before, after=after)
    return row


def cancel_publication(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> bool:
    """Cancel the scheduled publication. Whoever may publish it may. False where nothing was scheduled."""
    lock_campaign(session, campaign)
    row = session.get(DebriefSchedule, campaign.id, populate_existing=True)
    if row is None:
        return False
    before = {"publish_at": row.publish_at}
    record(session, Verb.DELETED, row, by=by, now=now, campaign_id=campaign.id, before=before)
    session.delete(row)
    session.flush()
    return True


def publish_scheduled(session: Session, *, now: datetime) -> int:
    """Publish the debriefs whose time has come, in the caller's transaction. Returns how many. For the worker.

    One that can't be published, or is not what was confirmed, stays a draft: the owner and who scheduled it are told
    why, from the log, once.
    """
    due = select(DebriefSchedule.campaign_id).where(
        DebriefSchedule.publish_at <= now, DebriefSchedule.refused_at.is_(None)
    )
    published = 0
    for campaign_id in session.scalars(due.order_by(DebriefSchedule.publish_at, DebriefSchedule.campaign_id)).all():
        campaign = session.get_one(Campaign, campaign_id)
        lock_campaign(session, campaign)
        row = session.get(DebriefSchedule, campaign_id, populate_existing=True)
        if row is None or row.refused_at is not None or row.publish_at > now:
            continue  # somebody changed it meanwhile
        try:
            with session.begin_nested():
                _publish(session, campaign, row, now=now)
        except AlreadyPublished:  # by hand
            session.delete(row)
            session.flush()
        except DomainError as error:
            _refuse(session, row, error, now=now)
        else:
            published += 1
    return published


def _check_as_read(session: Session, campaign: Campaign, seen: str) -> None:
    if confirmed_stamp(session, campaign) != seen:
        raise ConfirmedOtherwise


def _publish(session: Session, campaign: Campaign, row: DebriefSchedule, *, now: datetime) -> None:
    by, debrief = row.set_by, session.get(Debrief, campaign.id, populate_existing=True)
    if debrief is None:
        raise NothingWritten
    if debrief.published_at is not None:
        raise AlreadyPublished
    role = role_of(session, campaign, by)
    may_publish = by.erased_at is None and may(role, Act.PUBLISH, is_admin=by.is_admin)
    if not may_publish or sanction_in_force(session, by, campaign.id, now=now) is not None:
        raise MayNotPublish
    _check_as_read(session, campaign, row.stamp)
    publish_debrief(session, debrief, by=by, now=now)
    session.delete(row)
    session.flush()


def _refuse(session: Session, row: DebriefSchedule, error: DomainError, *, now: datetime) -> None:
    row.refused_at, row.refusal = now, type(error).__name__[:MAX_CODE_LENGTH]
    row.refusal_values = {name: value for name, value in error.values.items() if isinstance(value, str | int)}
    session.flush()
    after = {"refusal": row.refusal, "values": row.refusal_values, "set_by_id": row.set_by_id}
    record(session, Verb.DECLINED, row, by=None, now=now, campaign_id=row.campaign_id, after=after)


def _rows(session: Session, query: Any) -> Sequence[list[Any]]:
    return [list(row) for row in session.execute(query)]
