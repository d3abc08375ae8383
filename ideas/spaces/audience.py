"""The audience of a campaign: whom it is open to, from the announcement on, and whom from a later date on.

Number 0 is the audience from the announcement on, whose kind is a column of the campaign; each later stage widens it.
The conditions name the campaign by its columns, for campaigns are above spaces. A stage opens by the clock that a
statement reads when it runs: nothing has to happen at its date.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    ForeignKey,
    ScalarSelect,
    and_,
    func,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from ideas.base import Base, choice, this_instant
from ideas.spaces.guest import Guest
from ideas.spaces.segment import PersonValue
from ideas.spaces.space import Membership, MembershipState, SpaceRole

FIRST = 0


class Audience(StrEnum):
    """Whom a campaign is open to, beside its team and its guests.

    Public and members: everyone with an account. A public campaign may also be visible without one; whoever follows a
    link to it is asked to sign in. Of any other, nobody outside learns that it exists.
    """

    PUBLIC = "public"
    MEMBERS = "members"
    SPACES = "spaces"
    SEGMENTS = "segments"
    INVITED = "invited"


# Those that hold everyone with an account.
ALL_MEMBERS = (Audience.PUBLIC, Audience.MEMBERS)


class AudienceStage(Base):
    """From `opens_at` on the campaign is also open to these."""

    __tablename__ = "audience_stage"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audience: Mapped[Audience] = mapped_column(choice(Audience))
    opens_at: Mapped[datetime]


class AudienceSpace(Base):
    """A space that a campaign is open to."""

    __tablename__ = "audience_space"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"), primary_key=True, index=True)


class AudienceValue(Base):
    """A value of an attribute that a campaign is open to: with one of these values of each attribute that is named."""

    __tablename__ = "audience_value"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value_id: Mapped[int] = mapped_column(ForeignKey("attribute_value.id"), primary_key=True, index=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("attribute.id"), index=True)


def has_begun() -> ColumnElement[bool]:
    """SQL condition: the stage is open by now."""
    return AudienceStage.opens_at <= this_instant()


def admitted(
    person_id: int | BindParameter[int] | InstrumentedAttribute[int],
    campaign_id: InstrumentedAttribute[int],
    audience: Any,
    *,
    to_write: bool = False,
) -> ColumnElement[bool]:
    """SQL condition: the person with this id is in the audience of the campaign with these columns, or its guest.

    It reads their few memberships and values, not those of the campaign. `to_write`: observers of a space are left out.
    """
    return or_(audience.in_(ALL_MEMBERS), campaign_id.in_(_other_ways_in(person_id, to_write=to_write)))


def _other_ways_in(person_id: Any, *, to_write: bool) -> CompoundSelect[Any]:
    """The campaigns that the person finds as a guest, by a space, by a segment or since a later stage."""
    roles = [SpaceRole.MEMBER, SpaceRole.MODERATOR] if to_write else list(SpaceRole)
    by_space = (
        select(AudienceSpace.campaign_id)
        .join(Membership, Membership.space_id == AudienceSpace.space_id)
        .where(
            Membership.person_id == person_id,
            Membership.state == MembershipState.MEMBER,
            Membership.role.in_(roles),
            _is_open(AudienceSpace.campaign_id, AudienceSpace.number),
        )
    )
    by_segment = (
        select(AudienceValue.campaign_id)
        .join(PersonValue, PersonValue.value_id == AudienceValue.value_id)
        .where(PersonValue.person_id == person_id, _is_open(AudienceValue.campaign_id, AudienceValue.number))
        .group_by(AudienceValue.campaign_id, AudienceValue.number)
        .having(func.count() == _attributes_named())
    )
    later = select(AudienceStage.campaign_id).where(AudienceStage.audience.in_(ALL_MEMBERS), has_begun())
    as_guest = select(Guest.campaign_id).where(Guest.person_id == person_id)
    return union(as_guest, by_space, by_segment, later)


def visible_to_visitors(campaign_id: InstrumentedAttribute[int], audience: Any) -> ColumnElement[bool]:
    """SQL condition: a campaign that may be visible without an account is public by now."""
    later = select(AudienceStage.campaign_id).where(AudienceStage.audience == Audience.PUBLIC, has_begun())
    return or_(audience == Audience.PUBLIC, campaign_id.in_(later))


def people_admitted(campaign_id: int) -> CompoundSelect[Any]:
    """The ids of the people whom a campaign admits by now as guests, by spaces and by segments.

    Where it is open to all members by now, they are not listed: see `is_open_to_all`.
    """
    in_space = (
        select(Membership.person_id)
        .join(AudienceSpace, AudienceSpace.space_id == Membership.space_id)
        .where(
            AudienceSpace.campaign_id == campaign_id,
            Membership.state == MembershipState.MEMBER,
            _is_open(AudienceSpace.campaign_id, AudienceSpace.number),
        )
    )
    in_segment = (
        select(PersonValue.person_id)
        .join(AudienceValue, AudienceValue.value_id == PersonValue.value_id)
        .where(AudienceValue.campaign_id == campaign_id, _is_open(AudienceValue.campaign_id, AudienceValue.number))
        .group_by(PersonValue.person_id, AudienceValue.campaign_id, AudienceValue.number)
        .having(func.count() == _attributes_named())
    )
    guests = select(Guest.person_id).where(Guest.campaign_id == campaign_id)
    return union(guests, in_space, in_segment)


def is_open_to_all(campaign_id: int, audience: Audience) -> ColumnElement[bool]:
    """SQL condition: everyone with an account is in the audience of this campaign by now."""
    if audience in ALL_MEMBERS:
        return true()
    to_all = AudienceStage.audience.in_(ALL_MEMBERS)
    return select(AudienceStage.number).where(AudienceStage.campaign_id == campaign_id, to_all, has_begun()).exists()


def _attributes_named() -> ScalarSelect[int]:
    """How many attributes the audience of the row of AudienceValue names: one has a value of each of them."""
    named = aliased(AudienceValue)
    return (
        select(func.count(func.distinct(named.attribute_id)))
        .where(named.campaign_id == AudienceValue.campaign_id, named.number == AudienceValue.number)
        .correlate(AudienceValue)
        .scalar_subquery()
    )


def _is_open(campaign_id: Any, number: Any) -> ColumnElement[bool]:
    """SQL condition: of the audience from the announcement on, or of a stage that has begun."""
    begun = (
        select(AudienceStage.number)
        .where(AudienceStage.campaign_id == campaign_id, AudienceStage.number == number, has_begun())
        .exists()
    )
    return or_(number == FIRST, and_(number > FIRST, begun))
