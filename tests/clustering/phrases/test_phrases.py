"""Phrases: counted by lemma, and shown as people write them."""

import numpy as np

from clustering.phrases.lexicon import Lexicon
from clustering.phrases.ranking import contrast_phrases, rank_phrases, shared_phrases, without_repeats
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF, TOPICS


def french(texts, weights=None):
    return Lexicon(texts, ["fr"] * len(texts), weights or [1] * len(texts))


def rows_of(topic):
    return np.array([row for row, other in enumerate(TOPIC_OF) if other == topic])


def test_fixed_expressions_are_never_cut():
    texts = ["Plus de transports en commun", "Des transports en commun gratuits", "transports en commun le soir"] * 3
    phrases = rank_phrases(french([*texts, *CAMPAIGN]), [np.arange(9)])[0]
    assert "transports en commun" in phrases[0].text
    assert not any(phrase.text in {"commun", "transports", "commun gratuits"} for phrase in phrases)


def test_inflections_and_accents_count_together_and_show_the_usual_form():
    texts = [
        "Des vélos électriques",
        "un vélo électrique",
        "velo electrique",
        "les vélos électriques",
        "vélos électriques",
    ]
    phrases = rank_phrases(french([*texts, *CAMPAIGN]), [np.arange(5)])[0]
    assert (phrases[0].text, phrases[0].share, phrases[0].count) == ("vélos électriques", 1.0, 5)


def test_a_text_counts_as_often_as_ideas_share_it():
    lexicon = french(["La piscine", "Le gymnase", *CAMPAIGN], [3, 1] + [1] * len(CAMPAIGN))
    phrase = rank_phrases(lexicon, [np.array([0, 0, 0, 1])])[0][0]
    assert (phrase.text, phrase.count, phrase.share) == ("piscine", 3, 0.75)


def test_a_phrase_of_one_person_is_no_phrase_of_a_theme():
    ranked = rank_phrases(french(CAMPAIGN), [rows_of("cantine")])[0]
    assert all(phrase.count >= 2 for phrase in ranked)


def test_phrases_do_not_repeat_each_other():
    for ranked in rank_phrases(french(CAMPAIGN), [rows_of(topic) for topic in TOPICS]):
        phrases = without_repeats(ranked)
        assert 1 <= len(phrases) <= 6
        assert len({phrase.key for phrase in phrases}) == len(phrases)


def test_an_idea_shares_the_phrases_that_it_uses():
    lexicon, rows = french(CAMPAIGN), rows_of("vélo")
    ranked = rank_phrases(lexicon, [rows])[0]
    shared = shared_phrases(lexicon, rows, ranked)
    assert len(shared) == len(rows)
    assert all("pistes cyclables" in phrases for phrases in shared[:3])
    assert set(shared_phrases(lexicon, rows_of("cantine"), ranked)) == {()}
    assert shared_phrases(lexicon, rows[:2], []) == [(), ()]


def test_two_themes_are_contrasted_by_phrases_of_only_one():
    lexicon = french(CAMPAIGN)
    here, there = contrast_phrases(lexicon, rows_of("cantine"), rows_of("télétravail"))
    assert "cantine" in here[0]
    assert "télétravail" in there[0]
    assert not set(here) & set(there)
    assert contrast_phrases(lexicon, rows_of("cantine"), rows_of("cantine")) == ((), ())


def test_texts_without_words_have_no_phrases():
    lexicon = Lexicon(["", "12 34", "👍"], [None, "fr", None], [1, 1, 1])
    assert lexicon.incidence.shape == (3, 0)
    assert rank_phrases(lexicon, [np.arange(3), np.array([], dtype=int)]) == [[], []]
    assert contrast_phrases(lexicon, np.arange(3), np.array([], dtype=int)) == ((), ())
