"""Whom a comment concerns, and what a notice says of it: of an act that added or changed one, or published one that
waited for a moderator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, func, select, union
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import ACTS, TEAM_ROLES, Act, TeamMember, campaign_visible_to, in_force
from ideas.contributions.authors.people import people_of
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.talk.mention import Mention
from ideas.contributions.withheld import ObjectKind, Review
from ideas.outreach.follow import Follow
from ideas.outreach.notice import ABOUT_COMMENTS, Notice, NoticeKind
from ideas.spaces.audience import AudienceSpace


def comment_of(session: Session, activity: Activity) -> Comment | None:
    """The comment that an act is about, if it is shown by now."""
    comment_id = activity.object_id
    if activity.object_kind == Review.__tablename__:
        review = session.get(Review, activity.object_id)
        if review is None or review.object_kind is not ObjectKind.COMMENT:
            return None
        comment_id = review.object_id
    comment = session.get(Comment, comment_id)
    return comment if comment is not None and comment.is_shown and comment.is_readable else None


@dataclass(frozen=True, slots=True)
class CommentDetail:
    """What a notice says of a comment. `idea_id`: of the page that has it, None for one on the debrief; `quote`: empty
    where it is not shown.

    The writer is empty too where the reader no longer sees the campaign.
    """

    id: int
    idea_id: int | None
    writer: str
    quote: str
    is_answer: bool


def comment_details(session: Session, notices: Sequence[Notice]) -> dict[int, CommentDetail]:
    """The comments that one person's notices are about, by the id of the notice. At most two queries."""
    about = [notice for notice in notices if notice.kind in ABOUT_COMMENTS]
    reviews = {notice.object_id for notice in about if notice.object_kind == Review.__tablename__}
    reviewed: dict[int, int] = {}
    if reviews:
        reviewed = dict(session.execute(select(Review.id, Review.object_id).where(Review.id.in_(reviews))).all())
    ids = {
        notice.id: reviewed.get(notice.object_id, 0) if notice.object_kind == Review.__tablename__ else notice.object_id
        for notice in about
    }
    if not ids:
        return {}
    above = aliased(Comment)
    # The comment is read as it is now: by those who see the campaign now.
    campaign_id = func.coalesce(Comment.debrief_id, Idea.campaign_id)
    seen = campaign_id.in_(select(Campaign.id).where(campaign_visible_to(about[0].person)))
    rows = session.execute(
        select(Comment, above.is_question, seen)
        .outerjoin(Comment.idea)
        .outerjoin(above, above.id == Comment.reply_to_id)
        .where(Comment.id.in_(set(ids.values())))
        .options(joinedload(Comment.author), joinedload(Comment.debriefed), contains_eager(Comment.idea))
    )
    found = {
        comment.id: CommentDetail(
            comment.id,
            (comment.idea.merged_into_id if comment.idea is not None else None) or comment.idea_id,
            comment.author.name if is_seen else "",
            comment.body if is_seen and comment.is_shown and comment.is_readable else "",
            is_answer=bool(of_question and comment.by_team),
        )
        for comment, of_question, is_seen in rows
    }
    return {notice_id: found[comment_id] for notice_id, comment_id in ids.items() if comment_id in found}


def mentioned(session: Session, activity: Activity) -> Iterable[int]:
    """Whom the comment names with an @; of one that was changed, those whom it did not name before."""
    comment = comment_of(session, activity)
    if comment is None:
        return ()
    if activity.object_kind == Comment.__tablename__ and activity.verb is Verb.CHANGED:
        return [one for one in (activity.after or {}).get("mentioned", ()) if isinstance(one, int)]
    known = select(Notice.person_id).where(_about(comment), Notice.kind == NoticeKind.MENTIONED)
    named = select(Mention.person_id).where(Mention.comment_id == comment.id)
    if activity.object_kind != Comment.__tablename__:  # published by a moderator: some may have been told before
        named = named.where(Mention.person_id.not_in(known))
    return session.scalars(named)


def replied_to(session: Session, activity: Activity) -> Iterable[int]:
    """Who wrote the comment that this one replies to."""
    comment = comment_of(session, activity)
    if comment is None or comment.reply_to is None or _was_told(session, activity, comment):
        return ()
    return {comment.reply_to.author_id} - {comment.author_id}


def author_of_comment(session: Session, activity: Activity) -> Iterable[int]:
    """Who wrote the comment."""
    comment = comment_of(session, activity)
    return {comment.author_id} if comment is not None else ()


def who_may_answer_question(session: Session, activity: Activity) -> Iterable[int]:
    """Those who manage the campaign, of a question to its team, and of each comment on its debrief."""
    comment = comment_of(session, activity)
    if comment is None or _was_told(session, activity, comment):
        return ()
    if comment.idea is not None and not comment.is_question:
        return ()
    return set(session.scalars(managers_of(comment.campaign.id))) - {comment.author_id}


def authors_of_idea(session: Session, activity: Activity) -> Iterable[int]:
    """Who wrote the idea that is commented on, and what is merged into it."""
    comment = comment_of(session, activity)
    if comment is None or comment.idea is None or _was_told(session, activity, comment):
        return ()
    return set(session.scalars(people_of(_parts_of(comment.idea) & is_readable()))) - {comment.author_id}


def followers_of_idea(session: Session, activity: Activity) -> Iterable[int]:
    """Who follows the idea that is commented on, or what is merged into it."""
    comment = comment_of(session, activity)
    if comment is None or comment.idea is None or _was_told(session, activity, comment):
        return ()
    followed = select(Follow.person_id).where(Follow.idea_id.in_(select(Idea.id).where(_parts_of(comment.idea))))
    return set(session.scalars(followed)) - {comment.author_id}


def followers_of_campaign(session: Session, activity: Activity) -> Iterable[int]:
    """Who follows the campaign that the act is about."""
    return session.scalars(select(Follow.person_id).where(Follow.campaign_id == activity.campaign_id))


def followers_of_spaces(session: Session, activity: Activity) -> Iterable[int]:
    """Who follows a space that the campaign is open to."""
    named = select(AudienceSpace.space_id).where(AudienceSpace.campaign_id == activity.campaign_id)
    return session.scalars(select(Follow.person_id).where(Follow.space_id.in_(named)))


def _parts_of(idea: Idea) -> ColumnElement[bool]:
    """SQL condition: the idea on whose page comments on this one are read, or one that is merged into it."""
    kept_id = idea.merged_into_id or idea.id
    return (Idea.id == kept_id) | (Idea.merged_into_id == kept_id)


def managers_of(campaign_id: int) -> CompoundSelect[Any]:
    """The campaign's owner, and those whose role in its team lets them manage it."""
    roles = [role for role in TEAM_ROLES if Act.MANAGE in ACTS[role]]
    return union(
        select(Campaign.owner_id).where(Campaign.id == campaign_id),
        select(TeamMember.person_id).where(
            TeamMember.campaign_id == campaign_id, TeamMember.role.in_(roles), in_force()
        ),
    )


def _was_told(session: Session, activity: Activity, comment: Comment) -> bool:
    """True for a comment that is published again after a change: people were told of its first text."""
    if activity.object_kind == Comment.__tablename__:
        return False
    earlier = _about(comment) & (Notice.activity_id != activity.id)  # its own notices are written kind by kind
    return session.scalar(select(Notice.id).where(earlier).limit(1)) is not None


def _about(comment: Comment) -> ColumnElement[bool]:
    """SQL condition: the notice tells of the comment, by the act that added it or by one that published it."""
    reviews = select(Review.id).where(Review.object_kind == ObjectKind.COMMENT, Review.object_id == comment.id)
    by_review = (Notice.object_kind == Review.__tablename__) & Notice.object_id.in_(reviews)
    by_comment = (Notice.object_kind == Comment.__tablename__) & (Notice.object_id == comment.id)
    return Notice.kind.in_(ABOUT_COMMENTS) & (by_comment | by_review)
