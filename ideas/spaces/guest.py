"""Guests: people admitted one by one to a campaign that is not open to them otherwise."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, contains_eager, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.page import Page, page_at
from ideas.people.person import Person


class Guest(Base):
    """A person admitted to one campaign. `kept`: they had taken part when its audience became narrower."""

    __tablename__ = "guest"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # By the name of its table: campaigns are above spaces.
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kept: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime]

    person: Mapped[Person] = relationship()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestPage(Page):
    guests: Sequence[Guest]


def admit(session: Session, *, campaign_id: int, person: Person, by: Person | None, now: datetime) -> Guest:
    """Admit a person to a campaign, whatever its audience: they find it and take part. Twice changes nothing.

    Whoever may invite to the campaign may, and an invitation may for them. The caller has checked who may, and that
    the campaign exists. `by` is None for the product.
    """
    guest = session.scalar(select(Guest).where(Guest.campaign_id == campaign_id, Guest.person_id == person.id))
    if guest is None:
        guest = Guest(campaign_id=campaign_id, person_id=person.id, kept=False, since=now)
        session.add(guest)
        session.flush()
        who = {"person_id": person.id}
        record(session, Verb.ADMITTED, guest, by=by, campaign_id=campaign_id, after=who, now=now)
    return guest


def dismiss(session: Session, guest: Guest, *, by: Person, now: datetime) -> None:
    """End what `admit` gave: the person finds the campaign only if its audience has them. Whoever may invite may."""
    who = {"person_id": guest.person_id}
    record(session, Verb.REMOVED, guest, by=by, campaign_id=guest.campaign_id, before=who, now=now)
    session.delete(guest)
    session.flush()


def guest_page(session: Session, campaign_id: int, *, number: int, size: int = 50) -> GuestPage:
    """A page of the campaign's guests, by name. Whoever may invite to the campaign may read it. Two queries."""
    total = session.scalar(select(func.count()).select_from(Guest).where(Guest.campaign_id == campaign_id)) or 0
    page = page_at(number, size=size, total=total)
    guests = session.scalars(
        select(Guest)
        .join(Guest.person)
        .where(Guest.campaign_id == campaign_id)
        .options(contains_eager(Guest.person))
        .order_by(Person.name, Guest.id)
        .limit(size)
        .offset((page.number - 1) * size)
    ).all()
    return GuestPage(guests=guests, **asdict(page))
