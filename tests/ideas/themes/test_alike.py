"""Ideas that say the same with the same words."""

from time import perf_counter
from types import SimpleNamespace

from ideas.themes.alike import fold_alike


def placements(*texts):
    return [SimpleNamespace(idea=SimpleNamespace(text=text)) for text in texts]


def texts(folded):
    return [[one.idea.text for one in (alike.first, *alike.others)] for alike in folded]


def test_ideas_with_the_same_words_are_one_in_the_order_of_the_list():
    found = fold_alike(
        placements("Un abri à vélos !", "Plus de trams", "un ABRI a velos", "A velos, un abri", "Des trams")
    )
    assert texts(found) == [
        ["Un abri à vélos !", "un ABRI a velos", "A velos, un abri"],
        ["Plus de trams"],
        ["Des trams"],
    ]
    assert found[0].size == 3


def test_a_number_or_a_not_makes_another_idea():
    assert len(fold_alike(placements("Cars in the centre", "No cars in the centre", "Line 1", "Line 2"))) == 4


def test_a_text_without_words_is_like_no_other():
    assert texts(fold_alike(placements("?", "!", "?"))) == [["?", "?"], ["!"]]


def test_a_page_of_long_texts_is_folded_in_a_moment():
    many = placements(*(f"{number} " + "abri vélo gare " * 300 for number in range(100)))
    start = perf_counter()
    fold_alike(many)
    assert perf_counter() - start < 2
