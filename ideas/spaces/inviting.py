"""Inviting people to a space, and what comes of an invitation that is accepted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.accounts.verification import mark_verified
from ideas.people.person import Person
from ideas.spaces.addresses import AddressLine, Fault, Invited, Invitees, check_list, invite_list, people_among
from ideas.spaces.invitation import (
    Invitation,
    InvitationRevoked,
    InvitationUsed,
    Offer,
    Target,
    share_link,
    use_invitation,
)
from ideas.spaces.membership import SpaceClosed, membership_of, seat_invited
from ideas.spaces.space import Membership, MembershipState, Space, SpaceRole, lock_space


def check_for_space(session: Session, space: Space, text: str, *, now: datetime) -> list[AddressLine]:
    """Each line of a list, with why nobody would be invited by it. Changes nothing. Moderators of the space may.

    It tells who is in the space or waits for a seat, whom they see anyway, and of nobody else whether they have an
    account. Raises EmptyList, TooManyAddresses.
    """
    return check_list(session, _invitees(space), text, now=now)


def invite_to_space(session: Session, space: Space, text: str, *, offer: Offer, by: Person, now: datetime) -> Invited:
    """Invite the addresses of a list that nothing speaks against. Moderators of the space may; the caller queues the
    mails. Nobody gets a seat before they accept.

    Raises SpaceClosed, EmptyList, TooManyAddresses, or LimitReached for the whole list.
    """
    _lock(session, space)
    return invite_list(session, _invitees(space), text, offer=offer, by=by, now=now)


def make_space_link(
    session: Session, space: Space, *, offer: Offer, max_uses: int, expires_at: datetime, by: Person, now: datetime
) -> Invitation:
    """Make a link by which up to `max_uses` people may enter the space until it expires. Moderators of it may.

    Raises SpaceClosed, and as `share_link`.
    """
    _lock(session, space)
    target = Target(space_id=space.id)
    return share_link(session, target, offer=offer, max_uses=max_uses, expires_at=expires_at, by=by, now=now)


def enter_by_invitation(session: Session, invitation: Invitation, person: Person, *, now: datetime) -> Membership:
    """Enter the space of an invitation, with its role; on the waiting list where no seat is free. Only they may.

    Whoever is in the space keeps the role that they have. Who left it, or was removed, does not come back by the same
    invitation. Raises OtherAddress, InvitationUsed, InvitationExpired, InvitationRevoked (also where the space is
    closed).
    """
    space = session.get_one(Space, invitation.space_id)
    lock_space(session, space)
    if space.closed_at is not None:
        raise InvitationRevoked
    if not use_invitation(session, invitation, person, now=now):
        found = membership_of(session, space, person)
        if found is None:
            raise InvitationUsed
        return found
    if person.email == invitation.email:  # whoever has its link reads the mails sent there
        mark_verified(session, person, now=now)
    return seat_invited(session, space, person, role=SpaceRole(invitation.role or SpaceRole.MEMBER), now=now)


def _lock(session: Session, space: Space) -> None:
    lock_space(session, space)
    if space.closed_at is not None:
        raise SpaceClosed


def _invitees(space: Space) -> Invitees:
    """Who asked to enter may be invited, and who has left may be invited again."""

    def inside(session: Session, emails: Collection[str]) -> set[str]:
        present = Membership.state != MembershipState.REQUESTED
        members = select(Membership.person_id).where(Membership.space_id == space.id, present)
        return people_among(session, emails, members)

    return Invitees(Target(space_id=space.id), inside, Fault.IN_SPACE, again=True)
