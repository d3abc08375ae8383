import pytest

from app.text.differences import MAX_PIECES, differences


def test_words_that_changed_are_named():
    assert differences("Three changes this year.", "Two changes this year.") == [
        ("removed", "Three "),
        ("added", "Two "),
        ("same", "changes this year."),
    ]


@pytest.mark.parametrize("many", [1, MAX_PIECES, MAX_PIECES * 3])
@pytest.mark.parametrize("gap", [" ", "\n"])
def test_both_texts_can_be_put_together_again(many, gap):
    before, after = gap.join(["a", "b c"] * many), gap.join(["b c", "d"] * many)
    found = differences(before, after)
    assert "".join(words for kind, words in found if kind != "added") == before
    assert "".join(words for kind, words in found if kind != "removed") == after


def test_the_same_two_texts_are_compared_once(monkeypatch):
    """Published versions never change, and everyone may read their history as often as they like."""
    before, after = "three changes " * 400, "two changes " * 400
    first = differences(before, after)
    first.append(("added", "by whoever called"))
    monkeypatch.setattr("app.text.differences.SequenceMatcher", None)
    assert differences(before, after) == first[:-1]


def test_equal_and_empty_texts():
    assert differences("a b", "a b") == [("same", "a b")]
    assert differences("", "") == []
    assert differences("", "a") == [("added", "a")]
