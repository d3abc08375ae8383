"""Real texts to measure on, their vectors (kept between two runs), and where results go."""

import csv
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Vectors

if TYPE_CHECKING:
    from clustering.vectors.cache import KeptEncoder

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("CONVERGENCE_DATA") or HERE / "data")
CASES = os.environ.get("CONVERGENCE_CASES")  # a folder with files from the field, where there is one
RESULTS = HERE / "results"
GROWN_FROM = ("gdn_ideas_fr", "gdn_questions_fr", "gdn_mobilite_fr")
GROWN_BLOCK = 1 << 16  # rows grown at once
NOISE = 0.4  # its length, beside a mix of length about 0.8


@dataclass(frozen=True)
class Texts:
    """Texts with their labels ("" where there is none) and languages."""

    name: str
    texts: list[str]
    labels: NDArray[np.str_]
    langs: NDArray[np.str_]

    def where(self, rows: NDArray[np.bool_] | NDArray[np.intp], name: str | None = None) -> "Texts":
        """Returns some of the rows."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Texts(name or self.name, [self.texts[row] for row in places], self.labels[places], self.langs[places])


def load(name: str) -> Texts | None:
    """Reads a set; None when it isn't there."""
    path = DATA / f"{name}.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = np.array([row["label"] for row in rows])
    return Texts(name, [row["text"] for row in rows], labels, np.array([row["lang"] for row in rows]))


@cache
def kept_encoder() -> "KeptEncoder":
    """Returns the embedded model, which embeds what no earlier run has kept: ideas, and their passages.

    A run that is given vectors instead has no passages: it is not what people get.
    """
    from clustering.vectors.cache import FileStore, KeptEncoder
    from clustering.vectors.encoders import load_encoder

    return KeptEncoder(load_encoder(), FileStore(RESULTS / "kept"))


def vectors_of(texts: list[str]) -> Vectors:
    """Embeds with the embedded model what no earlier run has kept."""
    from clustering.vectors.encoders import embed_ideas

    return embed_ideas(kept_encoder(), texts)


def grown(n: int) -> tuple[list[str], Vectors] | None:
    """Grows the French sets to n texts and (n, 512) float32 unit rows; None when one of the sets isn't there.

    No person wrote these: each text is about the first half of one sentence and the second half of another that is
    near to it, and each vector a mix of the vectors of the two with noise, not an embedding of the text. The noise is
    such that as many grown texts as real ones have neighbours as near as those have. The same n gives the same data.
    A million take 2.7 GB.
    """
    sets = [load(name) for name in GROWN_FROM]
    texts = [text for one in sets if one for text in one.texts]
    if not all(sets):
        return None
    vectors = vectors_of(texts)
    rng = np.random.default_rng(n)
    partners = _partners(vectors, rng)
    words = [text.split() for text in texts]
    said: list[str] = []
    result = np.empty((n, vectors.shape[1]), dtype=np.float32)
    for start in range(0, n, GROWN_BLOCK):
        rows = result[start : start + GROWN_BLOCK]
        first = rng.integers(0, len(texts), len(rows))
        second = partners[first, rng.integers(0, partners.shape[1], len(rows))]
        share = rng.uniform(0.5, 0.9, (len(rows), 1)).astype(np.float32)
        rng.standard_normal(out=rows, dtype=np.float32)
        rows *= NOISE / np.sqrt(np.float32(rows.shape[1]))
        rows += share * vectors[first] + (1 - share) * vectors[second]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        cuts = rng.uniform(0.3, 0.7, (len(rows), 2)).tolist()
        said.extend(_joined(words[one], words[two], *cut) for one, two, cut in zip(first, second, cuts, strict=True))
    return said, result


def _partners(vectors: Vectors, rng: np.random.Generator) -> NDArray[np.intp]:
    """Returns (n, 5): those of a thousand others, taken by chance, that are nearest to each row."""
    order = rng.permutation(len(vectors))
    result = np.empty((len(vectors), 5), dtype=np.intp)
    for part in np.array_split(order, max(1, len(order) // 1000)):
        cosines = vectors[part] @ vectors[part].T
        np.fill_diagonal(cosines, -1)
        result[part] = part[np.argsort(-cosines, axis=1, kind="stable")[:, :5]]
    return result


def _joined(one: list[str], other: list[str], stop: float, start: float) -> str:
    return " ".join(one[: round(stop * len(one))] + other[round(start * len(other)) :])
