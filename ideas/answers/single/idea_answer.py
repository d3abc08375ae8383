"""The answer to one idea itself, beside that to its theme. Its author reads it first; it has no actions of its own.

Each published text of it is a row, which never changes: a later text is another row, with a reason. Beside it there is
at most one draft, which the team alone reads: before the debrief, or until a second person approves it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, Text, UniqueConstraint, false, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.activity.version import ChangedMeanwhile, reason_for_change
from ideas.answers.approval import MAX_NAMED, AnswersUnapproved
from ideas.answers.decision import MAX_REASON_LENGTH, DecidedInTheFuture, DecisionStatus, NotARespondent, respondents
from ideas.answers.second_person import ApprovedOneself
from ideas.base import Base, choice, chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_readable, is_submitted
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import optional, required, shorten

MAX_TITLE_LENGTH = 60


class NotAnswerable(DomainError):
    message = message_id("Only an idea that everyone can read gets an answer of its own.")


class NotAnAnswer(DomainError):
    message = message_id("Choose an answer.")


class NoDraft(DomainError):
    message = message_id("This answer is published, or withdrawn. Reload the page to see how it stands.")


class AnswersOnMergedIdeas(DomainError):
    message = message_id(
        "Ideas with a draft of an answer were merged since: %(ideas)s. Answer the idea that is kept, then withdraw"
        " those drafts."
    )


class IdeaAnswer(Base):
    """One text of the answer to an idea: a draft, one that was withdrawn before anyone else read it, or a published
    one. `number` rises with each time that an answer is saved. `is_current`: it is the text that everyone reads.
    """

    __tablename__ = "idea_answer"
    __table_args__ = (
        UniqueConstraint("idea_id", "number"),
        Index(
            "uq_idea_answer_current",
            "idea_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    number: Mapped[int]
    status: Mapped[DecisionStatus] = mapped_column(choice(DecisionStatus))
    reason: Mapped[str] = mapped_column(Text)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_on: Mapped[date] = mapped_column(Date)
    # Why it replaces the published text before it.
    change_reason: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    is_current: Mapped[bool] = mapped_column(default=False, server_default=false())

    idea: Mapped[Idea] = relationship()
    respondent: Mapped[Person] = relationship(foreign_keys=respondent_id)
    recorded_by: Mapped[Person] = relationship(foreign_keys=recorded_by_id)
    approved_by: Mapped[Person | None] = relationship(foreign_keys=approved_by_id)

    @property
    def is_draft(self) -> bool:
        return self.published_at is None and self.withdrawn_at is None


def answer_idea(
    session: Session,
    idea: Idea,
    *,
    status: DecisionStatus,
    reason: str,
    respondent: Person,
    decided_on: date,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> IdeaAnswer:
    """Record the answer to an idea, or change it. The owner and facilitators may.

    Once the debrief is public it is published at once, unless a second person has to approve it. A published answer
    stays readable, and a change of it needs a `change_reason`; nothing is kept where nothing changed. `seen`: the
    number that `by` saw, 0 for none.

    Raises NotAnswerable (also where the idea is merged into another one), ChangedMeanwhile, NotAnAnswer, ReasonNeeded,
    NotARespondent, DecidedInTheFuture, EmptyText, TooLong.
    """
    campaign = idea.campaign
    lock_campaign(session, campaign)
    session.refresh(idea)
    if not idea.is_public:
        raise NotAnswerable
    texts = _texts(session, idea)
    draft = next((one for one in texts if one.is_draft), None)
    current = next((one for one in texts if one.is_current), None)
    shown, latest = draft or current, max((one.number for one in texts), default=0)
    content = {
        "status": status,
        "reason": required(reason, max_length=MAX_REASON_LENGTH),
        "respondent_id": respondent.id,
        "decided_on": decided_on,
    }
    is_published = campaign.debriefed_at is not None and not campaign.answers_reviewed
    if shown is not None and _values(shown) == content and not (is_published and shown.is_draft):
        waits = shown is draft and current is not None  # its reason may be changed as well
        if not waits or shown.change_reason == optional(change_reason, max_length=MAX_REASON_LENGTH):
            return shown
    if seen is not None and seen != (shown.number if shown is not None else 0):
        raise ChangedMeanwhile
    _check(session, campaign, content, shown, today=now.astimezone(ZoneInfo(by.timezone)).date())
    change_reason = reason_for_change(change_reason) if current is not None else ""
    before = _content(shown) if shown is not None else None
    answer = draft or IdeaAnswer(idea=idea)
    for name, value in content.items():
        setattr(answer, name, value)
    answer.number, answer.change_reason = latest + 1, change_reason
    answer.recorded_by, answer.recorded_at, answer.approved_by_id = by, now, None
    session.add(answer)
    session.flush()
    session.expire(answer, ["respondent"])
    verb = Verb.CREATED if shown is None else Verb.CHANGED
    record(
        session, verb, answer,
        by=by, now=now, campaign_id=campaign.id, reason=change_reason, before=before, after=_content(answer),
    )  # fmt: skip
    if is_published:
        _publish(session, answer, current, by=by, now=now)
    return answer


def approve_idea_answer(session: Session, idea: Idea, *, seen: int, by: Person, now: datetime) -> None:
    """Approve the draft of an answer, in the text that `by` saw; once the debrief is public, it is published with that.
    The owner and facilitators may, but not who wrote it. Raises NoDraft, ChangedMeanwhile, ApprovedOneself, and
    NotAnswerable where the idea is hidden, withdrawn or merged by now.
    """
    draft, current = _locked_draft(session, idea, seen=seen)
    session.refresh(idea)
    if not idea.is_public:
        raise NotAnswerable
    if draft.recorded_by_id == by.id:
        raise ApprovedOneself
    if draft.approved_by_id is None:
        draft.approved_by_id = by.id
        after = {"number": draft.number}
        record(session, Verb.APPROVED, draft, by=by, now=now, campaign_id=idea.campaign_id, after=after)
        session.flush()
    if idea.campaign.debriefed_at is not None:
        _publish(session, draft, current, by=by, now=now)


def withdraw_idea_answer(session: Session, idea: Idea, *, seen: int, by: Person, now: datetime) -> None:
    """Withdraw the draft of an answer: nobody but the team has read it. The owner and facilitators may.

    What is published stays. Raises NoDraft, ChangedMeanwhile.
    """
    draft, _current = _locked_draft(session, idea, seen=seen)
    draft.withdrawn_at = now
    record(session, Verb.WITHDRAWN, draft, by=by, now=now, campaign_id=idea.campaign_id, before=_content(draft))
    session.flush()


def check_idea_answers(session: Session, campaign: Campaign) -> None:
    """Before the drafts are published with the debrief. Raises AnswersOnMergedIdeas where one is on an idea that was
    merged since, and would be read by nobody, and AnswersUnapproved where one needs a second person.
    """
    merged = is_readable() & Idea.merged_into_id.is_not(None)
    if lost := _drafts(session, campaign, merged):
        raise AnswersOnMergedIdeas(ideas=_named([one.idea for one in lost]))
    if not campaign.answers_reviewed:
        return
    missing = [one.idea for one in _drafts(session, campaign, is_submitted()) if one.approved_by_id is None]
    if missing:
        raise AnswersUnapproved(themes=_named(missing))


def publish_idea_answers(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> None:
    """Publish the drafts of answers to ideas that everyone may read, with the debrief. The caller has locked the
    campaign. Raises AnswersOnMergedIdeas, AnswersUnapproved.
    """
    check_idea_answers(session, campaign)
    for draft in _drafts(session, campaign, is_submitted()):
        _publish(session, draft, None, by=by, now=now)


def texts_of(session: Session, idea: Idea) -> Sequence[IdeaAnswer]:
    """The published texts of the answer to an idea, latest first. Whoever may read the idea may read them."""
    return [one for one in _texts(session, idea) if one.published_at is not None]


def shown_answers(
    session: Session, idea_ids: Collection[int], *, as_published: bool = False
) -> Mapping[int, IdeaAnswer]:
    """The answers of these ideas that everyone reads, by idea: one query for every few hundred.

    `as_published`: as once the debrief is, for whoever may publish it.
    """
    found: dict[int, IdeaAnswer] = {}
    condition = IdeaAnswer.is_current | _is_draft() if as_published else IdeaAnswer.is_current
    for some in chunks(sorted(idea_ids)):
        named = select(IdeaAnswer).where(IdeaAnswer.idea_id.in_(some), condition)
        rows = session.scalars(named.options(joinedload(IdeaAnswer.respondent)).order_by(IdeaAnswer.is_current.desc()))
        found.update((one.idea_id, one) for one in rows)
    return found


def draft_on(session: Session, idea: Idea) -> IdeaAnswer | None:
    """The draft of the answer to an idea. The owner and facilitators may read it."""
    return session.scalar(select(IdeaAnswer).where(IdeaAnswer.idea_id == idea.id, _is_draft()))


def drafts_on_merged(session: Session, idea: Idea) -> Sequence[int]:
    """The ideas merged into this one that have a draft of an answer, which is never published. The owner and
    facilitators may know.
    """
    merged = select(IdeaAnswer.idea_id).join(IdeaAnswer.idea).where(Idea.merged_into_id == idea.id, _is_draft())
    return session.scalars(merged.order_by(IdeaAnswer.idea_id)).all()


def answered_alone(campaign: Campaign) -> ColumnElement[bool]:
    """SQL condition on Idea: it has an answer of its own; before the debrief one that will be published with it."""
    condition = IdeaAnswer.is_current if campaign.debriefed_at is not None else _is_draft()
    return Idea.id.in_(select(IdeaAnswer.idea_id).where(condition))


def answers_to_ideas(session: Session, campaign: Campaign) -> Sequence[IdeaAnswer]:
    """The answers to single ideas that everyone may read, by idea; before the debrief those that will be published with
    it. One query.
    """
    named = select(IdeaAnswer).join(IdeaAnswer.idea).where(Idea.campaign_id == campaign.id, is_submitted())
    condition = IdeaAnswer.is_current if campaign.debriefed_at is not None else _is_draft()
    options = joinedload(IdeaAnswer.idea), joinedload(IdeaAnswer.respondent)
    return session.scalars(named.where(condition).options(*options).order_by(IdeaAnswer.idea_id)).all()


def _named(ideas: Sequence[Idea]) -> str:
    named = [f"{idea.id} · {shorten(idea.title or idea.body, MAX_TITLE_LENGTH)}" for idea in ideas[:MAX_NAMED]]
    return "; ".join(named) + ("; …" if len(ideas) > MAX_NAMED else "")


def _drafts(session: Session, campaign: Campaign, which: ColumnElement[bool]) -> Sequence[IdeaAnswer]:
    """The drafts on these ideas of a campaign, with the ideas."""
    named = select(IdeaAnswer).join(IdeaAnswer.idea).where(Idea.campaign_id == campaign.id, which)
    session.flush()
    ordered = named.where(_is_draft()).options(joinedload(IdeaAnswer.idea)).order_by(IdeaAnswer.id)
    return session.scalars(ordered.execution_options(populate_existing=True)).all()


def _is_draft() -> ColumnElement[bool]:
    return IdeaAnswer.published_at.is_(None) & IdeaAnswer.withdrawn_at.is_(None)


def _texts(session: Session, idea: Idea) -> Sequence[IdeaAnswer]:
    """All that was saved, latest first."""
    named = select(IdeaAnswer).where(IdeaAnswer.idea_id == idea.id).order_by(IdeaAnswer.number.desc())
    people = joinedload(IdeaAnswer.respondent), joinedload(IdeaAnswer.recorded_by)
    return session.scalars(named.options(*people).execution_options(populate_existing=True)).all()


def _locked_draft(session: Session, idea: Idea, *, seen: int) -> tuple[IdeaAnswer, IdeaAnswer | None]:
    lock_campaign(session, idea.campaign)
    texts = _texts(session, idea)
    draft = next((one for one in texts if one.is_draft), None)
    if draft is None:
        raise NoDraft
    if draft.number != seen:
        raise ChangedMeanwhile
    return draft, next((one for one in texts if one.is_current), None)


def _publish(session: Session, answer: IdeaAnswer, current: IdeaAnswer | None, *, by: Person, now: datetime) -> None:
    """Have everyone read it, in place of the current one, which stays readable as an earlier text."""
    if current is not None:
        current.is_current = False
        session.flush()
    answer.published_at, answer.is_current = now, True
    session.flush()
    after = {"idea_id": answer.idea_id, "changed": current is not None}
    record(
        session, Verb.PUBLISHED, answer,
        by=by, now=now, campaign_id=answer.idea.campaign_id, reason=answer.change_reason, after=after,
    )  # fmt: skip


def _check(
    session: Session, campaign: Campaign, content: Mapping[str, Any], shown: IdeaAnswer | None, *, today: date
) -> None:
    if content["status"] is DecisionStatus.PENDING:
        raise NotAnAnswer
    team = {person.id for person in respondents(session, campaign)}
    named = {shown.respondent_id} if shown is not None else set()  # who has left the team meanwhile stays named
    if content["respondent_id"] not in team | named:
        raise NotARespondent
    if content["decided_on"] > today:
        raise DecidedInTheFuture


def _values(answer: IdeaAnswer) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in ("status", "reason", "respondent_id", "decided_on")}


def _content(answer: IdeaAnswer) -> dict[str, Any]:
    """What the activity log keeps of an answer."""
    values = _values(answer)
    days = {"decided_on": answer.decided_on.isoformat(), "status": answer.status.value}
    return values | days | {"idea_id": answer.idea_id, "published": answer.published_at is not None}
