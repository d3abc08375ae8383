"""The blocks of a debrief: parts of its one Markdown text. Pure functions.

A line of its own such as `{{ theme 12 }}` or `{{ image 3 | what it shows }}` is a block; so is a heading with what
follows it, and a quoted paragraph. The text stays the only thing that is stored: its versions, what it rests on, and
what is withheld in it are the same however it was written.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ideas.base import MAX_ID
from ideas.errors import DomainError, message_id

MAX_BLOCKS = 200
MAX_WORDS_LENGTH = 300  # characters: what a picture shows, the name of a link
_KEY_LENGTH = 16
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_ADDRESS = re.compile(r"https?://[^\s{}|]+")
_TOKEN_LINE = re.compile(r"^ {0,3}\{\{([^{}\n]*)\}\}[ \t]*$", re.MULTILINE)
TOKEN = re.compile(r"\{\{([^{}]*)\}\}")
# Where a text begins that would else be the end of the text before it. Readers don't see it.
_BEGINS = re.compile(r"^ {0,3}\{\{ {0,3}text {0,3}\}\}[ \t]*(?:\n|\Z)", re.MULTILINE)
_BEGIN = "{{ text }}"
_LIST_OF_ANSWERS = re.compile(r"\{\{\s*+decisions\s*+\}\}")
_FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,2}[ \t]", re.MULTILINE)
_QUOTED = re.compile(r"(?:\A|(?<=\n\n))(?:>[^\n]*(?:\n|\Z))+(?=\n|\Z)")
_QUOTE_SIGN = re.compile(r"^> ?", re.MULTILINE)
_UNUSABLE = re.compile(r"[{}|]")


class BlockKind(StrEnum):
    """What a block shows. The value is the name of its token, but for a text and a quotation, which have none."""

    TEXT = "text"
    QUOTATION = "quotation"
    FIGURES = "figures"
    CHART = "chart"
    MAP = "map"
    THEME = "theme"
    ANSWERS = "decisions"
    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"
    THANKS = "thanks"
    DECLINED = "declined"
    NEXT = "next"
    CORRECTIONS = "corrections"


class Chart(StrEnum):
    """What a chart counts: the ideas of the largest themes, the themes of each kind of answer, the reactions."""

    THEMES = "themes"
    ANSWERS = "answers"
    REACTIONS = "reactions"


_TEXTS = {BlockKind.TEXT, BlockKind.QUOTATION}
_NUMBERED = {BlockKind.THEME, BlockKind.IMAGE, BlockKind.FILE}
_WITH_WORDS = {BlockKind.IMAGE, BlockKind.VIDEO, BlockKind.FILE}
_NAMES = {kind.value: kind for kind in BlockKind if kind not in _TEXTS}


class UnknownBlock(DomainError):
    """A line between two pairs of braces begins like a block, but is none."""

    message = message_id("“%(line)s” can’t be shown. Edit it in the list of blocks, or remove the line.")


class BlockInLine(DomainError):
    message = message_id("“%(line)s” needs a line of its own, outside code.")


class TooManyBlocks(DomainError):
    message = message_id("A debrief has %(most)s blocks at most. Join some texts, or remove a block.")


class SignsInWords(DomainError):
    message = message_id("Leave out the signs { } and | here.")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the text. `source`: as it is written there. `argument`: the number of a theme or a file, the address of
    a video, the kind of a chart. `words`: what a picture shows, the name of a link.
    """

    kind: BlockKind
    source: str
    argument: str = ""
    words: str = ""

    @property
    def key(self) -> str:
        """The same for the same source. A form sends it, so that nobody changes a block that they have not seen."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:_KEY_LENGTH]

    @property
    def number(self) -> int:
        """Of its theme or its file."""
        return int(self.argument)

    @property
    def text(self) -> str:
        """What is written in it, without the signs of a quotation."""
        return _QUOTE_SIGN.sub("", self.source) if self.kind is BlockKind.QUOTATION else self.source


def parts_of(body: str) -> list[Block]:
    """The text as it is read: what is between two blocks that have a token is one part, in its order.

    The list of answers may also stand within a line, and is shown once: further ones are left out.
    """
    return [
        replace(part, source=_without_begins(part.source)) if part.kind is BlockKind.TEXT else part
        for part in _parts_of(body)
    ]


def _parts_of(body: str) -> list[Block]:
    found: list[Block] = []
    text, at, listed = "", 0, False
    for start, end, block in _token_blocks(body):
        text, at = text + body[at:start], end
        if block.kind is BlockKind.ANSWERS:
            if listed:
                continue
            listed = True
        _add_text(found, text)
        found.append(block)
        text = ""
    _add_text(found, text + body[at:])
    return found


def blocks_of(body: str) -> list[Block]:
    """The text as it is arranged: its parts, cut at each heading of the first two ranks and around each quotation."""
    return [block for part in _parts_of(body) for block in (_cut(part.source) if part.kind in _TEXTS else [part])]


def joined(blocks: Sequence[Block]) -> str:
    """The text of these blocks. Raises TooManyBlocks."""
    if len(blocks) > MAX_BLOCKS:
        raise TooManyBlocks(most=MAX_BLOCKS)
    written: list[str] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        follows_text = before is not None and before.kind is block.kind is BlockKind.TEXT
        written.append(
            f"{_BEGIN}\n{block.source}" if follows_text and not _HEADING.match(block.source) else block.source
        )
    return "\n\n".join(written)


def make_block(kind: BlockKind, *, text: str = "", argument: str = "", words: str = "") -> Block:
    """A block of what a form has: `text` for a text or a quotation, `argument` and `words` as Block has them.

    Raises UnknownBlock, SignsInWords.
    """
    if kind in _TEXTS:
        text = text.strip()
        if kind is BlockKind.QUOTATION:
            text = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
        return Block(kind, text)
    words = " ".join(words.split())
    if _UNUSABLE.search(words) or _UNUSABLE.search(argument):
        raise SignsInWords
    named = f"{kind.value} {argument}".strip()
    inside = f"{named} | {words}" if words else named
    made = _block(inside, f"{{{{ {inside} }}}}")
    if made is None:
        raise UnknownBlock(line=inside[:60])
    return made


def check_blocks(body: str) -> None:
    """Raises UnknownBlock or BlockInLine for what begins like a block and would not be shown as one."""
    shown = [(start, end) for start, end, _block in _token_blocks(body)]
    fenced = [place.span() for place in _FENCED.finditer(body)]
    begins = (place.span() for place in _BEGINS.finditer(body))
    shown += [span for span in begins if not any(start < span[0] < end for start, end in fenced)]
    for token in TOKEN.finditer(body):
        inside = token[1].strip()
        name = re.split(r"[\s|]", inside, maxsplit=1)[0]
        if name not in {*_NAMES, BlockKind.TEXT} or name == BlockKind.ANSWERS:
            continue
        if not is_block(inside):
            raise UnknownBlock(line=inside[:60])
        if not any(start <= token.start() < end for start, end in shown):
            raise BlockInLine(line=inside[:60])


def is_block(inside: str) -> bool:
    """True for what stands between the braces of a block, or where a text begins."""
    return inside.strip() == BlockKind.TEXT or _block(inside.strip(), "") is not None


def _token_blocks(body: str) -> list[tuple[int, int, Block]]:
    """Where the blocks with a token are, in their order. Those in fenced code are text, but for the list of answers."""
    fenced = [place.span() for place in _FENCED.finditer(body)]
    found = [(*place.span(), Block(BlockKind.ANSWERS, place[0])) for place in _LIST_OF_ANSWERS.finditer(body)]
    for line in _TOKEN_LINE.finditer(body):
        inside = line[1].strip()
        block = _block(inside, line[0].strip())
        within = any(start < line.start() < end for start, end in fenced)
        if block is not None and block.kind is not BlockKind.ANSWERS and not within:
            found.append((*line.span(), block))
    return sorted(found, key=lambda place: place[0])


def _block(inside: str, source: str) -> Block | None:
    head, _bar, words = inside.partition("|")
    name, _space, argument = head.strip().partition(" ")
    kind, argument, words = _NAMES.get(name), argument.strip(), words.strip()
    if kind is None or "|" in words or (words and kind not in _WITH_WORDS):
        return None
    if kind in _NUMBERED:
        fits = bool(_NUMBER.fullmatch(argument)) and int(argument) <= MAX_ID
    elif kind is BlockKind.VIDEO:
        fits = bool(_ADDRESS.fullmatch(argument))
    elif kind is BlockKind.CHART:
        fits = argument in set(Chart)
    else:
        fits = not argument
    return Block(kind, source, argument, words) if fits else None


def _without_begins(text: str) -> str:
    fenced = [place.span() for place in _FENCED.finditer(text)]
    return _BEGINS.sub(lambda line: line[0] if any(start < line.start() < end for start, end in fenced) else "", text)


def _add_text(found: list[Block], text: str) -> None:
    if text.strip():
        found.append(Block(BlockKind.TEXT, text.strip("\n")))


def _cut(text: str) -> list[Block]:
    """A text cut before its headings and around its quoted paragraphs. Code is never cut."""
    fenced = [place.span() for place in _FENCED.finditer(text)]

    def is_free(at: int) -> bool:
        return not any(start < at < end for start, end in fenced)

    headings = (place.start() for place in _HEADING.finditer(text))
    cuts = {at: (at, BlockKind.TEXT) for at in headings if is_free(at)}
    cuts |= {
        place.start(): (place.start(), BlockKind.TEXT) for place in _BEGINS.finditer(text) if is_free(place.start())
    }
    for place in _QUOTED.finditer(text):
        if is_free(place.start()):
            cuts[place.start()] = (place.end(), BlockKind.QUOTATION)
            cuts.setdefault(place.end(), (place.end(), BlockKind.TEXT))
    found: list[Block] = []
    at, kind = 0, BlockKind.TEXT
    for start in [*sorted(cuts), len(text)]:
        written = _BEGINS.sub("", text[at:start], count=1) if _BEGINS.match(text, at) else text[at:start]
        if written.strip():
            found.append(Block(kind, written.strip("\n").rstrip()))
        if start in cuts:
            at, kind = start, cuts[start][1]
    return found
