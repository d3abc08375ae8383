"""Ideas in the report, each with why it is where it is, folded away."""

from collections.abc import Iterable, Iterator

from clustering.report import words
from clustering.report.source import Source, safe
from clustering.types import Leftover, Near, PlacedIdea

# Beyond so many ideas only quoted ones have their reasons, or the page would be too heavy for a browser.
MAX_EXPLAINED_IDEAS = 20_000
MIN_MENTIONED_STRENGTH = 0.25  # strength from which another theme is mentioned
VERY_CLOSE, CLOSE, FAIRLY_CLOSE = 0.75, 0.5, 0.25  # strength from which an idea is called so
MAX_LISTED_NEIGHBOURS = 2  # of the most similar ideas, for an idea in a list
NEIGHBOUR_CHARACTERS = 48  # of each of them
LONG_NEIGHBOUR_CHARACTERS = 140  # the same below a quotation
QUOTED_CHARACTERS = 420
KEY_CHARACTERS = 60


def quotation(source: Source, row: int, remark: str = "") -> str:
    """Returns an idea in large type, with a remark below it, and its reasons."""
    reasons = "".join(f"<li>{line}</li>" for line in _reasons(source, row))
    return (
        f'<div class="said"><blockquote>{source.quote(row, QUOTED_CHARACTERS)}</blockquote>{remark}'
        f'<details class="why"><summary>{source.language.text(words.WHY)}</summary><ul>{reasons}</ul></details></div>'
    )


def idea_list(source: Source, rows: Iterable[int]) -> str:
    """Returns a list of ideas, each with its reasons unless there are too many ideas, or no themes.

    Nearly identical ones are folded below the first of them.
    """
    explained = bool(source.themes) and len(source.found.ideas) <= MAX_EXPLAINED_IDEAS
    alike: dict[int, list[int]] = {}
    for row in rows:
        original = source.found.ideas[row].same_as
        alike.setdefault(row if original is None else original, []).append(row)
    entries = []
    for first, *copies in alike.values():
        entries.append(_explained(source, first) if explained else _plain(source, first))
        if copies:
            summary = source.language.plural(words.AND_COPIES, len(copies))
            folded = "".join(_plain(source, row) for row in copies)
            entries.append(f'<details class="copies"><summary>{summary}</summary>{folded}</details>\n')
    return f'<div class="ideas">{"".join(entries)}</div>'


def _explained(source: Source, row: int) -> str:
    # Thousands of these make most of the page: hence as little markup as possible.
    return f'<details id="i{row}"><summary>{source.text(row)}</summary><p>{_short_reasons(source, row)}</p></details>\n'


def _plain(source: Source, row: int) -> str:
    return f'<p id="i{row}">{source.text(row)} <small>{_key(source, row)}</small></p>\n'


def _short_reasons(source: Source, row: int) -> str:
    """Returns why an idea is where it is, in one paragraph."""
    idea, language = source.found.ideas[row], source.language
    parts = [] if idea.leftover else [language.text(words.SHORT_CLOSENESS, percent=language.percent(idea.strength))]
    if idea.shared:
        parts.append(language.text(words.SHORT_COMMON_WORDS, phrases=_phrases(idea)))
    asked = list(dict.fromkeys(passage.theme for passage in idea.passages if passage.theme != idea.theme))
    if asked:
        parts.append(language.text(words.SHORT_ALSO_ASKS, themes=", ".join(map(source.link, asked))))
    others = [near for near in _other_themes(idea) if near.theme not in asked]
    if others:
        themes = close_themes(source, others if idea.leftover else others[:1])
        parts.append(language.text(words.SHORT_ALSO_CLOSE, themes=themes))
    if idea.neighbours:
        listed = idea.neighbours[:MAX_LISTED_NEIGHBOURS]
        ideas = ", ".join(_neighbour(source, other, NEIGHBOUR_CHARACTERS) for other in listed)
        parts.append(language.text(words.SHORT_SIMILAR, ideas=ideas))
    return " · ".join([*parts, _key(source, row)])


def _reasons(source: Source, row: int) -> Iterator[str]:
    """Yields why an idea is where it is, one sentence a line."""
    idea, language = source.found.ideas[row], source.language
    if idea.leftover:
        yield language.text(words.LEFTOVER_REASONS[idea.leftover])
    else:
        yield language.text(_closeness(idea.strength), percent=language.percent(idea.strength))
    if idea.shared:
        yield language.text(words.COMMON_WORDS, phrases=_phrases(idea))
    others = _other_themes(idea)
    if others and idea.leftover is not Leftover.AMBIGUOUS:  # whose themes are already in the remark
        label = words.CLOSEST if idea.leftover else words.ALSO_CLOSE
        yield language.text(label, themes=close_themes(source, others))
    if idea.neighbours:
        items = (f"<li>{_neighbour(source, other, LONG_NEIGHBOUR_CHARACTERS)}</li>" for other in idea.neighbours)
        yield f"{language.text(words.SIMILAR_IDEAS)}<ul>{''.join(items)}</ul>"
    yield _key(source, row)


def _closeness(strength: float) -> words.Text:
    if strength >= CLOSE:
        return words.VERY_CLOSE if strength >= VERY_CLOSE else words.CLOSE
    return words.FAIRLY_CLOSE if strength >= FAIRLY_CLOSE else words.FAR


def _phrases(idea: PlacedIdea) -> str:
    return ", ".join(f"<b>{safe(phrase)}</b>" for phrase in idea.shared)


def _other_themes(idea: PlacedIdea) -> list[Near]:
    return [near for near in idea.nearest if near.theme != idea.theme and near.strength >= MIN_MENTIONED_STRENGTH]


def _neighbour(source: Source, row: int, limit: int) -> str:
    return f'<a href="#i{row}">{source.quote(row, limit)}</a>'


def _key(source: Source, row: int) -> str:
    return source.language.text(words.KEY, key=safe(source.ids[row], KEY_CHARACTERS))


def close_themes(source: Source, near: Iterable[Near]) -> str:
    """Returns links to themes, each with its closeness."""
    return ", ".join(f"{source.link(one.theme)} {source.language.percent(one.strength)}" for one in near)
