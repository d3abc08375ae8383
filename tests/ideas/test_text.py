import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.errors import EmptyText, TooLong
from ideas.text import clean, clean_line, optional, required, sentences


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("  a thought \r\n on two lines\r", "a thought \n on two lines"),
        ("be\x00fore", "before"),
        ("\u202eevil\u202c", "evil"),
        ("soft\u00adhyphen", "softhyphen"),
        ("cafe\u0301", "café"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("a\n\n\n\n\n\n\nb", "a\n\n\nb"),
        ("👩\u200d⚕️", "👩\u200d⚕️"),
        ("Ça va\u202f?", "Ça va\u202f?"),
    ],
)
def test_a_text_is_made_safe_and_stays_itself(given_text, kept):
    assert clean(given_text) == kept


NOTHING = ["", " \n\t", "\x00", "\u200b\ufeff", "\u200d\u200d", "\u0301" * 50, "\u3000", "\ud800"]
DRAWN_AS_NOTHING = ["\u3164", "\u2800" * 3, "\uffa0", "\u115f\u1160", "\u17b4", "\ufffc", "\U0001d159", "\U000e0041"]


@pytest.mark.parametrize("nothing", [*NOTHING, *DRAWN_AS_NOTHING, " ".join(DRAWN_AS_NOTHING)])
def test_what_shows_nothing_is_nothing(nothing):
    assert clean(nothing) == ""
    with pytest.raises(EmptyText):
        required(nothing, max_length=10)


def test_a_tower_of_accents_is_cut_to_what_languages_need():
    assert len(clean("Z" + "\u0301" * 10_000)) <= 5
    assert clean("ệ") == "ệ"
    assert clean("ก" + "\u0e34\u0e49" * 450) == "ก" + "\u0e34\u0e49" * 2
    assert len(clean("ｶ" + "\uff9e" * 900)) <= 5
    assert len(clean("o" + "\u0300\u200d" * 900)) <= 5


@pytest.mark.parametrize(
    "marks",
    ["\u0315\u0300", "\u0300\u0334\u0327", "\u0344", "\u0e38\u0e48", "\u0300\u034f", "\u05b0\u0591", "\u302a\u0300"],
)
def test_long_runs_of_marks_are_cleaned_in_linear_time(marks):
    """NFC sorts the marks of a run: two kinds of marks in turns once took a server half a minute."""
    started = time.thread_time()
    clean("e" + marks * 40_000)
    assert time.thread_time() - started < 1


def test_a_line_is_one_line():
    assert clean_line("two\nlines \t and  spaces") == "two lines and spaces"


def test_length_counts_what_is_kept():
    assert optional(" " * 50 + "five!", max_length=5) == "five!"
    with pytest.raises(TooLong) as refused:
        optional("sixsix", max_length=5)
    assert refused.value.values == {"over": 1, "most": 5}


@given(st.text() | st.text("e\u0344\u0300\u0315\u0958\u200d\u1100\u1161\u0323 "))
def test_whatever_comes_can_be_stored_and_cleaning_again_changes_nothing(text):
    kept = clean(text)
    kept.encode()
    assert "\x00" not in kept
    assert unicodedata.is_normalized("NFC", kept)
    assert clean(kept) == kept


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "We open at 7. M. Ba says so! Really? Yes…  Fine.",
            ["We open at 7. M. Ba says so!", "Really?", "Yes…", "Fine."],
        ),
        ("Oui\u202f! Une rampe.\n\n- un banc\n- un arbre", ["Oui\u202f!", "Une rampe.", "- un banc", "- un arbre"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_sentences(text, expected):
    assert sentences(text) == expected
