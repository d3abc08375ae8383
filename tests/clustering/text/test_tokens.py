"""Words, read once, and what is learnt from how the campaign uses them."""

import time

import numpy as np

from clustering.text.tokens import Words, usual_spellings
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
    assert french(["bus - vélo, d' entreprise, l’ eau"]).linked.tolist() == [False, False, False, True, False, True]


def test_words_learn_which_stay_together_and_which_are_nouns():
    words = french(CAMPAIGN)
    assert habits(words, "cyclable") == {"noun": False, "needs_before": True, "needs_after": False, "uses": 9}
    assert habits(words, "piste")["needs_after"]
    assert habits(words, "cantine")["noun"]


def test_a_verb_after_en_is_no_noun():
    words = french(
        ["Je viens en roulant en vélo", "En roulant doucement", "Le restaurant du quartier", "Au restaurant"]
    )
    assert not habits(words, "roulant")["noun"]
    assert habits(words, "restaurant")["noun"]


def told(words, name):
    """The words of which something is told, as written."""
    return [words.write(place, place) for place in np.flatnonzero(getattr(words, name))]


def out_of_names(text, others=()):
    words = french([text, *others])
    return [words.write(place, place) for place in range(words.starts[1]) if not words.in_name[place]]


def test_words_of_a_name_agree_in_number():
    assert out_of_names("mobilité alternatives") == ["alternatives"]
    assert out_of_names("mobilités alternatives, mobilité alternative, bus électriques") == []
    assert out_of_names("trains trop cher") == ["cher"]
    assert out_of_names("respect des droit") == ["droit"]
    often = ["les transports en commun"] * 4
    assert out_of_names("transports en commun gratuit", often) == ["gratuit"]
    assert out_of_names("transports en commun gratuits", often) == []


def test_words_of_a_name_agree_in_gender():
    known = ["le secteur", "un secteur", "du secteur", "la route", "une route", "cette route"] * 2
    assert out_of_names("secteur privée, secteur gratuite, route privé", known) == ["privée", "gratuite", "privé"]
    assert out_of_names("secteur privé, secteur gratuit, route privée", known) == []
    assert out_of_names("vélo sur le route", known) == ["route"]
    assert out_of_names("vélo sur la route, secteur pratique", known) == []
    assert out_of_names("argent sur que la route", known) == ["que"]


def test_a_name_leaves_no_word_out_that_another_one_needs():
    assert out_of_names("la création d entreprise") == ["entreprise"]
    assert out_of_names("zone rurale la voiture") == ["la"]
    assert out_of_names("personnes toutes les démarches") == ["toutes"]
    assert out_of_names("trains plus de fréquence, trains plus rapides", ["plus de"] * 3) == ["plus"]
    words = Words(["No person should vote without training", "It can be learned"], ["en", "en"], [1, 1])
    assert told(words, "barred") == ["person", "vote", "training", "can", "be", "learned"]


def test_all_that_is_said_between_two_breaks_is_known():
    words = french(["Il faudrait des trottoirs larges ! Pas de voitures, plus de bus"])
    assert told(words, "opens") == ["il", "faudrait", "des", "trottoirs", "pas", "plus", "de", "bus"]
    assert told(words, "closes") == ["larges", "voitures", "bus"]


def test_a_clause_with_a_verb_of_its_own_is_no_whole_without_it():
    words = french(["Est-ce que le bus passe, est-ce que je peux prendre le bus"])
    assert told(words, "opens") == ["est", "ce", "que", "est", "ce", "que", "prendre"]


def test_what_follows_a_verb_may_belong_to_it():
    words = french(["Envoyer au patient des documents, le prix du billet"])
    assert told(words, "governed") == ["au", "patient"]
    assert told(words, "loose") == ["au", "des"]


def test_an_english_phrase_ends_where_nothing_goes_on_with_it():
    words = Words(["Cities provide affordable housing because they are dense"], ["en"], [1])
    assert told(words, "at_end") == ["housing", "because", "they", "dense"]


def test_signs_cost_no_time():
    started = time.thread_time()
    words = french(["pont" + sign * 3990 for sign in (".", " .", "_", "'", "-")] * 10)
    assert words.lemmas == [("fr", "pont")]
    assert time.thread_time() - started < 1


def test_nothing_to_read():
    words = Words([], [], [])
    assert len(words.text) == len(words.lemmas) == 0
    assert Words(["", "…"], [None, None], [1, 1]).starts.tolist() == [0, 0, 0]
