"""What the author of an idea gives in the fields of the campaign's form. It belongs to the idea, as its text does."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ForeignKey, Index, String, delete, exists, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base, chunks
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import MAX_NUMBER, FieldKind, FormField, asked_fields, fields_of, hold_form
from ideas.contributions.files.idea_file import IdeaFile, files_of, in_field
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, optional

MAX_PLACE_LENGTH = 120


class FieldRefused(DomainError):
    """What was given in a field does not fit it."""


class FieldMissing(FieldRefused):
    message = message_id("“%(label)s” is required. Fill it in.")


class NoSuchOption(FieldRefused):
    message = message_id("“%(label)s”: choose among the options that are offered.")


class OneOptionOnly(FieldRefused):
    message = message_id("“%(label)s”: choose one option only.")


class NumberTooSmall(FieldRefused):
    message = message_id("“%(label)s”: the smallest number is %(least)s.")


class NumberTooLarge(FieldRefused):
    message = message_id("“%(label)s”: the largest number is %(most)s.")


class FieldFilled(Conflict):
    message = message_id("Someone filled in this field, so it can’t be deleted. Close it instead.")


class FieldValue(Base):
    """A chosen option, a number or a place. Of a field that takes several options, a row for each."""

    __tablename__ = "field_value"
    __table_args__ = (Index("ix_field_value_field_id_option_id", "field_id", "option_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    field_id: Mapped[int] = mapped_column(ForeignKey("form_field.id", ondelete="CASCADE"))
    option_id: Mapped[int | None] = mapped_column(ForeignKey("form_option.id", ondelete="CASCADE"))
    number: Mapped[float | None]
    text: Mapped[str] = mapped_column(String(MAX_PLACE_LENGTH), default="", server_default=text("''"))


@dataclass(frozen=True, slots=True)
class Given:
    """What is given in one field: options by their ids, a number, or a place. Nothing at all is false."""

    options: frozenset[int] = frozenset()
    number: float | None = None
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.options or self.text) or self.number is not None


# By the id of the field.
Values = Mapping[int, Given]


@dataclass(frozen=True, slots=True)
class Filled:
    """A field and what was given in it, as people read it. Also kept like this with a version of an idea."""

    label: str
    options: tuple[str, ...] = ()
    number: float | None = None
    unit: str = ""
    text: str = ""
    # Given for the field; with an empty label, those that no field asked for. A version keeps their names, as a text.
    files: tuple[IdeaFile, ...] = ()

    def as_json(self) -> dict[str, Any]:
        text = self.text or "; ".join(one.in_words for one in self.files)
        options = list(self.options)
        return {"label": self.label, "options": options, "number": self.number, "unit": self.unit, "text": text}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["label"], tuple(stored["options"]), stored["number"], stored["unit"], stored["text"])


def values_in(session: Session, idea_ids: Iterable[int]) -> dict[int, dict[int, Given]]:
    """What is given with each of these ideas, by its id, then by the field's."""
    found: dict[int, dict[int, Given]] = {}
    for part in chunks(sorted(set(idea_ids))):
        rows = select(FieldValue).where(FieldValue.idea_id.in_(part)).order_by(FieldValue.id)
        for row in session.scalars(rows):
            of_idea = found.setdefault(row.idea_id, {})
            chosen = of_idea[row.field_id].options if row.field_id in of_idea else frozenset()
            more = frozenset() if row.option_id is None else frozenset({row.option_id})
            of_idea[row.field_id] = Given(chosen | more, row.number, row.text)
    return found


def values_of(session: Session, idea_id: int) -> dict[int, Given]:
    """What is given with the idea, by the field's id."""
    return values_in(session, [idea_id]).get(idea_id, {})


def filled(fields: Sequence[FormField], values: Values, files: Sequence[IdeaFile] = ()) -> list[Filled]:
    """The fields that something is given in, in the order of the form; then the files that no field asked for."""
    found = []
    for field in fields:
        given = tuple(one for one in files if one.field_id == field.id)
        if given or values.get(field.id):
            found.append(Filled(field.label, files=given) if given else _filled(field, values[field.id]))
    others = tuple(one for one in files if one.field_id is None)
    return [*found, Filled("", files=others)] if others else found


def filled_of(session: Session, campaign: Campaign, idea_id: int) -> list[Filled]:
    """What is given with the idea, in the order of the form, and its files. Four queries at most."""
    values, files = values_of(session, idea_id), files_of(session, [idea_id]).get(idea_id, [])
    asks = values or any(one.field_id is not None for one in files)
    return filled(fields_of(session, campaign) if asks else (), values, files)


def _filled(field: FormField, given: Given) -> Filled:
    chosen = tuple(option.label for option in field.options if option.id in given.options)
    return Filled(field.label, chosen, given.number, field.unit, given.text)


def checked_values(session: Session, campaign: Campaign, values: Values, *, present: Values, complete: bool) -> Values:
    """What is stored of these values, with those that are there in fields that are no longer asked.

    `present`: what the idea has. An option that is no longer offered may stay. `complete`: the idea is published now;
    of a draft, required fields may be empty and numbers out of their bounds.
    Raises FieldMissing, NoSuchOption, OneOptionOnly, NumberTooSmall, NumberTooLarge or TooLong.
    """
    asked = asked_fields(session, campaign)
    stored = {field_id: given for field_id, given in present.items() if field_id not in {one.id for one in asked}}
    for field in asked:
        if field.kind is FieldKind.FILE:  # kept beside the values: see ideas.contributions.files.change
            continue
        given = _checked(field, values.get(field.id, Given()), present.get(field.id, Given()), complete=complete)
        if given:
            stored[field.id] = given
        elif complete and field.is_required:
            raise FieldMissing(label=field.label)
    return stored


def _checked(field: FormField, given: Given, present: Given, *, complete: bool) -> Given:
    if field.kind is FieldKind.CHOICE:
        known = {option.id for option in field.offered} | present.options
        if not given.options <= known:
            raise NoSuchOption(label=field.label)
        if len(given.options) > 1 and not field.takes_several:
            raise OneOptionOnly(label=field.label)
        return Given(options=given.options)
    if field.kind is FieldKind.PLACE:
        return Given(text=optional(clean_line(given.text), max_length=MAX_PLACE_LENGTH))
    number = given.number
    if number is None or not math.isfinite(number) or abs(number) > MAX_NUMBER:
        return Given()
    if complete:
        if field.least is not None and number < field.least:
            raise NumberTooSmall(label=field.label, least=plain_number(field.least))
        if field.most is not None and number > field.most:
            raise NumberTooLarge(label=field.label, most=plain_number(field.most))
    return Given(number=number)


def plain_number(number: float) -> str:
    """The number as it is written in every language and format: without a fraction where it has none."""
    return str(int(number)) if number == int(number) else str(number)


def places_in(session: Session, campaign: Campaign, values: Values) -> list[str]:
    """The texts among these values, in the order of the form: what they hold is looked at as a text is."""
    return [values[field.id].text for field in fields_of(session, campaign) if values.get(field.id, Given()).text]


def places_of(session: Session, idea_id: int) -> dict[int, str]:
    """The places that are given with the idea, by the field's id. One query."""
    given = select(FieldValue.field_id, FieldValue.text).where(FieldValue.idea_id == idea_id, FieldValue.text != "")
    return dict(session.execute(given.order_by(FieldValue.id)).all())


def change_places(session: Session, idea_id: int, places: Mapping[int, str]) -> None:
    """Give places of the idea other words, by the field's id; an empty one is taken out, be the field required or not.

    For the rules of moderation: the caller holds the idea and knows its fields. Raises TooLong.
    """
    changed = {key: Given(text=optional(clean_line(one), max_length=MAX_PLACE_LENGTH)) for key, one in places.items()}
    present = values_of(session, idea_id)
    values = {key: value for key, value in (present | changed).items() if value}
    if values != present:
        store_values(session, idea_id, values)


def store_values(session: Session, idea_id: int, values: Values) -> None:
    """Put these values in the place of those that the idea has. The caller has checked them and holds the idea."""
    session.execute(delete(FieldValue).where(FieldValue.idea_id == idea_id))
    add_values(session, {idea_id: values})


def add_values(session: Session, by_idea: Mapping[int, Values]) -> None:
    """Store the values of ideas that have none yet."""
    rows: list[dict[str, Any]] = []
    for idea_id, values in by_idea.items():
        for field_id, given in values.items():
            row = {"idea_id": idea_id, "field_id": field_id, "number": given.number, "text": given.text}
            rows += [row | {"option_id": option_id} for option_id in sorted(given.options)]
            if not given.options:
                rows.append(row | {"option_id": None})
    if rows:
        session.execute(insert(FieldValue), rows)


def is_filled(session: Session, field: FormField) -> bool:
    """True where somebody gave something in the field, be it in a draft."""
    return bool(session.scalar(select(exists().where(FieldValue.field_id == field.id) | in_field(field.id))))


def filled_fields(session: Session, campaign: Campaign) -> set[int]:
    """The ids of the fields of the campaign in which somebody gave something. One query."""
    there = exists().where(FieldValue.field_id == FormField.id) | in_field(FormField.id)
    return set(session.scalars(select(FormField.id).where(FormField.campaign_id == campaign.id, there)))


def delete_field(session: Session, field: FormField, *, by: Person, now: datetime) -> None:
    """Delete a field in which nobody gave anything. Whoever manages the campaign may.

    Raises FieldsFixed or FieldFilled.
    """
    hold_form(session, field.campaign)
    session.refresh(field, with_for_update={"of": FormField})  # a draft is saved without the lock of its campaign
    if is_filled(session, field):
        raise FieldFilled
    before = {"label": field.label, "kind": field.kind}
    record(session, Verb.DELETED, field, by=by, campaign_id=field.campaign_id, before=before, now=now)
    session.flush()
    session.delete(field)
    session.flush()
