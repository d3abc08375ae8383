"""A new idea goes where ideas like it are, and nowhere when there are none."""

import time

import numpy as np
import pytest

from clustering.embedding import embed_ideas
from clustering.errors import UnusableVectors
from clustering.placing import Placer
from clustering.types import Leftover
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
    return Placer(vectors, [THEME_OF[topic] for topic in TOPIC_OF])


@pytest.mark.parametrize(("text", "topic"), NEW.items())
def test_a_new_idea_goes_to_the_theme_of_ideas_like_it(placer, encoder, text, topic):
    place = placer.place(embed_ideas(encoder, [text])[0])
    assert place.theme == THEME_OF[topic]
    assert place.leftover is None
    assert place.nearest[0].theme == place.theme
    assert place.nearest[0].strength == place.strength >= 0.5
    assert [near.strength for near in place.nearest] == sorted((near.strength for near in place.nearest), reverse=True)
    assert place.neighbours
    assert {TOPIC_OF[row] for row in place.neighbours} == {topic}


def test_an_idea_like_no_other_stays_alone(placer, encoder):
    place = placer.place(embed_ideas(encoder, ["Le volcan islandais projette des cendres."])[0])
    assert place.theme is None
    assert place.leftover is Leftover.ALONE


@pytest.mark.parametrize("text", ["", "https://a.example/b", "👍👍", "\0\ud800"])
def test_an_idea_without_words_stays_alone(placer, encoder, text):
    place = placer.place(embed_ideas(encoder, [text])[0])
    assert (place.theme, place.leftover, place.nearest, place.strength) == (None, Leftover.ALONE, (), 0.0)


def test_what_people_changed_counts(vectors, encoder):
    merged = {"vélo": 1, "cantine": 1, "rendez-vous": 2, "télétravail": None}
    placer = Placer(vectors, [merged[topic] for topic in TOPIC_OF])
    places = {
        topic: placer.place(row) for topic, row in zip(NEW.values(), embed_ideas(encoder, list(NEW)), strict=True)
    }
    assert {topic: place.theme for topic, place in places.items()} == merged
    assert places["télétravail"].leftover is not None


def test_an_idea_never_goes_where_it_is_forbidden(placer, encoder):
    for row, topic in zip(embed_ideas(encoder, list(NEW)), NEW.values(), strict=True):
        place = placer.place(row, frozenset({THEME_OF[topic]}))
        assert place.theme != THEME_OF[topic]
        assert THEME_OF[topic] not in {near.theme for near in place.nearest}
        assert topic not in {TOPIC_OF[neighbour] for neighbour in place.neighbours}
        everywhere = placer.place(row, frozenset(THEME_OF.values()))
        assert (everywhere.theme, everywhere.neighbours) == (None, ())


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_hardly_any_ideas_are_no_error(vectors, count):
    for labels in ([None] * count, [7] * count):
        place = Placer(vectors[:count], labels).place(vectors[5])
        assert (place.theme is None) == (place.leftover is not None)


def test_ideas_all_equal_are_no_error(vectors):
    place = Placer(np.repeat(vectors[:1], 30, axis=0), [1] * 15 + [None] * 15).place(vectors[0])
    assert 0 <= place.strength <= 1


def test_same_ideas_same_place(placer, vectors):
    again = Placer(vectors, [THEME_OF[topic] for topic in TOPIC_OF])
    assert [again.place(row) for row in vectors] == [placer.place(row) for row in vectors]


@pytest.mark.parametrize("bad", [np.full((1, 512), np.nan), np.ones((1, 3)), np.full((1, 512), -np.inf)])
def test_what_is_no_vector_is_one_plain_sentence(placer, bad):
    with pytest.raises(UnusableVectors):
        placer.place(bad[0])
    with pytest.raises(UnusableVectors):
        Placer(bad, [1]).place(np.ones(512))


def test_each_vector_has_a_label(vectors):
    with pytest.raises(ValueError, match="for each"):
        Placer(vectors, [1])


def test_among_many_ideas_a_place_is_found_at_once():
    many = np.random.default_rng(0).standard_normal((50_000, 64)).astype(np.float32)
    placer = Placer(many, [row % 300 for row in range(len(many))])
    started = time.perf_counter()
    placer.place(many[0])
    assert time.perf_counter() - started < 0.05
