"""Half a year of a busy community with a clock that is set: nobody is over budget, told twice or forgotten.

People live in several zones, chose other hours, quiet days and holidays, or visit now and then. A newsletter goes out
each month and is paused for two days, workshops are announced, people are invited, newcomers get their messages, and
some are erased. The worker sleeps for days, over hours of sending and over ends of weeks. Mails are marked as sent
without being written. `tests/app/mail/test_half_year.py` runs the same with few people.
"""

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from flask_migrate import upgrade
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app import create_app
from app.extensions import database, db
from app.jobs import send_digests
from app.mail.notices import notify_due
from app.settings import from_env
from benchmarks.figures import Target, show_table, show_targets
from ideas.accounts.sign_in import SignIn
from ideas.activity.activity import Verb, record
from ideas.answers.debriefs.debrief import write_debrief
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.inviting import invite
from ideas.contributions.idea import Idea
from ideas.organisation.organisation import the_organisation
from ideas.outreach.digest import HELD_FOR
from ideas.outreach.follow import Follow
from ideas.outreach.journey.sending import record_newcomers
from ideas.outreach.journey.text import switch_journey
from ideas.outreach.limits.budget import invite_by_mail, put_off
from ideas.outreach.limits.hours import Frequency, Hours, MailChoice, Reader, readers
from ideas.outreach.messages.delivery import limited_messages, take_messages
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import (
    Newsletter,
    NewsletterText,
    approve_newsletter,
    name_referent,
    pause_newsletter,
    propose_newsletter,
    resume_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.pace import hold_back
from ideas.outreach.newsletters.readers import begin_newsletters
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.invitation import Offer
from ideas.spaces.space import Membership, MembershipState, Space, SpaceRole
from ideas.spaces.workshops.workshop import WorkshopText, announce_workshop

# Clocks change on 25 October and 28 March in Paris, on 1 November and 14 March in New York; there are holidays in each.
BEGINS = datetime(2026, 9, 28, tzinfo=UTC)
# At least one of these hours, in UTC, is in the lunch of each zone; the first begins the day.
TURNS = (4, 8, 11, 17)
DIGESTS_ON = {0, 1, 4}  # days from Monday on; a run that was missed is made up for
DAYS, CAMPAIGNS = 182, 6
# In these weeks each weekend brings more than the next week has room for.
BUSY = range(70, 126)
ZONES = ("Europe/Paris", "Europe/Paris", "America/New_York", "Asia/Tokyo", "Indian/Reunion")
LIMIT = 3
# The digest of the next week, though the worker slept on its Monday, or that day is a holiday.
MAX_DAYS = 14
PEOPLE = 2_000
# How many people are erased, and on which day.
ERASED, ERASED_ON = 4, 100
GUESTS = tuple(f"guest{number}@example.org" for number in range(5))


@dataclass(frozen=True)
class Community:
    """What the simulation needs of it, by ids."""

    owner: int
    space: int
    campaigns: Sequence[int]
    visitors: Sequence[int]
    leaving: Sequence[int]
    chance: random.Random


def show() -> dict[str, Any]:
    """Prints and returns how many mails 2,000 people got in half a year, after every rule was checked."""
    print(f"\nHalf a year of {PEOPLE:,} people, SQLite, with a clock that is set")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as instance:
        app = create_app(from_env(os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": ""}))
        with app.app_context():
            upgrade()
            joined = {"created_at": BEGINS, "verified_at": BEGINS, "may_open_campaigns": True}
            owner = Person(name="Alice", email="alice@example.org", **joined)
            database().add(owner)
            database().flush()
            community = write_community(database(), owner, people=PEOPLE)
            live(database(), community)
            found = check(database())
            db.session.remove()
            db.engine.dispose()
    seconds = time.perf_counter() - started
    show_table(["mails", "weeks with a mail", "most in a week", "told twice", "forgotten", "after an erasure",
                "invitations in a week", "authors not told", "longest wait for a digest, days", "s"],
               [[f"{found[name]:,}" for name in found] + [f"{seconds:.0f}"]])  # fmt: skip
    targets = [
        Target("most mails in a week", found["most"], LIMIT, True),
        Target("most invitations in a week", found["invited"], 1, True),
        Target("days until a digest tells what exceeded the budget", found["waited"], MAX_DAYS, True),
        *(Target(name, found[name], 0, True) for name in ("twice", "forgotten", "erased", "untold")),
    ]
    return found | {"seconds": seconds, "targets": show_targets(targets)}


def write_community(session: Session, owner: Person, *, people: int) -> Community:
    """People who follow campaigns that are open for the half-year, wrote in them, and are in a space."""
    chance = random.Random(7)  # noqa: S311 -- made-up people
    joined = {"created_at": BEGINS - timedelta(days=200), "verified_at": BEGINS, "locale": "fr"}
    session.execute(
        insert(Person),
        [{"name": f"P{n}", "email": f"p{n}@example.org", "timezone": ZONES[n % 5]} | joined for n in range(people)],
    )
    ids = session.scalars(select(Person.id).where(Person.name.like("P%")).order_by(Person.id)).all()
    kinds = [Frequency.DAILY, Frequency.NONE, Frequency.WEEKLY]
    away = {"quiet_from": date(2026, 11, 9), "quiet_until": date(2026, 11, 29)}
    home = {"quiet_from": None, "quiet_until": None}
    session.execute(
        insert(MailChoice),
        [
            {"person_id": one, "first_hour": 10, "last_hour": 15, "days": [one % 7, 2], "digest": kinds[one % 3],
             "country": (None, "", "JP")[one % 3], **(away if place % 2 else home)}
            for place, one in enumerate(ids[::4])
        ],
    )  # fmt: skip
    newcomers = update(Person).where(Person.id.in_(ids[5::20])).values(created_at=BEGINS + timedelta(days=20))
    session.execute(newcomers)
    switch_journey(session, on=True, by=owner, now=BEGINS)
    visitors = ids[::3]
    session.execute(
        insert(SignIn),
        [{"person_id": one, "token_hash": str(one), "created_at": BEGINS, "expires_at": BEGINS} for one in visitors],
    )
    ends = BEGINS + timedelta(days=DAYS)
    dates = {"created_at": BEGINS, "announced_at": BEGINS, "opens_at": BEGINS, "closes_at": ends}
    promised = dates | {"benefit": "Rest.", "motivation": "Thanks.", "debrief_due_at": BEGINS + timedelta(days=400)}
    campaigns = [Campaign(owner=owner, title=f"Mornings {number}", **promised) for number in range(CAMPAIGNS)]
    session.add_all(campaigns)
    space = create_space(session, text=SpaceText("Nurses"), by=owner, now=BEGINS)
    name_referent(session, space, owner, by=owner, now=BEGINS)
    inside = {"space_id": space.id, "state": MembershipState.MEMBER, "role": SpaceRole.MEMBER, "since": BEGINS}
    session.execute(insert(Membership), [inside | {"person_id": one} for one in ids[::2]])
    written = {"created_at": BEGINS, "updated_at": BEGINS, "submitted_at": BEGINS, "body": "An idea."}
    for campaign in campaigns:
        followers, authors = chance.sample(ids, people // 2), chance.sample(ids, people // 10)
        session.execute(
            insert(Follow), [{"person_id": one, "campaign_id": campaign.id, "created_at": BEGINS} for one in followers]
        )
        session.execute(insert(Idea), [{"campaign_id": campaign.id, "author_id": one} | written for one in authors])
    session.commit()
    leaving = [one for one in ids[1::12] if one not in visitors][:ERASED]
    return Community(owner.id, space.id, [campaign.id for campaign in campaigns], visitors, leaving, chance)


def live(session: Session, community: Community) -> None:
    """The half-year, turn by turn. In an application context."""
    for number in range(DAYS):
        asleep = number % 23 in {4, 5} or number % 31 == 11
        for hour in TURNS:
            now = BEGINS + timedelta(days=number, hours=hour)
            if hour == TURNS[0]:
                _act(session, number, community, now)
            if asleep:
                continue
            if hour == TURNS[0]:
                begin_newsletters(session, now=now)
                record_newcomers(session, now=now)
                session.commit()
                notify_due(now)
            if hour == TURNS[0] and number % 7 in DIGESTS_ON:
                with patch.object(send_digests, "now", lambda at=now: at):
                    send_digests.run(None, report=lambda _stage, _share: None)  # type: ignore[arg-type]
                session.commit()
            _deliver(session, now)


def _act(session: Session, number: int, community: Community, now: datetime) -> None:
    """What happens on one day: something is told to the followers of a campaign; a debrief, or a newsletter, is out."""
    about: dict[str, Any] = {"by": None, "now": now, "before": {}, "after": {}}
    owner, chance = session.get_one(Person, community.owner), community.chance
    _tell(session, number, community, about)
    if number % 30 == 20:
        campaign = session.get_one(Campaign, community.campaigns[number // 30 % CAMPAIGNS])
        debrief = write_debrief(session, campaign, body="Thanks.", by=owner, now=now)
        record(session, Verb.PUBLISHED, debrief, campaign_id=campaign.id, **about | {"by": owner})
    if number % 30 == 9:
        space = session.get_one(Space, community.space)
        text = NewsletterText("This month", "Hello.", per_hour=100)
        newsletter = write_newsletter(session, space, text=text, by=owner, now=now)
        propose_newsletter(session, newsletter, by=owner, now=now)
        approve_newsletter(session, newsletter, readers=1, by=owner, now=now)
    if number % 30 in {10, 12}:
        going = select(Newsletter).order_by(Newsletter.id.desc()).limit(1)
        turn = pause_newsletter if number % 30 == 10 else resume_newsletter
        turn(session, session.scalars(going).one(), by=owner, now=now)
    if number % 40 == 15:
        start = now + timedelta(days=9)
        meeting = WorkshopText("Rotas", "Room 2", starts_at=start, ends_at=start + timedelta(hours=1))
        announce_workshop(session, session.get_one(Space, community.space), text=meeting, by=owner, now=now)
    if number < CAMPAIGNS:  # six campaigns invite the same people in one week
        campaign = session.get_one(Campaign, community.campaigns[number])
        invited = invite(session, campaign, "\n".join(GUESTS), offer=Offer(), by=owner, now=now).invitations
        invite_by_mail(session, invited, domain="x", now=now)
    if number == ERASED_ON:
        for one in community.leaving:
            asked = ask_to_erase(session, session.get_one(Person, one), contents=Contents.ANONYMISE,
                                 by=session.get_one(Person, one), now=now)  # fmt: skip
            erase(session, asked, words=Words(name="Former member", text="Erased."), now=now)
    some = chance.sample(list(community.visitors), 6)
    session.execute(update(SignIn).where(SignIn.person_id.in_(some)).values(seen_at=now))
    session.commit()


def _tell(session: Session, number: int, community: Community, about: dict[str, Any]) -> None:
    """Something is told to the followers of some campaigns."""
    chance, now = community.chance, about["now"]
    for _ in range(chance.choice((0, 0, 0, 1, 4))):
        campaign = session.get_one(Campaign, chance.choice(community.campaigns))
        verb = chance.choice((Verb.OPENED, Verb.ENDED, Verb.OPENED, Verb.REMINDED))
        told = about | ({"after": {"hours": 24, "closes_at": now.isoformat()}} if verb is Verb.REMINDED else {})
        record(session, verb, campaign, campaign_id=campaign.id, **told)
    if number in BUSY and number % 7 in {5, 6}:
        for campaign_id in community.campaigns[:4]:
            record(session, Verb.OPENED, session.get_one(Campaign, campaign_id), campaign_id=campaign_id, **about)


def _deliver(session: Session, now: datetime) -> None:
    """Send what is due, as the worker does."""
    while taken := take_messages(session, now=now, limit=500):
        late = hold_back(session, taken, now=now)
        left = [message_id for message_id in taken if message_id not in late]
        late |= put_off(session, limited_messages(session, left), now=now)
        sent = [message_id for message_id in taken if message_id not in late]
        session.execute(update(Message).where(Message.id.in_(sent)).values(sent_at=now, next_attempt_at=None))
        session.commit()


def check(session: Session) -> dict[str, int]:
    """The figures of what was sent. Each mail that had hours was sent in them, or this fails."""
    mails = session.scalars(select(Message).where(Message.sent_at.is_not(None), Message.person_id.is_not(None))).all()
    known: dict[int, Any] = {}
    for part in chunks(session.scalars(select(Person.id).order_by(Person.id)).all()):
        known |= readers(session, part)
    weeks = Counter((mail.person_id, known[mail.person_id].week(mail.sent_at)) for mail in mails if mail.budgeted_at)
    assert all(known[mail.person_id].next(mail.sent_at) == mail.sent_at for mail in mails if mail.in_hours)
    told = Counter(mail.notice_id for mail in mails if mail.notice_id)
    told.update(notice_id for mail in mails if mail.digest for notice_id in mail.digest.get("held", ()))
    notices = session.scalars(select(Notice)).all()
    waiting = set(session.scalars(select(Message.notice_id).where(Message.sent_at.is_(None))))
    for digest in session.scalars(select(Message.digest).where(Message.digest.is_not(None))):
        waiting.update(digest.get("held", ()))
    known_of = {*told, *waiting}
    by_mail = {(one.campaign_id, one.person_id): one for one in notices if one.kind is NoticeKind.DEBRIEF_PUBLISHED}
    at = {mail.notice_id: mail for mail in mails}
    gone = {
        person.id: person.erased_at for person in session.scalars(select(Person).where(Person.erased_at.is_not(None)))
    }
    wrote = session.execute(select(Idea.campaign_id, Idea.author_id).where(Idea.author_id.is_not(None)))
    authors = {(campaign_id, one) for campaign_id, one in wrote if one not in gone}
    debriefs = [at.get(by_mail[author].id) if author in by_mail else None for author in authors]
    return {
        "mails": len(mails),
        "weeks": len(weeks),
        "most": max(weeks.values()),
        "twice": sum(count > 1 for count in told.values()),
        "forgotten": sum(_is_forgotten(session, one, known) for one in notices if one.id not in known_of),
        "erased": sum(mail.sent_at > gone[mail.person_id] for mail in mails if mail.person_id in gone),
        "invited": _most_invited(session),
        "untold": sum(mail is None or mail.budgeted_at is not None or mail.in_hours for mail in debriefs),
        "waited": _longest_wait(session, mails, known),
    }


def _is_forgotten(session: Session, notice: Notice, known: dict[int, Any]) -> bool:
    """True for what was told by no mail and no digest, and is not about to be: unless its person is gone, wants no
    digest, or was here since.
    """
    person, reader = session.get_one(Person, notice.person_id), known[notice.person_id]
    if person.erased_at is not None:
        return False
    if notice.held_at is None:
        return True
    if notice.held_at > BEGINS + timedelta(days=DAYS) - HELD_FOR or reader.digest is Frequency.NONE:
        return False
    seen = session.scalar(select(func.max(SignIn.seen_at)).where(SignIn.person_id == person.id))
    return seen is None or seen < notice.held_at


def _longest_wait(session: Session, mails: Sequence[Message], known: dict[int, Any]) -> int:
    """The most days until a digest told what exceeded a budget, or until the end where none did: of those who get one
    each week, had come by then, never visited, and have no quiet days.
    """
    absent = Person.erased_at.is_(None) & Person.id.not_in(select(SignIn.person_id))
    came = dict(session.execute(select(Person.id, Person.created_at).where(absent)).all())
    told_at = {one: mail.sent_at for mail in mails if mail.digest for one in mail.digest.get("held", ())}
    ends = BEGINS + timedelta(days=DAYS)
    waited = [
        told_at.get(notice.id, ends) - notice.created_at
        for notice in session.scalars(select(Notice))
        if (notice.id in told_at or notice.held_at is not None)
        and known[notice.person_id].digest is Frequency.WEEKLY
        and known[notice.person_id].hours.quiet is None
        and notice.created_at > came.get(notice.person_id, ends)
    ]
    return max(waited).days


def _most_invited(session: Session) -> int:
    """How many invitations the same address got in one week of the site."""
    site = Reader(Hours(), the_organisation(session).timezone or "UTC", Frequency.NONE)
    sent = select(Message.address, Message.sent_at).where(
        Message.invitation_id.is_not(None), Message.sent_at.is_not(None)
    )
    return max(Counter((address, site.week(at)) for address, at in session.execute(sent)).values())
