"""Safe HTML of ours as plain text, for the text part of a mail."""

from html.parser import HTMLParser

_PARAGRAPHS = frozenset({"p", "h2", "h3", "h4", "ul", "ol", "blockquote", "pre", "table", "hr"})
_LINES = frozenset({"br", "tr"})


def plain_text(html: str) -> str:
    """The words of this HTML: paragraphs apart, list items on lines of their own, each link with its address."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.written).split("\n")
    paragraphs = "\n".join(line.rstrip() for line in lines).split("\n\n")
    return "\n\n".join(text for one in paragraphs if (text := one.strip()))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        # Of each list that is open, the number of its next item; None for one without numbers.
        self._lists: list[int | None] = []
        self._link = ("", 0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _PARAGRAPHS and not (tag == "p" and self._lists):
            self.written.append("\n\n")
        elif tag in _LINES:
            self.written.append("\n")
        if tag in {"ul", "ol"}:
            self._lists.append(int(given.get("start") or 1) if tag == "ol" else None)
        elif tag == "li":
            self.written.append(f"\n{'  ' * (len(self._lists) - 1)}{self._mark()} ")
        elif tag in {"td", "th"}:
            self.written.append(" ")
        elif tag == "a":
            self._link = (given.get("href") or "", len(self.written))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        if tag == "a":
            address, start = self._link
            if address and "".join(self.written[start:]).strip() != address:
                self.written.append(f" ({address})")
        elif tag in _PARAGRAPHS and not (tag == "p" and self._lists):
            self.written.append("\n\n")

    def handle_data(self, data: str) -> None:
        if data.strip() or (self.written and not self.written[-1].endswith("\n")):
            self.written.append(" ".join(data.split("\n")))

    def _mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "-"
        self._lists[-1] = number + 1
        return f"{number}."
