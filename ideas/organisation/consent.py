"""Who accepted which version of the rules, and when. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.activity.version import ChangedMeanwhile
from ideas.base import Base
from ideas.people.person import Person

# The legal documents know consents, so the number of the rules is read without their model.
_LATEST_RULES = text("SELECT version FROM legal_document WHERE kind = 'rules'")


class Consent(Base):
    """The person accepted this version of the rules."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("person_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    version: Mapped[int]
    at: Mapped[datetime]


def keep_consent(session: Session, person: Person, *, version: int, now: datetime) -> Consent:
    """Note that the person accepted this version. Twice is once."""
    found = session.scalar(select(Consent).where(Consent.person_id == person.id, Consent.version == version))
    if found is None:
        found = Consent(person_id=person.id, version=version, at=now)
        session.add(found)
        session.flush()
    return found


def consent_to_present_rules(session: Session, person: Person, *, now: datetime) -> Consent:
    """Note that the person accepted the rules as they are now: for a new account."""
    return keep_consent(session, person, version=latest_rules(session), now=now)


def accept_rules(session: Session, person: Person, *, seen: int, now: datetime) -> None:
    """Accept the rules again, as a member. Raises ChangedMeanwhile if they are not version `seen` any more."""
    if latest_rules(session) != seen:
        raise ChangedMeanwhile
    consent = keep_consent(session, person, version=seen, now=now)
    record(session, Verb.ACCEPTED, consent, by=person, after={"rules": seen}, now=now)


def accepted_version(session: Session, person: Person) -> int:
    """The latest version of the rules that the person accepted; 0 where none is known."""
    return session.scalar(select(func.max(Consent.version)).where(Consent.person_id == person.id)) or 0


def accepted_counts(session: Session) -> dict[int, int]:
    """How many people with an account accepted each version of the rules."""
    counted = select(Consent.version, func.count()).group_by(Consent.version)
    return dict(session.execute(counted).all())


def latest_rules(session: Session) -> int:
    """The number of the rules as they are now."""
    return int(session.execute(_LATEST_RULES).scalar_one())
