"""Thirty ideas of a run: fifteen at random, and fifteen where the method doubts most."""

import pytest
from sqlalchemy import update

from ideas.themes.checks.check import Belongs, check_idea
from ideas.themes.checks.sample import Drawn, NothingToCheck, cards_of, draw_sample, stack_for
from ideas.themes.edits.edit import merge_themes
from ideas.themes.edits.move import move_ideas, pin_ideas, set_aside
from ideas.themes.placement import Placement
from ideas.themes.theme import active_themes
from tests.runs import apply_run, found_theme, placed_idea, run_result

MANY = 60
CERTAIN = 40


@pytest.fixture
def many(session, campaign, make_ideas, charlie, now):
    """Sixty ideas in two themes: the further on, the nearer the second theme; from the fortieth on it is not near."""
    ideas = make_ideas(campaign, charlie, [{"body": f"Idea {number}"} for number in range(MANY)])
    placed = []
    for place, idea in enumerate(ideas):
        own, other = 1 + place % 2, 2 - place % 2
        near = [(own, 0.8)] if place >= CERTAIN else [(own, 0.8), (other, 0.01 * place)]
        placed.append(placed_idea(idea.id, own, None, 0.8, near))
    apply_run(
        session, campaign, run_result([found_theme(1, "Buses", []), found_theme(2, "Fares", [])], placed), now=now
    )
    return ideas


def drawn(cards, kind):
    return [card.idea_id for card in cards if card.drawn is kind]


def test_half_is_drawn_at_random_and_half_is_where_the_margin_is_least(session, campaign, many):
    cards = cards_of(session, draw_sample(session, campaign))
    random, doubtful = drawn(cards, Drawn.RANDOM), drawn(cards, Drawn.DOUBTFUL)
    assert (len(random), len(doubtful)) == (15, 15)
    assert not set(random) & set(doubtful)
    least = [idea.id for idea in reversed(many[:CERTAIN]) if idea.id not in random]
    assert sorted(doubtful) == sorted(least[:15])


def test_ideas_that_say_the_same_are_asked_about_once(session, campaign, many):
    petition = [idea.id for idea in many[10:CERTAIN]]  # those that are most in doubt
    session.execute(update(Placement).where(Placement.idea_id.in_(petition[1:])).values(same_as=petition[0]))
    cards = cards_of(session, draw_sample(session, campaign))
    assert sum(card.idea_id in petition for card in cards) <= 1
    assert (len(drawn(cards, Drawn.RANDOM)), len(drawn(cards, Drawn.DOUBTFUL))) == (15, 15)


def test_the_two_kinds_are_mixed(session, campaign, many):
    kinds = [card.drawn for card in cards_of(session, draw_sample(session, campaign))]
    assert len(set(kinds[:8])) == len(set(kinds[-8:])) == 2


def test_drawing_again_draws_the_same(session, campaign, many):
    first = cards_of(session, draw_sample(session, campaign))
    assert cards_of(session, draw_sample(session, campaign)) == first


def test_of_few_ideas_each_is_in_the_sample_once(session, campaign, themes, ideas):
    cards = cards_of(session, draw_sample(session, campaign))
    assert sorted(card.idea_id for card in cards) == sorted(idea.id for idea in ideas)


def test_an_idea_that_a_person_placed_is_in_no_doubt(session, campaign, many, bob, now):
    placed = [idea.id for idea in many[20:CERTAIN]]
    pin_ideas(session, campaign, idea_ids=placed, by=bob, now=now)
    assert not set(drawn(cards_of(session, draw_sample(session, campaign)), Drawn.DOUBTFUL)) & set(placed)


def test_a_new_run_draws_a_new_sample(session, campaign, themes, ideas, run):
    first = draw_sample(session, campaign)
    later = run({themes[0].id: ideas[:3], themes[1].id: ideas[3:6], themes[2].id: ideas[6:]})
    assert cards_of(session, later) == []
    assert draw_sample(session, campaign) is later
    assert [card.idea_id for card in cards_of(session, first)] != [card.idea_id for card in cards_of(session, later)]


def test_nothing_is_drawn_before_the_ideas_are_grouped(session, campaign, run, ideas):
    with pytest.raises(NothingToCheck):
        draw_sample(session, campaign)
    run({}, alone=ideas)
    with pytest.raises(NothingToCheck):
        draw_sample(session, campaign)


def test_a_person_is_asked_of_what_nobody_checked_first_then_of_what_others_checked(
    session, campaign, themes, ideas, bob, alice, now
):
    cards = cards_of(session, draw_sample(session, campaign))
    first = cards[0]
    idea, theme = idea_and_theme(session, campaign, ideas, first)
    check_idea(session, campaign, idea, theme=theme, belongs=Belongs.YES, by=bob, now=now)
    cards = cards_of(session, draw_sample(session, campaign))
    mine, hers = stack_for(bob, cards), stack_for(alice, cards)
    assert (mine.checked, mine.total, hers.checked, hers.total) == (1, 9, 0, 9)
    assert first.idea_id not in [card.idea_id for card in mine.open]
    assert hers.open[-1].idea_id == first.idea_id


def test_an_idea_that_left_its_theme_or_was_withdrawn_is_not_asked_about(session, campaign, themes, ideas, bob, now):
    run = draw_sample(session, campaign)
    set_aside(session, campaign, idea_ids=[ideas[1].id], by=bob, now=now)
    merge_themes(session, themes[1], others=[themes[2]], by=bob, now=now)
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=themes[1], by=bob, now=now)
    ideas[2].withdrawn_at = now
    session.flush()
    cards = {card.idea_id: card for card in cards_of(session, run)}
    assert {card.idea_id for card in stack_for(bob, list(cards.values())).open} == {idea.id for idea in ideas[3:6]}
    assert [cards[idea.id].taken_out for idea in (ideas[0], ideas[1], ideas[6])] == [True, True, False]


def test_the_next_card_follows_the_one_that_was_left_out_and_begins_again_at_the_end(session, campaign, themes, bob):
    stack = stack_for(bob, cards_of(session, draw_sample(session, campaign)))
    ids = [card.idea_id for card in stack.open]
    assert stack.card().idea_id == ids[0]
    assert stack.card(after=ids[0]).idea_id == ids[1]
    assert stack.card(after=ids[-1]).idea_id == ids[0]
    assert stack.card(idea_id=ids[4], after=ids[0]).idea_id == ids[4]
    assert stack.card(idea_id=0, after=0).idea_id == ids[0]
    assert stack_for(bob, []).card() is None


def test_the_cards_take_as_many_queries_for_few_as_for_many(session, campaign, many, count_queries, bob, now):
    run = draw_sample(session, campaign)
    before = count_queries(lambda: cards_of(session, run))
    themes = {theme.id: theme for theme in active_themes(session, campaign)}
    by_id = {idea.id: idea for idea in many}
    for card in cards_of(session, run)[:5]:
        check_idea(
            session, campaign, by_id[card.idea_id],
            theme=themes[card.theme_id], belongs=Belongs.YES, by=bob, now=now,
        )  # fmt: skip
    assert count_queries(lambda: cards_of(session, run)) == before == 2


def idea_and_theme(session, campaign, ideas, card):
    idea = next(idea for idea in ideas if idea.id == card.idea_id)
    return idea, next(theme for theme in active_themes(session, campaign) if theme.id == card.theme_id)
