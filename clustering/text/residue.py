"""Texts that are no proposal: those that say nothing, that only agree or only disagree. They are told before the graph.

By lists for French, English, German and Spanish, all at once: a short answer seldom tells its language. And from the
data: a few words that several people answer, none of which has a meaning of its own.
"""

import re

from clustering.text.cleaning import fold, strip_accents
from clustering.text.courtesies import strip_courtesies
from clustering.text.grammar import is_function_word
from clustering.text.word_lists import DETERMINERS, OPENING_PREPOSITIONS, OTHER_DETERMINERS, PREPOSITIONS
from clustering.types import Leftover

PUNCTUATION = re.compile(r"[\s.…,;:!?/\\*()\[\]+=~_–—-]+")
MAX_WORDS = 8  # of a text that is looked up: a longer one says something
MAX_COMMON_WORDS = 3  # of a text that is no proposal because several people answer it
MIN_PEOPLE = 3  # who do

# What a longer answer may begin or end with, without saying more.
_FILLERS = frozenset(
    strip_accents(
        "je i ich yo en pour le l moment instant cela ça ca du tout vraiment particulier de plus a à au vu rien "
        "really for now at all the this moment im augenblick derzeit dazu wirklich hierzu por ahora en este momento"
    ).split()
)


def _folded(lines: str) -> frozenset[str]:
    return frozenset(strip_accents(fold(line)) for line in lines.split("|") if line)


NOTHING = _folded(
    # French
    "|ras|r a s|néant|néan|rien|rien à dire|rien à signaler|rien à ajouter|rien de plus|rien de particulier"
    "|rien de spécial|aucun|aucune|aucune idée|aucun avis|aucun commentaire|aucune remarque|aucune proposition"
    "|aucune suggestion|aucune opinion|non|oui|si|non merci|nan|sans avis|sans opinion|sans objet|sans réponse"
    "|sans commentaire|sans idée|so|s o|sr|nc|n c|nsp|n s p|ne se prononce pas|je ne me prononce pas|pas d avis"
    "|pas d opinion|pas d idée|pas d idées|pas de commentaire|pas de commentaires|pas de remarque"
    "|pas de réponse|pas de proposition|pas de suggestion|pas d exemple|pas concerné|pas concernée|non concerné"
    "|non concernée|je ne suis pas concerné|je ne suis pas concernée|je ne sais pas|je sais pas|sais pas|jsp"
    "|ne sait pas|ne sais pas|je ne vois pas|je n ai pas d avis|je n ai pas d idée|je n ai aucun avis"
    "|je n ai aucune idée|je n ai rien à dire|je n ai rien à ajouter|je n ai pas d opinion"
    "|pas d avis sur la question|idem|voir plus haut|voir ci dessus|cf supra|cf ci dessus|cf plus haut"
    "|voir réponse précédente|voir précédemment|déjà dit|déjà répondu|comme dit plus haut|comme ci dessus"
    "|même réponse|même chose|merci|merci beaucoup|bonjour|bonsoir|ok|okay|tout va bien|tout est bien"
    "|c est bien|très bien|bien|parfait|test|essai|x|xx|xxx|non renseigné|à voir|peut être|bof"
    "|rien de plus à dire|rien d autre|c est tout|voilà|joker|aucun intérêt|je passe|passe|question suivante"
    "|pas pour l instant|pas pour le moment|non rien|rien du tout|je n ai pas la réponse|ce n est pas mon cas"
    "|c est pas mon cas|pas mon cas|je n ai pas été concerné|je n ai pas été concernée"
    # English
    "|na|n a|no|nope|none|nil|null|nothing|nothing to add|nothing to say|nothing else|nothing really"
    "|nothing in particular|no comment|no comments|no opinion|no idea|no ideas|no suggestion|no suggestions"
    "|no answer|no response|no thanks|no thank you|i don t know|i dont know|don t know|dont know|dk|idk|dunno"
    "|not sure|unsure|i m not sure|i am not sure|i can t say|not applicable|does not apply|not that i can think of"
    "|none that i can think of|can t think of anything|i can t think of anything|can t think of any|see above"
    "|as above|same as above|same as before|see previous|see previous answer|ditto|same|yes|yep|yeah|thanks"
    "|thank you|hello|hi|all good|all fine|fine|good|everything is fine|everything is good|that s all"
    "|that is all|pass|skip|tbd|tba|not at this time|not at the moment|no further comment|no further comments"
    "|nothing comes to mind|nothing at this time"
    # German
    "|nein|ja|nichts|gar nichts|keine|keiner|keins|kein|keine angabe|keine angaben|k a|ka|keine meinung"
    "|keine ahnung|keine idee|keine ideen|keine antwort|kein kommentar|keine kommentare|keine anmerkung"
    "|keine anmerkungen|keine vorschläge|kein vorschlag|nichts hinzuzufügen|nichts zu sagen|nichts weiter"
    "|nichts besonderes|weiß nicht|weiss nicht|ich weiß nicht|ich weiß es nicht|ich weiss nicht"
    "|ich weiss es nicht|weiß ich nicht|entfällt|nicht zutreffend|trifft nicht zu|nicht betroffen|siehe oben"
    "|s o|wie oben|dito|danke|nein danke|hallo|alles gut|alles ok|alles bestens|passt|mir egal|egal|fehlanzeige"
    "|enthaltung|dazu habe ich keine meinung|ich habe keine meinung|ich habe keine idee|fällt mir nichts ein"
    "|mir fällt nichts ein"
    # Spanish
    "|no|sí|nada|nada que decir|nada que añadir|nada que agregar|nada más|nada en particular|ninguno|ninguna"
    "|ningún comentario|ninguna idea|ninguna opinión|ninguna sugerencia|sin comentarios|sin comentario"
    "|sin opinión|sin respuesta|sin ideas|ns nc|ns|nsnc|no sé|no lo sé|no sabe|no sabe no contesta|no contesta"
    "|no aplica|no procede|no tengo opinión|no tengo ideas|no tengo idea|no tengo nada que decir"
    "|no tengo comentarios|no se me ocurre nada|ver arriba|véase arriba|ídem|lo mismo|igual|gracias|no gracias"
    "|hola|todo bien|todo está bien|vale|está bien|paso|no estoy seguro|no estoy segura"
)
AGREES = _folded(
    # French
    "|d accord|tout à fait|tout à fait d accord|entièrement d accord|complètement d accord|totalement d accord"
    "|bien d accord|pleinement d accord|je suis d accord|je suis tout à fait d accord"
    "|je suis entièrement d accord|je suis totalement d accord|d accord avec vous"
    "|tout à fait d accord avec vous|entièrement d accord avec vous|je suis d accord avec vous"
    "|du tout d accord|plutôt d accord|bonne idée|une bonne idée|très bonne idée|excellente idée"
    "|super idée|belle idée|quelle bonne idée|c est une bonne idée|c est une très bonne idée|bonne proposition"
    "|très bonne proposition|excellente proposition|bonne initiative|très bonne initiative|super initiative"
    "|belle initiative|excellente initiative|je soutiens|je soutiens cette idée|je soutiens cette proposition"
    "|je soutiens totalement|je suis pour|pour|je vote pour|favorable|avis favorable"
    "|je partage ce point de vue|je partage cet avis|je partage cette idée|je partage|je plussoie|j adhère"
    "|j approuve|j approuve totalement|absolument|exactement|évidemment|bravo|génial|super|top"
    "|d accord avec le message précédent|d accord avec la proposition|d accord avec cette proposition"
    "|oui tout à fait|oui bonne idée|oui d accord|oui je suis d accord|moi aussi|pareil pour moi|même avis"
    "|du même avis|je suis du même avis|complètement|entièrement|carrément|1|plus 1|100 d accord|effectivement"
    "|c est vrai|bien dit|très bien dit|à soutenir"
    # English
    "|agree|i agree|i fully agree|i totally agree|i completely agree|i strongly agree|fully agree|totally agree"
    "|agreed|completely agree|strongly agree|i agree with this|i agree with you|i agree with that|i am in agreement"
    "|a good idea|good idea|great idea|excellent idea|love this idea|love it|i love it"
    "|i like it|i like this|i like this idea|love this|this is a good idea|this is a great idea"
    "|that s a good idea|great suggestion|good suggestion|great proposal|good proposal|support|i support this"
    "|i support it|i support this idea|i second this|seconded|absolutely|exactly|definitely|for sure|of course"
    "|well said|same here|me too|in favour|in favor|i am in favour|i am in favor|upvote|this|yes please"
    "|yes i agree|so true|true|well done|awesome"
    # German
    "|zustimmung|ich stimme zu|stimme zu|stimme voll zu|ich stimme voll zu|einverstanden|ich bin einverstanden"
    "|dafür|ich bin dafür|gute idee|eine gute idee|sehr gute idee|tolle idee|super idee"
    "|das ist eine gute idee|finde ich gut|find ich gut|finde ich auch|sehe ich auch so|sehe ich genauso|genau"
    "|genau so|absolut|auf jeden fall|unterstütze ich|das unterstütze ich|ich unterstütze das|guter vorschlag"
    "|sehr guter vorschlag|richtig|stimmt|ja bitte|dem stimme ich zu"
    # Spanish
    "|de acuerdo|estoy de acuerdo|totalmente de acuerdo|completamente de acuerdo|muy de acuerdo"
    "|estoy totalmente de acuerdo|buena idea|una buena idea|muy buena idea|excelente idea"
    "|gran idea|es una buena idea|buena propuesta|muy buena propuesta|excelente propuesta|apoyo"
    "|apoyo esta propuesta|apoyo la propuesta|apoyo esta idea|lo apoyo|a favor|estoy a favor"
    "|me gusta|me parece bien|me parece muy bien|me parece una buena idea|por supuesto"
    "|claro que sí|exacto|exactamente|favor votad|por favor votad|votad|yo también|me sumo"
)
DISAGREES = _folded(
    # French
    "|contre|je suis contre|totalement contre|absolument contre|complètement contre|je vote contre|désaccord"
    "|en désaccord|je suis en désaccord|totalement en désaccord|défavorable|avis défavorable|mauvaise idée"
    "|très mauvaise idée|une mauvaise idée|c est une mauvaise idée|je désapprouve|je m y oppose|je m oppose"
    "|je suis opposé|je suis opposée|je suis opposé à cette idée|je refuse|c est faux|faux"
    # English
    "|disagree|i disagree|strongly disagree|i strongly disagree|totally disagree|i totally disagree"
    "|completely disagree|i disagree with this|i disagree with you|i disagree with that|bad idea|a bad idea"
    "|terrible idea|this is a bad idea|oppose|opposed|i oppose this|i am opposed|i am against|i am against this"
    "|against|against this|downvote"
    # German
    "|dagegen|ich bin dagegen|bin dagegen|ablehnung|ich lehne das ab|lehne ich ab|das lehne ich ab|schlechte idee"
    "|eine schlechte idee|das ist eine schlechte idee|falsch"
    # Spanish
    "|en desacuerdo|estoy en desacuerdo|totalmente en desacuerdo|desacuerdo|en contra|estoy en contra"
    "|totalmente en contra|mala idea|muy mala idea|una mala idea|es una mala idea|me opongo|me parece mal"
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
_ELIDED = re.compile(r"\b([cj])e (?=[aeiouy])")


def residue_of(text: str) -> Leftover | None:
    """Returns NOTHING, AGREES or DISAGREES for a text that is no proposal, None for any other.

    `text`: one line without HTML, see cleaning.gist. A number or punctuation alone says nothing; "+1" agrees. What
    denies an agreement disagrees.
    """
    key = strip_accents(fold(text))
    if PUNCTUATION.fullmatch(text) or (key.replace(" ", "").isdigit() and not text.strip().startswith("+")):
        return Leftover.NOTHING
    if not key or key.count(" ") >= MAX_WORDS:
        return None
    forms = {key, strip_accents(fold(strip_courtesies(text))), _without_fillers(key)}
    if forms & NOTHING or _refers(key.split()):
        return Leftover.NOTHING
    denied = {_without_negation(form) for form in forms} - forms
    if forms & AGREES or key.isdigit():
        return Leftover.AGREES
    if forms & DISAGREES or denied & AGREES:
        return Leftover.DISAGREES
    return Leftover.AGREES if denied & DISAGREES else None


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


def _refers(words: list[str]) -> bool:
    """Whether some words only refer to another answer: "voir mes propositions ci-dessus", "see my previous answer"."""
    rest = set(words[1:])
    return words[0] in _SEE and bool(rest & _ELSEWHERE) and rest <= _ELSEWHERE | _REFERRING


def _without_negation(key: str) -> str:
    """Returns the words less those that deny: "ce n est pas une bonne idee" is "c est une bonne idee"."""
    return _ELIDED.sub(r"\1 ", " ".join(word for word in key.split() if word not in _NEGATIONS))


def _without_fillers(key: str) -> str:
    """Returns the words less the fillers after the first word: "rien de particulier pour le moment" is "rien"."""
    words = key.split()
    rest = [word for word in words[1:] if word not in _FILLERS]
    return " ".join([words[0], *rest])
