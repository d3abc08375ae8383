"""Tokens with what is learnt about them from the campaign's texts: usual spelling, nouns, expressions, boundaries.

Learnt by counting, without a trained tagger, so that it works in any language; rules for word order and agreement apply
only where clustering.text.word_lists has lists for the language.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from clustering.arrays import Bools, Ints
from clustering.text.grammar import dictionary_form, gender, is_adverb, is_finite, is_gerund, is_infinitive, number
from clustering.text.tokens import Tokens, spread_answers
from clustering.text.word_lists import (
    AUXILIARIES,
    BEFORE_FOR,
    CAPITALIZED_NOUNS,
    COORDINATORS,
    DEGREE_ADVERBS,
    DETERMINERS,
    ELIDED,
    FAVOUR,
    FEMININE_DETERMINERS,
    FIGHTING,
    FOR,
    GERUND_PREPOSITIONS,
    LOOSE_PREPOSITIONS,
    MASCULINE_DETERMINERS,
    NEGATIONS,
    OPENING_PREPOSITIONS,
    OPPOSE,
    OTHER_DETERMINERS,
    PHRASE_BREAKERS,
    PHRASE_OPENERS,
    PLURAL_DETERMINERS,
    POSSESSIVES,
    PREPOSITIONS,
    REFUSALS,
    SINGULAR_DETERMINERS,
    SUBJECT_PRONOUNS,
    YES,
    YES_TO,
)

MIN_USES = 3  # of a word or of two together, before a habit of the campaign is believed
MOST = 0.6  # of a word's uses: with the same neighbour, for the two to stay together; at the end of a phrase
MIN_NOUN_SHARE = 0.3  # of a word's uses after a determiner or a preposition, for it to be a noun
MIN_GENDER_SHARE = 0.85  # of a noun's uses with a determiner of one gender, for it to have that gender
MIN_BIGRAM_SHARE = 0.05  # of a noun's uses after the same word, for the two to follow each other


class TaggedTokens(Tokens):
    """Tokens, and what a name or a phrase may do with each. See Tokens for the arguments and the other attributes.

    Per token, bool: `can_end`: a phrase may end there. `cannot_start`: its subject or its negation would be left
    outside. `fits_inside`: it may be part of a phrase. `adverb`: no phrase ends there. `joined_infinitive`: an
    infinitive after "and". `named`: it has a capital, in languages where nouns do; True in others. `negation`: a word
    that negates; `negated`: one comes before it, with no other content word between.
    Per token: `log_bigram`, float32: the logarithm of how often it follows the word before.

    Per text: `side`, intp: 1 where it agrees with something, -1 where it opposes it, 0 where it does neither or both.
    Per lemma: `uses`, float64: how often ideas use it. `noun`, bool. `nominal`, bool: a noun or what stands with it, in
    languages where adjectives come first; True in others. `needs_before`, `needs_after`, bool: it belongs to a fixed
    expression with its neighbour.
    """

    def __init__(self, texts: Sequence[str], langs: Sequence[str | None], weights: Sequence[int]) -> None:
        super().__init__(texts, langs, weights)
        self._learn_spellings()
        self.uses = self._count(~self.function)
        self._learn_boundaries()
        self._learn_nouns()
        self._learn_fixed_expressions()
        self._count_bigrams()
        self._tag_phrases()
        self._find_sides()

    def _learn_spellings(self) -> None:
        """Finds how each word is usually written. Capitals count inside sentences only, not in texts in capitals."""
        letters = np.array([len(word) for word, _ in self._forms], dtype=np.intp)[self._form]
        capitals = np.array([sum(map(str.isupper, word)) for word, _ in self._forms], dtype=np.intp)[self._form]
        shouts = np.bincount(self.text_of, 2 * capitals - letters, minlength=len(self.starts) - 1) > 0
        calm = self._weight * ~(self._opens_sentence | shouts[self.text_of])
        counts = np.bincount(self._form, calm, minlength=len(self._forms)).tolist()
        seen: defaultdict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)
        for (word, lang), count in zip(self._forms, counts, strict=True):
            if count:
                seen[word.lower(), lang][word] += count
        best = {plain: max(forms.items(), key=lambda item: (item[1], item[0]))[0] for plain, forms in seen.items()}
        self._shown: list[str] = [best.get(plain, plain[0]) for plain in self._plain]

    def _learn_boundaries(self) -> None:
        """Finds where a phrase may not start, and where it may end: where nothing continues it."""
        self.cannot_start = self.linked & _before(
            self._among(SUBJECT_PRONOUNS) | self._among(AUXILIARIES) | self._among(NEGATIONS)
        )
        listed = self._written_in(PHRASE_BREAKERS)
        whole_before = self._among(COORDINATORS) | self._among(LOOSE_PREPOSITIONS)
        continues = ~self.function | (self.clause & ~whole_before) | self._among(POSSESSIVES)
        continued = self.linked & np.where(listed, ~self._among(PHRASE_BREAKERS), continues)
        new_subject = _after(self._among(AUXILIARIES)) & _before(self._among(COORDINATORS))  # "and money could"
        self.can_end = ~_after(continued) & ~new_subject
        ends = self._count(self.can_end & ~self.function) >= np.maximum(MOST * self.uses, MIN_USES)
        capital = spread_answers((word[:1].isupper() for word in self._shown), self._form)
        self.named = ~self._written_in(CAPITALIZED_NOUNS) | capital
        self.can_end &= self.named | self._rule(lambda word, _: word.endswith("n"))
        self.can_end |= _after(self._among(COORDINATORS) & self.linked) & ends[self.lemma]

    def _learn_nouns(self) -> None:
        """Finds nouns: lemmas that often follow determiners or prepositions and are no verbs.

        In a language without a list of determiners every lemma may be a noun.
        """
        inner = self.linked & ~self.function
        gerund = self._rule(is_gerund) & _before(self._among(GERUND_PREPOSITIONS))
        introduced = _before(self._among(DETERMINERS)) | (
            _before(self._among(PREPOSITIONS)) & ~self.infinitive & ~gerund
        )
        as_noun = self._count(inner & introduced)
        of_verb = self._rule(lambda word, lang: is_infinitive(dictionary_form(word, lang), lang))
        verb = (self._count(of_verb) > 0) & (as_noun == 0)
        has_rules = np.array([lang in DETERMINERS for lang, _ in self.lemmas], dtype=np.bool_)
        # Where adjectives stand before the noun, all of a stretch that a determiner opens is nominal.
        at = _last_index(np.where(self.function, np.arange(len(self.function)), -1))
        opened = (self._among(OTHER_DETERMINERS) | self._among(OPENING_PREPOSITIONS))[at] & (at >= 0)
        parted = np.cumsum(~self.linked)
        nominal = self._count(inner & opened & (parted == parted[at]))
        self.nominal = (nominal >= np.maximum(1, MIN_NOUN_SHARE * self._count(inner))) | np.array(
            [lang not in OTHER_DETERMINERS for lang, _ in self.lemmas], dtype=np.bool_
        )
        self.noun = ~has_rules | ((as_noun >= MIN_NOUN_SHARE * self._count(inner)) & ~verb)

    def _tag_phrases(self) -> None:
        """Finds what may be part of a phrase, and what a name should avoid. Needs all that was learnt before."""
        noun = ~self.function & self.noun[self.lemma]
        finite = self._rule(is_finite) & ~noun & ~self.function
        listed = self._written_in(PHRASE_BREAKERS)
        free = ~self._among(PHRASE_BREAKERS) & ~self._among(SUBJECT_PRONOUNS)
        self.fits_inside = np.where(listed, free, (~self.function | self.clause) & ~finite & ~self._breaks_off(noun))
        self.adverb = self._rule(is_adverb) & ~noun
        self.joined_infinitive = self.infinitive & _before(self._among(COORDINATORS))
        self.negation = self._among(NEGATIONS) | self._among(REFUSALS)
        self.negated = self._after_negation()

    def _after_negation(self) -> Bools:
        """Returns the tokens that a negation before them denies, up to the first content word: "stop à la coupe"."""
        at = np.arange(len(self.function))
        negation = _last_index(np.where(self.negation, at, -1))
        content = _last_index(np.where(self.function | self.negation, -1, at))
        stretch = np.cumsum(~self.linked)
        denied: Bools = (negation > content) & (stretch == stretch[negation])
        return denied

    def _find_sides(self) -> None:
        """Finds which texts say that they agree or oppose. A negation turns one into the other: "pas contre".

        A text that begins with a negation of something else opposes that: "no a la tala".
        """
        opens = np.append(True, self.text_of[1:] != self.text_of[:-1])[: len(self.text_of)]
        agreeing = self._among({lang: frozenset({word}) for lang, word in FOR.items()})
        agreeing &= opens | _before(self._among(BEFORE_FOR))
        agreeing |= opens & self._among(YES) & _after(self._among(YES_TO))
        favour = self._rule(lambda word, lang: dictionary_form(word, lang) in FAVOUR.get(lang or "", ())) | agreeing
        oppose = self._rule(lambda word, lang: dictionary_form(word, lang) in OPPOSE.get(lang or "", ()))
        oppose &= ~_before(self._among(FIGHTING))
        turned = self.negated & ~_before(oppose) & ~_before(_before(oppose))  # "contre" negates too, not itself
        favour, oppose = np.where(turned, oppose, favour), np.where(turned, favour, oppose)
        size = len(self.starts) - 1
        denies = np.bincount(self.text_of, opens & self.negation, minlength=size) > 0
        oppose |= (
            opens
            & (denies & ~np.bincount(self.text_of, favour | oppose, minlength=size).astype(np.bool_))[self.text_of]
        )
        agrees = np.bincount(self.text_of, favour, minlength=size) > 0
        opposes = np.bincount(self.text_of, oppose, minlength=size) > 0
        self.side: Ints = agrees.astype(np.intp) - opposes

    def _breaks_off(self, noun: Bools) -> Bools:
        """Returns the tokens that can't continue a phrase: they open another one, or don't fit the words before."""
        determiner = self._among(DETERMINERS) | self._among(OTHER_DETERMINERS)
        degree = self._among(DEGREE_ADVERBS)
        quantity = degree & _after(self._among(PREPOSITIONS))  # "plus de"
        new_phrase = _before(~self.function & ~self.infinitive) & (self._among(PHRASE_OPENERS) | quantity)
        rare = np.exp(self.log_bigram) < np.maximum(MIN_BIGRAM_SHARE * self.uses[self.lemma], MIN_USES)
        head = self._written_in(DETERMINERS) & (noun | self.infinitive) & ~self.function
        side_by_side = head & _before(~self.function) & rare & self.linked
        noun_and_adverb = _before(self._among(COORDINATORS)) & degree & _before(_before(noun))  # "train et trop cher"
        lost_apostrophe = _before(self._among(ELIDED)) & self.spaced  # "d entreprise"
        seldom = np.exp(self.log_bigram) < MIN_USES - 0.5
        odd_pair = self.function & ~determiner & _before(self.function) & self.linked & seldom
        return new_phrase | side_by_side | noun_and_adverb | lost_apostrophe | odd_pair | self._disagrees(degree)

    def _disagrees(self, adverb: Bools) -> Bools:
        """Returns the tokens that agree in number or gender with neither their noun nor their determiner.

        The second word of a fixed expression agrees as its first one does: "transports en commun gratuits". That of a
        compound need not: "voitures au centre-ville".
        """
        fixed = self.needs_before[self.lemma] & _before(self.function)
        head = np.where(self.function | fixed, -1, np.arange(len(self.function)))
        differs = self._other_number(head, adverb) | self._other_gender(head, adverb)
        disagrees: Bools = ~self.function & self.linked & ~self._compound & differs
        return disagrees

    def _other_number(self, head: Ints, adverb: Bools) -> Bools:
        """Returns the tokens in another number than their head or their determiner.

        The head is the word before, adverbs aside. Two nouns that often follow each other need not agree.
        """
        numbers = np.fromiter((number(*form) for form in self._plain), dtype=np.intp)[self._form]
        plural = self._determined(PLURAL_DETERMINERS, SINGULAR_DETERMINERS) > 0
        invariable = self._count(plural & (numbers < 0)) > 1  # "les rdv", more than once: no slip
        numbers = np.where(invariable[self.lemma], 0, numbers)
        before = _last_index(head)
        content = _last_index(np.where(self.function, -1, np.arange(len(head))))
        beside = (before >= 0) & (content >= 0) & (content == _last_index(np.where(adverb, -1, np.arange(len(head)))))
        usual = np.exp(self.log_bigram) >= np.maximum(MIN_BIGRAM_SHARE * self.uses[self.lemma], MIN_USES)
        differs: Bools = beside & (numbers * numbers[before] < 0) & ~(usual & self.noun[self.lemma])
        return differs | (self._determined(PLURAL_DETERMINERS, SINGULAR_DETERMINERS) * numbers < 0)

    def _other_gender(self, head: Ints, adverb: Bools) -> Bools:
        """Returns adjectives in another gender than the last noun, and nouns in another than their determiner.

        Between adjective and noun there may be adverbs and coordinators only.
        """
        genders = np.fromiter((gender(*form) for form in self._plain), dtype=np.intp)[self._form]
        noun = self.noun[self.lemma]
        of_noun = self._noun_genders()[self.lemma]
        before = _last_index(np.where(noun, head, -1))
        parted = np.cumsum(~self.linked | (self.function & ~adverb & ~self._among(COORDINATORS)))
        differs: Bools = (before >= 0) & (parted == parted[before]) & ~noun & (genders * of_noun[before] < 0)
        return differs | (self._determined(FEMININE_DETERMINERS, MASCULINE_DETERMINERS) * of_noun < 0)

    def _determined(self, one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> Ints:
        """Returns 1 for each token after a determiner of one list, -1 after one of the other, 0 elsewhere."""
        after: Ints = _before(self._among(one)).astype(np.intp) - _before(self._among(other))
        return after * self.linked

    def _noun_genders(self) -> Ints:
        """Returns, for each lemma, 1 if it mostly follows feminine determiners, -1 if masculine ones, else 0."""
        determined = self._determined(FEMININE_DETERMINERS, MASCULINE_DETERMINERS) * ~self.function
        feminine, masculine = self._count(determined > 0), self._count(determined < 0)
        needed = np.maximum(MIN_GENDER_SHARE * (feminine + masculine), MIN_USES)
        return (feminine >= needed).astype(np.intp) - (masculine >= needed)

    def _learn_fixed_expressions(self) -> None:
        """Finds words that nearly always come together, with nothing but connectors between them.

        A text counts once, however many ideas share it: all words of a petition come together in its copies.
        """
        content = np.flatnonzero(~self.function)
        broken = np.cumsum(~self.linked | (self.function & ~self.connector))
        adjacent = broken[content[1:]] == broken[content[:-1]]
        one, other = self.lemma[content[:-1][adjacent]], self.lemma[content[1:][adjacent]]
        pairs, pair_of = np.unique(one * len(self.lemmas) + other, return_inverse=True)
        counts = np.bincount(pair_of, minlength=len(pairs))
        uses = np.bincount(self.lemma[content], minlength=len(self.lemmas))
        one, other = np.divmod(pairs, max(1, len(self.lemmas)))
        self.needs_before = np.zeros(len(self.lemmas), dtype=np.bool_)
        self.needs_after = np.zeros(len(self.lemmas), dtype=np.bool_)
        self.needs_before[other[(counts >= MIN_USES) & (counts >= MOST * uses[other])]] = True
        self.needs_after[one[(counts >= MIN_USES) & (counts >= MOST * uses[one])]] = True

    def _count_bigrams(self) -> None:
        """Counts each pair of a word and the one before, as spelled: the most usual of several spellings reads best."""
        spellings: dict[tuple[str, str | None], int] = {}
        index = [spellings.setdefault(plain, len(spellings)) for plain in self._plain]
        spelled = np.array(index, dtype=np.intp)[self._form]
        before = np.append(0, spelled[:-1])[: len(spelled)] + 1
        pairs = np.where(self.linked, before, 0) * len(spellings) + spelled
        _, pair_of, counts = np.unique(pairs, return_inverse=True, return_counts=True)
        self.log_bigram = np.log(counts)[pair_of].astype(np.float32)

    def surface(self, first: int, last: int) -> str:
        """Returns the tokens first..last as the campaign usually writes them, with its accents and capitals."""
        forms = self._form[first : last + 1].tolist()
        gaps = self._gap[first + 1 : last + 1].tolist()
        rest = (self._shown_gaps[gap] + self._shown[form] for gap, form in zip(gaps, forms[1:], strict=True))
        return str(self._shown[forms[0]]) + "".join(rest)


def _before(flags: Bools) -> Bools:
    """Returns, for each token, the flag of the token before; False for the first."""
    return np.append(False, flags[:-1])[: len(flags)]


def _after(flags: Bools) -> Bools:
    """Returns, for each token, the flag of the token after; False for the last."""
    return np.append(flags[1:], False)[: len(flags)]


def _last_index(indices: Ints) -> Ints:
    """Returns, for each token, the largest of the indices given for the tokens before it, -1 for none."""
    return np.maximum.accumulate(np.append(-1, indices[:-1]))[: len(indices)]
