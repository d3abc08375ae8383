"""Personal data that have a form: addresses, numbers with a check digit, dates of birth.

Each function returns the places in the text, as pairs of characters (start, end), in order. Patterns take time in
proportion to the text.
"""

import re
from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.fr import nir

Place = tuple[int, int]

# The countries whose numbers are written without their prefix. Those of every country are found with it.
COUNTRIES = ("FR", "BE", "CH", "GB", "US")
# American numbers begin with any digit: without their groups, half of all numbers would be some.
_LENIENCY = {"US": Leniency.STRICT_GROUPING}
# Issuers of cards, by the first digits, and how many digits their cards have.
_CARDS = ((16, re.compile(r"4|5[1-5]|2[2-7]|6011|65")), (15, re.compile("3[47]")), (14, re.compile("30[0-5]|3[68]")))

# What is written before a number that is no card's, unless it is said to be one.
_REFERENCE = re.compile(r"(?:#|n°|\b(?:n[or]|number|order|commande|dossier|r[eé]f\w*)\.?)\W{0,3}\Z", re.IGNORECASE)
_CARD = re.compile(
    r"\b(?:cartes?|cards?|cb|visa|mastercard|amex|american express|tarjeta|kreditkarte)\b", re.IGNORECASE
)
_SEEN_BEFORE = 40  # characters before a number that say what it is

# Numbers in the form of their country, whether given out yet or not.
_LOCAL_PHONE = re.compile(
    r"(?<![\w/=.,-])(?:0[1-79](?P<sep>[ .\u00a0\u202f/-]?)\d\d(?:(?P=sep)\d\d){3}|07\d{3}[ -]?\d{3}[ -]?\d{3})"
    r"(?![\w/-]|[.,]\d)"
)
_PREFIXED_PHONE = re.compile(
    r"(?<![\w+])\+[1-9]\d{0,2}(?:[ .\u00a0\u202f-]?\(0\))?(?:[ .\u00a0\u202f-]?\d){7,12}(?!\d)"
)

_AT = r"(?:@|\s?[\(\[]\s?(?:at|arobase|arobas|chez)\s?[\)\]]\s?|\s(?:arobase|arobas)\s)"
_DOT = r"(?:\.|\s?[\(\[]\s?(?:dot|point)\s?[\)\]]\s?|\s(?:point|dot)\s)"
_EMAIL = re.compile(
    rf"(?<![\w.+%-])[\w+%-]{{1,64}}(?:\.[\w+%-]{{1,64}}){{0,4}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,4}}{_DOT}[a-z]{{2,24}}(?![\w-])",
    re.IGNORECASE,
)
# The shortest phone number with its prefix, +683 4000, has seven digits, with at most four signs between two of them.
_LIKE_PHONE = re.compile(r"\d(?:\D{0,4}\d){6}")
_DIGITS = re.compile(r"(?<!\w)\d(?:[ \u00a0\u202f.-]?\d){13,22}(?!\w)")
_NIR = re.compile(r"(?<!\w)[12378](?:[ \u00a0\u202f.-]?[\dAB]){12,14}(?!\w)", re.IGNORECASE)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ \u00a0\u202f-]?[A-Z0-9]){11,30}", re.IGNORECASE)

_MONTHS = (
    "janv(?:ier)?|f[ée]v(?:rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?"
    "|jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|october|november|december|dec"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|januar|februar|märz|april|juni|juli|august|september|oktober|dezember"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:(?:19|20)\d\d|\d\d)"
_DATE = (
    rf"(?:{_DAY}\s?[/.-]\s?{_MONTH}\s?[/.-]\s?{_YEAR}|{_MONTH}/{_DAY}/{_YEAR}|(?:19|20)\d\d-{_MONTH}-{_DAY}"
    rf"|{_DAY}(?:er|st|nd|rd|th|\.)?\s(?:de\s|of\s)?(?:{_MONTHS})\.?,?\s(?:de\s|del\s)?{_YEAR}"
    rf"|(?:{_MONTHS})\.?\s{_DAY}(?:st|nd|rd|th)?,?\s{_YEAR})(?!\d)"
)
_NUMBER_WORD = (
    "premier|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante"
    "|soixante|quatre-vingts?|cents?|mil|mille|et"
)
_IN_WORDS = rf"(?:(?:{_NUMBER_WORD})[\s-]){{1,4}}(?:{_MONTHS})\s(?:(?:{_NUMBER_WORD})\b[\s-]?){{2,9}}"
# What says that a date is that of a birth, before it or after it.
_BORN = (
    r"\bn[ée]{1,2}e?s?(?:\s|\(e\)|\.e)*(?:le\b|à\b|en\b|:)|\bnaissance\b|\bd\.?d\.?n\b|\bborn\b|\bbirth(?:\s?da(?:te|y))?\b|\bd\.?o\.?b\b"
    r"|\bgeboren\b|\bgeb\.|\bgeburts(?:datum|tag)\b|\bnacid[oa]\b|\bnacimiento\b|\bné\(?e?\)?\b"
)
_BIRTH_DATE = re.compile(rf"(?:{_BORN})[^\d\n.!?]{{0,40}}?(?P<date>{_DATE}|{_IN_WORDS})", re.IGNORECASE)


def emails(text: str) -> Iterator[Place]:
    """Addresses of mail, also those written with words in place of signs."""
    return (match.span() for match in _EMAIL.finditer(text))


def phones(text: str) -> Iterator[Place]:
    """Phone numbers of the countries above as they are written there, and those of any country with its prefix."""
    if not _LIKE_PHONE.search(text):
        return  # most texts: looking for numbers of all countries takes the longest by far
    for pattern in (_LOCAL_PHONE, _PREFIXED_PHONE):
        yield from (match.span() for match in pattern.finditer(text))
    for country in COUNTRIES:
        for match in PhoneNumberMatcher(text, country, leniency=_LENIENCY.get(country, Leniency.VALID)):
            # A number of another kind may hold one: it goes on, or begins before.
            begins_well = match.raw_string[0] in "0+(" or country == "US"
            alone = (
                text[match.start - 1 : match.start] not in {"=", "/", "-"} and text[match.end : match.end + 1] != "-"
            )
            if begins_well and alone:
                yield match.start, match.end


def nirs(text: str) -> Iterator[Place]:
    """French social-security numbers, with or without their key, whose parts and key are right."""
    for match in _NIR.finditer(text):
        number = nir.compact(match[0].replace("\u202f", "").replace("\u00a0", ""))
        if nir.is_valid(number):
            yield match.span()


def ibans(text: str) -> Iterator[Place]:
    """IBANs of any country whose check digits are right. A word that follows is not part of it."""
    for match in _IBAN.finditer(text):
        end = match.end()
        # The pattern may run into the words behind: an IBAN is as long as its country says.
        for stop in range(end, match.start() + 14, -1):
            part = text[match.start() : stop]
            if (stop == len(text) or not text[stop].isalnum()) and iban.is_valid(re.sub(r"[\W_]", "", part)):
                yield match.start(), stop
                break


def cards(text: str) -> Iterator[Place]:
    """Numbers of payment cards: of a known issuer, as long as its cards are, with the right check digit (Luhn)."""
    for match in _DIGITS.finditer(text):
        digits = [place for place in range(*match.span()) if text[place].isdigit()]
        for length, beginning in _CARDS:
            number = "".join(text[place] for place in digits[:length])
            before = text[max(0, digits[0] - _SEEN_BEFORE) : digits[0]]
            if _REFERENCE.search(before) and not _CARD.search(before):
                break
            if len(number) == length and beginning.match(number) and luhn.is_valid(number):
                yield digits[0], digits[length - 1] + 1
                break


def birth_dates(text: str) -> Iterator[Place]:
    """Dates of birth: a whole date beside a word that says so."""
    return (match.span("date") for match in _BIRTH_DATE.finditer(text))
