"""Numbers of a form as ranges: at the quartiles of what is given in the campaign, moved to numbers that people read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, null, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FormField
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.idea import Idea, is_submitted

# Into how many parts the numbers are cut at most, and how many steps lie between the first and the third quartile.
PARTS = 4
STEPS = 4


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers from `least` on that are below `most`; None where there is no bound. `unit`: that of the field."""

    field_id: int
    least: float | None
    most: float | None
    unit: str = ""

    @property
    def key(self) -> str:
        """For an address: it changes where the bounds do."""
        ends = ("" if end is None else f"{end:g}" for end in (self.least, self.most))
        return f"n{self.field_id}:{':'.join(ends)}"

    def holds(self) -> ColumnElement[bool]:
        """SQL condition on FieldValue: it is a number of this range."""
        bounds = [FieldValue.number >= self.least] if self.least is not None else []
        bounds += [FieldValue.number < self.most] if self.most is not None else []
        return and_(FieldValue.field_id == self.field_id, FieldValue.number.is_not(None), *bounds)


def number_ranges(session: Session, campaign: Campaign, fields: Sequence[FormField]) -> list[NumberRange]:
    """The ranges of each field of these that takes numbers, in their order. A field in which nearly everybody gives the
    same has none. One query at most. For whoever manages the campaign.
    """
    asked = {field.id: field for field in fields if field.kind is FieldKind.NUMBER}
    if not asked:
        return []
    part = func.ntile(PARTS).over(partition_by=FieldValue.field_id, order_by=FieldValue.number).label("part")
    cut = (
        select(FieldValue.field_id, FieldValue.number, part)
        .join(Idea, Idea.id == FieldValue.idea_id)
        .where(Idea.campaign_id == campaign.id, is_submitted(), FieldValue.number.is_not(None))
        .where(FieldValue.field_id.in_(asked))
        .subquery()
    )
    ends = select(cut.c.field_id, cut.c.part, func.min(cut.c.number), func.max(cut.c.number))
    parts: dict[int, list[tuple[float, float]]] = {}
    for field_id, _part, low, high in session.execute(
        ends.group_by(cut.c.field_id, cut.c.part).order_by(cut.c.field_id, cut.c.part)
    ):
        parts.setdefault(field_id, []).append((low, high))
    found = []
    for field in asked.values():
        bounds = readable_bounds(parts.get(field.id, ()))
        found += [
            NumberRange(field.id, least, most, field.unit)
            for least, most in zip([None, *bounds], [*bounds, None], strict=True)
            if bounds
        ]
    return found


def range_number(ranges: Sequence[NumberRange]) -> ColumnElement[int | None]:
    """SQL expression on FieldValue: the place in the list of the range that holds its number; NULL where none does."""
    if not ranges:
        return cast(null(), Integer)
    return case(*((one.holds(), place) for place, one in enumerate(ranges)), else_=cast(null(), Integer))


def readable_bounds(parts: Sequence[tuple[float, float]]) -> list[float]:
    """Where the ranges are cut: the starts of all parts but the first, rounded to a step of 1, 2 or 5 times a power of
    ten. `parts`: the least and the largest number of each quarter of the numbers, ascending.
    """
    if not parts:
        return []
    low, high = parts[0][0], parts[-1][1]
    starts = [start for start, _end in parts[1:]]
    spread = (starts[-1] - starts[0] if starts else 0) or high - low
    if spread <= 0:
        return []
    step = _step(spread / STEPS)
    rounded = {round(round(start / step) * step, 9) for start in starts}
    return sorted(bound for bound in rounded if low < bound <= high)


def _step(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above this."""
    power = 10.0 ** math.floor(math.log10(most))
    return max(times * power for times in (1, 2, 5) if times * power <= most)
