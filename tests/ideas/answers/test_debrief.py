from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.answers.action import commit_to
from ideas.answers.debrief import (
    AlreadyPublished,
    Figures,
    NotClosedYet,
    NothingDecided,
    NothingWritten,
    Turnout,
    UnknownFigure,
    answers,
    check_figures,
    contributors,
    debrief_of,
    emotions_in,
    figures,
    fill,
    journeys,
    publish_debrief,
    split_at_decisions,
    turnouts,
    write_debrief,
)
from ideas.contributions.comment import Comment
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.errors import TooLong
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme

NUMBERS = Figures(people=3, ideas=1225, votes=5, comments=6, themes=7, decided=8)


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign, bodies=["One click to confirm.", "Two clicks at most."])


@pytest.fixture
def decision(theme, give_answer):
    return give_answer(theme)


def test_figures_fill_themselves_in():
    assert fill("{{ people }} wrote {{ideas}} ideas", NUMBERS) == "3 wrote 1225 ideas"
    assert fill("{{ ideas }}", NUMBERS, number=lambda value: f"{value:,}") == "1,225"
    assert fill("{{ decisions }} {{ salary }}", NUMBERS) == "{{ decisions }} {{ salary }}"


def test_a_figure_that_does_not_exist_is_named():
    with pytest.raises(UnknownFigure) as refused:
        check_figures("{{ people }} and {{ salary }}")
    assert refused.value.values == {"name": "salary"}
    check_figures("{{ people }} {{ decisions }} {single} {{}")


def test_the_decisions_have_one_place():
    assert split_at_decisions("before {{ decisions }} after {{decisions}} end") == ("before ", " after  end")
    assert split_at_decisions("only text") == ("only text", None)


def test_everyone_counts_once_whatever_they_did(session, closed_campaign, theme, make_idea, alice, bob, charlie, now):
    idea = make_idea(closed_campaign, charlie, "A third one.")
    make_idea(closed_campaign, None, "Imported.", author_name="Dana")
    make_idea(closed_campaign, None, "Imported again.", author_name="Dana")
    make_idea(closed_campaign, alice, "Withdrawn.", withdrawn_at=now)
    session.add_all(
        [
            Vote(idea_id=idea.id, person_id=bob.id, created_at=now),
            Reaction(idea_id=idea.id, person_id=bob.id, emotion=Emotion.HOPE, created_at=now),
            Comment(idea_id=idea.id, author_id=charlie.id, body="Mine.", created_at=now),
            Comment(idea_id=idea.id, author_id=alice.id, body="Oops.", created_at=now, withdrawn_at=now),
        ]
    )
    session.flush()
    assert contributors(session, closed_campaign) == [bob, charlie]
    assert figures(session, closed_campaign) == Figures(people=3, ideas=5, votes=1, comments=1, themes=1, decided=0)


def test_writing_keeps_the_text_and_publishes_nothing(session, closed_campaign, now):
    write_debrief(session, closed_campaign, body="First", now=now)
    write_debrief(session, closed_campaign, body="Second {{ people }}", now=now)
    assert debrief_of(session, closed_campaign).body == "Second {{ people }}"
    assert closed_campaign.debriefed_at is None
    for body, refusal in (("x" * 30_001, TooLong), ("{{ nothing }}", UnknownFigure)):
        with pytest.raises(refusal):
            write_debrief(session, closed_campaign, body=body, now=now)


def test_publishing_opens_the_campaign_and_is_recorded_once(session, closed_campaign, decision, alice, now):
    debrief = write_debrief(session, closed_campaign, body="Thank you.", now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    assert closed_campaign.debriefed_at == now
    with pytest.raises(AlreadyPublished):
        publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.object_kind == "debrief")).one()
    assert (act.verb, act.object_id, act.actor_id) == (Verb.PUBLISHED, closed_campaign.id, alice.id)


def test_what_publishing_asks_for(session, campaign, closed_campaign, theme, alice, now):
    with pytest.raises(NotClosedYet):
        publish_debrief(session, write_debrief(session, campaign, body="Early", now=now), by=alice, now=now)
    empty = write_debrief(session, closed_campaign, body="", now=now)
    with pytest.raises(NothingWritten):
        publish_debrief(session, empty, by=alice, now=now)
    written = write_debrief(session, closed_campaign, body="Thanks", now=now)
    with pytest.raises(NothingDecided):
        publish_debrief(session, written, by=alice, now=now)


def test_answers_are_all_themes_largest_first(session, closed_campaign, theme, decision, make_idea, bob, now):
    small = Theme(campaign=closed_campaign, found_name="Quiet rooms", created_at=now)
    session.add(small)
    session.flush()
    idea = make_idea(closed_campaign, bob, "A quiet room.")
    session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=small.id))
    session.add(Reaction(idea_id=idea.id, person_id=bob.id, emotion=Emotion.WORRY, created_at=now))
    due = now.date() + timedelta(days=30)
    action = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=due, now=now)
    given = answers(session, closed_campaign)
    assert [(answer.card.theme, answer.decision, list(answer.actions)) for answer in given] == [
        (theme, decision, [action]),
        (small, None, []),
    ]
    assert emotions_in(given) == {Emotion.WORRY: 1}


def test_a_journey_shows_its_end_only_after_the_debrief(session, closed_campaign, theme, decision, make_idea, bob, now):
    alone = make_idea(closed_campaign, bob, "Something else.")
    mine = session.get(Placement, alone.id - 1).idea
    assert [journey.withheld for journey in journeys(session, [mine, alone])] == [True, True]
    closed_campaign.debriefed_at = now
    first, second = journeys(session, [mine, alone])
    assert (first.theme, first.decision) == (theme, decision)
    assert (second.theme, second.decision) == (None, None)


def test_a_card_counts_as_the_debrief_does(session, campaign, closed_campaign, make_idea, alice, bob, charlie, now):
    theirs = make_idea(campaign, charlie, "A bus")
    make_idea(campaign, charlie, "Another")
    make_idea(campaign, None, "From the workshop", author_name="Awa")
    make_idea(campaign, bob, "Taken back", withdrawn_at=now)
    session.add_all(
        [
            Vote(idea_id=theirs.id, person_id=alice.id, created_at=now),
            Comment(idea_id=theirs.id, author_id=bob.id, body="Yes", created_at=now),
        ]
    )
    session.flush()
    counted = figures(session, campaign)
    told = turnouts(session, [campaign, closed_campaign])
    assert told == {campaign.id: Turnout(ideas=3, people=4), closed_campaign.id: Turnout()}
    assert (counted.ideas, counted.people) == (3, 4)
