"""The passages of ideas: an idea counts in each theme that it asks for, of which one is its main theme.

Which ideas count in a theme is asked of `counted` alone: sizes, support, cards, notices and journeys go through it.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    CompoundSelect,
    ForeignKey,
    Select,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from clustering.types import PlacedPassage
from ideas.base import Base, chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.themes.placement import Forbidden, Placement
from ideas.themes.stored import PassageRow, Passages
from ideas.themes.theme import Theme


class Passage(Base):
    """A stretch of an idea that asks for a theme. `start`, `end`: its characters in Idea.text, in the `version` read.

    Only an idea that asks for several themes has any, then also in its main theme; its other themes are those of its
    passages. A passage of an earlier version of the text counts nowhere. None is in a theme that is retired or
    forbidden, nor of an idea without a theme: see `drop_stray_passages`. `kept`: a person said that it belongs in its
    theme, where later runs leave it.
    """

    __tablename__ = "passage"
    __table_args__ = (CheckConstraint("strength BETWEEN 0 AND 1", name="strength"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True, index=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    end: Mapped[int]
    strength: Mapped[float]
    version: Mapped[int]
    kept: Mapped[bool] = mapped_column(default=False, server_default=false())


_COLUMNS = tuple(getattr(Passage, name) for name in PassageRow._fields)


# Which ideas count ----------------------------------------------------------------------------------------------------


def counted(*, campaign_id: Any = None, theme_id: Any = None, ideas: Select[Any] | None = None) -> CompoundSelect[Any]:
    """Which ideas count in which themes of a campaign, of those that a query names, or in one theme: each pair of idea
    and theme once. `theme_id`: of a theme, or those of several. `ideas`: a query of ids, of these alone.

    Its columns: `idea_id`, `theme_id`; `main`, True in the idea's main theme; `several`, True where the idea counts in
    other themes too; `strength`, of the idea in its main theme, else of the strongest passage there. Withdrawn ideas
    are among them: the query that uses it joins Idea and asks `is_submitted`.
    """
    named = isinstance(campaign_id, Select)
    in_campaign = Placement.campaign_id.in_(campaign_id) if named else Placement.campaign_id == campaign_id

    def in_theme(column: Any) -> ColumnElement[bool]:
        within: ColumnElement[bool] = column.in_(theme_id) if isinstance(theme_id, list | tuple) else column == theme_id
        return within

    elsewhere = Passage.idea_id == Placement.idea_id, Passage.theme_id != Placement.theme_id, _is_of_present_text()
    main = select(
        Placement.idea_id,
        Placement.theme_id,
        true().label("main"),
        exists().where(*elsewhere).correlate(Placement).label("several"),
        Placement.strength,
    ).where(
        Placement.theme_id.is_not(None),
        in_campaign if theme_id is None else in_theme(Placement.theme_id),
    )
    passages = by_passage().where(in_campaign if theme_id is None else in_theme(Passage.theme_id))
    if ideas is not None:
        main, passages = main.where(Placement.idea_id.in_(ideas)), passages.where(Passage.idea_id.in_(ideas))
    return union_all(main, passages)


def counted_pairs(**of: Any) -> CompoundSelect[Any]:
    """As `counted`, of which it takes the arguments, with `idea_id`, `theme_id` and `main` alone.

    For long lists: SQLite works out each column of each row, also one that the query around it leaves out.
    """
    columns = ("idea_id", "theme_id", "main")
    selects: Sequence[Any] = counted(**of).selects
    parts = (part.with_only_columns(*(part.selected_columns[name] for name in columns)) for part in selects)
    return union_all(*parts)


def by_passage() -> Select[*tuple[Any, ...]]:
    """Which ideas count in a theme by a passage alone: the second part of `counted`, with the placements of the ideas.

    The query that uses it says of which campaign or themes.
    """
    return (
        select(
            Passage.idea_id,
            Passage.theme_id,
            false().label("main"),
            true().label("several"),
            func.max(Passage.strength).label("strength"),
        )
        .join(Placement, Placement.idea_id == Passage.idea_id)
        .where(Passage.theme_id != Placement.theme_id, _is_of_present_text())
        .group_by(Passage.idea_id, Passage.theme_id)
    )


def _is_of_present_text() -> ColumnElement[bool]:
    """SQL condition: the idea was not changed since the passage was found."""
    version = select(Idea.version).where(Idea.id == Passage.idea_id).correlate(Passage)
    return Passage.version == version.scalar_subquery()


def passages_of(session: Session, idea_ids: Sequence[int]) -> Passages:
    """All passages of these ideas, by idea."""
    found: Passages = {}
    for some in chunks(idea_ids):
        found |= _grouped(_present().where(Passage.idea_id.in_(some)), session)
    return found


def counting_by_passage(session: Session, theme: Theme, idea_ids: Iterable[int]) -> frozenset[int]:
    """Those of these ideas that count in the theme, which is not their main one."""
    found: set[int] = set()
    for some in chunks(sorted(set(idea_ids))):
        pairs = counted(theme_id=theme.id).subquery()
        found |= set(session.scalars(select(pairs.c.idea_id).where(~pairs.c.main, pairs.c.idea_id.in_(some))))
    return frozenset(found)


def strongest_theme(passages: Iterable[PassageRow], allowed: Container[int]) -> int | None:
    """The theme of the strongest passage that is allowed, the first of equals."""
    rows = [row for row in passages if row.theme_id in allowed]
    return max(rows, key=lambda row: (row.strength, -row.start)).theme_id if rows else None


def _present() -> Select[Any]:
    return select(Passage.idea_id, *_COLUMNS).where(_is_of_present_text())


# Many at once ---------------------------------------------------------------------------------------------------------


def load_passages(session: Session, campaign: Campaign) -> Passages:
    """All passages in the campaign's themes, by idea; also of earlier texts."""
    return _grouped(select(Passage.idea_id, *_COLUMNS).where(_in_campaign(campaign)), session)


def _grouped(query: Select[Any], session: Session) -> Passages:
    found: Passages = {}
    for idea_id, *values in session.execute(query.order_by(Passage.idea_id, Passage.start, Passage.theme_id)):
        found.setdefault(idea_id, []).append(PassageRow(*values))
    return found


class FoundPassages(NamedTuple):
    """What a run found of one idea, with the ids of themes: its main theme, and its passages."""

    main: int | None
    passages: Sequence[PlacedPassage]


def numbered(passages: Iterable[PlacedPassage], theme_ids: Mapping[int, int]) -> list[PlacedPassage]:
    """A run's passages with the ids of themes in place of the run's numbers; those in a theme without one are gone."""
    return [replace(one, theme=theme_ids[one.theme]) for one in passages if one.theme in theme_ids]


def found_passages(
    session: Session,
    found: Mapping[int, FoundPassages],
    mains: Mapping[int, int | None],
    forbidden: Mapping[int, Container[int]],
    *,
    here: Passages,
) -> Passages:
    """What a run found, as it is stored: of those ideas alone that ask for another theme than their main one.

    `found`: by idea. `mains`: the main theme of each idea today. Where a person moved an idea out of the theme that the
    run found, or has `forbidden` it in a theme, none of its passages counts there. `here`: the passages that the ideas
    have; those that people keep stay.
    """
    asking: dict[int, list[PlacedPassage]] = {}
    for idea_id, (main, passages) in found.items():
        today = mains.get(idea_id)
        closed = forbidden.get(idea_id, ())
        held = [one for one in passages if one.theme not in closed and (today == main or one.theme != main)]
        if today is not None and any(one.theme != today for one in held):
            asking[idea_id] = held
    versions: dict[int, int] = {}
    for some in chunks(sorted(asking)):
        texts = session.execute(select(Idea.id, Idea.version).where(Idea.id.in_(some)))
        versions.update((idea_id, version) for idea_id, version in texts)
    stored = {
        idea_id: [PassageRow(one.theme, one.start, one.end, one.strength, versions[idea_id]) for one in held]
        for idea_id, held in asking.items()
    }
    for idea_id, rows in here.items():
        closed = forbidden.get(idea_id, ())
        kept = [row for row in rows if row.kept and row.theme_id not in closed]
        kept = [row for row in kept if row.version == versions.get(idea_id, row.version)]
        if kept and mains.get(idea_id) is not None:
            themes = {row.theme_id for row in kept}
            stored[idea_id] = [row for row in stored.get(idea_id, ()) if row.theme_id not in themes] + kept
    return stored


def replace_passages(session: Session, campaign: Campaign, passages: Passages, *, here: Passages) -> None:
    """Store these as the passages of the campaign, in place of those that are `here`."""
    if not here and not passages:
        return
    session.execute(delete(Passage).where(_in_campaign(campaign)))
    add_passages(session, passages)
    drop_stray_passages(session, campaign)


def replace_passages_of(session: Session, idea_ids: Iterable[int], passages: Passages) -> None:
    """Store these as the passages of some ideas, in place of those that they have."""
    for some in chunks(sorted(idea_ids)):
        session.execute(delete(Passage).where(Passage.idea_id.in_(some)))
    add_passages(session, passages)


def add_passages(session: Session, passages: Passages) -> None:
    """Store passages of ideas that have none."""
    rows = [{"idea_id": idea_id} | row._asdict() for idea_id, some in passages.items() for row in some]
    if rows:
        session.execute(insert(Passage), rows)


def drop_stray_passages(session: Session, campaign: Campaign) -> None:
    """Delete the passages that count no more, whatever was done: after every edit, run and undoing.

    Those in a theme that is retired, or where a person forbade the idea; those of an idea that is in no theme.
    """
    session.flush()
    retired = select(Theme.id).where(Theme.campaign_id == campaign.id, Theme.retired_at.is_not(None))
    placed = exists().where(Placement.idea_id == Passage.idea_id, Placement.theme_id.is_not(None))
    forbidden = exists().where(Forbidden.idea_id == Passage.idea_id, Forbidden.theme_id == Passage.theme_id)
    stray = or_(Passage.theme_id.in_(retired), ~placed, forbidden)
    session.execute(delete(Passage).where(_in_campaign(campaign), stray).execution_options(synchronize_session=False))


def _in_campaign(campaign: Campaign) -> ColumnElement[bool]:
    return Passage.theme_id.in_(select(Theme.id).where(Theme.campaign_id == campaign.id))


# What people do -------------------------------------------------------------------------------------------------------


def carried(passages: Passages, moves: Mapping[int, tuple[int | None, int | None]]) -> Passages:
    """The passages of the ideas that moved from a theme to another: those of the first are of the second then."""
    return {
        idea_id: relabelled(passages[idea_id], {source: target})
        for idea_id, (source, target) in moves.items()
        if source is not None and target is not None and idea_id in passages
    }


def merge_passages(session: Session, into: Theme, others: Collection[int]) -> None:
    """Have the passages in themes that are merged away count in the theme that takes them in."""
    session.flush()
    asking = select(Passage.idea_id).where(Passage.theme_id.in_(others))
    found = _grouped(select(Passage.idea_id, *_COLUMNS).where(Passage.idea_id.in_(asking)), session)
    themes = dict.fromkeys(others, into.id)
    replace_passages_of(session, found.keys(), {idea_id: relabelled(rows, themes) for idea_id, rows in found.items()})


def relabelled(passages: Iterable[PassageRow], themes: Mapping[int, int]) -> list[PassageRow]:
    """The passages of an idea with other themes in place of some, each stretch once in a theme."""
    rows = (row._replace(theme_id=themes.get(row.theme_id, row.theme_id)) for row in passages)
    return list({(row.theme_id, row.start): row for row in rows}.values())
