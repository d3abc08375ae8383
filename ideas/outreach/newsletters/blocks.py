"""The blocks of a newsletter: parts of its one Markdown text, as those of a debrief are. Pure functions.

A line of its own such as `{{ campaign 12 }}`, `{{ debrief 12 }}` or `{{ figures 12 }}` is a block about that campaign;
`{{ picture 12 | what it shows }}` is a picture, with the words for whoever does not see it. An article is a heading,
its text and its picture.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ideas.answers.debriefs.blocks import TOKEN, UnknownBlock
from ideas.base import MAX_ID

_LINE = re.compile(r"^ {0,3}\{\{([^{}\n]*)\}\}[ \t]*$", re.MULTILINE)
_INSIDE = re.compile(r"(campaign|debrief|figures) ([1-9][0-9]{0,9})")
_PICTURE = re.compile(r"picture ([1-9][0-9]{0,9}) {0,3}\| {0,3}([^{}|\n]{1,300})")

_BROKEN = re.compile(r"\{\{[^{}\n]{0,40}|[^{}\n]{0,40}\}\}")
_SIGNS = re.compile(r"[{}|\s]+")


class PartKind(StrEnum):
    """What a part shows. The value is the name of its token, but for a text, which has none."""

    TEXT = "text"
    CAMPAIGN = "campaign"
    DEBRIEF = "debrief"
    FIGURES = "figures"
    PICTURE = "picture"


# Those about a campaign.
OF_CAMPAIGN = (PartKind.CAMPAIGN, PartKind.DEBRIEF, PartKind.FIGURES)


@dataclass(frozen=True, slots=True)
class Part:
    """`text`: Markdown, of a text; of a picture, what it shows. `campaign_id`: of a part about one. `file_id`: of a
    picture.
    """

    kind: PartKind
    text: str = ""
    campaign_id: int = 0
    file_id: int = 0


def parts_of(body: str) -> list[Part]:
    """The text as it is read, in its order."""
    return list(_parts(body))


def check_title(title: str) -> None:
    """Raises UnknownBlock for two braces: a title has no block, and nothing in it is filled in."""
    if "{{" in title or "}}" in title:
        raise UnknownBlock(line=title[:60])


def check_parts(body: str) -> None:
    """Raises UnknownBlock for what stands between two pairs of braces, or beside one of them, and would not be shown as
    a block.
    """
    shown = {place.start() for place in _LINE.finditer(body) if _named(place[1])}
    for token in TOKEN.finditer(body):
        line_begins = body.rfind("\n", 0, token.start()) + 1
        if line_begins not in shown:
            raise UnknownBlock(line=token[1].strip()[:60])
    if (broken := _BROKEN.search(TOKEN.sub("", body))) is not None:
        raise UnknownBlock(line=broken[0].strip())


def token_of(kind: PartKind, campaign_id: int) -> str:
    """What stands in the text for such a part."""
    return f"{{{{ {kind.value} {campaign_id} }}}}"


def picture_token(file_id: int, words: str) -> str:
    """What stands in the text for a picture. `words`: what it shows, without the signs of a block."""
    return f"{{{{ picture {file_id} | {_SIGNS.sub(' ', words).strip()} }}}}"


def _parts(body: str) -> Iterator[Part]:
    at = 0
    for line in _LINE.finditer(body):
        named = _named(line[1])
        if named is None:
            continue
        if text := body[at : line.start()].strip("\n"):
            yield Part(PartKind.TEXT, text)
        yield named
        at = line.end()
    if text := body[at:].strip("\n"):
        yield Part(PartKind.TEXT, text)


def _named(inside: str) -> Part | None:
    if (found := _INSIDE.fullmatch(inside.strip())) is not None and int(found[2]) <= MAX_ID:
        return Part(PartKind(found[1]), campaign_id=int(found[2]))
    if (found := _PICTURE.fullmatch(inside.strip())) is not None and int(found[1]) <= MAX_ID:
        return Part(PartKind.PICTURE, found[2].strip(), file_id=int(found[1]))
    return None
