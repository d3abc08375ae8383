"""What a word is by its form alone."""

from clustering.text.grammar import gender, is_action, is_adverb, is_finite, is_small, lemma, number


def test_small_words_carry_nothing():
    assert [word for word in ("le", "à", "12", "x", "faire", "maximum", "vélo") if not is_small(word, "fr")] == ["vélo"]
    assert lemma("cyclables", "fr") == "cyclable"
    assert lemma("слова", "xx") == "слова"


def test_a_verb_with_its_subject_is_told_by_its_ending():
    finite = ["recevront", "deviennent", "coûtent", "survivait"]
    other = ["développer", "sécurisées", "couverte", "interdit", "horaires", "ateliers", "premières", "marche"]
    assert all(is_finite(word, "fr") for word in finite)
    assert not any(is_finite(word, "fr") for word in other)
    assert not any(is_finite(word, "en") for word in ("protects", "walks"))


def test_an_action_is_told_from_a_noun_with_the_same_ending():
    actions = [
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
    assert all(is_action(word, "fr") for word in actions)
    assert not any(is_action(word, "fr") for word in nouns)
    assert not is_action("prefer", "en")


def test_number_and_gender_are_told_where_the_ending_tells():
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
