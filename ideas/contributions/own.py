"""What a person gave to ideas of others, for their own page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_seen_by
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, idea_seen_by, idea_visible_to
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.page import Page, page_at
from ideas.people.person import Person

# What comments are on, for their addresses.
_PLACES = (
    joinedload(Comment.idea).options(joinedload(Idea.campaign), joinedload(Idea.merged_into)),
    joinedload(Comment.debriefed),
)


@dataclass(frozen=True, slots=True)
class Given:
    """The latest of a person's comments, and of the ideas that they support, with how many there are."""

    comments: Sequence[Comment]
    comment_count: int
    supported: Sequence[Idea]
    support_count: int


class GivenKind(StrEnum):
    SUPPORT = "support"
    COMMENTS = "comments"
    REACTIONS = "reactions"


@dataclass(frozen=True, slots=True)
class OneGiven:
    """Support, a comment or a reaction that the person gave: to which idea, and the comment or the emotion.

    `idea`: None for a comment on a debrief.
    """

    idea: Idea | None
    comment: Comment | None = None
    emotion: Emotion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPage(Page):
    """A page of what a person gave in one way, latest first. `counts`: how much they gave in each."""

    rows: Sequence[OneGiven]
    counts: Mapping[GivenKind, int]


def given_page(session: Session, person: Person, kind: GivenKind, *, number: int, size: int = 30) -> GivenPage:
    """A page of what the person gave, on ideas and debriefs that they may read. Only they may. Four queries."""
    seen = idea_visible_to(person)
    queries: dict[GivenKind, tuple[Any, Any]] = {
        GivenKind.SUPPORT: (
            _supported(person.id, is_admin=person.is_admin),
            Vote.created_at.desc(),
        ),
        GivenKind.COMMENTS: (
            _own_comments(person.id, is_admin=person.is_admin),
            Comment.id.desc(),
        ),
        GivenKind.REACTIONS: (
            select(Idea, Reaction.emotion)
            .join(Reaction, Reaction.idea_id == Idea.id)
            .where(Reaction.person_id == person.id, seen),
            Reaction.created_at.desc(),
        ),
    }
    counts = {
        one: session.scalar(query.with_only_columns(func.count())) or 0 for one, (query, _order) in queries.items()
    }
    page = page_at(number, size=size, total=counts[kind])
    query, order = queries[kind]
    with_campaign = _PLACES if kind is GivenKind.COMMENTS else (joinedload(Idea.campaign),)
    found = session.execute(
        query.options(*with_campaign).order_by(order, Idea.id.desc()).limit(size).offset((page.number - 1) * size)
    )
    return GivenPage(rows=[_one_given(*row) for row in found], counts=counts, **asdict(page))


def _own_comments(reader_id: int | BindParameter[int], *, is_admin: bool) -> Select[Comment]:
    """The person's comments on ideas and debriefs that they may read."""
    debriefs = select(Campaign.id).where(campaign_seen_by(reader_id, is_admin=is_admin))
    ideas = idea_seen_by(reader_id, is_admin=is_admin)
    seen = Comment.debrief_id.in_(debriefs) | (Comment.idea_id.is_not(None) & ideas)
    own = (Comment.author_id == reader_id) & Comment.withdrawn_at.is_(None)
    return select(Comment).select_from(Comment).outerjoin(Idea, Idea.id == Comment.idea_id).where(own, seen)


def _one_given(one: Idea | Comment, emotion: Emotion | None = None) -> OneGiven:
    if isinstance(one, Comment):
        return OneGiven(one.idea, comment=one)
    return OneGiven(one, emotion=emotion)


def given_by(session: Session, person: Person, *, limit: int = 10) -> Given:
    """What the person commented, on ideas and debriefs, and supports, where they may read it. Only they may. Four
    queries.
    """
    queries, asked = _given_queries(is_admin=person.is_admin, limit=limit), {"reader_id": person.id}
    return Given(
        session.scalars(queries.comments, asked).all(),
        session.scalar(queries.comment_count, asked) or 0,
        session.scalars(queries.supported, asked).all(),
        session.scalar(queries.support_count, asked) or 0,
    )


@dataclass(frozen=True, slots=True)
class _GivenQueries:
    """The queries of `Given`, of the parameter `reader_id`."""

    comments: Select[Comment]
    comment_count: Select[int]
    supported: Select[Idea]
    support_count: Select[int]


@cache  # building the queries takes longer than running them
def _given_queries(*, is_admin: bool, limit: int) -> _GivenQueries:
    reader_id: BindParameter[int] = bindparam("reader_id")
    comments, supported = _own_comments(reader_id, is_admin=is_admin), _supported(reader_id, is_admin=is_admin)
    return _GivenQueries(
        comments.options(*_PLACES).order_by(Comment.id.desc()).limit(limit),
        select(func.count()).select_from(comments.subquery()),
        supported.options(joinedload(Idea.campaign)).order_by(Vote.created_at.desc(), Idea.id.desc()).limit(limit),
        select(func.count()).select_from(supported.subquery()),
    )


def _supported(reader_id: int | BindParameter[int], *, is_admin: bool) -> Select[Idea]:
    """The ideas that the person supports and may read."""
    seen = idea_seen_by(reader_id, is_admin=is_admin)
    return select(Idea).join(Vote, Vote.idea_id == Idea.id).where(Vote.person_id == reader_id, seen)
