"""Which language each text is in, among those that the campaign really uses."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

from clustering.text.cleaning import strip_accents

if TYPE_CHECKING:
    from collections.abc import Iterable

# What the embedded model was trained on: other guesses on short texts are mistakes more often than languages.
KNOWN = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
PLAUSIBLE_SHARE = 0.03  # a language that fewer texts seem to be in is taken for a mistake
CODE_LENGTH = 2
ENOUGH = 25  # characters from which a first guess is trusted to tell which languages are there


class _Identifier(Protocol):
    def set_languages(self, langs: "Iterable[str] | None" = None) -> None: ...
    def classify(self, text: str) -> tuple[str, float]: ...


@cache
def _identifier() -> _Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    return identifier


def detect_languages(texts: Sequence[str], given: Sequence[str | None] | None = None) -> list[str | None]:
    """Returns an ISO 639-1 code for each text, None where there are no words. What is given is kept.

    A first pass over the longer texts tells which languages the campaign uses; the others choose among those.
    """
    known: list[str | None] = [_code(lang) for lang in (given if given is not None else [None] * len(texts))]
    open_rows = [row for row, text in enumerate(texts) if known[row] is None and text]
    if not open_rows:
        return known
    identifier = _identifier()
    identifier.set_languages(KNOWN)
    guesses = {row: identifier.classify(texts[row].lower())[0] for row in open_rows}
    plausible = _plausible(texts, guesses, [lang for lang in known if lang])
    identifier.set_languages(plausible)
    for row, guess in guesses.items():
        known[row] = guess if guess in plausible else identifier.classify(texts[row].lower())[0]
    return known


def _plausible(texts: Sequence[str], guesses: dict[int, str], given: list[str]) -> list[str]:
    long = Counter(guess for row, guess in guesses.items() if len(texts[row]) >= ENOUGH) or Counter(guesses.values())
    long.update(lang for lang in given if lang in KNOWN)
    enough = PLAUSIBLE_SHARE * long.total()
    return sorted(lang for lang, count in long.items() if count >= enough)


def _code(lang: str | None) -> str | None:
    """'fr_FR', 'FR', 'fr-CA' -> 'fr'; what isn't a code is left to be found."""
    code = (lang or "").strip().lower().replace("_", "-").split("-")[0]
    return code if len(code) == CODE_LENGTH and code.isascii() and code.isalpha() else None


def _word_sets(lists: dict[str, str]) -> dict[str, frozenset[str]]:
    return {lang: frozenset(words.split()) for lang, words in lists.items()}


# Words that carry a sentence rather than its subject, beyond the usual lists: openings, opinions, quantities.
MORE_STOP_WORDS = _word_sets(
    {
        "fr": """
            falloir pouvoir devoir vouloir faire avoir être aller mettre rendre permettre donner
            prendre voir savoir dire penser croire trouver souhaiter proposer venir passer rester
            arriver continuer commencer arrêter cesser beaucoup trop peu plus moins très assez bien
            mieux mal aussi encore toujours jamais déjà parfois souvent afin car donc puis ensuite
            ainsi alors cependant toutefois notamment surtout seulement simplement vraiment exemple
            cas fait faits façon manière chose choses fois besoin possible impossible nécessaire
            important bon bonne bons meilleur meilleure grand grande petit petite petits nouveau
            nouvelle vrai vraie réel seul même autre autres certain certains certaine certaines tel
            telle tous tout toute toutes chaque plusieurs aucun aucune oui non svp etc cf via bref
            merci idée idées proposition propositions avis question réponse moi soi lui leur leurs
            notre nos votre vos mon ma mes ton ta tes son sa ses ce cet cette ces ça cela ceci
            faudrait serait seraient aurait pourrait devrait doit doivent peut peuvent peux veux
            veut veulent soit fort faute lieu place part partie type sorte genre point suite compte
            niveau ensemble quelque quelques gens monde pays france français française aujourd hui
            bonjour bonsoir madame monsieur qd lorsqu puisqu quoiqu jusqu quelqu presqu
            jour jours an ans année années mois semaine semaines heure heures temps minute minutes
            km kms euro euros maximum minimum max côté côtés actuel actuelle actuellement facile
            facilement difficile difficilement
            vite rapidement absolument ailleurs dehors dedans loin près là ici où quand comment
            pourquoi combien quel quelle quels quelles lequel laquelle utiliser utilisation existe
            mise amélioration augmentation développement solution solutions mesure mesures
            existent existant concerne concernant rapport d l n s c j m t qu y
        """,
        "en": """
            would could should can may might must need want like get make let give take put think
            believe feel see know use using please also really just much many more less most very
            good better best great new big small people thing things way ways lot lots kind sort
            example etc yes no idea ideas suggestion suggest proposal day days week weeks month
            months year years time times able possible important necessary easy easily ll ve re don
            hello hi dear doesn didn isn aren won t s d m
        """,
    }
)

# Small words that may stand inside a name ("aide à l’achat d’un vélo"); others make a clause of it.
LINKS = _word_sets(
    {
        "fr": """
            de du des d à a au aux en le la les l et pour sur par dans sans avec un une entre non
            plus
        """,
        "en": """
            of the to for in on and with a an at by from per without s as than
        """,
        "es": """
            de del la el los las y para en con sin por un una a al
        """,
        "it": """
            di del della dei delle dello la il lo le i gli l e per in con senza un una a al alla d
        """,
        "pt": """
            de do da dos das a o os as e para em no na com sem por um uma ao
        """,
        "de": """
            der die das des dem den und für von mit ohne in im am an auf zu zum zur
        """,
        "nl": """
            de het een van voor en in op met zonder aan bij te tot
        """,
    }
)

# Small words that make a clause of a phrase and may stand inside a name all the same ("trains trop chers").
CLAUSE = _word_sets(
    {
        "fr": """
            trop plus moins très mieux mal assez peu souvent toujours et ou par comme vers chez
            depuis entre sous sur selon tout tous toute toutes ses son sa leur leurs
        """,
        "en": """
            is are be was were being should can will would must may might could not no more less too very
            has have had do does or their its his her there s t all most only also never
        """,
        "es": """
            es son ser muy más menos no mal debe deben puede pueden o su sus todo todos
        """,
        "it": """
            è sono essere molto più meno non male deve devono può possono o suo sua loro
        """,
        "pt": """
            é são ser muito mais menos não mal deve devem pode podem ou seu sua
        """,
        "de": """
            ist sind sein sehr mehr weniger nicht zu soll sollen sollte muss müssen kann können oder ihre
        """,
        "nl": """
            is zijn zeer meer minder niet moet moeten kan kunnen of hun
        """,
    }
)

# Words after which a noun comes, in languages where adjectives mostly follow it.
ARTICLES = _word_sets(
    {
        "fr": """
            le la les l un une des du au aux ce cet cette ces son sa ses leur leurs mon ma mes notre
            nos votre vos chaque tout toute tous toutes aucun aucune plusieurs certains certaines
        """,
    }
)

# Their like in another language, where what follows isn't judged by them.
DETERMINERS = _word_sets({"en": "the a an my your our their his her its"})

# Of the articles, words that go before plurals only, and before singulars only.
PLURAL_ARTICLES = _word_sets({"fr": "les des aux ces ses mes tes nos vos leurs plusieurs certains certaines"})
SINGULAR_ARTICLES = _word_sets({"fr": "le la un une du au ce cet cette son sa mon ma notre votre leur chaque"})

# Before singulars, words that go before feminine nouns only, and before masculine ones only.
FEMININE_ARTICLES = _word_sets({"fr": "la une cette"})
MASCULINE_ARTICLES = _word_sets({"fr": "le un du au ce cet"})

# Words after which either a noun or an action comes.
PREPOSITIONS = _word_sets({"fr": "de d en à a par pour sans avec entre"})

# Of the articles, those that hold a preposition.
CONTRACTED = _word_sets({"fr": "du des au aux"})

# Words after which what comes may belong to the verb before as well as to the noun.
LOOSE = _word_sets({"fr": "à a au aux des sur vers par pour dans chez entre avec sans depuis sous"})

# Articles that open another noun phrase when they follow a noun ("à la campagne la voiture").
OPENING = _word_sets({"fr": "le la les l un une ce cet cette ces son sa ses leur leurs tous toute toutes"})

# Words after which a verb comes, whose subject is left outside.
SUBJECTS = _word_sets(
    {
        "fr": "je j tu il elle on nous vous ils elles qui cela ça ceci ne n se s",
        "en": "i you he she it we they who which",
    }
)

AND = {"fr": "et", "en": "and", "es": "y", "de": "und", "it": "e", "pt": "e", "nl": "en"}

# What stands around a quotation.
QUOTES = {"fr": ("«\u00a0", "\u00a0»"), "it": ("«", "»"), "es": ("«", "»"), "pt": ("«", "»"), "de": ("„", "“")}

# Words that promise a noun, so that nothing ends before them.
PROMISING = _word_sets({"fr": "mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces"})

# Verbs whose subject ends before them.
AUXILIARY = _word_sets(
    {"en": "is are be been being was were should can will would must may might could has have had do does did"}
)

# Words before which a phrase ends, in languages where other small words may go on with it.
BREAKING = _word_sets(
    {
        "en": """
            is are was were should can will would must may might could has have had do does did
            because since so but which who whose whom when where while if unless until though although whereas
            therefore thus hence then i you he she it we they there also due for in with at by from without
        """,
    }
)

# Words that tell how much.
ADVERBS = _word_sets(
    {
        "fr": "trop plus moins très mieux mal assez peu souvent toujours bien",
        "en": "no not more less too very most also only never",
    }
)

# Words without which what follows would say the contrary.
DENYING = _word_sets(
    {
        "fr": "ne n pas ni sans aucun aucune non jamais rien moins trop contre",
        "en": "no not never none nothing nobody without less fewer too against t don isn aren doesn won cannot",
    }
)

# Words that open a clause with a verb of its own.
CONJUNCTIONS = _word_sets({"fr": "que qu si quand lorsque lorsqu puisque puisqu parce car"})

# What is written before an apostrophe only.
ELIDED = _word_sets({"fr": "c d j l m n qu s t"})

# "en roulant": words before a form of a verb that looks like a noun, and how that form ends.
GERUND_AFTER = _word_sets({"fr": "en"})
GERUND = {"fr": re.compile(r"ant$")}

# Words that put two things side by side.
JOINING = _word_sets({"fr": "et ou", "en": "and or"})

# Words that are left out of "le vélo et la marche" on both sides; the second one.
LEFT_OUT = _word_sets({"fr": "le la les l un une des du au aux de d"})
JOINED_ARTICLE = {"fr": re.compile(r"\b(et|ou) (?:les? |la |l’|une? |des? |du |d’|aux? )")}

# The form of a verb that names an action, in languages where its ending tells; the same of words that no dictionary
# has; and by what its ending is replaced in forms that only a verb has.
INFINITIVE = {"fr": re.compile(r"^\w{2,}(?:er|ir|oir|re)$")}
VERBAL = {"fr": re.compile(r"(?:[^i]er|ifier|[^o]ir)$")}
CONJUGATED = {
    "fr": (
        ("er", "era"),
        ("er", "ez"),
        ("er", "é"),
        ("ir", "ira"),
        ("ir", "ez"),
        ("oir", "ra"),
        ("oir", "ez"),
        ("oir", "oyez"),
        ("re", "ra"),
        ("faire", "fera"),
    )
}

# The ending of words that tell how something is done, nouns left out; of plurals.
ADVERB = {"fr": re.compile(r"ment$")}
PLURAL = {"fr": re.compile(r"[sxz]$")}

# The ending of participles, in the singular.
FEMININE = {"fr": re.compile(r"é(?P<feminine>e)?$")}

# The forms of a verb that may stand in a name as adjectives do; its others make a clause.
PARTICIPLE = {"fr": re.compile(r"(?:é|i|u|ert|uit|dit|[aeo]int|mis|pris|ant)(?:e|s|es)?$")}

# Dictionary forms of words that tell when, and by themselves no subject; the same in every language.
TIMES = frozenset(
    strip_accents(
        """
            lundi mardi mercredi jeudi vendredi samedi dimanche week-end week end weekend
            janvier février mars avril mai juin juillet août septembre octobre novembre décembre
            matin matinée midi après-midi soir soirée nuit journée veille lendemain
            monday tuesday wednesday thursday friday saturday sunday
            january february april june july august september october november december
            morning noon afternoon evening night today tomorrow yesterday
        """
    ).split()
)

# Words that the usual lists hold for small, and that say what a theme is about.
FULL_WORDS = _word_sets(
    {
        "fr": """
            personne personnes parole pièce valeur force
        """,
        "en": """
            area areas bill free buy call computer copy date fire group groups help home homepage
            information interest interests line members move net page pages problem problems
            research right rights room rooms site state states system test text work works
        """,
    }
)


@cache
def stop_words(lang: str | None) -> frozenset[str]:
    """Returns the words of `lang` (lower case, without accents) that no name starts or ends with."""
    from stopwordsiso import stopwords

    words = stopwords(lang) - FULL_WORDS.get(lang, frozenset()) if lang else set()
    return frozenset(strip_accents(word) for word in words | MORE_STOP_WORDS.get(lang or "", frozenset()))
