"""Standings: who took part most, in a campaign or a space, over a period. Ideas are never ordered by them.

Nobody is shown to be last: a standing lists the first half at most, and never those with the fewest points, unless all
have as many. Who is equal shares a rank. Whoever does not want to be listed is in none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Select, Subquery, case, func, literal, null, select, true, union_all
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.people.person import Motivation, Person
from ideas.recognition.facts import PointAct, Scope, mentions
from ideas.recognition.points import points_given
from ideas.spaces.audience import AudienceSpace
from ideas.spaces.space import Membership, MembershipState, Space

# A standing of fewer people would say of each who is last.
MIN_PEOPLE = 5
NEWCOMER = timedelta(days=90)
PAGE_SIZE = 25
MAX_OWN = 3


class Board(StrEnum):
    """What a standing counts: points, support received, how many others mentioned a person, the points of newcomers
    alone, or those of groups: see ideas.recognition.group_standing.
    """

    ACTIVITY = "activity"
    SUPPORT = "support"
    MENTIONS = "mentions"
    NEWCOMERS = "newcomers"
    GROUPS = "groups"


class Period(StrEnum):
    """Since when it counts. Weeks begin on Monday."""

    ALL = "all"
    MONTH = "month"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Row:
    """A person's place. `points`: or how much support they received, or how many mentioned them."""

    person_id: int
    name: str
    points: int
    rank: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A page of a standing. `people`: how many are in it, also those who are not shown. `own`: the reader's place,
    which they alone see. `after`: where the next page begins, None on the last one.
    """

    rows: Sequence[Row]
    people: int
    own: Row | None
    after: tuple[int, int] | None

    @property
    def is_shown(self) -> bool:
        return self.people >= MIN_PEOPLE


def last_midnight(*, now: datetime, zone: str) -> datetime:
    """When this day began in this time zone."""
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def period_start(period: Period, *, now: datetime, zone: str) -> datetime | None:
    """When the present month or week began in this time zone; None for all time."""
    today = last_midnight(now=now, zone=zone)
    if period is Period.MONTH:
        return today.replace(day=1)
    if period is Period.WEEK:
        return today - timedelta(days=today.weekday())
    return None


def campaign_standing(
    session: Session,
    campaign: Campaign,
    *,
    board: Board,
    since: datetime | None,
    now: datetime,
    reader: Person | None,
    after: tuple[int, int] | None = None,
) -> Standing:
    """The standing of a campaign. Whoever reads the campaign may read it. One query."""
    return _standing(session, Scope(campaign.id, since=since), board, now, reader=reader, after=after)


def site_standing(session: Session, *, board: Board, since: datetime, now: datetime) -> Standing:
    """The standing of all announced campaigns that have one. Administrators may read it. One query."""
    here = select(Campaign.id).where(Campaign.has_standings, Campaign.announced_at.is_not(None))
    return _standing(session, Scope(asked_once(here), since=since), board, now, reader=None, after=None)


def space_standing(
    session: Session,
    space: Space,
    *,
    board: Board,
    since: datetime | None,
    now: datetime,
    reader: Person,
    after: tuple[int, int] | None = None,
) -> Standing:
    """The standing of the people who are in a space, in those of its campaigns that have standings. One query.

    Whoever is in the space may read it: the sum of the campaigns that they see.
    """
    scope = Scope(asked_once(campaigns_that_count(space, reader)), people=people_inside(space), since=since)
    return _standing(session, scope, board, now, reader=reader, after=after)


def own_ranks(session: Session, person: Person, campaigns: Sequence[Campaign]) -> list[tuple[Campaign, int]]:
    """The person's rank by points in the first MAX_OWN of these campaigns that show a standing and list enough people.
    Only they may read it: who is not listed reads the rank that they would have. A query for each.
    """
    shown = [one for one in campaigns if one.has_standings and one.announced_at is not None][:MAX_OWN]
    ranks = ((one, _own_rank(session, one, person)) for one in shown)
    return [(campaign, rank) for campaign, rank in ranks if rank is not None]


def _own_rank(session: Session, campaign: Campaign, person: Person) -> int | None:
    summed = sums(points_given(Scope(campaign.id))).cte("summed").prefix_with("MATERIALIZED", dialect="postgresql")
    listed = listed_in(summed).subquery("listed")
    own = select(summed.c.points).where(summed.c.person_id == person.id).scalar_subquery()
    above = func.sum(case((listed.c.points > own, 1), else_=0))
    people, points, better = session.execute(select(func.count(), own, above).select_from(listed)).one()
    return int(better) + 1 if people >= MIN_PEOPLE and points else None


def people_inside(space: Space) -> Select[int]:
    """The ids of the people who are in a space."""
    inside = (Membership.space_id == space.id) & (Membership.state == MembershipState.MEMBER)
    return select(Membership.person_id).where(inside)


def campaigns_that_count(space: Space, reader: Person) -> Select[int]:
    """The ids of the campaigns of a space that its standing sums up for this reader."""
    here = select(AudienceSpace.campaign_id).where(AudienceSpace.space_id == space.id)
    return select(Campaign.id).where(Campaign.id.in_(here), Campaign.has_standings, campaign_visible_to(reader))


def asked_once(campaigns: Select[int]) -> Select[int]:
    """The same ids, found once for all parts of a query that ask for them: who may see what takes several looks."""
    found = campaigns.cte("campaigns").prefix_with("MATERIALIZED", dialect="postgresql")
    return select(found.c.id)


def _standing(
    session: Session,
    scope: Scope,
    board: Board,
    now: datetime,
    *,
    reader: Person | None,
    after: tuple[int, int] | None,
) -> Standing:
    total, ranks = _tables(scope, board, now)
    people = select(func.sum(ranks.c.people)).scalar_subquery()
    lowest, highest = (select(of(ranks.c.points)).scalar_subquery() for of in (func.min, func.max))
    # The next rows are taken first and their ranks looked up afterwards: who is shown comes before who is not.
    page = (
        select(literal(0).label("own"), total.c.person_id, total.c.points)
        .where(_comes_after(total, after))
        .order_by(total.c.points.desc(), total.c.person_id)
        .limit(PAGE_SIZE + 1)
        .subquery()
    )
    own = select(literal(1).label("own"), total.c.person_id, total.c.points).where(
        total.c.person_id == (reader.id if reader is not None else 0)
    )
    count = select(literal(2).label("own"), null().label("person_id"), people.label("points"))
    found = union_all(select(page), own, count).subquery()
    shown = (2 * (ranks.c.above + 1) <= people) & ((ranks.c.points > lowest) | (lowest == highest))
    rows = session.execute(
        select(found.c.own, found.c.person_id, Person.name, found.c.points, ranks.c.above)
        .outerjoin(ranks, ranks.c.points == found.c.points)
        .outerjoin(Person, Person.id == found.c.person_id)
        .where((found.c.own > 0) | shown)
        .order_by(found.c.own, found.c.points.desc(), found.c.person_id)
    ).all()
    *_others, (_count, _nobody, _no_name, counted, _above) = rows
    shown_rows = [_row(*values) for kind, *values in rows if kind == 0]
    own_row = next((_row(*values) for kind, *values in rows if kind == 1), None)
    is_more = len(shown_rows) > PAGE_SIZE
    shown_rows = shown_rows[:PAGE_SIZE]
    last = shown_rows[-1] if is_more else None
    return Standing(
        rows=shown_rows,
        people=int(counted or 0),
        own=own_row,
        after=(last.points, last.person_id) if last is not None else None,
    )


def _tables(scope: Scope, board: Board, now: datetime) -> tuple[CTE, CTE]:
    """Each person's points, and of each number of points, how many people have it and how many have more."""
    # Of all people at first: one look at each sum costs less than one at each fact, six times.
    everyone = replace(scope, people=None)
    points: Any
    if board is Board.SUPPORT:
        points = points_given(everyone, [PointAct.SUPPORT_RECEIVED], times=True)
    elif board is Board.MENTIONS:
        points = mentions(everyone)
    else:
        points = points_given(everyone)
    inside = [scope.people] if isinstance(scope.people, Select) else []
    if board is Board.NEWCOMERS:
        inside.append(select(Person.id).where(Person.created_at > now - NEWCOMER))
    listed = listed_in(sums(points, inside).subquery("summed"), inside)
    total = listed.cte("total").prefix_with("MATERIALIZED", dialect="postgresql")
    each = select(total.c.points, func.count().label("people")).group_by(total.c.points).subquery("each")
    above = func.sum(each.c.people).over(order_by=each.c.points.desc()) - each.c.people
    ranks = select(each.c.points, each.c.people, above.label("above")).cte("ranks")
    return total, ranks


def sums(points: Select[Any], inside: Sequence[Select[int]] = (), group: Select[int, int] | None = None) -> Select[Any]:
    """What each person has in all, of rows with `person_id` and `points`; `marks`: see `listed_in`.

    `inside`: ids of people. Whoever is in one has one mark more, whoever is not listed has one less, added up with the
    points. Looked up for each person instead, they would cost more than all facts: PostgreSQL cannot guess how many
    people there are before it adds up. `group`: ids of people, each once, with that of their `group`, likewise.
    """
    unlisted = select(Person.id).where((Person.motivation != Motivation.LISTED) | Person.erased_at.is_not(None))
    marked = [(unlisted, -1), *((people, 1) for people in inside)]
    parts = [
        points.add_columns(literal(0).label("mark")),
        *(people.add_columns(literal(0), literal(mark)) for people, mark in marked),
    ]
    if group is not None:
        person_id, group_id = group.selected_columns
        parts = [part.add_columns(literal(0).label("group")) for part in parts]
        parts.append(group.with_only_columns(person_id, literal(0), literal(0), group_id))
    rows = union_all(*parts).subquery("marked").c
    sums_of = [func.sum(rows.points).label("points"), func.sum(rows.mark).label("marks")]
    if group is not None:
        sums_of.append(func.max(rows.group).label("group"))
    return select(rows.person_id, *sums_of).group_by(rows.person_id)


def listed_in(summed: Subquery | CTE, inside: Sequence[Select[int]] = ()) -> Select[Any]:
    """`person_id` and `points` of those who have any, are listed, and are inside of each: of the `sums` of the same."""
    is_listed = (summed.c.points > 0) & (summed.c.marks == len(inside))
    return select(summed.c.person_id, summed.c.points).where(is_listed)


def _comes_after(total: CTE, after: tuple[int, int] | None) -> ColumnElement[bool]:
    """SQL condition: the row comes after this one, of points and person: so a page costs as much as the first one."""
    if after is None:
        return true()
    points, person_id = after
    return (total.c.points < points) | ((total.c.points == points) & (total.c.person_id > person_id))


def _row(person_id: int, name: str, points: int, above: int) -> Row:
    return Row(person_id, name, int(points), int(above) + 1)
