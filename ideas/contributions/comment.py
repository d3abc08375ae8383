"""Comments on an idea or on a published debrief, and one level of replies to them.

What people read together is in `ideas.contributions.talk`.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
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
from ideas.contributions.talk.closing import ClosedByTeam, NoDebriefYet, closed_talk
from ideas.contributions.talk.mention import note_mentions
from ideas.contributions.withheld import ObjectKind, Withheld, hold_if_needed
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.sanction import check_may_write
from ideas.personal_data.personal_data import check_personal_data
from ideas.text import required

MAX_BODY_LENGTH = 2_000
# What a comment is on: an idea, or the published debrief of a campaign.
Place = Idea | Campaign


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
        CheckConstraint("(idea_id IS NULL) <> (debrief_id IS NULL)", name="idea_or_debrief"),
        # Most comments are on ideas.
        Index(
            "ix_comment_debrief_id",
            "debrief_id",
            sqlite_where=text("debrief_id IS NOT NULL"),
            postgresql_where=text("debrief_id IS NOT NULL"),
        ),
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
    # What it is on, one of both: an idea, or the debrief of this campaign.
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    debrief_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
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
    idea: Mapped[Idea | None] = relationship()
    debriefed: Mapped[Campaign | None] = relationship()
    reply_to: Mapped["Comment | None"] = relationship(remote_side="Comment.id")

    @property
    def is_shown(self) -> bool:
        """True for a comment that everyone may read who may read its idea."""
        return self.withdrawn_at is None and self.withheld is None

    @property
    def place(self) -> Place:
        """The idea that it is on, or the campaign whose debrief it is on."""
        found = self.idea or self.debriefed
        if found is None:  # the database refuses such a row
            raise AssertionError(self.id)
        return found

    @property
    def campaign(self) -> Campaign:
        return campaign_of(self.place)

    @property
    def is_readable(self) -> bool:
        """True where what it is on is public."""
        return self.idea.is_readable if self.idea is not None else self.campaign.debriefed_at is not None


def campaign_of(place: Place) -> Campaign:
    """The campaign of what a comment is on."""
    return place.campaign if isinstance(place, Idea) else place


def add_comment(
    session: Session,
    place: Place,
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
    """Add a comment to an idea, from the opening to the debrief, or to the debrief of a campaign once it is published.
    Anyone signed in may who may comment there. It may be held: see `withheld`.

    A comment on a merged idea goes to the one that it is merged into; a reply stays with the comment that it is to. A
    reply to a reply is one to the comment above it. Who is not in the team may mark a new comment on an idea as a
    question to it: every comment on a debrief is told to the team.
    With a `form_key` that was used before, the comment that was added with it is returned unchanged.
    `kept`: the personal data that the author keeps knowingly: see `check_personal_data`. `is_trusted`: see
    `hold_if_needed`.

    Raises NotVerified, EmptyText, TooLong, PersonalDataFound, CommentsClosed, LimitReached, SanctionInForce,
    IdeaNotPublic, ReplyGone, or CommentedOtherwise (the key was used before for another text); on a debrief also
    NoDebriefYet, ClosedByTeam.
    """
    check_verified(author)
    place = _hold_to_comment(session, place, now=now)
    campaign = campaign_of(place)
    body = required(body, max_length=MAX_BODY_LENGTH)
    if (sent := _by_form_key(session, place, author, form_key)) is not None:
        return _same(sent, body)
    above = _above(session, reply_to)
    _check_open(session, place, by=author, now=now)
    check_may_write(session, author, campaign.id, now=now)
    check_personal_data([body], health=campaign.is_health, kept=kept)
    spend(session, LimitedAct.COMMENT, by=author, now=now)
    by_team = is_in_team(session, campaign, author)
    on = above.place if above is not None else place
    comment = Comment(
        idea=on if isinstance(on, Idea) else None,
        debriefed=on if isinstance(on, Campaign) else None,
        author=author,
        body=body,
        created_at=now,
        form_key=_bound(place, form_key),
        reply_to=above,
        is_question=is_question and above is None and not by_team and isinstance(on, Idea),
        by_team=by_team,
    )
    try:
        with session.begin_nested():
            session.add(comment)
    except IntegrityError:  # the same form was sent twice at once, and the other request came first
        first = _by_form_key(session, place, author, form_key)
        if first is None:
            raise
        return _same(first, body)
    note_mentions(session, comment.id, on, body=body, by=author)
    record(session, Verb.ADDED, comment, by=author, campaign_id=campaign.id, now=now)
    session.flush()
    hold_if_needed(
        session, comment, ObjectKind.COMMENT, campaign=campaign, author=author, text=body, now=now,
        is_trusted=is_trusted,
    )  # fmt: skip
    return comment


def _hold_to_comment(session: Session, place: Place, *, now: datetime) -> Place:
    """Lock the campaign: its debrief must not be published, or its comments closed, before the commit. Returns what the
    comment is on: of a merged idea the kept one.

    Raises IdeaNotPublic, CommentsClosed or NoDebriefYet.
    """
    lock_campaign(session, campaign_of(place), shared=True)
    if isinstance(place, Campaign):
        if place.debriefed_at is None:
            raise NoDebriefYet
        return place
    session.refresh(place, ["merged_into_id", "merged_into"])  # a merge may have come before the lock
    idea = place.kept
    if not idea.is_public:
        raise IdeaNotPublic
    if idea.campaign.state(now) not in {State.OPEN, State.CLOSED, State.UNDER_REVIEW}:
        raise CommentsClosed
    return idea


def _check_open(session: Session, place: Place, *, by: Person, now: datetime) -> None:
    """On ideas the team answers in each phase. Raises CommentsClosedInPhase; on a debrief ClosedByTeam."""
    campaign = campaign_of(place)
    if isinstance(place, Campaign):
        if (closed := closed_talk(session, place)) is not None:
            raise ClosedByTeam(reason=closed.reason)
    elif not campaign.takes(PhaseAct.COMMENT, now) and not is_in_team(session, campaign, by):
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


def _by_form_key(session: Session, place: Place, author: Person, form_key: str | None) -> Comment | None:
    if not form_key:
        return None
    key = _bound(place, form_key)
    return session.scalar(select(Comment).where(Comment.author_id == author.id, Comment.form_key == key))


def _bound(place: Place, form_key: str | None) -> str | None:
    return bound_key(form_key, use="comment" if isinstance(place, Idea) else "debrief", place=place.id)


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
    PersonalDataFound or LimitReached; on a debrief also ClosedByTeam.
    """
    if comment.author_id != by.id:
        raise NotAllowed
    place = _hold_to_comment(session, comment.place, now=now)
    campaign = campaign_of(place)
    session.refresh(comment, with_for_update={"of": Comment})
    if comment.withdrawn_at is not None:
        raise NotAllowed
    if comment.withheld is not None:
        raise CommentWithheld
    _check_open(session, place, by=by, now=now)
    check_unchanged(comment, seen)
    body = required(body, max_length=MAX_BODY_LENGTH)
    if body == comment.body:
        return
    check_personal_data([body], health=campaign.is_health, kept=kept)
    check_may_write(session, by, campaign.id, now=now)
    spend(session, LimitedAct.REVISE, by=by, now=now)
    named = replace_body(session, comment, body, by=by, now=now)
    hold_if_needed(
        session, comment, ObjectKind.COMMENT, campaign=campaign, author=by, text=body, now=now, was_public=True,
        is_trusted=is_trusted,
    )  # fmt: skip
    after = {"mentioned": named} if named else None
    record(session, Verb.CHANGED, comment, by=by, campaign_id=campaign.id, now=now, after=after)
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
    return note_mentions(session, comment.id, comment.place, body=body, by=by)


def withdraw_comment(session: Session, comment: Comment, *, by: Person, now: datetime) -> None:
    """Withdraw a comment. Only its author may. A second time changes nothing. Replies to it stay. Raises NotAllowed."""
    if comment.author_id != by.id:
        raise NotAllowed
    if comment.withdrawn_at is None:
        comment.withdrawn_at = now
        record(session, Verb.WITHDRAWN, comment, by=by, campaign_id=comment.campaign.id, now=now)


def comment_to_answer(session: Session, place: Place, comment_id: int | None) -> Comment | None:
    """The comment with this id that somebody replies to: on a debrief, on an idea, or on what is merged into it.

    None where none is named. One that was withdrawn or withheld is found: `add_comment` refuses it. Raises ReplyGone
    where there is none.
    """
    if comment_id is None:
        return None
    named = select(Comment).where(Comment.id == min(max(comment_id, 0), MAX_ID), is_on(place))
    found = session.scalar(named)
    if found is None:  # as for a withheld one: nobody learns which ids there are
        raise ReplyGone
    return found


def is_on(place: Place) -> ColumnElement[bool]:
    """SQL condition: the comment is on this debrief; on this idea, or on what is merged into it."""
    if isinstance(place, Campaign):
        return Comment.debrief_id == place.id
    return Comment.idea_id.in_(select(Idea.id).where((Idea.id == place.id) | (Idea.merged_into_id == place.id)))


def is_shown(comment: type[Comment] | None = None) -> ColumnElement[bool]:
    """SQL condition: the comment counts and everyone may read it: it is neither withdrawn nor withheld.

    `comment`: another name of Comment in the query.
    """
    one = comment or Comment
    return one.withdrawn_at.is_(None) & one.withheld.is_(None)


def comment_visible_to(person: Person | None) -> ColumnElement[bool]:
    """SQL condition: who may read the idea, or the debrief, may read this comment on it. Lists and single rows ask it.

    Everyone reads a comment that is shown; its author and the campaign's team, with administrators, also a withheld
    one.
    """
    if person is None:
        return is_shown()
    if person.is_admin:
        return Comment.withdrawn_at.is_(None)
    of_team = select(Idea.id).join(Campaign, Campaign.id == Idea.campaign_id).where(in_team_of(person.id))
    teams = select(Campaign.id).where(in_team_of(person.id))
    return Comment.withdrawn_at.is_(None) & (
        Comment.withheld.is_(None)
        | (Comment.author_id == person.id)
        | Comment.idea_id.in_(of_team)
        | Comment.debrief_id.in_(teams)
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
