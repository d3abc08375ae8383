"""One more text gets the links that a run would give it."""

import numpy as np
import pytest

from clustering.arrays import normalize_rows
from clustering.grouping.groups import find_isolated, group
from clustering.tracking.incremental import IncrementalNeighbours
from clustering.vectors.encoders import embed_ideas
from clustering.vectors.neighbors import centred
from tests.clustering.conftest import CAMPAIGN

EVERYWHERE = np.ones(len(CAMPAIGN) - 1, dtype=np.bool_)


@pytest.fixture(scope="module")
def meaning(encoder):
    return normalize_rows(centred(embed_ideas(encoder, CAMPAIGN)))


@pytest.mark.slow
@pytest.mark.parametrize("row", range(0, len(CAMPAIGN), 7))
def test_its_links_are_those_that_a_run_gives_it(meaning, row):
    """But for the words and the mean, which a run takes from all ideas and this from the others."""
    others = np.delete(np.arange(len(CAMPAIGN)), row)
    neighbours = IncrementalNeighbours(meaning[others], [CAMPAIGN[other] for other in others])
    links = neighbours.links(meaning[row], CAMPAIGN[row], EVERYWHERE)
    graph = group(meaning, CAMPAIGN).links
    of_a_run = graph[[row]].toarray()[0][others]
    here = np.zeros(len(others))
    here[links.rows] = links.weights
    assert np.corrcoef(here, of_a_run)[0, 1] > 0.97
    assert here.sum() == pytest.approx(of_a_run.sum(), rel=0.25)


def test_texts_with_the_same_words_have_stronger_links():
    """With random vectors, so that only the words differ."""
    meaning = normalize_rows(np.random.default_rng(0).standard_normal((40, 256)).astype(np.float32))
    texts = [f"le bus de nuit {row}" if row < 20 else f"la cantine bio {row}" for row in range(40)]
    links = IncrementalNeighbours(meaning, texts).links(
        normalize_rows(meaning.sum(axis=0)[None])[0], "bus de nuit", np.ones(40, bool)
    )
    same = links.rows < 20
    assert links.weights[same].sum() > 2 * links.weights[~same].sum()


def test_only_texts_among_the_given_ones_are_linked(meaning):
    neighbours = IncrementalNeighbours(meaning[1:], CAMPAIGN[1:])
    among = EVERYWHERE.copy()
    among[::2] = False
    assert not (neighbours.links(meaning[0], CAMPAIGN[0], among).rows % 2 == 0).any()
    assert len(neighbours.links(meaning[0], CAMPAIGN[0], ~EVERYWHERE).rows) == 0


def test_a_text_far_from_all_is_isolated(meaning, encoder):
    neighbours = IncrementalNeighbours(meaning, CAMPAIGN)
    everywhere = np.ones(len(CAMPAIGN), dtype=np.bool_)
    volcano = "Le volcan islandais projette des cendres."
    texts = [*CAMPAIGN, volcano]
    vectors = embed_ideas(encoder, texts)
    mean = vectors[:-1].mean(axis=0)
    assert neighbours.links(normalize_rows(vectors[-1:] - mean)[0], volcano, everywhere).isolated
    assert find_isolated(group(normalize_rows(vectors - mean), texts).near)[-1]
    assert not neighbours.links(meaning[0], CAMPAIGN[0], everywhere).isolated


def test_a_campaign_of_few_texts_is_no_error(meaning):
    for count in (0, 1, 2):
        neighbours = IncrementalNeighbours(meaning[:count], CAMPAIGN[:count])
        links = neighbours.links(meaning[5], CAMPAIGN[5], np.ones(count, dtype=np.bool_))
        assert (len(links.rows), links.isolated) == (count, False)
        assert np.isfinite(links.weights).all()
