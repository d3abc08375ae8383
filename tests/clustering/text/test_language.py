"""Languages are found among those that the campaign uses."""

from clustering.text.language import detect_languages
from clustering.text.word_lists import stop_words

FRENCH = ["Il faudrait plus de bus le soir dans notre quartier", "Les trottoirs sont trop étroits pour les poussettes"]


def test_given_languages_are_kept_and_the_others_detected():
    langs = detect_languages([*FRENCH, "We need more buses in the evening please"], [None, "FR-ca", None])
    assert langs == ["fr", "fr", "en"]


def test_short_texts_choose_among_the_languages_of_the_others():
    assert detect_languages([*FRENCH * 20, "gratuité", "velo"])[-2:] == ["fr", "fr"]


def test_an_empty_text_has_no_language():
    assert detect_languages(["", FRENCH[0]]) == [None, "fr"]
    assert detect_languages([]) == []


def test_an_invalid_code_is_replaced_by_detection():
    assert detect_languages(FRENCH, ["français", "?"]) == ["fr", "fr"]


def test_stop_words_hold_elisions_and_not_subjects():
    assert {"l", "de", "etre"} <= stop_words("fr")
    assert "personnes" not in stop_words("fr")
    assert stop_words(None) == stop_words("xx") == frozenset()
