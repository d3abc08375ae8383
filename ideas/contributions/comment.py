"""Comments on an idea."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.campaigns.team import in_team_of
from ideas.contributions.idea import MAX_KEY_LENGTH, Idea, bound_key
from ideas.contributions.withheld import ObjectKind, Withheld, hold_if_needed
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.sanction import check_may_write
from ideas.personal_data.personal_data import check_personal_data
from ideas.text import required

MAX_BODY_LENGTH = 2_000


class CommentsClosed(DomainError):
    message = message_id("Comments are closed because the debrief is published.")


class IdeaNotPublic(NotAllowed):
    """Only its author and the team find such an idea: a draft, or a withdrawn one."""

    message = message_id("This idea is not published. Publish it first, then comment on it.")


class CommentedOtherwise(DomainError):
    message = message_id("Your comment is already published with another text. To add this one too, publish it.")


class Comment(Base):
    __tablename__ = "comment"
    __table_args__ = (
        Index("uq_comment_author_id_form_key", "author_id", "form_key", unique=True),
        # Lists count the comments that are shown, of thousands of ideas: without this, each comment would be read.
        Index("ix_comment_idea_id_shown", "idea_id", "withdrawn_at", "withheld"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    # By moderation: see ideas.contributions.withheld.
    withheld: Mapped[Withheld | None] = mapped_column(choice(Withheld))
    withheld_at: Mapped[datetime | None]
    # When its text changed: by its author, as a moderator asked, or by a moderator.
    changed_at: Mapped[datetime | None]
    # How many texts it has had: see ideas.activity.version.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    # Created with the empty form, so that a comment that is sent again, because no answer came, is one.
    form_key: Mapped[str | None] = mapped_column(String(MAX_KEY_LENGTH))

    author: Mapped[Person] = relationship()
    idea: Mapped[Idea] = relationship()


def add_comment(
    session: Session,
    idea: Idea,
    *,
    author: Person,
    body: str,
    now: datetime,
    form_key: str | None = None,
    kept: str = "",
) -> Comment:
    """Add a comment to an idea, from the opening to the debrief. Anyone signed in may. It may be held: see `withheld`.

    A comment on a merged idea goes to the one that it is merged into.
    With a `form_key` that was used before, the comment that was added with it is returned unchanged.
    `kept`: the personal data that the author keeps knowingly: see `check_personal_data`.

    Raises NotVerified, EmptyText, TooLong, PersonalDataFound, CommentsClosed, LimitReached, SanctionInForce,
    IdeaNotPublic, or CommentedOtherwise (the key was used before for another text).
    """
    check_verified(author)
    lock_campaign(session, idea.campaign, shared=True)  # its debrief must not be published before the commit
    session.refresh(idea, ["merged_into_id", "merged_into"])  # a merge may have come before the lock
    idea = idea.kept
    if not idea.is_public:
        raise IdeaNotPublic
    if idea.campaign.state(now) not in {State.OPEN, State.CLOSED, State.UNDER_REVIEW}:
        raise CommentsClosed
    body = required(body, max_length=MAX_BODY_LENGTH)
    if (sent := _by_form_key(session, idea, author, form_key)) is not None:
        return _same(sent, body)
    check_may_write(session, author, idea.campaign_id, now=now)
    check_personal_data([body], health=idea.campaign.is_health, kept=kept)
    spend(session, LimitedAct.COMMENT, by=author, now=now)
    comment = Comment(idea=idea, author=author, body=body, created_at=now, form_key=_bound(idea, form_key))
    try:
        with session.begin_nested():
            session.add(comment)
    except IntegrityError:  # the same form was sent twice at once, and the other request came first
        first = _by_form_key(session, idea, author, form_key)
        if first is None:
            raise
        return _same(first, body)
    record(session, Verb.ADDED, comment, by=author, campaign_id=idea.campaign_id, now=now)
    session.flush()
    hold_if_needed(session, comment, ObjectKind.COMMENT, campaign=idea.campaign, author=author, text=body, now=now)
    return comment


def _same(comment: Comment, body: str) -> Comment:
    """The comment that the form added before. Raises CommentedOtherwise for another text: it must not be lost."""
    if comment.body != body:
        raise CommentedOtherwise
    return comment


def _by_form_key(session: Session, idea: Idea, author: Person, form_key: str | None) -> Comment | None:
    if not form_key:
        return None
    key = _bound(idea, form_key)
    return session.scalar(select(Comment).where(Comment.author_id == author.id, Comment.form_key == key))


def _bound(idea: Idea, form_key: str | None) -> str | None:
    return bound_key(form_key, use="comment", place=idea.id)


def withdraw_comment(session: Session, comment: Comment, *, by: Person, now: datetime) -> None:
    """Withdraw a comment. Only its author may. A second time changes nothing. Raises NotAllowed."""
    if comment.author_id != by.id:
        raise NotAllowed
    if comment.withdrawn_at is None:
        comment.withdrawn_at = now
        record(session, Verb.WITHDRAWN, comment, by=by, campaign_id=comment.idea.campaign_id, now=now)


def is_shown() -> ColumnElement[bool]:
    """SQL condition: the comment counts and everyone may read it: it is neither withdrawn nor withheld."""
    return Comment.withdrawn_at.is_(None) & Comment.withheld.is_(None)


def comment_visible_to(person: Person | None) -> ColumnElement[bool]:
    """SQL condition: who may read the idea may read this comment on it. Lists and single rows ask it.

    Everyone reads a comment that is shown; its author and the campaign's team, with administrators, also a withheld
    one.
    """
    if person is None:
        return is_shown()
    if person.is_admin:
        return Comment.withdrawn_at.is_(None)
    of_team = select(Idea.id).join(Campaign, Campaign.id == Idea.campaign_id).where(in_team_of(person))
    return Comment.withdrawn_at.is_(None) & (
        Comment.withheld.is_(None) | (Comment.author_id == person.id) | Comment.idea_id.in_(of_team)
    )


def comments_on(session: Session, idea: Idea, *, reader: Person | None = None) -> Sequence[Comment]:
    """The comments that the reader may read on an idea, with those on what is merged into it, and their authors.

    Oldest first.
    """
    parts = select(Idea.id).where((Idea.id == idea.id) | (Idea.merged_into_id == idea.id))
    return session.scalars(
        select(Comment)
        .where(Comment.idea_id.in_(parts), comment_visible_to(reader))
        .options(joinedload(Comment.author))
        .order_by(Comment.id)
    ).all()


def comment_counts(session: Session, ideas: Sequence[Idea]) -> dict[int, int]:
    """How many comments each of these ideas has, with those on the ideas merged into it."""
    rows = session.execute(_counts_query(), {"ids": [idea.id for idea in ideas]})
    return dict(rows.all())


@cache  # building the query takes longer than running it
def _counts_query() -> Select[int, int]:
    ids: BindParameter[list[int]] = bindparam("ids", expanding=True)
    shown = union_all(
        select(Comment.idea_id.label("idea_id")).where(Comment.idea_id.in_(ids), is_shown()),
        select(Idea.merged_into_id)
        .join(Comment, Comment.idea_id == Idea.id)
        .where(Idea.merged_into_id.in_(ids), is_shown()),
    ).subquery()
    return select(shown.c.idea_id, func.count()).group_by(shown.c.idea_id)
