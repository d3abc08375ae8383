"""What may not be concluded from a theme."""

import numpy as np
import pytest

from clustering.arrays import normalize_rows
from clustering.grouping.chance import CHANCE_COHESION
from clustering.pipeline import find_themes
from clustering.quality.warnings import MAX_LOOSE_COHESION, MIN_IDEAS, warnings_of
from clustering.types import ThemeWarning


def test_a_theme_too_small_or_too_loose_has_a_warning():
    assert warnings_of([4, 20, 20, 20], [0.4, 0.4, 0.4, 0.05]) == [(ThemeWarning.SMALL,), (), (), (ThemeWarning.LOOSE,)]
    assert warnings_of([3, 20, 20], [0.1, 0.4, 0.4]) == [(ThemeWarning.SMALL, ThemeWarning.LOOSE), (), ()]
    assert warnings_of([], []) == []


@pytest.mark.parametrize(("cohesion", "loose"), [(0.14, True), (0.16, False)])
def test_a_theme_is_loose_beside_the_usual_one(cohesion, loose):
    assert warnings_of([20] * 4, [0.22, 0.21, 0.22, cohesion])[-1] == ((ThemeWarning.LOOSE,) if loose else ())


def test_where_all_are_close_none_is_loose():
    assert not any(warnings_of([20] * 3, [0.8, 0.8, MAX_LOOSE_COHESION]))


def test_where_no_theme_is_more_cohesive_than_chance_all_are_loose():
    assert warnings_of([20] * 3, [CHANCE_COHESION - 0.01] * 3) == [(ThemeWarning.LOOSE,)] * 3


def test_a_few_ideas_must_be_more_alike_than_many():
    assert ThemeWarning.LOOSE in warnings_of([6] * 3, [0.15] * 3)[0]
    assert ThemeWarning.LOOSE not in warnings_of([60] * 3, [0.15] * 3)[0]


@pytest.mark.parametrize("size", [0, 1])
def test_a_theme_without_two_ideas_is_not_loose_and_is_not_counted_in_the_median(size):
    assert warnings_of([size, 20, 20], [0.0, 0.2, 0.2]) == [(ThemeWarning.SMALL,), (), ()]
    assert warnings_of([size], [0.0]) == [(ThemeWarning.SMALL,)]


def themes_in_noise(count):
    """Vectors drawn by lot, no direction likelier than another: they hold no theme."""
    vectors = normalize_rows(np.random.default_rng(0).standard_normal((count, 128)).astype(np.float32))
    return find_themes([f"q{row}" for row in range(len(vectors))], vectors=vectors).themes


@pytest.mark.slow
def test_groups_found_in_noise_have_a_warning():
    themes = themes_in_noise(100)
    assert themes
    assert all(ThemeWarning.LOOSE in theme.warnings for theme in themes if theme.size >= MIN_IDEAS)


@pytest.mark.slow
def test_four_hundred_ideas_of_noise_are_no_themes():
    assert not themes_in_noise(400)
