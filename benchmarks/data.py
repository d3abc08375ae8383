"""Real texts to measure on, their vectors (kept between two runs), and where results go."""

import csv
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("CONVERGENCE_DATA", HERE.parent.parent / "shared" / "data"))
RESULTS = HERE / "results"


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


def vectors_of(texts: list[str]) -> NDArray[np.float32]:
    """Embeds with the embedded model, or takes what an earlier run kept."""
    key = sha256("\0".join(texts).encode()).hexdigest()[:16]
    path = RESULTS / f"vectors-{key}.npy"
    if path.is_file():
        return np.load(path, allow_pickle=False)
    from clustering.embedding import load_encoder
    from clustering.text import clean_text, gist

    vectors = load_encoder().encode([gist(clean_text(text)) or " " for text in texts])
    RESULTS.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
    return vectors
