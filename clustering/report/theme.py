"""One theme of the report: what people say in it, what it is made of, what sets it apart, and all its ideas."""

from clustering.report.idea import idea_list, quotation
from clustering.report.source import Source, safe
from clustering.types import Apart, FoundTheme, ThemeWarning

PART_QUOTED = 150  # characters of what is quoted of a sub-theme
LANGUAGES = 4  # that are told of a theme, the commonest
FEW_LANGUAGES = 2  # of a campaign, from which a theme tells its own


def theme_article(source: Source, theme: FoundTheme) -> str:
    """Returns the whole theme."""
    warnings = "".join(f'<p class="warning">{source.words.warnings[warning]}</p>' for warning in theme.warnings)
    quotes = "".join(quotation(source, row) for row in theme.exemplars)
    apart = _apart(source, theme.apart) if theme.apart and theme.apart.theme in source.number else ""
    return (
        f'<article class="theme f{source.tone[theme.id]}" id="t{theme.id}">{_head(source, theme)}'
        f'<div class="body">{warnings}{_phrases(theme)}{quotes}{_parts(source, theme)}{apart}</div></article>'
    )


def _head(source: Source, theme: FoundTheme) -> str:
    words = source.words
    share = words.percent(theme.size / max(len(source.found.ideas), 1))
    alike = words.alikeness(theme.cohesion, loose=ThemeWarning.LOOSE in theme.warnings)
    cohesion = f"{words.cohesion}{words.colon}<b>{100 * theme.cohesion:.0f}</b>{'. ' if alike else ''}{alike}"
    return (
        f'<header><p class="number">{source.number[theme.id]}</p><h3 dir="auto">{source.name[theme.id]}</h3>'
        f'<p class="facts"><b>{words.plural(words.ideas, theme.size)}</b>, {share}</p>'
        f'<p class="facts">{cohesion}</p>{_languages(source, theme)}</header>'
    )


def _languages(source: Source, theme: FoundTheme) -> str:
    """Told only where the campaign speaks several."""
    spoken = {code for other in source.themes for code, _ in other.languages}
    if len(spoken) < FEW_LANGUAGES or not theme.languages:
        return ""
    words = source.words
    if len(theme.languages) == 1:
        said = words.only_language.format(languages=safe(words.language(theme.languages[0][0])))
    else:
        told = theme.languages[:LANGUAGES]
        shares = ", ".join(f"{safe(words.language(code))} {words.percent(share)}" for code, share in told)
        said = words.languages.format(languages=f"{shares}{'.' if told == theme.languages else '…'}")
    return f'<p class="facts">{said}</p>'


def _phrases(theme: FoundTheme) -> str:
    items = "".join(f'<li dir="auto">{safe(phrase)}</li>' for phrase in theme.phrases)
    return f'<ul class="phrases">{items}</ul>' if items else ""


def _parts(source: Source, theme: FoundTheme) -> str:
    """All ideas of the theme, by sub-theme where it has any."""
    words = source.words
    parts = source.parts(theme)
    if not theme.parts:
        return _fold(source, words.its_ideas, source.members[theme.id], 1.0)
    strays = parts.pop(None, [])
    folds = "".join(
        _fold(source, _part_name(source, place), rows, len(rows) / theme.size, _part_quote(source, place, rows))
        for place, rows in sorted(parts.items(), key=lambda part: -len(part[1]))
        if place is not None and rows
    )
    others = _fold(source, words.other_ideas, strays, len(strays) / theme.size) if strays else ""
    return f"<h4>{words.made_of}</h4>{folds}{others}"


def _part_name(source: Source, place: int) -> str:
    part = source.found.tree[place]
    return safe(part.name or next(iter(part.phrases), "")) or source.words.unnamed


def _part_quote(source: Source, place: int, rows: list[int]) -> str:
    inside = set(rows)
    typical = next((row for row in source.found.tree[place].exemplars if row in inside), rows[0])
    return f'<span class="typical">{source.quote(typical, PART_QUOTED)}</span>'


def _fold(source: Source, name: str, rows: list[int], share: float, typical: str = "") -> str:
    """Ideas that are folded away below their name, their number, a bar of their share and a typical one."""
    bar = f'<i style="width: {100 * share:.0f}%"></i>' if typical else ""
    count = f'<span class="n">{source.words.count(len(rows))}</span>'
    summary = f"<summary><b>{name}</b> {count}{bar}{typical}</summary>"
    return f'<details class="part">{summary}{idea_list(source, rows)}</details>'


def _apart(source: Source, apart: Apart) -> str:
    words = source.words
    here, there = (
        f'<div><dt>{label}</dt><dd dir="auto">{safe(", ".join(phrases))}</dd></div>' if phrases else ""
        for label, phrases in ((words.here, apart.here), (words.there, apart.there))
    )
    return f'<div class="apart"><h4>{words.apart}</h4><p>{source.link(apart.theme)}</p><dl>{here}{there}</dl></div>'
