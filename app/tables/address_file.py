"""Addresses in a file that somebody sends: read in the sandbox, as ideas are."""

from collections import Counter
from collections.abc import Sequence

from app.tables.idea_file import open_table
from ideas.errors import DomainError, message_id
from ideas.spaces.addresses import MAX_ADDRESSES


class NoAddressColumn(DomainError):
    message = message_id("No column of this file has email addresses. Choose another file, or paste the addresses.")


def addresses_in(content: bytes, filename: str) -> str:
    """The cells of the column that has most addresses, one a line: also those that are none, to be shown as such.

    Raises NoAddressColumn, NoRows, or what makes a file unreadable. It takes a while: hold no lock meanwhile.
    """
    with open_table(content, filename) as table:
        names: Sequence[str] = table.facts["columns"]
        rows = [line[1] for line in table.lines() if line is not None]
    lines = [names, *rows]  # without a header, the first addresses are taken for names
    counts = Counter(place for cells in lines for place, cell in enumerate(cells) if "@" in cell)
    if not counts:
        raise NoAddressColumn
    place = counts.most_common(1)[0][0]
    found = [cells[place] for cells in rows]
    if "@" in names[place]:
        found.insert(0, names[place])
    return "\n".join(" ".join(cell.split()) for cell in found[: MAX_ADDRESSES + 1] if cell.strip())
