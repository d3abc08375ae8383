"""Rights on the whole platform: administrators, and campaign authors, who may start campaigns."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.people.sanction import Sanction, in_force


class PlatformRole(StrEnum):
    ADMIN = "admin"
    CAMPAIGN_AUTHOR = "campaign_author"


class LastAdmin(DomainError):
    """There would be no administrator left who may act."""

    message = message_id("This is the only administrator of the site. Name another one first.")


class LastActingAdmin(LastAdmin):
    message = message_id(
        "Every other administrator is suspended or banned. Name another one, or lift one of these sanctions first."
    )


class OwnRole(DomainError):
    message = message_id("This is your own role. Tick the box to confirm that you give it up.")


def has_admin(session: Session) -> bool:
    """True once the platform has an administrator. From then on it never lacks one."""
    return session.scalar(select(Person.id).where(Person.is_admin).limit(1)) is not None


def admins(session: Session) -> Sequence[Person]:
    return session.scalars(select(Person).where(Person.is_admin).order_by(Person.email)).all()


def may_open_campaigns(person: Person) -> bool:
    """True for campaign authors and administrators."""
    return person.is_admin or person.may_open_campaigns


def has_role(person: Person, role: PlatformRole) -> bool:
    return person.is_admin if role is PlatformRole.ADMIN else person.may_open_campaigns


def grant(
    session: Session, person: Person, role: PlatformRole, *, by: Person | None, now: datetime, reason: str = ""
) -> None:
    """Give a role on the platform. Administrators may; `by` is None for whoever runs the server. Raises TooLong."""
    _lock_admins(session, person)
    if has_role(person, role):
        return
    _set(person, role, held=True)
    session.flush()
    record(session, Verb.GRANTED, person, by=by, now=now, reason=reason, after={"role": role})


def revoke(
    session: Session,
    person: Person,
    role: PlatformRole,
    *,
    by: Person | None,
    now: datetime,
    reason: str = "",
    own_confirmed: bool = False,
) -> None:
    """Take a role on the platform away: it is gone at the next request. Administrators may.

    Raises LastAdmin (see `check_not_last_admin`), TooLong (the reason), or OwnRole if `by` gives up their own role and
    has not confirmed it.
    """
    _lock_admins(session, person)
    if not has_role(person, role):
        return
    if role is PlatformRole.ADMIN:
        check_not_last_admin(session, person, now=now)
    if by is not None and by.id == person.id and not own_confirmed:
        raise OwnRole
    _set(person, role, held=False)
    session.flush()
    record(session, Verb.REVOKED, person, by=by, now=now, reason=reason, before={"role": role})


def check_not_last_admin(session: Session, person: Person, *, now: datetime) -> None:
    """Before this person stops acting as an administrator: another one stays who may act, and nobody changes that
    before the commit.

    Whoever is suspended or banned from the whole site may not act. Raises LastAdmin, or LastActingAdmin.
    """
    _lock_admins(session, person)
    others = select(Person.id).where(Person.is_admin, Person.id != person.id)
    if session.scalar(others.limit(1)) is None:
        raise LastAdmin
    kept_out = exists().where(Sanction.person_id == Person.id, Sanction.campaign_id.is_(None), in_force(now))
    if session.scalar(others.where(~kept_out).limit(1)) is None:
        raise LastActingAdmin


def role_history(session: Session, person: Person) -> Sequence[Activity]:
    """When the person was given or lost roles on the platform, latest first. Administrators may read it."""
    return session.scalars(
        select(Activity)
        .where(
            Activity.object_kind == Person.__tablename__,
            Activity.object_id == person.id,
            Activity.verb.in_([Verb.GRANTED, Verb.REVOKED]),
        )
        .order_by(Activity.id.desc())
    ).all()


def _lock_admins(session: Session, person: Person) -> None:
    """Lock the administrators' rows until the commit, so that two can't take each other's role away at once."""
    session.flush()
    session.execute(select(Person.id).where(Person.is_admin).order_by(Person.id).with_for_update())
    session.refresh(person, with_for_update=True)


def _set(person: Person, role: PlatformRole, *, held: bool) -> None:
    if role is PlatformRole.ADMIN:
        person.is_admin = held
    else:
        person.may_open_campaigns = held


def holds(role: PlatformRole | None) -> ColumnElement[bool]:
    """SQL condition: the person holds this role. True for everyone where none is given."""
    if role is None:
        return true()
    return Person.is_admin.is_(true()) if role is PlatformRole.ADMIN else Person.may_open_campaigns.is_(true())
