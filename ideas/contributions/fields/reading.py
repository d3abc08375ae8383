"""What the cells of a file say for the fields of the form: a column whose name is the label of a field fills it."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ideas.campaigns.form_field import MAX_NUMBER, FieldKind, FormField
from ideas.contributions.fields.value import MAX_PLACE_LENGTH, Given
from ideas.text import clean_line

_SPACES = re.compile(r"\s")
# Between several options in one cell: surveys write one of these.
_BETWEEN_OPTIONS = re.compile(r"[;|\n]")


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A column of a file that fills a field. `is_text`: what it holds is searched for personal data."""

    field_id: int
    place: int
    is_text: bool


@dataclass(frozen=True, slots=True)
class FieldCell:
    field_id: int
    text: str
    is_text: bool


def field_columns(fields: Sequence[FormField], columns: Sequence[str], *, taken: Collection[int]) -> list[FieldColumn]:
    """The columns that have the label of a field that the form asks, or its label and unit, whatever their case.

    `taken`: the places of columns that something else is read from.
    """
    found = []
    free = {name.strip().casefold(): place for place, name in reversed(list(enumerate(columns))) if place not in taken}
    for field in fields:
        labels = (field.label, f"{field.label} ({field.unit})")
        place = next((free[label.casefold()] for label in labels if label.casefold() in free), None)
        if place is not None and field.closed_at is None and field.kind is not FieldKind.FILE:
            found.append(FieldColumn(field.id, place, field.kind is FieldKind.PLACE))
    return found


def read_cells(fields: Mapping[int, FormField], cells: Sequence[FieldCell]) -> tuple[dict[int, Given], int]:
    """What these cells give, and how many of them do not fit their field and are left out. Empty cells give nothing."""
    given: dict[int, Given] = {}
    misfits = 0
    for cell in cells:
        field, text = fields.get(cell.field_id), cell.text.strip()
        if field is None or not text:
            continue
        value = _read(field, text)
        if value:
            given[field.id] = value
        else:
            misfits += 1
    return given, misfits


def read_number(typed: str) -> float | None:
    """The number that somebody typed, with a comma or a point, or None where it is none."""
    try:
        number = float(_SPACES.sub("", typed).replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_NUMBER else None


def _read(field: FormField, text: str) -> Given:
    if field.kind is FieldKind.PLACE:
        place = clean_line(text)
        return Given(text=place) if len(place) <= MAX_PLACE_LENGTH else Given()
    if field.kind is FieldKind.NUMBER:
        number = read_number(text)
        low, high = field.least is not None, field.most is not None
        if number is None or (low and number < (field.least or 0)) or (high and number > (field.most or 0)):
            return Given()
        return Given(number=number)
    known = {clean_line(option.label).casefold(): option.id for option in field.options}
    whole = clean_line(text).casefold()
    if whole in known:
        return Given(options=frozenset({known[whole]}))
    parts = {clean_line(part).casefold() for part in _BETWEEN_OPTIONS.split(text)} - {""}
    if not field.takes_several or not parts <= set(known):
        return Given()
    return Given(options=frozenset(known[part] for part in parts))
