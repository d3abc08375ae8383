"""What another tool says of the state of a contribution: whether it was taken off its page.

In English, French, German, Spanish, Italian, Dutch, Portuguese and Catalan. What was said and will not be done ("won't
do", "not planned") is still on its page.
"""

import re
from collections.abc import Collection

from clustering.tabular.kinds import Kind, kind_of, plain

# Values that take a contribution off the page, in whatever form of the word; a state may be several words.
_WORDS = (
    # English, and what other languages write nearly alike
    r"reject\w*|declin\w*|hidden|withdrawn?|spam|draft|delet\w*|remov\w*|duplica[dt]\w*|merged|archiv\w*|blocked|banned|"
    r"unpublished|trash\w*|abandon\w*|inappropriate|dismiss\w*|discarded|off topic|abusive|moderated out|disqualif\w*|"
    r"inadmis\w*|ineligible|unapproved|change asked|survey (preview|test)|"
    # French
    r"refus\w*|rejet\w*|masqu\w*|cachee?s?|retire\w*|retrait|brouillon|supprim\w*|efface\w*|doublons?|fusion\w*|"
    r"bloqu\w*|depubli\w*|corbeille|inapproprie\w*|hors charte|hors sujet|irrecevable|non retenue?s?|indesirable|"
    # German; also where it is written without its dots
    r"abgelehnt\w*|ablehnung|zurue?ckgezogen\w*|zurue?ckgewiesen\w*|versteckt\w*|verborgen\w*|ausgeblendet\w*|"
    r"geloe?scht\w*|entfernt\w*|entwue?rfe?|duplikat\w*|dublette\w*|doppelt\w*|gesperrt\w*|blockiert\w*|papierkorb|"
    r"verworfen\w*|unangemessen\w*|unzulae?ssig\w*|zusammengefue?hrt\w*|unveroe?ffentlicht\w*|"
    r"themenfremd|"
    # Spanish, Catalan, Portuguese
    r"rechazad[oa]s?|denegad[oa]s?|retirad[oa]s?|ocult[oa]s?|ocultad[oa]s?|borrador(es)?|borrad[oa]s?|eliminad[oa]s?|"
    r"suprimid[oa]s?|papelera|descartad[oa]s?|anulad[oa]s?|inapropiad[oa]s?|inadecuad[oa]s?|inadmitid[oa]s?|"
    r"despublicad[oa]s?|fuera de tema|rebutjad[ae]s?|esborranys?|amagad[ae]s?|rejeitad[oa]s?|recusad[oa]s?|"
    r"escondid[oa]s?|rascunhos?|apagad[oa]s?|excluid[oa]s?|removid[oa]s?|arquivad[oa]s?|lixeira|inadequad[oa]s?|"
    # Italian, Dutch
    r"respint[oaei]|rifiutat[oaei]|ritirat[oaei]|nascost[oaei]|bozz[ae]|eliminat[oaei]|cancellat[oaei]|rimoss[oaei]|"
    r"cestino|bloccat[oaei]|scartat[oaei]|inammissibil[ei]|fuori tema|afgewezen|afgekeurd\w*|geweigerd\w*|ingetrokken|"
    r"verwijderd\w*|dubbele?|gedupliceerd\w*|samengevoegd\w*|gearchiveerd\w*|geblokkeerd\w*|prullenbak|ongepaste?"
)
_NOT = "not|non|no|nicht|kein|keine|pas|niet|geen|nao|sem"
# Not on the page, or not yet.
_UNPUBLISHED = (
    rf"(?:{_NOT}) (?:approved|published|publi\w+|pubbl\w+|veroe?ffentlicht\w*|freigegeben\w*|genehmigt\w*|"
    r"zugelassen\w*|aprobad\w*|aprovad\w*|admitid\w*|approvat\w*|ammess\w*|gepubliceerd\w*|goedgekeurd\w*|approuve\w*)|"
    r"(?:awaiting|waiting for|pending|en attente de|wartet auf|warten auf|ausstehende|pendiente de|pendente de|"
    r"aguarda\w*|in attesa di|wacht op|pendent de) "
    r"(?:moderat\w*|moderac\w*|moderaz\w*|validat\w*|validac\w*|relecture|review|approv\w*|aprob\w*|aprov\w*|publi\w*|"
    r"pubbl\w*|freigabe|genehmigung|prufung|goedkeuring)"
)
# Alone they say that nobody has read it yet; "waiting for an answer" is said of what is on its page.
_UNREAD = {
    "waiting", "pending", "en attente", "ausstehend", "wartend", "pendiente", "pendente", "in attesa", "in afwachting",
    "to moderate", "a moderer",
}  # fmt: skip
_OFF = re.compile(rf"\b(?:{_WORDS})\b|\b(?:{_UNPUBLISHED})\b")
# Anywhere before a state they deny it, or say that it is past: "not to be deleted", "published (previously draft)".
_DENIED = re.compile(
    rf"\b(?:{_NOT}|never|nie|niemals|jamais|plus|aucune?|ni|nooit|geen|nunca|jamas|sin|nem|\w+n t|previously|formerly|"
    r"ancien\w*|auparavant|precedemment|previamente|anteriormente|fruher|vorher|zuvor|precedentemente|eerder)\b"
)
# What only tools write, and no one as an answer to a question: "accepted" and "rejected" may be opinions.
_TOOLS_WORDS = re.compile(
    r"spam|drafts?|brouillons?|entwue?rfe?|borrador(es)?|bozz[ae]|rascunhos?|esborranys?|(un)?published|(de)?publie\w*|"
    r"(un)?veroe?ffentlicht\w*|(des)?publicad[oa]s?|pubblicat[oaei]|gepubliceerd|hidden|masque\w*|versteckt\w*|"
    r"ausgeblendet\w*|verborgen\w*|ocult[oa]s?|ocultad[oa]s?|amagad[ae]s?|nascost[oaei]|trash\w*|corbeille|papierkorb|"
    r"papelera|lixeira|cestino|prullenbak|duplica[dt]e\w*|doublons?|duplikat\w*|dublette\w*|moderated out|"
    rf"survey (preview|test)|{_UNPUBLISHED}"
)
# Of what is on its page; beside the others they make a column of states, whatever its name.
_ON = re.compile(
    r"publi\w*|approved|approuve\w*|accept\w*|open|new|active|visible|live|valide\w*|nouveau|nouvelle|en cours|"
    r"en ligne|online|planned|ok|(?:veroe?ffentlicht|freigegeben|angenommen|genehmigt|sichtbar|offen|aktiv|neu)\w*|"
    r"(?:aprobad|aceptad|abiert|activ|aprovad|aceit|pubblicat|approvat|accettat|apert)[oaei]s?|gepubliceerd|goedgekeurd"
)
_YES = {
    "yes", "oui", "true", "vrai", "1", "x", "t", "y", "o", "checked", "ja", "wahr", "si", "verdadero", "vero", "sim",
    "verdadeiro", "waar",
}  # fmt: skip
_NO = {"no", "non", "false", "faux", "0", "f", "n", "unchecked", "nein", "falsch", "falso", "nee", "nao", "onwaar"}
# Columns called as such a state: "is hidden", "Gelöscht" say it by a yes, "deleted at", "duplicate of" by any value.
_OFF_NAME = re.compile(rf"(?:(?:is|est|ist|es|e) )?(?:{_WORDS}|masque)")
_OFF_WHEN = re.compile(rf"(?:{_WORDS}) (?:at|on|le|am|el|il|em|op|date|datum)")
_OFF_SINCE = re.compile(rf"(?:{_WORDS}) (?:at|on|of|into|le|de|dans|am|von|in|el|il|em|op|date|datum)")
# What programs write where there is nothing, as plain words; "-" and "\\N" are among them.
_NOTHING = {"", "null", "none", "nil", "n a", "na", "nan", "aucun", "aucune", "undefined", "never", "jamais", "kein"}
_NO_DAY = "0000 00 00"
_ON_NAMES = {
    "published", "publie", "approved", "approuve", "visible", "valide", "is published", "is approved", "is visible",
    "is public", "veroffentlicht", "freigegeben", "genehmigt", "sichtbar", "publicado", "publicada", "aprobado",
    "aprobada", "aprovado", "aprovada", "pubblicato", "pubblicata", "approvato", "approvata", "gepubliceerd",
    "goedgekeurd", "zichtbaar", "visivel",
}  # fmt: skip
_WHO_SEES_NAMES = {"visibility", "visibilite", "sichtbarkeit", "visibilidad", "visibilidade", "zichtbaarheid"}
_PRIVATE = re.compile(r"\b(priv\w*|intern\w*|team only|nur \w+|moderators?)\b")
# Where each vote is a row of its own, as in exports of consultations.
_KIND_NAMES = {"type", "contribution type", "record type", "kind", "type de contribution", "typ", "tipo"}
_VOTE = re.compile(r"(\w{1,40} )?(votes?|likes?|upvotes?|stimme|voto)")
_CONTRIBUTION = re.compile(
    r"(\w{1,40} )?(propos(al|ition)s?|comment(s|aires?)?|ideas?|idees?|posts?|contributions?|arguments?|opinions?|"
    r"debates?|questions?|sources?|versions?|responses?|repl(y|ies)|reponses?|projects?|projets?|vorschlage?|kommentare?|"
    r"ideen?|beitrage?|propuestas?|comentarios?|propostas?|propost[ae]|comment[oi])"
)
# Pol.is: -1 is moderated out, 0 is not moderated, 1 is moderated in.
_NUMBERED_NAMES = {"moderated"}


def is_off(name: str, value: str) -> bool:
    """True for the value of a state column that says: rejected, hidden, withdrawn, spam, draft, duplicate.

    And for the kind of a row that is a vote, which is no contribution.
    """
    header, word = plain(name), plain(value)
    if not value.strip() or header in _KIND_NAMES:
        return bool(_VOTE.fullmatch(word))
    if _OFF_SINCE.fullmatch(header):
        return _is_given(header, value)
    said = _says_off(word)
    if _OFF_NAME.fullmatch(header):
        return said or word in _YES
    if header in _ON_NAMES:
        return said or word in _NO
    if header in _WHO_SEES_NAMES:
        return said or bool(_PRIVATE.search(word))
    return said or word in _UNREAD or (header in _NUMBERED_NAMES and value.strip() == "-1")


def _says_off(word: str) -> bool:
    found = _OFF.search(word)
    return found is not None and not _DENIED.search(word[: found.start()])


def _is_given(header: str, value: str) -> bool:
    """True where "deleted at" has a day or a number, and "duplicate of" anything but a word for nothing."""
    word = plain(value)
    if word in _NO | _NOTHING or word.startswith(_NO_DAY):
        return False
    return not _OFF_WHEN.fullmatch(header) or word in _YES or kind_of(value) in {Kind.DATE, Kind.NUMBER}


def names_a_state(header: str) -> bool:
    """True for the plain name of a column whose value, or whose yes, says such a state."""
    by_itself = _OFF_NAME.fullmatch(header) or _OFF_SINCE.fullmatch(header)
    return bool(by_itself) or header in _ON_NAMES or header in _WHO_SEES_NAMES or header in _NUMBERED_NAMES


def are_states(values: Collection[str]) -> bool:
    """True where each of these values, and nothing else in it, says a state, and one of them takes off the page.

    One of them is a word that only tools write: people answer a question with "accepted" and "rejected" too.
    """
    words = [plain(value) for value in values]
    off = [word for word in words if word in _UNREAD or _OFF.fullmatch(word)]
    only_tools = any(map(_TOOLS_WORDS.fullmatch, words))
    return only_tools and bool(off) and all(word in off or _ON.fullmatch(word) for word in words)


def names_a_kind(header: str) -> bool:
    """True for the plain name of a column that may say of a row that it is a vote."""
    return header in _KIND_NAMES


def are_kinds(values: Collection[str]) -> bool:
    """True where votes stand beside contributions: "Vote" alone may be a subject."""
    words = [plain(value) for value in values]
    return any(map(_VOTE.fullmatch, words)) and any(map(_CONTRIBUTION.fullmatch, words))
