"""How near names come to what people call the same ideas, beside simple ways to name; and names to be read.

Each group holds the ideas to which people gave one label, and the score of a name is its cosine with that label: by
a model that chose none of the names, and by the embedded model. Coverage is the share of members that use one of the
content words of the name; the next figure counts those too that are nearer to it than to every other name of the set.
The last two are of groups: how many have a name that HOLDS of the members share so, and the least share of all.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.data import RESULTS, Texts, load, vectors_of
from benchmarks.figures import Target, report_progress, show_targets
from clustering.arrays import Ints, Vectors
from clustering.naming.ranking import Names
from clustering.phrases.lexicon import Lexicon
from clustering.pipeline import find_themes
from clustering.text.cleaning import gist
from clustering.text.grammar import is_function_word, lemma
from clustering.types import ThemeMap
from clustering.vectors.encoders import Encoder, load_encoder

SEED = 0
READ = 20  # French names to be read, for each set
FRENCH = (("gdn_mobilite_fr", None), ("gdn_ideas_fr", 6000), ("msss_covid_paraphrases_fr", None))  # set, first rows
TUNED_ON = ("msss_covid_paraphrases_fr", "banking77_en")
PUT_ASIDE = ("argkp_en", "clinc150_en", "stackoverflow_en")
MAX_LABELS, MAX_TEXTS, MIN_TEXTS = 40, 60, 5  # of a set, taken by chance; of a label
KEYBERT_TEXTS, KEYBERT_WORDS = 20, (2, 4)  # texts read, the closest to the centre; words of a phrase
CTFIDF_WORDS = 4
JUDGE = "all-MiniLM-L6-v2"  # which chose none of the names
HOLDS = 0.7  # of the members, for a name to hold
AHEAD = 0.03  # in cosine: a clear margin
WORD = re.compile(r"[^\W\d_]+\d*")


@dataclass(frozen=True)
class Groups:
    """Texts in groups, with what people call each. `vectors`: (n, d) of the texts, by the embedded model."""

    name: str
    lang: str
    texts: list[str]
    groups: list[Ints]
    labels: list[str]
    vectors: Vectors


def show() -> dict[str, object]:
    """Prints and returns names: scored, and to be read."""
    scored, read = _scored(), {name: _french(name, rows) for name, rows in FRENCH}
    if not scored:
        print("\nNames beside people's labels: absent")
    targets = show_scored(scored) if scored else []
    for name, names in read.items():
        print(f"\nNames of {name}:" + ("".join(f"\n  {one}" for one in names) if names else " absent"))
    absent = {"absent": True}
    return {
        "labelled": scored or absent,
        "to read": {name: names or absent for name, names in read.items()},
        "targets": targets,
    }


def show_scored(scored: Mapping[str, Mapping[str, Any]]) -> list[dict[str, object]]:
    print(
        "\nNames beside people's labels: cosine by another model, by the embedded model, coverage; and or nearest; of"
    )
    print(f"groups, those whose name {HOLDS:.0%} of the members share so, and the least share")
    for name, ways in scored.items():
        print(f"  {name}{' (tuned on)' if name in TUNED_ON else ''}")
        for way, figures in ways.items():
            print(f"    {way:<22}" + "".join(f"{figure:8.3f}" for figure in figures.values()))
    nearer, wider = _ahead(scored, "other model"), _ahead(scored, "coverage")
    return show_targets(
        [
            Target("names nearer to labels than the best of the others' by", nearer, AHEAD),
            Target("members that use a word of the name: ahead of the best of the others' by", wider, 0.0),
            Target("or are nearest to it: ahead of the best of the others' by", _ahead(scored, "or nearest"), 0.0),
        ]
    )


def _ahead(scored: Mapping[str, Mapping[str, Any]], figure: str) -> float:
    """Returns by how much our mean over all sets is ahead of the best mean of the other ways."""
    ways = next(iter(scored.values()))
    means = {way: float(np.mean([figures[way][figure] for figures in scored.values()])) for way in ways}
    ours = means.pop("ours")
    return ours - max(means.values())


def _scored() -> dict[str, dict[str, dict[str, float]]]:
    """Scores several ways to name the same groups, for each set that is there."""
    found = {}
    judges = {"other model": load_encoder(JUDGE), "embedded model": load_encoder()}
    for name in (*TUNED_ON, *PUT_ASIDE):
        texts = load(name)
        if texts is not None:
            report_progress(f"{name}: names")
            groups = _groups(texts)
            named = {"ours": _ours(groups)} | {
                way: keep_names(way, make, groups) for way, make in WAYS.items() if way != YAKE or find_spec("yake")
            }
            found[name] = {way: _score(groups, names, judges) for way, names in named.items()}
    return found


def _groups(texts: Texts) -> Groups:
    """Some labels of a set and some texts of each, always the same; a label as a person would read it."""
    rng = np.random.default_rng(SEED)
    rows = {label: np.flatnonzero(texts.labels == label) for label in sorted(set(texts.labels.tolist()) - {"", "oos"})}
    rows = {label: some for label, some in rows.items() if len(some) >= MIN_TEXTS}
    chosen = sorted(rng.choice(sorted(rows), min(MAX_LABELS, len(rows)), replace=False).tolist())
    kept: list[int] = []
    groups: list[Ints] = []
    for label in chosen:
        some = rng.choice(rows[label], min(MAX_TEXTS, len(rows[label])), replace=False)
        groups.append(np.arange(len(kept), len(kept) + len(some)))
        kept.extend(some.tolist())
    said = [gist(texts.texts[row]) for row in kept]
    labels = [re.sub(r"[_-]", " ", label.split(": ", 1)[-1]) for label in chosen]
    return Groups(texts.name, str(texts.langs[0]), said, groups, labels, vectors_of(said))


def _score(groups: Groups, names: list[str], judges: Mapping[str, Encoder]) -> dict[str, float]:
    """The mean cosine of names and labels by each judge, in lower case, and the mean share of members covered."""
    figures = {}
    for judge, encoder in judges.items():
        pairs = zip(encoder.encode([name.lower() for name in names]), encoder.encode(groups.labels), strict=True)
        figures[judge] = float(np.mean([one @ other for one, other in pairs]))
    used = [_content(text, groups.lang) for text in groups.texts]
    vectors = judges["embedded model"].encode(names)
    shares = []
    for at, (name, rows) in enumerate(zip(names, groups.groups, strict=True)):
        uses = np.array([not _content(name, groups.lang).isdisjoint(used[row]) for row in rows.tolist()])
        nearest = (groups.vectors[rows] @ vectors.T).argmax(axis=1) == at
        shares.append((uses.mean(), (uses | nearest).mean()))
    coverage, covered = np.mean(shares, axis=0).tolist()
    shared = [share for _, share in shares]
    return figures | {
        "coverage": coverage,
        "or nearest": covered,
        "holding": float(np.mean(np.array(shared) >= HOLDS)),
        "least": float(min(shared)),
    }


def _content(text: str, lang: str) -> set[str]:
    return {lemma(word, lang) for word in WORD.findall(text.lower()) if not is_function_word(word, lang)}


def _ours(groups: Groups) -> list[str]:
    lexicon = Lexicon(groups.texts, [groups.lang] * len(groups.texts), [1] * len(groups.texts))
    names = Names(lexicon, groups.vectors, load_encoder())
    labels = names.name_groups(groups.groups, lambda at: [groups.texts[groups.groups[at][0]]], apart=True)
    return [label.name for label in labels]


def keep_names(way: str, make: Callable[[Groups], list[str]], groups: Groups) -> list[str]:
    """Returns the names that another way gives, kept between two runs: reading all phrases takes minutes."""
    settings = [KEYBERT_TEXTS, KEYBERT_WORDS, CTFIDF_WORDS, groups.texts, [rows.tolist() for rows in groups.groups]]
    digest = hashlib.sha256(json.dumps([way, settings]).encode()).hexdigest()[:32]
    path = RESULTS / "kept names" / f"{digest}.json"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(make(groups)))
    names: list[str] = json.loads(path.read_text())
    return names


def _keybert(groups: Groups) -> list[str]:
    """The phrase of two to four words that is nearest to the centre, of the texts nearest to it (as KeyBERT does)."""
    from sklearn.feature_extraction.text import CountVectorizer

    names = []
    for rows in groups.groups:
        centre = groups.vectors[rows].mean(axis=0)
        closest = rows[np.argsort(-(groups.vectors[rows] @ centre), kind="stable")[:KEYBERT_TEXTS]]
        counter = CountVectorizer(ngram_range=KEYBERT_WORDS).fit([groups.texts[row] for row in closest.tolist()])
        phrases = counter.get_feature_names_out().tolist()
        names.append(str(phrases[int((load_encoder().encode(phrases) @ centre).argmax())]))
    return names


def _ctfidf(groups: Groups) -> list[str]:
    """The best words by class-based TF-IDF (as BERTopic does), stop words left out."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        tokenizer=lambda text: [word for word in WORD.findall(text) if not is_function_word(word, groups.lang)],
        token_pattern=None,
    )
    counts = counter.fit_transform([" ".join(groups.texts[row] for row in rows.tolist()) for rows in groups.groups])
    uses = counts.toarray().astype(np.float64)
    rarity = np.log(1 + uses.sum() / len(uses) / uses.sum(axis=0))
    words = counter.get_feature_names_out()
    best = np.argsort(-(uses / uses.sum(axis=1, keepdims=True) * rarity), axis=1, kind="stable")[:, :CTFIDF_WORDS]
    return [" ".join(words[row]) for row in best]


def _yake(groups: Groups) -> list[str]:
    """The best phrase of at least two words by YAKE, of all texts of a group; the best word where there is none."""
    from yake import KeywordExtractor

    extractor = KeywordExtractor(lan=groups.lang, n=KEYBERT_WORDS[1], top=20)
    names = []
    for rows in groups.groups:
        said = ". ".join(groups.texts[row].rstrip(" .") for row in rows.tolist())
        phrases = [phrase for phrase, _ in extractor.extract_keywords(said)]
        names.append(next((phrase for phrase in phrases if " " in phrase), phrases[0] if phrases else ""))
    return names


YAKE = "YAKE"  # left out where the package is not installed
WAYS: dict[str, Callable[[Groups], list[str]]] = {
    "nearest 2-4-gram": _keybert,
    "c-TF-IDF, four words": _ctfidf,
    YAKE: _yake,
}


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
