"""The whole report: one HTML file to read offline and to print, without scripts or outside resources."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from string import Template

from clustering.report import words
from clustering.report.change import EarlierTheme, changes_section
from clustering.report.idea import MIN_MENTIONED_STRENGTH, close_themes, idea_list, quotation
from clustering.report.language import Language
from clustering.report.map import draw_map
from clustering.report.source import Source, safe
from clustering.report.style import STYLE
from clustering.report.theme import theme_article
from clustering.types import RESIDUE, Family, FoundTheme, Leftover, ThemeMap

SAMPLE = 200  # texts whose languages are detected where there are no themes
MIN_CLOSE_THEMES = 2  # shown for an ambiguous idea, whatever their strength; a third one if it is notable
MAX_LEFTOVER_QUOTES = 6  # of each kind, above the list of all
# In the order of the page.
LEFTOVER_KINDS = (Leftover.AMBIGUOUS, Leftover.OUTLIER, Leftover.NOTHING, Leftover.AGREES, Leftover.DISAGREES)

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
    """Returns the whole page as HTML.

    `ids`, `texts`: of each idea, in the order of `found.ideas`. `lang`: "fr" or "en"; French if left out and most
    ideas are in French, else English. `earlier`: the themes of the earlier run by id; then the page says what changed.
    """
    language = Language(lang or _main_language(found, texts))
    source = Source(found, ids, texts, language)
    return PAGE.substitute(
        lang=language.code,
        title=safe(title),
        style=STYLE,
        kicker=language.text(words.KICKER),
        figures=_figures(source),
        body="\n".join(_sections(source, earlier)),
    )


def _main_language(found: ThemeMap, texts: Sequence[str]) -> str | None:
    """Returns the language of most ideas: of those in themes, or of a sample of the texts where there are none."""
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
    """Yields the sections in order."""
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
    """Returns the main figures, in large type."""
    language, total = source.language, len(source.found.ideas)
    facts = [_figure(source, words.IDEAS, total)]
    if source.themes:
        left = {kind: len(rows) for kind, rows in source.left.items()}
        in_themes = (total - sum(left.values())) / max(total, 1)
        facts += [
            _figure(source, words.THEMES, len(source.themes)),
            (language.percent(in_themes), language.text(words.IN_A_THEME)),
            *(
                _figure(source, words.LEFTOVERS[kind], left[kind])
                for kind in LEFTOVER_KINDS
                if kind not in RESIDUE or left[kind]
            ),
        ]
    rows = "".join(f"<div><dt>{what}</dt><dd>{value}</dd></div>" for value, what in facts)
    return f'<dl class="figures">{rows}</dl>'


def _figure(source: Source, plural: words.Plural, n: int) -> tuple[str, str]:
    return source.language.count(n), source.language.noun(plural, n)


def _ungrouped(source: Source) -> Iterator[str]:
    text = source.language.text
    if source.found.too_few:
        yield f'<p class="note">{text(words.TOO_FEW)}</p>'
    if source.texts:
        yield f"<section><h2>{text(words.ALL_IDEAS)}</h2>{idea_list(source, range(len(source.texts)))}</section>"


def _map(source: Source) -> str:
    text = source.language.text
    note = text(words.MAP_NOTE)
    if len(source.families) > 1:
        note = f"{note} {text(words.MAP_FAMILIES)}"
    return f'<section><h2>{text(words.MAP)}</h2><p class="note">{note}</p><figure>{draw_map(source)}</figure></section>'


def _outline(source: Source) -> str:
    """Returns families and their themes, with the number of ideas of each and its warnings."""
    text = source.language.text
    head = (
        f'<tr><td></td><th scope="col">{text(words.THEME)}</th><th scope="col" class="n">{text(words.SIZE)}</th>'
        f'<th scope="col" class="n share">{text(words.SHARE)}</th><td class="bar"></td></tr>'
    )
    largest = max(theme.size for theme in source.themes)
    groups = "".join(_outline_group(source, family, themes, largest) for family, themes in source.families)
    return (
        f'<nav id="outline" aria-labelledby="outline-title"><h2 id="outline-title">{text(words.OUTLINE)}</h2>'
        f"<table><thead>{head}</thead>{groups}</table></nav>"
    )


def _outline_group(source: Source, family: Family | None, themes: list[FoundTheme], largest: int) -> str:
    head = ""
    if family:
        size = source.language.count(sum(theme.size for theme in themes))
        head = (
            f'<tr class="family"><td></td><th scope="rowgroup" dir="auto">{_family_name(source, family)}</th>'
            f'<td class="n">{size}</td><td class="share"></td><td class="bar"></td></tr>'
        )
    rows = "".join(_outline_row(source, theme, largest) for theme in themes)
    return f'<tbody class="f{source.tone[themes[0].id]}">{head}{rows}</tbody>'


def _outline_row(source: Source, theme: FoundTheme, largest: int) -> str:
    language = source.language
    flags = "".join(f' <span class="flag">{language.text(words.FLAGS[warning])}</span>' for warning in theme.warnings)
    share = language.percent(theme.size / max(len(source.found.ideas), 1))
    return (
        f'<tr><td class="n number">{source.number[theme.id]}</td><td>{source.link(theme.id)}{flags}</td>'
        f'<td class="n">{language.count(theme.size)}</td><td class="n share">{share}</td>'
        f'<td class="bar"><i style="width: {100 * theme.size / largest:.0f}%"></i></td></tr>'
    )


def _family_name(source: Source, family: Family) -> str:
    return safe(family.name) or source.language.text(words.UNNAMED)


def _family(source: Source, family: Family | None, themes: list[FoundTheme]) -> str:
    language = source.language
    title, size = language.text(words.IN_DETAIL), ""
    if family:
        title = _family_name(source, family)
        ideas = language.plural(words.IDEAS, sum(theme.size for theme in themes))
        size = f'<p class="note">{language.plural(words.THEMES, len(themes))}, {ideas}</p>'
    articles = "\n".join(theme_article(source, theme) for theme in themes)
    return (
        f'<section class="family f{source.tone[themes[0].id]}"><h2 dir="auto">{title}</h2>{size}{articles}'
        f'<p class="back"><a href="#outline">{language.text(words.BACK)}</a></p></section>'
    )


def _leftovers(source: Source) -> str:
    shown = [kind for kind in LEFTOVER_KINDS if kind not in RESIDUE or source.left[kind]]
    kinds = "".join(_leftover(source, kind) for kind in shown)
    return f'<section><h2>{source.language.text(words.NO_THEME)}</h2><div class="left">{kinds}</div></section>'


def _leftover(source: Source, kind: Leftover) -> str:
    """Returns the leftovers of a kind: some from all over the campaign, quoted, then all of them."""
    language, rows = source.language, source.left[kind]
    head = (
        f"<div><h3>{language.text(words.LEFTOVER_NAMES[kind])}</h3>"
        f'<p class="note">{language.text(words.LEFTOVER_NOTES[kind])}</p>'
    )
    if not rows:
        return f"{head}<p>{language.text(words.NO_LEFTOVER)}</p></div>"
    filled = [row for row in rows if source.texts[row].strip()]
    quoted = filled[:: max(1, len(filled) // MAX_LEFTOVER_QUOTES)][:MAX_LEFTOVER_QUOTES]
    quotes = "".join(quotation(source, row, _between(source, kind, row)) for row in quoted)
    summary = f"<summary><b>{language.plural(words.ALL_LEFTOVERS[kind], len(rows))}</b></summary>"
    return f'{head}{quotes}<details class="part">{summary}{idea_list(source, rows)}</details></div>'


def _between(source: Source, kind: Leftover, row: int) -> str:
    """Returns the two or three themes that an ambiguous idea fits; nothing for an outlier."""
    if kind is not Leftover.AMBIGUOUS:
        return ""
    nearest = source.found.ideas[row].nearest
    themes = [
        near for rank, near in enumerate(nearest) if rank < MIN_CLOSE_THEMES or near.strength >= MIN_MENTIONED_STRENGTH
    ]
    return f'<p class="between">{close_themes(source, themes)}</p>'


def _reading(source: Source) -> str:
    text = source.language.text
    notes = "".join(f"<div><dt>{text(term)}</dt><dd>{text(note)}</dd></div>" for term, note in words.READING_NOTES)
    made_with = f'<p class="note">{text(words.MADE_WITH, model=safe(source.found.model))}</p>'
    return f'<section class="read"><h2>{text(words.HOW_TO_READ)}</h2><dl>{notes}</dl>{made_with}</section>'
