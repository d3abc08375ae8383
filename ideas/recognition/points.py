"""Points: what each act gives in a campaign, and how those of a person add up. Counted when they are read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
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
    weight = (lambda _act, _campaign: 1) if times else _default if by_default else _weight(scope)
    found = weighed(scope, weight, acts).subquery("facts")
    within = not_of_team(scope, found.c.campaign_id, found.c.person_id)
    points = func.sum(found.c.points).label("points")
    return select(found.c.person_id, points).where(within).group_by(found.c.person_id)


def points_of(session: Session, person: Person) -> list[Account]:
    """The person's points in each campaign that they see and where they did something, latest campaign first.

    Only they may read them, line by line: ideas that they sent anonymously count here, and in no standing. Three
    queries.
    """
    scope = Scope(select(Campaign.id).where(campaign_visible_to(person)), people=person.id, unsigned=True)
    found = facts(scope).subquery("facts")
    rows = session.execute(
        select(found.c.campaign_id, found.c.act, func.sum(found.c.number))
        .where(not_of_team(scope, found.c.campaign_id, found.c.person_id))
        .group_by(found.c.campaign_id, found.c.act)
    ).all()
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


def _values(session: Session, campaign_ids: Collection[int]) -> dict[tuple[int, PointAct], int]:
    """What acts give in these campaigns where that is not the default."""
    found = session.scalars(select(PointValue).where(PointValue.campaign_id.in_(campaign_ids)))
    return {(value.campaign_id, value.act): value.points for value in found}


def _default(act: PointAct, _campaign: Any) -> int:
    return DEFAULTS[act]


def _weight(scope: Scope) -> Callable[[PointAct, Any], ColumnElement[int]]:
    """SQL: what an act gives in the campaign of a row."""

    def weight(act: PointAct, campaign: Any) -> ColumnElement[int]:
        here = scope.campaigns if isinstance(scope.campaigns, int) else campaign
        own = select(PointValue.points).where(PointValue.campaign_id == here, PointValue.act == act)
        return func.coalesce(own.scalar_subquery(), DEFAULTS[act])

    return weight
