"""Words, read once, and what is learnt from how the campaign uses them."""

import numpy as np

from clustering.word import Words, is_finite, is_small, lemma, usual_spellings
from tests.clustering.conftest import CAMPAIGN


def french(texts):
    return Words(texts, ["fr"] * len(texts), [1] * len(texts))


def habits(words, root):
    place = words.lemmas.index(("fr", root))
    return {name: getattr(words, name)[place] for name in ("noun", "needs_before", "needs_after", "uses")}


def test_accents_follow_the_majority():
    assert usual_spellings([("des", 3), ("dès", 1)])["des"] == "des"
    assert usual_spellings([("velo", 2), ("vélo", 1)])["velo"] == "vélo"


def test_capitals_are_those_of_the_middle_of_sentences():
    words = french(["Fermer la SNCF", "La SNCF de Paris", "SUPPRIMER LES GARES", "Les gares de Paris et sncf"])
    assert words.write(*(words.starts[3] + np.array([1, 5]))) == "gares de Paris et SNCF"


def test_what_stands_between_words_is_shown_as_written():
    words = french(["l'aide à l'achat, au rendez-vous"])
    assert words.write(0, 4) == "l’aide à l’achat"
    assert words.write(6, 7) == "rendez-vous"
    assert words.linked.tolist() == [False, True, True, True, True, False, True, True]


def test_small_words_carry_nothing():
    assert [word for word in ("le", "à", "12", "x", "faire", "vélo") if not is_small(word, "fr")] == ["vélo"]
    assert lemma("cyclables", "fr") == "cyclable"
    assert lemma("слова", "xx") == "слова"


def test_a_verb_with_its_subject_is_told_by_its_ending():
    finite = ["recevront", "deviennent", "coûtent", "survivait"]
    other = ["développer", "sécurisées", "couverte", "interdit", "horaires", "ateliers", "premières", "marche"]
    assert all(is_finite(word, "fr") for word in finite)
    assert not any(is_finite(word, "fr") for word in other)
    assert not any(is_finite(word, "en") for word in ("protects", "walks"))


def test_words_learn_which_stay_together_and_which_are_nouns():
    words = french(CAMPAIGN)
    assert habits(words, "cyclable") == {"noun": False, "needs_before": True, "needs_after": False, "uses": 9}
    assert habits(words, "piste")["needs_after"]
    assert habits(words, "cantine")["noun"]


def test_nothing_to_read():
    words = Words([], [], [])
    assert len(words.text) == len(words.lemmas) == 0
    assert Words(["", "…"], [None, None], [1, 1]).starts.tolist() == [0, 0, 0]
