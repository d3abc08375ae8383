"""Which rows each line of the register has of a person."""

from sqlalchemy import ColumnElement, false

from ideas.base import Base
from ideas.people.person import Person
from ideas.privacy.register import By, Holding
from ideas.spaces.invitation import address_hash


def holdings_of(person: Person, holding: Holding) -> ColumnElement[bool]:
    """SQL condition: the rows of this line of the register that are about the person.

    An address that was never proven may be somebody else's: nothing is found by it. Nor are rows of another account
    that had this address before.
    """
    here = Base.metadata.tables[holding.table].c
    column = here[holding.column]
    match holding.by:
        case By.ADDRESS | By.ADDRESS_HASH:
            if person.verified_at is None:
                return false()
            known = [person.email, person.email.lower()] if holding.by is By.ADDRESS else [address_hash(person.email)]
            same = column.in_(known)
            return same & (here.person_id.is_(None) | (here.person_id == person.id)) if "person_id" in here else same
        case By.SUBJECT:
            return column == f"person {person.id}"
    return column == person.id
