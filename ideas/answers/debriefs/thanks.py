"""Whom a debrief thanks by name: those who took part, agreed to it, and may be named in the campaign."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.answers.debriefs.figures import took_part
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.authors.people import people_of
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.talk.mention import may_be_named
from ideas.errors import NotAllowed, message_id
from ideas.people.person import Person


class NotThanked(NotAllowed):
    message = message_id("The debrief can’t name you: it names people who took part under their name.")


class ThanksConsent(Base):
    """A person agreed that the debrief of a campaign thanks them by name. The row goes when they no longer do."""

    __tablename__ = "thanks_consent"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    agreed_at: Mapped[datetime]


def choose_thanks(session: Session, campaign: Campaign, *, agrees: bool, by: Person, now: datetime) -> None:
    """Agree to be thanked by name, or no longer, at any time: the debrief names who agrees when it is read.

    Whoever may be thanked may agree; whoever agreed may take it back. Raises NotThanked.
    """
    lock_campaign(session, campaign)
    consent = session.scalar(_consent(campaign, by))
    if agrees and consent is None:
        if not may_be_thanked(session, campaign, by):
            raise NotThanked
        consent = ThanksConsent(campaign_id=campaign.id, person_id=by.id, agreed_at=now)
        session.add(consent)
        record(session, Verb.ACCEPTED, consent, by=by, campaign_id=campaign.id, now=now)
    elif not agrees and consent is not None:
        record(session, Verb.REVOKED, consent, by=by, campaign_id=campaign.id, now=now)
        session.flush()
        session.delete(consent)
    session.flush()


def thanked_names(session: Session, campaign: Campaign) -> Sequence[str]:
    """The names of those who agreed and may be thanked, by name. Whoever reads the debrief may read them. One query."""
    agreed = select(ThanksConsent.person_id).where(ThanksConsent.campaign_id == campaign.id)
    return session.scalars(
        select(Person.name).where(Person.id.in_(agreed), _may_be_thanked(campaign)).order_by(Person.name, Person.id)
    ).all()


def may_be_thanked(session: Session, campaign: Campaign, person: Person) -> bool:
    """True for whoever took part under their name, not in the team, and whose name others may read there.

    Under one's name: a signed idea, as its author or co-author, or a comment that is shown. See `may_be_named`.
    """
    found = select(Person.id).where(Person.id == person.id, _may_be_thanked(campaign))
    return session.scalar(found) is not None


def agrees_to_thanks(session: Session, campaign: Campaign, person: Person) -> bool:
    return session.scalar(_consent(campaign, person)) is not None


def _may_be_thanked(campaign: Campaign) -> ColumnElement[bool]:
    people = took_part(Idea.campaign_id == campaign.id).subquery()
    readable = (Idea.campaign_id == campaign.id) & is_readable()
    commented = select(Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(readable, is_shown())
    signed = Person.id.in_(people_of(readable, named=True)) | Person.id.in_(commented)
    return Person.id.in_(select(people.c.person_id)) & signed & may_be_named(campaign)


def _consent(campaign: Campaign, person: Person) -> Select[ThanksConsent]:
    return select(ThanksConsent).where(ThanksConsent.campaign_id == campaign.id, ThanksConsent.person_id == person.id)
