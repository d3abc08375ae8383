"""Themes that people separated stay separate."""

import numpy as np

from clustering.grouping.constraints import split_by_constraints
from clustering.types import Previous

KEYS = [str(row) for row in range(8)]
SPACE = np.repeat(np.eye(4, dtype=np.float32)[:2], 4, axis=0)


def previous(theme_of, placed):
    return Previous(theme_of, {}, placed, frozenset(placed.values()), next_id=9)


def test_a_group_that_people_split_is_split_again_and_new_ideas_go_to_the_nearer_part():
    placed = {"0": 1, "1": 1, "4": 2, "5": 2}
    labels = split_by_constraints(np.zeros(8, dtype=int), KEYS, previous(placed, placed), SPACE)
    assert labels.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_a_single_moved_idea_moves_no_others():
    theme_of = dict.fromkeys(KEYS[:6], 1) | {"7": 2}
    labels = split_by_constraints(np.zeros(8, dtype=int), KEYS, previous(theme_of, {"7": 2}), SPACE)
    assert labels.tolist() == [0] * 8


def test_without_placed_ideas_no_group_is_split():
    labels = np.array([0, 0, 1, 1, -1, 0, 1, -1])
    assert split_by_constraints(labels, KEYS, previous({"0": 1, "2": 2}, {}), SPACE).tolist() == labels.tolist()
