"""Support for an idea, and reactions to it: at most one of each per person and idea."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import ForeignKey, Select, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.campaigns.campaign import lock_campaign
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
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
    """One person's reaction to one idea."""

    __tablename__ = "reaction"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    emotion: Mapped[Emotion] = mapped_column(choice(Emotion))
    created_at: Mapped[datetime]


@dataclass(slots=True)
class Response:
    """Support and reactions of one idea, and those of the reader."""

    votes: int = 0
    emotions: dict[Emotion, int] = field(default_factory=dict)
    supported: bool = False
    emotion: Emotion | None = None


def cast_vote(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Support an idea of an open campaign; a second time changes nothing. Anyone signed in may, except its author.

    Raises NotVerified, VotesClosed, OwnIdea, LimitReached, NotAllowed (the idea is not public).
    """
    _hold_to_respond(session, idea, by, now)
    if session.get(Vote, (idea.id, by.id)) is None:
        spend(session, LimitedAct.RESPOND, by=by, now=now)
        added = _add_once(session, Vote(idea_id=idea.id, person_id=by.id, created_at=now))
        if added:
            record(session, Verb.SUPPORTED, idea, by=by, campaign_id=idea.campaign_id, now=now)


def withdraw_vote(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Withdraw support while the campaign is open. Raises as `cast_vote`."""
    _hold_to_respond(session, idea, by, now)
    vote = session.get(Vote, (idea.id, by.id))
    if vote is not None:
        spend(session, LimitedAct.RESPOND, by=by, now=now)
        session.delete(vote)
        record(session, Verb.UNSUPPORTED, idea, by=by, campaign_id=idea.campaign_id, now=now)
        session.flush()


def react(session: Session, idea: Idea, *, by: Person, emotion: Emotion, now: datetime) -> None:
    """React to an idea, replacing an earlier reaction; the same reaction a second time removes it.

    Raises as `cast_vote`.
    """
    _hold_to_respond(session, idea, by, now)
    spend(session, LimitedAct.RESPOND, by=by, now=now)
    reaction = session.get(Reaction, (idea.id, by.id))
    if reaction is None:
        _add_once(session, Reaction(idea_id=idea.id, person_id=by.id, emotion=emotion, created_at=now))
    elif reaction.emotion is emotion:
        session.delete(reaction)
    else:
        reaction.emotion = emotion
    record(session, Verb.REACTED, idea, by=by, campaign_id=idea.campaign_id, now=now)
    session.flush()


def responses(session: Session, ideas: Sequence[Idea], *, reader: Person | None) -> dict[int, Response]:
    """Support and reactions of each of these ideas, and those of the reader: at most four queries."""
    found = {idea.id: Response() for idea in ideas}
    asked = {"ids": list(found), "reader_id": reader.id if reader else None}
    votes, emotions, own_votes, own_emotions = _response_queries()
    for idea_id, count in session.execute(votes, asked):
        found[idea_id].votes = count
    for idea_id, emotion, count in session.execute(emotions, asked):
        found[idea_id].emotions[emotion] = count
    if reader is not None:
        for idea_id in session.scalars(own_votes, asked):
            found[idea_id].supported = True
        for idea_id, emotion in session.execute(own_emotions, asked):
            found[idea_id].emotion = emotion
    return found


@cache  # building the queries takes longer than running them
def _response_queries() -> tuple[Select[int, int], Select[int, Emotion, int], Select[int], Select[int, Emotion]]:
    """Votes and emotions of the ideas `ids` by idea, and those of `reader_id`."""
    voted = Vote.idea_id.in_(bindparam("ids", expanding=True))
    reacted = Reaction.idea_id.in_(bindparam("ids", expanding=True))
    return (
        select(Vote.idea_id, func.count()).where(voted).group_by(Vote.idea_id),
        select(Reaction.idea_id, Reaction.emotion, func.count())
        .where(reacted)
        .group_by(Reaction.idea_id, Reaction.emotion),
        select(Vote.idea_id).where(voted, Vote.person_id == bindparam("reader_id")),
        select(Reaction.idea_id, Reaction.emotion).where(reacted, Reaction.person_id == bindparam("reader_id")),
    )


def _add_once(session: Session, row: Vote | Reaction) -> bool:
    """Add the row; if the same person sent it twice at once, keep the first and return False."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def _hold_to_respond(session: Session, idea: Idea, by: Person, now: datetime) -> None:
    """Lock the campaign, then check: nobody may close it until the commit."""
    check_verified(by)
    lock_campaign(session, idea.campaign, shared=True)
    if not idea.is_public:
        raise NotAllowed
    if not idea.campaign.is_open(now):
        raise VotesClosed
    if idea.author_id == by.id:
        raise OwnIdea
