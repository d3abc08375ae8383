"""How fast the ideas nearest to a new one are found."""

import numpy as np

from benchmarks.data import grown, load
from benchmarks.table import Target, report_progress, show_targets
from benchmarks.timing import quantiles, timed
from clustering.vectors.encoders import load_encoder
from clustering.vectors.similar import Similar

SEED = 0
MANY = 100_000  # vectors that are searched
ASKED = 200  # times something is asked for
FOUND_MS, EMBEDDED_MS = 30.0, 10.0  # at most, for 95 of a hundred


def show() -> dict[str, object]:
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
