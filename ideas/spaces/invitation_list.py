"""The invitations to a campaign or a space, as whoever sent them reads them: by page, by state, as a file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session, joinedload

from ideas.page import Page, page_at
from ideas.spaces.invitation import Invitation, InvitationState, Target
from ideas.text import clean_line


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage(Page):
    invitations: Sequence[Invitation]


def invitation_page(
    session: Session,
    target: Target,
    *,
    number: int,
    now: datetime,
    size: int = 50,
    state: InvitationState | None = None,
    containing: str = "",
) -> InvitationPage:
    """A page of the invitations to a campaign or a space, newest first. Whoever may invite may read it."""
    here = target.invitations & _is(state, now) & _contains(containing)
    total = session.scalar(select(func.count(Invitation.id)).where(here)) or 0
    page = page_at(number, size=size, total=total)
    query = select(Invitation).where(here).options(joinedload(Invitation.created_by)).order_by(Invitation.id.desc())
    found = session.scalars(query.limit(size).offset((page.number - 1) * size)).all()
    return InvitationPage(invitations=found, **asdict(page))


def count_invitations(session: Session, target: Target, *, now: datetime) -> dict[InvitationState, int]:
    """How many invitations to a campaign or a space are in each state."""
    counts = [func.count().filter(_is(state, now)) for state in InvitationState]
    found = session.execute(select(*counts).where(target.invitations)).one()
    return dict(zip(InvitationState, found, strict=True))


def all_invitations(session: Session, target: Target) -> Sequence[Invitation]:
    """The invitations to a campaign or a space, oldest first, to be downloaded. Whoever may invite may."""
    query = select(Invitation).where(target.invitations).order_by(Invitation.id)
    return session.scalars(query.options(joinedload(Invitation.created_by))).all()


def _is(state: InvitationState | None, now: datetime) -> ColumnElement[bool]:
    """SQL condition: the same as `Invitation.state`."""
    if state is None:
        return true()
    used = Invitation.uses >= Invitation.max_uses
    over = Invitation.expires_at <= now
    revoked = Invitation.revoked_at.is_not(None)
    return {
        InvitationState.USED: used,
        InvitationState.REVOKED: and_(~used, revoked),
        InvitationState.EXPIRED: and_(~used, ~revoked, over),
        InvitationState.WAITING: and_(~used, ~revoked, ~over),
    }[state]


def _contains(words: str) -> ColumnElement[bool]:
    words = clean_line(words).lower()
    return Invitation.email.contains(words, autoescape=True) if words else true()
