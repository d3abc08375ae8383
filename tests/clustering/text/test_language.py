"""Languages are found among those that the campaign uses."""

from clustering.text.language import detect_languages, stop_words

FRENCH = ["Il faudrait plus de bus le soir dans notre quartier", "Les trottoirs sont trop étroits pour les poussettes"]


def test_what_is_given_is_kept_and_the_rest_is_found():
    langs = detect_languages([*FRENCH, "We need more buses in the evening please"], [None, "FR-ca", None])
    assert langs == ["fr", "fr", "en"]


def test_short_texts_choose_among_the_languages_of_the_others():
    assert detect_languages([*FRENCH * 20, "gratuité", "velo"])[-2:] == ["fr", "fr"]


def test_nothing_to_read_has_no_language():
    assert detect_languages(["", FRENCH[0]]) == [None, "fr"]
    assert detect_languages([]) == []


def test_a_code_that_is_none_is_found_instead():
    assert detect_languages(FRENCH, ["français", "?"]) == ["fr", "fr"]


def test_stop_words_know_elisions_and_keep_subjects():
    assert {"l", "de", "etre"} <= stop_words("fr")
    assert "personnes" not in stop_words("fr")
    assert stop_words(None) == stop_words("xx") == frozenset()
