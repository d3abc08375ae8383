"""One budget of mails and invitations for each person and week."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.vote import Vote
from ideas.organisation.organisation import the_organisation
from ideas.outreach.limits import hours
from ideas.outreach.limits.budget import (
    ABOUT_DECISIONS,
    ALWAYS,
    BUDGETS,
    BudgetOutOfBounds,
    Later,
    hold,
    is_always_sent,
    is_urgent,
    outside_budget,
    plan_invitations,
    plan_mails,
    put_off,
    set_budgets,
    without_budget,
)
from ideas.outreach.limits.hours import Frequency, Hours, choose_digest, choose_hours
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person
from ideas.spaces.invitation import Offer, Target, write_invitation

# A Wednesday at nine in Paris.
WEDNESDAY = datetime(2026, 12, 2, 8, tzinfo=UTC)
LUNCH = datetime(2026, 12, 2, 11, tzinfo=UTC)
NEXT_MONDAY = datetime(2026, 12, 7, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def lunch(monkeypatch, any_hour):
    monkeypatch.setattr(hours, "DEFAULT", Hours())


@pytest.fixture
def mail(session):
    """A mail that counts at an instant."""

    def write(person, at, **facts):
        number = len(session.scalars(select(Message.id)).all())
        message = Message(
            person=person, address=person.email, subject="", body="", key=f"test:{number}", mail_id=f"<{number}@a>",
            created_at=at, budgeted_at=at, **{"next_attempt_at": at} | facts,
        )  # fmt: skip
        session.add(message)
        session.commit()
        return message

    return write


def test_every_kind_is_either_limited_or_always_sent_and_reminders_do_not_wait(now):
    assert not ALWAYS & ABOUT_DECISIONS
    assert NoticeKind.CLARIFICATION in ALWAYS, "a question about their own idea, and its answer"
    act = Activity(verb=Verb.CHANGED)
    urgent = ALWAYS | {NoticeKind.DRAFT_WAITING, NoticeKind.WORKSHOP}
    assert {kind for kind in NoticeKind if is_urgent(act, kind)} == urgent
    told = {verb for verb in Verb if is_always_sent(Activity(verb=verb), NoticeKind.WORKSHOP)}
    assert told == {Verb.CHANGED, Verb.ABANDONED}, "the invitation to a workshop has a budget, its end has none"
    assert is_urgent(Activity(verb=Verb.REMINDED), NoticeKind.FOLLOWED_CAMPAIGN)
    assert not is_urgent(Activity(verb=Verb.INVITED), NoticeKind.CO_AUTHORED), "asked to write somebody else's idea"


def test_a_mail_waits_for_lunch_and_the_fourth_for_the_digest(session, charlie, mail):
    assert plan_mails(session, [charlie.id], now=WEDNESDAY) == {charlie.id: LUNCH}
    assert plan_mails(session, [charlie.id], now=WEDNESDAY, at_once=True) == {charlie.id: WEDNESDAY}
    mail(charlie, datetime(2026, 11, 29, 22, 59, tzinfo=UTC))  # the last minute of the week before
    for day in (0, 1, 1):
        mail(charlie, WEDNESDAY - timedelta(days=2 - day), sent_at=WEDNESDAY, next_attempt_at=None)
    assert plan_mails(session, [charlie.id], now=WEDNESDAY) == {}
    assert without_budget(session, [charlie.id], now=WEDNESDAY) == {charlie.id: NEXT_MONDAY - timedelta(hours=12)}
    assert plan_mails(session, [charlie.id], now=LUNCH + timedelta(days=3)) == {charlie.id: NEXT_MONDAY}
    the_organisation(session).weekly_mails = 4
    assert plan_mails(session, [charlie.id], now=WEDNESDAY) == {charlie.id: LUNCH}
    the_organisation(session).weekly_mails = 3
    choose_digest(session, charlie, Frequency.NONE)
    over = without_budget(session, [charlie.id], now=WEDNESDAY)
    assert over == {charlie.id: None}, "there is no digest that could have it"
    assert Later.of([*over.values(), NEXT_MONDAY]) == Later(1, NEXT_MONDAY, without_digest=1)


def test_the_budgets_of_a_thousand_people_are_looked_up_in_four_queries(session, now):
    session.add_all(Person(name=f"P{n}", email=f"p{n}@example.org", created_at=now) for n in range(1_000))
    session.commit()
    ids = session.scalars(select(Person.id)).all()
    asked = []
    event.listen(session.bind, "before_cursor_execute", count := lambda *given: asked.append(given[2]))
    act = Activity(verb=Verb.PUBLISHED, campaign_id=1)
    assert outside_budget(session, act, NoticeKind.DEBRIEF_PUBLISHED, ids) == set()
    assert len(plan_mails(session, ids, now=WEDNESDAY)) == 1_000
    event.remove(session.bind, "before_cursor_execute", count)
    assert len(asked) == 4


def test_a_decision_always_reaches_whoever_wrote_an_idea(session, campaign, make_idea, make_person, charlie, now):
    hidden = make_idea(campaign, None, "Nobody knows me.", is_anonymous=True)
    secret, fan = make_person("Secret"), make_person("Fan")
    session.add(AnonymousAuthor(idea_id=hidden.id, person_id=secret.id))
    session.add(Vote(idea_id=make_idea(campaign, charlie, "Lamps").id, person_id=fan.id, created_at=now))
    session.flush()
    act = Activity(verb=Verb.PUBLISHED, campaign_id=campaign.id)
    people = [charlie.id, secret.id, fan.id]
    assert outside_budget(session, act, NoticeKind.DEBRIEF_PUBLISHED, people) == {charlie.id, secret.id}
    assert outside_budget(session, act, NoticeKind.FOLLOWED_CAMPAIGN, people) == set()
    assert outside_budget(session, act, NoticeKind.SANCTION_CHANGED, people) == set(people)


def test_a_mail_that_the_worker_slept_through_waits_for_the_next_hour(session, charlie, make_person, mail):
    """In another week it counts there; without budget there, it is deleted and left to the digest."""
    friday = LUNCH + timedelta(days=2)
    late, night = mail(charlie, friday, in_hours=True), friday + timedelta(hours=9)
    assert put_off(session, [late], now=friday + timedelta(hours=1)) == set()
    assert put_off(session, [late], now=night) == {late.id}
    assert (late.next_attempt_at, late.budgeted_at) == (NEXT_MONDAY, NEXT_MONDAY)
    reminder = mail(make_person("Dora"), friday)
    assert put_off(session, [reminder], now=NEXT_MONDAY) == set()
    assert reminder.budgeted_at == NEXT_MONDAY
    owl = make_person("Owl")
    choose_hours(session, owl, first=20, last=22, days=range(7))
    evening = mail(owl, friday, in_hours=True)
    assert put_off(session, [evening], now=friday) == {evening.id}
    assert evening.next_attempt_at == datetime(2026, 12, 4, 19, tzinfo=UTC)
    for _ in range(3):
        mail(owl, NEXT_MONDAY)
    assert put_off(session, [evening], now=NEXT_MONDAY) == {evening.id}
    assert session.get(Message, evening.id) is None


def test_what_is_held_says_since_when(session, campaign, charlie, act):
    told = act(Verb.OPENED, campaign, campaign_id=campaign.id)
    notice = Notice(
        kind=NoticeKind.FOLLOWED_CAMPAIGN, person_id=charlie.id, activity_id=told.id, campaign_id=campaign.id,
        object_kind="campaign", object_id=campaign.id, created_at=told.at, not_before=told.at, key="1",
    )  # fmt: skip
    session.add(notice)
    session.flush()
    hold(session, [notice.id], now=WEDNESDAY)
    hold(session, [], now=LUNCH)
    session.refresh(notice)
    assert notice.held_at == WEDNESDAY


def test_an_address_is_invited_once_a_week(session, campaign, alice, mail):
    to = Target(campaign_id=campaign.id)
    facts = {"offer": Offer(), "expires_at": WEDNESDAY + timedelta(days=30), "by": alice, "now": WEDNESDAY}
    invitation = write_invitation(session, None, target=to, email="zoe@example.org", **facts)
    assert plan_invitations(session, ["zoe@example.org"], now=WEDNESDAY) == {"zoe@example.org": WEDNESDAY}
    message = mail(alice, WEDNESDAY, invitation_id=invitation.id)
    message.person, message.address = None, "zoe@example.org"
    session.flush()
    later = {"zoe@example.org": datetime(2026, 12, 7, 12, tzinfo=UTC)}
    assert plan_invitations(session, ["zoe@example.org"], now=LUNCH) == later
    message.budgeted_at = later["zoe@example.org"]
    session.flush()
    assert plan_invitations(session, ["zoe@example.org"], now=LUNCH) == {"zoe@example.org": LUNCH}
    the_organisation(session).weekly_invitations = 2
    assert plan_invitations(session, ["zoe@example.org"], now=WEDNESDAY) == {"zoe@example.org": WEDNESDAY}


def test_administrators_set_the_budgets_within_bounds(session, make_person, now):
    ada, given = make_person("Ada", is_admin=True), {"weekly_mails": 5, "weekly_invitations": 2}
    set_budgets(session, given, by=ada, now=now, seen=1)
    assert the_organisation(session).weekly_mails == 5
    for name, (least, most) in BUDGETS.items():
        for wrong in (least - 1, most + 1):
            with pytest.raises(BudgetOutOfBounds) as refused:
                set_budgets(session, given | {name: wrong}, by=ada, now=now, seen=2)
            assert refused.value.name == name
    with pytest.raises(ChangedMeanwhile):
        set_budgets(session, given, by=ada, now=now, seen=1)
