"""Requests to erase a person: asked with a waiting time, taken back in it, then carried out by a job.

The row stays after the erasure, as the certificate of it: when, what and how much, and no name.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import MAX_ID, Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.organisation.organisation import the_organisation
from ideas.people.person import Person
from ideas.people.platform_role import check_not_last_admin
from ideas.spaces.space import Membership, MembershipState, Space, SpaceRole
from ideas.text import required
from ideas.work.job import UNFINISHED, Job, JobKind, cancel, enqueue

MAX_REASON_LENGTH = 500
# Until an erasure that was refused is tried again.
AGAIN = timedelta(days=1)


class Contents(StrEnum):
    """What becomes of what the person wrote."""

    ANONYMISE = "anonymise"  # it stays, without their name
    DELETE = "delete"


class LeadsCampaign(DomainError):
    message = message_id("This account leads the campaign “%(title)s”. Hand the campaign over first.")


class RunsSpaceAlone(DomainError):
    message = message_id("This account alone moderates the space “%(name)s”. Name another moderator first.")


class LastAdminStays(DomainError):
    message = message_id("This is the only administrator of the site. Name another one first.")


class ErasureAsked(Conflict):
    message = message_id("The erasure of this account is already asked for. Reload the page.")


class ErasureOver(Conflict):
    message = message_id("This request is already carried out or taken back. Reload the page.")


class ReasonMissing(DomainError):
    message = message_id("Say why this account is to be erased. The member can read the reason.")


class Erasure(Base):
    """One request. `counts`: what was erased, by the names of the register. `salt`: what its secret link is made of."""

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    contents: Mapped[Contents] = mapped_column(choice(Contents))
    reason: Mapped[str] = mapped_column(Text, default="")
    salt: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)

    @property
    def is_open(self) -> bool:
        return self.taken_back_at is None and self.done_at is None


def check_may_erase(session: Session, person: Person) -> None:
    """Nothing may be left without whoever answers for it. Raises LeadsCampaign, RunsSpaceAlone, LastAdminStays."""
    led = select(Campaign.title).where(
        Campaign.owner_id == person.id, Campaign.debriefed_at.is_(None), Campaign.deleted_at.is_(None)
    )
    if (title := session.scalar(led.order_by(Campaign.id).limit(1))) is not None:
        raise LeadsCampaign(title=title or "–")
    if (name := _run_alone(session, person)) is not None:
        raise RunsSpaceAlone(name=name)
    others = select(Person.id).where(Person.is_admin, Person.id != person.id).limit(1)
    if person.is_admin and session.scalar(others) is None:
        raise LastAdminStays


def hold_account(session: Session, person: Person, *, now: datetime) -> None:
    """Lock the account until the commit, then check that it may be erased.

    Raises as `check_may_erase`, LastAdmin, or LastActingAdmin where the other administrators are kept out.
    """
    check_may_erase(session, person)
    if person.is_admin:
        check_not_last_admin(session, person, now=now)
    session.refresh(person, with_for_update=True)
    check_may_erase(session, person)  # as it is behind the lock


def ask_to_erase(
    session: Session, person: Person, *, contents: Contents, by: Person, reason: str = "", now: datetime
) -> Erasure:
    """Ask for the erasure of an account, after the waiting time that administrators chose.

    The person may, who has proven their password; and administrators for them, with a reason. The caller tells the
    person by mail. Raises NotAllowed, ReasonMissing, TooLong, ErasureAsked, and as `hold_account`.
    """
    if by.id != person.id:
        if not by.is_admin:
            raise NotAllowed
        if not reason.strip():
            raise ReasonMissing
        reason = required(reason, max_length=MAX_REASON_LENGTH)
    if person.erased_at is not None or open_erasure(session, person) is not None:
        raise ErasureAsked
    hold_account(session, person, now=now)
    if person.erased_at is not None or open_erasure(session, person) is not None:
        raise ErasureAsked  # meanwhile
    waiting = timedelta(days=the_organisation(session).erasure_days)
    erasure = Erasure(
        person_id=person.id,
        asked_by_id=by.id,
        contents=contents,
        reason=reason,
        salt=secrets.token_hex(32),
        asked_at=now,
        due_at=now + waiting,
    )
    session.add(erasure)
    session.flush()
    enqueue(session, JobKind.ERASE_PERSON, key=_job_key(erasure), payload={"erasure": erasure.id},
            run_at=erasure.due_at, now=now)  # fmt: skip
    record(session, Verb.REQUESTED, erasure, by=by, reason=reason, after={"contents": contents}, now=now)
    return erasure


def take_back(session: Session, erasure: Erasure, *, by: Person, now: datetime) -> None:
    """Keep the account after all. The person may, and administrators. Raises NotAllowed, ErasureOver."""
    if by.id != erasure.person_id and not by.is_admin:
        raise NotAllowed
    session.refresh(erasure, with_for_update=True)
    if not erasure.is_open:
        raise ErasureOver
    erasure.taken_back_at = now
    key = _job_key(erasure)
    waiting = or_(Job.key == key, Job.key.startswith(f"{key}:", autoescape=True)) & Job.status.in_(UNFINISHED)
    for job in session.scalars(select(Job).where(waiting).order_by(Job.id)).all():
        cancel(session, job, by=by, now=now)
    record(session, Verb.WITHDRAWN, erasure, by=by, now=now)
    session.flush()


def try_again(session: Session, erasure: Erasure, *, now: datetime) -> Job:
    """Queue the erasure once more a day later, where a rule refused it when it was due. For the job that erases.

    The page of the request says what stands in its way.
    """
    next_at = now + AGAIN
    return enqueue(session, JobKind.ERASE_PERSON, key=f"{_job_key(erasure)}:{next_at:%Y%m%d}",
                   payload={"erasure": erasure.id}, run_at=next_at, now=now)  # fmt: skip


def open_erasure(session: Session, person: Person) -> Erasure | None:
    """The request that waits to be carried out. The person may know, and administrators."""
    return session.scalar(
        select(Erasure).where(
            Erasure.person_id == person.id, Erasure.taken_back_at.is_(None), Erasure.done_at.is_(None)
        )
    )


def erasures(session: Session, *, limit: int = 100) -> Sequence[Erasure]:
    """The latest requests, newest first. Administrators may."""
    loaded = (joinedload(Erasure.person), joinedload(Erasure.asked_by))
    return session.scalars(select(Erasure).options(*loaded).order_by(Erasure.id.desc()).limit(limit)).all()


# The certificate is read by whoever has its link: its owner has no account any more. ----------------------------------


def certificate_token(erasure: Erasure, *, key: str) -> str:
    """What the address of the certificate ends with. `key`: the secret key of the site. It is stored nowhere."""
    digest = hmac.digest(key.encode(), f"erasure {erasure.id} {erasure.salt}".encode(), hashlib.sha256)
    return f"{erasure.id}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def find_erasure(session: Session, token: str, *, keys: Sequence[str]) -> Erasure | None:
    """The request with this token, made with one of these keys. Whoever has it may read its certificate."""
    number = token.partition(".")[0]
    is_id = number.isascii() and number.isdecimal() and len(number) <= len(str(MAX_ID)) and int(number) <= MAX_ID
    erasure = session.get(Erasure, int(number)) if is_id else None
    if erasure is None:
        return None
    tokens = (certificate_token(erasure, key=key).encode() for key in keys)
    return erasure if any(hmac.compare_digest(right, token.encode(errors="replace")) for right in tokens) else None


def _job_key(erasure: Erasure) -> str:
    return f"{JobKind.ERASE_PERSON}:{erasure.id}"


def _run_alone(session: Session, person: Person) -> str | None:
    """The name of an open space that nobody else moderates, if there is one."""
    other = aliased(Membership)
    others = (
        select(other.id)
        .where(
            other.space_id == Space.id,
            other.person_id != person.id,
            other.role == SpaceRole.MODERATOR,
            other.state == MembershipState.MEMBER,
        )
        .exists()
    )
    run = select(Space.name).join(Membership, Membership.space_id == Space.id)
    run = run.where(Membership.person_id == person.id, Membership.role == SpaceRole.MODERATOR)
    return session.scalar(run.where(Space.closed_at.is_(None), ~others).order_by(Space.id).limit(1))
