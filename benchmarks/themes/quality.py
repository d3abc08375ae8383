"""How well the themes agree with people's labels, with peers beside them on the same vectors."""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from benchmarks.data import Texts, kept_encoder, load, vectors_of
from benchmarks.figures import Target, report_progress, show_table, show_targets
from benchmarks.themes.agreement import Score, fill, places_of, score
from clustering.arrays import Labels
from clustering.pipeline import find_themes

SEED = 0
OURS = "Convergence"
AHEAD, BEHIND = 0.03, -0.02  # of the better peer: in the mean, at least; on any set, no worse
OUT, OTHERS = 0.65, 0.12  # of clinc150: share left over of what belongs nowhere, at least; of the others, at most
TOPIC, LANGUAGE = 0.45, 0.02  # of sib200: AMI with topic, at least; with language, at most
UNKNOWN_LANG = "ca"  # of sib200: the model was not trained on it

Grouper = Callable[[list[str], NDArray[np.float32]], tuple[Labels, float]]
Shares = dict[str, dict[str, float]]  # method -> what -> figure
OUT_OF_SCOPE, IN_SCOPE = "of what belongs nowhere", "of the others"
WITH_TOPIC, WITH_LANGUAGE = "AMI with topic", "AMI with language"


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


def show() -> dict[str, object]:
    """Prints and returns agreement with people's labels, peers beside us."""
    print("\nAgreement with people's labels, same vectors (AMI filled = leftovers given to the nearest theme)")
    for peer in ("bertopic", "evoc"):
        if find_spec(peer) is None:
            print(f"{peer} is not installed: pip install '.[bench]'")
    measures = measure_quality()
    there = {measure.name for measure in measures}
    absent = [name for name, _ in labelled_sets() if name not in there]
    header = ["set", "n", "method", "AMI filled", "as is", "homogeneity", "themes", "left over", "seconds"]
    show_table(header, [*map(_row, measures), *([name, "", "absent"] for name in absent), *_means(measures)])
    leftovers = _show_shares("Left over on clinc150, with what belongs nowhere", measure_leftovers())
    languages = _show_shares("Nine languages of sib200", measure_languages())
    targets = _targets(measures, leftovers, languages)
    return {
        "sets": [measure.as_json() for measure in measures],
        "absent": absent,
        "leftovers": leftovers,
        "languages": languages,
        "targets": show_targets(targets),
    }


def _row(measure: Measure) -> list[str]:
    found = measure.score
    figures = [f"{found.filled:.3f}", f"{found.as_is:.3f}", f"{found.homogeneity:.3f}", str(found.themes)]
    return [measure.name, f"{measure.n:,}", measure.method, *figures, f"{found.leftover:.0%}", f"{measure.seconds:.1f}"]


def _means(measures: list[Measure]) -> Iterator[list[str]]:
    for method in methods():
        of_method = [measure.score for measure in measures if measure.method == method]
        if of_method:
            filled, as_is = mean(found.filled for found in of_method), mean(found.as_is for found in of_method)
            yield ["mean", "", method, f"{filled:.3f}", f"{as_is:.3f}"]


def _show_shares(title: str, found: Shares | None) -> Shares | None:
    print(f"\n{title}{'' if found else ': absent'}")
    if found:
        columns = list(next(iter(found.values())))
        rows = [[method, *(f"{shares[column]:.3f}" for column in columns)] for method, shares in found.items()]
        show_table(["method", *columns], rows)
    return found


def _targets(measures: list[Measure], leftovers: Shares | None, languages: Shares | None) -> list[Target]:
    targets = margins(measures)
    if leftovers:
        targets.append(Target("clinc150: left over of what belongs nowhere", leftovers[OURS][OUT_OF_SCOPE], OUT))
        targets.append(Target("clinc150: left over of the others", leftovers[OURS][IN_SCOPE], OTHERS, at_most=True))
    if languages:
        targets.append(Target("sib200: AMI with topic", languages[OURS][WITH_TOPIC], TOPIC))
        targets.append(Target("sib200: AMI with language", languages[OURS][WITH_LANGUAGE], LANGUAGE, at_most=True))
    return targets


def margins(measures: list[Measure]) -> list[Target]:
    """Returns how far we are ahead of the better peer: by the means, and on the set where that is least."""
    filled: dict[str, dict[str, float]] = {}
    for measure in measures:
        filled.setdefault(measure.name, {})[measure.method] = measure.score.filled
    peers = sorted({measure.method for measure in measures} - {OURS})
    if not peers:
        return []
    better = max(mean(scores[peer] for scores in filled.values()) for peer in peers)
    ahead = {name: scores[OURS] - max(scores[peer] for peer in peers) for name, scores in filled.items()}
    worst = min(ahead, key=lambda name: ahead[name])
    return [
        Target("our mean less the better peer's", mean(scores[OURS] for scores in filled.values()) - better, AHEAD),
        Target(f"the worst set ({worst}), less its better peer's", ahead[worst], BEHIND),
    ]


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


def ours(texts: list[str], _vectors: NDArray[np.float32]) -> tuple[Labels, float]:
    """The pipeline as people get it, passages included; the time is that of its grouping stage.

    The model gives it the same vectors as the peers have.
    """
    found = find_themes(texts, encoder=kept_encoder(), seed=SEED)
    return places_of(found), found.seconds["group"]


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
    found: dict[str, Grouper] = {OURS: ours}
    if find_spec("bertopic"):
        found["BERTopic"] = bertopic
    if find_spec("evoc"):
        found["EVoC"] = evoc
    return found


def measure_quality() -> list[Measure]:
    """Runs every method on every set."""
    results = []
    for name, texts in labelled_sets():
        if texts is None:
            continue
        vectors = vectors_of(texts.texts)
        for method, labels, seconds in _each_method(name, texts, vectors):
            results.append(Measure(name, method, len(labels), seconds, score(texts.labels, labels, vectors)))
    return results


def measure_leftovers() -> Shares | None:
    """On clinc150 with its out-of-scope rows: the share left over of those, and of the others."""
    clinc = load("clinc150_en")
    if clinc is None:
        return None
    oos = clinc.labels == "oos"
    return {
        method: {OUT_OF_SCOPE: float((labels[oos] < 0).mean()), IN_SCOPE: float((labels[~oos] < 0).mean())}
        for method, labels, _ in _each_method("clinc150_en, with oos", clinc, vectors_of(clinc.texts))
    }


def measure_languages() -> Shares | None:
    """On the nine languages of sib200 that the model supports: themes must form by topic, not by language."""
    sib = load("sib200_multi")
    if sib is None:
        return None
    known = sib.where(sib.langs != UNKNOWN_LANG)
    vectors = vectors_of(known.texts)
    results = {}
    for method, labels, seconds in _each_method("sib200, nine languages", known, vectors):
        filled = fill(labels, vectors)
        results[method] = {
            WITH_TOPIC: float(adjusted_mutual_info_score(known.labels, filled)),
            WITH_LANGUAGE: float(adjusted_mutual_info_score(known.langs, filled)),
            "left over": float((labels < 0).mean()),
            "seconds": seconds,
        }
    return results


def _each_method(name: str, texts: Texts, vectors: NDArray[np.float32]) -> Iterator[tuple[str, Labels, float]]:
    """Yields each method with its labels and its seconds."""
    for method, grouper in methods().items():
        report_progress(f"{name}: {method}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the peers' own
            labels, seconds = grouper(texts.texts, vectors)
        yield method, labels, seconds
