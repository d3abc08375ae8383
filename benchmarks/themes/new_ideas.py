"""What a tenth more ideas change: what stays as it was in a second run, and where new ideas go without one.

Beside them, what stays the same when the same input is given twice, and when its rows are shuffled.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np

from benchmarks.data import Texts, grown, kept_encoder, load, vectors_of
from benchmarks.figures import Target, quantiles, report_progress, show_table, show_targets, timed
from benchmarks.themes.agreement import Agreement, agreement, labels_of
from clustering.arrays import Ints, Labels, Vectors
from clustering.pipeline import find_themes
from clustering.tracking.placing import NewIdea, Placer
from clustering.types import Previous, ThemeMap

ROOT = Path(__file__).resolve().parents[2]
SEED = 0

# Stability.
STABLE_SETS = ("gdn_mobilite_fr", "gdn_questions_fr", "banking77_en")
TWICE = "gdn_mobilite_fr"  # is grouped in two processes, embedding included
EARLIER = 0.9  # share of the ideas in the earlier run
STAYS = 0.9  # pairs that must stay as they were
SAME = 0.95  # adjusted Rand between a set and itself in another order
MORE, UNKNOWN, SHUFFLED = "a tenth more", "a tenth more, not knowing the first run", "shuffled"

# Placing.
DEMOS = ("mobility", "health", "dream_job")
PLACED_SETS = ("gdn_questions_fr", "clinc150_en", "gdn_mobilite_fr", "banking77_en", *DEMOS)
MIN_IDEAS_TO_SAMPLE = 200  # ideas below which all ten tenths are placed
MANY = 100_000  # ideas among which one is placed
ASKED = 200  # times
AMONG_MANY = "among many"
PLACED_MS = 50.0  # at most, for 95 of a hundred


def show_stability() -> dict[str, object]:
    """Prints and returns how much stays as it was."""
    print("\nTen per cent more ideas: the earlier ideas after a second run that knows the first; and rows shuffled")
    rows, targets = [], []
    results: dict[str, object] = {}
    for name in STABLE_SETS:
        texts = load(name)
        if texts is None:
            rows.append([name, "absent"])
            results[name] = {"absent": True}
            continue
        stayed = measure_stability(texts)
        rows.append(_row(name, len(texts.texts), stayed))
        results[name] = {what: found.as_json() for what, found in stayed.items()}
        targets.append(Target(f"{name}: pairs that stay as they were", stayed[MORE].pairs, STAYS))
        targets.append(Target(f"{name}: adjusted Rand, shuffled", stayed[SHUFFLED].adjusted, SAME))
    header = ["set", "n", "pairs stay", "adjusted Rand", "still together", "same id"]
    show_table([*header, "adjusted Rand, not knowing the first", "adjusted Rand, shuffled"], rows)
    report_progress(f"{TWICE}: twice")
    same = is_same_twice()
    said = "absent" if same is None else "the same to the byte" if same else "NOT the same"
    print(f"{TWICE} in two processes: {said}")
    if same is not None:
        targets.append(Target("the same input gives the same output", float(same), 1.0))
    return results | {"same twice": same, "targets": show_targets(targets)}


def _row(name: str, n: int, stayed: dict[str, Agreement]) -> list[str]:
    more = stayed[MORE]
    figures = [more.pairs, more.adjusted, more.together, more.kept]
    figures += [stayed[UNKNOWN].adjusted, stayed[SHUFFLED].adjusted]
    return [name, f"{n:,}", *(f"{figure:.3f}" for figure in figures)]


def measure_stability(texts: Texts) -> dict[str, Agreement]:
    """Compares nine tenths of a set grouped alone with how they are once all is grouped.

    MORE: by a run that continues the first one; UNKNOWN: by one that doesn't. SHUFFLED: all of the set beside
    itself in an order drawn by lot.
    """
    order = np.random.default_rng(SEED).permutation(len(texts.texts))
    earlier = np.sort(order[: round(EARLIER * len(order))])
    report_progress(f"{texts.name}: nine tenths, all of it, all of it shuffled")
    first, whole, shuffled = (_found(texts, rows) for rows in (earlier, np.arange(len(order)), order))
    report_progress(f"{texts.name}: a tenth more ideas")
    second = _found(texts, np.arange(len(order)), previous([str(row) for row in earlier], first))
    return {
        MORE: agreement(labels_of(first), labels_of(second)[earlier]),
        UNKNOWN: agreement(labels_of(first), labels_of(whole)[earlier]),
        SHUFFLED: agreement(labels_of(whole)[order], labels_of(shuffled)),
    }


def _found(texts: Texts, rows: Ints, known: Previous | None = None) -> ThemeMap:
    """The themes of some rows as people get them."""
    said, keys = [texts.texts[row] for row in rows], [str(row) for row in rows]
    return find_themes(said, keys=keys, encoder=kept_encoder(), previous=known, seed=SEED)


def previous(keys: list[str], found: ThemeMap) -> Previous:
    """What a run leaves for the next one, nobody having touched it."""
    return Previous(
        theme_of={key: idea.theme for key, idea in zip(keys, found.ideas, strict=True) if idea.theme is not None},
        positions={theme.id: (theme.x, theme.y) for theme in found.themes},
        placed={},
        kept=frozenset(),
        next_id=max((theme.id for theme in found.themes), default=-1) + 1,
    )


def is_same_twice() -> bool | None:
    """Whether two processes make the same of one file's texts, to the byte, but for the seconds that they took."""
    if load(TWICE) is None:
        return None
    command = [sys.executable, "-m", "benchmarks.themes.new_ideas", TWICE]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    digests = {
        json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment).stdout)
        for _ in range(2)
    }
    return len(digests) == 1


def digest_of(found: ThemeMap) -> str:
    """Returns the SHA-256 of all that a run gives but its seconds."""
    return sha256(repr(replace(found, seconds={})).encode()).hexdigest()


def show_placing() -> dict[str, object]:
    """Prints and returns where new ideas go, beside where a full run puts them, and how long one takes."""
    print("\nA tenth of each set placed among the themes of the others, beside a full run on all")
    found = measure_placing()
    columns = list(dict.fromkeys(column for name in PLACED_SETS for column in found[name] if column != "absent"))
    rows = [
        [name, "absent"] if "absent" in found[name] else [name, *(_cell(found[name], column) for column in columns)]
        for name in PLACED_SETS
    ]
    show_table(["set", *columns], rows)
    if AMONG_MANY not in found:
        print(f"Among {MANY:,}: absent")
        return {"sets": found}
    times = found[AMONG_MANY]
    print(f"Among {MANY:,}: " + ", ".join(f"{what} {value}" for what, value in times.items()))
    targets = [Target("one idea placed among many: p95 ms", times["place: p95 ms"], PLACED_MS, at_most=True)]
    return {"sets": found, "targets": show_targets(targets)}


def _cell(figures: dict[str, float], column: str) -> str:
    return f"{figures[column]:.3f}" if column in figures else ""


def measure_placing() -> dict[str, dict[str, float]]:
    """A tenth of each set placed among the themes of the others, beside a full run on all; and how long one takes."""
    results: dict[str, dict[str, float]] = {}
    for name in PLACED_SETS:
        report_progress(f"placing {name}")
        found = _demo(name) if name in DEMOS else load(name)
        results[name] = _placing(found, vectors_of(found.texts)) if found else {"absent": True}
    report_progress("placing among many")
    data = grown(MANY)
    if data:
        texts, vectors = data
        centres = vectors[:500]
        labels = [int(row) for row in np.argmax(vectors @ centres.T, axis=1)]
        placer = Placer(vectors, texts, labels)
        asked = range(0, MANY, MANY // ASKED)
        times = [timed(partial(placer.place, vectors[row], NewIdea(texts[row])))[1] for row in asked]
        results[AMONG_MANY] = quantiles("place", times)
    return results


def _placing(found: Texts, vectors: Vectors) -> dict[str, float]:
    """The means over some tenths of the set, all ten of a small one: each is placed among the themes of the others."""
    order = np.random.default_rng(SEED).permutation(len(vectors))
    tenths = np.array_split(order, 10)[: 10 if len(order) < MIN_IDEAS_TO_SAMPLE else 1]
    figures = [_placed(found, vectors, np.sort(np.setdiff1d(order, new)), new) for new in tenths]
    columns = dict.fromkeys(column for one in figures for column in one)
    return {column: float(np.mean([one[column] for one in figures if column in one])) for column in columns}


def _placed(found: Texts, vectors: Vectors, before: Ints, new: Ints) -> dict[str, float]:
    """`as the next run`: the share of `new` ideas that went where a run on all ideas puts them. That run continues the
    themes of the ideas `before`, as the application's does. The others are `wrongly placed`, or `wrongly left`. Beside
    it the share of the earlier ideas that this run leaves where they were, which is the best that one can reach.

    `as a run from nothing`: the same for a run without earlier themes; its own are matched by overlap.
    `labels right`: the share of those in a theme whose label is the theme's most frequent.
    """
    first = _found(found, before)
    earlier, known = labels_of(first), previous([str(row) for row in before], first)
    everyone = np.arange(len(vectors))
    later = labels_of(_found(found, everyone, known))
    fresh = labels_of(_found(found, everyone))
    fresh = _matched(fresh, fresh[before], earlier)
    themes = [None if theme < 0 else theme for theme in earlier.tolist()]
    placer = Placer(vectors[before], [found.texts[row] for row in before], themes, encoder=kept_encoder())
    places = [placer.place(vectors[row], NewIdea(found.texts[row])) for row in new]
    placed = np.array([-1 if place.theme is None else place.theme for place in places])
    wrong = placed != later[new]
    figures = {
        "as the next run": float((~wrong).mean()),
        "wrongly placed": float((wrong & (placed >= 0)).mean()),
        "wrongly left": float((wrong & (placed < 0)).mean()),
        "earlier ideas as the next run": float((earlier == later[before]).mean()),
        "as a run from nothing": float((placed == fresh[new]).mean()),
        "earlier ideas as a run from nothing": float((earlier == fresh[before]).mean()),
    }
    if found.labels[0]:
        usual = {theme: Counter(found.labels[before][earlier == theme]).most_common(1)[0][0] for theme in set(earlier)}
        inside = np.flatnonzero(placed >= 0)
        figures["labels right"] = float(np.mean([usual[placed[at]] == found.labels[new[at]] for at in inside]))
    oos = found.labels[new] == "oos"
    if oos.any():
        figures |= {"left over of oos": float((placed[oos] < 0).mean()), "of others": float((placed[~oos] < 0).mean())}
    return figures


def _demo(name: str) -> Texts:
    """The ideas of one of the demo's campaigns, as the application reads them."""
    ideas = json.loads((ROOT / "app" / "demo" / f"{name}.json").read_text(encoding="utf-8"))["ideas"]
    texts = [f"{idea.get('title') or ''}\n{idea.get('body') or ''}".strip() for idea in ideas]
    unknown = np.full(len(texts), "")
    return Texts(f"demo: {name}", texts, unknown, unknown)


def _matched(themes: Labels, here: Labels, there: Labels) -> Labels:
    """Renames `themes` one to one by what `here` shares with `there`, the largest share first; -2 for a new theme."""
    name_of: dict[int, int] = {-1: -1}
    for (one, other), _ in Counter(zip(here.tolist(), there.tolist(), strict=True)).most_common():
        if one not in name_of and other not in name_of.values():
            name_of[one] = other
    return np.array([name_of.get(theme, -2) for theme in themes.tolist()], dtype=np.intp)


if __name__ == "__main__":
    child = load(sys.argv[1])
    assert child is not None
    print(json.dumps(digest_of(find_themes(child.texts, seed=SEED))))
