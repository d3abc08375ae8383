"""A row of an imported file: the idea that it becomes, or why it is refused."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ideas.contributions.fields.reading import FieldCell
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_KEY_LENGTH, MAX_QUESTION_LENGTH, MAX_TITLE_LENGTH
from ideas.errors import message_id
from ideas.people.person import MAX_NAME_LENGTH, EmailInvalid, normal_email
from ideas.personal_data.personal_data import Span, find_personal_data
from ideas.personal_data.rows import FoundRow
from ideas.text import clean, clean_line

# “fr”, “fr-FR”, “fr_CA”; for anything else the pipeline detects the language.
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9_-]+)?$")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One idea of a file. `key`: the file's own identifier, or empty. `question`: that of the survey which it answers.

    `email`: the address of its author, where it is to be kept, privately. `cells`: what it gives in the fields of the
    form. `off`: it had been taken off the page of the tool that it comes from, and is left out.
    """

    line: int
    body: str
    title: str = ""
    author_name: str = ""
    lang: str = ""
    key: str = ""
    question: str = ""
    email: str = ""
    off: bool = False
    cells: tuple[FieldCell, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedRow:
    line: int
    reason: str
    values: dict[str, Any] = field(default_factory=dict)


EMPTY_ROW = message_id("The text is empty.")
LONG_ROW = message_id("The text is too long. Characters to remove: %(over)s. The limit is %(most)s.")
TAKEN_KEY = message_id("The identifier “%(key)s” is already on line %(first)s.")


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """A row as it will be stored, with the key that recognises it, or the reason why it is refused.

    `text_key`: the key of a row that is added beside an idea with the same identifier and another text. `email`: the
    address of its author, or "" where there is none to keep. `spans`: the personal data in its text; None while nobody
    has looked. `repeats`: an earlier row of the file has the same identifier and text, as in an export with a row for
    each vote; what becomes of that one becomes of it.
    """

    key: str
    fields: Mapping[str, Any]
    refused: RefusedRow | None
    text_key: str = ""
    off: bool = False
    repeats: bool = False
    email: str = ""
    line: int = 0
    spans: tuple[Span, ...] | None = None
    cells: tuple[FieldCell, ...] = ()

    @property
    def text(self) -> tuple[str, str]:
        """The title and the body."""
        return self.fields["title"], self.fields["body"]

    @property
    def found(self) -> FoundRow:
        """What is personal in it, for the report."""
        spans = self.spans or ()
        return FoundRow(self.line, sorted({span.kind for span in spans}), self.searched, spans)

    @property
    def searched(self) -> str:
        """Title, body and what is given in free words as one text, in which `spans` are places."""
        words = (clean_line(cell.text) for cell in self.cells if cell.is_text)
        return "\n".join(filter(None, (*self.text, *words)))


def prepare(rows: Iterable[ImportRow]) -> Iterator[PreparedRow]:
    """The rows of one whole file, cleaned, in its order. It needs no database.

    Rows with no text, too long a text, or the identifier of an earlier row with another text are refused, with their
    line. A row without identifier and text, below one that has them, is a part of that one and left out.
    """
    name_key, has_keys = _Keys(), False
    for row in rows:
        if row.off:
            yield PreparedRow("", {}, None, off=True)
            continue
        title, body = _written(row)
        own, text = clean_line(row.key), f"{title}\n{body}"
        has_keys = has_keys or bool(own)
        if has_keys and not (own or body):
            continue
        key, first = name_key(own, text, line=row.line)
        again = first is not None and name_key.texts[key] == _digest(text)
        refusal = _refusal(row, body, first_line=None if again else first)
        text_key = f"id:{_digest(own)}:{_digest(text)[:24]}" if own else ""
        fields = {} if refusal else _fields(row, title, body)
        yield PreparedRow(
            key, fields, refusal, text_key, repeats=again and refusal is None, email=_address(row), line=row.line,
            cells=row.cells,
        )  # fmt: skip


def look_for_personal_data(
    rows: Iterable[PreparedRow], *, health: bool, most: int | None = None
) -> Iterator[PreparedRow]:
    """The same rows with the personal data in their texts. It needs no database: do it before a transaction begins.

    `health`: look for patients too. `most`: how many characters a preview looks at, for none after them.
    """
    read = 0
    last: tuple[str, tuple[Span, ...]] = ("", ())
    for row in rows:
        if row.refused is not None or row.off or row.spans is not None or (most is not None and read > most):
            yield row
            continue
        read += len(row.searched)
        if row.searched != last[0]:  # rows that say an idea again mostly follow one another
            last = row.searched, tuple(find_personal_data(row.searched, health=health))
        yield replace(row, spans=last[1])


class _Keys:
    """Makes the key of each row of one file. `lines`, `texts`: where each key came first, and a hash of its text."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self._seen: Counter[str] = Counter()

    def __call__(self, own: str, text: str, *, line: int) -> tuple[str, int | None]:
        """The key, and the line of the earlier row that has it: the same line for two answers of one row."""
        key = self._key(own, text)
        first = self.lines.get(key)
        if first is None and text.strip():
            self.lines[key], self.texts[key] = line, _digest(text)
        return key, first

    def _key(self, own: str, text: str) -> str:
        if own:
            return f"id:{own}" if len(own) < MAX_KEY_LENGTH - 3 else f"id:{_digest(own)}"
        digest = _digest(text)
        self._seen[digest] += 1
        return f"text:{digest}:{self._seen[digest]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _written(row: ImportRow) -> tuple[str, str]:
    """Title and body as they will be stored. A title that is too long, or without a body, becomes part of the body."""
    title, body = clean_line(row.title), clean(row.body)
    if not body:
        return "", title
    return (title, body) if len(title) <= MAX_TITLE_LENGTH else ("", f"{title}\n\n{body}")


def _refusal(row: ImportRow, body: str, *, first_line: int | None) -> RefusedRow | None:
    if not body:
        return RefusedRow(row.line, EMPTY_ROW)
    if len(body) > MAX_BODY_LENGTH:
        return RefusedRow(row.line, LONG_ROW, {"over": len(body) - MAX_BODY_LENGTH, "most": MAX_BODY_LENGTH})
    if first_line is not None:
        return RefusedRow(row.line, TAKEN_KEY, {"key": clean_line(row.key)[:40], "first": first_line})
    return None


def _address(row: ImportRow) -> str:
    try:
        return normal_email(row.email) if row.email else ""
    except EmailInvalid:
        return ""


def _fields(row: ImportRow, title: str, body: str) -> dict[str, Any]:
    language = _LANGUAGE.match(clean_line(row.lang).lower())
    return {
        "author_name": clean_line(row.author_name)[:MAX_NAME_LENGTH],
        "title": title,
        "body": body,
        "lang": language.group(1) if language else None,
        "question": clean_line(row.question)[:MAX_QUESTION_LENGTH],
    }
