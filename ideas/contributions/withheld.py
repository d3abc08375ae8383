"""What is withheld: an idea or a comment that only its author and the campaign's team see.

Moderators hide it, ask its author to change it, or have not yet read it. A Review is the row of their queue, one for
each object. It is here so that a text can be held in the transaction that publishes it; the acts are in
`ideas.moderation`.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    column,
    exists,
    false,
    insert,
    not_,
    select,
    table,
    update,
)  # fmt: skip
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.sql.selectable import Exists

from ideas.activity.activity import Verb, record
from ideas.base import Base, UTCDateTime, choice
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import is_in_team
from ideas.contributions.authors.anonymous import unsigned_by
from ideas.organisation.blocked_words import blocked_word
from ideas.organisation.organisation import the_organisation
from ideas.people.person import Person
from ideas.people.sanction import Reason
from ideas.personal_data.personal_data import find_personal_data

MAX_SPAN_LENGTH = 500
# Their models import this module, so the tables are named here without them.
_idea = table(
    "idea", column("id"), column("author_id"), column("submitted_at"), column("withheld"),
    column("withheld_at", UTCDateTime()),
)  # fmt: skip
_comment = table("comment", column("id"), column("author_id"), column("withheld"))


class Withheld(StrEnum):
    """Why an idea or a comment is withheld."""

    WAITING = "waiting"  # until a moderator has read it
    HIDDEN = "hidden"
    CHANGE_ASKED = "change_asked"  # until its author has changed it


class ObjectKind(StrEnum):
    """What may be reported and reviewed: the names of the tables."""

    IDEA = "idea"
    COMMENT = "comment"
    PERSON = "person"


class Cause(StrEnum):
    """Why an object came to the queue last."""

    REPORTED = "reported"
    FIRST_POST = "first_post"
    BLOCKED_WORDS = "blocked_words"
    PERSONAL_DATA = "personal_data"  # in a strict campaign
    CHANGED = "changed"  # by its author, after a moderator asked for it
    FOUND = "found"  # by a moderator, with no report


class Outcome(StrEnum):
    """What became of it."""

    HIDDEN = "hidden"
    CHANGE_ASKED = "change_asked"
    CHANGED = "changed"
    RESTORED = "restored"
    REWORDED = "reworded"  # by a moderator
    FILE_TAKEN_OFF = "file_taken_off"  # by a moderator
    APPROVED = "approved"
    DISMISSED = "dismissed"
    SANCTIONED = "sanctioned"


class Review(Base):
    """One object in the queue of its campaign. `version` counts the acts: one never replaces another unseen."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("object_kind", "object_id", "campaign_id"),
        Index("ix_review_campaign_id_is_open", "campaign_id", "is_open"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    object_kind: Mapped[ObjectKind] = mapped_column(choice(ObjectKind))
    object_id: Mapped[int]
    # Who wrote it, or the person reported; None for an imported idea without an account.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    # The text as it was when it came to the queue, for the moderators; of a person, their name.
    text: Mapped[str] = mapped_column(Text)
    cause: Mapped[Cause] = mapped_column(choice(Cause))
    reason: Mapped[Reason | None] = mapped_column(choice(Reason))
    is_open: Mapped[bool] = mapped_column(default=True)
    opened_at: Mapped[datetime]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    # The last act: None until there is one. `note` and `span` are shown to the author.
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))
    note: Mapped[str] = mapped_column(Text, default="")
    # The words that break the rule, as they stand in the text.
    span: Mapped[str] = mapped_column(String(MAX_SPAN_LENGTH), default="")
    acted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acted_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()
    author: Mapped[Person | None] = relationship(foreign_keys=author_id)
    assignee: Mapped[Person | None] = relationship(foreign_keys=assignee_id)
    acted_by: Mapped[Person | None] = relationship(foreign_keys=acted_by_id)


def hold_if_needed(
    session: Session,
    row: Any,
    kind: ObjectKind,
    *,
    campaign: Campaign,
    author: Person,
    text: str,
    now: datetime,
    was_public: bool = False,
    is_trusted: bool = False,
) -> None:
    """Withhold a text that is about to be published, where a moderator has to read it first; it is then in their queue.

    A text with a blocked word; in a strict campaign, one that seems to hold personal data; and, where the organisation
    says so, the first text of a newcomer. Not those of the campaign's team and of administrators. `row`: the idea or
    comment, flushed, in the transaction that publishes it. `author`: who wrote this text; of a changed one, who
    changed it. `was_public`: it is a change of a text that was public, so it is not a first one. `is_trusted`: their
    level says so, see `ideas.recognition.level`; only personal data hold what they write.
    """
    cause = why_held(
        session, campaign=campaign, author=author, text=text, but=row, was_public=was_public, is_trusted=is_trusted
    )
    if cause is None:
        return
    row.withheld, row.withheld_at = Withheld.WAITING, now
    review = open_review(
        session, kind, row.id, campaign_id=campaign.id, cause=cause, now=now,
        reason=None, author_id=row.author_id, text=text,
    )  # fmt: skip
    session.flush()
    record(session, Verb.HELD, review, by=None, campaign_id=campaign.id, now=now, after={"cause": cause})


def why_held(
    session: Session,
    *,
    campaign: Campaign,
    author: Person,
    text: str,
    but: Any,
    was_public: bool = False,
    is_trusted: bool = False,
) -> Cause | None:
    """Why a moderator has to read this text before it is public, as `hold_if_needed` says; None where nobody has to."""
    organisation = the_organisation(session)
    if not (organisation.blocked_words or organisation.first_post_held or campaign.is_strict):
        return None
    if author.is_admin or is_in_team(session, campaign, author):
        return None
    if not is_trusted and blocked_word(text, organisation.blocked_words) is not None:
        return Cause.BLOCKED_WORDS
    if campaign.is_strict and find_personal_data(text, health=campaign.is_health):
        return Cause.PERSONAL_DATA
    if organisation.first_post_held and not (was_public or is_trusted) and is_newcomer(session, author, but=but):
        return Cause.FIRST_POST
    return None


def hold_ideas(session: Session, ideas: Sequence[Any], *, campaign_id: int, cause: Cause, now: datetime) -> None:
    """Withhold these ideas of the campaign, flushed and locked, and put all of them into its queue. Three queries."""
    known = select(Review).where(
        Review.campaign_id == campaign_id,
        Review.object_kind == ObjectKind.IDEA,
        Review.object_id.in_([idea.id for idea in ideas]),
    )
    reviews = {review.object_id: review for review in session.scalars(known.with_for_update())} if ideas else {}
    shown = _idea.c.id.in_([idea.id for idea in ideas if idea.withheld is None])
    # One statement: saving each idea would also write its line of the search index again, one by one.
    session.execute(update(_idea).where(shown).values(withheld=Withheld.WAITING.value, withheld_at=now))
    new: list[dict[str, Any]] = []
    opened = {"object_kind": ObjectKind.IDEA, "campaign_id": campaign_id, "cause": cause, "opened_at": now}
    for idea in ideas:
        facts = {"reason": None, "author_id": idea.author_id, "text": idea.text}
        if (review := reviews.get(idea.id)) is None:
            new.append(opened | facts | {"object_id": idea.id})
        else:
            _open_again(review, cause=cause, now=now, **facts)
        session.expire(idea, ["withheld", "withheld_at"])
    if new:
        session.execute(insert(Review), new)
    session.flush()


def release_ideas(session: Session, ideas: Sequence[Any], *, campaign_id: int, cause: Cause, now: datetime) -> None:
    """Publish these ideas of the campaign, flushed and locked: what they waited for is gone. Two queries.

    One that came to the queue for another cause stays there, such as one that is reported.
    """
    ids = [idea.id for idea in ideas]
    session.execute(update(_idea).where(_idea.c.id.in_(ids)).values(withheld=None, withheld_at=now))
    session.execute(
        update(Review)
        .where(
            Review.campaign_id == campaign_id,
            Review.object_kind == ObjectKind.IDEA,
            Review.object_id.in_(ids),
            Review.cause == cause,
            Review.is_open,
        )
        .values(is_open=False, version=Review.version + 1)
        .execution_options(synchronize_session="fetch")
    )
    for idea in ideas:
        session.expire(idea, ["withheld", "withheld_at"])


def is_newcomer(session: Session, person: Person, *, but: Any) -> bool:
    """True while no text of this person, beside `but`, is or was public: approving one is enough.

    Anonymous ideas count. Those that they are a co-author of do not: they may have written nothing there.
    """

    def others(of: Any) -> Exists:
        this = of.c.id == but.id if of.name == but.__tablename__ else false()
        theirs = of.c.author_id == person.id
        if of is _idea:
            theirs |= of.c.id.in_(unsigned_by(person.id))
        return exists().where(theirs, of.c.withheld.is_(None), not_(this))

    ideas = others(_idea).where(_idea.c.submitted_at.is_not(None))
    return not session.scalar(select(ideas | others(_comment)))


def review_of(session: Session, kind: ObjectKind, object_id: int, campaign_id: int) -> Review | None:
    """The review of an object, locked until the commit and read again; None where it never came to the queue."""
    return session.scalar(
        select(Review)
        .where(Review.object_kind == kind, Review.object_id == object_id, Review.campaign_id == campaign_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def open_review(
    session: Session, kind: ObjectKind, object_id: int, *, campaign_id: int, cause: Cause, now: datetime, **facts: Any
) -> Review:
    """Put an object into the queue of its campaign, or again where it was dealt with. Returns its review, locked.

    `facts`: author_id, text and reason. One that is open already stays as it is.
    """
    review = review_of(session, kind, object_id, campaign_id)
    if review is None:
        review = Review(
            object_kind=kind, object_id=object_id, campaign_id=campaign_id, cause=cause, opened_at=now, **facts
        )
        try:
            with session.begin_nested():
                session.add(review)
        except IntegrityError:  # somebody else reported it at the same moment
            return open_review(session, kind, object_id, campaign_id=campaign_id, cause=cause, now=now, **facts)
    else:
        _open_again(review, cause=cause, now=now, **facts)
    return review


def _open_again(review: Review, *, cause: Cause, now: datetime, **facts: Any) -> None:
    """Put it into the queue again, where it was dealt with."""
    if not review.is_open:
        review.is_open, review.cause, review.opened_at, review.assignee_id = True, cause, now, None
        for name, value in facts.items():
            setattr(review, name, value)
        review.version += 1
