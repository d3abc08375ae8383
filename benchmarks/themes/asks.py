"""Ideas with several asks, composed of sentences of labelled sets; and titles alone beside titles with a body.

Nothing is chosen by these sets. An ask is found where the idea counts in a theme whose ideas with one ask mostly have
its label: by its main theme or by a passage.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from benchmarks.data import Texts, kept_encoder, load
from benchmarks.figures import Target, report_progress, show_table, show_targets
from benchmarks.themes.agreement import labels_of
from clustering.pipeline import find_themes
from clustering.types import ThemeMap

SEED = 0
HELD_OUT = {"clinc150_en": 900, "argkp_en": 1_200}  # set -> ideas
IDEAS_OF_A_LABEL = 30  # in the mean: a campaign has so many ideas of each need
MIN_OF_LABEL = 40  # sentences of a label, for it to be drawn; all labels where none has so many
SEVERAL = 0.15  # of the ideas have two to MAX_ASKS asks
MAX_ASKS = 4
WITH_FILLER = 1 / 3  # of the ideas end with a sentence that asks for nothing
# Sentences that ask for nothing, no two alike: a beginning, a middle and an end of each. So none is taken out as
# repeated by many, and the votes alone decide where it goes.
FILLERS = (
    (
        "It would be easy to do", "I think that many people would be glad of it", "Thank you for reading what we write",
        "Nobody has thought of it so far", "This is not a new thought", "We could begin next month",
        "My neighbours say the same", "It changes more than one would believe",
    ),
    (
        ", and would cost next to nothing", ", if I am not mistaken", ", whatever some of us say",
        ", at least to begin with", ", and it does not take long", ", which is a pleasure to see",
        ", now or a little later", ", and I mean it",
    ),
    (
        ".", " in my opinion.", " as far as I know.", " all things considered.", " to be honest.", " in any case.",
        " one way or another.", " when I think about it.",
    ),
)  # fmt: skip
# Every body has a combination of its own: no sentence is repeated by many, so that no rule takes it out.
OPENINGS = (
    "My sister said so at dinner", "We spoke of it in the lift", "It came to me on the way home",
    "A friend of mine wrote the same in a letter", "I noticed it again on Tuesday",
    "An uncle told me about his own case", "For two winters nobody has said it aloud",
    "Last spring I kept a small diary on the subject",
    "During the break three of us agreed", "While waiting in a queue I had time to think",
)  # fmt: skip
MIDDLES = (
    "and the more I think about it, the plainer it seems", "although I was not sure in the beginning",
    "which surprised even those who rarely say a word", "since the old way tires everybody out",
    "because small things add up in the end", "and I am told that others feel as I do",
    "so I would rather put it in writing", "even if that sounds like little to you",
    "as happens when people listen to each other", "and I have slept on it twice",
)  # fmt: skip
CLOSINGS = (
    "Please forgive my long sentences", "I am happy to tell more on the phone", "It could begin within a month",
    "Do with it what you like", "A first step would be enough for me", "There is no hurry on my side",
    "Somebody surely knows more than I do", "We would help where we can", "That is all I wanted to say",
    "Perhaps it has been tried already",
)  # fmt: skip
MIN_ASKS_FOUND = 0.75
MAX_LENGTH_AMI = 0.03  # of the themes with whether a text has a body


@dataclass(frozen=True)
class Composed:
    """Texts with the labels of what each asks."""

    texts: list[str]
    asks: list[frozenset[str]]


def show() -> dict[str, object]:
    """Prints and returns which asks are found, and whether themes go by length."""
    print("\nIdeas with several asks, composed of sentences with different labels; sets held out")
    rows: list[list[str]] = []
    kept: dict[str, object] = {}
    targets: list[Target] = []
    for name, size in HELD_OUT.items():
        texts = load(name)
        if texts is None:
            rows.append([name, "absent"])
            kept[name] = {"absent": True}
            continue
        report_progress(f"{name}: asks")
        composed = compose(texts, size)
        several, single, wrong = asks_found(composed, themes_of(composed.texts))
        length = length_ami(texts, size)
        rows.append([name, f"{size:,}", *(f"{value:.3f}" for value in (several, single, wrong, length))])
        kept[name] = {"ideas": size, "several": several, "single": single, "wrong": wrong, "length": length}
        targets.append(Target(f"{name}: asks found in ideas with several", several, MIN_ASKS_FOUND))
        targets.append(Target(f"{name}: AMI of theme and length", length, MAX_LENGTH_AMI, at_most=True))
    header = ["set", "ideas", "asks of several", "asks of one", "one, wrong theme", "AMI of theme and length"]
    show_table(header, rows)
    return {"sets": kept, "targets": show_targets(targets)}


def compose(texts: Texts, size: int) -> Composed:
    """Composes ideas of the sentences of a set, each sentence in one idea, in a random order."""
    rng = np.random.default_rng([SEED, size])
    order = iter(rng.permutation(_drawn(texts, size, rng)).tolist())
    fillers = iter([list(product(*FILLERS))[at] for at in rng.permutation(len(FILLERS[0]) ** 3).tolist()])
    said: list[str] = []
    asks: list[frozenset[str]] = []
    for place in range(size):
        count = int(rng.integers(2, MAX_ASKS + 1)) if place < SEVERAL * size else 1
        chosen: dict[str, int] = {}
        for row in islice(order, 4 * count):
            chosen.setdefault(str(texts.labels[row]), row)
            if len(chosen) == count:
                break
        if not chosen:
            break
        sentences = [_sentence(texts.texts[row]) for row in chosen.values()]
        if rng.random() < WITH_FILLER:
            sentences.append("".join(next(fillers)))
        said.append(" ".join(sentences))
        asks.append(frozenset(chosen))
    mixed = rng.permutation(len(said)).tolist()
    return Composed([said[at] for at in mixed], [asks[at] for at in mixed])


def _labelled(texts: Texts) -> list[int]:
    return [row for row, label in enumerate(texts.labels.tolist()) if label not in {"", "oos"}]


def _drawn(texts: Texts, size: int, rng: np.random.Generator) -> list[int]:
    """Returns the rows of some labels, drawn by chance among those with many."""
    rows = _labelled(texts)
    counts = Counter(texts.labels[rows].tolist())
    large = sorted(label for label, count in counts.items() if count >= MIN_OF_LABEL) or sorted(counts)
    labels = set(rng.permutation(large)[: max(2, size // IDEAS_OF_A_LABEL)].tolist())
    return [row for row in rows if texts.labels[row] in labels]


def _sentence(text: str) -> str:
    words = text.strip()
    return words[:1].upper() + words[1:] + ("" if words[-1:] in ".!?…" else ".")


def themes_of(texts: list[str]) -> list[frozenset[int]]:
    """Returns the themes in which each text counts, as people get them."""
    found = _found(texts)
    return [_counts_in(found, row) for row in range(len(texts))]


def _found(texts: list[str]) -> ThemeMap:
    return find_themes(texts, encoder=kept_encoder(), seed=SEED)


def _counts_in(found: ThemeMap, row: int) -> frozenset[int]:
    idea = found.ideas[row]
    main = [] if idea.theme is None else [idea.theme]
    return frozenset([*main, *(passage.theme for passage in idea.passages)])


def asks_found(composed: Composed, themes: list[frozenset[int]]) -> tuple[float, float, float]:
    """Returns the shares of asks found in ideas with several and with one, and of those with one in a wrong theme."""
    labels: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for asks, its in zip(composed.asks, themes, strict=True):
        if len(asks) == 1:
            for theme in its:
                labels[theme].update(asks)
    label_of = {theme: min(counts, key=lambda label: (-counts[label], label)) for theme, counts in labels.items()}
    found: dict[bool, list[bool]] = {True: [], False: []}
    wrong = []
    for asks, its in zip(composed.asks, themes, strict=True):
        about = {label_of.get(theme) for theme in its}
        found[len(asks) > 1] += [label in about for label in sorted(asks)]
        if len(asks) == 1:
            wrong.append(not about <= asks)
    return _share(found[True]), _share(found[False]), _share(wrong)


def _share(values: list[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def length_ami(texts: Texts, size: int) -> float:
    """Returns the AMI of theme and length where every other text is a title alone, and the others have a body."""
    from sklearn.metrics import adjusted_mutual_info_score

    rng = np.random.default_rng([SEED, size, 1])
    rows = rng.permutation(_labelled(texts))[:size].tolist()
    bodies = list(product(OPENINGS, MIDDLES, CLOSINGS))
    order = rng.permutation(len(bodies)).tolist()
    said = []
    for place, row in enumerate(rows):
        title = _sentence(texts.texts[row])
        opening, middle, closing = bodies[order[place // 2 % len(order)]]
        said.append(f"{title}\n{opening}, {middle}. {closing}." if place % 2 else title)
    themes = labels_of(_found(said))
    return float(adjusted_mutual_info_score(np.arange(len(rows)) % 2, themes))
