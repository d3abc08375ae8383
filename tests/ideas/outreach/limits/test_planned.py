"""What is planned to be sent: by day, kind and campaign, as the worker will send it."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from ideas.answers.scheduled import DebriefSchedule
from ideas.campaigns.people.team import Role, TeamMember
from ideas.contest.contest import Contest
from ideas.contest.public_vote.public_vote import PublicVote
from ideas.outreach.digest import count_readers
from ideas.outreach.follow import follow
from ideas.outreach.limits.hours import Frequency, choose_digest
from ideas.outreach.limits.planned import PlannedKind, planned_in_space, planned_mails
from ideas.outreach.messages.message import AccountMail, Message
from ideas.spaces.edit import SpaceText, create_space

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
    assert len(statements) <= 13
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    assert planned_in_space(session, space, [], now=now, zone="UTC") == []
    choose_digest(session, people[0], Frequency.DAILY)
    choose_digest(session, people[1], Frequency.NONE)
    people[2].verified_at = None
    readers = count_readers(session, now=now)
    assert readers == {Frequency.WEEKLY: 3, Frequency.DAILY: 1}, "Alice, Bob and the last person"
