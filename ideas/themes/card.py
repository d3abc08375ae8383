"""Themes as people read them: cards with figures and quotations, the ideas of a theme, those left over, the map."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    String,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
    true,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import Session, aliased, joinedload

from clustering.types import Leftover, ThemeWarning
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.term import spelled_out
from ideas.contributions.idea import Idea, is_submitted, one_text
from ideas.contributions.merged import any_merged
from ideas.contributions.vote import Emotion, Reaction, Vote, merged_reactions
from ideas.people.person import Person
from ideas.search import Match, matches, read_query
from ideas.themes.alike import is_folded
from ideas.themes.passage import Passage, by_passage, counted
from ideas.themes.placement import Placement, count_submitted
from ideas.themes.theme import Theme, active_themes

VERBATIMS = 3
# The columns of a Verbatim.
_SHOWN = (
    Idea.id,
    Idea.title,
    Idea.body,
    Idea.lang,
    Person.name,
    Idea.author_name,
    Idea.is_anonymous,
    Idea.written_by_id,
)
# Ideas below which nothing should be concluded from a theme alone, as in clustering.quality.warnings.
MIN_IDEAS = 5


@dataclass(frozen=True, slots=True)
class Verbatim:
    """What a page shows of an idea that it quotes. `author`: a member's name; `author_name`: one that a file gave."""

    id: int
    title: str
    body: str
    lang: str | None
    author: str | None
    author_name: str
    is_anonymous: bool = False
    written_by_id: int | None = None

    @property
    def text(self) -> str:
        return one_text(self.title, self.body)


class PlacedDot(NamedTuple):
    """An idea with its theme, or why it has none, how much it belongs there, and where a run drew it."""

    idea_id: int
    theme_id: int | None
    leftover: Leftover | None
    strength: float
    x: float
    y: float


@dataclass(slots=True)
class ThemeCard:
    """A theme as its page shows it.

    `size`: the ideas that count in it; `main`: those whose main theme it is, so that sums count each idea once;
    `several`: those that count in other themes too. The figures are of all that count, with what is merged into them:
    a merged idea counts once, in the themes of the idea that it is merged into.
    """

    theme: Theme
    size: int = 0
    main: int = 0
    several: int = 0
    people: int = 0
    support: int = 0
    emotions: dict[Emotion, int] = field(default_factory=dict)
    verbatims: tuple[Verbatim, ...] = ()

    @property
    def warnings(self) -> list[ThemeWarning]:
        """Why nothing should be concluded from the theme alone: what the latest run found, and its size of today."""
        found = [ThemeWarning.LOOSE] if ThemeWarning.LOOSE in self.theme.warnings and self.size > 1 else []
        return [ThemeWarning.SMALL, *found] if 0 < self.size < MIN_IDEAS else found


def theme_cards(
    session: Session, campaign: Campaign, *, only: Theme | None = None, quotes: bool = True
) -> list[ThemeCard]:
    """Every active theme, or one, with its figures and typical verbatims, largest first.

    `quotes`: without them the verbatims are empty. A constant number of queries, whatever the number of themes.
    """
    themes = active_themes(session, campaign) if only is None else [only]
    cards = {theme.id: ThemeCard(theme) for theme in themes}
    asked = {"campaign_id": campaign.id, "theme_id": only.id if only else None}
    merged = any_merged(session, campaign.id)
    guests = session.execute(_guests_query(one=only is not None, merged=merged), asked).all()
    counts, emotions = _count_queries(one=only is not None, guests=bool(guests), merged=merged)
    for theme_id, size, people, support in session.execute(counts, asked):
        card = cards[theme_id]
        card.size, card.people, card.support = size, people, support
    for theme_id, emotion, count in session.execute(emotions, asked):
        cards[theme_id].emotions[emotion] = count
    _count_guests(cards, guests)
    for card in cards.values():
        card.emotions = {emotion: card.emotions[emotion] for emotion in Emotion if emotion in card.emotions}
    if quotes:
        _add_verbatims(session, campaign, cards)
    return sorted(cards.values(), key=lambda card: (-card.size, card.theme.id))


def _count_guests(cards: Mapping[int, ThemeCard], guests: Iterable[Row[*tuple[Any, ...]]]) -> None:
    """Count the ideas whose main theme is another one, those that count in others too, and the emotions about guests.

    `guests`: see `_guests_query`.
    """
    inside: dict[int, set[int]] = {}
    several: dict[int, set[int]] = {}
    for idea_id, theme_id, main, emotion, count in guests:
        inside.setdefault(theme_id, set()).add(idea_id)
        for number in (theme_id, main):
            several.setdefault(number, set()).add(idea_id)
        if emotion is not None and theme_id in cards:
            found = cards[theme_id].emotions
            found[emotion] = found.get(emotion, 0) + count
    for card in cards.values():
        card.main = card.size - len(inside.get(card.theme.id, ()))
        card.several = len(several.get(card.theme.id, ()))


@cache  # building the queries takes longer than running them
def _guests_query(*, one: bool, merged: bool) -> CompoundSelect[Any]:
    """The guests of themes, ideas that count there by a passage alone: the idea, the theme, the idea's main theme, an
    emotion or none, and how many people feel it.

    Those of the campaign, or of one theme: where one of the two is `theme_id`. `merged`: the campaign has merged ideas.
    """
    either = or_(Passage.theme_id == bindparam("theme_id"), Placement.theme_id == bindparam("theme_id"))
    more = merged_reactions().subquery()
    parts = []
    for felt in (Reaction, more.c) if merged else (Reaction,):
        columns: tuple[Any, ...] = Passage.idea_id, Passage.theme_id, Placement.theme_id, felt.emotion
        found = by_passage().join(Idea, Idea.id == Passage.idea_id).join(Theme, Theme.id == Passage.theme_id)
        if felt is Reaction:
            found = found.outerjoin(Reaction, Reaction.idea_id == Passage.idea_id)
        else:
            found = found.join(more, more.c.idea_id == Passage.idea_id)
        parts.append(
            found.where(Theme.campaign_id == bindparam("campaign_id"), is_submitted(), either if one else true())
            .with_only_columns(*columns, func.count(felt.person_id.distinct()))
            .group_by(None)
            .group_by(*columns)
        )
    return union_all(*parts)


@cache
def _count_queries(*, one: bool, guests: bool, merged: bool) -> tuple[Select[*tuple[Any, ...]], ...]:
    """Sizes, people and support of each active theme of `campaign_id`, or of `theme_id` alone, and the emotions about
    the ideas whose main theme it is. Without `guests`, every idea counts in its main theme alone; without `merged`, no
    idea is merged into another.
    """
    in_theme = (Theme.campaign_id == bindparam("campaign_id")) & Theme.retired_at.is_(None) & is_submitted()
    of_guests = Placement.campaign_id == bindparam("campaign_id")
    if one:
        in_theme &= Theme.id == bindparam("theme_id")
        of_guests &= Passage.theme_id == bindparam("theme_id")
    theme_id = Theme.id.label("theme_id")

    def of_main(*columns: Any) -> Select[*tuple[Any, ...]]:
        found = select(theme_id, *columns).join(Placement, Placement.theme_id == Theme.id)
        return found.join(Idea, Idea.id == Placement.idea_id).where(in_theme)

    part = aliased(Idea)
    others = by_passage().where(of_guests).subquery()

    def of_guest(*columns: Any) -> Select[*tuple[Any, ...]]:
        found = select(theme_id, *columns).join(others, others.c.theme_id == Theme.id)
        return found.join(Idea, Idea.id == others.c.idea_id).where(in_theme)

    parts = []
    for of in (of_main, of_guest) if guests else (of_main,):
        alone = of(Idea.id.label("idea_id"), Idea.author_id, Vote.person_id)
        parts.append(alone.outerjoin(Vote, Vote.idea_id == Idea.id))
        if merged:  # what is merged into an idea brings its author and its supporters
            brought = of(Idea.id, part.author_id, Vote.person_id).join(part, part.merged_into_id == Idea.id)
            parts.append(brought.outerjoin(Vote, Vote.idea_id == part.id))
    ideas = union_all(*parts).subquery()
    people = func.count(ideas.c.author_id.distinct())  # a name that a file gives is no person
    # A person who supports several ideas of a theme supports it once.
    support = func.count(ideas.c.person_id.distinct())
    counts = select(ideas.c.theme_id, func.count(ideas.c.idea_id.distinct()), people, support)
    reacted = [of_main(Reaction.emotion).join(Reaction, Reaction.idea_id == Idea.id)]
    if merged:
        more = merged_reactions().subquery()
        reacted.append(of_main(more.c.emotion).join(more, more.c.idea_id == Idea.id))
    felt = union_all(*reacted).subquery()
    emotions = select(felt.c.theme_id, felt.c.emotion, func.count()).group_by(felt.c.theme_id, felt.c.emotion)
    return counts.group_by(ideas.c.theme_id), emotions


def _add_verbatims(session: Session, campaign: Campaign, cards: Mapping[int, ThemeCard]) -> None:
    """The pipeline's exemplars that are still in the theme, then its strongest members: two queries at most."""
    ids = [idea_id for card in cards.values() for idea_id in card.theme.exemplars]
    asked = {"campaign_id": campaign.id, "wanted": ids}
    exemplars = {
        (theme_id, idea_id): Verbatim(idea_id, *shown)
        for theme_id, idea_id, *shown in session.execute(_exemplars_query(), asked)
    }
    for card in cards.values():
        wanted = [(card.theme.id, idea_id) for idea_id in card.theme.exemplars]
        card.verbatims = tuple(exemplars[one] for one in wanted if one in exemplars)[:VERBATIMS]
    lacking = [card.theme.id for card in cards.values() if len(card.verbatims) < min(VERBATIMS, card.main)]
    if not lacking:
        return
    for theme_id, *shown in session.execute(_strongest_query(), {"campaign_id": campaign.id, "themes": lacking}):
        card, verbatim = cards[theme_id], Verbatim(*shown)
        if len(card.verbatims) < VERBATIMS and verbatim not in card.verbatims:
            card.verbatims += (verbatim,)


def verbatims_of(session: Session, ids: Collection[int]) -> dict[int, Verbatim]:
    """These ideas as pages quote them, by id. One query."""
    asked = select(*_SHOWN).outerjoin(Person, Person.id == Idea.author_id).where(Idea.id.in_(ids))
    return {row[0]: Verbatim(*row) for row in session.execute(asked)}


@cache
def _exemplars_query() -> Select[*tuple[Any, ...]]:
    """Those of the `wanted` ideas of `campaign_id` that count and are in a theme: each with that theme."""
    return (
        select(Placement.theme_id, *_SHOWN)
        .join(Idea, Idea.id == Placement.idea_id)
        .outerjoin(Person, Person.id == Idea.author_id)
        .where(
            Placement.campaign_id == bindparam("campaign_id"),
            Placement.idea_id.in_(bindparam("wanted", expanding=True)),
            is_submitted(),
        )
    )


@cache
def _strongest_query() -> Select[*tuple[Any, ...]]:
    """The strongest ideas of each of these `themes`, the strongest first, copies of another one last."""
    strongest = (
        select(
            Placement.idea_id,
            Placement.theme_id,
            func.row_number()
            .over(
                partition_by=Placement.theme_id,
                order_by=(Placement.same_as.is_not(None), Placement.strength.desc(), Placement.idea_id),
            )
            .label("place"),
        )
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == bindparam("campaign_id"),
            Placement.theme_id.in_(bindparam("themes", expanding=True)),
            is_submitted(),
        )
        .subquery()
    )
    return (
        select(strongest.c.theme_id, *_SHOWN)
        .join(Idea, Idea.id == strongest.c.idea_id)
        .outerjoin(Person, Person.id == Idea.author_id)
        .where(strongest.c.place <= VERBATIMS)
        .order_by(strongest.c.place)
    )


def theme_members(
    session: Session,
    theme: Theme,
    *,
    containing: str = "",
    nodes: Collection[int] | None = None,
    folded: bool = False,
    start: int = 0,
    limit: int | None = None,
) -> Sequence[Placement]:
    """The ideas that count in the theme, with their authors: all, or `limit` from `start` on.

    First those whose main theme it is, the most typical first; then those of which a passage asks for it, the strongest
    first. `containing` keeps those with these words, `nodes` those in one of these finest groups of the theme. `folded`
    leaves out those that are shown with another one of the theme, see ideas.themes.alike.
    """
    pairs = counted(theme_id=theme.id).subquery()
    return session.scalars(
        select(Placement)
        .join(pairs, pairs.c.idea_id == Placement.idea_id)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(is_submitted(), *_narrowed(session, theme, pairs.c.main, containing, nodes, folded=folded))
        .options(joinedload(Placement.idea).joinedload(Idea.author), joinedload(Placement.placed_by))
        .order_by(pairs.c.main.desc(), pairs.c.strength.desc(), Placement.idea_id)
        .offset(start)
        .limit(limit)
    ).all()


def count_members(
    session: Session,
    theme: Theme,
    *,
    containing: str = "",
    nodes: Collection[int] | None = None,
    folded: bool = False,
) -> int:
    """How many ideas `theme_members` finds."""
    pairs = counted(theme_id=theme.id).subquery()
    counting = select(func.count()).select_from(Placement).join(pairs, pairs.c.idea_id == Placement.idea_id)
    counting = counting.join(Idea, Idea.id == Placement.idea_id)
    narrowed = _narrowed(session, theme, pairs.c.main, containing, nodes, folded=folded)
    return session.scalar(counting.where(is_submitted(), *narrowed)) or 0


def _narrowed(
    session: Session,
    theme: Theme,
    main: ColumnElement[bool],
    containing: str,
    nodes: Collection[int] | None,
    *,
    folded: bool,
) -> list[ColumnElement[bool]]:
    conditions = [not_(and_(main, is_folded()))] if folded else []
    if containing:
        query = spelled_out(session, theme.campaign_id, read_query(containing))
        conditions.append(matches(session, Idea, query))
    if nodes is not None:
        conditions += [main, Placement.node.in_(nodes)]
    return conditions


def leftovers(
    session: Session, campaign: Campaign, kind: Leftover, *, start: int = 0, limit: int | None = None
) -> Sequence[Placement]:
    """The campaign's ideas that are left over for this reason, with their authors: all, or `limit` from `start` on.

    Without those that are shown with another one, see ideas.themes.alike.
    """
    asked = {"campaign_id": campaign.id, "kind": kind, "start": start, "limit": limit}
    return session.scalars(_leftovers_query(limited=limit is not None), asked).all()


@cache
def _leftovers_query(*, limited: bool) -> Select[Placement]:
    found = (
        select(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == bindparam("campaign_id"),
            Placement.leftover == bindparam("kind"),
            is_submitted(),
            not_(is_folded()),
        )
        .options(
            joinedload(Placement.idea).joinedload(Idea.author).load_only(Person.name),
            joinedload(Placement.placed_by).load_only(Person.name),
        )
        .order_by(Placement.idea_id)
        .offset(bindparam("start"))
    )
    return found.limit(bindparam("limit")) if limited else found


def count_leftovers(session: Session, campaign: Campaign, kind: Leftover, *, folded: bool = False) -> int:
    """How many ideas are left over for this reason; `folded`: how many of them `leftovers` lists."""
    conditions = [not_(is_folded())] if folded else []
    return count_submitted(session, Placement.campaign_id == campaign.id, Placement.leftover == kind, *conditions)


_LEFTOVERS = {None: None} | {kind.value: kind for kind in Leftover}


def all_placements(session: Session, campaign: Campaign) -> Sequence[tuple[int | None, Leftover | None, float, float]]:
    """Theme, leftover and position of every idea, for the map."""
    # The connection gives its rows as they are: the session would go through a large campaign's three times.
    rows = session.connection().execute(_placements_query(), {"campaign_id": campaign.id})
    return [(theme_id, _LEFTOVERS[leftover], x, y) for theme_id, leftover, x, y in rows]


@cache
def _placements_query() -> Select[int | None, str | None, float, float]:
    return (
        select(Placement.theme_id, type_coerce(Placement.leftover, String), Placement.x, Placement.y)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == bindparam("campaign_id"), is_submitted())
        .order_by(Placement.idea_id)
    )


def placed_ideas(session: Session, campaign: Campaign) -> Sequence[PlacedDot]:
    """Which idea each position of `all_placements` is, in the same order. One query."""
    query = (
        select(Placement.idea_id, Placement.theme_id, Placement.leftover, Placement.strength, Placement.x, Placement.y)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Placement.idea_id)
    )
    return [PlacedDot(*row) for row in session.execute(query)]


def themes_containing(session: Session, campaign: Campaign, words: str) -> set[int]:
    """The active themes whose name and key phrases, or one of whose ideas, have these words, or words that begin so
    where none has. Two queries at most.
    """
    query = spelled_out(session, campaign.id, read_query(words))
    active = (Theme.campaign_id == campaign.id) & Theme.retired_at.is_(None)
    pairs = counted(campaign_id=campaign.id).subquery()
    for match in (Match.ALL, Match.BEGINS):
        named = select(Theme.id).where(active, matches(session, Theme, query, match))
        said = (
            select(pairs.c.theme_id)
            .join(Idea, Idea.id == pairs.c.idea_id)
            .join(Theme, Theme.id == pairs.c.theme_id)
            .where(active, is_submitted(), matches(session, Idea, query, match))
        )
        found = set(session.scalars(union(named, said)))
        if found:
            return found
    return set()
