"""Splitting an idea that asks for two things: a part of its text becomes an idea of its own, by the same author.

No word is added: the new idea is a part of the text, and the idea keeps the rest. Both name each other, and the split
can be undone.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.activity.version import Version, reason_for_change
from ideas.base import MAX_ID
from ideas.campaigns.campaign import lock_campaign
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.co_author import CoAuthor
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import add_values, values_of
from ideas.contributions.idea import Idea, ask_for_places, is_readable
from ideas.contributions.vote import Reaction, Vote
from ideas.errors import Conflict, DomainError, message_id
from ideas.moderation.acts.change import closed_up, set_text
from ideas.moderation.review import SpanNotFound
from ideas.people.person import Person
from ideas.text import clean


class SplittingClosed(DomainError):
    message = message_id("The debrief is published. Ideas can no longer be split.")


class NotToSplit(DomainError):
    message = message_id("Only a public idea can be split.")


class NothingLeft(DomainError):
    message = message_id("This is the whole idea. Leave the words that stay in it.")


class ChangedSince(Conflict):
    message = message_id(
        "One of the two ideas was changed, withdrawn, supported or commented on since,"
        " so they can’t be put together again."
    )


def split_idea(session: Session, idea: Idea, *, part: str, by: Person, reason: str, now: datetime) -> Idea:
    """Make a new idea of `part` of the text, by the same people. Whoever moderates the campaign may, until the debrief.

    The earlier text stays readable. Votes and comments stay with the idea. Its author is told.
    Raises SplittingClosed, NotToSplit, SpanNotFound, NothingLeft, ReasonNeeded, TooLong.
    """
    reason, part = reason_for_change(reason), clean(part)
    _begin(session, idea)
    if not idea.is_public:
        raise NotToSplit
    rest = _rest(idea.body, part)
    if not rest:
        raise NothingLeft
    new = Idea(
        campaign_id=idea.campaign_id, author_id=idea.author_id, author_name=idea.author_name, body=part,
        question=idea.question, lang=idea.lang, import_id=idea.import_id, split_from_id=idea.id,
        written_by_id=idea.written_by_id,
        created_at=now, updated_at=now, submitted_at=now,
    )  # fmt: skip
    session.add(new)
    session.flush()
    # What its author gave in the form's fields is about them, or about both parts.
    add_values(session, {new.id: values_of(session, idea.id)})
    set_text(session, idea, title=idea.title, body=rest, by=by, reason=reason, now=now)
    if (hidden := idea.anonymous_author) is not None:
        new.is_anonymous, new.anonymous_author = True, AnonymousAuthor(person_id=hidden.person_id)
    for one in idea.co_authors:
        session.add(CoAuthor(idea_id=new.id, person_id=one.person_id, state=one.state, invited_at=now, changed_at=now))
    address = session.get(ImportedAddress, idea.id)
    if address is not None:
        session.add(ImportedAddress(idea_id=new.id, email=address.email, agreed=address.agreed))
    ask_for_places(session, idea.campaign, now=now)
    after = {"idea_id": new.id, "version": idea.version}
    record(session, Verb.SPLIT, idea, by=by, campaign_id=idea.campaign_id, reason=reason, after=after, now=now)
    session.flush()
    return new


def undo_split(session: Session, new: Idea, *, by: Person, now: datetime) -> Idea:
    """Give the idea its text back and withdraw the one that was split from it. Whoever moderates the campaign may.

    Returns the idea that has the whole text again. Its author is told. Raises SplittingClosed or ChangedSince.
    """
    origin = session.get(Idea, new.split_from_id) if new.split_from_id is not None else None
    if origin is None:
        raise ChangedSince
    _begin(session, new, origin)
    number = _version_of_split(session, origin, new)
    earlier = session.scalar(
        select(Version).where(
            Version.object_kind == Idea.__tablename__, Version.object_id == origin.id, Version.number == number - 1
        )
    )
    untouched = new.version == 1 and origin.version == number and new.is_readable and origin.is_readable
    if earlier is None or not untouched or _has_responses(session, new):
        raise ChangedSince
    set_text(session, origin, title=origin.title, body=earlier.content["body"], by=by, now=now)
    new.withdrawn_at = now
    ask_for_places(session, origin.campaign, now=now)
    record(session, Verb.UNDONE, new, by=by, campaign_id=new.campaign_id, after={"idea_id": origin.id}, now=now)
    session.flush()
    return origin


def split_from(session: Session, idea: Idea) -> Sequence[Idea]:
    """The public ideas that were split from this one, oldest first."""
    return session.scalars(select(Idea).where(Idea.split_from_id == idea.id, is_readable()).order_by(Idea.id)).all()


def _rest(text: str, part: str) -> str:
    """The text without this part, with one gap in place of two. Raises SpanNotFound."""
    before, after = _around(text, part)
    ends = (before[len(before.rstrip()) :], after[: len(after) - len(after.lstrip())])
    gap = "\n" * max(end.count("\n") for end in ends) or " "
    return closed_up(f"{before.rstrip()}{gap}{after.lstrip()}").lstrip(" \n.,;:")


def _around(text: str, part: str) -> tuple[str, str]:
    """What is before and after the first place of this part that cuts no word. Raises SpanNotFound."""
    start = text.find(part) if part else -1
    while start >= 0:
        end = start + len(part)
        if not _is_within_word(text, start) and not _is_within_word(text, end):
            return text[:start], text[end:]
        start = text.find(part, start + 1)
    raise SpanNotFound


def _is_within_word(text: str, place: int) -> bool:
    return text[place - 1 : place].isalnum() and text[place : place + 1].isalnum()


def _version_of_split(session: Session, origin: Idea, new: Idea) -> int:
    """The version of the text that the split left, from the activity log; a number that no text has without one."""
    acts = select(Activity.after).where(
        Activity.object_kind == Idea.__tablename__, Activity.object_id == origin.id, Activity.verb == Verb.SPLIT
    )
    return next((act["version"] for act in session.scalars(acts) if act and act.get("idea_id") == new.id), MAX_ID)


def _has_responses(session: Session, idea: Idea) -> bool:
    """True where somebody supports the idea, reacted to it or commented on it, or an idea is merged into it."""
    given = (
        exists().where(Vote.idea_id == idea.id),
        exists().where(Reaction.idea_id == idea.id),
        exists().where(Comment.idea_id == idea.id),
        exists().where(Idea.merged_into_id == idea.id),
    )
    return bool(session.scalar(select(or_(*given))))


def _begin(session: Session, *ideas: Idea) -> None:
    lock_campaign(session, ideas[0].campaign)
    for idea in ideas:
        session.refresh(idea, with_for_update={"of": Idea})
    if ideas[0].campaign.debriefed_at is not None:
        raise SplittingClosed
