"""The names that a theme might have: spans of up to six words that its own members wrote.

They are ranked by what can be told without the embedding model: how near the words are to the centre of the theme
(clustering.naming.meaning), how many members use them, whether the span is complete where it stands.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from clustering.arrays import Bools, Ints, Scores, Vectors, normalize_rows
from clustering.naming.meaning import Meaning, centre
from clustering.naming.phrases import Lexicon, same_root
from clustering.naming.spans import Spans, find_spans, spread

NAME_WORDS = 6  # as spaces part them
READ = 120  # members, the nearest to the centre
CANDIDATES = 40  # given back at the most

NEAR = 0.2  # what counts, and how much beside the model's cosine: nearness to the centre, as the words tell
TELLING = 0.01  # words that are frequent here and rare elsewhere
AGREED = 0.01  # for each time that its rarest word is e times commoner among the members
OFTEN = 0.004  # for each time that it is itself e times commoner among them
LONGER = 0.008  # for each word, as spaces part them, up to so many:
ENOUGH = 5
ODD = 0.06  # against a word that hardly any member uses: a slip, or one person's own
ODD_SHARE = 0.015
LONE = 0.15  # against a single word
INCOMPLETE = 0.03  # against a span that starts where no phrase does
CLUMSY = 0.003  # for each end, against words that seldom start or end a phrase
ACTION = 0.015  # against what is to be done, beside what it is about
WHOLE = 0.015  # for all that is said between two breaks, but small words before it
LOOSE = 0.15  # against what follows a verb and holds what may belong to that verb ("envoyer au patient des documents")
TWIN = 0.05  # against what tells the theme in no way from the one nearest to it
TOLD = 3.0  # how many times commoner here the best of its words is, to tell the two apart in full
SEEN_ANYWAY = 0.02  # share of the members that is added on both sides: rare words prove nothing
STRANGE = 0.02  # against words that nobody else puts together: mostly slips
TINY = 1e-4


@dataclass(frozen=True)
class Candidate:
    """A possible name.

    `roots`: its lemmas; `common`, `rare`: the share, of the members in its language, that use the commonest of them and
    the rarest. `direction`: (d,), where it lies. `worth`: the higher, the better; `near`: the part of it that is
    nearness to the centre, as its words tell. `whole`: all that is said between two breaks.
    """

    text: str
    roots: frozenset[str]
    common: float
    rare: float
    worth: float
    near: float
    direction: Vectors
    whole: bool = False


def candidates(
    lexicon: Lexicon, meaning: Meaning, members: Ints, share: Vectors, beside: Vectors | None = None
) -> list[Candidate]:
    """Returns possible names of a theme, best first, in the language that most of its ideas are in.

    `share`: (lemmas,) of the members in that language that use each lemma; `beside`: the same of the theme from which
    a name should tell this one. `members`: the text of each of its ideas, as places in the lexicon.
    """
    theirs = lexicon.of_main_language(members)
    if not len(theirs):
        return []
    rows = np.unique(theirs)
    towards = centre(meaning.texts, members)
    nearness = normalize_rows(meaning.texts[rows]) @ towards
    read = np.sort(rows[np.argsort(-nearness, kind="stable")[:READ]])
    spans = _spans(lexicon, read)
    if not len(spans.first):
        return []
    worth, near, directions = _weigh(lexicon, meaning, spans, towards, share, len(theirs))
    if beside is not None:
        worth -= TWIN * (1 - _apart(lexicon, spans, share, beside))
    return _best(lexicon, spans, worth, near, directions, share)


def _spans(lexicon: Lexicon, texts: Ints) -> Spans:
    """Returns the spans of some texts that may be names."""
    words = lexicon.words
    at = spread(words.starts[texts], words.starts[texts + 1])
    at = at[~words.function[at]]
    lemma = words.lemma[at]
    start = at[~words.cannot_start[at] & ~words.needs_before[lemma] & (words.noun[lemma] | words.infinitive[at])]
    found = find_spans(words, start, words.fits_inside, full_words=NAME_WORDS, spaced_words=NAME_WORDS)
    alone = (found.first == found.last) & ~words.noun[words.lemma[found.first]]
    ends = words.can_end[found.last] | (words.infinitive[found.first] & words.before_attaching[found.last])
    ends &= ~words.needs_after[words.lemma[found.last]] & ~words.adverb[found.last]
    found = found.where(ends & ~alone)
    return found.where(_well_joined(lexicon, found)) if len(found.first) else found


def _well_joined(lexicon: Lexicon, spans: Spans) -> Bools:
    """Returns which spans put an action beside an action only, "of" beside "of", be it the one that they follow."""
    words = lexicon.words
    entries, starts = spans.words()
    first = np.repeat(spans.first, spans.last + 1 - spans.first)
    follows = words.linked[first] & (words.lemma[first - 1] == words.lemma[entries])
    lone = (words.last_function[np.maximum(entries - 2, 0)] < first) & ~follows
    unlike = np.where(words.function[entries], lone, ~words.infinitive[first])
    return ~np.logical_or.reduceat(words.coordinated[entries] & unlike, starts)


def _weigh(
    lexicon: Lexicon, meaning: Meaning, spans: Spans, towards: Vectors, share: Vectors, size: int
) -> tuple[Scores, Scores, Vectors]:
    """Returns, for each span, what it is worth, the nearness to the centre that is a part of it, and where it lies."""
    words = lexicon.words
    entries, starts = spans.words()
    lemma = words.lemma[entries]
    directions = normalize_rows(np.add.reduceat(meaning.words[lemma], starts, axis=0))
    near = NEAR * (directions @ towards)
    weight = meaning.rarity[lemma]
    theirs = share * meaning.rarity
    length = np.sqrt(np.maximum(np.add.reduceat(weight * weight, starts), TINY) * max(float(theirs @ theirs), TINY))
    telling = np.add.reduceat(weight * theirs[lemma], starts) / length
    agreed = np.minimum.reduceat(np.where(words.function[entries], 1.0, np.maximum(share[lemma], TINY)), starts)
    spaced = 1 + np.add.reduceat(words.spaced[entries].astype(np.intp), starts) - words.spaced[spans.first]
    first, last = words.lemma[spans.first], words.lemma[spans.last]
    worth = (
        near
        - ACTION * words.infinitive[spans.first]
        + TELLING * telling
        + AGREED * np.log(agreed)
        + LONGER * np.minimum(spaced, ENOUGH)
        - LONE * (spaced == 1)
        - ODD * (agreed * size < max(2.0, ODD_SHARE * size) - TINY)
        - STRANGE * np.logical_or.reduceat(words.rare_bigram[entries], starts)
        + WHOLE * (words.starts_segment[spans.first] & words.ends_segment[spans.last])
        - LOOSE * (words.after_verb[spans.first] & np.logical_or.reduceat(words.attaching[entries], starts))
        - INCOMPLETE * (1.0 - words.can_start[spans.first])
        + CLUMSY * (np.log(words.start_share[first]) + np.log(words.end_share[last]))
    )
    return worth, near, directions


def _apart(lexicon: Lexicon, spans: Spans, share: Vectors, beside: Vectors) -> Scores:
    """Returns, in 0..1, how much commoner here than in another theme the word of each span is that tells most."""
    words = lexicon.words
    entries, starts = spans.words()
    ratio = np.log((share + SEEN_ANYWAY) / (beside + SEEN_ANYWAY))[words.lemma[entries]] / np.log(TOLD)
    told = np.maximum.reduceat(np.where(words.function[entries], 0.0, ratio), starts)
    return np.clip(told, 0.0, 1.0).astype(np.float32)


def _best(
    lexicon: Lexicon, spans: Spans, worth: Scores, near: Scores, directions: Vectors, share: Vectors
) -> list[Candidate]:
    """Returns the best spans, best first; of those that say the same, the one that is most usual word after word."""
    words = lexicon.words
    _, same, count = np.unique(spans.number, return_inverse=True, return_counts=True)
    by_worth = np.lexsort((spans.first, -worth, same))
    best = by_worth[np.searchsorted(same[by_worth], np.arange(len(count)))]
    entries, starts = spans.words()
    usual = np.minimum.reduceat(words.log_bigram[entries], starts)
    mean = np.add.reduceat(words.log_bigram[entries], starts) / (spans.last + 1 - spans.first)
    by_use = np.lexsort((spans.first, -mean, -usual, same))
    shown = by_use[np.searchsorted(same[by_use], np.arange(len(count)))]
    total = worth[best] + OFTEN * np.log(count)
    whole = words.starts_segment[spans.first] & words.ends_segment[spans.last]
    found: list[Candidate] = []
    for at in np.lexsort((spans.first[best], -total)).tolist():
        span, written = int(best[at]), int(shown[at])
        roots = lexicon.roots(int(spans.first[span]), int(spans.last[span]))
        again = any(same_root(one, other) for one, other in combinations(roots, 2))  # "respecter le respect"
        if not again and lexicon.is_subject(roots):
            text = words.surface(int(spans.first[written]), int(spans.last[written]))
            said = slice(int(spans.first[span]), int(spans.last[span]) + 1)
            used = share[words.lemma[said][~words.function[said]]]
            found.append(
                Candidate(
                    text=text,
                    roots=frozenset(roots),
                    common=float(used.max()),
                    rare=float(used.min()),
                    worth=float(total[at]),
                    near=float(near[span]),
                    direction=directions[span].copy(),  # or all of them would be kept
                    whole=bool(whole[span]),
                )
            )
        if len(found) == CANDIDATES:
            break
    return found
