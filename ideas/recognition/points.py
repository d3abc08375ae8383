"""Points: what each act gives in a campaign, and how those of a person add up. Counted when they are read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Select, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_seen_by
from ideas.people.person import Person
from ideas.recognition.facts import PointAct, Scope, facts, not_of_team, weighed

# What an act gives where the campaign says nothing else.
DEFAULTS: Mapping[PointAct, int] = {
    PointAct.IDEA: 10,
    PointAct.COMMENT: 2,
    PointAct.SUPPORT_GIVEN: 1,
    PointAct.SUPPORT_RECEIVED: 2,
    PointAct.ADOPTED: 30,
    PointAct.QUESTION_ANSWERED: 5,
}
MAX_POINTS = 1_000  # of one act


class PointValue(Base):
    """What an act gives in one campaign, where that is not the default."""

    __tablename__ = "point_value"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    act: Mapped[PointAct] = mapped_column(choice(PointAct), primary_key=True)
    points: Mapped[int]


@dataclass(frozen=True, slots=True)
class Line:
    """One act of a person in one campaign: how often, what each gives, and the points that makes."""

    act: PointAct
    number: int
    each: int

    @property
    def points(self) -> int:
        return self.number * self.each


@dataclass(frozen=True, slots=True)
class Account:
    """A person's points in one campaign, line by line."""

    campaign: Campaign
    lines: Sequence[Line]

    @property
    def points(self) -> int:
        return sum(line.points for line in self.lines)


def point_values(session: Session, campaign: Campaign) -> dict[PointAct, int]:
    """What each act gives in this campaign. Whoever reads the campaign may read it."""
    own = select(PointValue.act, PointValue.points).where(PointValue.campaign_id == campaign.id)
    return {**DEFAULTS, **dict(session.execute(own).all())}


def totals(
    scope: Scope, acts: Collection[PointAct] = tuple(PointAct), *, times: bool = False, by_default: bool = False
) -> Select[Any]:
    """The points of each person in these campaigns together: `person_id`, `points`. Of each who did one of the acts.

    `times`: how often they did the acts instead. `by_default`: with what acts give where a campaign says nothing else.
    One query, whoever took part.
    """
    found = points_given(scope, acts, times=times, by_default=by_default).subquery("given")
    return select(found.c.person_id, func.sum(found.c.points).label("points")).group_by(found.c.person_id)


def points_given(
    scope: Scope, acts: Collection[PointAct] = tuple(PointAct), *, times: bool = False, by_default: bool = False
) -> Select[Any]:
    """As `totals`, not added up: `person_id`, `points`, in several rows of a person."""
    if times or by_default:
        rows = weighed(scope, acts, lambda act: 1 if times else DEFAULTS[act])
    elif isinstance(scope.campaigns, int):
        campaign_id = scope.campaigns
        rows = weighed(scope, acts, lambda act: _points_in(campaign_id, act))
    else:
        # One row for each campaign: looked up for each fact, what it gives would take longer than the facts.
        columns = [_points_in(Campaign.id, act).label(act.value) for act in acts]
        here = select(Campaign.id, *columns).where(scope.has_campaign(Campaign.id))
        worth = here.cte("worth").prefix_with("MATERIALIZED", dialect="postgresql")
        rows = weighed(scope, acts, lambda act: worth.c[act.value], worth)
    found = rows.subquery("facts")
    return select(found.c.person_id, found.c.points).where(not_of_team(scope, found.c.campaign_id, found.c.person_id))


def points_of(session: Session, person: Person) -> list[Account]:
    """The person's points in each campaign that they see and where they did something, latest campaign first.

    Only they may read them, line by line: ideas that they sent anonymously count here, and in no standing. Three
    queries.
    """
    rows = session.execute(_own_facts(is_admin=person.is_admin), {"reader_id": person.id}).all()
    values = _values(session, {campaign_id for campaign_id, *_rest in rows})
    lines: dict[int, list[Line]] = {}
    for campaign_id, act, number in rows:
        each = values.get((campaign_id, PointAct(act)), DEFAULTS[PointAct(act)])
        lines.setdefault(campaign_id, []).append(Line(PointAct(act), int(number), each))
    order = list(PointAct)
    campaigns = session.scalars(
        select(Campaign).where(Campaign.id.in_(lines)).order_by(Campaign.opens_at.desc(), Campaign.id.desc())
    )
    return [
        Account(campaign, sorted(lines[campaign.id], key=lambda line: order.index(line.act))) for campaign in campaigns
    ]


@cache  # building the query takes longer than running it
def _own_facts(*, is_admin: bool) -> Select[Any]:
    reader_id: BindParameter[int] = bindparam("reader_id")
    scope = Scope(
        select(Campaign.id).where(campaign_seen_by(reader_id, is_admin=is_admin)), people=reader_id, unsigned=True
    )
    found = facts(scope).subquery("facts")
    return (
        select(found.c.campaign_id, found.c.act, func.sum(found.c.number))
        .where(not_of_team(scope, found.c.campaign_id, found.c.person_id))
        .group_by(found.c.campaign_id, found.c.act)
    )


def _values(session: Session, campaign_ids: Collection[int]) -> dict[tuple[int, PointAct], int]:
    """What acts give in these campaigns where that is not the default."""
    found = session.scalars(select(PointValue).where(PointValue.campaign_id.in_(campaign_ids)))
    return {(value.campaign_id, value.act): value.points for value in found}


def _points_in(campaign_id: Any, act: PointAct) -> ColumnElement[int]:
    """SQL: what an act gives in this campaign. `campaign_id`: a number, or a column of the query."""
    own = select(PointValue.points).where(PointValue.campaign_id == campaign_id, PointValue.act == act)
    return func.coalesce(own.scalar_subquery(), DEFAULTS[act])
