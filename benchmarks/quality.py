"""How well the themes agree with people's labels, with peers beside them on the same vectors."""

import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import Texts, load, vectors_of
from clustering.pipeline import find_themes
from clustering.quality import Score, score

SEED = 0
Labels = NDArray[np.intp]
Grouper = Callable[[list[str], NDArray[np.float32]], tuple[Labels, float]]


@dataclass(frozen=True)
class Measure:
    """One method on one set. `seconds`: from vectors to groups."""

    name: str
    method: str
    n: int
    seconds: float
    score: Score

    def as_json(self) -> dict[str, object]:
        return {"set": self.name, "method": self.method, "n": self.n, "seconds": round(self.seconds, 2)} | {
            key: round(value, 4) for key, value in asdict(self.score).items()
        }


def labelled_sets() -> list[tuple[str, Texts | None]]:
    """The sets of the goal: one default setting for all of them."""
    sib, clinc, stack = load("sib200_multi"), load("clinc150_en"), load("stackoverflow_en")
    rng = np.random.default_rng(SEED)
    return [
        ("gdn_questions_fr", load("gdn_questions_fr")),
        ("msss_covid_paraphrases_fr", load("msss_covid_paraphrases_fr")),
        ("sib200_fr", sib and sib.where(sib.langs == "fr")),
        ("argkp_en", load("argkp_en")),
        ("banking77_en", load("banking77_en")),
        ("clinc150_en, no oos", clinc and clinc.where(clinc.labels != "oos")),
        ("stackoverflow_en, 4,000", stack and stack.where(np.sort(rng.permutation(len(stack.texts))[:4000]))),
    ]


def ours(texts: list[str], vectors: NDArray[np.float32]) -> tuple[Labels, float]:
    """The pipeline as people get it; the time is that of its grouping stage."""
    found = find_themes(texts, vectors=vectors, seed=SEED)
    place = {theme.id: at for at, theme in enumerate(found.themes)}
    labels = np.array([-1 if idea.theme is None else place[idea.theme] for idea in found.ideas], dtype=np.intp)
    return labels, found.seconds["group"]


def bertopic(texts: list[str], vectors: NDArray[np.float32]) -> tuple[Labels, float]:
    """BERTopic with its defaults, its UMAP seeded."""
    from bertopic import BERTopic
    from umap import UMAP

    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED)
    started = time.perf_counter()
    topics, _ = BERTopic(umap_model=umap).fit_transform(texts, vectors)
    return np.asarray(topics, dtype=np.intp), time.perf_counter() - started


def evoc(_texts: list[str], vectors: NDArray[np.float32]) -> tuple[Labels, float]:
    """EVoC with its defaults."""
    from evoc import EVoC

    started = time.perf_counter()
    labels = EVoC(random_state=SEED).fit_predict(vectors)
    return np.asarray(labels, dtype=np.intp), time.perf_counter() - started


def methods() -> dict[str, Grouper]:
    """Ours, and the peers that are installed (`pip install .[bench]`)."""
    from importlib.util import find_spec

    found: dict[str, Grouper] = {"Convergence": ours}
    if find_spec("bertopic"):
        found["BERTopic"] = bertopic
    if find_spec("evoc"):
        found["EVoC"] = evoc
    return found


def measure_quality(tell: Callable[[str], None]) -> list[Measure]:
    """Runs every method on every set."""
    results = []
    for name, texts in labelled_sets():
        if texts is None:
            tell(f"{name}: absent")
            continue
        vectors = vectors_of(texts.texts)
        for method, grouper in methods().items():
            tell(f"{name}: {method}")
            labels, seconds = _quietly(grouper, texts.texts, vectors)
            results.append(Measure(name, method, len(labels), seconds, score(texts.labels, labels, vectors)))
    return results


def measure_leftovers() -> dict[str, float] | None:
    """On clinc150 with its out-of-scope rows: the share left over of those, and of the others."""
    clinc = load("clinc150_en")
    if clinc is None:
        return None
    labels, _ = ours(clinc.texts, vectors_of(clinc.texts))
    oos = clinc.labels == "oos"
    return {
        "of what belongs nowhere": float((labels[oos] < 0).mean()),
        "of the others": float((labels[~oos] < 0).mean()),
    }


def measure_languages() -> dict[str, float] | None:
    """On the nine languages of sib200 that the model knows: themes must form by topic, not by language."""
    from sklearn.metrics import adjusted_mutual_info_score

    from clustering.quality import fill

    sib = load("sib200_multi")
    if sib is None:
        return None
    known = sib.where(sib.langs != "ca")
    vectors = vectors_of(known.texts)
    labels, seconds = ours(known.texts, vectors)
    filled = fill(labels, vectors)
    return {
        "AMI with topic": float(adjusted_mutual_info_score(known.labels, filled)),
        "AMI with language": float(adjusted_mutual_info_score(known.langs, filled)),
        "seconds": seconds,
    }


def _quietly(grouper: Grouper, texts: list[str], vectors: NDArray[np.float32]) -> tuple[Labels, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peers' own
        return grouper(texts, vectors)
