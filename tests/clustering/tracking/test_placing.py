"""A new idea goes where ideas like it are, and nowhere when there are none."""

import time

import numpy as np
import pytest

from clustering.errors import UnusableVectors
from clustering.tracking.placing import Placer
from clustering.types import Leftover
from clustering.vectors.encoders import embed_ideas
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF, TOPICS

THEME_OF = {topic: number for number, topic in enumerate(TOPICS, start=10)}
NEW = {
    "Une piste cyclable protégée devant le collège.": "vélo",
    "Plus de légumes de saison dans les repas de la cantine.": "cantine",
    "Annuler un rendez-vous chez le médecin par SMS.": "rendez-vous",
    "Un jour de télétravail de plus par semaine.": "télétravail",
}


@pytest.fixture(scope="module")
def vectors(encoder):
    return embed_ideas(encoder, CAMPAIGN)


@pytest.fixture(scope="module")
def placer(vectors):
    return Placer(vectors, CAMPAIGN, [THEME_OF[topic] for topic in TOPIC_OF])


def place(placer, encoder, text, forbidden=frozenset()):
    return placer.place(embed_ideas(encoder, [text])[0], text, forbidden)


@pytest.mark.parametrize(("text", "topic"), NEW.items())
def test_a_new_idea_goes_to_the_theme_of_ideas_like_it(placer, encoder, text, topic):
    found = place(placer, encoder, text)
    assert found.theme == THEME_OF[topic]
    assert found.leftover is None
    assert found.nearest[0].theme == found.theme
    assert found.nearest[0].strength == found.strength >= 0.5
    assert [near.strength for near in found.nearest] == sorted((near.strength for near in found.nearest), reverse=True)
    assert found.neighbours
    assert {TOPIC_OF[row] for row in found.neighbours} == {topic}


def test_an_idea_like_no_other_is_an_outlier(placer, encoder):
    found = place(placer, encoder, "Le volcan islandais projette des cendres.")
    assert found.theme is None
    assert found.leftover is Leftover.OUTLIER


@pytest.mark.parametrize("text", ["", "https://a.example/b", "👍👍", "\0\ud800"])
def test_an_idea_without_words_is_an_outlier(placer, encoder, text):
    found = place(placer, encoder, text)
    assert (found.theme, found.leftover, found.nearest, found.strength) == (None, Leftover.OUTLIER, (), 0.0)


def test_an_ambiguous_idea_goes_to_neither_theme():
    """The second theme is the first one mirrored, and the idea lies on the mirror; a third is not far."""
    first = np.eye(1, 8, dtype=np.float32) + np.random.default_rng(0).standard_normal((5, 8)).astype(np.float32) * 0.2
    second = first[:, [1, 0, *range(2, 8)]]
    third = np.eye(1, 8, 7, dtype=np.float32) + 0.3 * (first + second)
    placer = Placer(np.vstack([first, second, third]), [f"q{row}" for row in range(15)], [1] * 5 + [2] * 5 + [3] * 5)
    found = placer.place(first[0] + second[0], "a bench")
    assert (found.theme, found.leftover) == (None, Leftover.AMBIGUOUS)
    assert {near.theme for near in found.nearest[:2]} == {1, 2}
    assert placer.place(second[0], "a bench").theme == 2


def test_an_idea_with_the_same_words_goes_to_the_same_theme(vectors):
    """Whatever is around it: a person may have put it elsewhere than its like."""
    labels = [THEME_OF[topic] for topic in TOPIC_OF]
    labels[0] = 99
    again = CAMPAIGN[0].upper().replace(".", " !")
    found = Placer(vectors, CAMPAIGN, labels).place(vectors[0], again)
    assert (found.theme, found.neighbours[0]) == (99, 0)
    forbidden = Placer(vectors, CAMPAIGN, labels).place(vectors[0], again, frozenset({99}))
    assert forbidden.theme == THEME_OF[TOPIC_OF[0]]
    assert 0 not in forbidden.neighbours


def test_an_edited_idea_draws_nothing_to_its_old_theme(vectors):
    labels = [99, *(THEME_OF[topic] for topic in TOPIC_OF[1:])]
    placer = Placer(vectors, CAMPAIGN, labels)
    found = placer.place(vectors[0], CAMPAIGN[0], without=frozenset({0}))
    assert found.theme == THEME_OF[TOPIC_OF[0]]
    assert 0 not in found.neighbours
    twice = Placer(vectors[[0, *range(len(vectors))]], [CAMPAIGN[0], *CAMPAIGN], [99, *labels])
    still = twice.place(vectors[0], CAMPAIGN[0], without=frozenset({0}))
    assert (still.theme, still.neighbours[0]) == (99, 1), "another one says so"
    silent = twice.place(vectors[0], CAMPAIGN[0], without=frozenset(range(len(vectors) + 1)))
    assert (silent.theme, silent.neighbours) == (None, ())


def test_themes_that_people_changed_count(vectors, encoder):
    merged = {"vélo": 1, "cantine": 1, "rendez-vous": 2, "télétravail": None}
    labels = [merged[topic] for topic in TOPIC_OF]
    told_later = Placer(vectors, CAMPAIGN, [THEME_OF[topic] for topic in TOPIC_OF])
    told_later.label(labels)
    for placer in (Placer(vectors, CAMPAIGN, labels), told_later):
        places = {topic: place(placer, encoder, text) for text, topic in NEW.items()}
        assert {topic: found.theme for topic, found in places.items()} == merged
        assert places["télétravail"].leftover is not None


def test_an_idea_never_goes_where_it_is_forbidden(placer, encoder):
    for text, topic in NEW.items():
        found = place(placer, encoder, text, frozenset({THEME_OF[topic]}))
        assert found.theme != THEME_OF[topic]
        assert THEME_OF[topic] not in {near.theme for near in found.nearest}
        assert topic not in {TOPIC_OF[neighbour] for neighbour in found.neighbours}
        everywhere = place(placer, encoder, text, frozenset(THEME_OF.values()))
        assert (everywhere.theme, everywhere.neighbours) == (None, ())


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_ideas_are_no_error(vectors, count):
    for labels in ([None] * count, [7] * count):
        found = Placer(vectors[:count], CAMPAIGN[:count], labels).place(vectors[5], CAMPAIGN[5])
        assert (found.theme is None) == (found.leftover is not None)


def test_ideas_all_equal_are_no_error(vectors):
    placer = Placer(np.repeat(vectors[:1], 30, axis=0), CAMPAIGN[:1] * 30, [1] * 20 + [None] * 10)
    found = placer.place(vectors[0], CAMPAIGN[0])
    assert found.theme == 1
    assert 0 <= found.strength <= 1
    assert found.neighbours == (0,)
    assert placer.place(vectors[1], CAMPAIGN[1]).neighbours in ((), (0,))


def test_equal_vectors_of_different_texts_are_no_error(vectors):
    placer = Placer(np.repeat(vectors[:1], 30, axis=0), [f"q{row}" for row in range(30)], [1] * 30)
    assert placer.place(vectors[0], "q0").theme == 1
    assert placer.place(vectors[0], "other").strength <= 1


def test_same_ideas_same_place(placer, vectors):
    again = Placer(vectors, CAMPAIGN, [THEME_OF[topic] for topic in TOPIC_OF])
    said = list(zip(vectors, CAMPAIGN, strict=True))
    assert [again.place(row, text) for row, text in said] == [placer.place(row, text) for row, text in said]


@pytest.mark.parametrize("bad", [np.full((1, 512), np.nan), np.ones((1, 3)), np.full((1, 512), -np.inf)])
def test_an_unusable_vector_is_refused_with_one_plain_sentence(placer, bad):
    with pytest.raises(UnusableVectors):
        placer.place(bad[0], "x")
    with pytest.raises(UnusableVectors):
        Placer(bad, ["x"], [1]).place(np.ones(512), "x")


def test_each_vector_has_a_text_and_a_label(vectors):
    with pytest.raises(ValueError, match="one text"):
        Placer(vectors, ["x"], [1] * len(vectors))
    with pytest.raises(ValueError, match="one theme"):
        Placer(vectors, CAMPAIGN, [1])


@pytest.mark.slow
def test_among_many_ideas_a_place_is_found_at_once():
    many = np.random.default_rng(0).standard_normal((50_000, 64)).astype(np.float32)
    placer = Placer(many, [f"q{row} w{row % 999}" for row in range(len(many))], [row % 300 for row in range(len(many))])
    took = []
    for row in range(3):
        started = time.perf_counter()
        placer.place(many[row], f"w{row}")
        took.append(time.perf_counter() - started)
    assert min(took) < 0.05
