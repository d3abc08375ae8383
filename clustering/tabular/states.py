"""What another tool says of the state of a contribution: whether it was taken off its page."""

import re

from clustering.tabular.kinds import plain

# Values that take a contribution off the page, in whatever form of the word; a state may be several words.
_OFF = re.compile(
    r"\b(reject\w*|refus\w*|rejet\w*|declin\w*|hidden|masqu\w*|cachee?s?|withdrawn?|retire\w*|retrait|spam|draft|"
    r"brouillon|delet\w*|supprim\w*|remov\w*|duplicat\w*|doublon|merged|fusionn\w*|archiv\w*|blocked|bloque\w*|"
    r"unpublished|depublie\w*|trash|corbeille|banned|abandon\w*|inappropriate|inapproprie\w*|hors charte|moderated out|"
    r"change asked|(awaiting|waiting for|pending|en attente de) (moderat\w*|validation|relecture|approval|publication)|"
    r"disqualif\w*|inadmissible|irrecevable|not approved|not published|non publie\w*|non retenue?s?)\b"
)
# Alone they say that nobody has read it yet; "waiting for an answer" is said of what is on its page.
_UNREAD = {"waiting", "pending", "en attente"}
_YES = {"yes", "oui", "true", "vrai", "1", "x", "t", "y", "o"}
_NO = {"no", "non", "false", "faux", "0", "f", "n"}
# Columns whose "yes", or whose date, takes a contribution off the page.
_OFF_NAMES = {
    "brouillon", "draft", "spam", "hidden", "masque", "deleted", "supprime", "withdrawn", "retire", "rejected",
    "rejete", "is draft", "is spam", "is hidden", "is deleted", "archived", "archive",
}  # fmt: skip
_OFF_DATES = {"hidden at", "retired at", "deleted at", "withdrawn at", "rejected at", "archived at", "supprime le"}
_ON_NAMES = {"published", "publie", "approved", "approuve", "visible", "valide", "is published"}
# Pol.is: -1 is moderated out, 0 is not moderated, 1 is moderated in.
_NUMBERED_NAMES = {"moderated"}


def is_off(name: str, value: str) -> bool:
    """True for the value of a state column that says: rejected, hidden, withdrawn, spam, draft, duplicate."""
    raw, header, word = value.strip(), plain(name), plain(value)
    if not raw:
        return False
    if header in _OFF_DATES:
        return word not in _NO
    if header in _OFF_NAMES:
        return word in _YES or bool(_OFF.search(word))
    if header in _ON_NAMES:
        return word in _NO or bool(_OFF.search(word))
    if header in _NUMBERED_NAMES and raw == "-1":
        return True
    return word in _UNREAD or bool(_OFF.search(word))
