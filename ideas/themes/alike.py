"""Ideas that say the same, with the same words or nearly so: a list shows one of them, and how many others there are.

Which ones they are is what the latest run found, or the placing since: Placement.same_as. Every one of them counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Exists, Select, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.passage import counted
from ideas.themes.placement import Placement

MAX_LISTED = 100  # of those that say the same as an idea; more are only counted


@dataclass(slots=True)
class Alike:
    """An idea, and the others that say the same: those listed, and how many more there are."""

    first: Placement
    others: list[Placement] = field(default_factory=list)
    more: int = 0

    @property
    def count(self) -> int:
        """How many others there are."""
        return len(self.others) + self.more


def fold_alike(placements: Iterable[Placement]) -> list[Alike]:
    """The ideas in their order, those that say the same behind the first of them."""
    found: dict[int, Alike] = {}
    for placement in placements:
        key = placement.same_as or placement.idea_id
        if key in found:
            found[key].others.append(placement)
        else:
            found[key] = Alike(placement)
    return list(found.values())


def is_folded(*, anywhere: bool = False) -> ColumnElement[bool]:
    """The SQL condition for a placement to be shown with another idea that says the same and is in the same theme, or
    in none for the same reason; with `anywhere`, wherever in the campaign it is.

    That is the one that stands for all, or the oldest of the others where that one is not there.
    """

    def beside(*conditions: ColumnElement[bool]) -> Exists:
        other_idea = aliased(Idea)
        there = other.theme_id == Placement.theme_id, other.leftover == Placement.leftover
        return (
            exists()
            .where(*conditions, true() if anywhere else or_(*there), other_idea.id == other.idea_id)
            .where(is_submitted(other_idea))
            .correlate(Placement)
        )

    other = aliased(Placement)
    original = beside(other.idea_id == Placement.same_as)
    older = beside(
        other.campaign_id == Placement.campaign_id,
        other.same_as == Placement.same_as,
        other.idea_id < Placement.idea_id,
    )
    return Placement.same_as.is_not(None) & or_(original, older)


def add_alike(session: Session, members: Sequence[Alike], *place: ColumnElement[bool]) -> None:
    """Put with each idea those that `is_folded` left out of the list. Reads MAX_LISTED of each.

    `place`: the conditions under which a placement is in the list.
    """
    of = {alike.first.same_as or alike.first.idea_id: alike for alike in members}
    if not of:
        return
    numbered = (
        select(
            Placement.idea_id,
            func.row_number().over(partition_by=Placement.same_as, order_by=Placement.idea_id).label("place"),
            func.count().over(partition_by=Placement.same_as).label("count"),
        )
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            *place,
            Placement.same_as.in_(of),
            Placement.idea_id.not_in([alike.first.idea_id for alike in members]),
            is_submitted(),
        )
        .subquery()
    )
    rows = session.execute(
        select(Placement, numbered.c.count)
        .join(numbered, numbered.c.idea_id == Placement.idea_id)
        .where(numbered.c.place <= MAX_LISTED)
        .options(joinedload(Placement.idea).joinedload(Idea.author), joinedload(Placement.placed_by))
        .order_by(Placement.idea_id)
    )
    for placement, count in rows:
        alike = of[placement.same_as]
        alike.others.append(placement)
        alike.more = max(count - len(alike.others), 0)


# Lists of ideas, whatever their theme ---------------------------------------------------------------------------------


def copies_in(campaign: Campaign) -> Select[int]:
    """The ids of the campaign's ideas that a list of all of them shows behind another one."""
    return (
        select(Placement.idea_id)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, is_folded(anywhere=True), is_submitted())
    )


def copies_in_themes(session: Session, campaign: Campaign) -> dict[int, int]:
    """By theme, how many of the ideas that count in it say the same as another one that does: beyond the first."""
    pairs = counted(campaign_id=campaign.id).subquery()
    texts = func.count(func.coalesce(Placement.same_as, Placement.idea_id).distinct())
    found = session.execute(
        select(pairs.c.theme_id, func.count() - texts)
        .join(Placement, Placement.idea_id == pairs.c.idea_id)
        .join(Idea, Idea.id == pairs.c.idea_id)
        .where(is_submitted())
        .group_by(pairs.c.theme_id)
    )
    return {theme_id: count for theme_id, count in found if count}


def alike_of(session: Session, campaign: Campaign, ideas: Sequence[Idea]) -> dict[int, Alike]:
    """By the id of each of these ideas, those of `copies_in` that say the same."""
    shown = select(Placement).where(Placement.idea_id.in_([idea.id for idea in ideas]))
    members = [Alike(placement) for placement in session.scalars(shown)]
    add_alike(session, members, Placement.campaign_id == campaign.id)
    return {alike.first.idea_id: alike for alike in members}


def fold_ideas(session: Session, ideas: Sequence[Idea]) -> tuple[Sequence[Idea], dict[int, Alike]]:
    """The ideas that a search found, in their order, those of them that say the same behind the first: by its id."""
    found = select(Placement).where(Placement.idea_id.in_([idea.id for idea in ideas]))
    placements = {placement.idea_id: placement for placement in session.scalars(found)}
    alike = fold_alike(placements[idea.id] for idea in ideas if idea.id in placements)
    behind = {other.idea_id for one in alike for other in one.others}
    return [idea for idea in ideas if idea.id not in behind], {one.first.idea_id: one for one in alike}


def similar_ideas(session: Session, idea: Idea, *, limit: int) -> Sequence[Idea]:
    """The public ideas most like this one: those that say the same, then its nearest by the last grouping.

    With their authors. Two queries.
    """
    placement = session.get(Placement, idea.id)
    near = placement.neighbours if placement is not None else []
    group = (placement.same_as or placement.idea_id) if placement is not None else idea.id
    copies = select(Placement.idea_id).where((Placement.same_as == group) | (Placement.idea_id == group))
    same_text = (func.lower(Idea.body) == idea.body.lower()) & (func.lower(Idea.title) == idea.title.lower())
    found = session.scalars(
        select(Idea)
        .where(
            Idea.campaign_id == idea.campaign_id,
            Idea.id != idea.id,
            is_submitted(),
            Idea.id.in_(copies) | same_text | Idea.id.in_(near),
        )
        .options(joinedload(Idea.author))
        .order_by(Idea.id)
    ).all()
    nearness = {number: place for place, number in enumerate(near)}
    return sorted(found, key=lambda other: nearness.get(other.id, -1))[:limit]
