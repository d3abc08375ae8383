"""Sanctions: a warning, a suspension until a date, a ban; the appeal of the person, and the answer to it.

A sanction given in a campaign holds there; one given by an administrator, without a campaign, holds everywhere. It
begins and ends by itself: each request asks which are in force.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Text, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.text import optional, required

MAX_WORDS_LENGTH = 1_000
MAX_QUOTE_LENGTH = 2_000
MAX_APPEAL_LENGTH = 2_000


class Reason(StrEnum):
    """The rule that is broken. People report, and moderators act, for one of these."""

    PERSONAL_DATA = "personal_data"
    INSULT = "insult"
    ADVERTISING = "advertising"
    OFF_TOPIC = "off_topic"
    WRONG = "wrong"
    OTHER = "other"


class SanctionKind(StrEnum):
    """From the mildest on. A warning forbids nothing."""

    WARNING = "warning"
    SUSPENSION = "suspension"  # reads, and writes nothing, until a date
    BAN = "ban"  # reads what visitors read, and their own data


class AdminProtected(NotAllowed):
    message = message_id("Only an administrator can sanction an administrator.")


class NotYourself(DomainError):
    message = message_id("You can’t sanction yourself or decide about your own sanction.")


class EndNeeded(DomainError):
    message = message_id("Choose a day in the future on which the suspension ends.")


class AppealedAlready(Conflict):
    message = message_id("You have already appealed. Another moderator reads it.")


class NothingToAppeal(Conflict):
    message = message_id("This sanction is lifted. There is nothing left to appeal.")


class AnsweredMeanwhile(Conflict):
    message = message_id("This appeal is already answered. Read the answer below.")


class SanctionInForce(NotAllowed):
    """The person may not write here. What was written is the caller's to keep."""


class Suspended(SanctionInForce):
    message = message_id(
        "Your account is suspended here. You can read, and publish again %(until)s. What you wrote is not lost."
    )


class Banned(SanctionInForce):
    message = message_id("Your account is banned here. You can read public pages and your own data.")


class Sanction(Base):
    __tablename__ = "sanction"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    # Campaigns are above people: the key is named here without its model.
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    kind: Mapped[SanctionKind] = mapped_column(choice(SanctionKind))
    reason: Mapped[Reason] = mapped_column(choice(Reason))
    # The text that broke the rule, as it was; and the moderator's words to the person.
    quote: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[str] = mapped_column(Text, default="")
    given_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(Text, default="")
    appealed_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    given_by: Mapped[Person] = relationship(foreign_keys=given_by_id)
    answered_by: Mapped[Person | None] = relationship(foreign_keys=answered_by_id)

    def is_in_force(self, now: datetime) -> bool:
        """True for a suspension or a ban that forbids something now."""
        is_over = self.lifted_at is not None or (self.ends_at is not None and self.ends_at <= now)
        return self.kind is not SanctionKind.WARNING and not is_over

    @property
    def may_be_appealed(self) -> bool:
        return self.appealed_at is None and self.lifted_at is None


def give_sanction(
    session: Session,
    person: Person,
    kind: SanctionKind,
    *,
    reason: Reason,
    quote: str,
    words: str,
    by: Person,
    now: datetime,
    campaign_id: int | None = None,
    ends_at: datetime | None = None,
) -> Sanction:
    """Warn, suspend or ban a person, in a campaign or everywhere.

    `ideas.moderation.sanctions` checks who may, and that an administrator stays who may act.
    `quote`: the text that broke the rule; `words`: to the person, who reads both. Only a suspension has an end.
    Raises NotYourself, AdminProtected, EndNeeded, TooLong.
    """
    if person.id == by.id:
        raise NotYourself
    if person.is_admin and not by.is_admin:
        raise AdminProtected
    if kind is not SanctionKind.SUSPENSION:
        ends_at = None
    elif ends_at is None or ends_at <= now:
        raise EndNeeded
    given = Sanction(
        person=person,
        campaign_id=campaign_id,
        kind=kind,
        reason=reason,
        quote=optional(quote, max_length=MAX_QUOTE_LENGTH),
        words=optional(words, max_length=MAX_WORDS_LENGTH),
        given_by=by,
        given_at=now,
        ends_at=ends_at,
    )
    session.add(given)
    session.flush()
    after = {"person_id": person.id, "kind": kind, "reason": reason, "ends_at": ends_at}
    record(session, Verb.SANCTIONED, given, by=by, campaign_id=campaign_id, now=now, after=after)
    return given


def lift(session: Session, sanction: Sanction, *, by: Person, now: datetime, words: str = "") -> None:
    """End a sanction before its time, for the next request. A second time changes nothing. Raises NotYourself."""
    _lock(session, sanction, by)
    if sanction.lifted_at is None:
        sanction.lifted_at, sanction.lifted_by_id = now, by.id
        _record(session, Verb.LIFTED, sanction, by=by, now=now, reason=words)


def appeal(session: Session, sanction: Sanction, *, words: str, by: Person, now: datetime) -> None:
    """Ask that somebody else decides about a sanction. Only the person may, once, as long as it is not lifted.

    Raises NotAllowed, AppealedAlready, NothingToAppeal, EmptyText, TooLong, LimitReached.
    """
    if sanction.person_id != by.id:
        raise NotAllowed
    words = required(words, max_length=MAX_APPEAL_LENGTH)
    session.refresh(sanction, with_for_update={"of": Sanction})
    if sanction.appealed_at is not None:
        raise AppealedAlready
    if sanction.lifted_at is not None:
        raise NothingToAppeal
    spend(session, LimitedAct.REPORT, by=by, now=now)
    sanction.appeal, sanction.appealed_at = words, now
    _record(session, Verb.APPEALED, sanction, by=by, now=now)


def answer_appeal(session: Session, sanction: Sanction, *, lifts: bool, words: str, by: Person, now: datetime) -> None:
    """Decide about an appeal, in words: the sanction is lifted, or upheld.

    Who may is checked in `ideas.moderation.sanctions`. Raises NotYourself, AnsweredMeanwhile, EmptyText, TooLong.
    """
    words = required(words, max_length=MAX_WORDS_LENGTH)
    _lock(session, sanction, by)
    if sanction.appealed_at is None or sanction.answered_at is not None:
        raise AnsweredMeanwhile
    sanction.answer, sanction.answered_by_id, sanction.answered_at = words, by.id, now
    if lifts and sanction.lifted_at is None:
        sanction.lifted_at, sanction.lifted_by_id = now, by.id
    _record(session, Verb.LIFTED if lifts else Verb.UPHELD, sanction, by=by, now=now)


def in_force(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """SQL condition: `Sanction.is_in_force`."""
    going_on = or_(Sanction.ends_at.is_(None), Sanction.ends_at > now)
    return (Sanction.kind != SanctionKind.WARNING) & Sanction.lifted_at.is_(None) & going_on


def is_banned(
    person_id: int | InstrumentedAttribute[int],
    *,
    campaign_id: int | InstrumentedAttribute[int] | None = None,
    now: datetime,
) -> ColumnElement[bool]:
    """SQL condition: the person is banned in this campaign, or from the site. Without a campaign: from the site."""
    here: ColumnElement[bool] = Sanction.campaign_id.is_(None)
    if campaign_id is not None:
        here |= Sanction.campaign_id == campaign_id
    return exists().where(Sanction.person_id == person_id, Sanction.kind == SanctionKind.BAN, here, in_force(now))


def sanction_in_force(session: Session, person: Person, campaign_id: int | None, *, now: datetime) -> Sanction | None:
    """The gravest sanction that forbids the person something in this campaign, or everywhere; None if there is none."""
    here = or_(Sanction.campaign_id.is_(None), Sanction.campaign_id == campaign_id)
    found = session.scalars(select(Sanction).where(Sanction.person_id == person.id, here, in_force(now))).all()
    return max(found, key=_gravity, default=None)


def gravest_sanctions(session: Session, person_ids: Collection[int], *, now: datetime) -> dict[int, Sanction]:
    """By person, the gravest sanction in force: one of the whole site before one of a campaign."""
    found = session.scalars(select(Sanction).where(Sanction.person_id.in_(person_ids), in_force(now))).all()
    ordered = sorted(found, key=lambda one: (one.campaign_id is None, *_gravity(one)))
    return {one.person_id: one for one in ordered}


def _gravity(sanction: Sanction) -> tuple[bool, bool, datetime]:
    """What orders sanctions, the gravest last."""
    ends_at = sanction.ends_at
    return sanction.kind is SanctionKind.BAN, ends_at is None, ends_at or sanction.given_at


def check_may_write(session: Session, person: Person, campaign_id: int | None, *, now: datetime) -> None:
    """Raises Suspended or Banned where the person may not write in this campaign now."""
    found = sanction_in_force(session, person, campaign_id, now=now)
    if found is not None:
        raise refusal_of(found)


def refusal_of(sanction: Sanction) -> SanctionInForce:
    """The error that a sanction in force raises."""
    return Banned() if sanction.ends_at is None else Suspended(until=sanction.ends_at)


def sanctions_of(session: Session, person: Person, *, campaign_id: int | None = None) -> Sequence[Sanction]:
    """The person's sanctions, latest first, those that ended too: all of them for the person and administrators.

    `campaign_id`: those that hold in this campaign, for its moderators.
    """
    query = select(Sanction).where(Sanction.person_id == person.id).order_by(Sanction.id.desc())
    if campaign_id is not None:
        query = query.where(or_(Sanction.campaign_id == campaign_id, Sanction.campaign_id.is_(None)))
    return session.scalars(query.options(joinedload(Sanction.given_by), joinedload(Sanction.answered_by))).all()


def _lock(session: Session, sanction: Sanction, by: Person) -> None:
    if sanction.person_id == by.id:
        raise NotYourself
    session.refresh(sanction, with_for_update={"of": Sanction})


def _record(session: Session, verb: Verb, sanction: Sanction, *, by: Person, now: datetime, reason: str = "") -> None:
    after = {"person_id": sanction.person_id, "kind": sanction.kind}
    record(session, verb, sanction, by=by, campaign_id=sanction.campaign_id, now=now, reason=reason, after=after)
    session.flush()
