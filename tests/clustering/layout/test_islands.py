"""Islands that never overlap, whatever they are about, and that stay where they were."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.layout.islands import place_leftovers, place_members, place_themes


def directions(count, seed=0):
    return np.random.default_rng(seed).standard_normal((count, 10)).astype(np.float32)


def assert_readable(centres, radius):
    assert np.isfinite(centres).all()
    assert (centres - radius[:, None] >= -1e-9).all()
    assert (centres + radius[:, None] <= 1 + 1e-9).all()
    for one in range(len(centres)):
        for other in range(one):
            assert np.hypot(*(centres[one] - centres[other])) >= (radius[one] + radius[other]) * (1 - 1e-6)


@given(st.lists(st.integers(1, 900), max_size=60), st.integers(0, 5))
@settings(deadline=None, max_examples=40)
def test_islands_lie_in_the_square_and_do_not_overlap(sizes, seed):
    assert_readable(*place_themes(directions(len(sizes), seed), sizes))


def test_themes_about_the_same_thing_still_lie_apart():
    assert_readable(*place_themes(np.ones((12, 4), dtype=np.float32), [10] * 12))


def test_area_follows_size():
    _, radius = place_themes(directions(3), [400, 100, 100])
    assert radius[0] == pytest.approx(2 * radius[1])
    assert radius[1] == radius[2]


def test_it_is_the_same_each_time():
    one, other = (place_themes(directions(20), list(range(1, 21)))[0] for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_islands_stay_where_they_were():
    before, _ = place_themes(directions(12), [30] * 12)
    turned = directions(12) * np.float32(-1)
    after, radius = place_themes(turned, [33] * 12, {row: tuple(before[row]) for row in range(11)})
    assert_readable(after, radius)
    assert np.hypot(*(after - before)[:11].T).max() < 0.1


@pytest.mark.parametrize("known", [1, 2])
def test_a_few_anchors_are_enough(known):
    before, _ = place_themes(directions(6), [30] * 6)
    anchors = {row: tuple(before[row]) for row in range(known)}
    after, radius = place_themes(directions(6), [30] * 6, anchors)
    assert_readable(after, radius)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 100])
def test_members_fill_a_disk_the_typical_ones_in_the_middle(count):
    strength = np.linspace(1, 0, count, dtype=np.float32)
    centre = np.array([0.4, 0.6])
    points = place_members(directions(count), strength, centre, 0.1)
    distance = np.hypot(*(points - centre).T)
    assert points.shape == (count, 2)
    assert (distance <= 0.1).all()
    assert (np.diff(distance) >= -1e-9).all()
    assert len(np.unique(points.round(6), axis=0)) == count


@pytest.mark.parametrize("count", [0, 1, 50, 1500])
def test_leftovers_are_outside_the_islands_each_in_its_own_place(count):
    centres, radius = place_themes(directions(8), [40] * 8)
    targets = np.full((count, 2), np.nan)
    targets[::3] = centres[:2].mean(axis=0)
    points = place_leftovers(targets, centres, radius)
    distance = np.hypot(*(points[:, None] - centres[None]).transpose(2, 0, 1))
    assert (distance > radius).all()
    assert ((points >= 0) & (points <= 1)).all()
    assert len(np.unique(points.round(6), axis=0)) == count


def test_an_idea_between_two_themes_lies_near_the_middle_of_them():
    centres = np.array([[0.2, 0.5], [0.8, 0.5]])
    points = place_leftovers(np.array([[0.5, 0.5], [np.nan, np.nan]]), centres, np.array([0.1, 0.1]))
    assert np.hypot(*(points[0] - 0.5)) < 0.25
