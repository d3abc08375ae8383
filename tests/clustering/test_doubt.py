"""What may not be concluded from a theme."""

from clustering.doubt import doubts
from clustering.types import Doubt


def test_a_theme_too_small_or_too_loose_is_doubted():
    assert doubts([4, 20, 20, 20], [0.4, 0.4, 0.4, 0.05]) == [(Doubt.SMALL,), (), (), (Doubt.LOOSE,)]
    assert doubts([], []) == []
