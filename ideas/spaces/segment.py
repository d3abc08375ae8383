"""Segments: what administrators want to know of members, as closed lists of values, such as a region or a specialty.

A member has at most one value of each attribute, which they choose themselves or which was imported.
"""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ideas.base import Base

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
