from datetime import timedelta

from ideas.answers.action import commit_to, report_progress
from ideas.answers.delivered import promises_of
from ideas.answers.similar import (
    answered_among,
    answered_by_words,
    answered_texts,
    answers_stamp,
    earlier_answers,
    idea_to_answer,
    themes_to_answer,
)
from ideas.spaces.audience import Audience


def test_a_theme_with_a_published_answer_is_found_by_the_words_of_its_name(
    session, make_campaign, make_theme, give_answer, charlie, now
):
    campaign = make_campaign(debriefed_at=now)
    theme, other = make_theme(campaign, "Shorter waiting times"), make_theme(campaign, "Parking near the door")
    decision = give_answer(theme)
    text = "Waiting takes too long: shorter times in the waiting room, please"
    found = answered_by_words(session, text, reader=charlie)
    assert [(one.theme, one.decision) for one in found] == [(theme, decision)]
    assert not answered_by_words(session, "Parking is far from the door", reader=charlie)  # it has no answer
    assert [one.theme for one in answered_among(session, [other.id, theme.id], reader=charlie)] == [theme]


def test_an_answer_is_shown_only_to_who_finds_it_published(
    session, make_campaign, make_theme, give_answer, charlie, alice, now
):
    private = make_campaign(debriefed_at=now, audience=Audience.INVITED)
    early, secret = make_theme(make_campaign(), "Shorter waiting times"), make_theme(private, "Shorter waiting times")
    give_answer(early).published_at = now
    give_answer(secret)
    ids = [early.id, secret.id]
    assert not answered_among(session, ids, reader=charlie)
    assert not answered_by_words(session, "shorter waiting times", reader=charlie)
    assert [one.theme for one in answered_among(session, ids, reader=alice)] == [secret]  # she leads that campaign


def test_the_worker_reads_the_names_and_typical_ideas_of_answered_themes(
    session, make_campaign, make_theme, make_idea, give_answer, bob, now
):
    campaign = make_campaign(debriefed_at=now)
    theme = make_theme(campaign, "Shorter waiting times")
    theme.exemplars = [make_idea(campaign, bob, "I waited two hours.").id]
    before = answers_stamp(session)
    assert answered_texts(session) == {}
    give_answer(theme)
    assert answered_texts(session) == {theme.id: ["Shorter waiting times", "I waited two hours."]}
    assert answers_stamp(session) != before


def test_earlier_answers_to_similar_themes_say_whether_they_were_kept(
    session, make_campaign, make_idea, make_theme, give_answer, count_queries, charlie, alice, now
):
    here, earlier = make_campaign(), make_campaign(title="Last year", debriefed_at=now)
    private = make_campaign(debriefed_at=now, audience=Audience.INVITED)
    theme, single = make_theme(here, "Waiting times at the desk"), make_theme(here, "Carpooling")
    make_theme(here, "Shorter waiting times")
    decision = give_answer(make_theme(earlier, "Shorter waiting times"))
    give_answer(make_theme(earlier, "Times of the bus"))
    give_answer(make_theme(private, "Waiting times"))
    rides = give_answer(make_theme(earlier, "Carpooling"))
    for title, due in (("Open earlier", 1), ("Hire", 2), ("Move", 30)):
        facts = {"title": title, "impact": "", "owner": alice, "due_on": now.date() + timedelta(days=due)}
        action = commit_to(session, decision, **facts, by=alice, now=now)
        if title == "Open earlier":
            report_progress(session, action, progress=100, by=alice, now=now)
    session.commit()

    def found(of, reader=charlie):
        return earlier_answers(session, themes_to_answer(session, [of]), reader=reader, now=now + timedelta(days=9))

    [one] = found(theme)
    assert (one.decision, one.theme.campaign) == (decision, earlier)
    assert (one.kept.kept, one.kept.due, one.kept.total()) == (1, 2, 3)
    assert len(promises_of(session, [earlier], now=now, theme_ids=[decision.theme_id])) == 3
    assert promises_of(session, [earlier], now=now, theme_ids=[rides.theme_id]) == []
    assert [one.decision for one in found(single)] == [rides]
    assert len(found(theme, alice)) == 2  # she leads the private campaign
    both = earlier_answers(session, themes_to_answer(session, [theme, single]), reader=charlie, now=now)
    assert [one.decision for one in both] == [rides, decision]
    idea = make_idea(here, charlie, "I would like shorter waiting times at the town hall.")
    assert [one.decision for one in earlier_answers(session, idea_to_answer(idea), reader=charlie, now=now)] == [
        decision
    ]
    # The worker says which are near in meaning: in its order, without those that the reader may not see.
    near = [theme.id, rides.theme_id, decision.theme_id, decision.theme_id + 1]
    by_meaning = earlier_answers(session, themes_to_answer(session, [theme]), reader=charlie, now=now, near=near)
    assert [one.decision for one in by_meaning][:2] == [rides, decision]
    assert len(by_meaning) == 3
    assert earlier_answers(session, themes_to_answer(session, [theme]), reader=charlie, now=now, near=[]) == []
    earlier.debriefed_at = None
    session.commit()
    assert found(theme) == []
    assert earlier_answers(session, themes_to_answer(session, [theme]), reader=charlie, now=now, near=near) == []


def test_of_several_themes_the_name_of_each_comes_first(session, campaign, make_idea, make_theme, bob):
    """What the worker reads of them is bounded."""
    themes = [make_theme(campaign, name) for name in ("Buses", "Trains")]
    for theme in themes:
        theme.exemplars = [make_idea(campaign, bob, f"More {theme.name}").id]
    session.commit()
    asked = themes_to_answer(session, themes)
    assert asked.texts == ("Buses", "Trains", "More Buses", "More Trains")
    assert (asked.names, asked.campaign_id) == (("Buses", "Trains"), campaign.id)
