"""How near names come to what people wrote for the same ideas, BERTopic's beside ours; and names to be read.

On argkp_en people matched each argument to one key point. The reference of a theme is the key point that most of its
members were matched to, and the score of a name its cosine with that text, by the embedded model.
"""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import places_of
from benchmarks.data import Texts, load, vectors_of
from benchmarks.figures import Target, report_progress, show_targets
from clustering.pipeline import find_themes
from clustering.types import ThemeMap
from clustering.vectors.encoders import load_encoder

SEED = 0
SHOWN = 10  # themes shown beside each other
READ = 20  # French names to be read, for each set
FRENCH = (("gdn_mobilite_fr", None), ("gdn_ideas_fr", 6000), ("msss_covid_paraphrases_fr", None))  # set, first rows
AHEAD = 0.03  # in cosine: a clear margin
TOO_FEW_ROWS = 2  # members with a key point below which a theme has no reference


def show() -> dict[str, object]:
    """Prints and returns names: scored, side by side, and to be read."""
    scored, read = _scored(), {name: _french(name, rows) for name, rows in FRENCH}
    targets = _show_scored(scored) if scored else _show_absent("argkp_en")
    for name, names in read.items():
        if names is None:
            _show_absent(name)
        else:
            print(f"\nNames of {name}:\n  " + "\n  ".join(names))
    absent = {"absent": True}
    return {
        "argkp_en": scored or absent,
        "to read": {name: names or absent for name, names in read.items()},
        "targets": targets,
    }


def _show_absent(name: str) -> list[dict[str, object]]:
    print(f"\nNames of {name}: absent")
    return []


def _show_scored(scored: Mapping[str, Any]) -> list[dict[str, object]]:
    figures = ", ".join(f"{what} {value:.3f}" for what, value in scored["figures"].items())
    print(f"\nNames of argkp_en, cosine with the key point of most members: {figures}")
    for row in scored["shown"]:
        print(f"  {row['key point']}")
        for who in ("Convergence", "BERTopic"):
            if who in row:
                print(f"    {who:<12} {row[who + ' score']:.2f}  {row[who]}")
    ahead = scored["figures"].get("ahead by")
    return (
        [] if ahead is None else show_targets([Target("names nearer to key points than BERTopic's by", ahead, AHEAD)])
    )


def _scored() -> dict[str, Any] | None:
    """Scores the names of argkp_en's themes; None when the set isn't there."""
    texts = load("argkp_en")
    if texts is None:
        return None
    report_progress("argkp_en: names")
    found = _themes(texts)
    labels = places_of(found)
    references = {place: point for place in range(len(found.themes)) if (point := _key_point(texts, labels == place))}
    names = {"Convergence": [theme.name for theme in found.themes]}
    if find_spec("bertopic"):
        report_progress("argkp_en: BERTopic's names for the same members")
        names["BERTopic"] = _bertopic(texts.texts, labels)
    places = list(references)
    wanted = load_encoder().encode(list(references.values()))
    scores = {who: _cosines([given[place] for place in places], wanted) for who, given in names.items()}
    figures = {who: float(score.mean()) for who, score in scores.items()}
    if "BERTopic" in scores:
        figures["ahead by"] = figures["Convergence"] - figures["BERTopic"]
        figures["ahead in"] = float((scores["Convergence"] > scores["BERTopic"]).mean())
    shown = [
        {"key point": references[places[at]]}
        | {who: given[places[at]] for who, given in names.items()}
        | {f"{who} score": float(score[at]) for who, score in scores.items()}
        for at in np.linspace(0, len(places) - 1, min(SHOWN, len(places))).astype(int).tolist()
    ]
    return {"themes": len(places), "figures": figures, "shown": shown}


def _french(name: str, rows: int | None) -> list[str] | None:
    texts = load(name)
    if texts is None:
        return None
    report_progress(f"{name}: names")
    some = texts.where(np.arange(min(rows or len(texts.texts), len(texts.texts))))
    found = _themes(some)
    return [f"{theme.name}  ({theme.size}: {', '.join(theme.phrases[:3])})" for theme in found.themes[:READ]]


def _themes(texts: Texts) -> ThemeMap:
    return find_themes(texts.texts, vectors=vectors_of(texts.texts), encoder=load_encoder(), seed=SEED)


def _key_point(texts: Texts, members: NDArray[np.bool_]) -> str | None:
    """The key point that most of the members were matched to; the label is its id, a colon, and its text."""
    counts = Counter(label.split(": ", 1)[1] for label in texts.labels[members].tolist() if ": " in label)
    if counts.total() < TOO_FEW_ROWS:
        return None
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0]


def _cosines(names: Sequence[str], wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    return (load_encoder().encode(list(names)) * wanted).sum(axis=1)


def _bertopic(texts: Sequence[str], labels: NDArray[np.intp]) -> list[str]:
    """BERTopic's default names for given topics ("0_word_word_word_word"), without the number and the underscores."""
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction

    model = BERTopic(
        embedding_model=BaseEmbedder(), umap_model=BaseDimensionalityReduction(), hdbscan_model=BaseCluster()
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own
        topics, _ = model.fit_transform(list(texts), y=labels)
    named = {int(topic): str(name) for topic, name in model.topic_labels_.items()}
    topic_of = dict(zip(labels.tolist(), (int(topic) for topic in topics), strict=True))
    return [" ".join(named[topic_of[place]].split("_")[1:]) for place in range(int(labels.max()) + 1)]
