"""Names read as a person would have written them."""

import re
import time

import numpy as np
import pytest

from clustering.language import stop_words
from clustering.naming import Names, spare_name
from clustering.phrase import Lexicon
from clustering.text import strip_accents
from clustering.word import question_lemmas
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF, TOPICS


def french(texts, **options):
    return Lexicon(texts, ["fr"] * len(texts), [1] * len(texts), **options)


def rows_of(topic):
    return np.array([row for row, other in enumerate(TOPIC_OF) if other == topic])


GROUPS = [rows_of(topic) for topic in TOPICS]


def spares(groups):
    return [f"spare {number}" for number in range(len(groups))]


def names(lexicon, groups, vectors=None, encoder=None, **options):
    given = Names(lexicon, vectors, encoder).give(groups, spares(groups), **options)
    return [label.name for label in given]


@pytest.fixture(scope="module")
def vectors(encoder):
    return encoder.encode(CAMPAIGN)


def test_the_campaign_is_named_after_its_subjects(vectors, encoder):
    lexicon = french(CAMPAIGN)
    for found in (names(lexicon, GROUPS), names(lexicon, GROUPS, vectors), names(lexicon, GROUPS, vectors, encoder)):
        told = dict(zip(TOPICS, (name.lower() for name in found), strict=True))
        assert "pistes cyclables" in told["vélo"]
        assert "cantine" in told["cantine"]
        assert "rendez-vous" in told["rendez-vous"] or "médecin" in told["rendez-vous"]
        assert "télétravail" in told["télétravail"]


def test_names_keep_to_the_rules(vectors, encoder):
    lexicon = french(CAMPAIGN)
    halves = [half for group in GROUPS for half in (group[::2], group[1::2])]
    given = Names(lexicon, vectors, encoder)
    broad = given.give([np.arange(18), np.arange(18, 36)], ["a", "b"], broad=True)
    labels = [*broad, *given.give(GROUPS, spares(GROUPS)), *given.give(halves, spares(halves))]
    small = stop_words("fr")
    for label in labels:
        words = re.findall(r"\w+", strip_accents(label.name.lower()))
        assert 2 <= len(label.name.split()) <= 6
        assert label.name[0].isupper()
        assert not {words[0], words[-1]} & small
        assert 1 <= len(label.phrases) <= 6
    assert all(len(label.name.split()) <= 3 for label in broad)
    assert len({label.name.casefold() for label in labels}) == len(labels)


def test_the_same_members_have_the_same_name(vectors):
    given = Names(french(CAMPAIGN), vectors)
    first = given.give(GROUPS, spares(GROUPS))
    again = given.give([group[::-1] for group in GROUPS], spares(GROUPS))
    assert [label.name for label in again] == [label.name for label in first]


def test_a_second_campaign_run_says_the_same(vectors, encoder):
    assert names(french(CAMPAIGN), GROUPS, vectors, encoder) == names(french(CAMPAIGN), GROUPS, vectors, encoder)


def test_the_question_is_set_aside(vectors):
    aside = question_lemmas("Que faire du télétravail ?", ["fr", None])
    assert "teletravail" in aside
    found = names(french(CAMPAIGN, set_aside=aside), [rows_of("télétravail")], vectors)
    assert found[0].casefold() != "télétravail"


def test_a_theme_is_named_in_the_language_of_most_of_its_ideas():
    texts = ["Free public transport for all", "Free public transport please", "Transports publics gratuits"]
    lexicon = Lexicon([*texts, *CAMPAIGN], ["en", "en", "fr"] + ["fr"] * len(CAMPAIGN), [1] * (3 + len(CAMPAIGN)))
    assert names(lexicon, [np.arange(3)]) == ["Free public transport"]


def test_a_name_is_no_clause_cut_short():
    texts = [
        "Le vélo et la marche doivent être encouragés",
        "Favoriser le vélo et la marche",
        "Les transports en commun sont trop chers",
        "Les transports en commun sont en retard le matin",
        "Supprimer les lignes et fermer la gare",
        "Fermer la gare",
    ] * 3
    lexicon = french([*texts, *CAMPAIGN])
    found = names(lexicon, [np.arange(row, 18, 6) for row in range(6)])
    assert not any(re.search(r"\b(sont|doivent|être)\b", name) for name in found)
    assert not any(name.startswith(("Lignes et fermer", "Commun")) for name in found)
    assert "la marche" not in " ".join(name for name in found if name.startswith("Vélo"))


def test_what_one_person_says_names_no_other_ideas():
    texts = ["Voir plus haut", "Je ne sais pas", "Pas moi", "Rien à dire sur la turbine", "Je ne vois pas"]
    given = Names(french([*texts, *CAMPAIGN])).give([np.arange(5)], [spare_name(texts[0])])
    assert given[0].name == "Voir plus haut"


def test_a_single_word_gets_another_beside_it():
    texts = ["La messe !", "La mosquée et la messe", "messe, mosquée", "La mosquée"] * 2
    found = names(french([*texts, *CAMPAIGN]), [np.arange(8)])
    assert found[0] in {"Messe et mosquée", "Mosquée et messe"}


@pytest.mark.parametrize(
    ("text", "lang"), [("👍👍", None), ("مرحبا بالعالم", "ar"), ("日本語の文章", "ja"), ("12 34", "fr"), ("", None)]
)
def test_any_script_gets_a_name(text, lang):
    lexicon = Lexicon([text] * 5, [lang] * 5, [1] * 5)
    found = Names(lexicon).give([np.arange(3), np.arange(3, 5)], [spare_name(text)] * 2)
    assert all(label.name for label in found)
    assert len({label.name for label in found}) == 2


def test_a_theme_without_ideas_has_no_name():
    label = Names(french(CAMPAIGN)).give([np.array([], dtype=int)], [""])[0]
    assert (label.name, label.phrases, label.ranked) == ("", (), ())


def test_no_ideas_have_no_names():
    assert Names(Lexicon([], [], [])).give([], []) == []


def test_vectors_of_another_model_name_alone(vectors, encoder):
    short = np.ascontiguousarray(vectors[:, :100])
    assert names(french(CAMPAIGN), GROUPS, short, encoder) == names(french(CAMPAIGN), GROUPS, short)


def test_the_spare_name_is_short():
    assert spare_name("un deux trois quatre cinq six sept") == "un deux trois quatre cinq six…"
    assert spare_name("Voir ma réponse plus haut. Merci d’avance pour tout.") == "Voir ma réponse plus haut"
    assert spare_name("Je n'en vois pas !") == "Je n’en vois pas"
    assert spare_name("x" * 100) == "x" * 60 + "…"
    assert spare_name("😀") == "😀"
    assert spare_name("") == "…"


def test_many_themes_are_named_in_no_time(vectors):
    texts = [f"{text} {number % 50}" for number in range(100) for text in CAMPAIGN]
    groups = [np.arange(start, len(texts), 60) for start in range(60)]
    many = np.tile(vectors, (100, 1))
    started = time.perf_counter()
    names(french(texts), groups, many)
    assert time.perf_counter() - started < 5
