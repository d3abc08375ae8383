"""Half a year of a busy community: nobody is over budget, nobody told twice, nobody forgotten, every author told.

People live in several zones, chose other hours, or visit now and then. The worker sleeps for days, over hours of
sending and over ends of weeks. Mails are marked as sent without being written.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from app.extensions import database, db
from app.jobs import send_digests
from app.mail.notices import notify_due
from ideas.accounts.sign_in import SignIn
from ideas.activity.activity import Verb, record
from ideas.answers.debriefs.debrief import write_debrief
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.outreach.follow import Follow
from ideas.outreach.limits import hours
from ideas.outreach.limits.budget import put_off
from ideas.outreach.limits.hours import Frequency, Hours, MailChoice, readers
from ideas.outreach.messages.delivery import limited_messages, take_messages
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person

pytestmark = [pytest.mark.slow, pytest.mark.one_database]
# Clocks change on 8 March in New York, on 29 March in Paris.
BEGINS = datetime(2026, 2, 2, tzinfo=UTC)
# At least one of these hours, in UTC, is in the lunch of each zone; the first begins the day.
TURNS = (4, 8, 11, 17)
DIGESTS_ON = {0, 1, 4}  # days from Monday on; a run that was missed is made up for
DAYS, PEOPLE, CAMPAIGNS = 182, 100, 6
ZONES = ("Europe/Paris", "Europe/Paris", "America/New_York", "Asia/Tokyo", "Indian/Reunion")
LIMIT = 3


@pytest.fixture
def community(session, monkeypatch, any_hour, make_campaign, alice):
    """People who follow campaigns that are open for the half-year, and wrote in them."""
    monkeypatch.setattr(hours, "DEFAULT", Hours())
    chance = random.Random(7)  # noqa: S311 -- made-up people
    joined = {"created_at": BEGINS - timedelta(days=90), "verified_at": BEGINS, "locale": "fr"}
    session.execute(
        insert(Person),
        [{"name": f"P{n}", "email": f"p{n}@example.org", "timezone": ZONES[n % 5]} | joined for n in range(PEOPLE)],
    )
    people = session.scalars(select(Person.id).where(Person.name.like("P%")).order_by(Person.id)).all()
    kinds = [Frequency.DAILY, Frequency.NONE, Frequency.WEEKLY]
    session.execute(
        insert(MailChoice),
        [
            {"person_id": one, "first_hour": 10, "last_hour": 15, "days": [one % 7, 2], "digest": kinds[one % 3]}
            for one in people[::4]
        ],
    )  # fmt: skip
    visitors = people[::3]
    session.execute(
        insert(SignIn),
        [{"person_id": one, "token_hash": str(one), "created_at": BEGINS, "expires_at": BEGINS} for one in visitors],
    )
    dates = {"announced_at": BEGINS, "opens_at": BEGINS, "closes_at": BEGINS + timedelta(days=DAYS)}
    campaigns = [make_campaign(**dates, debrief_due_at=BEGINS + timedelta(days=400)) for _ in range(CAMPAIGNS)]
    written = {"created_at": BEGINS, "updated_at": BEGINS, "submitted_at": BEGINS, "body": "An idea."}
    for campaign in campaigns:
        followers, authors = chance.sample(people, PEOPLE // 2), chance.sample(people, PEOPLE // 10)
        session.execute(
            insert(Follow), [{"person_id": one, "campaign_id": campaign.id, "created_at": BEGINS} for one in followers]
        )
        session.execute(insert(Idea), [{"campaign_id": campaign.id, "author_id": one} | written for one in authors])
    session.commit()
    return [campaign.id for campaign in campaigns], visitors, chance


def deliver(session, now):
    """Send what is due, as the worker does."""
    while taken := take_messages(session, now=now, limit=500):
        late = put_off(session, limited_messages(session, taken), now=now)
        sent = [message_id for message_id in taken if message_id not in late]
        session.execute(update(Message).where(Message.id.in_(sent)).values(sent_at=now, next_attempt_at=None))
        session.commit()


def act_in(session, number, campaigns, chance, now, alice):
    """What happens on one day: something is told to the followers of a campaign; a debrief is published."""
    about = {"by": None, "now": now, "before": {}, "after": {}}
    for _ in range(chance.choice((0, 0, 0, 1, 4))):
        campaign = session.get_one(Campaign, chance.choice(campaigns))
        verb = chance.choice((Verb.OPENED, Verb.ENDED, Verb.OPENED, Verb.REMINDED))
        told = about | ({"after": {"hours": 24, "closes_at": now.isoformat()}} if verb is Verb.REMINDED else {})
        record(session, verb, campaign, campaign_id=campaign.id, **told)
    if number % 30 == 20:
        campaign = session.get_one(Campaign, campaigns[number // 30 % CAMPAIGNS])
        debrief = write_debrief(session, campaign, body="Thanks.", by=alice, now=now)
        record(session, Verb.PUBLISHED, debrief, campaign_id=campaign.id, **about | {"by": alice})
    session.commit()


def test_half_a_year_wears_nobody_out_and_forgets_nobody(app, session, community, alice, monkeypatch):
    campaigns, visitors, chance = community
    with app.app_context():
        session = database()
        owner = session.get_one(Person, alice.id)
        for number in range(DAYS):
            asleep = number % 23 in {4, 5} or number % 31 == 11
            for hour in TURNS:
                now = BEGINS + timedelta(days=number, hours=hour)
                if hour == TURNS[0]:
                    act_in(session, number, campaigns, chance, now, owner)
                    some = chance.sample(visitors, 6)
                    session.execute(update(SignIn).where(SignIn.person_id.in_(some)).values(seen_at=now))
                    session.commit()
                if asleep:
                    continue
                if hour == TURNS[0]:
                    notify_due(now)
                if hour == TURNS[0] and number % 7 in DIGESTS_ON:
                    monkeypatch.setattr(send_digests, "now", lambda at=now: at)
                    send_digests.run(None, report=lambda _stage, _share: None)
                    session.commit()
                deliver(session, now)
        check(session)
        db.session.remove()


def check(session):
    mails = session.scalars(select(Message).where(Message.sent_at.is_not(None), Message.person_id.is_not(None))).all()
    known = readers(session, [mail.person_id for mail in mails])
    weeks = Counter((mail.person_id, known[mail.person_id].week(mail.sent_at)) for mail in mails if mail.budgeted_at)
    assert len(weeks) > PEOPLE
    assert max(weeks.values()) == LIMIT, "some reach the budget, and nobody exceeds it"
    assert all(known[mail.person_id].next(mail.sent_at) == mail.sent_at for mail in mails if mail.in_hours)
    told = Counter(mail.notice_id for mail in mails if mail.notice_id)
    told.update(notice_id for mail in mails if mail.digest for notice_id in mail.digest.get("held", ()))
    assert max(told.values()) == 1, "nobody is told twice"
    assert any(mail.digest and mail.digest.get("held") for mail in mails)
    notices = session.scalars(select(Notice)).all()
    waiting = set(session.scalars(select(Message.notice_id).where(Message.sent_at.is_(None))))
    for digest in session.scalars(select(Message.digest).where(Message.digest.is_not(None))):
        waiting.update(digest.get("held", ()))
    assert all(one.id in told or one.id in waiting or one.held_at for one in notices), "nobody is forgotten"
    authors = set(session.execute(select(Idea.campaign_id, Idea.author_id)).all())
    debriefs = {(notice.campaign_id, notice.person_id): notice for notice in notices
                if notice.kind is NoticeKind.DEBRIEF_PUBLISHED}  # fmt: skip
    at = {mail.notice_id: mail for mail in mails}
    assert authors == set(debriefs), "every author is told"
    assert all(not at[notice.id].budgeted_at and not at[notice.id].in_hours for notice in debriefs.values())
