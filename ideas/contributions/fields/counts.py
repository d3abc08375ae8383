"""What the ideas of a campaign give in the fields of its form, counted; and the ideas that give something, as SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FormField, fields_of
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.files.idea_file import ideas_with_file
from ideas.contributions.idea import Idea

# Places that the filter of one field lists, those with the most ideas first. It finds the others too.
MAX_LISTED_PLACES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFilter:
    """Ideas that give this in one field: an option, a place, a number from `least` to `most`, both included, or a file;
    or that give no file there.
    """

    field_id: int
    option_id: int | None = None
    place: str = ""
    least: float | None = None
    most: float | None = None
    has_file: bool | None = None

    def __bool__(self) -> bool:
        others = (self.least, self.most, self.has_file)
        return bool(self.option_id or self.place) or any(one is not None for one in others)


@dataclass(frozen=True, slots=True)
class FieldFacet:
    """A field by which ideas can be filtered. `options`: how many ideas have each, in the order of the form; `places`:
    likewise, those with the most ideas first; `least`, `most`: of all numbers that are given; `with_file`,
    `without_file`: how many ideas have a file there, and how many have none.
    """

    field: FormField
    options: dict[int, int]
    places: dict[str, int]
    least: float | None = None
    most: float | None = None
    with_file: int = 0
    without_file: int = 0


def field_facets(
    session: Session, campaign: Campaign, *, where: ColumnElement[bool], filters: Sequence[FieldFilter] = ()
) -> list[FieldFacet]:
    """The fields in which these ideas of the campaign give something. For whoever may see the campaign.

    `where`: SQL condition of ideas that are published. `filters`: what is asked of fields already, which counts for the
    other fields; a field that is asked is always there. One query for a campaign without fields, else six at most.
    """
    fields = fields_of(session, campaign)
    asked = {one.field_id for one in filters}
    elsewhere = [(FieldValue.field_id == one.field_id) | gives([one]) for one in filters]

    def given(*columns: Any) -> Select[*tuple[Any, ...]]:
        """These columns of what the ideas give."""
        among = select(*columns).select_from(FieldValue).join(Idea, Idea.id == FieldValue.idea_id)
        return among.where(where, *elsewhere)

    kinds = {field.kind for field in fields}
    options: dict[int, int] = {}
    places: dict[int, dict[str, int]] = {}
    bounds: dict[int, tuple[float, float]] = {}
    if FieldKind.CHOICE in kinds:
        rows = session.execute(given(FieldValue.option_id, func.count()).group_by(FieldValue.option_id))
        options = {option_id: count for option_id, count in rows if option_id is not None}
    if FieldKind.NUMBER in kinds:
        ends = func.min(FieldValue.number), func.max(FieldValue.number)
        numbers = given(FieldValue.field_id, *ends).where(FieldValue.number.is_not(None))
        bounds = {row[0]: (row[1], row[2]) for row in session.execute(numbers.group_by(FieldValue.field_id))}
    if FieldKind.PLACE in kinds:
        order = (func.count().desc(), FieldValue.text)
        rank = func.row_number().over(partition_by=FieldValue.field_id, order_by=order).label("rank")
        named = given(FieldValue.field_id, FieldValue.text, func.count().label("ideas"), rank)
        named = named.where(FieldValue.text != "").group_by(FieldValue.field_id, FieldValue.text)
        ranked = named.subquery()
        listed = select(ranked.c.field_id, ranked.c.text, ranked.c.ideas).where(ranked.c.rank <= MAX_LISTED_PLACES)
        for field_id, place, count in session.execute(listed.order_by(ranked.c.field_id, ranked.c.rank)):
            places.setdefault(field_id, {})[place] = count
    files = _files(session, campaign, where, filters) if FieldKind.FILE in kinds else {}
    found = []
    for field in fields:
        chosen = {one.option_id for one in filters if one.field_id == field.id}
        known = {
            option.id: options.get(option.id, 0)
            for option in field.options
            if option.id in options or option.id in chosen
        }
        least, most = bounds.get(field.id, (None, None))
        with_file, without_file = files.get(field.id, (0, 0))
        if known or field.id in places or least is not None or with_file or field.id in asked:
            found.append(FieldFacet(field, known, places.get(field.id, {}), least, most, with_file, without_file))
    return found


def _files(
    session: Session, campaign: Campaign, where: ColumnElement[bool], filters: Sequence[FieldFilter]
) -> dict[int, tuple[int, int]]:
    """How many of the ideas have a file in each field for files, and how many have none."""
    pair = ideas_with_file().subquery("with_file")
    elsewhere = [(FormField.id == one.field_id) | gives([one]) for one in filters]
    rows = session.execute(
        select(FormField.id, func.count(pair.c.idea_id), func.count())
        .select_from(FormField)
        .join(Idea, Idea.campaign_id == FormField.campaign_id)
        .outerjoin(pair, (pair.c.idea_id == Idea.id) & (pair.c.field_id == FormField.id))
        .where(FormField.campaign_id == campaign.id, FormField.kind == FieldKind.FILE, where, *elsewhere)
        .group_by(FormField.id)
    )
    return {field_id: (given, ideas - given) for field_id, given, ideas in rows}


def gives(filters: Sequence[FieldFilter]) -> ColumnElement[bool]:
    """SQL condition: the idea gives what each of these filters asks for."""
    return and_(
        True,
        *(Idea.id.not_in(_matching(one)) if one.has_file is False else Idea.id.in_(_matching(one)) for one in filters),
    )


def _matching(one: FieldFilter) -> Select[int]:
    if one.has_file is not None:
        pair = ideas_with_file().subquery()
        return select(pair.c.idea_id).where(pair.c.field_id == one.field_id)
    found = select(FieldValue.idea_id).where(FieldValue.field_id == one.field_id)
    if one.option_id is not None:
        found = found.where(FieldValue.option_id == one.option_id)
    if one.place:
        found = found.where(FieldValue.text == one.place)
    if one.least is not None:
        found = found.where(FieldValue.number >= one.least)
    if one.most is not None:
        found = found.where(FieldValue.number <= one.most)
    return found
