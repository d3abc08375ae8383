"""CSV: its encoding, its delimiter, its records."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from clustering.errors import UnreadableTable
from clustering.tabular.bounds import MAX_CELL_CHARACTERS, MAX_COLUMNS, Record
from clustering.tabular.kinds import plain
from clustering.tabular.names import KNOWN_NAMES

BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Encodings that office programs in Western Europe still write; charset-normalizer finds the likeliest.
OLD_ENCODINGS = ("cp1252", "mac_roman", "cp850")
# Those of other scripts, and of Central Europe and Turkey. Some of them fit any Western text, so they are tried next.
OTHER_ENCODINGS = (
    "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1251", "koi8_r", "cp866", "cp1253", "cp1254", "cp1255", "cp1256",
    "cp1250",
)  # fmt: skip
# What another text has when read as a Western one, and Western texts have not: "³awek", "kut■phane", "plus ‡ la gare".
# Units are: "20 m³pour".
_STRANGE = re.compile(
    r"[\u2500-\u25ff\u2020\u2021\u02c6\u02c7\u02d8\u02d9\u02db\u02dc\ufb02]|(?<!\bm)(?<![kcd]m)[\u00b9\u00b3](?=[a-z])|"
    r"[A-Za-z]\u2030|\u0178(?=[a-z])|ýþ|þý|ðý|ýð"
)
# The same, but also what a forgotten space makes: "associatifÀ côté".
_ODD = re.compile(rf"{_STRANGE.pattern}|[A-Za-z]\u00bf|[a-z][\u00c0-\u00de]")
# Of the characters that are not ASCII, the share that may be so in a Western text.
_MOST_ODD = 0.1
_MOST_STRANGE = 0.03
# What is not ASCII in French, German, Spanish, Italian and Portuguese.
_USUAL = frozenset("éèàùâêîôûçëïüäößñáíóúìòãõœÉÈÀÊÎÔÇÖÄÜÑ’‘“”«»–—…€°²ªº¿¡·\u00a0")
# How messy charset-normalizer may find a text that has nothing else; 0.2 is its own limit.
_MOST_MESSY = 0.4
# So much of a large file is judged: what is not ASCII, with what stands beside it.
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_JUDGED_PLACES = 50_000
_BESIDE = 3
# What one accented letter in UTF-8 becomes when read as Latin-1, as in "Ã©".
MOJIBAKE = re.compile("[\u00c2\u00c3][\u0080-\u00bf]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# A comma before a space is punctuation of a text.
DELIMITERS = {",": re.compile(r",(?! )"), ";": re.compile(";"), "\t": re.compile("\t"), "|": re.compile(r"\|")}
_HEAD_CHARACTERS = 64 * 1024
_HEAD_LINES = 60
_NO_DELIMITER = "\x1f"  # of units, which no one types
# Before what a spreadsheet would run as a formula, exports of many tools put an apostrophe.
_APOSTROPHE = re.compile(r"\A'(?='* *[=+\-@\t\r\n＝＋－＠])")
_QUOTED = re.compile(r'"[^"]*"')
# The share of lines that must have the same number of delimiters, where the first line has none.
_REGULAR = 0.6
# Korean syllables before Chinese characters: Japanese read as Korean.
_MIXED = re.compile(r"[\uac00-\ud7af][\u4e00-\u9fff]")


def decode(content: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """Returns the text and its encoding: the one asked for, that of its mark, UTF-8, or the likeliest old one.

    What the encoding asked for does not know becomes U+FFFD, for a person to see. Raises UnreadableTable, LookupError.
    """
    if encoding is not None:
        return content.decode(encoding, errors="replace").removeprefix("\ufeff"), encoding
    try:
        for mark, marked in BYTE_ORDER_MARKS:
            if content.startswith(mark):
                return content.decode(marked), marked
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        # utf-8-sig counts from behind the mark.
        start = error.start + (len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0)
        line = content[:start].count(b"\n") + 1
    guess = None if _is_broken_utf8(content) else _old_encoding(content)
    if guess is None:
        raise UnreadableTable(
            f"{name} is not text in an encoding that can be recognised (line {line}): save it as CSV in UTF-8.",
            code="encoding",
            name=name,
            line=line,
        )
    return content.decode(guess), guess


def _is_broken_utf8(content: bytes) -> bool:
    """True where most of what is not ASCII is UTF-8, as in a file that was cut, or that has a wrong byte.

    In texts of other encodings, one character in four at most looks like UTF-8.
    """
    if content.startswith(codecs.BOM_UTF8):
        return True
    read = content.decode("utf-8", errors="replace")
    beyond = _count_beyond(read)
    wrong = read.count("\ufffd") - content.count(b"\xef\xbf\xbd")
    return b"\0" not in content and beyond > 2 * wrong


def _old_encoding(content: bytes) -> str | None:
    wide = ("utf_16_le", "utf_16_be") if b"\0" in content else ()
    western = _likeliest(content, (*OLD_ENCODINGS, *wide), _oddity)
    if western is not None and _is_western(_judged(content.decode(western)), western):
        return western
    if _is_mistyped(content):
        return "cp1252"
    return _likeliest(content, OTHER_ENCODINGS, _is_odd) or western


def _is_western(text: str, encoding: str) -> bool:
    """False for what is likely another text. In cp1252, which most such files have, a few odd places are typing."""
    if encoding != "cp1252":
        return not _ODD.search(text)
    beyond = _count_beyond(text)
    strange, odd = (len(form.findall(text)) for form in (_STRANGE, _ODD))
    return strange <= _MOST_STRANGE * beyond and odd - strange <= max(1.0, _MOST_ODD * beyond)


def _is_mistyped(content: bytes) -> bool:
    """True for a text in cp1252 that only looks messy, since a slip weighs much where little is not ASCII."""
    text = _judged(content.decode("cp1252", errors="replace"))
    beyond = [character for character in text if character > "\x7f"]
    unusual = sum(1 for character in beyond if character not in _USUAL)
    western = unusual <= max(1.0, _MOST_ODD * len(beyond)) and _is_western(text, "cp1252")
    return western and _likeliest(content, ("cp1252",), _oddity, threshold=_MOST_MESSY) is not None


def _oddity(text: str) -> float:
    """How much of what is not ASCII is odd."""
    judged = _judged(text)
    return len(_ODD.findall(judged)) / max(1, _count_beyond(judged))


def _judged(text: str) -> str:
    """The characters that are not ASCII, up to a number of places, with those beside them."""
    pieces: list[str] = []
    end = 0
    for found in islice(_BEYOND_ASCII.finditer(text), _JUDGED_PLACES):
        pieces.append(text[max(end, found.start() - _BESIDE) : found.end() + _BESIDE])
        end = found.end() + _BESIDE
    return "".join(pieces)


def _count_beyond(text: str) -> int:
    return len(text) - len(text.encode("ascii", errors="ignore"))


def _likeliest(
    content: bytes, encodings: Sequence[str], oddity: Callable[[str], float], *, threshold: float = 0.2
) -> str | None:
    from charset_normalizer import from_bytes

    found = [
        (one.encoding, content.decode(one.encoding, errors="replace"))
        for one in from_bytes(content, cp_isolation=list(encodings), threshold=threshold)
    ]
    sound = [
        (encoding, text)
        for encoding, text in found
        if not ("\ufffd" in text or CONTROL.search(text) or MOJIBAKE.search(text))
    ]
    return min(sound, key=lambda one: oddity(one[1]), default=(None, ""))[0]


def _is_odd(text: str) -> bool:
    """True for what is likely the wrong reading. Hebrew read as Cyrillic has capitals alone."""
    judged = _judged(text)
    return text.isupper() or bool(_ODD.search(judged) or _MIXED.search(judged))


def find_delimiter(text: str) -> str | None:
    """Returns the separator that most lines use alike, or else the one used most in the first line; None for none.

    The first line may be a title. Commas before spaces separate where all lines have two or more, or usual names.
    """
    head = _QUOTED.sub("", text[:_HEAD_CHARACTERS])
    lines = [line for line in head.splitlines() if line.strip()][:_HEAD_LINES]
    if not lines:
        return None
    counts = {mark: [len(pattern.findall(line)) for line in lines] for mark, pattern in DELIMITERS.items()}
    regular = {mark: _regularity(found) for mark, found in counts.items()}
    best = max(DELIMITERS, key=lambda mark: regular[mark])
    if regular[best][0] >= _REGULAR:
        return best
    first = max(DELIMITERS, key=lambda mark: counts[mark][0])
    if counts[first][0]:
        return first
    if max(counts[","]) > MAX_COLUMNS:  # no sentence: the bounds of tables refuse it
        return ","
    return "," if _are_spaced(lines) else None


def _are_spaced(lines: list[str]) -> bool:
    """True for a table as "id, text": its commas are followed by spaces, as those of a text are."""
    commas = {line.count(",") for line in lines}
    return any(plain(name) in KNOWN_NAMES for name in lines[0].split(",")[1:]) or (
        len(commas) == 1 and max(commas) > 1 and len(lines) > 1
    )


def _regularity(counts: list[int]) -> tuple[float, int]:
    """The share of the lines that have the most frequent number of delimiters, unless it is 0, and that number."""
    found = Counter(count for count in counts if count)
    if not found:
        return 0.0, 0
    number, lines = found.most_common(1)[0]
    return lines / len(counts), number


def records(text: str, delimiter: str | None, *, strict: bool) -> Iterator[Record]:
    """Yields the line where each record starts, and its cells, without an apostrophe that only keeps a spreadsheet from
    running them. Raises csv.Error.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _NO_DELIMITER, strict=strict)
    line = 1
    for cells in reader:
        yield line, [_APOSTROPHE.sub("", cell, count=1) if cell.startswith("'") else cell for cell in cells]
        line = reader.line_num + 1
