"""Tokens, and their tags learnt from how the campaign uses them."""

import numpy as np
import pytest

from clustering.text.tagging import TaggedTokens
from clustering.text.tokens import find_words, usual_spellings
from tests.clustering.conftest import CAMPAIGN
from tests.effort import effort


def french(texts):
    return TaggedTokens(texts, ["fr"] * len(texts), [1] * len(texts))


def habits(words, root):
    place = words.lemmas.index(("fr", root))
    return {name: getattr(words, name)[place] for name in ("noun", "needs_before", "needs_after", "uses")}


def test_accents_follow_the_majority():
    assert usual_spellings([("des", 3), ("dès", 1)])["des"] == "des"
    assert usual_spellings([("velo", 2), ("vélo", 1)])["velo"] == "vélo"


def test_capitals_are_those_of_the_middle_of_sentences():
    words = french(["Fermer la SNCF", "La SNCF de Paris", "SUPPRIMER LES GARES", "Les gares de Paris et sncf"])
    assert words.surface(*(words.starts[3] + np.array([1, 5]))) == "gares de Paris et SNCF"


def test_gaps_between_words_are_shown_as_written():
    words = french(["l'aide à l'achat, au rendez-vous"])
    assert words.surface(0, 4) == "l’aide à l’achat"
    assert words.surface(6, 7) == "rendez-vous"
    assert words.linked.tolist() == [False, True, True, True, True, False, True, True]
    assert french(["bus - vélo, d' entreprise, l’ eau"]).linked.tolist() == [False, False, False, True, False, True]


def test_fixed_expressions_and_nouns_are_learnt():
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


def tagged(words, name):
    """The tokens with some tag, as written."""
    return [words.surface(place, place) for place in np.flatnonzero(getattr(words, name))]


def outside_names(text, others=()):
    words = french([text, *others])
    return [words.surface(place, place) for place in range(words.starts[1]) if not words.fits_inside[place]]


def test_words_of_a_name_agree_in_number():
    assert outside_names("mobilité alternatives") == ["alternatives"]
    assert outside_names("mobilités alternatives, mobilité alternative, bus électriques") == []
    assert outside_names("trains trop cher") == ["cher"]
    assert outside_names("respect des droit") == ["droit"]
    often = ["les transports en commun"] * 4
    assert outside_names("transports en commun gratuit", often) == ["gratuit"]
    assert outside_names("transports en commun gratuits", often) == []


def test_words_of_a_name_agree_in_gender():
    known = ["le secteur", "un secteur", "du secteur", "la route", "une route", "cette route"] * 2
    assert outside_names("secteur privée, secteur gratuite, route privé", known) == ["privée", "gratuite", "privé"]
    assert outside_names("secteur privé, secteur gratuit, route privée", known) == []
    assert outside_names("vélo sur le route", known) == ["route"]
    assert outside_names("vélo sur la route, secteur pratique", known) == []
    assert outside_names("argent sur que la route", known) == ["que"]


def test_no_name_starts_or_continues_without_a_word_it_needs():
    assert outside_names("la création d entreprise") == ["entreprise"]
    assert outside_names("zone rurale la voiture") == ["la"]
    assert outside_names("personnes toutes les démarches") == ["toutes"]
    assert outside_names("trains plus de fréquence, trains plus rapides", ["plus de"] * 3) == ["plus"]
    words = TaggedTokens(["No person should vote without training", "It can be learned"], ["en", "en"], [1, 1])
    assert tagged(words, "cannot_start") == ["person", "vote", "training", "can", "be", "learned"]


def test_a_negation_denies_up_to_the_next_content_word():
    words = french(["Ne pas fermer la gare, sans bus. Fermer la gare. Stop à la coupe des arbres"])
    assert tagged(words, "negated") == ["pas", "fermer", "bus", "à", "la", "coupe"]


def test_an_english_phrase_ends_where_nothing_continues_it():
    words = TaggedTokens(["Cities provide affordable housing because they are dense"], ["en"], [1])
    assert tagged(words, "can_end") == ["housing", "because", "they", "dense"]


def test_many_signs_take_no_time():
    with effort() as cost:
        words = french(["pont" + sign * 3990 for sign in (".", " .", "_", "'", "-")] * 10)
        assert words.lemmas == [("fr", "pont")]
    assert cost.seconds < 1


def test_no_texts_have_no_tokens():
    words = TaggedTokens([], [], [])
    assert len(words.text_of) == len(words.lemmas) == 0
    assert TaggedTokens(["", "…"], [None, None], [1, 1]).starts.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("साइकिल के लिए रास्ता", "hi", ["साइकिल", "के", "लिए", "रास्ता"]),  # vowel signs belong to their word
        ("CO2 l’été", "fr", ["CO2", "l", "été"]),
        ("une cle\u0301", "fr", ["une", "cle\u0301"]),
        ("Fahrradabstellanlage am Bahnhof", "de", ["Fahrradabstellanlage", "am", "Bahnhof"]),
    ],
)
def test_words_are_whole_in_any_script(text, lang, found):
    assert [word for _, word in find_words(text, lang)] == found


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("駅の駐輪場", "ja", ["駅", "の", "駐輪場"]),
        ("增加公共停车", "zh", ["增加", "公共", "停车"]),
        ("ทางจักรยาน", "th", ["ทาง", "จักรยาน"]),
    ],
)
def test_words_without_spaces_are_found_by_unicode_rules(text, lang, found):
    assert [word for _, word in find_words(f"{text}!", lang)] == found


def test_words_without_spaces_keep_what_stands_before_them():
    assert list(find_words("ทางจักรยาน ดี!", "th")) == [("", "ทาง"), ("", "จักรยาน"), (" ", "ดี")]
