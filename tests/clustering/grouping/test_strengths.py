"""Strengths: 1 at the centre of a group, 0 outside."""

import numpy as np

from clustering.arrays import LEFT
from clustering.grouping.strengths import measure_strengths


def test_strength_is_one_at_the_centre_and_zero_outside():
    space = np.repeat(np.eye(3, dtype=np.float32), 5, axis=0)
    labels = np.repeat([0, 1, LEFT], 5)
    found = measure_strengths(space, labels, 3, 2)
    assert found.own.tolist() == [1] * 10 + [0] * 5
    assert found.nearest[0, 0] == 0
    assert found.strength[0].tolist() == [1, 0]
    assert found.strength[12].tolist() == [0, 0]


def test_strengths_without_any_group():
    found = measure_strengths(np.eye(3, dtype=np.float32), np.full(3, LEFT), 0, 3)
    assert found.own.tolist() == [0, 0, 0]
    assert found.nearest.shape == found.strength.shape == (3, 0)
