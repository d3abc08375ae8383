"""What is planned to be sent: by day, kind and campaign, as the worker will send it."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from ideas.activity.activity import Verb
from ideas.answers.scheduled import DebriefSchedule
from ideas.campaigns.people.team import Role, TeamMember
from ideas.contest.contest import Contest
from ideas.contest.public_vote.public_vote import PublicVote
from ideas.desk.work import ThemeWork
from ideas.outreach.digest import count_readers
from ideas.outreach.follow import follow
from ideas.outreach.limits.hours import Frequency, choose_digest
from ideas.outreach.limits.planned import PlannedKind, planned_in_space, planned_mails
from ideas.outreach.messages.message import AccountMail, Message
from ideas.outreach.messages.queue import queue_mails
from ideas.outreach.newsletters.newsletter import (
    NewsletterText,
    approve_newsletter,
    name_referent,
    propose_newsletter,
    write_newsletter,
)
from ideas.outreach.notice import NoticeKind, write_notices
from ideas.recognition.pioneer import Pioneer, PioneerState
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceRole
from ideas.spaces.workshops.coming import answer_workshop
from ideas.spaces.workshops.workshop import WorkshopText, announce_workshop

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def planned(session, now):
    """What is planned: the kind, in how many hours, for how many people."""

    def read():
        found = planned_mails(session, now=now, zone="Europe/Paris")
        return [(one.kind, (one.at - now) / HOUR, one.people) for one in found]

    return read


def test_dates_of_campaigns_are_told_to_those_whom_they_concern(
    session, make_campaign, make_idea, make_person, planned, alice, bob, charlie, now
):
    dora = make_person("Dora")
    campaign = make_campaign(opens_at=now - 9 * DAY, closes_at=now + 3 * DAY, debrief_due_at=now + 10 * DAY)
    make_idea(campaign, charlie, "A bench", submitted_at=None)
    for person in (charlie, dora):
        follow(session, campaign, by=person, now=now)
    quiet = make_campaign(
        title="Nobody follows", opens_at=now + DAY, closes_at=now + 90 * DAY, debrief_due_at=now + 99 * DAY
    )
    closed = make_campaign(title="Closed", closes_at=now - DAY, debrief_due_at=now + 40 * DAY)
    follow(session, closed, by=dora, now=now)
    facts = {"set_by_id": alice.id, "set_at": now, "stamp": "s", "told": 12}
    session.add(DebriefSchedule(campaign_id=closed.id, publish_at=now + 5 * DAY, refusal_values={}, **facts))
    session.add(Contest(campaign_id=closed.id, begun_at=now, scores_due_at=now + 6 * DAY))
    session.add(PublicVote(campaign_id=closed.id, choices=1, opens_at=now + 7 * DAY, closes_at=now + 50 * DAY))
    session.add(TeamMember(campaign_id=closed.id, person_id=dora.id, role=Role.JURY))
    session.add(DebriefSchedule(campaign_id=quiet.id, publish_at=now + DAY, refused_at=now, refusal_values={}, **facts))
    session.flush()
    assert planned() == [
        (PlannedKind.CLOSING_SOON, 48, 2),
        (PlannedKind.DRAFTS, 48, 1),
        (PlannedKind.DRAFTS, 71, 1),
        (PlannedKind.CLOSING, 72, 2),
        (PlannedKind.SCORING, 96, 1),
        (PlannedKind.DEBRIEF, 120, 12),
        (PlannedKind.DEBRIEF_DUE, 168, 2),
        (PlannedKind.VOTE_OPENS, 168, 1),
        (PlannedKind.DEBRIEF_LATE, 240, 2),
    ]


def test_whoever_takes_care_of_a_theme_is_reminded_two_days_before_its_day(
    session, campaign, make_theme, give_answer, planned, alice, bob, now
):
    today = now.date()
    for name, assignee, days, answered in (
        ("Buses", alice, 9, False), ("Trains", bob, 9, False), ("Boats", bob, 9, False), ("Bikes", bob, 9, True),
        ("Trams", None, 9, False), ("Lifts", bob, None, False), ("Carts", bob, 60, False), ("Taxis", bob, -3, False),
    ):  # fmt: skip
        theme, due_on = make_theme(campaign, name), today + days * DAY if days is not None else None
        facts = {"due_on": due_on, "assignee_id": assignee and assignee.id, "changed_at": now}
        session.add(ThemeWork(theme_id=theme.id, campaign_id=campaign.id, **facts))
        session.commit()
        if answered:
            give_answer(theme)
    found = planned_mails(session, now=now, zone="UTC")
    reminders = [one for one in found if one.kind is PlannedKind.THEMES_DUE]
    assert [(one.at.date(), one.people, one.campaign) for one in reminders] == [(today + 7 * DAY, 2, campaign)]
    assert all(
        one.kind is not PlannedKind.THEMES_DUE
        for one in planned_in_space(
            session, create_space(session, text=SpaceText("Nurses"), by=alice, now=now), [campaign], now=now, zone="UTC"
        )
    )


def test_mails_that_wait_are_counted_by_day_and_a_space_sees_its_own(session, campaign, make_person, alice, now):
    people = [make_person(f"Person {number}") for number in range(4)]

    def wait(person, at, **facts):
        about = {"subject": "", "body": "", "mail_id": str(at), "created_at": now, "next_attempt_at": at}
        session.add(
            Message(person=person, address=person.email, key=f"{person.id} {at} {facts}"[:120], **about | facts)
        )

    begins = now.replace(hour=12, minute=0) + DAY
    wait(people[0], begins, digest={"new": [campaign.id]})
    wait(people[1], begins + HOUR, digest={"new": [campaign.id]})
    wait(people[2], begins + DAY, digest={"new": [campaign.id]})
    wait(people[3], begins, digest={"new": []}, sent_at=now)
    wait(people[3], begins + 60 * DAY, digest={"new": []})
    wait(people[3], begins, account_mail=AccountMail.RESET)
    session.flush()
    statements = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    found = [one for one in planned_mails(session, now=now, zone="UTC") if one.kind is PlannedKind.DIGEST]
    assert [(one.at, one.people) for one in found] == [(begins, 2), (begins + DAY, 1)]
    assert len(statements) <= 15
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    assert planned_in_space(session, space, [], now=now, zone="UTC") == []
    choose_digest(session, people[0], Frequency.DAILY)
    choose_digest(session, people[1], Frequency.NONE)
    people[2].verified_at = None
    readers = count_readers(session, now=now)
    assert readers == {Frequency.WEEKLY: 3, Frequency.DAILY: 1}, "Alice, Bob and the last person"


def test_newsletters_workshops_and_the_mails_of_a_space_that_wait_are_planned(
    session, act, alice, bob, charlie, planned, make_person, now
):
    here, other = (create_space(session, text=SpaceText(name), by=alice, now=now) for name in ("Nurses", "Doctors"))
    for person in (bob, charlie):
        add_person(session, here, person, role=SpaceRole.MEMBER, by=alice, now=now)
    name_referent(session, here, alice, by=alice, now=now)

    def write(**facts):
        text = NewsletterText("In June", "Hello.", **facts)
        return write_newsletter(session, here, text=text, by=alice, now=now)

    letters = [write(send_at=now + 3 * DAY), write(send_at=now + 60 * DAY), write(send_at=now + DAY)]
    for letter in letters[:2]:
        propose_newsletter(session, letter, by=alice, now=now)
        approve_newsletter(session, letter, readers=3, by=alice, now=now)
    meeting = WorkshopText("Rotas", "Room 2", starts_at=now + 5 * DAY, ends_at=now + 6 * DAY)
    workshop = announce_workshop(session, here, text=meeting, by=alice, now=now)
    answer_workshop(session, workshop, comes=False, by=bob, now=now)
    told = act(Verb.ANNOUNCED, workshop, by=alice)
    ids = write_notices(session, told, NoticeKind.WORKSHOP, [charlie.id], now=now)
    queue_mails(session, ids, reason="w", domain="x", now=now, planned={charlie.id: now + HOUR})
    for left in (20, 50):
        person = make_person(f"Pioneer {left}")
        year = {"invited_at": now, "since": now, "until": now + left * DAY, "reasons": []}
        session.add(Pioneer(person_id=person.id, state=PioneerState.ACCEPTED, **year))
    session.flush()
    own = [(PlannedKind.NOTICE, 1, 1), (PlannedKind.NEWSLETTER, 72, 3), (PlannedKind.WORKSHOP, 120, 2)]
    years = [(PlannedKind.PIONEERS_ASKED, 480, 1), (PlannedKind.PIONEERS_END, 480, 1)]
    assert planned() == [*own, *years]
    for space, found in ((here, own), (other, [])):
        seen = planned_in_space(session, space, [], now=now, zone="Europe/Paris")
        assert [(one.kind, (one.at - now) / HOUR, one.people) for one in seen] == found
