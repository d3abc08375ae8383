"""Comments on an idea, and one level of replies to them.

What people read together is in `ideas.contributions.talk`.
"""

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
    false,
    func,
    select,
    text,
    union_all,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged, keep_version
from ideas.base import MAX_ID, Base, choice
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.campaigns.people.team import in_team_of, is_in_team
from ideas.campaigns.phases.phase import PhaseAct
from ideas.contributions.idea import MAX_KEY_LENGTH, Idea, bound_key
from ideas.contributions.talk.mention import note_mentions
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


class CommentsClosedInPhase(CommentsClosed):
    message = message_id("This phase of the campaign takes no comments.")


class IdeaNotPublic(NotAllowed):
    """Only its author and the team find such an idea: a draft, or a withdrawn one."""

    message = message_id("This idea is not published. Publish it first, then comment on it.")


class ReplyGone(DomainError):
    message = message_id("The comment that you reply to is no longer shown. You can publish yours as a new comment.")


class CommentWithheld(NotAllowed):
    message = message_id("A moderator deals with this comment, so you can’t edit it now. It says below how to go on.")


class CommentedOtherwise(DomainError):
    message = message_id("Your comment is already published with another text. To add this one too, publish it.")


class Comment(Base):
    __tablename__ = "comment"
    __table_args__ = (
        Index("uq_comment_author_id_form_key", "author_id", "form_key", unique=True),
        # Most comments are neither: SQLite would look up all of them by an index of all.
        Index(
            "ix_comment_reply_to_id",
            "reply_to_id",
            sqlite_where=text("reply_to_id IS NOT NULL"),
            postgresql_where=text("reply_to_id IS NOT NULL"),
        ),
        Index(
            "ix_comment_is_question",
            "idea_id",
            sqlite_where=text("is_question"),
            postgresql_where=text("is_question"),
        ),
        # Lists count the comments that are shown, of thousands of ideas: without this, each comment would be read.
        Index("ix_comment_idea_id_shown", "idea_id", "withdrawn_at", "withheld"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    # The comment that it replies to, which is no reply itself.
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    # Its author asks the campaign's team: see ideas.contributions.talk.question.
    is_question: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Its author was in the campaign's team when it was published. An answer stays one when they leave the team.
    by_team: Mapped[bool] = mapped_column(default=False, server_default=false())
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
    reply_to: Mapped["Comment | None"] = relationship(remote_side="Comment.id")

    @property
    def is_shown(self) -> bool:
        """True for a comment that everyone may read who may read its idea."""
        return self.withdrawn_at is None and self.withheld is None


def add_comment(
    session: Session,
    idea: Idea,
    *,
    author: Person,
    body: str,
    now: datetime,
    form_key: str | None = None,
    kept: str = "",
    reply_to: Comment | None = None,
    is_question: bool = False,
    is_trusted: bool = False,
) -> Comment:
    """Add a comment to an idea, from the opening to the debrief. Anyone signed in may. It may be held: see `withheld`.

    A comment on a merged idea goes to the one that it is merged into; a reply stays with the comment that it is to. A
    reply to a reply is one to the comment above it. Who is not in the team may mark a new comment as a question to it.
    With a `form_key` that was used before, the comment that was added with it is returned unchanged.
    `kept`: the personal data that the author keeps knowingly: see `check_personal_data`. `is_trusted`: see
    `hold_if_needed`.

    Raises NotVerified, EmptyText, TooLong, PersonalDataFound, CommentsClosed, LimitReached, SanctionInForce,
    IdeaNotPublic, ReplyGone, or CommentedOtherwise (the key was used before for another text).
    """
    check_verified(author)
    idea = _hold_to_comment(session, idea, now=now)
    body = required(body, max_length=MAX_BODY_LENGTH)
    if (sent := _by_form_key(session, idea, author, form_key)) is not None:
        return _same(sent, body)
    above = _above(session, reply_to)
    _check_phase(session, idea, by=author, now=now)
    check_may_write(session, author, idea.campaign_id, now=now)
    check_personal_data([body], health=idea.campaign.is_health, kept=kept)
    spend(session, LimitedAct.COMMENT, by=author, now=now)
    by_team = is_in_team(session, idea.campaign, author)
    comment = Comment(
        idea=above.idea if above is not None else idea,
        author=author,
        body=body,
        created_at=now,
        form_key=_bound(idea, form_key),
        reply_to=above,
        is_question=is_question and above is None and not by_team,
        by_team=by_team,
    )
    try:
        with session.begin_nested():
            session.add(comment)
    except IntegrityError:  # the same form was sent twice at once, and the other request came first
        first = _by_form_key(session, idea, author, form_key)
        if first is None:
            raise
        return _same(first, body)
    note_mentions(session, comment.id, comment.idea, body=body, by=author)
    record(session, Verb.ADDED, comment, by=author, campaign_id=idea.campaign_id, now=now)
    session.flush()
    hold_if_needed(
        session, comment, ObjectKind.COMMENT, campaign=idea.campaign, author=author, text=body, now=now,
        is_trusted=is_trusted,
    )  # fmt: skip
    return comment


def _hold_to_comment(session: Session, idea: Idea, *, now: datetime) -> Idea:
    """Lock the campaign: its debrief must not be published before the commit. Returns the kept idea.

    Raises IdeaNotPublic or CommentsClosed.
    """
    lock_campaign(session, idea.campaign, shared=True)
    session.refresh(idea, ["merged_into_id", "merged_into"])  # a merge may have come before the lock
    idea = idea.kept
    if not idea.is_public:
        raise IdeaNotPublic
    if idea.campaign.state(now) not in {State.OPEN, State.CLOSED, State.UNDER_REVIEW}:
        raise CommentsClosed
    return idea


def _check_phase(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """The team answers in each phase. Raises CommentsClosedInPhase."""
    if not idea.campaign.takes(PhaseAct.COMMENT, now) and not is_in_team(session, idea.campaign, by):
        raise CommentsClosedInPhase


def _above(session: Session, comment: Comment | None) -> Comment | None:
    """The comment that a reply to this one stands under. Raises ReplyGone where either is not shown."""
    if comment is None:
        return None
    session.refresh(comment)
    above = comment.reply_to or comment
    if not (comment.is_shown and above.is_shown):
        raise ReplyGone
    return above


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


def revise_comment(
    session: Session,
    comment: Comment,
    *,
    by: Person,
    body: str,
    now: datetime,
    seen: int | None = None,
    kept: str = "",
    is_trusted: bool = False,
) -> None:
    """Change a comment while comments are open. Only its author may. The earlier text stays readable.

    The new text may have to wait for a moderator: the caller looks at `withheld`. `seen`: the version that `by` saw.
    `kept`: the personal data that the author keeps knowingly: see `check_personal_data`. `is_trusted`: see
    `hold_if_needed`.
    Raises NotAllowed, IdeaNotPublic, CommentsClosed, CommentWithheld, ChangedMeanwhile, EmptyText, TooLong,
    PersonalDataFound or LimitReached.
    """
    if comment.author_id != by.id:
        raise NotAllowed
    idea = _hold_to_comment(session, comment.idea, now=now)
    session.refresh(comment, with_for_update={"of": Comment})
    if comment.withdrawn_at is not None:
        raise NotAllowed
    if comment.withheld is not None:
        raise CommentWithheld
    _check_phase(session, idea, by=by, now=now)
    check_unchanged(comment, seen)
    body = required(body, max_length=MAX_BODY_LENGTH)
    if body == comment.body:
        return
    check_personal_data([body], health=idea.campaign.is_health, kept=kept)
    check_may_write(session, by, idea.campaign_id, now=now)
    spend(session, LimitedAct.REVISE, by=by, now=now)
    named = replace_body(session, comment, body, by=by, now=now)
    hold_if_needed(
        session, comment, ObjectKind.COMMENT, campaign=idea.campaign, author=by, text=body, now=now, was_public=True,
        is_trusted=is_trusted,
    )  # fmt: skip
    after = {"mentioned": named} if named else None
    record(session, Verb.CHANGED, comment, by=by, campaign_id=idea.campaign_id, now=now, after=after)
    session.flush()


def replace_body(session: Session, comment: Comment, body: str, *, by: Person, now: datetime) -> list[int]:
    """Give a comment another text and keep both as versions. The caller has checked that `by` may, and records it.

    Returns the ids of the people whom it mentions and did not before.
    """
    if comment.version == 1:  # the first text is kept only once there is a second
        keep_version(
            session, comment, object_id=comment.id, content={"body": comment.body}, by=by, now=comment.created_at
        )
    comment.body, comment.changed_at, comment.version = body, now, comment.version + 1
    keep_version(session, comment, object_id=comment.id, content={"body": body}, by=by, now=now)
    session.flush()
    return note_mentions(session, comment.id, comment.idea, body=body, by=by)


def withdraw_comment(session: Session, comment: Comment, *, by: Person, now: datetime) -> None:
    """Withdraw a comment. Only its author may. A second time changes nothing. Replies to it stay. Raises NotAllowed."""
    if comment.author_id != by.id:
        raise NotAllowed
    if comment.withdrawn_at is None:
        comment.withdrawn_at = now
        record(session, Verb.WITHDRAWN, comment, by=by, campaign_id=comment.idea.campaign_id, now=now)


def comment_to_answer(session: Session, idea: Idea, comment_id: int | None) -> Comment | None:
    """The comment with this id on an idea, or on what is merged into it, that somebody replies to.

    None where none is named. One that was withdrawn or withheld is found: `add_comment` refuses it. Raises ReplyGone
    where there is none.
    """
    if comment_id is None:
        return None
    parts = select(Idea.id).where((Idea.id == idea.id) | (Idea.merged_into_id == idea.id))
    named = select(Comment).where(Comment.id == min(max(comment_id, 0), MAX_ID), Comment.idea_id.in_(parts))
    found = session.scalar(named)
    if found is None:  # as for a withheld one: nobody learns which ids there are
        raise ReplyGone
    return found


def is_shown(comment: type[Comment] | None = None) -> ColumnElement[bool]:
    """SQL condition: the comment counts and everyone may read it: it is neither withdrawn nor withheld.

    `comment`: another name of Comment in the query.
    """
    one = comment or Comment
    return one.withdrawn_at.is_(None) & one.withheld.is_(None)


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
