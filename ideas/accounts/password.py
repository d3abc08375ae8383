"""Which passwords are accepted. How they are set and changed: `identity`."""

import re
import unicodedata
from collections.abc import Collection

from ideas.errors import DomainError, message_id

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200
# How hard a password must be to guess, of 0 to 4: as zxcvbn estimates it.
MIN_SCORE = 3
# zxcvbn takes seconds for 72 signs that may each stand for a letter. What is hard to guess in part is so as a whole.
MAX_SCORED_LENGTH = 32
_MIN_SIGNS = 4  # "aaaaaaaaaa" is no password, however long
_MIN_PART_LENGTH = 3
# What zxcvbn, which knows English, does not know as common: words of which French passwords are made.
_COMMON_FRENCH = (
    "azerty", "azertyuiop", "qsdfgh", "motdepasse", "bonjour", "bonsoir", "soleil", "loulou", "doudou", "chouchou",
    "coucou", "jetaime", "marseille", "paris", "france", "chocolat", "nicolas", "princesse", "papillon", "vacances",
    "bienvenue", "amour", "secret", "maman", "papa", "choupette", "licorne", "lapin", "football", "printemps",
    "automne", "hiver", "janvier", "fevrier", "juillet", "septembre", "octobre", "novembre", "decembre", "idees",
    "convergence",
)  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+")


class PasswordWeak(DomainError):
    message = message_id(
        "This password is too short. Use at least %(least)s characters. Four words that do not belong together work"
        " well."
    )


class PasswordGuessable(PasswordWeak):
    message = message_id("This password is too common. Use four words that do not belong together, or more characters.")


class PasswordNamesOwner(PasswordWeak):
    message = message_id(
        "This password is mostly your name, your email address or the name of the organisation. Use other words."
    )


def check_password(password: str, *, email: str, name: str, organisation: str = "") -> None:
    """Whether this person may have this password: any characters, spaces and emoji too.

    Raises PasswordWeak (too short or long), PasswordNamesOwner, PasswordGuessable.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise PasswordWeak(least=MIN_PASSWORD_LENGTH)
    known = _known_words(email, name, organisation)
    if _is_made_of(password, known):
        raise PasswordNamesOwner
    if len(set(password)) < _MIN_SIGNS or _score(password, known) < MIN_SCORE:
        raise PasswordGuessable


def _known_words(*texts: str) -> list[str]:
    """The words of these texts, and each as a whole, longest first."""
    wholes = {"".join(_WORDS.findall(_folded(text))) for text in texts}
    parts = {word for text in texts for word in _WORDS.findall(_folded(text))}
    return sorted((word for word in wholes | parts if len(word) >= _MIN_PART_LENGTH), key=len, reverse=True)


def _is_made_of(password: str, known: Collection[str]) -> bool:
    """True where little is left of the password once these words are taken out of it."""
    left = _folded(password)
    for word in known:
        left = left.replace(word, "")
    return left != _folded(password) and len(set(left)) < MIN_PASSWORD_LENGTH // 2


def _score(password: str, known: Collection[str]) -> int:
    """How hard the password is to guess: its beginning or its end, whichever is harder."""
    from zxcvbn import zxcvbn

    parts = {password[:MAX_SCORED_LENGTH], password[-MAX_SCORED_LENGTH:]}
    scores: list[int] = [zxcvbn(part, user_inputs=[*known, *_COMMON_FRENCH])["score"] for part in parts]
    return max(scores)


def _folded(text: str) -> str:
    """The text without accents and capitals."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
