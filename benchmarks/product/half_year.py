"""Half a year of a busy community with a clock that is set: nobody is over budget, told twice or forgotten.

People live in several zones, chose other hours, quiet days and holidays, or visit now and then. A newsletter goes out
each month. The worker sleeps for days, over hours of sending and over ends of weeks. Mails are marked as sent without
being written. `tests/app/mail/test_half_year.py` runs the same with few people.
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
from sqlalchemy import insert, select, update
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
from ideas.contributions.idea import Idea
from ideas.outreach.follow import Follow
from ideas.outreach.limits.budget import put_off
from ideas.outreach.limits.hours import Frequency, MailChoice, readers
from ideas.outreach.messages.delivery import limited_messages, take_messages
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import (
    NewsletterText,
    approve_newsletter,
    name_referent,
    propose_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.readers import begin_newsletters
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.space import Membership, MembershipState, Space, SpaceRole

# Clocks change on 8 March in New York, on 29 March in Paris; there are holidays in each zone.
BEGINS = datetime(2026, 2, 2, tzinfo=UTC)
# At least one of these hours, in UTC, is in the lunch of each zone; the first begins the day.
TURNS = (4, 8, 11, 17)
DIGESTS_ON = {0, 1, 4}  # days from Monday on; a run that was missed is made up for
DAYS, CAMPAIGNS = 182, 6
ZONES = ("Europe/Paris", "Europe/Paris", "America/New_York", "Asia/Tokyo", "Indian/Reunion")
LIMIT = 3
PEOPLE = 2_000


@dataclass(frozen=True)
class Community:
    """What the simulation needs of it, by ids."""

    owner: int
    space: int
    campaigns: Sequence[int]
    visitors: Sequence[int]
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
    show_table(["mails", "weeks with a mail", "most in a week", "told twice", "forgotten", "authors not told", "s"],
               [[f"{found[name]:,}" for name in found] + [f"{seconds:.0f}"]])  # fmt: skip
    targets = [
        Target("most mails in a week", found["most"], LIMIT, True),
        *(Target(name, found[name], 0, True) for name in ("twice", "forgotten", "untold")),
    ]
    return found | {"seconds": seconds, "targets": show_targets(targets)}


def write_community(session: Session, owner: Person, *, people: int) -> Community:
    """People who follow campaigns that are open for the half-year, wrote in them, and are in a space."""
    chance = random.Random(7)  # noqa: S311 -- made-up people
    joined = {"created_at": BEGINS - timedelta(days=90), "verified_at": BEGINS, "locale": "fr"}
    session.execute(
        insert(Person),
        [{"name": f"P{n}", "email": f"p{n}@example.org", "timezone": ZONES[n % 5]} | joined for n in range(people)],
    )
    ids = session.scalars(select(Person.id).where(Person.name.like("P%")).order_by(Person.id)).all()
    kinds = [Frequency.DAILY, Frequency.NONE, Frequency.WEEKLY]
    away = {"quiet_from": date(2026, 4, 6), "quiet_until": date(2026, 4, 26)}
    home = {"quiet_from": None, "quiet_until": None}
    session.execute(
        insert(MailChoice),
        [
            {"person_id": one, "first_hour": 10, "last_hour": 15, "days": [one % 7, 2], "digest": kinds[one % 3],
             "country": (None, "", "JP")[one % 3], **(away if place % 2 else home)}
            for place, one in enumerate(ids[::4])
        ],
    )  # fmt: skip
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
    return Community(owner.id, space.id, [campaign.id for campaign in campaigns], visitors, chance)


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
    for _ in range(chance.choice((0, 0, 0, 1, 4))):
        campaign = session.get_one(Campaign, chance.choice(community.campaigns))
        verb = chance.choice((Verb.OPENED, Verb.ENDED, Verb.OPENED, Verb.REMINDED))
        told = about | ({"after": {"hours": 24, "closes_at": now.isoformat()}} if verb is Verb.REMINDED else {})
        record(session, verb, campaign, campaign_id=campaign.id, **told)
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
    some = chance.sample(list(community.visitors), 6)
    session.execute(update(SignIn).where(SignIn.person_id.in_(some)).values(seen_at=now))
    session.commit()


def _deliver(session: Session, now: datetime) -> None:
    """Send what is due, as the worker does."""
    while taken := take_messages(session, now=now, limit=500):
        late = put_off(session, limited_messages(session, taken), now=now)
        sent = [message_id for message_id in taken if message_id not in late]
        session.execute(update(Message).where(Message.id.in_(sent)).values(sent_at=now, next_attempt_at=None))
        session.commit()


def check(session: Session) -> dict[str, int]:
    """The figures of what was sent. Each mail that had hours was sent in them, or this fails."""
    mails = session.scalars(select(Message).where(Message.sent_at.is_not(None), Message.person_id.is_not(None))).all()
    known: dict[int, Any] = {}
    for part in chunks(sorted({mail.person_id for mail in mails})):
        known |= readers(session, part)
    weeks = Counter((mail.person_id, known[mail.person_id].week(mail.sent_at)) for mail in mails if mail.budgeted_at)
    assert all(known[mail.person_id].next(mail.sent_at) == mail.sent_at for mail in mails if mail.in_hours)
    told = Counter(mail.notice_id for mail in mails if mail.notice_id)
    told.update(notice_id for mail in mails if mail.digest for notice_id in mail.digest.get("held", ()))
    notices = session.scalars(select(Notice)).all()
    waiting = set(session.scalars(select(Message.notice_id).where(Message.sent_at.is_(None))))
    for digest in session.scalars(select(Message.digest).where(Message.digest.is_not(None))):
        waiting.update(digest.get("held", ()))
    by_mail = {(one.campaign_id, one.person_id): one for one in notices if one.kind is NoticeKind.DEBRIEF_PUBLISHED}
    at = {mail.notice_id: mail for mail in mails}
    authors = {(campaign_id, one) for campaign_id, one in session.execute(select(Idea.campaign_id, Idea.author_id))}
    debriefs = [at.get(by_mail[author].id) if author in by_mail else None for author in authors]
    return {
        "mails": len(mails),
        "weeks": len(weeks),
        "most": max(weeks.values()),
        "twice": sum(count > 1 for count in told.values()),
        "forgotten": sum(one.id not in told and one.id not in waiting and one.held_at is None for one in notices),
        "untold": sum(mail is None or mail.budgeted_at is not None or mail.in_hours for mail in debriefs),
    }
