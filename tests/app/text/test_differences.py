import pytest

from app.text.differences import CONTEXT, MAX_PIECES, around_changes, differences


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


def test_what_is_far_from_a_change_is_left_out():
    words = " ".join(f"word{number}" for number in range(200))
    around = around_changes(differences(f"{words} old {words} old", f"{words} new {words} new"))
    assert [kind for kind, _words in around] == ["same", "removed", "added", "same", "removed", "added"]
    before, between = around[0][1], around[3][1]
    assert before.startswith("… ")
    assert before.endswith("word199 ")
    assert between.startswith("word0 ")
    assert between.endswith("word199 ")
    assert "…\n\n…" in between
    assert max(len(before), len(between)) < 3 * CONTEXT
    assert around_changes(differences("a b", "a c")) == differences("a b", "a c")
