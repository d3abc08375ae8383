"""Support for an idea, and the emotion it calls up: one of each per person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.person import Person


class Emotion(StrEnum):
    JOY = "joy"
    HOPE = "hope"
    GRATITUDE = "gratitude"
    SURPRISE = "surprise"
    WORRY = "worry"
    ANGER = "anger"


class VotesClosed(DomainError):
    message = message_id("You can only support ideas while the campaign is open.")


class OwnIdea(DomainError):
    message = message_id("You can’t support your own idea.")


class Vote(Base):
    """One person's support for one idea."""

    __tablename__ = "vote"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime]


class Reaction(Base):
    """One person's emotion about one idea."""

    __tablename__ = "reaction"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    emotion: Mapped[Emotion] = mapped_column(choice(Emotion))
    created_at: Mapped[datetime]


@dataclass(slots=True)
class Response:
    """How people answered an idea: support, emotions, and what the reader gave."""

    votes: int = 0
    emotions: dict[Emotion, int] = field(default_factory=dict)
    supported: bool = False
    emotion: Emotion | None = None


def cast_vote(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Support an idea of an open campaign; again changes nothing. Anyone signed in may, but the author.

    Raises VotesClosed, OwnIdea, NotAllowed (the idea is not public).
    """
    _check_may_respond(idea, by, now)
    if session.get(Vote, (idea.id, by.id)) is None:
        _add_once(session, Vote(idea_id=idea.id, person_id=by.id, created_at=now))


def withdraw_vote(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Take support back while the campaign is open. Raises as `cast_vote`."""
    _check_may_respond(idea, by, now)
    session.execute(delete(Vote).where(Vote.idea_id == idea.id, Vote.person_id == by.id))


def react(session: Session, idea: Idea, *, by: Person, emotion: Emotion, now: datetime) -> None:
    """Say which emotion the idea calls up, replacing an earlier one; the same again takes it back.

    Raises as `cast_vote`.
    """
    _check_may_respond(idea, by, now)
    reaction = session.get(Reaction, (idea.id, by.id))
    if reaction is None:
        _add_once(session, Reaction(idea_id=idea.id, person_id=by.id, emotion=emotion, created_at=now))
    elif reaction.emotion is emotion:
        session.delete(reaction)
    else:
        reaction.emotion = emotion
    session.flush()


def responses(session: Session, ideas: Sequence[Idea], *, reader: Person | None) -> dict[int, Response]:
    """How people answered each of these ideas, and what the reader gave: four queries, whatever their number."""
    ids = [idea.id for idea in ideas]
    found = {idea_id: Response() for idea_id in ids}
    for idea_id, count in session.execute(
        select(Vote.idea_id, func.count()).where(Vote.idea_id.in_(ids)).group_by(Vote.idea_id)
    ):
        found[idea_id].votes = count
    for idea_id, emotion, count in session.execute(
        select(Reaction.idea_id, Reaction.emotion, func.count())
        .where(Reaction.idea_id.in_(ids))
        .group_by(Reaction.idea_id, Reaction.emotion)
    ):
        found[idea_id].emotions[emotion] = count
    if reader is not None:
        for idea_id in session.scalars(select(Vote.idea_id).where(Vote.person_id == reader.id, Vote.idea_id.in_(ids))):
            found[idea_id].supported = True
        for reaction in session.scalars(
            select(Reaction).where(Reaction.person_id == reader.id, Reaction.idea_id.in_(ids))
        ):
            found[reaction.idea_id].emotion = reaction.emotion
    return found


def _add_once(session: Session, given: Vote | Reaction) -> None:
    """Where the same person answers twice at once, the first answer stands."""
    try:
        with session.begin_nested():
            session.add(given)
    except IntegrityError:
        return


def _check_may_respond(idea: Idea, by: Person, now: datetime) -> None:
    if not idea.is_public:
        raise NotAllowed
    if not idea.campaign.is_open(now):
        raise VotesClosed
    if idea.author_id == by.id:
        raise OwnIdea
