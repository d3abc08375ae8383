"""Support for an idea, and reactions to it: at most one of each per person and idea.

An idea into which others are merged has theirs too, those of each person once. They stay where they are: see
`ideas.contributions.merged`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    ForeignKey,
    Select,
    bindparam,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.phases.phase import PhaseAct
from ideas.contributions.authors.anonymous import AnonymousAuthor, unsigned_by
from ideas.contributions.authors.co_author import CoAuthor, co_authored_by
from ideas.contributions.authors.writer import wrote
from ideas.contributions.idea import Idea, is_readable
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


class VotesClosedInPhase(VotesClosed):
    message = message_id("This phase of the campaign takes no support.")


class NoSupportLeft(DomainError):
    message = message_id("You have no support left in this campaign. Take one back, then support this idea.")


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
    """Support and reactions of one idea, and those of the reader. `own`: they wrote it, or an idea merged into it."""

    votes: int = 0
    emotions: dict[Emotion, int] = field(default_factory=dict)
    supported: bool = False
    emotion: Emotion | None = None
    own: bool = False


def cast_vote(session: Session, idea: Idea, *, by: Person, now: datetime, more: int = 0) -> None:
    """Support an idea of an open campaign; a second time changes nothing. Anyone signed in may, except its authors.

    Support for a merged idea goes to the one that it is merged into. `more`: see `supports_left`.
    Raises NotVerified, VotesClosed, OwnIdea, LimitReached, NoSupportLeft, NotAllowed (the idea is not public).
    """
    idea = _hold_to_respond(session, idea, by, now)
    if not _given(session, Vote, idea, by):
        # This locks the person's count until the commit: of two requests at once, the second counts after the first.
        spend(session, LimitedAct.RESPOND, by=by, now=now)
        if _given(session, Vote, idea, by):  # by a request that came first, such as of a double click
            return
        if supports_left(session, idea.campaign, by, more=more) == 0:
            raise NoSupportLeft
        added = _add_once(session, Vote(idea_id=idea.id, person_id=by.id, created_at=now))
        if added:
            record(session, Verb.SUPPORTED, idea, by=by, campaign_id=idea.campaign_id, now=now)


def withdraw_vote(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Withdraw support while the campaign is open, also that for ideas merged into it.

    Also from one's own idea: one supported it before an idea of one's own was merged into it. Raises NotVerified,
    VotesClosed, LimitReached, NotAllowed (the idea is not public).
    """
    idea = _hold_to_respond(session, idea, by, now, own_too=True)
    votes = _given(session, Vote, idea, by)
    if votes:
        spend(session, LimitedAct.RESPOND, by=by, now=now)
        for vote in votes:
            session.delete(vote)
        record(session, Verb.UNSUPPORTED, idea, by=by, campaign_id=idea.campaign_id, now=now)
        session.flush()


def supports_left(session: Session, campaign: Campaign, person: Person | None, *, more: int = 0) -> int | None:
    """How many more ideas the person may support in a campaign. None where there is no such limit. One query at most.

    `more`: how many more than others their level gives: `ideas.recognition.level.more_supports`.

    Computed from the ideas that they support now: one that is withdrawn or hidden takes none, and two that are merged
    take one.
    """
    if campaign.supports_each is None or person is None:
        return None
    counted = func.coalesce(Idea.merged_into_id, Idea.id)
    given = (
        select(func.count(func.distinct(counted)))
        .join(Vote, Vote.idea_id == Idea.id)
        .where(Vote.person_id == person.id, Idea.campaign_id == campaign.id, is_readable())
    )
    return max(0, campaign.supports_each + more - (session.scalar(given) or 0))


def react(session: Session, idea: Idea, *, by: Person, emotion: Emotion, now: datetime) -> None:
    """React to an idea, replacing an earlier reaction; the same reaction a second time removes it.

    An earlier reaction to an idea merged into it stays there and no longer counts. Raises as `cast_vote`.
    """
    idea = _hold_to_respond(session, idea, by, now)
    spend(session, LimitedAct.RESPOND, by=by, now=now)
    given = _given(session, Reaction, idea, by)
    if given and given[0].emotion is emotion:  # the one that counts
        for reaction in given:
            session.delete(reaction)
    elif given and given[0].idea_id == idea.id:
        given[0].emotion = emotion
    else:
        _add_once(session, Reaction(idea_id=idea.id, person_id=by.id, emotion=emotion, created_at=now))
    record(session, Verb.REACTED, idea, by=by, campaign_id=idea.campaign_id, now=now)
    session.flush()


def responses(session: Session, ideas: Sequence[Idea], *, reader: Person | None) -> dict[int, Response]:
    """Support and reactions of each of these ideas with what is merged into it, and those of the reader.

    At most four queries.
    """
    found = {idea.id: Response() for idea in ideas}
    asked = {"ids": list(found), "reader_id": reader.id if reader else None}
    votes, emotions, own_votes, own_emotions = _response_queries()
    for idea_id, count in session.execute(votes, asked):
        found[idea_id].votes = count
    for idea_id, emotion, count in session.execute(emotions, asked):
        found[idea_id].emotions[emotion] = count
    if reader is not None:
        for idea in ideas:
            found[idea.id].own = idea.author_id == reader.id
        for idea_id, is_vote in session.execute(own_votes, asked):
            if is_vote:
                found[idea_id].supported = True
            else:
                found[idea_id].own = True
        for idea_id, emotion in session.execute(own_emotions, asked):
            found[idea_id].emotion = emotion
    return found


@cache  # as `_response_queries`
def merged_votes() -> Select[int | None, int]:
    """Kept idea and person, for each vote on a merged idea that counts beside those on the kept one.

    Not of who supports the kept idea itself; and one of each person.
    """
    part, other = aliased(Idea), aliased(Idea)
    earlier, kept = aliased(Vote), aliased(Vote)
    again = exists().where(
        other.merged_into_id == part.merged_into_id,
        earlier.idea_id == other.id,
        earlier.person_id == Vote.person_id,
        earlier.idea_id < Vote.idea_id,
    )
    on_kept = exists().where(kept.idea_id == part.merged_into_id, kept.person_id == Vote.person_id)
    return (
        select(part.merged_into_id.label("idea_id"), Vote.person_id.label("person_id"))
        .join(Vote, Vote.idea_id == part.id)
        .where(part.merged_into_id.is_not(None), ~again, ~on_kept)
    )


@cache  # as `_response_queries`
def merged_reactions() -> Select[int | None, int, Emotion]:
    """Kept idea, person and emotion, for each reaction to a merged idea that counts beside those to the kept one.

    Not of who reacted to the kept idea itself; of one person's others, that to the oldest idea.
    """
    part, other = aliased(Idea), aliased(Idea)
    earlier, kept = aliased(Reaction), aliased(Reaction)
    again = exists().where(
        other.merged_into_id == part.merged_into_id,
        earlier.idea_id == other.id,
        earlier.person_id == Reaction.person_id,
        earlier.idea_id < Reaction.idea_id,
    )
    on_kept = exists().where(kept.idea_id == part.merged_into_id, kept.person_id == Reaction.person_id)
    return (
        select(part.merged_into_id.label("idea_id"), Reaction.person_id.label("person_id"), Reaction.emotion)
        .join(Reaction, Reaction.idea_id == part.id)
        .where(part.merged_into_id.is_not(None), ~again, ~on_kept)
    )


@cache  # building the queries takes longer than running them
def _response_queries() -> tuple[Select[Any], Select[Any], CompoundSelect[Any], Select[Any]]:
    """Votes and emotions of the ideas `ids` by idea; what `reader_id` supports (1) or wrote (0); their emotions."""
    ids: BindParameter[list[int]] = bindparam("ids", expanding=True)
    reader_id: BindParameter[int] = bindparam("reader_id")
    voted, reacted = Vote.idea_id.in_(ids), Reaction.idea_id.in_(ids)
    more_votes, more_reactions = merged_votes().subquery(), merged_reactions().subquery()
    votes = union_all(
        select(Vote.idea_id.label("idea_id"), Vote.person_id.label("person_id")).where(voted),
        select(more_votes).where(more_votes.c.idea_id.in_(ids)),
    ).subquery()
    reactions = union_all(
        select(Reaction.idea_id.label("idea_id"), Reaction.person_id.label("person_id"), Reaction.emotion).where(
            reacted
        ),
        select(more_reactions).where(more_reactions.c.idea_id.in_(ids)),
    ).subquery()
    written = Idea.merged_into_id.in_(ids) & wrote(Idea, reader_id)
    joined = co_authored_by(reader_id).where(CoAuthor.idea_id.in_(ids))
    return (
        select(votes.c.idea_id, func.count()).group_by(votes.c.idea_id),
        select(reactions.c.idea_id, reactions.c.emotion, func.count()).group_by(
            reactions.c.idea_id, reactions.c.emotion
        ),
        union_all(
            select(votes.c.idea_id, literal(1)).where(votes.c.person_id == reader_id),
            select(Idea.merged_into_id, literal(0)).where(written),
            joined.add_columns(literal(0)),
            unsigned_by(reader_id).where(AnonymousAuthor.idea_id.in_(ids)).add_columns(literal(0)),
        ),
        select(reactions.c.idea_id, reactions.c.emotion).where(reactions.c.person_id == reader_id),
    )


def _add_once(session: Session, row: Vote | Reaction) -> bool:
    """Add the row; if the same person sent it twice at once, keep the first and return False."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def _given(session: Session, model: type[Any], idea: Idea, by: Person) -> Sequence[Any]:
    """The person's votes or reactions for the idea and for those merged into it, the one that counts first."""
    parts = select(Idea.id).where((Idea.id == idea.id) | (Idea.merged_into_id == idea.id))
    found = select(model).where(model.idea_id.in_(parts), model.person_id == by.id)
    return session.scalars(found.order_by((model.idea_id == idea.id).desc(), model.idea_id)).all()


def _hold_to_respond(session: Session, idea: Idea, by: Person, now: datetime, *, own_too: bool = False) -> Idea:
    """Lock the campaign, then check: nobody may close it or merge ideas until the commit. Returns the kept idea.

    `own_too`: its authors may, too.
    """
    check_verified(by)
    lock_campaign(session, idea.campaign, shared=True)
    session.refresh(idea, ["merged_into_id", "merged_into"])  # a merge may have come before the lock
    idea = idea.kept
    if not idea.is_public:
        raise NotAllowed
    if not idea.campaign.is_open(now):
        raise VotesClosed
    if not idea.campaign.takes(PhaseAct.SUPPORT, now):
        raise VotesClosedInPhase
    if own_too:
        return idea
    parts = (Idea.id == idea.id) | (Idea.merged_into_id == idea.id)
    if session.scalar(select(Idea.id).where(parts, wrote(Idea, by.id)).limit(1)) is not None:
        raise OwnIdea
    return idea
