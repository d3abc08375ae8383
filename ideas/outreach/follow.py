"""What people follow: an idea, a campaign or a space. They are told what happens there.

The authors of an idea are told of it as its authors, and need not follow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import MAX_ID, Base
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.contributions.idea import Idea, idea_visible_to, is_by, is_submitted
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.spaces.space import Space, space_visible_to

MAX_LISTED = 200

Followable = Idea | Campaign | Space


class FollowKind(StrEnum):
    """What may be followed: the names of the tables."""

    IDEA = "idea"
    CAMPAIGN = "campaign"
    SPACE = "space"


class Follow(Base):
    """A person follows one object."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("idea_id", "person_id"),
        UniqueConstraint("campaign_id", "person_id"),
        UniqueConstraint("space_id", "person_id"),
        CheckConstraint(
            " + ".join(f"CASE WHEN {kind}_id IS NULL THEN 0 ELSE 1 END" for kind in FollowKind) + " = 1",
            name="one_object",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Followed:
    """What a person follows and may still see, the latest first: 200 of each kind at most."""

    ideas: Sequence[Idea]
    campaigns: Sequence[Campaign]
    spaces: Sequence[Space]


def followable(session: Session, kind: FollowKind, number: int, *, person: Person) -> Followable | None:
    """What the person may follow under this number: an idea that counts, for a merged one that which it is in.

    None where they may not see it.
    """
    if not 0 < number <= MAX_ID:
        return None
    if kind is FollowKind.IDEA:
        idea = session.scalar(select(Idea).where(Idea.id == number, idea_visible_to(person)))
        kept = idea.kept if idea is not None else None
        return kept if kept is not None and kept.is_public else None
    if kind is FollowKind.CAMPAIGN:
        return session.scalar(select(Campaign).where(Campaign.id == number, campaign_visible_to(person)))
    return session.scalar(select(Space).where(Space.id == number, space_visible_to(person)))


def follow(session: Session, what: Followable, *, by: Person, now: datetime) -> None:
    """Follow something that the person may see: see `followable`. Anyone signed in may; twice changes nothing.

    Following one's own idea changes nothing either. Raises LimitReached.
    """
    if (isinstance(what, Idea) and is_by(what, by)) or is_following(session, what, by):
        return
    spend(session, LimitedAct.RESPOND, by=by, now=now)
    try:
        with session.begin_nested():
            session.add(Follow(person_id=by.id, created_at=now, **{f"{_kind_of(what)}_id": what.id}))
    except IntegrityError:  # the same button was pressed twice at once
        return
    record(session, Verb.FOLLOWED, what, by=by, campaign_id=_campaign_of(what), now=now)
    session.flush()


def unfollow(session: Session, kind: FollowKind, number: int, *, by: Person, now: datetime) -> None:
    """Follow something no more, whatever became of it; an idea with what is merged into it. Twice changes nothing."""
    condition = {
        FollowKind.IDEA: _of_idea(
            select(func.coalesce(Idea.merged_into_id, Idea.id)).where(Idea.id == number).scalar_subquery()
        ),
        FollowKind.CAMPAIGN: Follow.campaign_id == number,
        FollowKind.SPACE: Follow.space_id == number,
    }
    model: dict[FollowKind, type[Base]] = {
        FollowKind.IDEA: Idea, FollowKind.CAMPAIGN: Campaign, FollowKind.SPACE: Space,
    }  # fmt: skip
    for row in session.scalars(select(Follow).where(condition[kind], Follow.person_id == by.id)).all():
        what: Any = session.get_one(model[kind], getattr(row, f"{kind}_id"))
        session.delete(row)
        record(session, Verb.UNFOLLOWED, what, by=by, campaign_id=_campaign_of(what), now=now)
    session.flush()


def is_following(session: Session, what: Followable, person: Person | None) -> bool:
    """True if the person follows this object; of an idea, also one that is merged with it. One query."""
    if person is None:
        return False
    return session.scalar(select(Follow.id).where(_of(what), Follow.person_id == person.id).limit(1)) is not None


def followed_by(session: Session, person: Person) -> Followed:
    """What the person follows; of a merged idea, the one that it is in. Only they may read it. Three queries."""
    kept_id = func.coalesce(Idea.merged_into_id, Idea.id).label("idea_id")
    kept = (
        select(kept_id, func.max(Follow.id).label("latest"))
        .join(Follow, Follow.idea_id == Idea.id)
        .where(Follow.person_id == person.id)
        .group_by(kept_id)
        .subquery()
    )
    ideas = (
        select(Idea)
        .join(kept, kept.c.idea_id == Idea.id)
        .where(idea_visible_to(person), is_submitted())
        .options(joinedload(Idea.campaign))
    )
    campaigns = (
        select(Campaign)
        .join(Follow, Follow.campaign_id == Campaign.id)
        .where(Follow.person_id == person.id, campaign_visible_to(person))
        .options(joinedload(Campaign.owner))
    )
    spaces = (
        select(Space)
        .join(Follow, Follow.space_id == Space.id)
        .where(Follow.person_id == person.id, space_visible_to(person))
    )
    latest = Follow.id.desc()
    return Followed(
        session.scalars(ideas.order_by(kept.c.latest.desc()).limit(MAX_LISTED)).all(),
        session.scalars(campaigns.order_by(latest).limit(MAX_LISTED)).all(),
        session.scalars(spaces.order_by(latest).limit(MAX_LISTED)).all(),
    )


def _kind_of(what: Followable) -> FollowKind:
    return FollowKind(what.__tablename__)


def _of(what: Followable) -> ColumnElement[bool]:
    if isinstance(what, Idea):
        return _of_idea(what.merged_into_id or what.id)
    return Follow.campaign_id == what.id if isinstance(what, Campaign) else Follow.space_id == what.id


def _of_idea(kept_id: Any) -> ColumnElement[bool]:
    """SQL condition: of the idea that counts, or of one that is merged into it."""
    return Follow.idea_id.in_(select(Idea.id).where((Idea.id == kept_id) | (Idea.merged_into_id == kept_id)))


def _campaign_of(what: Followable) -> int | None:
    if isinstance(what, Idea):
        return what.campaign_id
    return what.id if isinstance(what, Campaign) else None
