"""Inviting a co-author, answering, leaving, removing. The person is told of an invitation, the author of the answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Activity, Verb, record
from ideas.campaigns.audience import who_sees
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState
from ideas.contributions.idea import Idea, IdeaFixed, hold_to_change
from ideas.contributions.talk.mention import may_be_named
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.people.person import Person, is_here
from ideas.people.sanction import check_may_write

MAX_CO_AUTHORS = 10
_IN_FORCE = (CoAuthorState.INVITED, CoAuthorState.ACCEPTED)


class NobodyFound(DomainError):
    message = message_id(
        "No member with this name or address can be invited. Check it, or enter the email address of their account."
    )


class SeveralFound(DomainError):
    message = message_id("Several members have this name. Enter the email address of the one you mean.")


class AlreadyCoAuthor(DomainError):
    message = message_id("%(name)s is already invited or a co-author.")


class OwnCoAuthor(DomainError):
    message = message_id("You are the author of this idea. Invite somebody else.")


class TooManyCoAuthors(DomainError):
    message = message_id("An idea has %(most)s co-authors at most, with those who are invited.")


class InvitationAnswered(Conflict):
    message = message_id("This invitation no longer waits for an answer. Reload the page.")


class NeverInvited(Conflict):
    message = message_id("This person is no co-author of your idea. Reload the page.")


class NotCoAuthor(Conflict):
    message = message_id("You are not a co-author of this idea. Reload the page.")


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who has not answered yet. `name`: empty for who was invited by their address, see `invited_to`."""

    person_id: int
    name: str
    at: datetime


def is_address(named: str) -> bool:
    """True where what was typed is an address, not a name."""
    return "@" in named.strip().removeprefix("@")


def invite_co_author(session: Session, idea: Idea, *, named: str, by: Person, now: datetime) -> CoAuthor:
    """Invite a member to be a co-author of a published idea, while its campaign is open. Only its author may.

    `named`: their whole name, if others may name them in this campaign (see `may_be_named`), or the address of their
    account, if they see it. The caller counts each try, also one that finds nobody: see LimitedAct.INVITE.
    Raises NotAllowed, IdeaFixed, NotVerified, SanctionInForce, NobodyFound, SeveralFound, OwnCoAuthor,
    AlreadyCoAuthor, TooManyCoAuthors.
    """
    _check_author(idea, by)
    check_verified(by)
    check_may_write(session, by, idea.campaign_id, now=now)
    hold_to_change(session, idea, by=by, now=now)  # two invitations at once come one after the other
    if not idea.is_readable:
        raise IdeaFixed
    person = _person_named(session, idea, named)
    if person.id == by.id:
        raise OwnCoAuthor
    known = _row(session, idea, person)
    if known is not None and known.state in _IN_FORCE:
        raise AlreadyCoAuthor(name=named.strip())
    held = select(func.count()).where(CoAuthor.idea_id == idea.id, CoAuthor.state.in_(_IN_FORCE))
    if (session.scalar(held) or 0) >= MAX_CO_AUTHORS:
        raise TooManyCoAuthors(most=str(MAX_CO_AUTHORS))
    if known is None:
        known = CoAuthor(idea_id=idea.id, person=person, state=CoAuthorState.INVITED)
    known.invited_at, known.changed_at = now, now
    session.add(known)
    _set(session, known, CoAuthorState.INVITED, now)
    _record(session, Verb.INVITED, idea, known, by=by, now=now, by_address=is_address(named))
    return known


def accept_invitation(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Become a co-author of the idea. Only who is invited may. Support that they gave to it no longer gives points.

    Raises NotVerified, SanctionInForce, InvitationAnswered.
    """
    check_verified(by)
    check_may_write(session, by, idea.campaign_id, now=now)
    _answer(session, idea, CoAuthorState.ACCEPTED, Verb.ACCEPTED, by=by, now=now)


def decline_invitation(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Refuse to be a co-author. Only who is invited may. Raises InvitationAnswered."""
    _answer(session, idea, CoAuthorState.DECLINED, Verb.DECLINED, by=by, now=now)


def leave_idea(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Stop being a co-author, whatever the state of the campaign. What they changed stays in the earlier texts.

    Raises NotCoAuthor.
    """
    known = _row(session, idea, by)
    if known is None or known.state is not CoAuthorState.ACCEPTED:
        raise NotCoAuthor
    _set(session, known, CoAuthorState.LEFT, now)
    _record(session, Verb.LEFT, idea, known, by=by, now=now)


def remove_co_author(session: Session, idea: Idea, person: Person, *, by: Person, now: datetime) -> None:
    """Remove a co-author, or take an invitation back. Only the author may, whatever the state of the campaign.

    A second time changes nothing. Raises NotAllowed, and NeverInvited for somebody whose name the author is not
    told.
    """
    _check_author(idea, by)
    known = _row(session, idea, person)
    if known is None:
        raise NeverInvited
    if known.state in _IN_FORCE:
        _set(session, known, CoAuthorState.REMOVED, now)
        _record(session, Verb.REMOVED, idea, known, by=by, now=now)


def invitations_to(session: Session, idea_ids: Sequence[int], person: Person | None) -> Sequence[Idea]:
    """Those of these ideas that the person is invited to be a co-author of. One query."""
    if person is None:
        return []
    invited = select(CoAuthor.idea_id).where(
        CoAuthor.idea_id.in_(idea_ids), CoAuthor.person_id == person.id, CoAuthor.state == CoAuthorState.INVITED
    )
    return session.scalars(select(Idea).where(Idea.id.in_(invited)).order_by(Idea.id)).all()


def invited_to(session: Session, idea: Idea) -> Sequence[Invited]:
    """Who is invited to be a co-author of the idea and has not answered, oldest first. For its author. Two queries.

    Who was found by their address has no name here: the author knows the address, and they agreed to nothing yet.
    """
    waiting = select(CoAuthor).where(CoAuthor.idea_id == idea.id, CoAuthor.state == CoAuthorState.INVITED)
    rows = session.scalars(
        waiting.options(joinedload(CoAuthor.person)).order_by(CoAuthor.invited_at, CoAuthor.id)
    ).all()
    by_address = _found_by_address(session, [row.id for row in rows])
    return [Invited(row.person_id, "" if row.id in by_address else row.person.name, row.invited_at) for row in rows]


def _found_by_address(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these rows whose last invitation was by an address."""
    acts = select(Activity.object_id, Activity.after).where(
        Activity.object_kind == CoAuthor.__tablename__, Activity.object_id.in_(ids), Activity.verb == Verb.INVITED
    )
    last = {object_id: after or {} for object_id, after in session.execute(acts.order_by(Activity.id))}
    return {object_id for object_id, after in last.items() if after.get("by_address")}


def _check_author(idea: Idea, by: Person) -> None:
    if idea.author_id != by.id or idea.submitted_at is None:
        raise NotAllowed


def _person_named(session: Session, idea: Idea, named: str) -> Person:
    """Raises NobodyFound or SeveralFound. An address that has no account is answered as one that may not see it."""
    address, named = is_address(named), named.strip().removeprefix("@")
    if address:
        by_address = (Person.email == named.lower()) & Person.verified_at.is_not(None)
        asked = by_address & who_sees(idea.campaign) & is_here()
    else:
        asked = ((Person.name == named) | (func.lower(Person.name) == named.lower())) & may_be_named(idea.campaign)
    found = session.scalars(select(Person).where(asked).order_by(Person.id).limit(2)).all()
    if not found:
        raise NobodyFound
    if len(found) > 1:
        raise SeveralFound
    return found[0]


def _row(session: Session, idea: Idea, person: Person) -> CoAuthor | None:
    """The row of this person, locked until the commit and read again."""
    found = select(CoAuthor).where(CoAuthor.idea_id == idea.id, CoAuthor.person_id == person.id)
    return session.scalar(found.with_for_update(of=CoAuthor).execution_options(populate_existing=True))


def _answer(session: Session, idea: Idea, state: CoAuthorState, verb: Verb, *, by: Person, now: datetime) -> None:
    known = _row(session, idea, by)
    if known is None or known.state is not CoAuthorState.INVITED:
        raise InvitationAnswered
    _set(session, known, state, now)
    by_address = verb is Verb.DECLINED and known.id in _found_by_address(session, [known.id])
    _record(session, verb, idea, known, by=by, now=now, by_address=by_address)


def _set(session: Session, known: CoAuthor, state: CoAuthorState, now: datetime) -> None:
    known.state, known.changed_at = state, now
    session.flush()


def _record(
    session: Session,
    verb: Verb,
    idea: Idea,
    known: CoAuthor,
    *,
    by: Person,
    now: datetime,
    by_address: bool = False,
) -> None:
    """`by_address`: the author is not told the name."""
    session.expire(idea, ["co_authors"])
    after = {"idea_id": idea.id, "person_id": known.person_id} | ({"by_address": True} if by_address else {})
    record(session, verb, known, by=by, campaign_id=idea.campaign_id, after=after, now=now)
