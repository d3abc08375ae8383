"""Vectors are kept: a second run embeds only what is new, and finds the same bits."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from clustering.errors import ClusteringError
from clustering.text.cleaning import encodable
from clustering.vectors.cache import CHUNK, FileStore, KeptEncoder, digest
from tests.clustering.conftest import CAMPAIGN
from tests.clustering.vectors.test_encoders import BAD


@pytest.fixture
def kept(encoder, tmp_path):
    """Returns a new encoder over one and the same folder, as a new process would have it."""
    return lambda: KeptEncoder(encoder, FileStore(tmp_path / "kept"))


def test_only_what_is_new_is_embedded(kept):
    first = kept()
    first.encode(CAMPAIGN)
    assert (first.asked, first.embedded) == (len(CAMPAIGN), len(CAMPAIGN))
    second = kept()
    second.encode([*CAMPAIGN, "Une idée de plus."])
    assert (second.asked, second.embedded) == (len(CAMPAIGN) + 1, 1)


def test_kept_and_new_vectors_are_bit_for_bit_the_same(kept, encoder):
    kept().encode(CAMPAIGN[::3])
    cold = encoder.encode(CAMPAIGN)
    assert np.array_equal(kept().encode(CAMPAIGN), cold)
    assert np.array_equal(kept().encode(CAMPAIGN[::-1]), cold[::-1])


def test_a_repeated_text_is_embedded_once(kept):
    twice = kept()
    vectors = twice.encode(["oui", "non", "oui"])
    assert twice.embedded == 2
    assert np.array_equal(vectors[0], vectors[2])
    assert twice.encode([]).shape == (0, 512)


def test_progress_goes_over_the_whole(kept):
    kept().encode(CAMPAIGN[:9])
    reported = []
    kept().encode(CAMPAIGN, reported.append)
    assert reported[0] > 9 / len(CAMPAIGN)
    assert reported == sorted(reported)
    assert reported[-1] == 1.0
    reported.clear()
    kept().encode(CAMPAIGN, reported.append)
    assert reported == [1.0]


def test_a_stopped_run_keeps_what_it_did(kept):
    def stop(done):
        if done > 0.8:
            raise KeyboardInterrupt

    texts = [f"idée {number}" for number in range(CHUNK + 1)]
    with pytest.raises(KeyboardInterrupt):
        kept().encode(texts, lambda done: stop(done if done > CHUNK / len(texts) else 0))
    again = kept()
    again.encode(texts)
    assert again.embedded == 1


@pytest.mark.parametrize("damage", [b"", b"x" * 100, "half", "bit", "folder"])
def test_a_damaged_file_counts_as_not_there(kept, encoder, tmp_path, damage):
    kept().encode(CAMPAIGN)
    (path,) = (tmp_path / "kept").glob("*.vectors")
    whole = path.read_bytes()
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        bits = {"half": whole[: len(whole) // 2], "bit": whole[:100] + bytes([whole[100] ^ 64]) + whole[101:]}
        path.write_bytes(bits.get(damage, damage))
    again = kept()
    assert np.array_equal(again.encode(CAMPAIGN), encoder.encode(CAMPAIGN))
    assert again.embedded == len(CAMPAIGN)


def test_an_unusable_kept_vector_is_embedded_again(encoder):
    class Wrong:
        """A store whose answers fit the digests but not the model."""

        def known(self, digests):
            values = [b"", b"\0" * 2048, np.full(512, np.nan, np.float32).tobytes(), b"\xff" * 2047]
            return dict(zip(digests, values, strict=False))

        def keep(self, vectors):
            pass

    again = KeptEncoder(encoder, Wrong())
    assert np.array_equal(again.encode(CAMPAIGN), encoder.encode(CAMPAIGN))
    assert again.embedded == len(CAMPAIGN)


def _keep(folder: Path, number: int) -> None:
    store = FileStore(folder)
    for at in range(20):
        store.keep({digest("m", f"{at}"): b"same", digest("m", f"{number} {at}"): bytes([number])})


def test_two_processes_share_a_folder(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_keep, args=(tmp_path, number)) for number in (1, 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    texts = [f"{number} {at}" for number in (1, 2) for at in range(20)]
    found = FileStore(tmp_path).known([digest("m", text) for text in texts])
    assert list(found.values()) == [bytes([1])] * 20 + [bytes([2])] * 20
    assert not list(tmp_path.glob(".*"))


def test_a_folder_that_cannot_be_made_is_one_plain_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ClusteringError) as refused:
            FileStore(folder)
        assert "\n" not in str(refused.value)


def test_another_model_has_other_vectors():
    assert digest("a", "text") != digest("b", "text")
    assert len({digest("m", text) for text in BAD}) == len({encodable(text) for text in BAD})


def test_a_text_in_capitals_shares_its_vector_with_the_same_in_lower_case():
    assert digest("m", "DES BANCS À L’OMBRE") == digest("m", "des bancs à l’ombre")


def test_any_text_is_kept(kept, encoder):
    assert np.array_equal(kept().encode(BAD), encoder.encode(BAD))
    assert np.array_equal(kept().encode(BAD), encoder.encode(BAD))
