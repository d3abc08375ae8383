"""Actions: what the organisation commits to after a decision, and their progress. A published one is never deleted."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Select, String, Text, bindparam, func, select, text
from sqlalchemy.orm import Mapped, Session, foreign, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.sql.base import ExecutableOption

from ideas.activity.activity import Verb, record
from ideas.activity.version import MAX_REASON_LENGTH, ReasonNeeded, Version, keep_version
from ideas.answers.actions.evidence import Evidence, EvidenceFile
from ideas.answers.actions.milestone import Milestone, progress_of
from ideas.answers.actions.versions import ActionUpdate, updates_of
from ideas.answers.decision import WITHOUT_ACTIONS, Decision, DecisionStatus, respondents
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, forget_actions_done, lock_campaign
from ideas.errors import DeletedMeanwhile, DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, optional, required
from ideas.themes.theme import Theme

MAX_TITLE_LENGTH = 160
MAX_IMPACT_LENGTH = 500
COMPLETE = 100
# Of its evidence, beside the action; all of it has a page of its own.
MAX_LATEST_EVIDENCE = 3


class NothingToDo(DomainError):
    message = message_id("A declined theme has no actions. Change the answer first.")


class AnswerFirst(DomainError):
    message = message_id("This theme has no answer yet. Answer it before you add an action.")


class NotAnActionOwner(DomainError):
    message = message_id("Choose someone from the campaign team.")


class AbandonReasonNeeded(ReasonNeeded):
    message = message_id("Say why you abandon this action. Everyone can read the reason.")


class ReopenReasonNeeded(ReasonNeeded):
    message = message_id("This action was published as done. Say why you reopen it: everyone can read the reason.")


class ActionIsPublic(DomainError):
    message = message_id("This action is published. You can’t delete it, but you can abandon it and say why.")


class ActionIsAbandoned(DomainError):
    message = message_id("This action is abandoned. Add a new action instead.")


class ActionIsDone(DomainError):
    message = message_id("This action is done. You can’t abandon it.")


class ProgressOfMilestones(DomainError):
    message = message_id("The milestones say how far this action is. Enter 100 once it is done.")


class Action(Base):
    """What somebody is to do by a day. Once published it is done, or abandoned with a public reason, or open.

    `versions`: what it said since it was published, each time that this changed, oldest first. Its progress is none.
    """

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("done_at IS NULL OR abandoned_at IS NULL", name="done_or_abandoned"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    impact: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date] = mapped_column(Date)
    progress: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    abandoned_at: Mapped[datetime | None]
    abandoned_reason: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    decision: Mapped[Decision] = relationship(back_populates="actions")
    owner: Mapped[Person] = relationship()
    versions: Mapped[list[Version]] = relationship(
        primaryjoin=lambda: (foreign(Version.object_id) == Action.id) & (Version.object_kind == Action.__tablename__),
        order_by=Version.number,
        viewonly=True,
    )
    milestones: Mapped[list[Milestone]] = relationship(
        back_populates="action",
        order_by=[Milestone.due_on, Milestone.id],
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    # Oldest first. Only a published action has any.
    evidence: Mapped[list[Evidence]] = relationship(
        back_populates="action", order_by=Evidence.id, cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def updates(self) -> list[ActionUpdate]:
        """What happened to it since it was published, oldest first. Whoever may read it may read them."""
        return updates_of(self.versions)

    @property
    def latest_evidence(self) -> list[Evidence]:
        """The evidence that is shown beside the action, oldest first."""
        return self.evidence[-MAX_LATEST_EVIDENCE:]

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.abandoned_at is None

    def is_overdue(self, today: date) -> bool:
        return self.is_open and today > self.due_on

    def publish(self, session: Session, *, by: Person, now: datetime) -> None:
        """Make it public, for whatever publishes its answer. What it says is kept as its first version."""
        self.published_at = now
        session.flush()
        self.keep(session, by=by, now=now)
        for milestone in self.milestones:
            milestone.keep(session, by=by, now=now)

    def keep(self, session: Session, *, by: Person, now: datetime, reason: str = "") -> None:
        """Keep what a published action says now as the version of its number. Before that nothing is kept."""
        if self.published_at is not None:
            content = self._content()
            keep_version(session, self, object_id=self.id, content=content, reason=reason, by=by, now=now)

    def _content(self) -> dict[str, Any]:
        ends = {name: getattr(self, name) for name in ("done_at", "abandoned_at")}
        return {
            "title": self.title,
            "impact": self.impact,
            "owner_id": self.owner_id,
            "due_on": self.due_on.isoformat(),
            **{name: at and at.isoformat() for name, at in ends.items()},
        }

    def abandon(self, session: Session, *, reason: str, by: Person, now: datetime) -> None:
        """Mark an open action as abandoned, for `abandon_action` and `decide`. Raises as the first does."""
        if not reason.strip():
            raise AbandonReasonNeeded
        self.abandoned_at, self.abandoned_reason = now, required(reason, max_length=MAX_REASON_LENGTH)
        self.version += 1
        self.keep(session, reason=self.abandoned_reason, by=by, now=now)
        record(
            session,
            Verb.ABANDONED,
            self,
            by=by,
            now=now,
            campaign_id=self.decision.theme.campaign_id,
            reason=self.abandoned_reason,
            after={"title": self.title, "progress": self.progress, "published": self.published_at is not None},
        )


def commit_to(
    session: Session,
    decision: Decision,
    *,
    title: str,
    impact: str,
    owner: Person,
    due_on: date,
    by: Person,
    now: datetime,
) -> Action:
    """Add an action to a decision; it is published at once if the decision is. The owner and facilitators may.

    Raises NothingToDo (declined), AnswerFirst (pending), NotAnActionOwner, EmptyText or TooLong.
    """
    campaign = _lock(session, decision)
    if decision.status in WITHOUT_ACTIONS:
        raise NothingToDo if decision.status is DecisionStatus.DECLINED else AnswerFirst
    if owner.id not in {person.id for person in respondents(session, campaign)}:
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
    session.flush()
    if decision.published_at is not None:
        action.publish(session, by=by, now=now)
    after = {
        "title": action.title,
        "owner_id": owner.id,
        "due_on": due_on,
        "published": action.published_at is not None,
    }
    record(session, Verb.CREATED, action, by=by, now=now, campaign_id=campaign.id, after=after)
    forget_actions_done(session, campaign)
    return action


def report_progress(
    session: Session, action: Action, *, progress: int, reason: str = "", by: Person, now: datetime
) -> None:
    """Record the progress of an action, in percent; at 100 it is done. The owner and facilitators may.

    To reopen a published action that was done needs a reason, since everyone saw it as done: they read both.
    An action with milestones is as far as they say: for it one only says that it is done, or not done after all.
    Raises ActionIsAbandoned, NothingToDo (reopened, although its theme was declined since), ProgressOfMilestones,
    ReopenReasonNeeded, TooLong.
    """
    campaign = lock_action(session, action)
    progress = min(COMPLETE, max(0, progress))
    if action.abandoned_at is not None:
        raise ActionIsAbandoned
    if action.progress == progress:
        return
    reopened = action.done_at is not None
    if reopened and action.decision.status in WITHOUT_ACTIONS:
        raise NothingToDo
    counted = progress_of(action.milestones)
    if counted is not None and progress < COMPLETE:
        if not reopened:
            raise ProgressOfMilestones
        progress = counted
    if reopened and action.published_at is not None:
        if not reason.strip():
            raise ReopenReasonNeeded
        reason = required(reason, max_length=MAX_REASON_LENGTH)
    before, action.progress = action.progress, progress
    action.done_at = now if progress == COMPLETE else None
    if reopened or action.done_at is not None or action.published_at is None:
        # Before it is public too: a publication that was confirmed is looked at again.
        action.version += 1
        action.keep(session, reason=reason if reopened else "", by=by, now=now)
    record(
        session,
        Verb.COMPLETED if action.done_at else Verb.RESTARTED if reopened else Verb.PROGRESSED,
        action,
        by=by,
        now=now,
        campaign_id=campaign.id,
        reason=reason if reopened else "",
        before={"progress": before},
        after={"title": action.title, "progress": progress, "published": action.published_at is not None},
    )
    forget_actions_done(session, campaign)


def count_milestones(action: Action) -> None:
    """Set the progress of an open action to what its milestones say. For whatever changes one.

    Before the action is public, its version changes too: a publication that was confirmed is looked at again.
    """
    counted = progress_of(action.milestones)
    if action.published_at is None:
        action.version += 1
    if counted is not None and action.is_open:
        action.progress = counted


def abandon_action(session: Session, action: Action, *, reason: str, by: Person, now: datetime) -> None:
    """Say that an action will not be done, and why: everyone reads it. The owner and facilitators may.

    It stays in the debrief, and counts as promised and not delivered. Raises AbandonReasonNeeded, TooLong,
    ActionIsDone, ActionIsAbandoned.
    """
    campaign = lock_action(session, action)
    if action.abandoned_at is not None:
        raise ActionIsAbandoned
    if action.done_at is not None:
        raise ActionIsDone
    action.abandon(session, reason=reason, by=by, now=now)
    forget_actions_done(session, campaign)


def drop_action(session: Session, action: Action, *, by: Person, now: datetime) -> None:
    """Delete an action that is not published yet. The owner and facilitators may. Raises ActionIsPublic."""
    campaign = lock_action(session, action)
    if action.published_at is not None:
        raise ActionIsPublic
    record(session, Verb.DELETED, action, by=by, now=now, campaign_id=campaign.id, before={"title": action.title})
    session.delete(action)
    session.flush()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How many of the published actions of a campaign are done and abandoned; the others are still open."""

    promised: int = 0
    done: int = 0
    abandoned: int = 0


def delivery_of(actions: Iterable[Action]) -> Delivery:
    """What was promised and delivered, counted among these actions."""
    published = [action for action in actions if action.published_at is not None]
    return Delivery(
        promised=len(published),
        done=sum(action.done_at is not None for action in published),
        abandoned=sum(action.abandoned_at is not None for action in published),
    )


def deliveries(session: Session, decision_ids: Collection[int]) -> dict[int, Delivery]:
    """What was promised and delivered with each of these decisions, by its id, where something was. One query."""
    if not decision_ids:
        return {}
    found = (
        select(Action.decision_id, func.count(), func.count(Action.done_at), func.count(Action.abandoned_at))
        .where(Action.decision_id.in_(set(decision_ids)), Action.published_at.is_not(None))
        .group_by(Action.decision_id)
    )
    return {decision_id: Delivery(*numbers) for decision_id, *numbers in session.execute(found)}


def delivery(session: Session, campaign: Campaign) -> Delivery:
    """What the campaign promised and delivered, with the actions of themes that were merged away since."""
    promised, done, abandoned = session.execute(_delivery_query(), {"campaign_id": campaign.id}).one()
    return Delivery(promised=promised, done=done, abandoned=abandoned)


@cache  # building the query takes longer than running it
def _delivery_query() -> Select[int, int, int]:
    return (
        select(func.count(), func.count(Action.done_at), func.count(Action.abandoned_at))
        .select_from(Action)
        .join(Decision, Decision.id == Action.decision_id)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(Theme.campaign_id == bindparam("campaign_id"), Action.published_at.is_not(None))
    )


def with_history() -> list[ExecutableOption]:
    """Options that load what happened to actions: versions, milestones with theirs, evidence with its files."""
    evidence = selectinload(Action.evidence)
    return [
        selectinload(Action.versions),
        selectinload(Action.milestones).selectinload(Milestone.versions),
        evidence.joinedload(Evidence.added_by).load_only(Person.name),
        evidence.selectinload(Evidence.files).options(joinedload(EvidenceFile.file), joinedload(EvidenceFile.small)),
    ]


def action_with_history(session: Session, action_id: int) -> Action:
    """An action with its owner, its theme and what happened to it, for a page of its own. A constant number of queries.

    The caller has checked who may read it.
    """
    return session.scalars(
        select(Action)
        .where(Action.id == action_id)
        .options(joinedload(Action.owner), joinedload(Action.decision).joinedload(Decision.theme), *with_history())
    ).one()


def actions_on(session: Session, decision: Decision) -> Sequence[Action]:
    """The actions of a decision, by due date."""
    return session.scalars(
        select(Action)
        .where(Action.decision_id == decision.id)
        .options(joinedload(Action.owner), *with_history())
        .order_by(Action.due_on, Action.id)
    ).all()


def actions_in(session: Session, campaign: Campaign) -> dict[int, list[Action]]:
    """The campaign's actions by theme id, by due date within each; those of themes that were merged away too."""
    by_theme: dict[int, list[Action]] = {}
    for theme_id, action in session.execute(_actions_query(), {"campaign_id": campaign.id}):
        by_theme.setdefault(theme_id, []).append(action)
    return by_theme


@cache  # building the query takes longer than running it
def _actions_query() -> Select[int, Action]:
    return (
        select(Decision.theme_id, Action)
        .join(Decision, Decision.id == Action.decision_id)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(Theme.campaign_id == bindparam("campaign_id"))
        .options(joinedload(Action.owner).load_only(Person.name), *with_history())
        .order_by(Action.due_on, Action.id)
    )


def lock_action(session: Session, action: Action) -> Campaign:
    """Lock the campaign of an action until the commit, and read the action again. For whatever changes one.

    Raises DeletedMeanwhile: one that is not public can be deleted.
    """
    campaign = _lock(session, action.decision)
    if session.get(Action, action.id, populate_existing=True) is None:
        raise DeletedMeanwhile
    return campaign


def _lock(session: Session, decision: Decision) -> Campaign:
    """Lock the campaign of a decision until the commit, and read the decision again. Raises DeletedMeanwhile."""
    campaign = decision.theme.campaign
    lock_campaign(session, campaign)
    if session.get(Decision, decision.id, populate_existing=True) is None:
        raise DeletedMeanwhile
    return campaign
