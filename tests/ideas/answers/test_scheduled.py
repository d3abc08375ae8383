from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.answers.action import Action, commit_to, report_progress
from ideas.answers.debriefs.debrief import (
    AlreadyPublished,
    NothingDecided,
    debrief_of,
    publish_debrief,
    write_debrief,
)
from ideas.answers.decision import decision_on, promise_answers
from ideas.answers.scheduled import (
    ConfirmedOtherwise,
    DebriefSchedule,
    MayNotPublish,
    PromisedSooner,
    PublicationInThePast,
    PublicationTooFar,
    cancel_publication,
    confirmed_stamp,
    publish_scheduled,
    schedule_of,
    schedule_publication,
)
from ideas.campaigns.people.team import remove_from_team
from ideas.outreach.notice import NoticeKind
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.themes.edits.edit import rename_theme

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def theme(session, closed_campaign, make_theme, give_answer, alice, now):
    theme = make_theme(closed_campaign)
    give_answer(theme)
    write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    session.commit()
    return theme


@pytest.fixture
def schedule(session, closed_campaign, theme, bob, now):
    def act(**facts):
        given = {"publish_at": now + DAY, "seen": confirmed_stamp(session, closed_campaign), "told": 1, "by": bob}
        row = schedule_publication(session, debrief_of(session, closed_campaign), **given | {"now": now} | facts)
        session.commit()
        return row

    return act


@pytest.fixture
def refused(session, closed_campaign):
    """Why the debrief was not published, whom that told, and that it happened once."""

    def of(at):
        assert publish_scheduled(session, now=at) == 0
        session.commit()
        assert publish_scheduled(session, now=at + DAY) == 0
        session.commit()
        acts = select(Activity).where(Activity.object_kind == "debrief_schedule", Activity.verb == Verb.DECLINED)
        [act] = session.scalars(acts.where(Activity.at == at))
        assert rule_for(act).kind is NoticeKind.PUBLICATION_REFUSED
        assert debrief_of(session, closed_campaign).published_at is None
        return type(schedule_of(session, closed_campaign).error), recipients(session, act, rule_for(act))

    return of


def test_a_debrief_is_published_once_at_its_hour_by_who_confirmed_it(
    session, closed_campaign, schedule, alice, bob, now
):
    schedule()
    assert publish_scheduled(session, now=now + HOUR) == 0
    schedule(publish_at=now + 2 * DAY)  # another hour
    assert publish_scheduled(session, now=now + DAY + HOUR) == 0
    assert publish_scheduled(session, now=now + 2 * DAY) == 1
    session.commit()
    assert publish_scheduled(session, now=now + 3 * DAY) == 0
    session.commit()
    debrief = debrief_of(session, closed_campaign)
    assert (debrief.published_at, closed_campaign.debriefed_at) == (now + 2 * DAY, now + 2 * DAY)
    published = select(Activity).where(Activity.verb == Verb.PUBLISHED, Activity.object_kind == "debrief")
    assert [act.actor_id for act in session.scalars(published)] == [bob.id]
    assert session.get(DebriefSchedule, closed_campaign.id) is None


def test_an_hour_is_refused_that_is_over_or_of_what_is_not_ready(
    session, closed_campaign, theme, make_theme, schedule, alice, now
):
    for wrong, error in (
        ({"publish_at": now}, PublicationInThePast),
        ({"publish_at": now + 400 * DAY}, PublicationTooFar),
        ({"seen": "something else"}, ConfirmedOtherwise),
    ):
        with pytest.raises(error):
            schedule(**wrong)
    later = make_theme(closed_campaign, "More light")
    promise_answers(session, closed_campaign, dates={later.id: now.date() + 3 * DAY}, by=alice, now=now)
    session.commit()
    with pytest.raises(PromisedSooner):  # at its hour the answer would be owed
        schedule(publish_at=now + 3 * DAY)
    session.rollback()
    schedule(publish_at=now + DAY)
    for one in (theme, later):
        session.delete(decision_on(session, one))
    session.commit()
    with pytest.raises(NothingDecided):
        schedule()


def test_it_is_given_up_or_overtaken(session, closed_campaign, schedule, alice, bob, now):
    schedule()
    assert cancel_publication(session, closed_campaign, by=alice, now=now)
    assert not cancel_publication(session, closed_campaign, by=alice, now=now)
    session.commit()
    assert publish_scheduled(session, now=now + 9 * DAY) == 0
    schedule()
    publish_debrief(session, debrief_of(session, closed_campaign), by=alice, now=now + HOUR)
    session.commit()
    assert publish_scheduled(session, now=now + 9 * DAY) == 0
    assert session.get(DebriefSchedule, closed_campaign.id) is None
    with pytest.raises(AlreadyPublished):
        schedule()


def test_what_changed_since_it_was_confirmed_is_not_published_and_the_owner_is_told_why(
    session, closed_campaign, theme, schedule, refused, alice, bob, now
):
    def text():
        write_debrief(session, closed_campaign, body="Other words.", by=alice, now=now)

    def name():
        rename_theme(session, theme, name="Fewer taps", by=alice, now=now)

    def action():
        facts = {"title": "Ship", "impact": "", "owner": bob, "due_on": now.date()}
        commit_to(session, decision_on(session, theme), **facts, by=bob, now=now)

    def progress():
        report_progress(session, session.scalars(select(Action)).one(), progress=40, by=bob, now=now)

    def answer():
        session.delete(decision_on(session, theme))

    for number, change in enumerate((text, name, action, progress)):
        schedule(publish_at=now + DAY + number * HOUR)
        change()
        session.commit()
        assert refused(now + DAY + number * HOUR) == (ConfirmedOtherwise, [alice.id, bob.id]), change
    schedule(publish_at=now + DAY + 5 * HOUR)
    suspended = {"reason": Reason.INSULT, "quote": "", "words": "Stop", "ends_at": now + 2 * DAY}
    sanction = give_sanction(
        session, bob, SanctionKind.SUSPENSION, **suspended, by=alice, now=now, campaign_id=closed_campaign.id
    )
    session.commit()
    assert refused(now + DAY + 5 * HOUR)[0] is MayNotPublish, "who is suspended publishes nothing"
    sanction.lifted_at = now
    schedule(publish_at=now + 2 * DAY)
    remove_from_team(session, closed_campaign, bob, by=alice, now=now)
    session.commit()
    assert refused(now + 2 * DAY) == (MayNotPublish, [alice.id, bob.id])
    schedule(publish_at=now + 3 * DAY, by=alice)
    answer()
    session.commit()
    assert refused(now + 3 * DAY)[0] is ConfirmedOtherwise
