"""Whom a digest goes to, what it tells each of them, and that nobody gets two."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from ideas.accounts.sign_in import open_sign_in
from ideas.accounts.undeliverable import Undelivered, note_undeliverable
from ideas.activity.activity import Verb
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, stored_phases
from ideas.contributions.comment import add_comment
from ideas.contributions.vote import Vote
from ideas.organisation.organisation import the_organisation
from ideas.outreach.digest import BATCH, read_batch, read_turn, write_batch
from ideas.outreach.limits.digest_run import DigestRun, due_run
from ideas.outreach.limits.hours import Frequency, choose_digest
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import Involvement, NewsletterText, write_newsletter
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.preference import switch_mail, switch_space
from ideas.people.person import Person
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import Entry, SpaceKind, SpaceRole
from ideas.spaces.workshops.workshop import WorkshopText, announce_workshop

DAY = date(2026, 11, 30)  # a Monday


@pytest.fixture
def since(session, now):
    """Everybody who is here has been for a while."""

    def settle():
        for person in session.scalars(select(Person)):
            person.created_at = now - timedelta(days=90)
        session.commit()

    return settle


@pytest.fixture
def digests(session, now, since):
    """What each person would be told, by their name."""

    def read(frequency=Frequency.WEEKLY, at=now):
        since()
        turn = read_turn(session, DigestRun(frequency=frequency, day=DAY, began_at=at), now=at)
        return {
            session.get(Person, one).name: digest for one, digest in read_batch(session, turn, after=0).digests.items()
        }

    return read


@pytest.fixture
def held(session, campaign, act, now):
    """A notice of the campaign that exceeded somebody's budget."""

    def write(person, kind=NoticeKind.FOLLOWED_CAMPAIGN, **facts):
        told = act(Verb.OPENED, campaign, campaign_id=campaign.id)
        notice = Notice(
            kind=kind, person_id=person.id, activity_id=told.id, campaign_id=campaign.id, object_kind="campaign",
            object_id=campaign.id, created_at=now, not_before=now, key=f"{told.id}:{person.id}",
            **{"held_at": now} | facts,
        )  # fmt: skip
        session.add(notice)
        session.commit()
        return notice

    return write


def test_a_digest_goes_to_who_neither_visited_nor_was_mailed(session, campaign, digests, make_person, held, now):
    """What exceeded a budget is told also to who got mails; a visit shows it in the product."""
    names = ("Quiet", "Mailed", "Waiting", "Visitor", "Daily", "Never", "Doubtful")
    quiet, mailed, waiting, visitor, daily, never, doubtful = (make_person(name) for name in names)
    campaign.announced_at = now - timedelta(days=2)
    for person in (mailed, waiting):
        session.add(
            Message(person=person, address=person.email, subject="", body="", key=person.name, mail_id=person.name,
                    created_at=now, sent_at=now - timedelta(days=3))
        )  # fmt: skip
    one, read = held(waiting), held(mailed, read_at=now)
    held(mailed, held_at=now - timedelta(days=90))
    held(mailed, NoticeKind.IDEA_COMMENTED)
    switch_mail(session, mailed, NoticeKind.IDEA_COMMENTED, on=False)
    held(visitor)
    open_sign_in(session, visitor, now=now - timedelta(days=5))
    open_sign_in(session, quiet, now=now - timedelta(days=8))
    choose_digest(session, daily, Frequency.DAILY)
    choose_digest(session, never, Frequency.NONE)
    doubtful.verified_at = None
    found = digests()
    assert {name for name in found if name in names} == {"Quiet", "Waiting"}
    assert (found["Waiting"].held, found["Quiet"].new) == ([one.id], [campaign.id])
    assert digests(Frequency.DAILY) == {}, "the campaign is older than a day"
    assert read.held_at is not None


def test_it_tells_what_is_new_closes_soon_and_is_awaited_where_the_person_is(
    session, make_campaign, make_idea, make_person, digests, alice, charlie, now
):
    day = timedelta(days=1)
    space = create_space(
        session, text=SpaceText("Radiology", kind=SpaceKind.GROUP, entry=Entry.PRIVATE), by=alice, now=now
    )
    dora = make_person("Dora")
    add_person(session, space, dora, role=SpaceRole.MEMBER, by=alice, now=now)
    due = {"debrief_due_at": now + 60 * day}
    old = {"announced_at": now - 60 * day, "opens_at": now - 50 * day}
    new = make_campaign(title="New", announced_at=now - day, opens_at=now + day, closes_at=now + 30 * day, **due)
    private = make_campaign(title="Private", announced_at=now - day, opens_at=now, closes_at=now + 31 * day, **due)
    choice = AudienceChoice(Stage(Audience.SPACES, spaces=[space.id]))
    choose_audience(session, private, choice=choice, by=alice, change_reason="Start small", now=now)
    closing = make_campaign(title="Closing", **old | {"closes_at": now + 3 * day})
    make_campaign(title="Later", **old | {"closes_at": now + 20 * day})
    awaited = make_campaign(title="Awaited", **old | {"closes_at": now - 20 * day, "debrief_due_at": now - day})
    make_campaign(title="Overdue", **old | {"closes_at": now - 40 * day, "debrief_due_at": now - 30 * day})
    idea = make_idea(awaited, charlie, "Lamps.")
    session.add(Vote(idea_id=idea.id, person_id=dora.id, created_at=now - day))
    add_comment(session, idea, author=dora, body="Gladly", now=now - day)
    add_comment(session, idea, author=charlie, body="Thanks", now=now - day)
    few = [make_idea(closing, alice, f"Idea {number}") for number in range(4)]
    session.add(Vote(idea_id=few[0].id, person_id=charlie.id, created_at=now - 30 * day))
    session.commit()
    found = digests()
    for_charlie, for_dora = found["Charlie"], found["Dora"]
    assert (for_charlie.new, for_charlie.closing, for_charlie.awaiting) == ([new.id], [closing.id], [awaited.id])
    assert (for_dora.new, for_dora.awaiting) == ([new.id, private.id], [awaited.id])
    assert (for_charlie.support, for_charlie.comments, for_dora.comments) == (1, 1, 0)
    assert sorted(for_charlie.ideas) == [idea.id for idea in few[1:]], "not what he supported"
    assert len(for_dora.ideas) == 3
    assert found["Alice"].ideas == [], "her own"


def test_what_many_support_is_not_called_little_noticed(
    session, campaign, make_ideas, make_person, alice, digests, now
):
    campaign.announced_at, campaign.closes_at = now - timedelta(days=2), now + timedelta(days=30)
    *few, liked = make_ideas(campaign, alice, [{"body": f"Lamp {number}."} for number in range(4)])
    fans = [make_person(f"Fan {number}") for number in range(6)]
    session.add_all(Vote(idea_id=liked.id, person_id=fan.id, created_at=now) for fan in fans)
    reader = make_person("Reader")
    assert sorted(digests()[reader.name].ideas) == [idea.id for idea in few]
    note_undeliverable(session, reader.email, why=Undelivered.BOUNCED, detail="", now=now)
    assert reader.name not in digests(), "nothing is sent there"


def test_it_is_never_empty(session, campaign, make_idea, alice, digests, now):
    """Ideas to support are no news."""
    campaign.announced_at, campaign.closes_at = now - timedelta(days=30), now + timedelta(days=30)
    make_idea(campaign, alice, "Lamps.")
    assert digests() == {}


def test_a_run_goes_on_where_it_stopped_and_ends_once(session, campaign, since, held, charlie, make_person, now):
    held(charlie)
    since()
    run = due_run(session, Frequency.WEEKLY, today=DAY + timedelta(days=3), now=now)
    assert (run.day, run.last_person_id) == (DAY, 0)
    turn = read_turn(session, run, now=now)
    first = read_batch(session, turn, after=0)
    facts = {"domain": "localhost", "now": now}
    made = write_batch(session, turn, first, **facts)
    assert made == len(first.digests) >= 1
    assert run.last_person_id == first.last_id
    assert session.scalars(select(Notice.held_at)).all() == [None]
    write_batch(session, turn, first, **facts)  # as after a crash
    assert len(session.scalars(select(Message)).all()) == made
    write_batch(session, turn, read_batch(session, turn, after=first.last_id), **facts)
    assert run.ended_at == now
    assert due_run(session, Frequency.WEEKLY, today=DAY + timedelta(days=6), now=now) is None
    assert due_run(session, Frequency.DAILY, today=DAY, now=now).day == DAY
    assert due_run(session, Frequency.WEEKLY, today=DAY + timedelta(days=7), now=now).day == DAY + timedelta(days=7)
    due_run(session, Frequency.WEEKLY, today=DAY + timedelta(days=70), now=now)
    assert session.get(DigestRun, (Frequency.WEEKLY, DAY)) is None
    message = session.scalars(select(Message).where(Message.person_id == charlie.id)).one()
    assert (message.in_hours, message.budgeted_at) == (True, message.next_attempt_at)


def test_whoever_has_no_budget_left_gets_it_with_a_later_run(session, campaign, since, held, charlie, now):
    held(charlie)
    since()
    run = due_run(session, Frequency.WEEKLY, today=DAY, now=now)
    the_organisation(session).weekly_mails = 0
    turn = read_turn(session, run, now=now)
    assert write_batch(session, turn, read_batch(session, turn, after=0), domain="localhost", now=now) == 0
    assert session.scalars(select(Notice.held_at)).all() == [now]


def test_a_thousand_digests_ask_as_many_queries_as_two(session, campaign, make_idea, alice, since, now):
    make_idea(campaign, alice, "Lamps.")
    campaign.closes_at = now + timedelta(days=3)
    run, counts = due_run(session, Frequency.WEEKLY, today=DAY, now=now), []
    assert due_run(session, Frequency.WEEKLY, today=DAY, now=now) is run
    for number in (2, BATCH - 10):
        session.add_all(
            Person(name=f"P{n}", email=f"p{number}.{n}@example.org", created_at=now, verified_at=now)
            for n in range(number)
        )
        since()
        asked = []
        event.listen(session.bind, "before_cursor_execute", count := lambda *given, to=asked: to.append(given[2]))
        turn = read_turn(session, run, now=now)
        batch = read_batch(session, turn, after=0)
        write_batch(session, turn, batch, domain="localhost", now=now)
        event.remove(session.bind, "before_cursor_execute", count)
        assert len(batch.digests) >= number
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 26


def test_one_digest_follows_another_and_nothing_is_lost_between_them(session, make_campaign, make_person, since, now):
    """The digest before is no mail that says all; a run that begins late tells what came since the last one."""
    person, week, day = make_person("Quiet"), timedelta(days=7), timedelta(days=1)
    since()

    def told_at(at, **facts):
        dates = {
            "announced_at": at - day,
            "opens_at": at,
            "closes_at": now + 60 * day,
            "debrief_due_at": now + 90 * day,
        }
        campaign = make_campaign(**dates | facts)
        session.commit()
        begun = due_run(session, Frequency.WEEKLY, today=at.date(), now=at)
        for later in (at, at + 2 * day):  # it stopped, and went on two days later
            turn = read_turn(session, begun, now=later)
            batch = read_batch(session, turn, after=0)
        write_batch(session, turn, batch, domain="localhost", now=at)
        for message in session.scalars(select(Message).where(Message.sent_at.is_(None))):
            message.sent_at = at + timedelta(hours=1)
        session.commit()
        return campaign, batch.digests[person.id].new

    first, told = told_at(now)
    assert told == [first.id]
    second, told = told_at(now + week + 2 * day)
    assert told == [second.id]
    third, told = told_at(now + 4 * week, announced_at=now + week + 3 * day)
    assert told == [third.id], "announced just after the last run, three weeks before this one"


def test_it_asks_for_what_the_phase_takes_and_tells_banned_people_nothing(
    session, campaign, make_idea, make_person, digests, alice, now
):
    day = timedelta(days=1)
    names = ("Quiet", "Banned here", "Banned")
    _quiet, here, everywhere = (make_person(name) for name in names)
    campaign.announced_at, campaign.opens_at, campaign.closes_at = now - 2 * day, now - 2 * day, now + 3 * day
    make_idea(campaign, alice, "Lamps.")
    ban = {"reason": Reason.INSULT, "quote": "", "words": "", "by": alice, "now": now}
    give_sanction(session, here, SanctionKind.BAN, campaign_id=campaign.id, **ban)
    give_sanction(session, everywhere, SanctionKind.BAN, **ban)
    found = digests()
    assert found.keys() & set(names) == {"Quiet"}
    assert len(found["Quiet"].ideas) == 1
    campaign.phases = stored_phases([CampaignPhase("Ideas", now - day, now + day, frozenset({PhaseAct.WRITE}))])
    assert digests()["Quiet"].ideas == [], "no support is taken now"
    campaign.announced_at = now - 60 * day
    assert digests()["Quiet"].closing == [campaign.id]
    campaign.phases = stored_phases([CampaignPhase("Ideas", now - 2 * day, now - day, frozenset({PhaseAct.WRITE}))])
    assert digests() == {}, "it has closed to ideas and support already"


def test_it_tells_what_is_new_in_the_persons_spaces_unless_they_stopped_it(
    session, make_campaign, make_person, digests, alice, charlie, now
):
    day = timedelta(days=1)
    space = create_space(session, text=SpaceText("Radiology"), by=alice, now=now - 20 * day)
    dora, emil, fred, _gina = (make_person(name) for name in ("Dora", "Emil", "Fred", "Gina"))
    for person in (dora, emil, fred):
        add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now - 20 * day)
    old = {"announced_at": now - 60 * day, "opens_at": now - 50 * day, "closes_at": now - 20 * day}
    debriefed = make_campaign(title="Told", **old, debrief_due_at=now - 9 * day)
    debriefed.debriefed_at = now - 2 * day
    meeting = WorkshopText("Meeting", "Room 1", now + 3 * day, now + 4 * day)
    workshop = announce_workshop(session, space, text=meeting, by=alice, now=now - day)
    cancelled = announce_workshop(session, space, text=meeting, by=alice, now=now - day)
    cancelled.cancelled_at = now
    texts = [NewsletterText(title, "Hello.") for title in ("To all of it", "Old", "Never")]
    sent, old_one, narrowed = (write_newsletter(session, space, text=one, by=alice, now=now) for one in texts)
    sent.begun_at, old_one.begun_at, narrowed.begun_at = now - day, now - 9 * day, now - day
    narrowed.involvement = Involvement.NEVER_BACK
    switch_mail(session, emil, NoticeKind.NEWSLETTER, on=False)
    switch_space(session, fred, space, on=False)
    session.commit()
    found = {name: (one.debriefs, one.workshops, one.newsletters) for name, one in digests().items()}
    assert found["Dora"] == ([debriefed.id], [workshop.id], [sent.id])
    assert found["Emil"] == ([debriefed.id], [workshop.id], [])
    assert found["Fred"] == found["Gina"] == ([debriefed.id], [], [])
