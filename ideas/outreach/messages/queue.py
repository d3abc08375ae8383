"""Queue mails, in the transaction of their cause."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from email.utils import make_msgid
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    insert,
    select,
)
from sqlalchemy.orm import Session

from ideas.accounts.link import Link
from ideas.outreach.messages.message import AccountMail, Message, one_line
from ideas.people.person import Person
from ideas.spaces.invitation import Invitation


def write_message(
    session: Session, *, to: Person, subject: str, body: str, reason: str, domain: str, now: datetime
) -> Message:
    """Queue a mail. Returns the earlier mail if there is one for the same reason and person."""
    key = f"{reason}:{to.id}"
    written = session.scalar(select(Message).where(Message.key == key))
    if written is not None:
        return written
    message = Message(
        person=to,
        address=to.email,
        subject=one_line(subject),
        body=body,
        key=key,
        mail_id=make_msgid(domain=domain),
        created_at=now,
        next_attempt_at=now,
    )
    session.add(message)
    session.flush()
    return message


def was_queued(session: Session, mail: AccountMail, *, to: Person, since: datetime) -> bool:
    """True where the person was sent such a mail since then, or is about to be."""
    queued = select(Message.id).where(
        Message.person_id == to.id, Message.account_mail == mail, Message.created_at > since
    )
    return session.scalar(queued.limit(1)) is not None


def queue_account_mail(
    session: Session,
    mail: AccountMail,
    *,
    to: Person,
    domain: str,
    now: datetime,
    link: Link | None = None,
    address: str = "",
) -> None:
    """Queue a mail about the person's account, in the transaction of its cause, without its text.

    `address`: where to, if it is not the person's own.
    """
    session.add(
        Message(
            person=to,
            account_mail=mail,
            link=link,
            address=address or to.email,
            subject="",
            body="",
            key=f"account:{token_hex(16)}",
            mail_id=make_msgid(domain=domain),
            created_at=now,
            next_attempt_at=now,
        )
    )
    session.flush()


def queue_mails(
    session: Session,
    notices: Mapping[int, int],
    *,
    reason: str,
    domain: str,
    now: datetime,
    not_before: datetime | None = None,
    planned: Mapping[int, datetime] | None = None,
    in_hours: bool = False,
) -> None:
    """Queue the mails of these notices, without text: `notices` are ids by the person's id.

    `not_before`: where it is later than now, they are sent then. `planned`: when each of them goes out and counts in
    the budget of its person; None for what is outside the budget. `in_hours`: only in the hours of its person.

    For the worker, with a few hundred people at a time. Where there is a mail for the same reason and person, none is
    added.
    """
    keys = {person_id: f"{reason}:{person_id}" for person_id in notices}
    written = _written(session, keys.values())
    addresses = session.execute(select(Person.id, Person.email).where(Person.id.in_(notices))).all()
    rows = [
        {
            "person_id": person_id,
            "notice_id": notices[person_id],
            "address": address,
            "key": keys[person_id],
            **_without_text(domain, now),
            "budgeted_at": planned[person_id] if planned is not None else None,
            "in_hours": in_hours,
            "next_attempt_at": planned[person_id] if planned is not None else not_before or now,
        }
        for person_id, address in addresses
        if keys[person_id] not in written
    ]
    if rows:
        session.execute(insert(Message), rows)


def queue_invitations(
    session: Session, invitations: Sequence[Invitation], *, planned: Mapping[str, datetime], domain: str, now: datetime
) -> None:
    """Queue the mails of these invitations to addresses, in the transaction that wrote them.

    `planned`: when each address gets its mail: see `ideas.outreach.limits.budget.invite_by_mail`, which others call.
    """
    rows = [
        {
            "invitation_id": invitation.id,
            "address": invitation.email,
            "key": f"invitation:{invitation.id}:{invitation.times_sent}",
            **_without_text(domain, now),
            "budgeted_at": planned[invitation.email or ""],
            "next_attempt_at": planned[invitation.email or ""],
        }
        for invitation in invitations
    ]
    if rows:
        session.execute(insert(Message), rows)


def queue_imported(
    session: Session,
    authors: Mapping[str, int],
    *,
    campaign_id: int,
    domain: str,
    now: datetime,
    activity_id: int | None = None,
) -> None:
    """Queue the mails to these addresses, without text: each tells the author of imported ideas, of which
    one is named, what became of them. One for each address and campaign, however often, and one for each later act,
    `activity_id`. For the worker, with a few hundred at a time.
    """
    about = f"imported:{campaign_id}" if activity_id is None else f"imported:act:{activity_id}"
    keys = {address: f"{about}:{hashlib.sha256(address.encode()).hexdigest()}" for address in authors}
    written = _written(session, keys.values())
    rows = [
        {
            "imported_id": idea_id,
            "activity_id": activity_id,
            "address": address,
            "key": keys[address],
            **_without_text(domain, now),
            "next_attempt_at": now,
        }
        for address, idea_id in authors.items()
        if keys[address] not in written
    ]
    if rows:
        session.execute(insert(Message), rows)


def queue_digests(
    session: Session,
    digests: Mapping[int, dict[str, Any]],
    *,
    planned: Mapping[int, datetime],
    counts: bool,
    reason: str,
    domain: str,
    now: datetime,
) -> None:
    """Queue the mails of these digests, without text, for at most a thousand people, each at the `planned` instant.

    `counts`: they count in the budget of their people. Where there is one for the same reason and person, none is
    added.
    """
    keys = {person_id: f"{reason}:{person_id}" for person_id in digests}
    written = _written(session, keys.values())
    addresses = session.execute(select(Person.id, Person.email).where(Person.id.in_(digests))).all()
    rows = [
        {
            "person_id": person_id,
            "digest": digests[person_id],
            "address": address,
            "key": keys[person_id],
            **_without_text(domain, now),
            "budgeted_at": planned[person_id] if counts else None,
            "in_hours": True,
            "next_attempt_at": planned[person_id],
        }
        for person_id, address in addresses
        if keys[person_id] not in written
    ]
    if rows:
        session.execute(insert(Message), rows)


def _without_text(domain: str, now: datetime) -> dict[str, Any]:
    """What every mail has whose text is made at the first attempt to send it."""
    return {"subject": "", "body": "", "mail_id": make_msgid(domain=domain), "created_at": now}


def _written(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these keys a mail has already."""
    return set(session.scalars(select(Message.key).where(Message.key.in_(keys))))
