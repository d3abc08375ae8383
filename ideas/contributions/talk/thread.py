"""Comments as they are read: each with its replies, and a placeholder where one is gone that has replies."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, joinedload

from ideas.contributions.comment import Comment, Place, comment_visible_to, is_on
from ideas.people.person import Person


@dataclass(slots=True)
class Thread:
    """A comment and the replies to it that the reader may read, oldest first.

    `is_gone`: the comment is withdrawn or withheld, and the reader may read only its replies.
    """

    comment: Comment
    is_gone: bool = False
    replies: list[Comment] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """True for a question that somebody of the team has replied to."""
        return self.comment.is_question and any(reply.by_team and reply.is_shown for reply in self.replies)

    @property
    def shown(self) -> Sequence[Comment]:
        """What the reader may read of it."""
        return self.replies if self.is_gone else [self.comment, *self.replies]


def threads_on(session: Session, place: Place, *, reader: Person | None = None) -> list[Thread]:
    """The comments on a debrief, or on an idea and on what is merged into it, with their replies and authors, oldest
    first. One query.

    A comment that the reader may not read is there as a placeholder, if they may read a reply to it.
    """
    rows = session.execute(
        select(Comment, comment_visible_to(reader).label("is_visible"))
        .where(is_on(place))
        .options(joinedload(Comment.author))
        .order_by(Comment.id)
    ).all()
    found = {
        comment.id: Thread(comment, is_gone=not visible) for comment, visible in rows if comment.reply_to_id is None
    }
    for comment, visible in rows:
        if visible and comment.reply_to_id in found:
            found[comment.reply_to_id].replies.append(comment)
    return [thread for thread in found.values() if thread.shown]


def count_new_comments(session: Session, place: Place, *, after: int, reader: Person | None) -> int:
    """How many comments of others, with a later number than this one, the reader may read there. One query."""
    of_others = Comment.author_id != reader.id if reader is not None else true()
    new = (Comment.id > after) & is_on(place) & of_others & comment_visible_to(reader)
    return session.scalar(select(func.count(Comment.id)).where(new)) or 0
