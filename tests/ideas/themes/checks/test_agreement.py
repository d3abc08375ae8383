"""The figure counts ideas drawn at random, once all of them are checked; its interval is Wilson's."""

from dataclasses import replace

import pytest

from ideas.themes.checks.agreement import Agreement, agreement_by_theme, agreement_in
from ideas.themes.checks.check import Belongs
from ideas.themes.checks.sample import Card, Drawn

YES, NO, ELSEWHERE = Belongs


def card(number, *said, drawn=Drawn.RANDOM, still_there=True, taken_out=False):
    checks = dict(enumerate(said))
    return Card(number, 1, drawn, number, still_there=still_there, taken_out=taken_out, checks=checks)


def stack(*cards):
    return [*cards, *(card(100 + number, YES) for number in range(5))]


@pytest.mark.parametrize(
    ("checked", "right", "low", "high"),
    [(15, 13, 0.621, 0.963), (15, 15, 0.796, 1.0), (15, 0, 0.0, 0.204), (10, 5, 0.237, 0.763), (1, 1, 0.207, 1.0)],
)
def test_the_interval_is_the_one_of_wilson(checked, right, low, high):
    """Values of the published formula, with z = 1.96, to three places."""
    found = Agreement(checked, right)
    assert found.interval == pytest.approx((low, high), abs=0.001)
    assert found.interval[0] <= found.share <= found.interval[1] + 1e-9


def test_ideas_that_were_in_doubt_do_not_count():
    doubtful = [card(number, NO, drawn=Drawn.DOUBTFUL) for number in range(9)]
    assert agreement_in(stack(*doubtful)) == Agreement(5, 5)


def test_there_is_no_figure_before_every_idea_drawn_at_random_is_checked():
    assert agreement_in(stack(card(1))) is None
    assert agreement_in(stack(card(1, NO))) == Agreement(6, 5)


def test_few_checked_ideas_give_no_figure():
    assert agreement_in([card(number, YES) for number in range(4)]) is None
    assert agreement_in([]) is None


@pytest.mark.parametrize(
    ("said", "right"), [((YES,), 1), ((NO,), 0), ((ELSEWHERE,), 0), ((YES, NO), 0), ((YES, NO, YES), 1)]
)
def test_an_idea_counts_once_and_is_right_if_more_people_say_yes_than_not(said, right):
    assert agreement_in(stack(card(1, *said))) == Agreement(6, 5 + right)


def test_an_idea_that_a_person_took_out_unasked_was_wrongly_placed():
    assert agreement_in(stack(card(1, still_there=False, taken_out=True))) == Agreement(6, 5)


def test_an_idea_that_left_in_a_merge_does_not_count_unless_it_was_checked():
    assert agreement_in(stack(card(1, still_there=False))) == Agreement(5, 5)
    assert agreement_in(stack(card(1, NO, still_there=False))) == Agreement(6, 5)


def test_each_theme_has_a_figure_of_its_own_once_all_its_ideas_are_checked():
    others = [replace(card(number, YES, NO, NO), theme_id=2) for number in (8, 9)]
    waiting = replace(card(10), theme_id=3)
    found = agreement_by_theme([card(1, YES), card(2, YES), card(3, drawn=Drawn.DOUBTFUL), *others, waiting])
    assert found == {1: Agreement(2, 2), 2: Agreement(2, 0)}
