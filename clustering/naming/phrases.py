"""The phrases of all texts: what many ideas of a theme say and few others do.

Class-based TF-IDF (Grootendorst 2022, arXiv:2203.05794) over phrases of up to three full words. What makes them read
well: words that nearly always come together stay together, and a phrase opens with a noun or an action and holds no
clause. Counting is a sparse product: a second for 100,000 texts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from clustering.arrays import Bools, Floats, Ints
from clustering.naming.spans import Spans, find_spans, spread
from clustering.text.tagging import MIN_BOUND_SHARE, TaggedTokens
from clustering.text.word_lists import TIME_WORDS

FULL_WORDS = 3  # in one phrase, words that stay together counted once
PHRASES = 6  # shown for a theme
SHARED = 4  # shown for an idea
APART = 4  # shown for each of two themes
RANKED = 40  # kept for a theme
MIN_SHARE = 0.03  # of the members that use a phrase, for it to be shown
FREQUENT = 0.65  # exponent: how much being frequent counts beside being rare elsewhere
LONGER = np.array([1.0, 1.0, 1.5, 1.6])  # what a phrase of (no,) one, two, three full words is worth
TELLS_APART = 2.0  # how much oftener one of two themes uses a phrase, at the least, for it to separate them
READ = 400  # members looked at for how a phrase is usually written
FEW = 4  # ideas below which what one person says is taken

Key = tuple[str, ...]  # the lemmas of a phrase's full words, in order


@dataclass(frozen=True)
class Phrase:
    """A phrase that members of a theme use.

    `column`: its place in Lexicon.uses; `text`: as they mostly write it; `share`: of the members in its language, 0..1;
    `count`: how many; `score`: the higher, the better it tells the theme from the others.
    """

    column: int
    key: Key
    text: str
    share: float
    count: int
    score: float


class Lexicon:
    """The phrases of n texts, and how people write them. A text counts once for each phrase, times its weight.

    `langs`: (n,) ISO 639-1 codes, None where there are no words; `weights`: (n,) how many ideas share each text;
    `total`: of ideas. `set_aside`: lemmas that no phrase may consist of. `uses`: (n, phrases) float32 sparse, 1 where a
    text uses a phrase; one that is used once is left out. For each phrase, (phrases,): `counts`, float64, of ideas;
    `length`, of full words, 1..3. Raises ValueError where there isn't one language and one weight for each text.
    """

    def __init__(
        self, texts: Sequence[str], langs: Sequence[str | None], weights: Sequence[int], set_aside: Iterable[str] = ()
    ) -> None:
        self.langs = list(langs)
        spoken = Counter[str]()
        for lang, weight in zip(langs, weights, strict=True):
            if lang is not None:
                spoken[lang] += weight
        self._codes = sorted(spoken, key=lambda lang: (-spoken[lang], lang))  # the first of equals is everybody's
        places = {lang: place for place, lang in enumerate(self._codes)}
        self._lang = np.array([places[lang] if lang is not None else -1 for lang in langs], dtype=np.intp)
        self.weights = np.asarray(weights, dtype=np.float64)
        self.total = float(self.weights.sum())
        self.words = TaggedTokens(texts, langs, weights)
        self.aside = frozenset(set_aside)
        told = np.array([root not in self.aside for _, root in self.words.lemmas], dtype=np.bool_)
        self._index(_phrases(self.words, told))

    def _index(self, found: Spans) -> None:
        text = self.words.text_of[found.first]
        _, example, column = np.unique(found.number, return_index=True, return_inverse=True)
        _, once = np.unique(text * (len(example) + 1) + column, return_index=True)  # in the order of the texts
        uses = np.bincount(column[once], self.weights[text[once]], minlength=len(example))
        often = uses > 1
        once = once[often[column[once]]]
        place = np.cumsum(often) - 1
        example = example[often]
        self._first, self._last = found.first[once].astype(np.int32), found.last[once].astype(np.int32)
        self._example = found.first[example], found.last[example]
        self.length = np.minimum(found.full[example], len(LONGER) - 1)
        self._phrase_lang = self._lang[text[example]]
        self.counts = uses[often]
        starts = np.searchsorted(text[once], np.arange(len(self.langs) + 1))
        ones = np.ones(len(once), dtype=np.float32)
        self.uses = csr_array((ones, place[column[once]], starts), shape=(len(self.langs), len(example)))

    def key(self, column: int) -> Key:
        """Returns the lemmas of a phrase, told by its column."""
        return self.roots(int(self._example[0][column]), int(self._example[1][column]))

    def roots(self, first: int, last: int) -> Key:
        """Returns the lemmas of the full words from one place in `words` to another."""
        span = slice(first, last + 1)
        return tuple(self.words.lemmas[place][1] for place in self.words.lemma[span][~self.words.function[span]])

    def is_subject(self, roots: Iterable[str]) -> bool:
        """Whether lemmas tell what is spoken of: more than the campaign's own words, more than a time."""
        return not (self.aside.issuperset(roots) or TIME_WORDS.issuperset(roots))

    def main_language(self, members: Ints) -> str | None:
        """Returns the language that most of the members are in, of equals the commonest; None when none has words."""
        counts = np.bincount(self._lang[members] + 1, minlength=len(self._codes) + 1)[1:]
        return self._codes[int(counts.argmax())] if counts.any() else None

    def of_main_language(self, members: Ints) -> Ints:
        """Returns the members that are in that language."""
        lang = self.main_language(members)
        theirs: Ints = members[self._lang[members] == (self._codes.index(lang) if lang is not None else -1)]
        return theirs

    def count(self, groups: Sequence[Ints]) -> csr_array:
        """Returns how many ideas of each group use each phrase: (groups, phrases).

        A group is the text of each of its ideas; a text that several ideas share is there several times.
        """
        return membership(groups, len(self.langs)) @ self.uses

    def in_language(self, lang: str | None) -> Bools:
        """Returns which phrases are of a language: (phrases,) bool. Raises ValueError for one that no text is in."""
        place = self._codes.index(lang) if lang is not None else -1
        told: Bools = self._phrase_lang == place
        return told

    def scores(self, columns: Ints, counts: Floats, size: int) -> Floats:
        """Returns (m,) float64, 0 or more: how frequent here, rare elsewhere, and long enough to be read alone.

        `columns`: (m,) phrases; `counts`: (m,) of the ideas here that use them; `size`: of the ideas here.
        """
        share = counts / size
        elsewhere = (self.counts[columns] - counts + 0.5) / (self.total - size + 1)
        lift = np.log(np.maximum(share, 1e-9) / np.maximum(elsewhere, 1e-9))
        worth: Floats = share**FREQUENT * np.maximum(lift, 0.0) * LONGER[self.length[columns]]
        return worth

    def write(self, columns: Sequence[int], members: Ints) -> list[str]:
        """Returns phrases as the members mostly write them; of two ways, the shorter."""
        rows = np.unique(members)[:READ]
        starts, ends = self.uses.indptr[rows], self.uses.indptr[rows + 1]
        entries = spread(starts, ends)
        entries = entries[np.isin(self.uses.indices[entries], columns)]
        written: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for entry in entries.tolist():
            text = self.words.surface(int(self._first[entry]), int(self._last[entry]))
            written[int(self.uses.indices[entry])][text] += 1
        return [
            max(written[column].items(), key=lambda item: (item[1], -len(item[0]), item[0]))[0]
            if column in written
            else self.words.surface(int(self._example[0][column]), int(self._example[1][column]))
            for column in columns
        ]


def membership(groups: Sequence[Ints], n: int) -> csr_array:
    """Returns how often each of n texts stands in each group: (groups, n) float32, sparse."""
    flat = np.concatenate([*groups, np.zeros(0, dtype=np.intp)])
    starts = np.cumsum([0, *map(len, groups)])
    table = csr_array((np.ones(len(flat), dtype=np.float32), flat, starts), shape=(len(groups), n))
    table.sum_duplicates()
    return table


def _phrases(words: TaggedTokens, told: Bools) -> Spans:
    """Returns where each phrase of each text stands. `told`: the lemmas of which one, at least, is in a phrase."""
    lemma, full = words.lemma, ~words.function
    noun = words.noun[lemma]
    start = np.flatnonzero(full & ~words.needs_before[lemma] & (noun | words.infinitive))
    found = find_spans(words, start, full | words.connector, full_words=FULL_WORDS)
    telling = np.cumsum(np.append(0, full & told[lemma]))
    tells = telling[found.last + 1] > telling[found.first]
    return found.where(tells & ~words.needs_after[lemma[found.last]] & ((found.first < found.last) | noun[found.first]))


def rank_phrases(lexicon: Lexicon, groups: Sequence[Ints]) -> list[list[Phrase]]:
    """Returns the phrases of each group, best first, at most RANKED, in the language that most of its ideas are in.

    `groups`: the text of each idea, as in Lexicon.count; a group without ideas has none.
    """
    table = lexicon.count(groups)
    return [
        _rank(lexicon, members, table.indices[start:stop], table.data[start:stop].astype(np.float64))
        for members, start, stop in zip(groups, table.indptr[:-1], table.indptr[1:], strict=True)
    ]


def _rank(lexicon: Lexicon, members: Ints, columns: Ints, counts: Floats) -> list[Phrase]:
    total = len(lexicon.of_main_language(members))
    least = 1 if len(members) < FEW else max(2, round(MIN_SHARE * total))  # what one person says names no other's
    kept = np.flatnonzero(lexicon.in_language(lexicon.main_language(members))[columns] & (counts >= least))
    columns, counts = columns[kept], counts[kept]
    scores = lexicon.scores(columns, counts, total)
    keys = [lexicon.key(column) for column in columns.tolist()]
    parts = _parts(dict(zip(keys, counts.tolist(), strict=True)))
    order = sorted(
        (place for place, key in enumerate(keys) if key not in parts and scores[place] > 0),
        key=lambda place: (-scores[place], columns[place]),
    )[:RANKED]
    texts = lexicon.write([int(columns[place]) for place in order], members)
    return [
        Phrase(int(columns[place]), keys[place], text, counts[place] / total, int(counts[place]), float(scores[place]))
        for place, text in zip(order, texts, strict=True)
    ]


def _parts(often: dict[Key, float]) -> set[Key]:
    """Returns the phrases that are mostly a part of a longer one."""
    return {
        part
        for key, count in often.items()
        if len(key) > 1
        for part in (key[:-1], key[1:])
        if count >= MIN_BOUND_SHARE * often.get(part, count * 2)
    }


def telling_phrases(ranked: Sequence[Phrase], limit: int = PHRASES) -> list[Phrase]:
    """Returns the best phrases, none of which says again what a better one says."""
    chosen: list[Phrase] = []
    for phrase in ranked:
        if len(chosen) == limit:
            break
        if not any(repeats(phrase.key, other.key) for other in chosen):
            chosen.append(phrase)
    return chosen


def repeats(one: Key, other: Key) -> bool:
    """Whether all words of the shorter key have their like in the longer one."""
    short, long = sorted((one, other), key=len)
    return all(any(same_root(word, candidate) for candidate in long) for word in short)


def same_root(one: str, other: str) -> bool:
    """Words of one family, near enough: "handicap" and "handicape", "migrant" and "migratoire"."""
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one == other or shared >= max(5, 0.6 * max(len(one), len(other)))


def shared_phrases(lexicon: Lexicon, rows: Ints, ranked: Sequence[Phrase]) -> list[tuple[str, ...]]:
    """Returns, for each of some texts, the phrases of a theme that it uses, best first, at most SHARED.

    `rows`: the texts, as places in the lexicon; `ranked`: see rank_phrases.
    """
    if not ranked:
        return [()] * len(rows)
    table = lexicon.uses[rows][:, [phrase.column for phrase in ranked]]
    told: dict[tuple[int, ...], tuple[str, ...]] = {}
    shared = []
    for start, stop in zip(table.indptr[:-1], table.indptr[1:], strict=True):
        places = tuple(sorted(table.indices[start:stop].tolist()))
        if places not in told:
            used = telling_phrases([ranked[place] for place in places], SHARED)
            told[places] = tuple(phrase.text for phrase in used)
        shared.append(told[places])
    return shared


def what_separates(lexicon: Lexicon, here: Ints, there: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the phrases that only the first of two themes uses, or far more than the second; and the reverse.

    At most APART each, best first. `here`, `there`: the text of each idea, as places in the lexicon.
    """
    counts = lexicon.count([here, there]).toarray().astype(np.float64)
    return (
        _only_here(lexicon, here, counts[0], counts[1] / max(1, len(there))),
        _only_here(lexicon, there, counts[1], counts[0] / max(1, len(here))),
    )


def _only_here(lexicon: Lexicon, here: Ints, counts: Floats, elsewhere: Floats) -> tuple[str, ...]:
    columns = np.flatnonzero(lexicon.in_language(lexicon.main_language(here)) & (counts >= min(2, len(here))))
    share = counts[columns] / max(1, len(here))
    lift = share / (elsewhere[columns] + 1 / (len(here) + 1))
    worth = share**FREQUENT * np.log(np.maximum(lift, 1e-9)) * LONGER[lexicon.length[columns]]
    best = np.lexsort((columns, -worth))[:RANKED]
    best = best[lift[best] >= TELLS_APART]
    found = [
        Phrase(int(columns[at]), lexicon.key(int(columns[at])), "", share[at], int(counts[columns[at]]), worth[at])
        for at in best.tolist()
    ]
    chosen = [phrase.column for phrase in telling_phrases(found, APART)]
    return tuple(lexicon.write(chosen, here))
