"""The team asks the author of an idea: who may, who is told, who reads it, and that nobody learns who is anonymous."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.talk.clarification import (
    AlreadyAsked,
    AnsweredAlready,
    AskedOneself,
    NobodyToAsk,
    NotForEveryone,
    answer_clarification,
    ask_author,
    clarifications_on,
    questions_to,
    take_off,
    take_off_own,
    waiting_for_authors,
)
from ideas.errors import EmptyText, NotAllowed
from ideas.organisation.organisation import the_organisation
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for
from ideas.personal_data.personal_data import PersonalDataFound


@pytest.fixture
def told(session):
    """Whom each act tells, in their order."""

    def told():
        session.commit()
        acts = session.scalars(
            select(Activity).where(Activity.object_kind == "clarification").order_by(Activity.id)
        ).all()
        return [(act.verb, act.actor_id, recipients(session, act, rule_for(act))) for act in acts]

    return told


def test_the_author_is_asked_and_answers_the_team_alone_or_everyone(
    session, idea, told, make_person, alice, bob, charlie, now
):
    asked = ask_author(session, idea, question=" Which door? ", by=bob, now=now)
    with pytest.raises(AlreadyAsked):
        ask_author(session, idea, question="And when?", by=alice, now=now)

    def read(person, *, is_team=False):
        return [one.question for one in clarifications_on(session, [idea.id], reader=person, is_team=is_team)]

    dora = make_person("Dora")
    assert (read(charlie), read(alice, is_team=True), read(dora), read(None)) == (
        ["Which door?"],
        ["Which door?"],
        [],
        [],
    )
    for wrong, error in (({"by": dora}, NotAllowed), ({"answer": " "}, EmptyText)):
        with pytest.raises(error):
            answer_clarification(session, asked, **{"answer": "A", "shown": False, "by": charlie, "now": now} | wrong)
    text = "The back door, call 06 12 34 56 78"
    with pytest.raises(PersonalDataFound):
        answer_clarification(session, asked, answer=text, shown=True, by=charlie, now=now)
    the_organisation(session).blocked_words = "door"
    with pytest.raises(NotForEveryone):
        answer_clarification(session, asked, answer="The back door", shown=True, by=charlie, now=now)
    the_organisation(session).blocked_words = ""
    answer_clarification(session, asked, answer="The back door", shown=True, by=charlie, now=now)
    with pytest.raises(AnsweredAlready):
        answer_clarification(session, asked, answer="Another", shown=False, by=charlie, now=now)
    assert read(None) == ["Which door?"]
    with pytest.raises(NotAllowed):
        take_off_own(session, asked, by=bob, now=now)
    take_off_own(session, asked, by=charlie, now=now)
    assert (read(None), read(alice, is_team=True)) == ([], ["Which door?"])
    second = ask_author(session, idea, question="And when?", by=alice, now=now)
    answer_clarification(session, second, answer="At night", shown=True, by=charlie, now=now)
    take_off(session, second, reason="It names a patient.", by=bob, now=now)
    take_off(session, second, reason="Pressed twice.", by=bob, now=now)
    assert second.taken_off_by_team
    assert told() == [
        (Verb.REQUESTED, bob.id, [charlie.id]),
        (Verb.COMPLETED, charlie.id, [bob.id]),
        (Verb.REMOVED, charlie.id, []),
        (Verb.REQUESTED, alice.id, [charlie.id]),
        (Verb.COMPLETED, charlie.id, [alice.id]),
        (Verb.REMOVED, bob.id, [charlie.id]),
    ]


def test_an_anonymous_author_is_told_and_named_to_nobody(session, campaign, make_idea, told, alice, charlie, now):
    hidden = make_idea(campaign, None, "No name.", is_anonymous=True)
    session.add(AnonymousAuthor(idea_id=hidden.id, person_id=charlie.id))
    session.commit()
    asked = ask_author(session, hidden, question="Which door?", by=alice, now=now)
    answer_clarification(session, asked, answer="The back door", shown=True, by=charlie, now=now)
    take_off_own(session, asked, by=charlie, now=now)
    assert told() == [
        (Verb.REQUESTED, alice.id, [charlie.id]),
        (Verb.COMPLETED, None, [alice.id]),
        (Verb.REMOVED, None, []),
    ]


def test_nobody_is_asked_where_nobody_would_answer(session, campaign, make_idea, alice, charlie, now):
    cases = {
        NobodyToAsk: make_idea(campaign, None, "From a file", author_name="Ines M."),
        AskedOneself: make_idea(campaign, alice, "Mine"),
        NotAllowed: make_idea(campaign, charlie, "Gone", withdrawn_at=now),
    }
    for error, idea in cases.items():
        with pytest.raises(error):
            ask_author(session, idea, question="Which door?", by=alice, now=now)


def test_a_question_waits_for_its_author_until_it_is_answered_or_nobody_can(
    session, campaign, make_idea, make_campaign, make_person, count_queries, alice, bob, charlie, now
):
    """Its author finds it, and so do those who manage the campaign. A week later it is late."""
    dora = make_person("Dora")
    first, other = make_idea(campaign, charlie, "A wider door"), make_idea(campaign, dora, "A bell")
    asked = ask_author(session, first, question="Which door?", by=bob, now=now)
    late = ask_author(session, other, question="How loud?", by=alice, now=now - timedelta(days=8))

    def waiting():
        session.commit()
        return [one.question for one in waiting_for_authors(session, [campaign.id])]

    assert waiting() == ["How loud?", "Which door?"]
    assert [one.is_late(now) for one in (asked, late)] == [False, True]
    assert [[one.question for one in questions_to(session, who)] for who in (charlie, dora, bob)] == [
        ["Which door?"],
        ["How loud?"],
        [],
    ]
    assert waiting_for_authors(session, [make_campaign().id]) == []
    answer_clarification(session, asked, answer="The back one.", shown=False, by=charlie, now=now)
    assert (waiting(), questions_to(session, charlie)) == (["How loud?"], [])
    other.withdrawn_at = now
    assert (waiting(), questions_to(session, dora)) == ([], [])


def test_the_author_of_an_anonymous_idea_finds_the_question_and_the_list_names_nobody(
    session, campaign, make_idea, bob, charlie, now
):
    idea = make_idea(campaign, charlie, "A quiet room")
    idea.author_id, idea.is_anonymous = None, True
    session.add(AnonymousAuthor(idea_id=idea.id, person_id=charlie.id))
    session.commit()
    ask_author(session, idea, question="How quiet?", by=bob, now=now)
    session.commit()
    assert [one.question for one in questions_to(session, charlie)] == ["How quiet?"]
    assert [one.asked_by.name for one in waiting_for_authors(session, [campaign.id])] == ["Bob"]
