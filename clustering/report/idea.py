"""Ideas in the report: each with why it is where it is, folded away until someone asks."""

from collections.abc import Iterable, Iterator

from clustering.report.source import Source, safe
from clustering.types import Leftover, Near, PlacedIdea

# Ideas up to which each of them tells why it is where it is: beyond, only those that are quoted do, or the page would
# weigh more than a browser opens with ease.
EXPLAINED = 20_000
NOTABLE = 0.25  # strength from which another theme is worth a word
LISTED_NEIGHBOURS = 2  # of the most similar ideas, in a list
NEIGHBOUR = 48  # characters of each
LONG_NEIGHBOUR = 140  # the same below a quotation
QUOTED = 420  # characters of a quotation
KEY = 60  # characters of an idea's number


def quotation(source: Source, row: int, remark: str = "") -> str:
    """An idea in large type, with a remark below it, and its reasons."""
    reasons = "".join(f"<li>{line}</li>" for line in _in_full(source, row))
    return (
        f'<div class="said"><blockquote>{source.quote(row, QUOTED)}</blockquote>{remark}'
        f'<details class="why"><summary>{source.words.why}</summary><ul>{reasons}</ul></details></div>'
    )


def idea_list(source: Source, rows: Iterable[int]) -> str:
    """Many ideas, each with its reasons unless there are too many, or no theme to be in."""
    explained = bool(source.themes) and len(source.found.ideas) <= EXPLAINED
    entries = (_explained(source, row) if explained else _plain(source, row) for row in rows)
    return f'<div class="ideas">{"".join(entries)}</div>'


def _explained(source: Source, row: int) -> str:
    """Thousands of these make the page: as few characters as may be around what is said."""
    return f'<details id="i{row}"><summary>{source.text(row)}</summary><p>{_in_brief(source, row)}</p></details>\n'


def _plain(source: Source, row: int) -> str:
    return f'<p id="i{row}">{source.text(row)} <small>{_key(source, row)}</small></p>\n'


def _in_brief(source: Source, row: int) -> str:
    """Why an idea is where it is, in one paragraph."""
    idea, words = source.found.ideas[row], source.words
    said = [] if idea.leftover else [f"{words.strength} {100 * idea.strength:.0f}"]
    if idea.shared:
        said.append(f"{words.shares} {_phrases(idea)}")
    others = _others(idea)
    if others:
        said.append(f"{words.near} {near_themes(source, others if idea.leftover else others[:1])}")
    if idea.neighbours:
        near = (_neighbour(source, other, NEIGHBOUR) for other in idea.neighbours[:LISTED_NEIGHBOURS])
        said.append(f"{words.like} {', '.join(near)}")
    return " · ".join([*said, _key(source, row)])


def _in_full(source: Source, row: int) -> Iterator[str]:
    """Yields why an idea is where it is, in whole lines."""
    idea, words = source.found.ideas[row], source.words
    if idea.leftover:
        yield words.left_whys[idea.leftover]
    else:
        yield words.placed.format(place=words.place(idea.strength), strength=f"{100 * idea.strength:.0f}")
    if idea.shared:
        yield _labelled(source, words.shared, _phrases(idea))
    others = _others(idea)
    if others and idea.leftover is not Leftover.AMBIGUOUS:  # which is told with its themes
        yield _labelled(source, words.nearest if idea.leftover else words.also_near, near_themes(source, others))
    if idea.neighbours:
        near = "".join(f"<li>{_neighbour(source, other, LONG_NEIGHBOUR)}</li>" for other in idea.neighbours)
        yield f"{_labelled(source, words.alike_ideas, '')}<ul>{near}</ul>"
    yield _key(source, row)


def _phrases(idea: PlacedIdea) -> str:
    return ", ".join(f"<b>{safe(phrase)}</b>" for phrase in idea.shared)


def _others(idea: PlacedIdea) -> list[Near]:
    return [near for near in idea.nearest if near.theme != idea.theme and near.strength >= NOTABLE]


def _neighbour(source: Source, row: int, limit: int) -> str:
    return f'<a href="#i{row}">{source.quote(row, limit)}</a>'


def _key(source: Source, row: int) -> str:
    return f"{source.words.number}\u00a0{safe(source.ids[row], KEY)}"


def near_themes(source: Source, near: Iterable[Near]) -> str:
    """Themes with how near they are."""
    return ", ".join(f"{source.link(one.theme)} {100 * one.strength:.0f}" for one in near)


def _labelled(source: Source, label: str, what: str) -> str:
    return f"{label}{source.words.colon}{what}"
