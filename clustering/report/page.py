"""REPORT.html: one file to read offline and to print. Map, outline, themes with their ideas, what is left over, why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from string import Template

from clustering.report.change import EarlierTheme, changes_section
from clustering.report.idea import NOTABLE, idea_list, near_themes, quotation
from clustering.report.map import draw_map
from clustering.report.source import Source, safe
from clustering.report.style import STYLE
from clustering.report.theme import theme_article
from clustering.report.words import words_for
from clustering.types import Family, FoundTheme, Leftover, ThemeMap, ThemeWarning

SAMPLE = 200  # texts that tell the language
CANDIDATES = 2  # themes that an idea lies between, whatever their strength; a third one if it is notable
LEFT_QUOTED = 6  # leftovers quoted of each kind, above the list of all

PAGE = Template("""<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
$style
</style>
</head>
<body>
<header class="top">
<p class="kicker">$kicker</p>
<h1 dir="auto">$title</h1>
$figures
</header>
<main>
$body
</main>
</body>
</html>
""")


def write_report(
    found: ThemeMap,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    title: str,
    lang: str | None = None,
    earlier: Mapping[int, EarlierTheme] | None = None,
) -> str:
    """Returns the whole page. `ids`, `texts`: of each idea, in the order of `found.ideas`.

    `lang`: "fr" or "en"; the one that most ideas are in, if left out. `earlier`: the themes of the run that this one
    goes on from, by id; then the page tells what became of them.
    """
    words = words_for(lang or _main_language(found, texts))
    source = Source(found, ids, texts, words)
    return PAGE.substitute(
        lang=words.lang,
        title=safe(title),
        style=STYLE,
        kicker=words.kicker,
        figures=_figures(source),
        body="\n".join(_sections(source, earlier)),
    )


def _main_language(found: ThemeMap, texts: Sequence[str]) -> str | None:
    """The language of most ideas: as the themes tell, else by a sample of the texts."""
    langs: Counter[str] = Counter()
    for theme in found.themes:
        langs.update({lang: round(share * theme.size) for lang, share in theme.languages})
    if not langs:
        from clustering.text.cleaning import clean_text
        from clustering.text.language import detect_languages

        sample = texts[:: max(1, len(texts) // SAMPLE)]
        langs.update(lang for lang in detect_languages([clean_text(text) for text in sample]) if lang)
    return max(langs.items(), key=lambda item: (item[1], item[0]))[0] if langs else None


def _sections(source: Source, earlier: Mapping[int, EarlierTheme] | None) -> Iterator[str]:
    """Yields the parts in order."""
    if not source.themes:
        yield from _ungrouped(source)
        return
    yield _map(source)
    if earlier is not None:
        yield changes_section(source, earlier)
    yield _outline(source)
    for family, themes in source.families:
        yield _family(source, family, themes)
    yield _leftovers(source)
    yield _reading(source)


def _figures(source: Source) -> str:
    """Returns what counts, in large type."""
    words, total = source.words, len(source.found.ideas)
    facts = [(words.count(total), words.noun(words.ideas, total))]
    if source.themes:
        left = {kind: len(rows) for kind, rows in source.left.items()}
        facts += [
            (words.count(len(source.themes)), words.noun(words.themes, len(source.themes))),
            (words.percent((total - sum(left.values())) / max(total, 1)), words.gathered),
            *((words.count(left[kind]), words.noun(words.leftovers[kind], left[kind])) for kind in _kinds()),
        ]
    rows = "".join(f"<div><dt>{what}</dt><dd>{value}</dd></div>" for value, what in facts)
    return f'<dl class="figures">{rows}</dl>'


def _kinds() -> tuple[Leftover, Leftover]:
    return Leftover.AMBIGUOUS, Leftover.OUTLIER


def _ungrouped(source: Source) -> Iterator[str]:
    words = source.words
    if source.found.too_few:
        yield f'<p class="note">{words.too_few}</p>'
    if source.texts:
        yield f"<section><h2>{words.all_ideas}</h2>{idea_list(source, range(len(source.texts)))}</section>"


def _map(source: Source) -> str:
    words = source.words
    note = f"{words.map_note} {words.map_families}" if len(source.families) > 1 else words.map_note
    return f'<section><h2>{words.map}</h2><p class="note">{note}</p><figure>{draw_map(source)}</figure></section>'


def _outline(source: Source) -> str:
    """Families, their themes, how many ideas each has, and what to beware of."""
    words = source.words
    head = (
        f'<tr><td></td><th scope="col">{words.theme}</th><th scope="col" class="n">{words.size}</th>'
        f'<th scope="col" class="n share">{words.share}</th><td class="bar"></td></tr>'
    )
    largest = max(theme.size for theme in source.themes)
    groups = "".join(_outline_group(source, family, themes, largest) for family, themes in source.families)
    return (
        f'<nav id="outline" aria-labelledby="outline-title"><h2 id="outline-title">{words.outline}</h2>'
        f"<table><thead>{head}</thead>{groups}</table></nav>"
    )


def _outline_group(source: Source, family: Family | None, themes: list[FoundTheme], largest: int) -> str:
    head = ""
    if family:
        size = source.words.count(sum(theme.size for theme in themes))
        head = (
            f'<tr class="family"><td></td><th scope="rowgroup" dir="auto">{_family_name(source, family)}</th>'
            f'<td class="n">{size}</td><td class="share"></td><td class="bar"></td></tr>'
        )
    rows = "".join(_outline_row(source, theme, largest) for theme in themes)
    return f'<tbody class="f{source.tone[themes[0].id]}">{head}{rows}</tbody>'


def _outline_row(source: Source, theme: FoundTheme, largest: int) -> str:
    words = source.words
    flag_of = {ThemeWarning.SMALL: words.small_outline, ThemeWarning.LOOSE: words.loose_outline}
    flags = "".join(f' <span class="flag">{flag_of[warning]}</span>' for warning in theme.warnings)
    share = words.percent(theme.size / max(len(source.found.ideas), 1))
    return (
        f'<tr><td class="n number">{source.number[theme.id]}</td><td>{source.link(theme.id)}{flags}</td>'
        f'<td class="n">{words.count(theme.size)}</td><td class="n share">{share}</td>'
        f'<td class="bar"><i style="width: {100 * theme.size / largest:.0f}%"></i></td></tr>'
    )


def _family_name(source: Source, family: Family) -> str:
    return safe(family.name) or source.words.unnamed


def _family(source: Source, family: Family | None, themes: list[FoundTheme]) -> str:
    words = source.words
    title, size = words.in_detail, ""
    if family:
        title = _family_name(source, family)
        ideas = words.plural(words.ideas, sum(theme.size for theme in themes))
        size = f'<p class="note">{words.plural(words.themes, len(themes))}, {ideas}</p>'
    articles = "\n".join(theme_article(source, theme) for theme in themes)
    return (
        f'<section class="family f{source.tone[themes[0].id]}"><h2 dir="auto">{title}</h2>{size}{articles}'
        f'<p class="back"><a href="#outline">{words.back}</a></p></section>'
    )


def _leftovers(source: Source) -> str:
    kinds = "".join(_leftover(source, kind) for kind in _kinds())
    return f'<section><h2>{source.words.left_title}</h2><div class="left">{kinds}</div></section>'


def _leftover(source: Source, kind: Leftover) -> str:
    """Some that are spread over the campaign, quoted, then all of them."""
    words, rows = source.words, source.left[kind]
    head = f'<div><h3>{words.left_names[kind]}</h3><p class="note">{words.left_notes[kind]}</p>'
    if not rows:
        return f"{head}<p>{words.no_leftover}</p></div>"
    said = [row for row in rows if source.texts[row].strip()]
    quoted = said[:: max(1, len(said) // LEFT_QUOTED)][:LEFT_QUOTED]
    quotes = "".join(quotation(source, row, _candidates(source, kind, row)) for row in quoted)
    return (
        f'{head}{quotes}<details class="part"><summary><b>{words.plural(words.all_left[kind], len(rows))}</b></summary>'
        f"{idea_list(source, rows)}</details></div>"
    )


def _candidates(source: Source, kind: Leftover, row: int) -> str:
    """The two or three themes that an idea lies between."""
    if kind is not Leftover.AMBIGUOUS:
        return ""
    nearest = source.found.ideas[row].nearest
    near = [one for place, one in enumerate(nearest) if place < CANDIDATES or one.strength >= NOTABLE]
    return f'<p class="between">{near_themes(source, near)}</p>'


def _reading(source: Source) -> str:
    words = source.words
    notes = "".join(f"<div><dt>{what}</dt><dd>{meaning}</dd></div>" for what, meaning in words.read_notes)
    made = words.made_with.format(model=safe(source.found.model))
    return f'<section class="read"><h2>{words.read}</h2><dl>{notes}</dl><p class="note">{made}</p></section>'
