"""Decisions: one answer to each theme, with a reason and a named respondent. Published answers change by versions."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, Select, Text, bindparam, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload

from ideas.activity.activity import Verb, record
from ideas.activity.version import ChangedMeanwhile, check_unchanged, keep_version, reason_for_change
from ideas.answers.approval import ApprovalNeeded, check_approved
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, forget_actions_done, lock_campaign
from ideas.campaigns.people.team import Role, TeamMember, in_force
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.text import optional, required
from ideas.themes.theme import Theme, active_themes

if TYPE_CHECKING:
    from ideas.answers.action import Action

MAX_REASON_LENGTH = 2_000
MAX_COMMUNITY_IMPACT_LENGTH = 500


class DecisionStatus(StrEnum):
    """`PENDING`: no answer yet, with a day by which it is promised."""

    ADOPTED = "adopted"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DECLINED = "declined"
    NEEDS_MORE = "needs_more"
    PENDING = "pending"


# The answers after which nothing is left to do.
WITHOUT_ACTIONS = {DecisionStatus.DECLINED, DecisionStatus.PENDING}


class NotARespondent(DomainError):
    message = message_id("Choose someone from the campaign team.")


class DecidedInTheFuture(DomainError):
    message = message_id("Choose today or an earlier date.")


class ExpectedInThePast(DomainError):
    message = message_id("Choose a day after today for the answer.")


class AnswerIsPublic(DomainError):
    message = message_id("This answer is published in the debrief. You can change it, but not withdraw it.")


class ActionsStayOpen(DomainError):
    """An answer without actions would leave some open."""

    message = message_id("This theme has unfinished actions: %(actions)s. Tick the box to abandon them, and say why.")


class Decision(Base):
    """The answer to a theme. `published_at`: see `decide`. `expected_on`: the day of a promised answer.

    `community_impact`: what changes for the community, in words; it may be empty.
    """

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), unique=True)
    status: Mapped[DecisionStatus] = mapped_column(choice(DecisionStatus))
    reason: Mapped[str] = mapped_column(Text)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_on: Mapped[date] = mapped_column(Date)
    expected_on: Mapped[date | None] = mapped_column(Date)
    community_impact: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    theme: Mapped[Theme] = relationship()
    respondent: Mapped[Person] = relationship(foreign_keys=respondent_id)
    recorded_by: Mapped[Person] = relationship(foreign_keys=recorded_by_id)
    actions: Mapped[list["Action"]] = relationship(
        back_populates="decision", order_by="Action.due_on, Action.id", passive_deletes="all"
    )

    @property
    def is_answer(self) -> bool:
        """False while an answer is only promised."""
        return self.status is not DecisionStatus.PENDING

    @property
    def changed_since_published(self) -> bool:
        """True if there is an earlier published answer, which everyone may read: see `published_answers`."""
        return self.published_at is not None and self.updated_at > self.published_at


class WithdrawnAnswer(Base):
    """The version of the answer that was last withdrawn from a theme: the next answer's versions follow it.

    So no number ever stands for two answers, and a form that was opened on the one never overwrites the other.
    """

    __tablename__ = "withdrawn_answer"

    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]


def decide(
    session: Session,
    theme: Theme,
    *,
    status: DecisionStatus,
    reason: str,
    respondent: Person,
    decided_on: date,
    expected_on: date | None = None,
    community_impact: str | None = None,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
    abandon_reason: str | None = None,
    is_approved: bool = False,
) -> Decision:
    """Record the answer to a theme, or change it. The owner and facilitators may.

    `decided_on` is at the latest today in the time zone of `by`; an answer that is only promised has no reason, but an
    `expected_on` after today. Once the debrief is public an answer is published at once. A published answer keeps each
    version, and needs a `change_reason`; nothing is kept where nothing changed. `community_impact`: None leaves it as
    it is.
    `seen`: the version that `by` saw, 0 for none. `abandon_reason`: abandon the open actions of a theme that is
    declined; None: they are not to be abandoned. `is_approved`: a second person approves it, see `approval`.

    Raises Conflict (the theme was merged away), ChangedMeanwhile, ReasonNeeded, NotARespondent, DecidedInTheFuture,
    ExpectedInThePast, AnswerIsPublic (it can't become a promise again), ActionsStayOpen, ApprovalNeeded, EmptyText or
    TooLong.
    """
    campaign = theme.campaign
    lock_campaign(session, campaign)
    session.refresh(theme)
    if theme.retired_at is not None:
        raise Conflict
    decision = decision_on(session, theme)
    if decision is not None:
        session.refresh(decision)
    content = {
        "status": status,
        "reason": _reason(status, reason),
        "respondent_id": respondent.id,
        "decided_on": decided_on,
        "expected_on": expected_on if status is DecisionStatus.PENDING else None,
        "community_impact": _community_impact(status, community_impact, decision),
    }
    if needs_second_person(campaign, status) and not is_approved and (decision is None or _values(decision) != content):
        raise ApprovalNeeded
    if decision is None:
        return _first_answer(session, theme, content, by=by, now=now, seen=seen)
    if _values(decision) == content:
        return decision
    check_unchanged(decision, seen)
    _check(session, decision, content, today=_today(by, now))
    before, is_public = _content(decision), decision.published_at is not None
    change_reason = reason_for_change(change_reason) if is_public else ""
    _write(session, decision, content, by=by, now=now)
    if status in WITHOUT_ACTIONS:
        _abandon_actions(session, decision, reason=abandon_reason, by=by, now=now)
    if is_public:
        _keep(session, decision, reason=change_reason, by=by, now=now)
    elif campaign.debriefed_at is not None:
        _publish(session, decision, by=by, now=now)
    after = _content(decision)
    record(
        session, Verb.CHANGED, decision,
        by=by, now=now, campaign_id=campaign.id, reason=change_reason, before=before, after=after,
    )  # fmt: skip
    forget_actions_done(session, campaign)
    return decision


def needs_second_person(campaign: Campaign, status: DecisionStatus) -> bool:
    """Whether this answer would be public at once, and a second person has to approve it first."""
    is_answer = status is not DecisionStatus.PENDING
    return campaign.answers_reviewed and campaign.debriefed_at is not None and is_answer


def _first_answer(
    session: Session, theme: Theme, content: Mapping[str, Any], *, by: Person, now: datetime, seen: int | None
) -> Decision:
    if seen:
        raise ChangedMeanwhile  # the answer that they saw was withdrawn
    withdrawn = session.get(WithdrawnAnswer, theme.id, populate_existing=True)
    decision = Decision(theme=theme, version=withdrawn.version if withdrawn is not None else 0)
    _check(session, decision, content, today=_today(by, now))
    session.add(decision)
    _write(session, decision, content, by=by, now=now)
    if theme.campaign.debriefed_at is not None:
        _publish(session, decision, by=by, now=now)
    after = _content(decision)
    record(session, Verb.CREATED, decision, by=by, now=now, campaign_id=theme.campaign_id, after=after)
    return decision


def _write(session: Session, decision: Decision, content: Mapping[str, Any], *, by: Person, now: datetime) -> None:
    for name, value in content.items():
        setattr(decision, name, value)
    decision.recorded_by, decision.updated_at = by, now
    decision.version += 1
    session.flush()
    session.expire(decision, ["respondent"])


def promise_answers(
    session: Session, campaign: Campaign, *, dates: Mapping[int, date], by: Person, now: datetime
) -> Sequence[Theme]:
    """Say for these themes, by theme id, that there is no answer yet, and by which day there is one.

    The owner and facilitators may. A theme that has an answer meanwhile is left as it is. Returns the others.
    Raises ExpectedInThePast.
    """
    lock_campaign(session, campaign)
    promised = [theme for theme in unanswered(session, campaign, by=by, now=now) if theme.id in dates]
    for theme in promised:
        decide(
            session,
            theme,
            status=DecisionStatus.PENDING,
            reason="",
            respondent=campaign.owner,
            decided_on=_today(by, now),
            expected_on=dates[theme.id],
            by=by,
            now=now,
        )
    return promised


def unanswered(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> Sequence[Theme]:
    """The active themes that have neither an answer nor a day to come by which one is promised, oldest first."""
    decisions, today = decisions_in(session, campaign), _today(by, now)

    def lacks_answer(decision: Decision | None) -> bool:
        if decision is None or decision.is_answer:
            return decision is None
        return decision.expected_on is None or decision.expected_on <= today

    return [theme for theme in active_themes(session, campaign) if lacks_answer(decisions.get(theme.id))]


def publish_answers(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> None:
    """Publish the answers of the campaign's active themes, and their actions, that are not published yet.

    For whatever publishes the debrief, or brings a theme back once it is public. The caller has locked the campaign.
    Raises AnswersUnapproved where the campaign asks for a second person.
    """
    answers = (
        select(Decision)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(Theme.campaign_id == campaign.id, Theme.retired_at.is_(None), Decision.published_at.is_(None))
        .options(selectinload(Decision.actions))
        .order_by(Decision.id)
        .execution_options(populate_existing=True)
    )
    session.flush()
    waiting = session.scalars(answers).all()
    if campaign.answers_reviewed:
        check_approved(session, waiting)
    for decision in waiting:
        _publish(session, decision, by=by, now=now)
    forget_actions_done(session, campaign)


def withdraw_decision(session: Session, decision: Decision, *, campaign: Campaign, by: Person, now: datetime) -> None:
    """Delete an answer that is not published yet, with its actions.

    The owner and facilitators may. Raises AnswerIsPublic after the debrief.
    """
    lock_campaign(session, campaign)
    if campaign.debriefed_at is not None:
        raise AnswerIsPublic
    if session.get(Decision, decision.id, populate_existing=True) is None:
        return  # somebody else withdrew it at the same moment
    for action in decision.actions:
        record(session, Verb.DELETED, action, by=by, now=now, campaign_id=campaign.id, before={"title": action.title})
        session.delete(action)
    record(session, Verb.DELETED, decision, by=by, now=now, campaign_id=campaign.id, before=_content(decision))
    session.merge(WithdrawnAnswer(theme_id=decision.theme_id, version=decision.version))
    session.delete(decision)
    session.flush()


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
    """Who may be named as respondent or owner of an action: the campaign's owner first, then the team as it is now
    without observers, by name.
    """
    team = session.scalars(
        select(Person)
        .join(TeamMember, TeamMember.person_id == Person.id)
        .where(
            TeamMember.campaign_id == campaign.id,
            TeamMember.role.not_in([Role.PARTICIPANT, Role.OBSERVER]),
            Person.id != campaign.owner_id,
            in_force(),
        )
        .order_by(Person.name)
    ).all()
    return [campaign.owner, *team]


def _check(session: Session, decision: Decision, content: Mapping[str, Any], *, today: date) -> None:
    """Raises as `decide` does for what is to be written into this decision."""
    team = {person.id for person in respondents(session, decision.theme.campaign)}
    if content["respondent_id"] not in team | {decision.respondent_id}:  # who has left the team meanwhile stays named
        raise NotARespondent
    if content["decided_on"] > today:
        raise DecidedInTheFuture
    if content["status"] is DecisionStatus.PENDING:
        if content["expected_on"] is None or content["expected_on"] <= today:
            raise ExpectedInThePast
        if decision.published_at is not None and decision.is_answer:
            raise AnswerIsPublic


def _reason(status: DecisionStatus, reason: str) -> str:
    if status is DecisionStatus.PENDING:
        return optional(reason, max_length=MAX_REASON_LENGTH)
    return required(reason, max_length=MAX_REASON_LENGTH)


def _community_impact(status: DecisionStatus, given: str | None, decision: Decision | None) -> str:
    """What is to be stored. While there is no answer, nothing changes for anybody."""
    if status is DecisionStatus.PENDING:
        return ""
    if given is None:
        return decision.community_impact if decision is not None else ""
    return optional(given, max_length=MAX_COMMUNITY_IMPACT_LENGTH)


def _abandon_actions(session: Session, decision: Decision, *, reason: str | None, by: Person, now: datetime) -> None:
    """Abandon what is open of an answer without actions. Raises ActionsStayOpen, or as `abandon_action` does."""
    for action in decision.actions:
        session.refresh(action)
    remaining = [action for action in decision.actions if action.is_open]
    if remaining and reason is None:
        raise ActionsStayOpen(actions=" · ".join(action.title for action in remaining))
    for action in remaining:
        action.abandon(session, reason=reason or "", by=by, now=now)


def _publish(session: Session, decision: Decision, *, by: Person, now: datetime) -> None:
    decision.published_at = max(now, decision.updated_at)
    for action in decision.actions:
        if action.abandoned_at is None and action.published_at is None:
            action.publish(session, by=by, now=now)
    _keep(session, decision, by=by, now=now)


def _keep(session: Session, decision: Decision, *, by: Person, now: datetime, reason: str = "") -> None:
    content = _content(decision)
    keep_version(session, decision, object_id=decision.id, content=content, reason=reason, by=by, now=now)


def _values(decision: Decision) -> dict[str, Any]:
    names = ("status", "reason", "respondent_id", "decided_on", "expected_on", "community_impact")
    return {name: getattr(decision, name) for name in names}


def _content(decision: Decision) -> dict[str, Any]:
    """What a version and the activity log keep of an answer."""
    values = _values(decision)
    days = {name: values[name] and values[name].isoformat() for name in ("decided_on", "expected_on")}
    return values | days | {"status": decision.status.value, "published": decision.published_at is not None}


def _today(person: Person, now: datetime) -> date:
    """Today in the person's time zone."""
    return now.astimezone(ZoneInfo(person.timezone)).date()
