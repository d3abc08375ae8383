"""One idea gets an answer of its own: a draft until the debrief, then published texts that stay readable."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.answers.approval import AnswersUnapproved
from ideas.answers.debriefs.coverage import coverage_of
from ideas.answers.debriefs.debrief import journeys, publish_debrief, write_debrief
from ideas.answers.decision import DecidedInTheFuture, DecisionStatus, NotARespondent
from ideas.answers.scheduled import confirmed_stamp
from ideas.answers.second_person import ApprovedOneself
from ideas.answers.single.idea_answer import (
    AnswersOnMergedIdeas,
    NoDraft,
    NotAnAnswer,
    NotAnswerable,
    answer_idea,
    answers_to_ideas,
    approve_idea_answer,
    check_idea_answers,
    draft_on,
    shown_answers,
    texts_of,
    withdraw_idea_answer,
)
from ideas.contributions.comment import add_comment
from ideas.errors import EmptyText
from ideas.exports.rows import idea_answers_rows
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for


@pytest.fixture
def apart(make_idea, closed_campaign, charlie):
    """An idea in no theme."""
    return make_idea(closed_campaign, charlie, "A piano in the hall.")


@pytest.fixture
def answer(session, apart, alice, now):
    def give(**facts):
        given = {"status": DecisionStatus.PLANNED, "reason": "In May.", "respondent": alice, "decided_on": now.date()}
        return answer_idea(session, apart, **given | {"by": alice, "now": now} | facts)

    return give


@pytest.fixture
def publish(session, closed_campaign, make_theme, give_answer, alice, now):
    def act():
        give_answer(make_theme(closed_campaign))
        debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
        publish_debrief(session, debrief, by=alice, now=now)

    return act


def test_a_draft_is_published_with_the_debrief_and_each_later_text_stays_with_its_reason(
    session, closed_campaign, apart, answer, publish, alice, bob, charlie, make_person, now
):
    rose = make_person("Rose")
    add_comment(session, apart, author=rose, body="And a bench.", now=now)
    for wrong, error in (
        ({"reason": " "}, EmptyText),
        ({"status": DecisionStatus.PENDING}, NotAnAnswer),
        ({"respondent": charlie}, NotARespondent),
        ({"decided_on": now.date() + timedelta(days=1)}, DecidedInTheFuture),
        ({"seen": 3}, ChangedMeanwhile),
    ):
        with pytest.raises(error):
            answer(**wrong)
    before = confirmed_stamp(session, closed_campaign)
    draft = answer()
    assert answer(seen=0) is draft, "the same again changes nothing"
    with pytest.raises(ChangedMeanwhile):
        answer(reason="In June.", seen=0, by=bob)
    assert (draft.number, answer(reason="In June.", seen=1).number) == (1, 2)
    assert confirmed_stamp(session, closed_campaign) != before
    coverage = coverage_of(session, closed_campaign, "")
    assert (coverage.rests_on, coverage.ideas) == (1, 1), "an idea that is answered itself is covered"
    assert shown_answers(session, [apart.id]) == {}
    assert journeys(session, [apart])[0].own is None
    assert journeys(session, [apart], as_published=True)[0].own is draft
    publish()
    assert [one.reason for one in answers_to_ideas(session, closed_campaign)] == ["In June."]
    assert journeys(session, [apart])[0].own is draft
    with pytest.raises(NoDraft):
        withdraw_idea_answer(session, apart, seen=2, by=alice, now=now)
    with pytest.raises(ReasonNeeded):
        answer(reason="In July.", seen=2)
    later = now + timedelta(days=1)
    changed = answer(reason="In July.", seen=2, change_reason="The floor is old.", by=bob, now=later)
    activity = last_act(session)
    assert (activity.verb, activity.reason) == (Verb.PUBLISHED, "The floor is old.")
    assert recipients(session, activity, rule_for(activity)) == sorted([charlie.id, rose.id])
    assert [(one.reason, one.is_current) for one in texts_of(session, apart)] == [
        ("In July.", True),
        ("In June.", False),
    ]
    assert shown_answers(session, [apart.id]) == {apart.id: changed}
    rows = list(idea_answers_rows(session, closed_campaign, None))
    assert [(row[3], row[5], row[6]) for row in rows] == [
        (False, "In June.", ""), (True, "In July.", "The floor is old.")
    ]  # fmt: skip


def test_a_second_person_approves_it_where_the_campaign_asks_for_one(
    session, closed_campaign, apart, answer, publish, alice, bob, now
):
    answer()
    closed_campaign.answers_reviewed = True
    with pytest.raises(ApprovedOneself):
        approve_idea_answer(session, apart, seen=1, by=alice, now=now)
    with pytest.raises(AnswersUnapproved, match="A piano"):
        check_idea_answers(session, closed_campaign)
    approve_idea_answer(session, apart, seen=1, by=bob, now=now)
    check_idea_answers(session, closed_campaign)
    closed_campaign.answers_reviewed = False  # as for the answer to the theme
    publish()
    closed_campaign.answers_reviewed = True
    later = now + timedelta(days=1)
    waiting = answer(reason="In June.", seen=1, change_reason="The floor.", now=later)
    assert (waiting.is_draft, shown_answers(session, [apart.id])[apart.id].reason) == (True, "In May.")
    again = answer(reason="In June.", seen=waiting.number, change_reason="The old floor.", now=later)
    assert (again.number, draft_on(session, apart).change_reason) == (3, "The old floor.")
    assert answer(reason="In June.", seen=3, change_reason=" The old floor. ", now=later).number == 3
    with pytest.raises(ChangedMeanwhile):
        approve_idea_answer(session, apart, seen=1, by=bob, now=later)
    apart.withdrawn_at = later
    with pytest.raises(NotAnswerable):
        approve_idea_answer(session, apart, seen=waiting.number, by=bob, now=later)
    apart.withdrawn_at = None
    approve_idea_answer(session, apart, seen=waiting.number, by=bob, now=later)
    assert shown_answers(session, [apart.id])[apart.id].reason == "In June."


def test_an_idea_that_not_everyone_reads_gets_no_answer_and_a_withdrawn_draft_leaves_its_number(
    session, closed_campaign, apart, answer, publish, make_idea, alice, charlie, now
):
    answer()
    withdraw_idea_answer(session, apart, seen=1, by=alice, now=now)
    assert draft_on(session, apart) is None
    assert coverage_of(session, closed_campaign, "").rests_on == 0
    with pytest.raises(NoDraft):
        withdraw_idea_answer(session, apart, seen=1, by=alice, now=now)
    assert answer(seen=0).number == 2
    apart.withdrawn_at = now
    with pytest.raises(NotAnswerable):
        answer(reason="In June.")
    assert answers_to_ideas(session, closed_campaign) == []
    apart.withdrawn_at = None
    apart.merged_into_id = make_idea(closed_campaign, charlie, "A grand piano.").id
    with pytest.raises(AnswersOnMergedIdeas, match="A piano"):
        publish()
    withdraw_idea_answer(session, apart, seen=2, by=alice, now=now)
    check_idea_answers(session, closed_campaign)


def last_act(session):
    session.commit()
    return session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
