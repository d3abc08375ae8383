"""A newsletter of a space: who runs the space or may open campaigns proposes it, and the space's referent approves it.

Until it is approved nobody is told. Once it goes out its text stays as it is. Its mails follow the budget, the hours
and the choices of each person, as every notice does.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, false, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.activity.version import check_unchanged
from ideas.base import Base, choice
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.outreach.newsletters.blocks import check_parts, check_title
from ideas.people.person import Person, is_here
from ideas.spaces.membership import membership_of, runs_space
from ideas.spaces.space import Membership, MembershipState, Space, SpaceKind, lock_space
from ideas.text import clean_line, required

MAX_TITLE_LENGTH = 120
MAX_BODY_LENGTH = 10_000
MAX_LISTED = 50
# How many an hour, at most: what a team can answer. None: as fast as mails go.
PACES = (100, 500, 2_000)


class Involvement(StrEnum):
    """What the readers did before."""

    ANYTHING = "anything"
    TOOK_PART = "took_part"  # in the campaign that is named, or in any
    SUPPORTED = "supported"  # ideas of the theme that is named
    NEVER_BACK = "never_back"  # since their first day


class NewsletterState(StrEnum):
    DRAFT = "draft"
    REFUSED = "refused"
    PROPOSED = "proposed"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"


class NotADraft(Conflict):
    message = message_id("This newsletter is proposed, or was sent. Its text no longer changes.")


class NotProposed(Conflict):
    message = message_id("Someone decided about this newsletter meanwhile.")


class NoReferent(DomainError):
    message = message_id("This space has no referent for newsletters. Ask an administrator to name one.")


class ReferentNotInSpace(DomainError):
    message = message_id("The referent is in the space, or an administrator. Add this person to the space first.")


class RefusalReasonNeeded(DomainError):
    message = message_id("Say what is to be changed. The author reads it.")


class TooFewReaders(DomainError):
    message = message_id(
        "Fewer than %(least)s people would get this. Choose a larger group: a small one says who is in it."
    )


class NoReaders(TooFewReaders):
    message = message_id("Nobody would get this. Nobody is in this space by now, or all have closed their account.")


class OnlyPublicToAll(DomainError):
    message = message_id("Only a public space writes to everyone with an account.")


class SubjectOfGroupMissing(DomainError):
    message = message_id("Choose the theme whose supporters you write to.")


class Newsletter(Base):
    """`to_all`: to everyone with an account, not only who is in the space. `value_ids`: of segments; who has one of
    them. `per_hour`: how many mails at most. `send_at`: not earlier. `begun_at`: since when people are told.
    `counts_clicks`: how often its links are followed is counted, and its mail says so. `unsubscribed`: how many people
    stopped such mails from a link in it.
    """

    __tablename__ = "newsletter"
    __table_args__ = (Index("ix_newsletter_space_id_id", "space_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    body: Mapped[str] = mapped_column(Text)
    to_all: Mapped[bool] = mapped_column(default=False)
    value_ids: Mapped[list[Any]] = mapped_column(JSON)
    involvement: Mapped[Involvement] = mapped_column(choice(Involvement))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="SET NULL"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id", ondelete="SET NULL"), index=True)
    per_hour: Mapped[int | None]
    send_at: Mapped[datetime | None]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    written_at: Mapped[datetime]
    proposed_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    refusal: Mapped[str] = mapped_column(Text, default="")
    paused_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    counts_clicks: Mapped[bool] = mapped_column(default=False, server_default=false())
    unsubscribed: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    space: Mapped[Space] = relationship()
    written_by: Mapped[Person] = relationship(foreign_keys=[written_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def state(self) -> NewsletterState:
        if self.stopped_at is not None:
            return NewsletterState.STOPPED
        if self.paused_at is not None:
            return NewsletterState.PAUSED
        if self.begun_at is not None:
            return NewsletterState.SENDING
        if self.approved_at is not None:
            return NewsletterState.APPROVED
        if self.proposed_at is not None:
            return NewsletterState.PROPOSED
        return NewsletterState.REFUSED if self.refusal else NewsletterState.DRAFT

    @property
    def is_draft(self) -> bool:
        return self.state in {NewsletterState.DRAFT, NewsletterState.REFUSED}

    @property
    def is_narrowed(self) -> bool:
        """True where who gets it says something of them, so that their numbers are rounded."""
        return bool(self.value_ids) or self.involvement is not Involvement.ANYTHING


@dataclass(frozen=True, slots=True)
class NewsletterText:
    """What its form holds."""

    title: str
    body: str
    to_all: bool = False
    value_ids: Collection[int] = ()
    involvement: Involvement = Involvement.ANYTHING
    campaign_id: int | None = None
    theme_id: int | None = None
    per_hour: int | None = None
    send_at: datetime | None = None
    counts_clicks: bool = False


def may_propose(session: Session, space: Space, person: Person) -> bool:
    """True for who runs the space, for its referent, and for who is in it and may open campaigns."""
    mine = membership_of(session, space, person)
    is_in = mine is not None and mine.is_in
    return runs_space(mine, person) or (is_in and (person.may_open_campaigns or space.referent_id == person.id))


def is_referent(session: Session, space: Space, person: Person) -> bool:
    """True for the one person who approves the newsletters of the space."""
    return referent_of(session, space) is person


def name_referent(session: Session, space: Space, person: Person | None, *, by: Person, now: datetime) -> None:
    """Name who approves the newsletters of the space; None for nobody. Administrators may.

    Raises ReferentNotInSpace.
    """
    if person is not None and not person.is_admin:
        mine = membership_of(session, space, person)
        if mine is None or not mine.is_in:
            raise ReferentNotInSpace
    before, after = space.referent_id, person.id if person is not None else None
    if before == after:
        return
    space.referent_id = after
    session.flush()
    record(session, Verb.ASSIGNED, space, by=by, now=now, before={"referent_id": before}, after={"referent_id": after})


def referent_of(session: Session, space: Space) -> Person | None:
    """Who approves the newsletters of the space, if they are still in it, or an administrator."""
    if space.referent_id is None:
        return None
    inside = (Membership.space_id == space.id) & (Membership.state == MembershipState.MEMBER)
    may = Person.is_admin | Person.id.in_(select(Membership.person_id).where(inside))
    return session.scalar(select(Person).where(Person.id == space.referent_id, is_here(), may))


def write_newsletter(session: Session, space: Space, *, text: NewsletterText, by: Person, now: datetime) -> Newsletter:
    """Write a draft. `may_propose` says who may.

    Raises NotAllowed, EmptyText, TooLong, UnknownBlock, OnlyPublicToAll, SubjectOfGroupMissing.
    """
    if not may_propose(session, space, by):
        raise NotAllowed
    newsletter = Newsletter(space=space, space_id=space.id, written_by=by, written_by_id=by.id, written_at=now)
    _write(newsletter, text)
    session.add(newsletter)
    session.flush()
    record(session, Verb.CREATED, newsletter, by=by, now=now, after=_named(newsletter))
    return newsletter


def change_newsletter(
    session: Session, newsletter: Newsletter, *, text: NewsletterText, by: Person, now: datetime, seen: int
) -> None:
    """Change a draft. Who may propose one may.

    Raises NotADraft, ChangedMeanwhile, and what `write_newsletter` raises.
    """
    _hold(session, newsletter, by)
    check_unchanged(newsletter, seen)
    if not newsletter.is_draft:
        raise NotADraft
    _write(newsletter, text)
    newsletter.version += 1
    session.flush()
    record(session, Verb.CHANGED, newsletter, by=by, now=now, after=_named(newsletter))


def propose_newsletter(session: Session, newsletter: Newsletter, *, by: Person, now: datetime) -> None:
    """Ask the referent to approve it. Who may propose one may. Raises NotADraft, NoReferent."""
    _hold(session, newsletter, by)
    if not newsletter.is_draft:
        raise NotADraft
    if referent_of(session, newsletter.space) is None:
        raise NoReferent
    newsletter.proposed_at, newsletter.refusal, newsletter.decided_by = now, "", None
    session.flush()
    record(session, Verb.REQUESTED, newsletter, by=by, now=now, after=_named(newsletter))


def refuse_newsletter(session: Session, newsletter: Newsletter, *, reason: str, by: Person, now: datetime) -> None:
    """Give it back to its author with a reason. Only the referent may. Raises NotProposed, RefusalReasonNeeded."""
    _hold_proposed(session, newsletter, by)
    if not reason.strip():
        raise RefusalReasonNeeded
    newsletter.refusal = required(reason, max_length=MAX_REASON_LENGTH)
    newsletter.proposed_at, newsletter.decided_by = None, by
    session.flush()
    record(session, Verb.DECLINED, newsletter, by=by, now=now, reason=newsletter.refusal, after=_named(newsletter))


def approve_newsletter(session: Session, newsletter: Newsletter, *, readers: int, by: Person, now: datetime) -> None:
    """Let it go out: at once, or at the hour that its author chose. Only the referent may.

    `readers`: how many they were told that it goes to. Raises NotProposed, TooFewReaders.
    """
    _hold_proposed(session, newsletter, by)
    newsletter.approved_at, newsletter.decided_by = now, by
    session.flush()
    record(session, Verb.APPROVED, newsletter, by=by, now=now, after=_named(newsletter) | {"readers": readers})


def pause_newsletter(session: Session, newsletter: Newsletter, *, by: Person, now: datetime) -> None:
    """Send no more of it until it goes on. The referent and who may propose one may. Twice changes nothing."""
    _hold(session, newsletter, by)
    if newsletter.state in {NewsletterState.APPROVED, NewsletterState.SENDING}:
        newsletter.paused_at = now
        session.flush()
        record(session, Verb.HELD, newsletter, by=by, now=now, after=_named(newsletter))


def resume_newsletter(session: Session, newsletter: Newsletter, *, by: Person, now: datetime) -> None:
    """Go on with it. Its referent may, and who may propose one."""
    _hold(session, newsletter, by)
    if newsletter.state is NewsletterState.PAUSED:
        newsletter.paused_at = None
        session.flush()
        record(session, Verb.RESTARTED, newsletter, by=by, now=now, after=_named(newsletter))


def stop_newsletter(session: Session, newsletter: Newsletter, *, by: Person, now: datetime) -> None:
    """End it for good: what is not sent yet never is. The referent may, and who may propose one."""
    _hold(session, newsletter, by)
    if not newsletter.is_draft and newsletter.stopped_at is None:
        newsletter.stopped_at = now
        session.flush()
        record(session, Verb.ABANDONED, newsletter, by=by, now=now, after=_named(newsletter))


def newsletters_of(session: Session, space: Space, *, drafts: bool) -> Sequence[Newsletter]:
    """The newsletters of the space, latest first: with `drafts`, for who may propose one; else those that went out."""
    found = select(Newsletter).where(Newsletter.space_id == space.id).options(joinedload(Newsletter.written_by))
    if not drafts:
        found = found.where(Newsletter.begun_at.is_not(None), Newsletter.stopped_at.is_(None), ~Newsletter.to_all)
    return session.scalars(found.order_by(Newsletter.id.desc()).limit(MAX_LISTED)).all()


def _hold(session: Session, newsletter: Newsletter, by: Person) -> None:
    """Lock its space and read it again: of two people who decide at once, one is first. Raises NotAllowed."""
    lock_space(session, newsletter.space)
    session.refresh(newsletter)
    if not may_propose(session, newsletter.space, by):
        raise NotAllowed


def _hold_proposed(session: Session, newsletter: Newsletter, by: Person) -> None:
    _hold(session, newsletter, by)
    if not is_referent(session, newsletter.space, by):
        raise NotAllowed
    if newsletter.state is not NewsletterState.PROPOSED:
        raise NotProposed


def _write(newsletter: Newsletter, text: NewsletterText) -> None:
    if text.to_all and newsletter.space.kind is not SpaceKind.PUBLIC:
        raise OnlyPublicToAll
    if text.involvement is Involvement.SUPPORTED and text.theme_id is None:
        raise SubjectOfGroupMissing
    newsletter.title = clean_line(required(text.title, max_length=MAX_TITLE_LENGTH))
    check_title(newsletter.title)
    newsletter.body = required(text.body, max_length=MAX_BODY_LENGTH)
    check_parts(newsletter.body)
    newsletter.to_all, newsletter.value_ids = text.to_all, sorted(text.value_ids)
    newsletter.involvement = text.involvement
    newsletter.campaign_id = text.campaign_id if text.involvement is Involvement.TOOK_PART else None
    newsletter.theme_id = text.theme_id if text.involvement is Involvement.SUPPORTED else None
    newsletter.per_hour, newsletter.send_at = text.per_hour, text.send_at
    newsletter.counts_clicks = text.counts_clicks


def _named(newsletter: Newsletter) -> dict[str, Any]:
    return {"space_id": newsletter.space_id, "title": newsletter.title}
