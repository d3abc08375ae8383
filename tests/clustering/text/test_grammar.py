"""What the form of a word says."""

from clustering.text.grammar import gender, is_adverb, is_finite, is_function_word, is_infinitive, lemma, number


def test_function_words_are_recognised():
    assert [
        word for word in ("le", "à", "12", "x", "faire", "maximum", "vélo") if not is_function_word(word, "fr")
    ] == ["vélo"]
    assert lemma("cyclables", "fr") == "cyclable"
    assert lemma("слова", "xx") == "слова"


def test_finite_verbs_are_recognised_by_their_ending():
    finite = ["recevront", "deviennent", "coûtent", "survivait"]
    other = ["développer", "sécurisées", "couverte", "interdit", "horaires", "ateliers", "premières", "marche"]
    assert all(is_finite(word, "fr") for word in finite)
    assert not any(is_finite(word, "fr") for word in other)
    assert not any(is_finite(word, "en") for word in ("protects", "walks"))


def test_infinitives_differ_from_nouns_with_the_same_ending():
    infinitives = [
        "développer",
        "finir",
        "recevoir",
        "prendre",
        "revoir",
        "refaire",
        "électrifier",
        "developper",
        "obtenir",
    ]
    nouns = ["voiture", "métier", "trottoir", "loisir", "horaire", "lumière", "offre", "Montpellier", "hiver"]
    assert all(is_infinitive(word, "fr") for word in infinitives)
    assert not any(is_infinitive(word, "fr") for word in nouns)
    assert not is_infinitive("prefer", "en")


def test_number_and_gender_are_found_where_the_ending_shows_them():
    assert [number(word, "fr") for word in ("vélos", "vélo", "bus", "12")] == [1, -1, 0, 0]
    assert [gender(word, "fr") for word in ("privée", "privé", "gratuite", "gratuits", "gris", "rapide")] == [
        1,
        -1,
        1,
        -1,
        -1,
        0,
    ]
    assert number("bikes", "en") == gender("bikes", "en") == 0
    assert is_adverb("rapidement", "fr")
    assert not is_adverb("quickly", "en")
