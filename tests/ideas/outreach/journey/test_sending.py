"""The journey of newcomers: who comes to which step and when, who is sent nothing, and who comes back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.accounts.sign_in import SignIn, open_sign_in
from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.contributions.vote import cast_vote
from ideas.outreach.journey import sending
from ideas.outreach.journey.sending import coming, note_returns, record_newcomers, returns
from ideas.outreach.journey.step import CONTROL_SHARE, JourneyStep, Step, is_control
from ideas.outreach.journey.text import BrokenVariable, UnknownVariable, filled, switch_journey, write_journey_text
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import switch_mail, without_mail
from ideas.outreach.recipients.recipient import told_by_kind
from ideas.people.sanction import Reason, SanctionKind, give_sanction

DAY = timedelta(days=1)


@pytest.fixture
def nobody_left_out(monkeypatch):
    """No test depends on the numbers that accounts happen to have."""
    monkeypatch.setattr(sending, "is_control", lambda _person_id: False)


@pytest.fixture
def steps(session):
    """The steps that people have come to, by name."""

    def read():
        found = session.execute(select(JourneyStep).order_by(JourneyStep.at, JourneyStep.person_id)).scalars()
        return [(one.person_id, one.step) for one in found]

    return read


def test_each_step_comes_once_to_who_is_new_and_in_the_variant_that_fits(
    session, make_campaign, make_idea, make_person, steps, nobody_left_out, alice, bob, now
):
    for person in (alice, bob):
        person.created_at = now - 400 * DAY
    dora, emil = make_person("Dora"), make_person("Emil")
    doubtful, gone = make_person("Doubtful", verified_at=None), make_person("Gone", erased_at=now)
    for person in (dora, emil, doubtful, gone):
        person.created_at = now
    campaign = make_campaign(closes_at=now + 200 * DAY, debrief_due_at=now + 250 * DAY)
    idea = make_idea(campaign, alice, "A bench")
    session.commit()
    assert record_newcomers(session, now=now) == 0, "it is off"
    switch_journey(session, on=True, by=alice, now=now - DAY)
    assert record_newcomers(session, now=now) == 2
    cast_vote(session, idea, by=dora, now=now + 10 * DAY)
    session.commit()
    for days in range(120):
        record_newcomers(session, now=now + days * DAY)
        session.commit()
    assert steps() == [
        (dora.id, Step.DAY_0), (emil.id, Step.DAY_0),
        (dora.id, Step.ACTIVE_30), (emil.id, Step.INACTIVE_30),
        (dora.id, Step.INACTIVE_90), (emil.id, Step.INACTIVE_90),
    ]  # fmt: skip
    acts = session.scalars(select(Activity).where(Activity.object_kind == "journey_step").order_by(Activity.id)).all()
    told = [told_by_kind(session, act) for act in acts]
    assert told == [{NoticeKind.NEWCOMER: [one.id]} for one in (dora, emil) * 3]
    assert [act.after["step"] for act in acts[2:4]] == ["active_30", "inactive_30"]


def test_whoever_leaves_is_banned_or_wants_no_such_mail_meanwhile_gets_none_of_the_later_steps(
    session, make_person, steps, nobody_left_out, alice, bob, now
):
    for person in (alice, bob):
        person.created_at = now - 400 * DAY
    gone, banned, silent, stays = (make_person(name) for name in ("Gone", "Banned", "Silent", "Stays"))
    for person in (gone, banned, silent, stays):
        person.created_at = now
    switch_journey(session, on=True, by=alice, now=now - DAY)
    assert record_newcomers(session, now=now) == 4
    gone.erased_at = now + DAY
    facts = {"reason": Reason.INSULT, "quote": "", "words": "", "by": alice}
    give_sanction(session, banned, SanctionKind.BAN, now=now + DAY, **facts)
    switch_mail(session, silent, NoticeKind.NEWCOMER, on=False)
    session.commit()
    record_newcomers(session, now=now + 30 * DAY)
    later = [(silent.id, Step.INACTIVE_30), (stays.id, Step.INACTIVE_30)]
    assert sorted(steps()[4:]) == later
    assert without_mail(session, NoticeKind.NEWCOMER, [silent.id, stays.id]) == {silent.id}, "in the product only"


def test_a_worker_that_slept_or_a_late_start_surprises_nobody(
    session, make_person, steps, nobody_left_out, alice, bob, now
):
    for days, person in ((400, alice), (29, bob), (0, make_person("Dora"))):
        person.created_at = now - days * DAY
    session.commit()
    switch_journey(session, on=True, by=alice, now=now)
    found = {(days, count) for _at, days, count in coming(session, now=now, ahead=30 * DAY, zone="UTC")}
    assert found == {(30, 1)}, "Bob; Dora comes to hers in 30 days and a bit"
    record_newcomers(session, now=now + 20 * DAY)
    assert steps() == [], "all of them are more than a week late"
    switch_journey(session, on=False, by=alice, now=now)
    assert list(coming(session, now=now, ahead=30 * DAY, zone="UTC")) == []


def test_one_in_ten_is_sent_nothing_and_both_groups_are_compared(
    session, make_person, nobody_left_out, monkeypatch, alice, bob, now
):
    share = sum(is_control(number) for number in range(10_000)) / 10_000
    assert abs(share - 1 / CONTROL_SHARE) < 0.01
    assert [is_control(number) for number in range(50)] == [is_control(number) for number in range(50)]
    left_out, back, away = (make_person(name) for name in ("Left out", "Back", "Away"))
    monkeypatch.setattr(sending, "is_control", lambda person_id: person_id == left_out.id)
    for person in (alice, bob):
        person.created_at = now - 400 * DAY
    for person in (left_out, back, away):
        person.created_at = now - 30 * DAY
        open_sign_in(session, person, now=now - DAY)
    switch_journey(session, on=True, by=alice, now=now - DAY)
    assert record_newcomers(session, now=now) == 3
    session.commit()
    acts = session.scalars(select(Activity.object_id).where(Activity.verb == Verb.INVITED)).all()
    assert sorted(acts) == [back.id, away.id], "nothing is told to the one who is left out"
    assert note_returns(session, now=now + DAY) == 0
    for sign_in in session.scalars(select(SignIn).where(SignIn.person_id == back.id)):
        sign_in.seen_at = now + 3 * DAY
    assert note_returns(session, now=now + 4 * DAY) == 1
    assert note_returns(session, now=now + 4 * DAY) == 0
    assert {one.told for one in returns(session, now=now + 13 * DAY)} == {0}, "too early to compare"
    (of_30,) = [one for one in returns(session, now=now + 14 * DAY) if one.days == 30]
    assert (of_30.told, of_30.told_returned, of_30.control, of_30.control_returned) == (2, 1, 1, 0)


def test_a_text_names_only_what_is_filled_in_and_two_writers_do_not_overwrite(session, alice, now):
    texts = {"subject": "Welcome to {{ site }}", "body": "Hello {{name}}."}
    with pytest.raises(UnknownVariable, match="first_name"):
        write_journey_text(session, Step.DAY_0, "fr", **texts | {"body": "{{ first_name }}"}, by=alice, now=now, seen=0)
    for broken in ("Hello {{ name }", "Hello name }}", "{{ name }} and {{ site"):
        with pytest.raises(BrokenVariable, match=broken[-6:].strip("{} ")):
            write_journey_text(session, Step.DAY_0, "fr", **texts | {"body": broken}, by=alice, now=now, seen=0)
    write_journey_text(session, Step.DAY_0, "fr", **texts, by=alice, now=now, seen=0)
    with pytest.raises(ChangedMeanwhile):
        write_journey_text(session, Step.DAY_0, "fr", **texts | {"body": "Bonjour"}, by=alice, now=now, seen=0)
    write_journey_text(session, Step.DAY_0, "fr", **texts | {"body": "Bonjour"}, by=alice, now=now, seen=1)
    assert filled("Hello {{name}}, {{ site }} {{ other }}", {"name": "A {{ site }}", "site": "B"}) == (
        "Hello A {{ site }}, B {{ other }}"
    )
