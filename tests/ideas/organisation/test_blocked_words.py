import time

import pytest

from ideas.organisation.blocked_words import blocked_word, listed

BLOCKED = "idiot\nCrétin \n\npauvre type\nc0n\n"


DISGUISED = [
    "Quel idiot.", "IDIOT!", "i d i o t", "i.d.i-o t", "1d10t", "|diot", "іdіоt", "idiiiot", "ïdïöt",
    "un/idiot/de plus",
    "idi\u00adot", "id iot", "un cretin", "CRÉTIN", "cr\u00e9\u0301tin", "cr€tin", "pauvre  type", "pauvretype",
    "p a u v r e type", "quel con", "quel c0n",
]  # fmt: skip


@pytest.mark.parametrize("text", DISGUISED)
def test_a_blocked_word_is_found_through_its_disguises(text):
    assert blocked_word(text, BLOCKED) is not None


@pytest.mark.parametrize(
    "text",
    ["Une idée", "idiotie", "Le conseil", "Une console", "Mon pauvre, ce type de bus", "", "!!!", "Économie", "balcon"],
)
def test_a_word_within_another_is_none_of_them(text):
    assert blocked_word(text, BLOCKED) is None


def test_the_word_is_named_as_the_list_has_it():
    assert blocked_word("quel CRETIN", BLOCKED) == "Crétin"


def test_an_empty_list_and_single_letters_block_nothing():
    assert blocked_word("a b c", "") is None
    assert blocked_word("a b c", "a\n-\n…") is None
    assert listed(" a \n\na\nb ") == ["a", "b"]


def test_a_long_text_is_read_quickly():
    started = time.thread_time()
    blocked_word("i " * 2_500, BLOCKED)
    assert time.thread_time() - started < 1
