"""One theme of the report: typical ideas, sub-themes, differences from the closest theme, and all its ideas."""

from clustering.report import words
from clustering.report.idea import idea_list, quotation
from clustering.report.source import Source, safe
from clustering.types import Apart, FoundTheme, ThemeWarning

NEARLY_THE_SAME, CLEARLY_ALIKE = 0.5, 0.25  # cohesion from which ideas are called so
QUOTE_CHARACTERS = 150  # of the typical idea of a sub-theme
MAX_LANGUAGES = 4  # shown for a theme, the commonest
MIN_LANGUAGES = 2  # in the campaign, for its themes to show theirs


def theme_article(source: Source, theme: FoundTheme) -> str:
    """Returns the whole theme as HTML."""
    text = source.language.text
    warnings = "".join(f'<p class="warning">{text(words.WARNINGS[warning])}</p>' for warning in theme.warnings)
    quotes = "".join(quotation(source, row) for row in theme.exemplars)
    apart = _apart(source, theme.apart) if theme.apart and theme.apart.theme in source.number else ""
    ideas = _parts(source, theme) + _also_here(source, theme)
    return (
        f'<article class="theme f{source.tone[theme.id]}" id="t{theme.id}">{_head(source, theme)}'
        f'<div class="body">{warnings}{_phrases(theme)}{quotes}{ideas}{apart}</div></article>'
    )


def _head(source: Source, theme: FoundTheme) -> str:
    language = source.language
    share = language.percent(theme.size / max(len(source.found.ideas), 1))
    copies = f" ({language.plural(words.COPIES, theme.copies)})" if theme.copies else ""
    facts = [f"<b>{language.plural(words.IDEAS, theme.size)}</b>, {share}{copies}", _cohesion(source, theme)]
    languages = _languages(source, theme)
    lines = "".join(f'<p class="facts">{fact}</p>' for fact in [*facts, languages] if fact)
    return (
        f'<header><p class="number">{source.number[theme.id]}</p><h3 dir="auto">{source.name[theme.id]}</h3>'
        f"{_definition(theme)}{lines}</header>"
    )


def _definition(theme: FoundTheme) -> str:
    return f'<p class="definition" dir="auto">{safe(theme.definition)}</p>' if theme.definition else ""


def _cohesion(source: Source, theme: FoundTheme) -> str:
    """Returns how similar the ideas are, in per cent and in words, unless a warning covers it."""
    language = source.language
    percent = f"<b>{language.percent(theme.cohesion)}</b>"
    sentence = language.text(words.COHESION, percent=percent)
    if ThemeWarning.LOOSE in theme.warnings:
        return sentence
    if theme.cohesion >= CLEARLY_ALIKE:
        alike = words.NEARLY_THE_SAME if theme.cohesion >= NEARLY_THE_SAME else words.CLEARLY_ALIKE
    else:
        alike = words.WORDED_DIFFERENTLY
    return f"{sentence} {language.text(alike)}"


def _languages(source: Source, theme: FoundTheme) -> str:
    """Returns the languages of a theme, or nothing where the whole campaign is in one."""
    in_use = {code for other in source.themes for code, _ in other.languages}
    if len(in_use) < MIN_LANGUAGES or not theme.languages:
        return ""
    language = source.language
    if len(theme.languages) == 1:
        return language.text(words.ONLY_LANGUAGE, languages=safe(language.name_of(theme.languages[0][0])))
    shown = theme.languages[:MAX_LANGUAGES]
    shares = ", ".join(f"{safe(language.name_of(code))} {language.percent(share)}" for code, share in shown)
    return language.text(words.LANGUAGES, languages=f"{shares}{'.' if shown == theme.languages else '…'}")


def _phrases(theme: FoundTheme) -> str:
    items = "".join(f'<li dir="auto">{safe(phrase)}</li>' for phrase in theme.phrases)
    return f'<ul class="phrases">{items}</ul>' if items else ""


def _parts(source: Source, theme: FoundTheme) -> str:
    """Returns all ideas of the theme, by sub-theme where it has any."""
    text = source.language.text
    if not theme.parts:
        return _fold(source, text(words.THEME_IDEAS), source.members[theme.id], 1.0)
    parts = source.parts(theme)
    others = parts.pop(None, [])
    folds = "".join(
        _fold(source, _part_name(source, part), rows, len(rows) / theme.size, _part_quote(source, part, rows))
        for part, rows in sorted(parts.items(), key=lambda item: -len(item[1]))
        if part is not None and rows
    )
    rest = _fold(source, text(words.OTHER_IDEAS), others, len(others) / theme.size) if others else ""
    return f"<h4>{text(words.SUB_THEMES)}</h4>{folds}{rest}"


def _also_here(source: Source, theme: FoundTheme) -> str:
    """Returns the passages of ideas of other themes that ask for this one, folded, each with a link to its idea."""
    passages = source.passages.get(theme.id, [])
    if not passages:
        return ""
    items = "".join(
        f'<p><a href="#i{row}" dir="auto">{safe(source.texts[row][passage.start : passage.end])}</a></p>\n'
        for row, passage in passages
    )
    count = f'<span class="n">{source.language.count(len({row for row, _ in passages}))}</span>'
    summary = f"<summary><b>{source.language.text(words.ALSO_HERE)}</b> {count}</summary>"
    return f'<details class="part">{summary}<div class="ideas">{items}</div></details>'


def _part_name(source: Source, part: int) -> str:
    node = source.found.tree[part]
    return safe(node.name or next(iter(node.phrases), "")) or source.language.text(words.UNNAMED)


def _part_quote(source: Source, part: int, rows: list[int]) -> str:
    inside = set(rows)
    typical = next((row for row in source.found.tree[part].exemplars if row in inside), rows[0])
    return f'<span class="typical">{source.quote(typical, QUOTE_CHARACTERS)}</span>'


def _fold(source: Source, name: str, rows: list[int], share: float, typical: str = "") -> str:
    """Returns ideas folded under a name, their count and, with a typical idea, a bar of their share of the theme."""
    bar = f'<i style="width: {100 * share:.0f}%"></i>' if typical else ""
    count = f'<span class="n">{source.language.count(len(rows))}</span>'
    summary = f"<summary><b>{name}</b> {count}{bar}{typical}</summary>"
    return f'<details class="part">{summary}{idea_list(source, rows)}</details>'


def _apart(source: Source, apart: Apart) -> str:
    text = source.language.text
    here, there = (
        f'<div><dt>{text(label)}</dt><dd dir="auto">{safe(", ".join(phrases))}</dd></div>' if phrases else ""
        for label, phrases in ((words.IN_THIS_THEME, apart.here), (words.IN_THE_OTHER, apart.there))
    )
    return (
        f'<div class="apart"><h4>{text(words.APART)}</h4><p>{source.link(apart.theme)}</p><dl>{here}{there}</dl></div>'
    )
