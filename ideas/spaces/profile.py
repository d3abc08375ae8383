"""The profile of members: administrators define what is asked, members choose, and lists of addresses are imported."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, column, delete, func, select, table, true, update
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged
from ideas.base import chunks
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.person import Person
from ideas.spaces.audience import AudienceValue
from ideas.spaces.segment import MAX_NAME_LENGTH, Attribute, AttributeValue, PersonValue
from ideas.text import clean_line, required

MAX_VALUES = 50
MAX_ATTRIBUTES = 20
MAX_ROWS = 20_000
MAX_LISTED = 20


class AttributeNameTaken(DomainError):
    message = message_id("Another profile has this name. Choose a different one.")


class TooFewValues(DomainError):
    message = message_id("Enter 2 to 50 values, one on each line.")


class ValueInUse(DomainError):
    message = message_id("A campaign is open to this value: %(name)s. Change its audience first.")


class TooManyAttributes(DomainError):
    message = message_id("This site already asks for 20 profiles. Delete one first.")


class TooManyRows(DomainError):
    message = message_id("This list has more than 20,000 lines. Split it.")


@dataclass(frozen=True, slots=True)
class ImportedValues:
    """What an import of values did. `unknown`: the values that the attribute does not have, some of them."""

    done: int
    without_account: int
    unknown: Sequence[str]


def save_attribute(
    session: Session,
    attribute: Attribute | None,
    *,
    name: str,
    values: Sequence[str],
    chosen: bool,
    by: Person,
    now: datetime,
    seen: int | None = None,
) -> Attribute:
    """Define what is asked of members, or change it. Administrators may. A value keeps its people while its name stays.

    Raises NotAllowed, ChangedMeanwhile, EmptyText, TooLong, AttributeNameTaken, TooFewValues, ValueInUse,
    TooManyAttributes.
    """
    _check_admin(by)
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    names = list(dict.fromkeys(required(line, max_length=MAX_NAME_LENGTH) for line in map(clean_line, values) if line))
    if not 2 <= len({each.casefold() for each in names}) == len(names) <= MAX_VALUES:  # noqa: PLR2004 -- with one there is nothing to choose
        raise TooFewValues
    if attribute is not None:
        session.refresh(attribute, with_for_update=True)
        check_unchanged(attribute, seen)
    elif (session.scalar(select(func.count()).select_from(Attribute)) or 0) >= MAX_ATTRIBUTES:
        raise TooManyAttributes
    others = Attribute.id != attribute.id if attribute is not None else true()
    if session.scalar(select(Attribute.id).where(func.lower(Attribute.name) == name.lower(), others)) is not None:
        raise AttributeNameTaken
    before = _facts(attribute) if attribute is not None else None
    if attribute is None:
        attribute = Attribute(name=name, chosen=chosen)
        session.add(attribute)
    else:
        attribute.name, attribute.chosen, attribute.version = name, chosen, attribute.version + 1
    session.flush()
    _set_values(session, attribute, names)
    session.refresh(attribute, ["values"])
    verb = Verb.CREATED if before is None else Verb.CHANGED
    record(session, verb, attribute, by=by, before=before, after=_facts(attribute), now=now)
    return attribute


def delete_attribute(session: Session, attribute: Attribute, *, by: Person, now: datetime) -> None:
    """Delete an attribute with its values, and what people chose of them. Administrators may. Campaigns that compared
    groups by it compare none.

    Raises NotAllowed, ValueInUse.
    """
    _check_admin(by)
    _check_unused(session, AudienceValue.attribute_id == attribute.id)
    record(session, Verb.DELETED, attribute, by=by, before=_facts(attribute), now=now)
    # Named, not imported: campaigns are above spaces.
    campaign = table("campaign", column("standing_attribute_id"))
    compared = campaign.c.standing_attribute_id == attribute.id
    session.execute(update(campaign).where(compared).values(standing_attribute_id=None))
    for model in (PersonValue, AttributeValue):
        session.execute(delete(model).where(model.attribute_id == attribute.id))
    session.delete(attribute)
    session.flush()


def choose_values(session: Session, person: Person, chosen: Mapping[int, int | None]) -> None:
    """Set the person's own values by the ids of attributes; None takes one away. Only they may.

    What is only imported, and a value of another attribute, is left as it is.
    """
    known = {
        (attribute_id, value_id)
        for attribute_id, value_id in session.execute(
            select(AttributeValue.attribute_id, AttributeValue.id)
            .join(Attribute, Attribute.id == AttributeValue.attribute_id)
            .where(Attribute.chosen)
        )
    }
    askable = {attribute_id for attribute_id, _ in known}
    for attribute_id, value_id in chosen.items():
        if attribute_id in askable and (value_id is None or (attribute_id, value_id) in known):
            _give(session, attribute_id, value_id, [person.id])


def import_values(
    session: Session, attribute: Attribute, rows: Iterable[tuple[str, str]], *, by: Person, now: datetime
) -> ImportedValues:
    """Give people the values of a list of addresses and values. Administrators may. The last line of an address holds.

    Addresses without an account, and values that the attribute does not have, are counted. Raises NotAllowed,
    TooManyRows.
    """
    _check_admin(by)
    wanted: dict[str, str] = {}
    for email, value in rows:
        wanted[clean_line(email).lower()] = clean_line(value)
        if len(wanted) > MAX_ROWS:
            raise TooManyRows
    values = {value.name.casefold(): value.id for value in attribute.values}
    unknown = {value: None for value in wanted.values() if value.casefold() not in values}
    known = {email: values[value.casefold()] for email, value in wanted.items() if value.casefold() in values}
    people: dict[int, list[int]] = {}
    for emails in chunks(list(known)):
        for person_id, email in session.execute(select(Person.id, Person.email).where(Person.email.in_(emails))):
            people.setdefault(known[email], []).append(person_id)
    for value_id, ids in people.items():
        _give(session, attribute.id, value_id, ids)
    done = sum(map(len, people.values()))
    record(session, Verb.IMPORTED, attribute, by=by, after={"people": done}, now=now)
    return ImportedValues(done, len(known) - done, list(unknown)[:MAX_LISTED])


def _give(session: Session, attribute_id: int, value_id: int | None, person_ids: Sequence[int]) -> None:
    for ids in chunks(person_ids):
        here = (PersonValue.attribute_id == attribute_id) & PersonValue.person_id.in_(ids)
        if value_id is None:
            session.execute(delete(PersonValue).where(here))
            continue
        have = set(session.scalars(select(PersonValue.person_id).where(here)))
        session.execute(update(PersonValue).where(here).values(value_id=value_id))
        session.add_all(
            PersonValue(person_id=person_id, attribute_id=attribute_id, value_id=value_id)
            for person_id in ids
            if person_id not in have
        )
    session.flush()


def _set_values(session: Session, attribute: Attribute, names: Sequence[str]) -> None:
    """Keep the values whose names stay, add the new ones, delete the others unless a campaign is open to one."""
    present = {
        value.name.casefold(): value
        for value in session.scalars(select(AttributeValue).where(AttributeValue.attribute_id == attribute.id))
    }
    kept = {name.casefold() for name in names}
    for folded, value in present.items():
        if folded not in kept:
            _check_unused(session, AudienceValue.value_id == value.id)
            session.execute(delete(PersonValue).where(PersonValue.value_id == value.id))
            session.delete(value)
    for place, name in enumerate(names):
        value = present.get(name.casefold()) or AttributeValue(attribute_id=attribute.id)
        value.name, value.place = name, place
        session.add(value)
    session.flush()


def _check_unused(session: Session, named: ColumnElement[bool]) -> None:
    used = select(AttributeValue.name).join(AudienceValue, AudienceValue.value_id == AttributeValue.id).where(named)
    name = session.scalar(used.limit(1))
    if name is not None:
        raise ValueInUse(name=name)


def _check_admin(by: Person) -> None:
    if not by.is_admin:
        raise NotAllowed


def _facts(attribute: Attribute) -> dict[str, object]:
    return {
        "name": attribute.name,
        "chosen": attribute.chosen,
        "values": [value.name for value in attribute.values],
    }
