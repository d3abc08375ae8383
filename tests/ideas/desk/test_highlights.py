"""What stands out among a theme's ideas."""

from datetime import timedelta

import pytest

from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.merged import IdeaMerge, MergeState
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.desk.highlights import highlights_of


@pytest.fixture
def people(make_person):
    return [make_person(f"Person {number}") for number in range(4)]


def test_the_most_supported_discussed_and_dissenting_ideas_stand_out(
    session, campaign, make_theme, make_idea, people, count_queries, charlie, now
):
    bodies = [f"A bus at {hour}" for hour in range(6)]
    theme = make_theme(campaign, "Buses", bodies=bodies)
    assert not highlights_of(session, theme)
    ideas = {idea.body: idea for idea in session.query(Idea)}
    first, second, third, fourth, *_rest = (ideas[body] for body in bodies)
    elsewhere = make_idea(campaign, charlie, "Elsewhere")
    session.add_all(Vote(idea_id=elsewhere.id, person_id=one.id, created_at=now) for one in people)
    session.add_all(Vote(idea_id=second.id, person_id=one.id, created_at=now) for one in people[:3])
    session.add_all(Vote(idea_id=first.id, person_id=one.id, created_at=now) for one in people[:2])
    felt = {
        third: [Emotion.ANGER, Emotion.WORRY, Emotion.JOY],
        second: [Emotion.ANGER, Emotion.HOPE, Emotion.WORRY, Emotion.JOY],  # half of them is not most
        first: [Emotion.WORRY],  # one person
    }
    for idea, emotions in felt.items():
        for one, emotion in zip(people, emotions, strict=False):
            session.add(Reaction(idea_id=idea.id, person_id=one.id, emotion=emotion, created_at=now))
    for minute, (idea, body) in enumerate([(fourth, "Why?"), (first, "Yes"), (fourth, "Because"), (elsewhere, "No")]):
        said = {"author_id": people[0].id, "body": body, "created_at": now + timedelta(minutes=minute)}
        session.add(Comment(idea_id=idea.id, **said))
    session.add(Comment(idea_id=first.id, author_id=people[1].id, body="Oops", created_at=now, withdrawn_at=now))
    session.commit()

    found = highlights_of(session, theme)
    assert [(one.verbatim.id, one.count) for one in found.supported] == [(second.id, 3), (first.id, 2)]
    assert [(one.verbatim.text, one.count) for one in found.discussed] == [(fourth.body, 2), (first.body, 1)]
    assert [(one.verbatim.id, one.count) for one in found.dissenting] == [(third.id, 2)]
    assert [comment.body for comment in found.comments] == ["Because", "Yes", "Why?"]
    assert count_queries(lambda: highlights_of(session, theme)) == 6

    session.add(Vote(idea_id=third.id, person_id=people[3].id, created_at=now))
    merge = {"campaign_id": campaign.id, "idea_id": third.id, "into_id": fourth.id, "state": MergeState.MERGED}
    session.add(IdeaMerge(**merge, made_by_id=charlie.id, made_at=now))
    third.merged_into_id = fourth.id
    session.commit()
    found = highlights_of(session, theme)
    assert [(one.verbatim.id, one.count) for one in found.supported] == [(second.id, 3), (first.id, 2), (fourth.id, 1)]
    assert [(one.verbatim.id, one.count) for one in found.dissenting] == [(fourth.id, 2)]
