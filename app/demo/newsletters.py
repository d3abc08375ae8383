"""Newsletters of the demo: one that went out some days ago, and one that waits for the referent of its space."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.outreach.messages.delivery import mark_sent
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import queue_mails
from ideas.outreach.newsletters.figures import NewsletterClick
from ideas.outreach.newsletters.newsletter import (
    Newsletter,
    NewsletterText,
    approve_newsletter,
    name_referent,
    propose_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.readers import begin_newsletters, reader_ids
from ideas.outreach.notice import Notice, NoticeKind, write_notices
from ideas.people.person import Person
from ideas.spaces.space import Space

DOMAIN = "example.org"
# Of the readers, every third one read it on the site.
READ_EACH = 3


def have_newsletters(
    session: Session,
    facts: Mapping[str, Any],
    people: Mapping[str, Person],
    spaces: Mapping[str, Space],
    *,
    admin: Person,
    today: datetime,
) -> None:
    """Name the referent of a space, send one newsletter there and propose another. Commits."""
    space, referent = spaces[facts["space"]], people[facts["referent"]]
    name_referent(session, space, referent, by=admin, now=today - timedelta(days=facts["sent_days_ago"] + 2))
    sent = _propose(session, facts["sent"], space, people, now=today - timedelta(days=facts["sent_days_ago"] + 1))
    at = today - timedelta(days=facts["sent_days_ago"])
    approve_newsletter(session, sent, readers=len(reader_ids(session, sent, now=at)), by=referent, now=at)
    begin_newsletters(session, now=at)
    session.commit()  # which writes the log
    _tell(session, sent, now=at)
    session.add_all(
        NewsletterClick(newsletter_id=sent.id, place=place, count=count) for place, count in enumerate(facts["clicks"])
    )
    _propose(session, facts["waiting"], space, people, now=today - timedelta(hours=5))


def _propose(
    session: Session, facts: Mapping[str, Any], space: Space, people: Mapping[str, Person], *, now: datetime
) -> Newsletter:
    by = people[facts["by"]]
    text = NewsletterText(facts["title"], facts["body"], counts_clicks=facts["counts_clicks"])
    newsletter = write_newsletter(session, space, text=text, by=by, now=now)
    propose_newsletter(session, newsletter, by=by, now=now)
    return newsletter


def _tell(session: Session, newsletter: Newsletter, *, now: datetime) -> None:
    """As the worker would have done it then."""
    out = (Activity.object_kind == Newsletter.__tablename__) & (Activity.object_id == newsletter.id)
    act = session.scalars(select(Activity).where(out, Activity.verb == Verb.PUBLISHED)).one()
    readers = reader_ids(session, newsletter, now=now)
    notices = write_notices(session, act, NoticeKind.NEWSLETTER, readers, now=now)
    queue_mails(session, notices, reason=f"notice:{act.id}", domain=DOMAIN, now=now)
    for message in session.scalars(select(Message).where(Message.notice_id.in_(notices.values()))):
        message.subject, message.body = f"{newsletter.space.name}: {newsletter.title}", newsletter.body
        mark_sent(session, message.id, now=now)
    for number, notice in enumerate(session.scalars(select(Notice).where(Notice.id.in_(notices.values())))):
        if number % READ_EACH == 0:
            notice.read_at = now + timedelta(hours=number + 1)
    session.flush()
