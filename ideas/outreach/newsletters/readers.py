"""Who gets a newsletter, what becomes of it for each of them, and what came of it. Without pixels: what people read on
the site is known, what they read in a mail program is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true, union
from sqlalchemy.orm import Session

from ideas.accounts.sign_in import SignIn
from ideas.accounts.undeliverable import is_undeliverable
from ideas.activity.activity import Activity, Verb, record
from ideas.base import chunks
from ideas.contributions.authors.people import people_of
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.vote import Reaction, Vote
from ideas.outreach.limits.budget import Later, without_budget
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import Involvement, Newsletter, NoReaders, TooFewReaders, referent_of
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.preference import silent_in, without_mail
from ideas.page import Page, page_at
from ideas.people.person import Person, is_here
from ideas.people.sanction import is_banned
from ideas.spaces.membership import membership_of
from ideas.spaces.segment import MIN_SHOWN, PersonValue
from ideas.spaces.space import Membership, MembershipState
from ideas.themes.passage import counted

# Whoever came in the last month may still come back; the others did nothing here since their first day.
NEVER_BACK_AFTER = timedelta(days=30)
FIRST_DAY = timedelta(days=1)


def reader_ids(session: Session, newsletter: Newsletter, *, now: datetime) -> Sequence[int]:
    """The ids of the people who get it, or would now. For the worker, and to be counted."""
    found = select(Person.id).where(*_conditions(newsletter, now)).order_by(Person.id)
    if newsletter.involvement is not Involvement.NEVER_BACK:
        return session.scalars(found).all()
    seen = select(func.max(SignIn.seen_at)).where(SignIn.person_id == Person.id).scalar_subquery()
    acted = select(func.max(Activity.at)).where(Activity.actor_id == Person.id).scalar_subquery()
    rows = session.execute(
        found.add_columns(Person.created_at, seen, acted).where(Person.created_at <= now - NEVER_BACK_AFTER)
    )
    return [one for one, came, *later in rows if all(at is None or at <= came + FIRST_DAY for at in later)]


def _conditions(newsletter: Newsletter, now: datetime) -> list[ColumnElement[bool]]:
    """SQL conditions on Person. Who never came back is found among them by `reader_ids`."""
    found = [is_here(), Person.verified_at.is_not(None), ~is_banned(Person.id, now=now)]
    if not newsletter.to_all:
        inside = (Membership.space_id == newsletter.space_id) & (Membership.state == MembershipState.MEMBER)
        found.append(Person.id.in_(select(Membership.person_id).where(inside)))
    if newsletter.value_ids:
        found.append(Person.id.in_(select(PersonValue.person_id).where(PersonValue.value_id.in_(newsletter.value_ids))))
    match newsletter.involvement:
        case Involvement.TOOK_PART:
            here = Idea.campaign_id == newsletter.campaign_id if newsletter.campaign_id is not None else true()
            found.append(Person.id.in_(_took_part(here)))
        case Involvement.SUPPORTED:
            found.append(Person.id.in_(_supported(newsletter.theme_id or 0)))
    return found


def _took_part(here: ColumnElement[bool]) -> Select[Any]:
    public = here & is_readable()
    acted = union(
        people_of(public),
        select(Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(public, is_shown()),
        *(select(one.person_id).join(Idea, Idea.id == one.idea_id).where(public) for one in (Vote, Reaction)),
    ).subquery()
    return select(acted.c[0])


def _supported(theme_id: int) -> Select[Any]:
    ideas = select(counted(theme_id=theme_id).subquery().c.idea_id)
    public = Idea.id.in_(ideas) & is_readable()
    acted = union(
        *(select(one.person_id).join(Idea, Idea.id == one.idea_id).where(public) for one in (Vote, Reaction))
    ).subquery()
    return select(acted.c[0])


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of a newsletter for its readers, if it went out now.

    `later`: those without budget, who read it in their digest, until when; and without a digest, in the product only.
    `no_mail`: who wants no mail of this kind, or whose address takes none: in the product only. `is_rounded`: the
    numbers are rounded down, since they say something of who is in the group.
    """

    total: int
    by_mail: int
    later: Later
    no_mail: int
    is_rounded: bool = False


def forecast(session: Session, newsletter: Newsletter, *, now: datetime) -> Forecast:
    """Who may propose a newsletter, and its referent, may read it. Raises TooFewReaders."""
    people = reader_ids(session, newsletter, now=now)
    check_number(newsletter, len(people))
    silent: set[int] = set()
    for part in chunks(people):
        silent |= without_mail(session, NoticeKind.NEWSLETTER, part)
        silent |= silent_in(session, newsletter.space_id, part)
        silent |= set(session.scalars(select(Person.id).where(Person.id.in_(part), is_undeliverable(Person.email))))
    wanted = [one for one in people if one not in silent]
    later = without_budget(session, wanted, now=newsletter.send_at or now)
    left = Later.of(list(later.values()))
    found = (len(people), len(wanted) - len(later), left, len(silent))
    if not newsletter.is_narrowed:
        return Forecast(*found)
    few = Later(_down(left.count), left.until, _down(left.without_digest))
    return Forecast(_down(found[0]), _down(found[1]), few, _down(found[3]), is_rounded=True)


def check_number(newsletter: Newsletter, readers: int) -> None:
    """Raises NoReaders where nobody gets it; TooFewReaders where so few do that it would say who is in a segment, or
    who supported what.
    """
    if newsletter.is_narrowed and readers < MIN_SHOWN:
        raise TooFewReaders(least=MIN_SHOWN)
    if not readers:
        raise NoReaders


def begin_newsletters(session: Session, *, now: datetime) -> int:
    """Begin those that are approved and whose hour has come. Returns how many. For the worker.

    It writes one act: who is told of it, once each, follows from the log. One that too few people would get by now is
    stopped, and its author is told.
    """
    due = Newsletter.approved_at.is_not(None) & Newsletter.begun_at.is_(None)
    free = Newsletter.paused_at.is_(None) & Newsletter.stopped_at.is_(None)
    at = func.coalesce(Newsletter.send_at, Newsletter.approved_at) <= now
    begun = 0
    for newsletter in session.scalars(select(Newsletter).where(due, free, at).with_for_update(skip_locked=True)).all():
        after: dict[str, Any] = {"space_id": newsletter.space_id, "title": newsletter.title}
        try:
            check_number(newsletter, len(reader_ids(session, newsletter, now=now)))
        except TooFewReaders:
            newsletter.stopped_at = now
            record(session, Verb.ABANDONED, newsletter, by=None, now=now, after=after | {"too_few": True})
            continue
        newsletter.begun_at = now
        record(session, Verb.PUBLISHED, newsletter, by=None, now=now, after=after)
        begun += 1
    session.flush()
    return begun


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a newsletter: how many are told, mails sent and waiting, left to a digest that is not made yet, and
    how many read it on the site.
    """

    told: int = 0
    sent: int = 0
    waiting: int = 0
    held: int = 0
    read: int = 0


def outcome(session: Session, newsletter: Newsletter) -> Outcome:
    """Its figures. Who may propose one may read them. Two queries."""
    act = Activity.object_kind == Newsletter.__tablename__, Activity.object_id == newsletter.id
    acts = session.scalars(select(Activity.id).where(*act, Activity.verb == Verb.PUBLISHED)).all()
    if not acts:
        return Outcome()
    row = session.execute(
        select(
            func.count(Notice.id),
            func.count(Message.sent_at),
            func.count(Message.next_attempt_at).filter(Message.sent_at.is_(None)),
            func.count(Notice.held_at),
            func.count(Notice.read_at),
        )
        .select_from(Notice)
        .outerjoin(Message, Message.notice_id == Notice.id)
        .where(Notice.activity_id.in_(acts))
    ).one()
    told, sent, waiting, held, read = row
    if newsletter.is_narrowed:
        return Outcome(*(_down(count) for count in (told, sent, waiting, held, read)))
    return Outcome(told, sent, waiting, held, read)


def got_it(session: Session, newsletter: Newsletter, person: Person) -> Notice | None:
    """The person's notice of it; None for who got none."""
    mine = (Notice.person_id == person.id) & (Notice.kind == NoticeKind.NEWSLETTER)
    return session.scalar(select(Notice).where(mine, Notice.object_id == newsletter.id).limit(1))


def readers_of(session: Session, activity: Activity) -> Iterable[int]:
    """Who is in the space of the newsletter, and in the group that it is written to"""
    newsletter = session.get(Newsletter, activity.object_id)
    if newsletter is None or newsletter.stopped_at is not None:
        return ()
    return reader_ids(session, newsletter, now=activity.at)


def referent_to_ask(session: Session, activity: Activity) -> Iterable[int]:
    """The referent of the space, who approves its newsletters"""
    newsletter = session.get(Newsletter, activity.object_id)
    referent = referent_of(session, newsletter.space) if newsletter is not None else None
    return [referent.id] if referent is not None else ()


def author_of_newsletter(session: Session, activity: Activity) -> Iterable[int]:
    """Who wrote the newsletter"""
    return session.scalars(select(Newsletter.written_by_id).where(Newsletter.id == activity.object_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderPage(Page):
    readers: Sequence[Person]


def are_named(newsletter: Newsletter) -> bool:
    """True where its readers are simply the people in the space, whom everyone in it sees. A narrower group would say
    who is in a segment or what they did; everyone with an account is listed to administrators alone.
    """
    return not newsletter.is_narrowed and not newsletter.to_all


def may_read(session: Session, newsletter: Newsletter, person: Person, *, got: bool) -> bool:
    """Whoever got it may. So may who is in the space where it went to all of it. Nobody once it is stopped."""
    if newsletter.stopped_at is not None:
        return False
    mine = membership_of(session, newsletter.space, person)
    is_in = mine is not None and mine.is_in
    return got or (is_in and newsletter.begun_at is not None and are_named(newsletter))


def readers_page(
    session: Session, newsletter: Newsletter, *, containing: str, number: int, now: datetime, size: int = 50
) -> ReaderPage:
    """Those who would get it now, by name. Who may propose one may read it where `are_named`. Two queries."""
    if not are_named(newsletter):
        return ReaderPage(readers=(), **asdict(page_at(1, size=size, total=0)))
    words = [Person.name.icontains(word, autoescape=True) for word in containing.split()]
    which = and_(*_conditions(newsletter, now), *words)
    total = session.scalar(select(func.count()).select_from(Person).where(which)) or 0
    page = page_at(number, size=size, total=total)
    found = select(Person).where(which).order_by(func.lower(Person.name), Person.id)
    people = session.scalars(found.limit(size).offset((page.number - 1) * size)).all()
    return ReaderPage(readers=people, **asdict(page))


def is_named_reader(session: Session, newsletter: Newsletter, person: Person, *, now: datetime) -> bool:
    """True where the person gets it, and who may propose it may know."""
    if not are_named(newsletter):
        return False
    return session.scalar(select(Person.id).where(*_conditions(newsletter, now), Person.id == person.id)) is not None


def _down(count: int) -> int:
    return count // MIN_SHOWN * MIN_SHOWN
