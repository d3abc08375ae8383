"""Clarifications: the team asks the author of an idea, who answers the team, and may add both to the idea's page.

The author of an anonymous idea is asked and told as any other, and stays unknown: the row names them, as that of an
objection does, and nothing that is shown or logged reads it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Select, Text, false, select, text
from sqlalchemy.orm import Mapped, Session, contains_eager, joinedload, mapped_column, relationship, selectinload

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import lock_campaign
from ideas.contributions.authors.writer import is_author_of
from ideas.contributions.idea import Idea, actor, idea_visible_to, is_author, is_readable
from ideas.contributions.withheld import why_held
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.people.person import Person, is_here
from ideas.people.sanction import check_may_write
from ideas.personal_data.personal_data import check_personal_data
from ideas.text import required

MAX_QUESTION_LENGTH = 500
MAX_ANSWER_LENGTH = 2_000
MAX_LISTED = 100
# From then on a question without an answer is marked as late, for all who manage its campaign.
LATE = timedelta(days=7)


class NobodyToAsk(DomainError):
    message = message_id("The author of this idea has no account here, so nobody would get your question.")


class AskedOneself(DomainError):
    message = message_id("This idea is yours. You can’t ask yourself.")


class AlreadyAsked(DomainError):
    message = message_id("The author has not answered the last question yet. Wait for the answer before you ask again.")


class AnsweredAlready(Conflict):
    message = message_id("You have answered this question already.")


class NotForEveryone(DomainError):
    """A moderator would have to read the text before everyone does."""

    message = message_id(
        "A moderator would have to read this text first, so it can’t be added to the page. Send it to the team alone."
    )


class Clarification(Base):
    """A question of the team to the author of an idea. `shown_at`: the author added it, with the answer, to the page.

    `taken_off_by_team`: it was there, and the team took it off again; only who wrote the answer may do so else.
    """

    __tablename__ = "clarification"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    question: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    answered_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    taken_off_by_team: Mapped[bool] = mapped_column(default=False, server_default=false())

    idea: Mapped[Idea] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)

    def is_late(self, now: datetime) -> bool:
        """True where the author has not answered for a week."""
        return self.answered_at is None and now - self.asked_at > LATE


def ask_author(session: Session, idea: Idea, *, question: str, by: Person, now: datetime) -> Clarification:
    """Ask the author of an idea. From the activity log, they are told. Those who manage the campaign may.

    One question at a time waits for its answer. Raises NotAllowed (the idea is withdrawn or withheld), NobodyToAsk,
    AskedOneself, AlreadyAsked, EmptyText, TooLong.
    """
    question = required(question, max_length=MAX_QUESTION_LENGTH)
    lock_campaign(session, idea.campaign)
    session.refresh(idea)
    if not idea.is_readable:
        raise NotAllowed
    author_id = _author_of(session, idea)
    if author_id is None:
        raise NobodyToAsk
    if author_id == by.id:
        raise AskedOneself
    waiting = (Clarification.idea_id == idea.id) & Clarification.answered_at.is_(None)
    if session.scalar(select(Clarification.id).where(waiting).limit(1)) is not None:
        raise AlreadyAsked
    asked = Clarification(
        campaign_id=idea.campaign_id, idea=idea, person_id=author_id, asked_by_id=by.id, question=question, asked_at=now
    )
    session.add(asked)
    session.flush()
    record(session, Verb.REQUESTED, asked, by=by, campaign_id=idea.campaign_id, after={"idea_id": idea.id}, now=now)
    return asked


def answer_clarification(
    session: Session, asked: Clarification, *, answer: str, shown: bool, by: Person, now: datetime, kept: str = ""
) -> None:
    """Answer the team's question. From the activity log, whoever asked is told. Only the author of the idea may.

    `shown`: question and answer are added to the idea's page, for everyone who reads it; `kept`: the personal data that
    the author keeps there knowingly. Raises NotAllowed, AnsweredAlready, Suspended or Banned, EmptyText, TooLong,
    PersonalDataFound, NotForEveryone.
    """
    idea = asked.idea
    if not is_asked(asked, by):
        raise NotAllowed
    check_may_write(session, by, asked.campaign_id, now=now)
    answer = required(answer, max_length=MAX_ANSWER_LENGTH)
    lock_campaign(session, idea.campaign)
    session.refresh(asked)
    if asked.answered_at is not None:
        raise AnsweredAlready
    if shown:
        check_personal_data([answer], health=idea.campaign.is_health, kept=kept)
        if why_held(session, campaign=idea.campaign, author=by, text=answer, but=asked) is not None:
            raise NotForEveryone
    asked.answer, asked.answered_at, asked.shown_at = answer, now, now if shown else None
    after = {"idea_id": idea.id, "shown": shown}
    record(session, Verb.COMPLETED, asked, by=actor(idea, by), campaign_id=idea.campaign_id, after=after, now=now)
    session.flush()


def take_off_own(session: Session, asked: Clarification, *, by: Person, now: datetime) -> None:
    """Take one's answer off the page of the idea again; the team still reads it. Only the author may."""
    if not is_asked(asked, by):
        raise NotAllowed
    _take_off(session, asked, by=actor(asked.idea, by), now=now, reason="")


def take_off(session: Session, asked: Clarification, *, reason: str, by: Person, now: datetime) -> None:
    """Take an answer off the page of an idea, with a reason. From the log, its author is told. Moderators may.

    Raises EmptyText, TooLong.
    """
    reason = required(reason, max_length=MAX_QUESTION_LENGTH)
    lock_campaign(session, asked.idea.campaign)
    session.refresh(asked)
    if asked.shown_at is None:  # somebody was first, and who that was stays so
        return
    asked.taken_off_by_team = True
    _take_off(session, asked, by=by, now=now, reason=reason)


def _take_off(session: Session, asked: Clarification, *, by: Person | None, now: datetime, reason: str) -> None:
    if asked.shown_at is None:
        return
    asked.shown_at = None
    after = {"idea_id": asked.idea_id}
    record(session, Verb.REMOVED, asked, by=by, campaign_id=asked.campaign_id, reason=reason, after=after, now=now)
    session.flush()


def clarifications_on(
    session: Session, ideas: Collection[int], *, reader: Person | None, is_team: bool
) -> Sequence[Clarification]:
    """The clarifications of an idea and of those merged into it that the reader may read, oldest first: the team and
    the author all of them, everyone else those that the author added to the page. Two queries.
    """
    of_them = selectinload(Clarification.idea)
    query = select(Clarification).where(Clarification.idea_id.in_(ideas)).options(of_them)
    if not is_team:
        own: ColumnElement[bool] = Clarification.person_id == (reader.id if reader is not None else 0)
        is_public = Clarification.shown_at.is_not(None) & Clarification.idea.has(Idea.withheld.is_(None))
        query = query.where(own | is_public)
    return session.scalars(query.order_by(Clarification.id)).all()


def waiting_for_authors(session: Session, campaigns: Collection[int]) -> Sequence[Clarification]:
    """The questions in these campaigns that no author has answered, oldest first. Those who manage them may read them.

    Without those to who is no longer the author, or whose account is gone: nobody could answer. One query.
    """
    return session.scalars(
        _waiting()
        .join(Person, Person.id == Clarification.person_id)
        .where(Clarification.campaign_id.in_(campaigns), is_here())
        .options(joinedload(Clarification.asked_by))
    ).all()


def questions_to(session: Session, person: Person) -> Sequence[Clarification]:
    """The questions that wait for this person's answer, oldest first. Only they may read them. One query."""
    return session.scalars(_waiting().where(Clarification.person_id == person.id, idea_visible_to(person))).all()


def _waiting() -> Select[Clarification]:
    return (
        select(Clarification)
        .join(Idea, Idea.id == Clarification.idea_id)
        .where(Clarification.answered_at.is_(None), is_readable(), is_author_of(Idea, Clarification.person_id))
        .options(contains_eager(Clarification.idea).options(joinedload(Idea.campaign), joinedload(Idea.merged_into)))
        .order_by(Clarification.asked_at, Clarification.id)
        .limit(MAX_LISTED)
    )


def is_asked(asked: Clarification, person: Person | None) -> bool:
    """Whether the question is to this person: who wrote the idea when it was asked, and still is its author."""
    return person is not None and asked.person_id == person.id and is_author(asked.idea, person)


def _author_of(session: Session, idea: Idea) -> int | None:
    """The account of the author, also of an anonymous idea; None where there is none."""
    hidden = idea.anonymous_author if idea.is_anonymous else None
    person_id = hidden.person_id if hidden is not None else idea.author_id
    return session.scalar(select(Person.id).where(Person.id == person_id, is_here())) if person_id else None
