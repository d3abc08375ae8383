"""The list of a campaign's ideas: in several orders, with filters that go together with a search, in pages.

A page begins after an idea of the page before, not at a number, so that it stays the same while new ideas come, and the
last page is as fast as the first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from operator import add
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select, true
from sqlalchemy.orm import Session, joinedload

from clustering.types import Leftover
from ideas.answers.debriefs.coverage import proposes, rests_on_debrief
from ideas.answers.debriefs.figures import came_without_author
from ideas.answers.decision import Decision, DecisionStatus
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.writer import wrote
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.fields.counts import FieldFacet, FieldFilter, field_facets, gives
from ideas.contributions.idea import Idea, is_submitted
from ideas.contributions.vote import Reaction, Vote, merged_reactions, merged_votes
from ideas.people.person import Person
from ideas.search import Match, Query, matches, search
from ideas.themes.alike import Alike, alike_of, copies_in, fold_ideas
from ideas.themes.passage import counted_pairs
from ideas.themes.placement import Placement

PAGE_SIZE = 20
# From so many ideas on, PostgreSQL counts what was given to all faster than what was given to each.
MIN_GROUPED = 20_000
Key = TypeVar("Key")


class Order(StrEnum):
    """`FEW`: those with the fewest votes, reactions and comments first, the oldest of them first."""

    NEWEST = "newest"
    SUPPORTED = "supported"
    DISCUSSED = "discussed"
    FEW = "few"


class Unplaced(StrEnum):
    """Ideas that no run, and no placing since, has looked at yet."""

    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which ideas of the campaign. `theme_id`: those that count in it; `answer`: those that count in a theme which
    has it; `fields`: those that give what each of them asks for; `left`: those that are left over for this reason, or
    have no place yet; `rested_on`: of those that propose something, those that the debrief rests on, or does not;
    `imported`: those without an account behind.
    """

    theme_id: int | None = None
    left: Leftover | Unplaced | None = None
    rested_on: bool | None = None
    imported: bool = False
    lang: str = ""
    answer: DecisionStatus | None = None
    mine: bool = False
    fields: tuple[FieldFilter, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind the idea with this id and this value of the order; with `back`, it ends before it."""

    value: int
    id: int
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaList:
    """A page of the list. `total`: of all pages, with a search counted up to MAX_COUNTED + 1. `match`: of a search.

    `alike`: by the id of an idea, those that say the same and are shown behind it. `before`, `after`: of the pages
    beside this one; None at the ends.
    """

    ideas: Sequence[Idea]
    alike: dict[int, Alike]
    total: int
    match: Match | None
    before: Cursor | None
    after: Cursor | None


def list_ideas(
    session: Session,
    campaign: Campaign,
    *,
    reader: Person | None,
    order: Order = Order.NEWEST,
    filters: Filters | None = None,
    query: Query | None = None,
    match: Match | None = None,
    cursor: Cursor | None = None,
    size: int = PAGE_SIZE,
) -> IdeaList:
    """A page of the campaign's submitted ideas, for whoever may see the campaign.

    A filter by theme or answer is for whoever may read the themes: the caller checks it. With a search, ideas that meet
    it, in the way `match` or in the first one that finds something. A number of queries that doesn't depend on the
    list.
    """
    filters = filters or Filters()
    resting = _rested_on(session, campaign, filters)
    where = and_((Idea.campaign_id == campaign.id) & is_submitted(), *_conditions(campaign, filters, reader, resting))
    shown: ColumnElement[bool] = where
    way, copies = None, None
    if query is not None:
        found = search(session, Idea, query, where=where, match=match, limit=1)
        way, total = found.match, found.total
        shown = where & matches(session, Idea, query, way) if total else false()
    else:
        total = session.scalar(select(func.count(Idea.id)).where(where)) or 0
        copies = None if filters or campaign.grouped_at is None else copies_in(campaign)
        if copies is not None:
            shown = where & Idea.id.not_in(copies)
    grouped = reads_as_list(session, total)
    rows = session.execute(_page(shown, order, cursor, size, grouped=grouped)).all()
    back = cursor is not None and cursor.back
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows = rows[::-1]
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    found_ideas = _in_order(session, [idea_id for idea_id, _value in rows])
    if copies is None:
        ideas, alike = fold_ideas(session, found_ideas)
    else:
        ideas, alike = found_ideas, alike_of(session, campaign, found_ideas)
    return IdeaList(
        ideas=ideas,
        alike=alike,
        total=total,
        match=way,
        before=Cursor(first[1], first[0], back=True) if first and (more if back else cursor is not None) else None,
        after=Cursor(last[1], last[0]) if last and (back or more) else None,
    )


@dataclass(frozen=True, slots=True)
class Facets:
    """What a list can be filtered by, each with how many ideas it would then have. `mine`: the reader's; `fields`: what
    the form asks.
    """

    themes: dict[int, int]
    langs: dict[str, int]
    answers: dict[DecisionStatus, int]
    mine: int
    fields: Sequence[FieldFacet]


def facets_of(
    session: Session,
    campaign: Campaign,
    *,
    reader: Person | None,
    with_themes: bool,
    filters: Filters | None = None,
    query: Query | None = None,
    match: Match | None = None,
) -> Facets:
    """The filters that find something in what was searched and filtered. At most five queries, and six more for the
    fields of the form.

    What is filtered by already is counted without that filter: it shows what else could be chosen in its place, and
    stays in the list if it finds nothing. `with_themes`: the reader may read the themes. Of languages and answers, only
    where there are several; answers once they are published. `match`: the way in which the search found something.
    """
    chosen = filters or Filters()
    resting = _rested_on(session, campaign, chosen)
    searched = true() if query is None else matches(session, Idea, query, match or Match.ALL)

    def among(**left_out: Any) -> ColumnElement[bool]:
        """SQL condition: the idea is in the list, as it would be with these values of filters."""
        conditions = _conditions(campaign, replace(chosen, **left_out), reader, resting)
        return and_(Idea.campaign_id == campaign.id, is_submitted(), searched, *conditions)

    spoken = select(Idea.lang, func.count()).where(among(lang=""), Idea.lang.is_not(None)).group_by(Idea.lang)
    langs = {lang: count for lang, count in session.execute(spoken) if lang}
    themes: dict[int, int] = {}
    answers: dict[DecisionStatus, int] = {}
    if with_themes:
        themes, main = _theme_counts(session, campaign, among(theme_id=None))
        if campaign.debriefed_at is not None:
            if chosen.theme_id is not None or chosen.answer is not None:
                _themes, main = _theme_counts(session, campaign, among(answer=None))
            answers = _answer_counts(session, main)
    if chosen.theme_id is not None:
        themes.setdefault(chosen.theme_id, 0)
    mine = 0
    if reader is not None:
        mine = session.scalar(select(func.count()).where(among(mine=True))) or 0
    return Facets(
        themes=themes,
        langs=_with_chosen(langs, chosen.lang or None),
        answers=_with_chosen(answers, chosen.answer),
        mine=mine,
        fields=field_facets(session, campaign, where=among(fields=()), filters=chosen.fields),
    )


def _with_chosen(counts: dict[Key, int], chosen: Key | None) -> dict[Key, int]:
    """Counts with the value that is chosen; none of a single value that is not."""
    if chosen is not None:
        return counts | {chosen: counts.get(chosen, 0)}
    return counts if len(counts) > 1 else {}


def _answer_counts(session: Session, main: dict[int, int]) -> dict[DecisionStatus, int]:
    """How many ideas have each answer, from how many have each theme as their main one."""
    answers: dict[DecisionStatus, int] = {}
    decided = select(Decision.theme_id, Decision.status).where(
        Decision.theme_id.in_(list(main)), Decision.published_at.is_not(None)
    )
    for theme_id, status in session.execute(decided):
        answers[status] = answers.get(status, 0) + main[theme_id]
    return answers


def _theme_counts(
    session: Session, campaign: Campaign, where: ColumnElement[bool]
) -> tuple[dict[int, int], dict[int, int]]:
    """How many of these ideas count in each theme, and how many have it as their main one."""
    there = counted_pairs(campaign_id=campaign.id).subquery()
    rows = session.execute(
        select(there.c.theme_id, func.count(), func.sum(case((there.c.main, 1), else_=0)))
        .join(Idea, Idea.id == there.c.idea_id)
        .where(where)
        .group_by(there.c.theme_id)
    ).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows if row[2]}


def _conditions(
    campaign: Campaign, filters: Filters, reader: Person | None, resting: ColumnElement[bool] | None
) -> list[ColumnElement[bool]]:
    """`resting`: as `_rested_on` says."""
    conditions: list[ColumnElement[bool]] = [] if resting is None else [resting]
    if filters.left is not None:
        conditions.append(_is_left(campaign, filters.left))
    if filters.imported:
        conditions.append(came_without_author())
    if filters.theme_id is not None:
        there = counted_pairs(theme_id=filters.theme_id).subquery()
        conditions.append(Idea.id.in_(select(there.c.idea_id)))
    if filters.lang:
        conditions.append(Idea.lang == filters.lang)
    if filters.answer is not None:
        there = counted_pairs(campaign_id=campaign.id).subquery()
        answered = (
            select(there.c.idea_id)
            .join(Decision, Decision.theme_id == there.c.theme_id)
            .where(Decision.status == filters.answer, Decision.published_at.is_not(None))
        )
        conditions.append(Idea.id.in_(answered))
    if filters.mine:
        conditions.append(wrote(Idea, reader.id if reader is not None else -1))
    if filters.fields:
        conditions.append(gives(filters.fields))
    return conditions


def _is_left(campaign: Campaign, left: Leftover | Unplaced) -> ColumnElement[bool]:
    placed = select(Placement.idea_id).where(Placement.campaign_id == campaign.id)
    if left is Unplaced.WAITING:
        return Idea.id.not_in(placed)
    return Idea.id.in_(placed.where(Placement.leftover == left))


def _rested_on(session: Session, campaign: Campaign, filters: Filters) -> ColumnElement[bool] | None:
    """SQL condition: the debrief rests on the idea, or not; None where the filter does not ask. Every idea meets it
    where there is no debrief. Asked once for all counts of a page: it takes as many queries as they do.
    """
    if filters.rested_on is None:
        return None
    resting = rests_on_debrief(session, campaign)
    if resting is None:
        return true()
    return proposes(campaign) & (resting if filters.rested_on else not_(resting))


def reads_as_list(session: Session, ideas: int) -> bool:
    """True where so many ideas are put in order faster by one list of what was given to them: see `_valued`."""
    return ideas >= MIN_GROUPED and session.get_bind().dialect.name == "postgresql"


def _page(
    where: ColumnElement[bool], order: Order, cursor: Cursor | None, size: int, *, grouped: bool
) -> Select[int, int]:
    """The ids and values of one idea more than a page has, those nearest to the cursor first. `grouped`:
    see `_valued`.
    """
    valued = _valued(order, where, grouped=grouped)
    # Materialized: SQLite would count again for each comparison with the cursor.
    ranked = valued.subquery() if order is Order.NEWEST else valued.cte("ranked").prefix_with("MATERIALIZED")
    value, id_ = ranked.c.value, ranked.c.id
    ascending = order is Order.FEW
    back = cursor is not None and cursor.back
    page = select(id_, value)
    if cursor is not None:
        if ascending is not back:  # towards larger values
            page = page.where(or_(value > cursor.value, (value == cursor.value) & (id_ > cursor.id)))
        else:
            page = page.where(or_(value < cursor.value, (value == cursor.value) & (id_ < cursor.id)))
    by = (value, id_) if ascending is not back else (value.desc(), id_.desc())
    return page.order_by(*by).limit(size + 1)


def _valued(order: Order, where: ColumnElement[bool], *, grouped: bool) -> Select[int, int]:
    """Ideas with the value by which they are ordered: as many as their pages show, those of merged ideas with them.

    `grouped`: what was given to the ideas themselves, from the first to the last, is read in their order and counted.
    PostgreSQL does so in less than half of the time that a look at each takes; SQLite is faster with looks.
    """
    if order is Order.NEWEST:
        return select(Idea.id, Idea.id.label("value")).where(where)
    votes, comments = (Vote.idea_id, true(), merged_votes()), (Comment.idea_id, is_shown(), _merged_comments())
    given: Sequence[tuple[Any, ColumnElement[bool], Any]] = [votes]
    if order is Order.DISCUSSED:
        given = [comments]
    elif order is Order.FEW:
        given = [votes, (Reaction.idea_id, true(), merged_reactions()), comments]
    listed = select(Idea.id).where(where).cte("listed").prefix_with("MATERIALIZED") if grouped else None
    idea_id = Idea.id if listed is None else listed.c.id
    valued = select(idea_id)
    counts: list[Any] = []
    if listed is None:
        valued = valued.where(where)
    for of_idea, condition, of_merged in given:
        lists = [of_merged.subquery().c.idea_id]
        if listed is None:
            own = select(func.count()).where(of_idea == Idea.id, condition).correlate(Idea).scalar_subquery()
            counts.append(own)
        else:
            first, last = (select(of(listed.c.id)).scalar_subquery() for of in (func.min, func.max))
            here = select(of_idea).where(of_idea.between(first, last), condition)
            lists.append(here.subquery().c.idea_id)
        for one in lists:
            counted = select(one, func.count().label("count")).group_by(one).subquery()
            valued = valued.outerjoin(counted, counted.c.idea_id == idea_id)
            counts.append(func.coalesce(counted.c.count, 0))
    return valued.add_columns(reduce(add, counts).label("value"))


def _merged_comments() -> Any:
    part = Idea.__table__.alias()
    return (
        select(part.c.merged_into_id.label("idea_id"))
        .join(Comment, Comment.idea_id == part.c.id)
        .where(part.c.merged_into_id.is_not(None), is_shown())
    )


def _in_order(session: Session, ids: Collection[int]) -> list[Idea]:
    found = session.scalars(
        select(Idea).where(Idea.id.in_(ids)).options(joinedload(Idea.author).load_only(Person.name))
    )
    by_id = {idea.id: idea for idea in found}
    return [by_id[number] for number in ids]
