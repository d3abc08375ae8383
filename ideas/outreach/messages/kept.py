"""The mails that were written: the page of them, their export, and how long they are kept."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    delete,
    func,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session, joinedload

from ideas.organisation.organisation import record_download
from ideas.outreach.messages.message import Message, has_ended
from ideas.outreach.notice import Notice, NoticeKind
from ideas.page import Page, page_at
from ideas.people.person import Person
from ideas.work.job import changed_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage(Page):
    messages: Sequence[Message]


def empty_private_texts(session: Session) -> int:
    """Empty the private texts of mails that are sent or given up. Returns how many. For the worker.

    Only cleans up rows of earlier versions.
    """
    private = select(Notice.id).where(Notice.kind == NoticeKind.DEBRIEF_PUBLISHED)
    kept = (Message.body != "") & has_ended() & Message.notice_id.in_(private)
    emptied = update(Message).where(kept).values(body="", html="")
    return changed_rows(session, emptied.execution_options(synchronize_session=False))


def message_page(session: Session, *, number: int, to: str = "", size: int = 50) -> MessagePage:
    """A page of all mails, newest first, for administrators. A number beyond the end returns the last page.

    `to`: a part of the address, or nothing.
    """
    total = session.scalar(select(func.count()).select_from(Message).where(_sent_to(to))) or 0
    page = page_at(number, size=size, total=total)
    found = session.scalars(
        select(Message)
        .where(_sent_to(to))
        .options(joinedload(Message.person), joinedload(Message.notice))
        .order_by(Message.id.desc())
        .limit(size)
        .offset((page.number - 1) * size)
    ).all()
    return MessagePage(messages=found, **asdict(page))


def export_messages(session: Session, *, to: str, limit: int, by: Person, now: datetime) -> Sequence[Message]:
    """The latest mails to addresses with this part. Administrators may; the activity log says who did, and how many."""
    found = session.scalars(select(Message).where(_sent_to(to)).order_by(Message.id.desc()).limit(limit)).all()
    record_download(session, "messages", len(found), by=by, now=now)
    return found


def _sent_to(part: str) -> ColumnElement[bool]:
    return Message.address.icontains(part, autoescape=True) if part else true()


def delete_old_messages(session: Session, *, now: datetime, kept: timedelta) -> int:
    """Delete mails that were written this long ago and are sent or given up. Returns how many. For the worker.

    Their notices stay, so nobody is told again.
    """
    deletion = delete(Message).where(Message.created_at < now - kept, has_ended())
    return changed_rows(session, deletion.execution_options(synchronize_session=False))
