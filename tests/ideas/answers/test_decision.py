from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.answers.action import Action, commit_to
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import (
    AnswerIsPublic,
    DecidedInTheFuture,
    Decision,
    DecisionStatus,
    ExpectedInThePast,
    NotARespondent,
    decide,
    decision_on,
    decisions_in,
    next_undecided,
    promise_answers,
    respondents,
    unanswered,
    withdraw_decision,
)
from ideas.answers.earlier import published_answers
from ideas.campaigns.people.team import Role, add_to_team, remove_from_team
from ideas.errors import Conflict, EmptyText, TooLong
from ideas.themes.theme import Theme


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign, bodies=[])


@pytest.fixture
def answer(session, theme, alice, now):
    def give(**facts):
        return decide(
            session,
            theme,
            **{
                "status": DecisionStatus.PLANNED,
                "reason": "It is in the plan.",
                "respondent": alice,
                "decided_on": now.date(),
                "by": alice,
                "now": now,
            }
            | facts,
        )

    return give


def test_recording_again_replaces_the_answer(session, theme, answer, bob):
    first = answer()
    second = answer(status=DecisionStatus.DONE, reason="  Shipped.  ", respondent=bob)
    assert second is first
    kept = decision_on(session, theme)
    assert (kept.status, kept.reason, kept.respondent) == (DecisionStatus.DONE, "Shipped.", bob)


@pytest.mark.parametrize(("reason", "refusal"), [(" \u200b ", EmptyText), ("x" * 2_001, TooLong)])
def test_an_answer_gives_its_reason(session, theme, answer, reason, refusal):
    with pytest.raises(refusal):
        answer(reason=reason)
    assert decision_on(session, theme) is None


def test_a_refused_correction_leaves_the_answer_as_it_was(session, theme, answer):
    answer()
    with pytest.raises(EmptyText):
        answer(status=DecisionStatus.DECLINED, reason="")
    session.expire_all()
    assert decision_on(session, theme).status is DecisionStatus.PLANNED


def test_who_answers_is_of_the_team(session, closed_campaign, answer, alice, bob, charlie, make_person, now):
    observer = make_person("Olga")
    add_to_team(session, closed_campaign, observer, role=Role.OBSERVER, by=closed_campaign.owner, now=now)
    assert respondents(session, closed_campaign) == [alice, bob]
    for outsider in (charlie, observer):
        with pytest.raises(NotARespondent):
            answer(respondent=outsider)


def test_a_respondent_who_left_the_team_stays_named_until_another_is_chosen(
    session, closed_campaign, theme, answer, alice, bob, now
):
    answer(respondent=bob)
    remove_from_team(session, closed_campaign, bob, by=alice, now=now)
    assert answer(respondent=bob, reason="It ships in May.").respondent == bob
    assert answer(respondent=alice).respondent == alice
    with pytest.raises(NotARespondent):
        answer(respondent=bob)


def test_a_date_is_in_the_future_by_the_persons_own_time_zone(session, answer, alice):
    alice.timezone = "Pacific/Auckland"
    late_in_utc = datetime(2026, 11, 22, 22, tzinfo=UTC)  # already the 23rd in Auckland
    answer(decided_on=datetime(2026, 11, 23, tzinfo=UTC).date(), now=late_in_utc)
    with pytest.raises(DecidedInTheFuture):
        answer(decided_on=datetime(2026, 11, 24, tzinfo=UTC).date(), now=late_in_utc)


def test_a_theme_that_was_merged_away_gets_no_answer(theme, answer, now):
    theme.retired_at = now
    with pytest.raises(Conflict):
        answer()


def test_an_answer_is_withdrawn_only_before_it_is_public(session, theme, closed_campaign, answer, alice, now):
    withdraw_decision(session, answer(), campaign=closed_campaign, by=alice, now=now)
    assert decision_on(session, theme) is None
    again = answer()
    closed_campaign.debriefed_at = now
    with pytest.raises(AnswerIsPublic):
        withdraw_decision(session, again, campaign=closed_campaign, by=alice, now=now)


def test_answers_are_those_of_active_themes(session, theme, closed_campaign, answer, now):
    decision = answer()
    assert decisions_in(session, closed_campaign) == {theme.id: decision}
    theme.retired_at = now
    session.flush()
    assert decisions_in(session, closed_campaign) == {}


def test_after_the_last_theme_the_next_undecided_one_is_the_first(make_theme, closed_campaign):
    first, second, third = (make_theme(closed_campaign, name) for name in ("A", "B", "C"))
    themes = [first, second, third]
    assert next_undecided(themes, set(), after=first) is second
    assert next_undecided(themes, {second.id}, after=first) is third
    assert next_undecided(themes, {third.id}, after=third) is first
    assert next_undecided(themes, {first.id, second.id}, after=third) is None
    assert next_undecided(themes, set(), after=Theme(id=-1)) is first


def test_deleting_a_theme_deletes_its_answer(session, theme, answer, now):
    answer(decided_on=now.date() - timedelta(days=3))
    session.commit()
    session.delete(theme)
    session.commit()
    assert session.query(Decision).count() == 0


# A promised answer ---------------------------------------------------------------------------------------------------


def test_an_answer_can_be_promised_for_a_day_after_today(session, closed_campaign, theme, answer, alice, now):
    today = now.astimezone(ZoneInfo(alice.timezone)).date()
    for expected_on in (None, today, today - timedelta(days=1)):
        with pytest.raises(ExpectedInThePast):
            answer(status=DecisionStatus.PENDING, reason="", expected_on=expected_on)
    given = answer(status=DecisionStatus.PENDING, reason="", expected_on=today + timedelta(days=1))
    assert (given.is_answer, given.expected_on, given.reason) == (False, today + timedelta(days=1), "")
    assert unanswered(session, closed_campaign, by=alice, now=now) == []
    answered = answer(expected_on=today + timedelta(days=9))
    assert (answered.is_answer, answered.expected_on) == (True, None)


def test_a_promised_day_that_came_leaves_the_theme_unanswered(session, closed_campaign, theme, answer, alice, now):
    today = now.astimezone(ZoneInfo(alice.timezone)).date()
    answer(status=DecisionStatus.PENDING, reason="", expected_on=today + timedelta(days=1))
    assert list(unanswered(session, closed_campaign, by=alice, now=now + timedelta(days=1))) == [theme]


def test_answers_are_promised_theme_by_theme_and_those_given_meanwhile_stay(
    session, closed_campaign, theme, make_theme, answer, alice, now
):
    second, third = make_theme(closed_campaign, "Second"), make_theme(closed_campaign, "Third")
    answer()
    day = now.date() + timedelta(days=20)
    dates = {theme.id: day, second.id: day, 10**6: day}
    assert list(promise_answers(session, closed_campaign, dates=dates, by=alice, now=now)) == [second]
    decisions = decisions_in(session, closed_campaign)
    assert decisions[theme.id].status is DecisionStatus.PLANNED
    assert (decisions[second.id].status, decisions[second.id].respondent) == (DecisionStatus.PENDING, alice)
    assert list(unanswered(session, closed_campaign, by=alice, now=now)) == [third]


# After the debrief is public -----------------------------------------------------------------------------------------


@pytest.fixture
def published(session, closed_campaign, answer, alice, now):
    """The answer, once the debrief is public."""
    decision = answer()
    publish_debrief(
        session, write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now), by=alice, now=now
    )
    session.commit()
    return decision


def test_a_published_answer_changes_with_a_reason_and_keeps_what_it_was(session, published, answer, bob, now):
    later = now + timedelta(days=2)
    with pytest.raises(ReasonNeeded):
        answer(status=DecisionStatus.DONE, now=later)
    session.rollback()
    assert not published.changed_since_published
    answer(status=DecisionStatus.DONE, reason="Shipped.", by=bob, now=later, change_reason=" It is there. ")
    assert published.changed_since_published
    latest, first = published_answers(session, published)
    assert (latest.status, latest.reason, latest.change_reason, latest.by, latest.at) == (
        DecisionStatus.DONE, "Shipped.", "It is there.", "Bob", later,
    )  # fmt: skip
    assert (first.status, first.reason, first.change_reason, first.by, first.respondent) == (
        DecisionStatus.PLANNED, "It is in the plan.", "", "Alice", "Alice",
    )  # fmt: skip


def test_saving_a_published_answer_unchanged_keeps_nothing_and_needs_no_reason(session, published, answer, now):
    answer(now=now + timedelta(days=1))
    assert (published.version, published.updated_at) == (1, now)
    assert len(published_answers(session, published)) == 1


def test_a_published_answer_never_becomes_a_promise_again(published, answer, now):
    with pytest.raises(AnswerIsPublic):
        answer(
            status=DecisionStatus.PENDING,
            reason="",
            expected_on=now.date() + timedelta(days=9),
            change_reason="We can’t.",
        )


def test_an_answer_given_after_the_debrief_is_published_at_once(
    session, published, closed_campaign, make_theme, give_answer, now
):
    late = give_answer(make_theme(closed_campaign, "Late"))
    assert late.published_at is not None
    assert [version.number for version in published_answers(session, late)] == [1]


def test_a_promise_is_kept_by_a_published_change(session, closed_campaign, answer, make_theme, give_answer, alice, now):
    promise = answer(status=DecisionStatus.PENDING, reason="", expected_on=now.date() + timedelta(days=9))
    give_answer(make_theme(closed_campaign, "Answered"))
    publish_debrief(
        session, write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now), by=alice, now=now
    )
    answer(now=now + timedelta(days=3), change_reason="The study is done.")
    latest, first = published_answers(session, promise)
    assert (first.status, first.expected_on) == (DecisionStatus.PENDING, now.date() + timedelta(days=9))
    assert (latest.status, latest.expected_on) == (DecisionStatus.PLANNED, None)


# Two managers --------------------------------------------------------------------------------------------------------


def test_the_second_of_two_managers_gets_a_conflict_and_neither_text_is_lost(session, theme, answer, bob):
    answer(reason="Mine.", seen=0)
    with pytest.raises(ChangedMeanwhile):
        answer(reason="Yours.", by=bob, seen=0)
    assert decision_on(session, theme).reason == "Mine."
    answer(reason="Yours.", by=bob, seen=1)
    assert (decision_on(session, theme).reason, decision_on(session, theme).version) == ("Yours.", 2)


def test_the_same_answer_sent_twice_is_no_conflict(answer, bob):
    assert answer(seen=0) is answer(by=bob, seen=0)


def test_an_answer_that_was_withdrawn_meanwhile_is_a_conflict(session, closed_campaign, answer, alice, now):
    withdraw_decision(session, answer(), campaign=closed_campaign, by=alice, now=now)
    with pytest.raises(ChangedMeanwhile):
        answer(reason="I had opened it before.", seen=1)


def test_versions_go_on_after_an_answer_was_withdrawn_so_that_no_number_stands_for_two_answers(
    session, theme, closed_campaign, answer, alice, bob, now
):
    answer(reason="Mine.")
    answer(reason="Mine, again.")
    withdraw_decision(session, decision_on(session, theme), campaign=closed_campaign, by=alice, now=now)
    assert answer(reason="Theirs.", by=bob, seen=0).version == 3
    for seen in (1, 2):
        with pytest.raises(ChangedMeanwhile):
            answer(reason="I had opened the first one.", seen=seen)
    withdraw_decision(session, decision_on(session, theme), campaign=closed_campaign, by=bob, now=now)
    answer(reason="At last.")
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    decision = answer(reason="Changed.", change_reason="A typo.", now=now + timedelta(days=1))
    assert [version.number for version in published_answers(session, decision)] == [5, 4]


def test_an_answer_that_two_people_withdraw_at_once_is_withdrawn_once(
    session, theme, closed_campaign, answer, alice, now
):
    decision = answer()
    for _ in range(2):
        withdraw_decision(session, decision, campaign=closed_campaign, by=alice, now=now)
    session.commit()
    verbs = session.scalars(select(Activity.verb).where(Activity.object_kind == "decision").order_by(Activity.id))
    assert verbs.all() == [Verb.CREATED, Verb.DELETED]


# What the log says ---------------------------------------------------------------------------------------------------


def test_every_act_on_an_answer_is_in_the_activity_log(session, closed_campaign, published, answer, bob, now):
    answer(status=DecisionStatus.DONE, by=bob, now=now + timedelta(days=1), change_reason="Shipped early.")
    session.commit()
    acts = [act for act in session.scalars(select(Activity).order_by(Activity.id)) if act.object_kind == "decision"]
    assert [(act.verb, act.campaign_id, act.reason) for act in acts] == [
        (Verb.CREATED, closed_campaign.id, ""),
        (Verb.CHANGED, closed_campaign.id, "Shipped early."),
    ]
    assert (acts[1].before["status"], acts[1].after["status"], acts[1].actor_id) == ("planned", "done", bob.id)
    assert (acts[0].after["published"], acts[1].after["published"]) == (False, True)


def test_a_withdrawn_answer_leaves_its_trace_with_its_actions(session, closed_campaign, answer, alice, now):
    decision = answer()
    facts = {"impact": "", "owner": alice, "due_on": now.date(), "by": alice, "now": now}
    commit_to(session, decision, title="Ship it", **facts)
    session.commit()
    withdraw_decision(session, decision, campaign=closed_campaign, by=alice, now=now)
    session.commit()
    deleted = session.scalars(select(Activity).where(Activity.verb == Verb.DELETED).order_by(Activity.id)).all()
    assert [(act.object_kind, act.before.get("title"), act.before.get("reason")) for act in deleted] == [
        ("action", "Ship it", None),
        ("decision", None, "It is in the plan."),
    ]
    assert session.query(Action).count() == 0


def test_what_an_answer_changes_for_the_community_is_kept_with_its_versions(
    session, make_theme, closed_campaign, alice, now
):
    theme = make_theme(closed_campaign)
    given = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": alice, "decided_on": now.date()}

    def answer(**facts):
        decision = decide(session, theme, **given | {"by": alice, "now": now} | facts)
        session.commit()
        return decision

    assert answer(community_impact=" Two minutes each day. ").community_impact == "Two minutes each day."
    with pytest.raises(TooLong):
        answer(community_impact="x" * 501)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    later = {"now": now + timedelta(days=1), "change_reason": "Measured."}
    decision = answer(**later, reason="Now.")  # the impact stays
    assert decision.community_impact == "Two minutes each day."
    answer(**later, reason="Now.", community_impact="Four minutes.")
    assert [one.community_impact for one in published_answers(session, decision)] == [
        "Four minutes.", "Two minutes each day.", "Two minutes each day.",
    ]  # fmt: skip
