"""Why an idea is where it is, and what is near a theme."""

import numpy as np
import pytest

from clustering.quality.explanations import languages, nearest_ideas, nearest_theme
from clustering.vectors.neighbors import Neighbours


def test_the_nearest_ideas_of_the_same_theme():
    near = Neighbours(np.array([[1, 2], [0, 2], [1, 0]], dtype=np.int32), np.zeros((3, 2), dtype=np.float32))
    found = nearest_ideas(near, np.array([0, 1, 2, -1]), np.arange(3), np.array([0, 1, 0, -1]), 3)
    assert found == [(2,), (), (0,), ()]


def test_for_a_leftover_the_nearest_of_all():
    near = Neighbours(np.array([[1, 2], [0, 2], [1, 0]], dtype=np.int32), np.zeros((3, 2), dtype=np.float32))
    assert nearest_ideas(near, np.arange(3), np.arange(3), np.array([-1, 0, 0]), 1)[0] == (1,)


def test_languages_are_sorted_by_their_share():
    assert languages(["fr", "en", None], np.array([1, 3, 5])) == (("en", 0.75), ("fr", 0.25))


def test_the_nearest_theme():
    centres = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    assert nearest_theme(centres, 0.0) == [(1, pytest.approx(0.8)), (0, pytest.approx(0.8)), (1, pytest.approx(0.6))]
    assert nearest_theme(centres[:1], 0.0) == [None]


def test_a_theme_without_ideas_is_near_to_none():
    """It is kept for a person's sake; the others, that point away from each other, are still nearer to each other."""
    centres = np.array([[1, 0], [0, 0], [-1, 0]], dtype=np.float32)
    assert nearest_theme(centres, 0.0) == [(2, 0.0), None, (0, 0.0)]
    assert nearest_theme(centres[:2], 0.0) == [None, None]


def test_a_repeated_idea_is_named_once():
    """Three rows say the first thing, and one the second: that one is what is near, by its first row."""
    near = Neighbours(np.array([[1], [0]], dtype=np.int32), np.ones((2, 1), dtype=np.float32))
    unit_of, first = np.array([0, 0, 1, 0]), np.array([0, 2])
    assert nearest_ideas(near, unit_of, first, np.zeros(4, dtype=np.intp), 3) == [(2,), (2,), (0,), (2,)]


def test_without_neighbours_none_are_named():
    near = Neighbours(np.zeros((2, 0), dtype=np.int32), np.zeros((2, 0), dtype=np.float32))
    assert nearest_ideas(near, np.array([0, 1, -1]), np.array([0, 1]), np.array([0, 0, -1]), 3) == [(), (), ()]


def test_unknown_languages_are_left_out_and_equal_shares_are_sorted_by_code():
    assert languages([None, None], np.array([1, 3])) == ()
    assert languages(["fr", "en"], np.array([1, 1])) == (("en", 0.5), ("fr", 0.5))
