"""Texts that are no proposal: those that say nothing, that only agree or only disagree. They are told before the graph.

By the words that such answers are made of (`answer_words`), by lists of usual ones, and from the data: a
few words that several people answer, none of which has a meaning of its own.
"""

import re

from clustering.text.cleaning import fold, strip_accents
from clustering.text.grammar import is_function_word
from clustering.text.set_aside.answer_words import (
    AGREEING,
    ALONE,
    ANSWERS,
    AROUND,
    AROUND_JUDGED,
    AROUND_SATISFIED,
    DENIALS,
    EVERYTHING,
    JUDGED,
    MEANWHILE,
    NO,
    ONLY_WITH_AN_ANSWER,
    OPPOSED_TO,
    OPPOSING,
    PRAISING,
    REJECTING,
    SATISFIED,
    SAYING,
    WELL,
)
from clustering.text.set_aside.courtesies import strip_courtesies
from clustering.text.word_lists import DETERMINERS, OPENING_PREPOSITIONS, OTHER_DETERMINERS, PREPOSITIONS
from clustering.types import Leftover

PUNCTUATION = re.compile(r"[\s.…,;:!?/\\*()\[\]+=~_–—-]+")
MAX_WORDS = 12  # of a text that is looked up: a longer one says something
MAX_COMMON_WORDS = 3  # of a text that is no proposal because several people answer it
MIN_PEOPLE = 3  # who do


def _folded(lines: str) -> frozenset[str]:
    return frozenset(strip_accents(fold(line)) for line in lines.split("|") if line)


NOTHING = _folded(
    # French
    "|ras|r a s|néan|non|oui|si|non merci|nan|sans objet|so|s o|sr|nc|n c|nsp|n s p|ne se prononce pas"
    "|je ne me prononce pas|pas d exemple|jsp|idem|déjà dit|déjà répondu|comme dit plus haut|comme ci dessus"
    "|même réponse|même chose|merci|merci beaucoup|bonjour|bonsoir|ok|okay|c est bien|très bien|bien|test|essai"
    "|x|xx|xxx|non renseigné|à voir|peut être|bof|c est tout|voilà|joker|aucun intérêt|je passe|passe"
    "|question suivante|pas pour l instant|pas pour le moment|ce n est pas mon cas|c est pas mon cas"
    "|pas mon cas|nr|nspp|ça me va|ne changez rien|lol|mdr|azerty|qsdf|bla bla|blabla|bla bla bla|vide"
    "|lorem ipsum"
    # English
    "|na|n a|no|nope|nil|null|no thanks|no thank you|dk|idk|dunno|not sure|unsure|i m not sure|i am not sure"
    "|not applicable|does not apply|not that i can think of|none that i can think of|can t think of anything"
    "|i can t think of anything|can t think of any|as above|same as above|same as before|ditto|same|yes|yep"
    "|yeah|thanks|thank you|hello|hi|fine|good|that s all|that is all|pass|skip|tbd|tba|not at this time"
    "|not at the moment|not really|don t care|i don t care|keep up the good work|qwerty|asdf|undefined|empty"
    "|ref"
    # German
    "|nein|ja|gar nichts|keine|keiner|keins|kein|k a|ka|nichts weiter|nichts besonderes|entfällt"
    "|nicht zutreffend|trifft nicht zu|s o|wie oben|dito|danke|nein danke|hallo|mir egal|egal|fehlanzeige"
    "|enthaltung|k ang|nö|ne|leer"
    # Spanish
    "|no|sí|ns nc|ns|nsnc|no sabe|no sabe no contesta|no contesta|no aplica|no procede|ídem|lo mismo|igual"
    "|gracias|no gracias|hola|vale|está bien|paso|no estoy seguro|no estoy segura|n s|por favor|vacío"
    # Others
    "|nee|nvt|n v t|non saprei|n d|não|brak|nie wiem|nie|нет|не знаю|ничего|yok|bilmiyorum|hayır"
    "|なし|特になし|ありません|特にありません|没有|無|无|不知道|없음|없습니다|ไม่มี|ไม่ทราบ|कुछ नहीं|नहीं|لا يوجد|لا شيء|لا"
)
AGREES = _folded(
    # French
    "|tout à fait|plutôt d accord|quelle bonne idée|je suis pour|pour|moi aussi je suis pour|ok pour moi"
    "|complètement pour|totalement pour|100 pour|j aime|pareil|bien vu|excellent|avis favorable"
    "|je partage ce point de vue|je partage cet avis|je partage cette idée|je partage|absolument|exactement"
    "|évidemment|bravo|génial|super|top|d accord avec le message précédent|oui tout à fait|moi aussi"
    "|pareil pour moi|même avis|du même avis|je suis du même avis|complètement|entièrement|carrément|1|plus 1"
    "|effectivement|c est vrai|bien dit|très bien dit|à soutenir"
    # English
    "|i am in agreement|love it|i love it|i like it|i like this|love this|i second this|absolutely|exactly"
    "|definitely|for sure|of course|well said|same here|me too|upvote|this|yes please|so true|true|well done"
    "|awesome|brilliant|excellent|i couldn t agree more|couldn t agree more"
    # German
    "|finde ich gut|find ich gut|finde ich auch|sehe ich auch so|sehe ich genauso|genau|genau so|absolut"
    "|auf jeden fall|finde ich super|richtig|stimmt|ja bitte"
    # Spanish
    "|me gusta|me parece bien|me parece muy bien|por supuesto|me parece genial|vota|claro que sí|exacto"
    "|exactamente|votad|yo también|me sumo"
)
DISAGREES = _folded(
    # French
    "|absolument contre|avis défavorable|je m y oppose|je m oppose|je refuse|c est faux|faux"
    # English
    "|downvote"
    # German
    "|ablehnung|ich lehne das ab|lehne ich ab|das lehne ich ab|falsch"
    # Spanish
    "|en desacuerdo|estoy en desacuerdo|totalmente en desacuerdo|desacuerdo|me parece mal"
)
# A text of these words that begins with one of the first and has one of the second only refers to another answer.
_SEE = _folded("cf|voir|see|siehe|vgl|ver|véase")
_ELSEWHERE = _folded(
    "dessus|dessous|haut|bas|précédent|précédente|précédentes|précédents|précédemment|supra|infra|above|below|earlier"
    "|previous|oben|unten|obige|vorige|arriba|abajo|anterior|anteriores"
)
_REFERRING = _folded(
    "ci|plus|à|la|le|les|ma|mon|mes|nos|autre|autres|réponse|réponses|proposition|propositions|point|points"
    "|commentaire|commentaires|remarque|remarques|question|my|the|other|answer|answers|comment|comments|proposal"
    "|proposals|response|responses|suggestion|suggestions|meine|meinen|antwort|antworten|vorschlag|vorschläge"
    "|kommentar|mi|mis|las|otra|otras|respuesta|respuestas|propuesta|propuestas|comentario|comentarios"
)
# Words that turn agreement into disagreement, and the other way round: "I do not agree", "pas contre".
_NEGATIONS = frozenset(
    strip_accents("ne n pas point absolument not do don t no nicht kein keine keinen keineswegs").split()
)
# All words that such a text may have.
_ANSWERING = ANSWERS | SAYING
_OF_NO_ANSWER = DENIALS | _ANSWERING | AROUND
_OF_SATISFACTION = SATISFIED | EVERYTHING | WELL | AROUND_SATISFIED
_OF_AGREEMENT = AGREEING | PRAISING | JUDGED | AROUND_JUDGED
_OF_OPPOSITION = OPPOSING | REJECTING | JUDGED | AROUND_JUDGED
_MOMENT = re.compile(rf"\b(?:{'|'.join(MEANWHILE)})\b")
_ELIDED = re.compile(r"\b([cj])e (?=[aeiouy])")


def residue_of(text: str) -> Leftover | None:
    """Returns NOTHING, AGREES or DISAGREES for a text that is no proposal, None for any other.

    `text`: one line without HTML, see cleaning.gist. A number or punctuation alone says nothing; "+1" agrees. What
    denies an agreement disagrees.
    """
    folded = fold(text)
    if PUNCTUATION.fullmatch(text) or (folded.replace(" ", "").isdigit() and not text.strip().startswith("+")):
        return Leftover.NOTHING
    if not folded or folded.count(" ") >= MAX_WORDS:
        return None
    key = strip_accents(folded)
    forms = {_without_moment(key), _without_moment(strip_accents(fold(strip_courtesies(text))))}
    if any(map(_says_nothing, forms)):
        return Leftover.NOTHING
    denied = {_without_negation(form) for form in forms} - forms
    if key.isdigit() or any(map(_agrees, forms)):
        return Leftover.AGREES
    if any(map(_opposes, forms)) or any(map(_agrees, denied)):
        return Leftover.DISAGREES
    return Leftover.AGREES if any(map(_opposes, denied)) else None


def is_common_answer(text: str, lang: str | None, ideas: int) -> bool:
    """Whether a text that some ideas share is no proposal: a few words without meaning, such as "pas vraiment".

    `ideas`: how many share it. A word after a determiner or a preposition counts as a noun: "plus de temps" asks.
    """
    words = fold(text).split()
    if ideas < MIN_PEOPLE or len(words) > MAX_COMMON_WORDS or not words:
        return False
    openers = (DETERMINERS, OTHER_DETERMINERS, PREPOSITIONS, OPENING_PREPOSITIONS)
    opening = frozenset().union(*(lists.get(lang or "", frozenset()) for lists in openers))
    return all(is_function_word(word, lang) for word in words) and opening.isdisjoint(words[:-1])


def _says_nothing(key: str) -> bool:
    words = key.split()
    return key in NOTHING or _refers(words) or _has_no_answer(words) or _is_satisfied(frozenset(words))


def _has_no_answer(words: list[str]) -> bool:
    """Whether some words only say that there is no answer: "pas de remarque", "I have nothing to add"."""
    used = frozenset(words)
    says = used & ALONE or (used & DENIALS and used & _ANSWERING)
    if not says or (words[0] in NO and OPPOSED_TO.intersection(words[1:2])):
        return False
    return (used - ONLY_WITH_AN_ANSWER if used & ANSWERS else used) <= _OF_NO_ANSWER


def _is_satisfied(words: frozenset[str]) -> bool:
    """Whether some words only say that all is well: "très satisfait", "everything is fine"."""
    well = words & SATISFIED or (words & EVERYTHING and words & WELL)
    return bool(well) and words <= _OF_SATISFACTION


def _agrees(key: str) -> bool:
    words = frozenset(key.split())
    says = words & AGREEING or (words & PRAISING and words & JUDGED)
    return key in AGREES or (bool(says) and words <= _OF_AGREEMENT)


def _opposes(key: str) -> bool:
    words = frozenset(key.split())
    says = (words & OPPOSING and not words & _NEGATIONS) or (words & REJECTING and words & JUDGED)
    return key in DISAGREES or (bool(says) and words <= _OF_OPPOSITION)


def _refers(words: list[str]) -> bool:
    """Whether some words only refer to another answer: "voir mes propositions ci-dessus", "see my previous answer"."""
    rest = set(words[1:])
    return words[0] in _SEE and bool(rest & _ELSEWHERE) and rest <= _ELSEWHERE | _REFERRING


def _without_moment(key: str) -> str:
    return " ".join(_MOMENT.sub(" ", key).split()) or key


def _without_negation(key: str) -> str:
    """Returns the words less those that deny: "ce n est pas une bonne idee" is "c est une bonne idee"."""
    return _ELIDED.sub(r"\1 ", " ".join(word for word in key.split() if word not in _NEGATIONS))
