"""What came of a newsletter after it went out: clicks on its links where they are counted, who left after it, and whose
address takes no mail. Numbers alone: nobody is named, and no row ties a click to a person.
"""

from dataclasses import dataclass

from sqlalchemy import ForeignKey, distinct, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.accounts.undeliverable import is_undeliverable
from ideas.activity.activity import Activity, Verb
from ideas.base import Base
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.outreach.notice import Notice
from ideas.spaces.segment import MIN_SHOWN
from ideas.work.job import changed_rows


class NewsletterClick(Base):
    """How often a link was followed. `place`: of its address among those of the newsletter, from 0."""

    __tablename__ = "newsletter_click"

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`bounced`: mails whose address takes none, or that were given up. `clicks`: by the place of the link."""

    bounced: int
    unsubscribed: int
    clicks: dict[int, int]


def count_click(session: Session, newsletter: Newsletter, place: int) -> None:
    """Count one click, once the newsletter goes out, and only where its author switched that on."""
    if not newsletter.counts_clicks or newsletter.begun_at is None:
        return
    here = (NewsletterClick.newsletter_id == newsletter.id) & (NewsletterClick.place == place)
    more = update(NewsletterClick).where(here).values(count=NewsletterClick.count + 1)
    if changed_rows(session, more.execution_options(synchronize_session=False)):
        return
    try:
        with session.begin_nested():
            session.add(NewsletterClick(newsletter_id=newsletter.id, place=place, count=1))
    except IntegrityError:  # another reader clicked first at the same moment
        changed_rows(session, more.execution_options(synchronize_session=False))


def count_unsubscribed(session: Session, newsletter_id: int) -> None:
    """Count one person who stopped these mails from a link in this newsletter. Who it was is not kept."""
    more = update(Newsletter).where(Newsletter.id == newsletter_id).values(unsubscribed=Newsletter.unsubscribed + 1)
    session.execute(more.execution_options(synchronize_session=False))


def aftermath(session: Session, newsletter: Newsletter) -> Aftermath:
    """For who may propose one. Rounded down where its readers were narrowed, as its other figures. Two queries."""
    about = (Activity.object_kind == Newsletter.__tablename__) & (Activity.object_id == newsletter.id)
    of_it = Notice.activity_id.in_(select(Activity.id).where(about, Activity.verb == Verb.PUBLISHED))
    given_up = Message.sent_at.is_(None) & Message.next_attempt_at.is_(None)
    bounced = select(func.count(distinct(Message.id))).join(Notice, Notice.id == Message.notice_id)
    count = session.scalar(bounced.where(of_it, is_undeliverable(Message.address) | given_up)) or 0
    rows = select(NewsletterClick.place, NewsletterClick.count).where(NewsletterClick.newsletter_id == newsletter.id)
    clicks = dict(session.execute(rows).all()) if newsletter.counts_clicks else {}
    if not newsletter.is_narrowed:
        return Aftermath(count, newsletter.unsubscribed, clicks)
    few = {place: _down(clicked) for place, clicked in clicks.items()}
    return Aftermath(_down(count), _down(newsletter.unsubscribed), few)


def _down(count: int) -> int:
    return count // MIN_SHOWN * MIN_SHOWN
