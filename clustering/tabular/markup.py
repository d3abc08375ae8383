"""HTML in cells, as other platforms export it, read as plain text."""

import html
import re
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
_TEXT_TAGS = _BLOCKS | {"br", "span", "a", "b", "i", "u", "s", "em", "strong", "td", "th", "img", "font", "sup", "sub"}
_UNREAD = {"script", "style", "head", "template"}
_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_TEXT_TAGS | _UNREAD))})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")


def as_text(cell: str) -> str:
    """The cell without tags and entities. A cell without any, such as "a < b", comes back as it is."""
    if "<" in cell and _TAG.search(cell):
        reader = _Reader()
        reader.feed(cell)
        reader.close()
        return reader.text()
    return _ENTITY.sub(lambda found: html.unescape(found.group()), cell).replace("\xa0", " ") if "&" in cell else cell


class _Reader(HTMLParser):
    """Keeps what a browser would show, a line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- that of HTMLParser
        if tag in _UNREAD:
            self._unread += 1
        elif tag == "br":
            self._parts.append("\n")
        elif tag == "li":
            self._parts.append("\n- ")
        elif tag in _BLOCKS:
            self._parts.append("\n" if tag in {"tr", "ul", "ol"} else "\n\n")
        elif tag not in _TEXT_TAGS:
            self._parts.append(self.get_starttag_text() or "")  # "<nom du quartier>" is a text

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag in {"td", "th"}:
            self._parts.append(" ")
        elif tag in _BLOCKS - {"li", "tr"}:
            self._parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._parts.append(_SPACES.sub(" ", data.replace("\n", " ").replace("\xa0", " ")))

    def text(self) -> str:
        joined = _LINE_ENDS.sub("\n", _SPACES.sub(" ", "".join(self._parts)))
        return _BLANK_LINES.sub("\n\n", joined).strip()
