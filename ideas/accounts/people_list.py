"""The people with an account, for administrators: a page of them, all of them as a file, and what one of them did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from ideas.accounts.sign_in import SignIn
from ideas.activity.activity import Activity
from ideas.base import chunks
from ideas.organisation.consent import Consent
from ideas.organisation.organisation import record_download
from ideas.page import Page, page_at
from ideas.people.person import Person, is_here, person_matches
from ideas.people.platform_role import PlatformRole, holds
from ideas.people.sanction import Sanction, SanctionKind, gravest_sanctions, in_force

# Who signed in within this time is active. Sign-ins are kept at least as long.
ACTIVE = timedelta(days=30)


class Presence(StrEnum):
    """Whether somebody signed in lately."""

    ACTIVE = "active"
    AWAY = "away"


class AddressState(StrEnum):
    """Whether somebody proved their address."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """Which people to list; what is empty or None is not asked for.

    `containing`: their name or address has words that begin so. `role`: they hold it. `sanction`: one of this kind is
    in force, on the whole site or in a campaign.
    """

    containing: str = ""
    role: PlatformRole | None = None
    presence: Presence | None = None
    address: AddressState | None = None
    sanction: SanctionKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage(Page):
    """`sanctions`: by person, the gravest in force."""

    people: Sequence[Person]
    sanctions: Mapping[int, Sanction]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """A person as a row of the file."""

    person: Person
    signed_in_at: datetime | None
    rules_version: int
    sanction: Sanction | None


def people_page(session: Session, chosen: PeopleFilter, *, number: int, now: datetime, size: int = 50) -> PeoplePage:
    """A page of the people with an account, by name. Administrators may read it."""
    matching = _matching(session, chosen, now)
    total = session.scalar(select(func.count(Person.id)).where(matching)) or 0
    page = page_at(number, size=size, total=total)
    people = session.scalars(
        select(Person)
        .where(matching)
        .order_by(func.lower(Person.name), Person.id)
        .limit(size)
        .offset((page.number - 1) * size)
    ).all()
    sanctions = gravest_sanctions(session, [person.id for person in people], now=now)
    return PeoplePage(people=people, sanctions=sanctions, **asdict(page))


def export_people(session: Session, chosen: PeopleFilter, *, by: Person, now: datetime) -> list[PersonFacts]:
    """Every person that meets the filter, by id. Administrators may; the activity log says who did, and how many."""
    ids = session.scalars(select(Person.id).where(_matching(session, chosen, now)).order_by(Person.id)).all()
    found = [facts for part in chunks(ids) for facts in _facts(session, part, now)]
    record_download(session, "people", len(found), by=by, now=now)
    return found


def person_facts(session: Session, person: Person, *, now: datetime) -> PersonFacts:
    """What the file says of the person. Administrators may read it."""
    return next(_facts(session, [person.id], now))


def person_history(session: Session, person: Person, *, limit: int) -> Sequence[Activity]:
    """What the person did, and what was done to their account, latest first. Administrators may read it."""
    about = (Activity.object_kind == Person.__tablename__) & (Activity.object_id == person.id)
    return session.scalars(
        select(Activity).where(or_(Activity.actor_id == person.id, about)).order_by(Activity.id.desc()).limit(limit)
    ).all()


def _facts(session: Session, ids: Sequence[int], now: datetime) -> Iterator[PersonFacts]:
    sanctions = gravest_sanctions(session, ids, now=now)
    signed_in = select(func.max(SignIn.created_at)).where(SignIn.person_id == Person.id).correlate(Person)
    accepted = select(func.max(Consent.version)).where(Consent.person_id == Person.id).correlate(Person)
    rows = session.execute(
        select(Person, signed_in.scalar_subquery(), accepted.scalar_subquery())
        .where(Person.id.in_(ids))
        .order_by(Person.id)
    )
    for person, signed_in_at, version in rows:
        sanction = sanctions.get(person.id)
        yield PersonFacts(person=person, signed_in_at=signed_in_at, rules_version=version or 0, sanction=sanction)


def _matching(session: Session, chosen: PeopleFilter, now: datetime) -> ColumnElement[bool]:
    return (
        is_here()
        & person_matches(session, chosen.containing)
        & holds(chosen.role)
        & _is(chosen.presence, now)
        & _has_address(chosen.address)
        & _has_sanction(chosen.sanction, now)
    )


def _is(presence: Presence | None, now: datetime) -> ColumnElement[bool]:
    if presence is None:
        return true()
    active = Person.id.in_(select(SignIn.person_id).where(SignIn.created_at > now - ACTIVE))
    return active if presence is Presence.ACTIVE else ~active


def _has_address(state: AddressState | None) -> ColumnElement[bool]:
    if state is None:
        return true()
    return Person.verified_at.is_not(None) if state is AddressState.VERIFIED else Person.verified_at.is_(None)


def _has_sanction(kind: SanctionKind | None, now: datetime) -> ColumnElement[bool]:
    if kind is None:
        return true()
    return Person.id.in_(select(Sanction.person_id).where(Sanction.kind == kind, in_force(now)))
