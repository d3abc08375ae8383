"""Segments: what administrators want to know of members, as closed lists of values, such as a region or a specialty.

A member has at most one value of each attribute, which they choose themselves or which was imported.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from ideas.base import Base
from ideas.people.person import Person

Key = TypeVar("Key")

MAX_NAME_LENGTH = 80
# A group of fewer people is never shown: one could tell who they are.
MIN_SHOWN = 5


class Attribute(Base):
    """What is asked of members, with its values. `chosen`: by each member on their page; else only imported."""

    __tablename__ = "attribute"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), unique=True)
    chosen: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    values: Mapped[list["AttributeValue"]] = relationship(
        order_by="(AttributeValue.place, AttributeValue.id)", passive_deletes=True
    )


class AttributeValue(Base):
    __tablename__ = "attribute_value"
    __table_args__ = (UniqueConstraint("attribute_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("attribute.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    place: Mapped[int] = mapped_column(default=0)


class PersonValue(Base):
    """The value that a person has of an attribute."""

    __tablename__ = "person_value"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("attribute.id", ondelete="CASCADE"), primary_key=True)
    value_id: Mapped[int] = mapped_column(ForeignKey("attribute_value.id", ondelete="CASCADE"), index=True)


def attributes(session: Session) -> Sequence[Attribute]:
    """All attributes with their values, by name. Two queries."""
    return session.scalars(
        select(Attribute).options(selectinload(Attribute.values)).order_by(func.lower(Attribute.name), Attribute.id)
    ).all()


def values_of(session: Session, person: Person) -> dict[int, int]:
    """The person's value of each attribute, by their ids."""
    rows = select(PersonValue.attribute_id, PersonValue.value_id).where(PersonValue.person_id == person.id)
    return {attribute_id: value_id for attribute_id, value_id in session.execute(rows)}  # noqa: C416 -- dict() would take rows by their keys


def counts_by_value(session: Session, known: Sequence[Attribute]) -> dict[int, int | None]:
    """How many people have each value, as it may be shown: see `shown_counts`. Two queries."""
    rows = session.execute(select(PersonValue.value_id, func.count()).group_by(PersonValue.value_id)).all()
    found = {value_id: count for value_id, count in rows}  # noqa: C416 -- dict() would take rows by their keys
    people = session.scalar(select(func.count()).select_from(Person)) or 0
    shown: dict[int, int | None] = {}
    for attribute in known:
        counts: dict[int | None, int] = {value.id: found.get(value.id, 0) for value in attribute.values}
        counts[None] = people - sum(counts.values())  # who has none is a group too
        shown |= {key: count for key, count in shown_counts(counts).items() if key is not None}
    return shown


def shown_counts(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """Numbers of people in groups that exclude each other, as they may be shown: rounded down, or None.

    Fewer than MIN_SHOWN are not shown. Where what is hidden could be computed from the total, the smallest group beside
    is hidden too; and rounded numbers leave open what a difference of two would say of fewer than MIN_SHOWN people.
    """
    hidden = {key for key, count in counts.items() if count < MIN_SHOWN}
    while hidden and 0 < sum(counts[key] for key in hidden) < MIN_SHOWN and len(hidden) < len(counts):
        hidden.add(min((key for key in counts if key not in hidden), key=counts.__getitem__))
    return {key: None if key in hidden else rounded(count) for key, count in counts.items()}


def rounded(count: int) -> int | None:
    """A number of people, rounded down to a multiple of MIN_SHOWN; None for fewer."""
    return count // MIN_SHOWN * MIN_SHOWN or None
