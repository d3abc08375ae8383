"""The phrases of all texts, counted, and how people write them.

A phrase has up to three content words. It keeps fixed expressions whole, starts with a noun or an infinitive, and
contains no clause. Counting is a sparse matrix product: a second for 100,000 texts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from clustering.arrays import Bools, Floats, Ints
from clustering.phrases.spans import Spans, find_spans, ranges
from clustering.text.tagging import TaggedTokens
from clustering.text.word_lists import TIME_WORDS

MAX_SAMPLE = 120  # members read for candidates, or for how a phrase is usually written


@dataclass(frozen=True)
class Phrase:
    """A phrase that members of a theme use.

    `column`: its column in Lexicon.incidence; `key`: the lemmas of its content words, in order; `text`: as they mostly
    write it; `share`: of the members in its language, 0..1; `count`: how many; `score`: 0 or more, the higher, the
    better it characterises the theme.
    """

    column: int
    key: tuple[str, ...]
    text: str
    share: float
    count: int
    score: float


class Lexicon:
    """The phrases of n texts, and how people write them. A text counts once for each phrase, times its weight.

    `langs`: (n,) ISO 639-1 codes, None where there are no words; `weights`: (n,) how many ideas share each text;
    `total`: the number of ideas. `set_aside`: lemmas that no phrase may consist of. `tokens`: those of the texts.
    `incidence`: (n, phrases) float32 sparse, 1 where a text uses a phrase; phrases used by one idea only are left out.
    `uses`: (n, lemmas) float32 sparse, 1 where a text uses a word. `lang`: the language of the run, the campaign's
    where it is given, else that of most ideas.
    Per lemma: `uses_of`, float64, how many ideas use it; `rarity`, float32, its inverse document frequency, 0 for a
    function word. Per phrase, (phrases,): `counts`, float64, of ideas; `length`, intp, the number of content words.
    Raises ValueError where there isn't one language and one weight for each text.
    """

    def __init__(
        self,
        texts: Sequence[str],
        langs: Sequence[str | None],
        weights: Sequence[int],
        set_aside: Iterable[str] = (),
        lang: str | None = None,
    ) -> None:
        self.langs = list(langs)
        ideas_of, characters_of = Counter[str](), Counter[str]()
        for text, code, weight in zip(texts, langs, weights, strict=True):
            if code is not None:
                ideas_of[code] += weight
                characters_of[code] += weight * len(text)
        # The commonest language first; of equals the one in which more is written.
        self._codes = sorted(ideas_of, key=lambda code: (-ideas_of[code], -characters_of[code], code))
        self.lang = lang or next(iter(self._codes), None)
        index = {code: at for at, code in enumerate(self._codes)}
        self._lang = np.array([index[code] if code is not None else -1 for code in langs], dtype=np.intp)
        self.weights = np.asarray(weights, dtype=np.float64)
        self.total = float(self.weights.sum())
        self.tokens = TaggedTokens(texts, langs, weights)
        self.aside = frozenset(set_aside)
        allowed = np.array([root not in self.aside for _, root in self.tokens.lemmas], dtype=np.bool_)
        self._count_words()
        self._index(_phrase_spans(self.tokens, allowed))

    def _count_words(self) -> None:
        tokens = self.tokens
        ones = np.ones(len(tokens.text_of), dtype=np.float32)
        shape = (len(self.langs), len(tokens.lemmas))
        self.uses = csr_array((ones, tokens.lemma, tokens.starts), shape=shape, copy=True)
        self.uses.sum_duplicates()
        self.uses.data[:] = 1.0
        self.uses_of = np.asarray(self.weights @ self.uses, dtype=np.float64)
        rarity = np.log1p(self.total / np.maximum(self.uses_of, 1.0)).astype(np.float32)
        self.rarity = rarity * (tokens.uses > 0)

    def _index(self, found: Spans) -> None:
        """Builds the incidence matrix and its columns from all spans that are phrases."""
        text = self.tokens.text_of[found.first]
        _, example, column = np.unique(found.key, return_index=True, return_inverse=True)
        _, once = np.unique(text * (len(example) + 1) + column, return_index=True)  # in the order of the texts
        uses = np.bincount(column[once], self.weights[text[once]], minlength=len(example))
        repeated = uses > 1
        once = once[repeated[column[once]]]
        new_column = np.cumsum(repeated) - 1
        example = example[repeated]
        self._first, self._last = found.first[once].astype(np.int32), found.last[once].astype(np.int32)
        self._example = found.first[example], found.last[example]
        self.length = found.content[example]
        self._phrase_lang = self._lang[text[example]]
        self.counts = uses[repeated]
        starts = np.searchsorted(text[once], np.arange(len(self.langs) + 1))
        ones = np.ones(len(once), dtype=np.float32)
        self.incidence = csr_array((ones, new_column[column[once]], starts), shape=(len(self.langs), len(example)))

    def key(self, column: int) -> tuple[str, ...]:
        """Returns the lemmas of a phrase."""
        return self.lemmas(int(self._example[0][column]), int(self._example[1][column]))

    def lemmas(self, first: int, last: int) -> tuple[str, ...]:
        """Returns the lemmas of the content words among the tokens first..last."""
        span = slice(first, last + 1)
        return tuple(self.tokens.lemmas[at][1] for at in self.tokens.lemma[span][~self.tokens.function[span]])

    def is_subject(self, lemmas: Iterable[str]) -> bool:
        """Whether lemmas name a subject: not only words of the question, not only days and hours."""
        return not (self.aside.issuperset(lemmas) or TIME_WORDS.issuperset(lemmas))

    def main_language(self, members: Ints) -> str | None:
        """Returns the language to name some members in: that of the run if enough write in it, else that of most.

        Enough are a third of them, or as many as in any other. Of equals, the commonest overall. None when no member
        has words.
        """
        counts = np.bincount(self._lang[members] + 1, minlength=len(self._codes) + 1)[1:]
        if not counts.any():
            return None
        theirs = counts[self._codes.index(self.lang)] if self.lang in self._codes else 0
        if 3 * theirs > counts.sum() or theirs == counts.max():
            return self.lang
        return self._codes[int(counts.argmax())]

    def of_main_language(self, members: Ints, lang: str | None = None) -> Ints:
        """Returns the members in a language, that to name them in where none is given."""
        lang = lang or self.main_language(members)
        theirs: Ints = members[self._lang[members] == (self._codes.index(lang) if lang is not None else -1)]
        return theirs

    def count(self, groups: Sequence[Ints]) -> csr_array:
        """Returns how many ideas of each group use each phrase: (groups, phrases) float32, sparse.

        A group holds the text of each of its ideas; a text that several ideas share is in it several times.
        """
        return membership(groups, len(self.langs)) @ self.incidence

    def in_language(self, lang: str | None) -> Bools:
        """Returns which phrases are in a language: (phrases,) bool. Raises ValueError for one that no text is in."""
        index = self._codes.index(lang) if lang is not None else -1
        chosen: Bools = self._phrase_lang == index
        return chosen

    def lifted(self, columns: Ints, share: Floats, elsewhere: Floats) -> Floats:
        """Returns how much phrases stand out: (m,), 0 or more. `share`, `elsewhere`: (m,) of the ideas that use them.

        Longer phrases say more: the square root of the number of content words counts, and of the share here.
        """
        lift = np.log(np.maximum(share, 1e-9) / np.maximum(elsewhere, 1e-9))
        result: Floats = np.sqrt(share * self.length[columns]) * np.maximum(lift, 0.0)
        return result

    def write(self, columns: Sequence[int], members: Ints) -> list[str]:
        """Returns phrases as the members mostly write them; of two equally common ways, the shorter."""
        rows = np.unique(members)[:MAX_SAMPLE]
        entries = ranges(self.incidence.indptr[rows], self.incidence.indptr[rows + 1])
        entries = entries[np.isin(self.incidence.indices[entries], columns)]
        written: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for entry in entries.tolist():
            text = self.tokens.surface(int(self._first[entry]), int(self._last[entry]))
            written[int(self.incidence.indices[entry])][text] += 1
        return [
            max(written[column].items(), key=lambda item: (item[1], -len(item[0]), item[0]))[0]
            if column in written
            else self.tokens.surface(int(self._example[0][column]), int(self._example[1][column]))
            for column in columns
        ]


def membership(groups: Sequence[Ints], n: int) -> csr_array:
    """Returns how many ideas of each group have each of n texts: (groups, n) float32, sparse."""
    flat = np.concatenate([*groups, np.zeros(0, dtype=np.intp)])
    starts = np.cumsum([0, *map(len, groups)])
    table = csr_array((np.ones(len(flat), dtype=np.float32), flat, starts), shape=(len(groups), n))
    table.sum_duplicates()
    return table


def _phrase_spans(tokens: TaggedTokens, allowed: Bools) -> Spans:
    """Returns the spans that are phrases. `allowed`: (lemmas,) bool, of which a phrase needs at least one."""
    lemma, content = tokens.lemma, ~tokens.function
    noun = tokens.noun[lemma]
    start = np.flatnonzero(content & ~tokens.needs_before[lemma] & (noun | tokens.infinitive))
    found = find_spans(tokens, start, content | tokens.connector)
    allowed_so_far = np.cumsum(np.append(0, content & allowed[lemma]))
    has_allowed = allowed_so_far[found.last + 1] > allowed_so_far[found.first]
    several_or_noun = (found.first < found.last) | noun[found.first]
    return found.where(has_allowed & ~tokens.needs_after[lemma[found.last]] & several_or_noun)
