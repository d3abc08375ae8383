"""Ideas that say the same, with the same words or nearly so: a list shows one of them, and how many others there are.

Which ones they are is what the latest run found: Placement.same_as. Every one of them counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme

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


def is_folded() -> ColumnElement[bool]:
    """The SQL condition for a placement to be shown with the idea that it says the same as, in the same theme."""
    original, idea = aliased(Placement), aliased(Idea)
    return (
        exists()
        .where(
            original.idea_id == Placement.same_as,
            original.theme_id == Placement.theme_id,
            idea.id == original.idea_id,
            is_submitted(idea),
        )
        .correlate(Placement)
    )


def add_alike(session: Session, theme: Theme, members: Sequence[Alike]) -> None:
    """Put with each idea those of the theme that `is_folded` left out of the list. Reads MAX_LISTED of each."""
    of = {alike.first.idea_id: alike for alike in members if alike.first.same_as is None}
    numbered = (
        select(
            Placement.idea_id,
            func.row_number().over(partition_by=Placement.same_as, order_by=Placement.idea_id).label("place"),
            func.count().over(partition_by=Placement.same_as).label("count"),
        )
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id == theme.id, Placement.same_as.in_(of), is_submitted())
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
