"""An idea is also asked about in the themes where a passage alone counts; what is said holds there in later runs."""

from datetime import timedelta

import pytest

from ideas.contributions.idea import revise_idea
from ideas.themes.checks.agreement import agreement_in
from ideas.themes.checks.check import Belongs, LeftMeanwhile, check_idea, undo_check
from ideas.themes.checks.sample import Drawn, SampledIdea, cards_of, draw_sample
from ideas.themes.edits.edit import merge_themes
from ideas.themes.edits.move import move_ideas
from ideas.themes.passage import counted, passages_of
from ideas.themes.runs.accept import accept
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import active_themes
from tests.places import theme_of
from tests.runs import apply_run, with_passages


@pytest.fixture
def two_asks(session, campaign, found, ideas, now):
    """Buses, bicycles, fares, with three ideas each; the first idea, about buses, asks for bicycles too."""
    result = found({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    asked = {ideas[0]: [(1, 0, 5, 0.9), (2, 7, 13, 0.6)]}
    apply_run(session, campaign, with_passages(result, asked), now=now)
    return active_themes(session, campaign)


@pytest.fixture
def say(session, campaign, ideas, two_asks, bob, now):
    """What Bob says of the first idea in the theme of bicycles."""

    def check(belongs, **more):
        return check_idea(session, campaign, ideas[0], theme=two_asks[1], belongs=belongs, by=bob, now=now, **more)

    return check


def counts_in(session, campaign, idea):
    session.flush()
    pairs = counted(campaign_id=campaign.id).subquery()
    return set(session.scalars(pairs.select().where(pairs.c.idea_id == idea.id).with_only_columns(pairs.c.theme_id)))


def again(session, campaign, found, ideas, themes, now, asked=()):
    """A later run: the same themes, with these passages of the first idea. What changes is accepted."""
    numbers = [theme.id for theme in themes]
    result = found({numbers[0]: ideas[:3], numbers[1]: ideas[3:6], numbers[2]: ideas[6:]})
    result = with_passages(result, {ideas[0]: [(numbers[place], *rest) for place, *rest in asked]})
    apply_or_propose(session, campaign, result, now=now + timedelta(hours=1))
    proposal = open_proposal(session, campaign)
    if proposal is not None:
        accept(session, proposal, by=campaign.owner, now=now + timedelta(hours=2))
    session.expire_all()


BOTH = [(0, 0, 5, 0.9), (1, 7, 13, 0.6)]


def test_yes_keeps_the_passage_in_its_theme_though_a_later_run_does_not_find_it(
    session, campaign, two_asks, found, ideas, now, say, bob
):
    buses, bicycles, _ = two_asks
    check = say(Belongs.YES)
    again(session, campaign, found, ideas, two_asks, now)
    assert counts_in(session, campaign, ideas[0]) == {buses.id, bicycles.id}
    assert theme_of(session, ideas[0]) == buses.id
    assert undo_check(session, campaign, by=bob, now=now) == check.idea_id
    again(session, campaign, found, ideas, two_asks, now + timedelta(days=1))
    assert counts_in(session, campaign, ideas[0]) == {buses.id}, "until it is undone"


def test_no_keeps_the_idea_out_of_the_theme_that_its_passage_asked_for(
    session, campaign, two_asks, found, ideas, now, say
):
    say(Belongs.NO)
    assert counts_in(session, campaign, ideas[0]) == {two_asks[0].id}
    again(session, campaign, found, ideas, two_asks, now, BOTH)
    assert counts_in(session, campaign, ideas[0]) == {two_asks[0].id}


def test_elsewhere_has_the_passage_count_in_the_other_theme_for_good_and_is_undone(
    session, campaign, two_asks, found, ideas, now, say, bob
):
    buses, bicycles, fares = two_asks
    say(Belongs.ELSEWHERE, to=fares)
    assert [row[:3] for row in passages_of(session, [ideas[0].id])[ideas[0].id]] == [
        (buses.id, 0, 5),
        (fares.id, 7, 13),
    ]
    again(session, campaign, found, ideas, two_asks, now, BOTH)
    assert counts_in(session, campaign, ideas[0]) == {buses.id, fares.id}
    assert theme_of(session, ideas[0]) == buses.id, "its main theme stays"
    undo_check(session, campaign, by=bob, now=now)
    again(session, campaign, found, ideas, two_asks, now + timedelta(days=1), BOTH)
    assert counts_in(session, campaign, ideas[0]) == {buses.id, bicycles.id}


def test_elsewhere_in_its_main_theme_leaves_the_idea_with_one_theme(session, campaign, two_asks, ideas, say, bob, now):
    say(Belongs.ELSEWHERE, to=two_asks[0])
    assert passages_of(session, [ideas[0].id]) == {}
    undo_check(session, campaign, by=bob, now=now)
    assert counts_in(session, campaign, ideas[0]) == {theme.id for theme in two_asks[:2]}


def test_what_was_said_of_an_earlier_text_keeps_nothing(session, campaign, two_asks, found, ideas, now, say, charlie):
    say(Belongs.YES)
    revise_idea(session, ideas[0], by=charlie, title="", body="Buses alone", now=now)
    again(session, campaign, found, ideas, two_asks, now + timedelta(days=1))
    assert counts_in(session, campaign, ideas[0]) == {two_asks[0].id}


def test_an_idea_that_counts_in_the_theme_no_more_is_not_checked_there(session, ideas, two_asks, say):
    say(Belongs.NO)
    with pytest.raises(LeftMeanwhile):
        say(Belongs.YES)


def test_pairs_of_idea_and_theme_are_drawn_and_the_figure_counts_them(session, campaign, found, ideas, now, bob):
    """Every idea asks for the next theme too: which of its two themes it is asked about is drawn."""
    result = found({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    asked = {idea: [(1 + n // 3, 0, 3, 0.9), (1 + (n // 3 + 1) % 3, 5, 9, 0.6)] for n, idea in enumerate(ideas)}
    apply_run(session, campaign, with_passages(result, asked), now=now)
    run = draw_sample(session, campaign)
    cards = cards_of(session, run)
    assert sorted(card.idea_id for card in cards) == sorted(idea.id for idea in ideas)
    assert {card.by_passage for card in cards} == {True, False}
    themes = {theme.id: theme for theme in active_themes(session, campaign)}
    by_id = {idea.id: idea for idea in ideas}
    for card in cards:
        belongs = Belongs.NO if card.by_passage else Belongs.YES
        idea, theme = by_id[card.idea_id], themes[card.theme_id]
        check_idea(session, campaign, idea, theme=theme, belongs=belongs, by=bob, now=now)
    after = cards_of(session, run)
    agreement = agreement_in(after)
    assert agreement.checked == sum(card.drawn == "random" for card in cards) == 9
    assert agreement.right == sum(not card.by_passage for card in cards)
    assert all(card.taken_out == card.by_passage for card in after)


def test_a_passage_whose_theme_was_merged_away_is_neither_right_nor_wrong(
    session, campaign, two_asks, ideas, bob, alice, now
):
    """Though a person moved the idea's main theme: that says nothing of the passage."""
    buses, bicycles, fares = two_asks
    run, one = latest_run(session, campaign), ideas[0]
    facts = {"drawn": Drawn.RANDOM, "place": 1, "by_passage": True}
    session.add(SampledIdea(run_id=run.id, idea_id=one.id, theme_id=bicycles.id, **facts))
    move_ideas(session, campaign, idea_ids=[one.id], to=fares, by=bob, now=now)
    [card] = cards_of(session, run)
    assert (card.still_there, card.taken_out) == (True, False)
    merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    [card] = cards_of(session, run)
    assert (card.still_there, card.taken_out) == (False, False)
