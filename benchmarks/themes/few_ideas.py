"""Small campaigns, drawn from labelled sets: how many needs are found, and how much one idea removed changes."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import mean

import numpy as np

from benchmarks.data import kept_encoder, load
from benchmarks.figures import Target, show_table, show_targets
from benchmarks.themes import small_sets
from benchmarks.themes.agreement import labels_of
from clustering.arrays import Labels
from clustering.pipeline import find_themes

TUNED_ON = ("msss_covid_paraphrases_fr", "banking77_en")
LOOKED_AT = ("clinc150_en", "argkp_en")  # seldom, and nothing is chosen by them
SIZES = (16, 30, 60, 120, 250)
MAX_SMALL = 120  # ideas of a campaign in which granularity is tried
DRAWS = 6  # campaigns of each set and size
ALONE = "alone"  # label of an idea that belongs to no need
ALONE_SHARE = 0.15
SAME = 0.6  # of a need in one theme, and of that theme in the need, for it to be found
REMOVALS = 6  # ideas removed, one at a time
GRANULARITY = (-1, 0, 1)  # a step coarser, as it is, a step finer
STEADY_SIZES = {60: (0.75, 0.60), 900: (0.90, 0.80)}  # ideas -> adjusted Rand index promised: mean, worst


@dataclass(frozen=True)
class Campaign:
    """A few ideas with the need that each states."""

    texts: list[str]
    needs: list[str]


def show() -> dict[str, object]:
    """Prints and returns needs found in small campaigns, drawn and written, steadiness, and what granularity does."""
    print("\nNeeds found in small campaigns, in sets tuned on and in others")
    rows: list[list[str]] = []
    found: dict[str, object] = {}
    for kind, names in (("tuned on", TUNED_ON), ("held out", LOOKED_AT)):
        for name in names:
            shares = {size: needs_found(name, size) for size in SIZES} if load(name) else None
            found[name] = shares or "absent"
            rows.append([name, kind, *(f"{share:.2f}" for share in shares.values())] if shares else [name, "absent"])
    show_table(["set", "", *(f"{size} ideas" for size in SIZES)], rows)
    steady = {f"{name} {size}": steadiness(name, size) for name in LOOKED_AT[:1] for size in STEADY_SIZES}
    targets = []
    for what, scores in steady.items():
        if scores:
            promised = STEADY_SIZES[int(what.split()[-1])]
            targets.append(Target(f"one idea removed, {what}: mean", mean(scores), promised[0]))
            targets.append(Target(f"one idea removed, {what}: worst", min(scores), promised[1]))
    changed = {name: granularity_changes(name) for name in (*TUNED_ON, *LOOKED_AT) if load(name)}
    for name, (both, drawn) in changed.items():
        print(f"{name}: granularity changes the themes in both directions in {both} of {drawn} campaigns")
    written = small_sets.show()
    return {
        "needs": found,
        "steadiness": steady,
        "granularity": changed,
        "written": written,
        "targets": show_targets(targets),
    }


def needs_found(name: str, size: int) -> float:
    """Returns the share of needs found in DRAWS campaigns drawn from a set that is there."""
    found: Counter[bool] = Counter()
    for seed in range(DRAWS):
        campaign = draw(name, size, seed)
        labels = themes(campaign.texts)
        found.update(found_needs(campaign.needs, labels))
    return found[True] / found.total()


def draw(name: str, size: int, seed: int) -> Campaign:
    """Draws needs of a few ideas each, and ideas that stand alone. Raises FileNotFoundError where there is no set."""
    texts = load(name)
    if texts is None:
        raise FileNotFoundError(name)
    rng = np.random.default_rng([size, seed])
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, label in enumerate(texts.labels.tolist()):
        if label != "oos":
            rows_of[label].append(row)
    order = rng.permutation(sorted(rows_of)).tolist()
    alone = round(ALONE_SHARE * size)
    chosen: list[tuple[int, str]] = []
    while len(chosen) < size - alone and order:
        need = order.pop()
        most = min(int(rng.integers(2, 9 if size <= SIZES[2] else max(10, size // 6))), size - alone - len(chosen))
        chosen += [(row, need) for row in rng.permutation(rows_of[need])[:most].tolist()]
    chosen += [(int(rng.choice(rows_of[need])), ALONE) for need in order[:alone]]
    return Campaign([texts.texts[row] for row, _ in chosen], [need for _, need in chosen])


def found_needs(needs: list[str], labels: Labels) -> list[bool]:
    """Returns for each need of two ideas or more whether a theme holds SAME of it and is SAME made of it."""
    sizes = Counter(labels.tolist())
    result = []
    for need, size in Counter(needs).items():
        if need == ALONE or size < 2:
            continue
        inside = Counter(int(label) for label, one in zip(labels, needs, strict=True) if one == need and label >= 0)
        result.append(any(count >= SAME * max(size, sizes[theme]) for theme, count in inside.items()))
    return result


def steadiness(name: str, size: int) -> list[float]:
    """Returns the adjusted Rand index between a first run and one without an idea, for some ideas."""
    from sklearn.metrics import adjusted_rand_score

    texts = load(name)
    if texts is None:
        return []
    rng = np.random.default_rng(size)
    chosen = [texts.texts[row] for row in rng.permutation(len(texts.texts))[:size].tolist()]
    before = themes(chosen)
    scores = []
    for row in rng.permutation(size)[:REMOVALS].tolist():
        rest = np.delete(np.arange(size), row)
        after = themes([chosen[one] for one in rest.tolist()])
        scores.append(float(adjusted_rand_score(before[rest], after)))
    return scores


def granularity_changes(name: str) -> tuple[int, int]:
    """Returns in how many campaigns drawn from a set, of up to 120 ideas, a step finer gives more themes and a step
    coarser fewer; and how many were drawn.
    """
    changed = []
    for size in (size for size in SIZES if size <= MAX_SMALL):
        for seed in range(DRAWS):
            texts = draw(name, size, seed).texts
            fewer, as_is, more = (len(set(themes(texts, step).tolist()) - {-1}) for step in GRANULARITY)
            changed.append(fewer < as_is < more)
    return sum(changed), len(changed)


def themes(texts: list[str], granularity: int = 0) -> Labels:
    """Returns the theme of each text, -1 for one left over, as people get them."""
    return labels_of(find_themes(texts, encoder=kept_encoder(), granularity=granularity))
