"""Groups of convergent ideas, found by the pipeline: a theme keeps its identity from run to run."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    String,
    bindparam,
    false,
    func,
    select,
    true,
    type_coerce,
    union,
)
from sqlalchemy.orm import Mapped, Session, joinedload, load_only, mapped_column, relationship
from sqlalchemy.sql.base import ExecutableOption

from clustering.types import Apart, Leftover, ThemeWarning
from ideas.base import Base
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import campaign_visible_to, themes_readable_by
from ideas.contributions.idea import Idea, is_submitted
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.people.person import Person
from ideas.search import Searchable, matches, read_query
from ideas.themes.placement import Placement
from ideas.themes.stored import APART, LANGUAGES, WARNINGS, Languages

MAX_NAME_LENGTH = 80
VERBATIMS = 3
# Ideas below which nothing should be concluded from a theme alone, as in clustering.quality.warnings.
MIN_IDEAS = 5


class Theme(Searchable, Base):
    """A theme keeps its row, and so its identity, from run to run; a retired one is kept for undo and history.

    `touched`: a person named, merged or split it, so no run drops it; nor one that holds an idea placed by a person, or
    where a person forbade one. `family`: its place in ThemeRun.families; `parts`: of its sub-themes in ThemeRun.tree;
    both of the latest run. `languages`: empty where they are not known. `apart`: what separates it from the nearest
    theme: see `apart_of`. `warnings`: see ThemeCard.warnings. `measured`: what is stored of its ideas describes those
    of today, but for a few new ones; else it is cleared until ideas.themes.refresh has it measured. `version`: raised
    by each edit and run that changes the theme. `shape`: the version that put its present ideas together; undoing
    brings the earlier one back.
    """

    __tablename__ = "theme"
    searched = ("given_name", "found_name", "phrases")

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    found_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH * 2), default="")
    given_name: Mapped[str | None] = mapped_column(String(MAX_NAME_LENGTH))
    phrases: Mapped[list[Any]] = mapped_column(default=list)
    exemplars: Mapped[list[Any]] = mapped_column(default=list)
    cohesion: Mapped[float] = mapped_column(default=0.0)
    x: Mapped[float] = mapped_column(default=0.5)
    y: Mapped[float] = mapped_column(default=0.5)
    family: Mapped[int] = mapped_column(default=0, server_default="0")
    parts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    languages: Mapped[Languages] = mapped_column(LANGUAGES, default=(), server_default="[]")
    apart: Mapped[Apart | None] = mapped_column(APART)
    warnings: Mapped[tuple[ThemeWarning, ...]] = mapped_column(WARNINGS, default=(), server_default="[]")
    measured: Mapped[bool] = mapped_column(default=True, server_default=true())
    touched: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    shape: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()

    @property
    def name(self) -> str:
        return self.given_name or self.found_name

    @staticmethod
    def searched_text(*values: Any) -> str:
        """The name that is shown, and the key phrases."""
        given_name, found_name, phrases = values
        return "\n".join([given_name or found_name, *(phrases or [])])

    @property
    def keeps_name(self) -> bool:
        """True where no run gives it another name: a person named it, or merged or split it under the name it had."""
        return self.given_name is not None or (self.touched and self.found_name != "")


def theme_visible_to(person: Person | None) -> ColumnElement[bool]:
    """SQL condition: the theme is active, in a campaign that this person may see, and they may read its themes."""
    readable = select(Campaign.id).where(campaign_visible_to(person), themes_readable_by(person))
    return Theme.retired_at.is_(None) & Theme.campaign_id.in_(readable)


def active_themes(session: Session, campaign: Campaign) -> Sequence[Theme]:
    """The themes that are neither merged away nor gone in a later run, oldest first."""
    return session.scalars(_active_themes_query(), {"campaign_id": campaign.id}).all()


def themes_by_id(session: Session, campaign: Campaign, ids: Collection[int]) -> Sequence[Theme]:
    """Those of the campaign's themes that have these ids, also retired ones."""
    chosen = select(Theme).where(Theme.campaign_id == campaign.id, Theme.id.in_(ids)).order_by(Theme.id)
    return session.scalars(chosen).all()


@cache  # building the query takes longer than running it
def _active_themes_query() -> Select[Theme]:
    return (
        select(Theme)
        .where(Theme.campaign_id == bindparam("campaign_id"), Theme.retired_at.is_(None))
        .order_by(Theme.id)
    )


def raise_shape(theme: Theme) -> None:
    """Count that the theme got other ideas, or what a run found."""
    theme.version = theme.shape = (theme.version or 1) + 1  # a new theme has no version before it is stored


def mark_reshaped(theme: Theme) -> None:
    """Mark that the theme has other ideas, and clear what was stored of those that it had.

    Its size, its typical ideas and the warning about its size are always those of today.
    """
    raise_shape(theme)
    theme.measured, theme.apart, theme.warnings, theme.languages = False, None, (), ()
    theme.phrases, theme.exemplars, theme.parts = [], [], []


def apart_of(theme: Theme, themes: Iterable[Theme]) -> Apart | None:
    """What separates a theme from its nearest among `themes`, where both are still as a run measured them."""
    apart = theme.apart
    measured = {other.id for other in themes if other.measured}
    return apart if apart is not None and theme.measured and apart.theme in measured else None


def languages_together(counts: Mapping[int, int], themes: Mapping[int, Theme], sizes: Mapping[Any, int]) -> Languages:
    """The shares of languages among ideas, `counts` of which come from each of these themes of these sizes.

    Empty where they are not known: see `languages_of_some`.
    """
    shares: dict[str, float] = {}
    for theme_id, count in counts.items():
        theme = themes[theme_id]
        languages = theme.languages if count == sizes[theme_id] else languages_of_some(theme)
        if not languages:
            return ()
        for code, share in languages:
            shares[code] = shares.get(code, 0.0) + share * count
    total = sum(shares.values())
    return tuple((code, round(share / total, 4)) for code, share in sorted(shares.items(), key=lambda item: -item[1]))


def languages_of_some(theme: Theme) -> Languages:
    """The languages of some of a theme's ideas: they are known only where all of the theme is in one."""
    return theme.languages if len(theme.languages) == 1 else ()


# As people read them --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class ThemeCard:
    """A theme as its page shows it."""

    theme: Theme
    size: int = 0
    people: int = 0
    support: int = 0
    emotions: dict[Emotion, int] = field(default_factory=dict)
    verbatims: list[Idea] = field(default_factory=list)

    @property
    def warnings(self) -> list[ThemeWarning]:
        """Why nothing should be concluded from the theme alone: what the latest run found, and its size of today."""
        found = [ThemeWarning.LOOSE] if ThemeWarning.LOOSE in self.theme.warnings and self.size > 1 else []
        return [ThemeWarning.SMALL, *found] if 0 < self.size < MIN_IDEAS else found


def theme_cards(session: Session, campaign: Campaign, *, only: Theme | None = None) -> list[ThemeCard]:
    """Every active theme, or one, with its figures and typical verbatims, largest first.

    A constant number of queries, whatever the number of themes.
    """
    themes = active_themes(session, campaign) if only is None else [only]
    cards = {theme.id: ThemeCard(theme) for theme in themes}
    asked = {"campaign_id": campaign.id, "theme_id": only.id if only else None}
    counts, emotions = _count_queries(one=only is not None)
    for theme_id, size, people, support in session.execute(counts, asked):
        card = cards[theme_id]
        card.size, card.people, card.support = size, people, support
    for theme_id, emotion, count in session.execute(emotions, asked):
        cards[theme_id].emotions[emotion] = count
    for card in cards.values():
        card.emotions = {emotion: card.emotions[emotion] for emotion in Emotion if emotion in card.emotions}
    _add_verbatims(session, campaign, cards)
    return sorted(cards.values(), key=lambda card: (-card.size, card.theme.id))


@cache  # building the queries takes longer than running them
def _count_queries(*, one: bool) -> tuple[Select[*tuple[Any, ...]], ...]:
    """Sizes, people and support, and emotions, of each active theme of `campaign_id`, or of `theme_id` alone."""
    in_theme = (Theme.campaign_id == bindparam("campaign_id")) & Theme.retired_at.is_(None) & is_submitted()
    if one:
        in_theme &= Theme.id == bindparam("theme_id")

    def per_theme(*counted: Any) -> Select[*tuple[Any, ...]]:
        return (
            select(Theme.id, *counted)
            .select_from(Theme)
            .join(Placement, Placement.theme_id == Theme.id)
            .join(Idea, Idea.id == Placement.idea_id)
            .where(in_theme)
            .group_by(Theme.id)
        )

    people = func.count(Idea.author_id.distinct())  # a name that a file gives is no person
    # A person who supports several ideas of a theme supports it once.
    support = func.count(Vote.person_id.distinct())
    counts = per_theme(func.count(Idea.id.distinct()), people, support).outerjoin(Vote, Vote.idea_id == Idea.id)
    emotions = per_theme(Reaction.emotion, func.count()).join(Reaction, Reaction.idea_id == Placement.idea_id)
    return counts, emotions.group_by(Reaction.emotion)


def _add_verbatims(session: Session, campaign: Campaign, cards: Mapping[int, ThemeCard]) -> None:
    """The pipeline's exemplars that are still in the theme, then its strongest members: two queries at most."""
    ids = [idea_id for card in cards.values() for idea_id in card.theme.exemplars]
    asked = {"campaign_id": campaign.id, "wanted": ids}
    exemplars = {(theme_id, idea.id): idea for theme_id, idea in session.execute(_exemplars_query(), asked)}
    for card in cards.values():
        wanted = [(card.theme.id, idea_id) for idea_id in card.theme.exemplars]
        card.verbatims = [exemplars[one] for one in wanted if one in exemplars][:VERBATIMS]
    lacking = [card.theme.id for card in cards.values() if len(card.verbatims) < min(VERBATIMS, card.size)]
    if not lacking:
        return
    for theme_id, idea in session.execute(_strongest_query(), {"campaign_id": campaign.id, "themes": lacking}):
        verbatims = cards[theme_id].verbatims
        if len(verbatims) < VERBATIMS and idea not in verbatims:
            verbatims.append(idea)


@cache
def _exemplars_query() -> Select[int | None, Idea]:
    """Those of the `wanted` ideas of `campaign_id` that count and are in a theme, with that theme."""
    return (
        select(Placement.theme_id, Idea)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == bindparam("campaign_id"),
            Placement.idea_id.in_(bindparam("wanted", expanding=True)),
            is_submitted(),
        )
        .options(*_as_verbatims())
    )


@cache
def _strongest_query() -> Select[int, Idea]:
    """The strongest ideas of each of these `themes`, the strongest first."""
    strongest = (
        select(
            Placement.idea_id,
            Placement.theme_id,
            func.row_number()
            .over(partition_by=Placement.theme_id, order_by=(Placement.strength.desc(), Placement.idea_id))
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
        select(strongest.c.theme_id, Idea)
        .join(Idea, Idea.id == strongest.c.idea_id)
        .where(strongest.c.place <= VERBATIMS)
        .options(*_as_verbatims())
        .order_by(strongest.c.place)
    )


def _as_verbatims() -> tuple[ExecutableOption, ...]:
    """What a page shows of an idea that is quoted."""
    author = joinedload(Idea.author).load_only(Person.name)
    return load_only(Idea.title, Idea.body, Idea.lang, Idea.author_id, Idea.author_name), author


def theme_members(
    session: Session,
    theme: Theme,
    *,
    containing: str = "",
    nodes: Collection[int] | None = None,
    start: int = 0,
    limit: int | None = None,
) -> Sequence[Placement]:
    """The theme's ideas with their authors, the most typical first: all, or `limit` from `start` on.

    `containing` keeps those with these words, `nodes` those in one of these finest groups.
    """
    return session.scalars(
        select(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(*_members(session, theme, containing, nodes))
        .options(joinedload(Placement.idea).joinedload(Idea.author), joinedload(Placement.placed_by))
        .order_by(Placement.strength.desc(), Placement.idea_id)
        .offset(start)
        .limit(limit)
    ).all()


def count_members(session: Session, theme: Theme, *, containing: str = "", nodes: Collection[int] | None = None) -> int:
    """How many ideas `theme_members` finds."""
    members = select(func.count()).select_from(Placement).join(Idea, Idea.id == Placement.idea_id)
    return session.scalar(members.where(*_members(session, theme, containing, nodes))) or 0


def _members(
    session: Session, theme: Theme, containing: str, nodes: Collection[int] | None
) -> list[ColumnElement[bool]]:
    conditions = [Placement.theme_id == theme.id, is_submitted()]
    if containing:
        conditions.append(matches(session, Idea, read_query(containing)))
    if nodes is not None:
        conditions.append(Placement.node.in_(nodes))
    return conditions


def leftovers(
    session: Session, campaign: Campaign, kind: Leftover, *, start: int = 0, limit: int | None = None
) -> Sequence[Placement]:
    """The campaign's ideas that are left over for this reason, with their authors: all, or `limit` from `start` on."""
    asked = {"campaign_id": campaign.id, "kind": kind, "start": start, "limit": limit}
    return session.scalars(_leftovers_query(limited=limit is not None), asked).all()


@cache
def _leftovers_query(*, limited: bool) -> Select[Placement]:
    found = (
        select(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == bindparam("campaign_id"), Placement.leftover == bindparam("kind"), is_submitted()
        )
        .options(
            joinedload(Placement.idea).joinedload(Idea.author).load_only(Person.name),
            joinedload(Placement.placed_by).load_only(Person.name),
        )
        .order_by(Placement.idea_id)
        .offset(bindparam("start"))
    )
    return found.limit(bindparam("limit")) if limited else found


def count_leftovers(session: Session, campaign: Campaign, kind: Leftover) -> int:
    """How many ideas `leftovers` finds."""
    found = select(func.count()).select_from(Placement).join(Idea, Idea.id == Placement.idea_id)
    of_kind = (Placement.campaign_id == campaign.id) & (Placement.leftover == kind)
    return session.scalar(found.where(of_kind, is_submitted())) or 0


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


def themes_containing(session: Session, campaign: Campaign, words: str) -> set[int]:
    """The active themes whose name and key phrases, or one of whose ideas, have these words."""
    query = read_query(words)
    active = (Theme.campaign_id == campaign.id) & Theme.retired_at.is_(None)
    named = select(Theme.id).where(active, matches(session, Theme, query))
    said = (
        select(Placement.theme_id)
        .join(Idea, Idea.id == Placement.idea_id)
        .join(Theme, Theme.id == Placement.theme_id)
        .where(active, is_submitted(), matches(session, Idea, query))
    )
    return set(session.scalars(union(named, said)))
