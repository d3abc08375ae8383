from datetime import timedelta

import pytest

from ideas.answers.action import Delivery, actions_in, commit_to, delivery, report_progress
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import decisions_in, publish_answers
from ideas.answers.earlier import AnswersBecomeEarlier, AnswersGo, check_answers_stay, merged_answers, published_answers
from ideas.campaigns.campaign import State
from ideas.themes.edits.edit import merge_themes
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.edits.undo import undo_edit


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign)


@pytest.fixture
def other(make_theme, closed_campaign):
    return make_theme(closed_campaign, "Shorter waits")


@pytest.fixture
def publish(session, closed_campaign, alice, now):
    def act():
        debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
        publish_debrief(session, debrief, by=alice, now=now)
        session.commit()

    return act


@pytest.fixture
def read(session, closed_campaign):
    def read():
        return merged_answers(session, closed_campaign, actions=actions_in(session, closed_campaign))

    return read


def test_a_merge_that_hides_an_answer_warns_and_undoing_it_brings_the_answer_back(
    session, closed_campaign, theme, other, give_answer, read, alice, now
):
    given = give_answer(theme)
    check_answers_stay(session, [other])
    with pytest.raises(AnswersGo, match="Fewer clicks") as refused:
        check_answers_stay(session, [theme, other])
    assert type(refused.value) is AnswersGo
    edit = merge_themes(session, other, others=[theme], by=alice, now=now, reason="The same wish.")
    assert (decisions_in(session, closed_campaign), read()) == ({}, [])
    undo_edit(session, edit, by=alice, now=now, reason="Not the same.")
    assert decisions_in(session, closed_campaign) == {theme.id: given}


def test_a_published_answer_stays_with_its_actions_when_its_theme_is_merged_away(
    session, closed_campaign, theme, other, make_theme, give_answer, publish, read, alice, now
):
    given = give_answer(theme)
    give_answer(other)
    third = make_theme(closed_campaign, "Third")
    give_answer(third)
    action = commit_to(session, given, title="Ship", impact="", owner=alice, due_on=now.date(), by=alice, now=now)
    publish()
    with pytest.raises(AnswersBecomeEarlier, match="Fewer clicks"):
        check_answers_stay(session, [theme])
    merge_themes(session, other, others=[theme], by=alice, now=now, reason="The same wish.")
    merge_themes(session, third, others=[other], by=alice, now=now, reason="The same wish.")
    first, second = read()
    assert (first.decision, list(first.actions), first.into) == (given, [action], third)
    assert (second.decision.theme, second.into) == (other, third)
    assert delivery(session, closed_campaign) == Delivery(promised=1)
    report_progress(session, action, progress=100, by=alice, now=now)
    assert closed_campaign.state(now) is State.FOLLOWED_THROUGH


def test_acts_of_the_first_version_name_their_themes_in_their_states(
    session, closed_campaign, theme, other, give_answer, publish, read, alice, now
):
    give_answer(theme)
    give_answer(other)
    publish()
    edit = merge_themes(session, other, others=[theme], by=alice, now=now, reason="The same wish.")
    edit.summary = {name: value for name, value in edit.summary.items() if name != "themes"}
    session.commit()
    [merged] = read()
    assert (merged.into.id, session.get(ThemeEdit, edit.id).undone_at) == (other.id, None)


def test_an_answer_that_comes_back_after_the_debrief_is_published(
    session, closed_campaign, theme, other, give_answer, publish, read, alice, now
):
    """Its theme was merged away before the debrief, so it was not public with the others."""
    given = give_answer(theme)
    action = commit_to(session, given, title="Ship", impact="", owner=alice, due_on=now.date(), by=alice, now=now)
    give_answer(other)
    edit = merge_themes(session, other, others=[theme], by=alice, now=now, reason="The same wish.")
    publish()
    assert (given.published_at, action.published_at, read()) == (None, None, [])
    undo_edit(session, edit, by=alice, now=now, reason="Not the same.")
    publish_answers(session, closed_campaign, by=alice, now=now + timedelta(days=1))
    assert given.published_at == action.published_at == now + timedelta(days=1)
    assert [version.number for version in published_answers(session, given)] == [1]
