"""Answers that say nothing and copies of a petition, added to ideas: whether needs of the others are still found."""

from collections import Counter
from collections.abc import Callable
from statistics import mean

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks.data import kept_encoder, load
from benchmarks.figures import Target, show_table, show_targets
from benchmarks.themes.agreement import labels_of
from benchmarks.themes.few_ideas import Campaign, draw, found_needs
from clustering.arrays import Labels
from clustering.pipeline import find_themes
from clustering.types import Leftover, ThemeMap

SETS = {"msss_covid_paraphrases_fr": "fr", "clinc150_en": "en", "argkp_en": "en"}
SIZE = 250  # ideas of a campaign, before anything is added
DRAWS = 3
SHARES = (0.1, 0.3, 0.6)  # of all texts, that are added ones
SENTENCES = 3  # of the set, that make the petition
EMPTY = {  # written for this, not taken from the lists of the program; some are in them
    "fr": (
        *(
            "RAS",
            "rien de plus",
            "Néant.",
            "je n'ai pas d'avis",
            "sans opinion",
            "-",
            "non",
            "Pas d'idée",
            "???",
            "N/A",
        ),
        *("cf. plus haut", "Aucune remarque particulière", "merci", "ne se prononce pas", "rien à ajouter pour moi"),
    ),
    "en": (
        *("n/a", "nothing", "No comment.", "none that I can think of", "don't know", "no", "-", "...", "NA", "thanks"),
        *("No idea, sorry", "see above", "nothing to add", "no opinion", "not sure"),
    ),
}
OPENINGS = {
    "fr": ("Bonjour, ", "Comme mes voisins : ", "Madame, Monsieur, ", ""),
    "en": ("Hello, ", "Like my neighbours: ", "Dear all, ", ""),
}

Adding = Callable[[Campaign, str, int, np.random.Generator], list[str]]


def show() -> dict[str, object]:
    """Prints and returns, for each set and share, what was told apart and what became of the other ideas."""
    print("\nAnswers that say nothing and copies of a petition: what becomes of the other ideas")
    rows: list[list[str]] = []
    figures: dict[str, object] = {}
    targets: list[Target] = []
    for name, lang in SETS.items():
        if load(name) is None:
            rows.append([name, "absent"])
            figures[name] = "absent"
            continue
        for what, (add, is_told) in ADDED.items():
            for share in SHARES:
                kept, found, before, told = measure(name, lang, share, add, is_told)
                rows.append([name, what, f"{share:.0%}", f"{told:.2f}", f"{kept:.3f}", f"{found:.3f}", f"{before:.3f}"])
                figures[f"{name}, {what}, {share}"] = {"told": told, "rand": kept, "found": found, "without": before}
                targets.append(Target(f"{name}, {share:.0%} {what}: needs found", found, before))
    show_table(["set", "added", "of all", "told apart", "adjusted Rand of the others", "needs", "without them"], rows)
    return {"sets": figures, "targets": show_targets(targets)}


def measure(
    name: str, lang: str, share: float, add: Adding, is_told: Callable[[ThemeMap, int], float]
) -> tuple[float, float, float, float]:
    """Returns means over DRAWS campaigns, each 0..1.

    The adjusted Rand index of the themes of the other ideas with those without anything added; their needs that are
    found; those that are found without; the share of what was added that is told apart.
    """
    figures = []
    for seed in range(DRAWS):
        campaign = draw(name, SIZE, seed)
        rng = np.random.default_rng(seed)
        added = add(campaign, lang, round(share * len(campaign.texts) / (1 - share)), rng)
        alone = labels_of(find_themes(campaign.texts, encoder=kept_encoder()))
        among = find_themes([*campaign.texts, *added], encoder=kept_encoder())
        others: Labels = labels_of(among)[: len(campaign.texts)]
        figures.append(
            (
                float(adjusted_rand_score(alone, others)),
                mean(found_needs(campaign.needs, others)),
                mean(found_needs(campaign.needs, alone)),
                is_told(among, len(campaign.texts)),
            )
        )
    kept, found, before, told = (mean(column) for column in zip(*figures, strict=True))
    return kept, found, before, told


def empty_answers(_campaign: Campaign, lang: str, count: int, rng: np.random.Generator) -> list[str]:
    """Returns answers without an opinion, drawn from EMPTY."""
    return [str(text) for text in rng.choice(EMPTY[lang], count)]


def petition(campaign: Campaign, lang: str, count: int, rng: np.random.Generator) -> list[str]:
    """Returns copies of a petition of SENTENCES ideas, each with an opening of its own, and a word left out."""
    chosen = rng.permutation(len(campaign.texts))[:SENTENCES].tolist()
    words = " ".join(f"{campaign.texts[row].rstrip(' .')}." for row in chosen).split()
    copies = []
    for _ in range(count):
        left_out = int(rng.integers(len(words)))
        copies.append(rng.choice(OPENINGS[lang]) + " ".join([*words[:left_out], *words[left_out + 1 :]]))
    return copies


def say_nothing(found: ThemeMap, first: int) -> float:
    """Returns the share of the ideas from `first` on that say nothing or only agree, as the program has it."""
    return mean(idea.leftover in {Leftover.NOTHING, Leftover.AGREES} for idea in found.ideas[first:])


def count_as_one(found: ThemeMap, first: int) -> float:
    """Returns the share of the ideas from `first` on that count as the text that most of them copy."""
    standing = Counter(row if idea.same_as is None else idea.same_as for row, idea in enumerate(found.ideas))
    return max(standing.values()) / max(1, len(found.ideas) - first)


ADDED: dict[str, tuple[Adding, Callable[[ThemeMap, int], float]]] = {
    "say nothing": (empty_answers, say_nothing),
    "copies": (petition, count_as_one),
}
