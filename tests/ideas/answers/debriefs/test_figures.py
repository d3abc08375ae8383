import pytest
from sqlalchemy import select

from ideas.answers.debriefs.figures import Figures, Turnout, contributors, emotions_in, figures, turnouts
from ideas.answers.decision import DecisionStatus
from ideas.campaigns.people.team import TEAM_ROLES, Role, add_to_team
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.desk.reading import read_idea
from ideas.themes.passage import PassageRow, add_passages


@pytest.fixture
def someone(make_person):
    return make_person("Someone")


def test_everyone_counts_once_whatever_they_did(
    session, closed_campaign, make_theme, make_idea, someone, alice, charlie, now
):
    make_theme(closed_campaign, bodies=["One click to confirm.", "Two clicks at most."])
    idea = make_idea(closed_campaign, charlie, "A third one.")
    make_idea(closed_campaign, None, "Imported.", author_name="Dana")
    make_idea(closed_campaign, None, "Imported again.", author_name="Dana")
    make_idea(closed_campaign, alice, "Withdrawn.", withdrawn_at=now)
    session.add_all(
        [
            Vote(idea_id=idea.id, person_id=someone.id, created_at=now),
            Reaction(idea_id=idea.id, person_id=someone.id, emotion=Emotion.HOPE, created_at=now),
            Comment(idea_id=idea.id, author_id=charlie.id, body="Mine.", created_at=now),
            Comment(idea_id=idea.id, author_id=alice.id, body="Oops.", created_at=now, withdrawn_at=now),
        ]
    )
    session.flush()
    assert contributors(session, closed_campaign) == [charlie, someone]
    expected = Figures(people=2, ideas=5, without_author=2, votes=1, comments=1, themes=1, decided=0)
    assert figures(session, closed_campaign) == expected
    for reader in (alice, someone):
        read_idea(session, idea, by=reader, now=now)
    assert figures(session, closed_campaign).read == 1
    idea.version += 1  # it is to be read again
    session.flush()
    assert figures(session, closed_campaign).read == 0


@pytest.mark.parametrize("role", TEAM_ROLES)
def test_the_team_is_not_counted_among_those_who_took_part(
    session, closed_campaign, make_idea, make_person, alice, charlie, now, role
):
    of_the_team = make_person("Tess")
    add_to_team(session, closed_campaign, of_the_team, role=role, by=alice, now=now)
    idea = make_idea(closed_campaign, charlie, "A bus.")
    make_idea(closed_campaign, alice, "An example of the owner’s.")
    session.add(Vote(idea_id=idea.id, person_id=alice.id, created_at=now))
    session.add(Reaction(idea_id=idea.id, person_id=of_the_team.id, emotion=Emotion.HOPE, created_at=now))
    session.add(Comment(idea_id=idea.id, author_id=of_the_team.id, body="Where?", created_at=now))
    session.flush()
    assert contributors(session, closed_campaign) == [charlie]
    counted = figures(session, closed_campaign)
    assert (counted.people, counted.ideas, counted.votes, counted.comments) == (1, 2, 1, 1)
    assert turnouts(session, [closed_campaign]) == {closed_campaign.id: Turnout(ideas=2, people=1)}


def test_somebody_of_another_campaigns_team_takes_part_like_anyone(
    session, campaign, make_campaign, make_idea, make_person, alice, now
):
    olga = make_person("Olga")
    add_to_team(session, make_campaign(), olga, role=Role.OBSERVER, by=alice, now=now)
    make_idea(campaign, olga, "A bus.")
    assert contributors(session, campaign) == [olga]


def test_a_name_that_a_file_gives_is_no_person_and_imported_ideas_are_counted_apart(
    session, closed_campaign, make_idea
):
    for number in range(3):
        make_idea(closed_campaign, None, f"Imported {number}.")
    make_idea(closed_campaign, None, "Named.", author_name="Awa")
    counted = figures(session, closed_campaign)
    assert (counted.people, counted.ideas, counted.without_author) == (0, 4, 4)
    expected = {closed_campaign.id: Turnout(ideas=4, people=0, without_author=4)}
    assert turnouts(session, [closed_campaign]) == expected


def test_a_promised_answer_is_no_answer(session, closed_campaign, make_theme, give_answer, now):
    give_answer(make_theme(closed_campaign))
    give_answer(
        make_theme(closed_campaign, "Later"),
        status=DecisionStatus.PENDING,
        reason="",
        expected_on=now.date().replace(year=2099),
    )
    counted = figures(session, closed_campaign)
    assert (counted.themes, counted.decided) == (2, 1)


def test_a_card_counts_as_the_debrief_does(session, campaign, closed_campaign, make_idea, someone, bob, charlie, now):
    theirs = make_idea(campaign, charlie, "A bus")
    make_idea(campaign, charlie, "Another")
    make_idea(campaign, None, "From the workshop", author_name="Awa")
    make_idea(campaign, None, "From a box")
    make_idea(campaign, bob, "Taken back", withdrawn_at=now)
    session.add_all(
        [
            Vote(idea_id=theirs.id, person_id=someone.id, created_at=now),
            Comment(idea_id=theirs.id, author_id=bob.id, body="Yes", created_at=now),
        ]
    )
    session.flush()
    counted = figures(session, campaign)
    shown = turnouts(session, [campaign, closed_campaign])
    assert shown == {campaign.id: Turnout(ideas=4, people=2, without_author=2), closed_campaign.id: Turnout()}
    assert (counted.ideas, counted.people, counted.without_author) == (4, 2, 2)


def test_a_reaction_counts_once_in_however_many_themes_its_idea_counts(
    session, closed_campaign, make_theme, make_idea, someone, bob, charlie, now
):
    def react(idea, person, emotion):
        session.add(Reaction(idea_id=idea.id, person_id=person.id, emotion=emotion, created_at=now))

    make_theme(closed_campaign, "First", bodies=["A bus and a bench"])
    several = session.scalars(select(Idea).where(Idea.campaign_id == closed_campaign.id)).one()
    second = make_theme(closed_campaign, "Second")
    add_passages(session, {several.id: [PassageRow(second.id, 0, 5, 0.5, several.version)]})
    in_none = make_idea(closed_campaign, bob, "Rain")
    taken_back = make_idea(closed_campaign, bob, "Oh", withdrawn_at=now)
    merged = make_idea(closed_campaign, bob, "The same bus", merged_into_id=several.id)
    react(several, bob, Emotion.WORRY)
    react(several, someone, Emotion.JOY)
    react(in_none, charlie, Emotion.JOY)
    react(taken_back, charlie, Emotion.ANGER)
    react(merged, charlie, Emotion.JOY)
    react(merged, bob, Emotion.HOPE)  # who reacted to the kept idea, too
    session.flush()
    assert list(emotions_in(session, closed_campaign).items()) == [(Emotion.JOY, 3), (Emotion.WORRY, 1)]
