"""REPORT.html: one file to read offline and to print. Map, themes with verbatims, what is left over, every idea."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from string import Template

from clustering.text import UNPRINTABLE
from clustering.types import FoundTheme, Leftover, PlacedIdea, ThemeMap

SIDE = 1000  # of the map, in its own units
QUOTED = 420  # characters of a verbatim
LISTED = 2000  # characters of an idea in the table
LEFT_SHOWN = 12  # leftovers quoted of each kind; the table has them all
LETTER = 8.6  # width of a letter of a label on the map, and its height
LINE = 19
LABEL_LETTERS = 18  # in one line of a label

WORDS = {
    "fr": {
        "kicker": "Convergence · les thèmes",
        "ideas": "idées",
        "themes": "thèmes",
        "gathered": "des idées réunies",
        "between": "entre plusieurs thèmes",
        "alone": "seules",
        "map": "Vue d’ensemble",
        "map_note": "Chaque point est une idée, chaque île un thème. Plus une idée est au centre, plus elle est "
        "typique. Entre les îles, celles qui hésitent ou restent seules.",
        "theme": "Thème",
        "size": "Idées",
        "share": "Part",
        "cohesion": "Cohésion",
        "cohesion_note": "À quel point les idées du thème se ressemblent, de 0 à 100.",
        "left_title": "Hors des thèmes",
        "between_title": "Entre plusieurs thèmes",
        "alone_title": "Seules",
        "table": "Toutes les idées",
        "idea": "Idée",
        "strength": "Force",
        "and": "ou",
        "too_few": "Il y a trop peu d’idées pour les grouper : les voici telles quelles.",
        "more": "et {count} autres, dans le tableau",
        "none": "aucune",
        "colon": "\u00a0: ",
        "percent": "\u202f%",
        "open": "«\u202f",
        "close": "\u202f»",
        "thousands": "\u202f",
    },
    "en": {
        "kicker": "Convergence · the themes",
        "ideas": "ideas",
        "themes": "themes",
        "gathered": "of ideas gathered",
        "between": "between themes",
        "alone": "alone",
        "map": "The whole at a glance",
        "map_note": "Each dot is an idea, each island a theme. The nearer the middle, the more typical the idea. "
        "Between the islands lie those that waver or stand alone.",
        "theme": "Theme",
        "size": "Ideas",
        "share": "Share",
        "cohesion": "Cohesion",
        "cohesion_note": "How much alike the theme’s ideas are, from 0 to 100.",
        "left_title": "Outside the themes",
        "between_title": "Between themes",
        "alone_title": "Alone",
        "table": "All ideas",
        "idea": "Idea",
        "strength": "Strength",
        "and": "or",
        "too_few": "There are too few ideas to group: here they are as they stand.",
        "more": "and {count} more, in the table",
        "none": "none",
        "colon": ": ",
        "percent": "%",
        "open": "“",
        "close": "”",
        "thousands": ",",
    },
}

PAGE = Template("""<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
$style
</style>
</head>
<body>
<header>
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

STYLE = """\
:root { color-scheme: light dark; --paper: #faf6ef; --card: #fffdf8; --ink: #2a2420; --soft: #6b6058; --line: #e4dacb;
  --accent: #a8452a; --wash: #f3e3d6; --sea: #c9bba9;
  --serif: Fraunces, "Iowan Old Style", Palatino, Georgia, serif; --sans: Inter, system-ui, "Segoe UI", sans-serif; }
@media (prefers-color-scheme: dark) { :root { --paper: #1d1916; --card: #26211d; --ink: #f1e9de; --soft: #b5a798;
  --line: #3d352e; --accent: #e88d6c; --wash: #3a2a22; --sea: #65594d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 var(--sans);
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
header, main { max-width: 64rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 4rem; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.15; text-wrap: balance;
  letter-spacing: -.01em; }
h1 { font-size: clamp(2.2rem, 6vw, 3.6rem); margin: .2em 0 .5em; }
h2 { font-size: 1.9rem; margin: 4rem 0 1rem; }
h3 { font-size: 1.45rem; margin: 0; }
a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: .2em; }
.kicker { color: var(--accent); font-weight: 600; letter-spacing: .06em; text-transform: uppercase; font-size: .8rem;
  margin: 0; }
.note { color: var(--soft); max-width: 44rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 0; padding: 1.25rem 0;
  border-block: 1px solid var(--line); }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--soft); font-size: .9rem; }
.figures dd { margin: 0; font: 600 2.1rem/1.1 var(--serif); }
figure { margin: 0; }
.map { width: 100%; height: auto; display: block; background: var(--card); border: 1px solid var(--line);
  border-radius: 1rem; }
.map .island { fill: var(--wash); }
.map path { fill: none; stroke: var(--accent); stroke-linecap: round; }
.map .sea { stroke: var(--sea); }
.map text { font: 600 16px/1.2 var(--serif); fill: var(--ink); stroke: var(--card); stroke-width: 5px;
  stroke-linejoin: round; paint-order: stroke; text-anchor: middle; }
.map .number { font-size: 13px; fill: var(--accent); }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: .85rem; }
th, td { padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
.n { text-align: right; white-space: nowrap; }
.bar { width: 22%; }
.bar span { display: block; height: .55rem; border-radius: .3rem; background: var(--accent); min-width: 2px; }
.theme { padding: 2rem 0; border-top: 1px solid var(--line); display: grid; gap: .25rem 2rem;
  grid-template-columns: 13rem 1fr; break-inside: avoid; }
.theme .facts { color: var(--soft); margin: .5rem 0 0; font-size: .95rem; }
.theme .facts b { color: var(--ink); font-weight: 600; }
.theme .number { color: var(--accent); font: 600 1rem var(--serif); margin: 0; }
.phrases { list-style: none; margin: 0 0 1rem; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem; }
.phrases li { background: var(--wash); border-radius: 1rem; padding: .1rem .75rem; font-size: .9rem; }
blockquote { margin: 0 0 .8rem; padding-left: 1rem; border-left: 3px solid var(--accent);
  font: 1.1rem/1.5 var(--serif); }
.left { display: grid; grid-template-columns: 1fr 1fr; gap: 0 3rem; }
.left h3 { margin-bottom: .75rem; }
.left ul { list-style: none; padding: 0; margin: 0; }
.left li { padding: .6rem 0; border-top: 1px solid var(--line); }
.left small, .soft { color: var(--soft); }
.all { font-size: .9rem; }
.all td:nth-child(2) { min-width: 16rem; }
@media (max-width: 40rem) { .map text { display: none; }
  .theme, .left { grid-template-columns: 1fr; } .bar { display: none; }
  header { padding-top: 2rem; } .all .n:last-child, .all th:last-child { display: none; } }
@media print { :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --accent: #8a3620;
  --wash: #f0e4da; --sea: #b9ab9b; } body { font-size: 10pt; } h2 { break-after: avoid; } .whole { break-before: page; }
  header { padding-top: 0; } .map { max-width: 17cm; margin: 0 auto; } a { text-decoration: none; } }"""


def write_report(
    found: ThemeMap, ids: Sequence[str], texts: Sequence[str], *, title: str, lang: str | None = None
) -> str:
    """Returns the whole page. `ids`, `texts`: of each idea, in the order of `found.ideas`.

    `lang`: "fr" or "en"; the one that most ideas are in, if left out.
    """
    words = WORDS["fr" if (lang or _main_language(texts)) == "fr" else "en"]
    page = _Page(found, ids, texts, words)
    return PAGE.substitute(
        lang="fr" if words is WORDS["fr"] else "en",
        title=_safe(title),
        style=STYLE,
        kicker=words["kicker"],
        figures=page.figures(),
        body="\n".join(page.sections()),
    )


def _main_language(texts: Sequence[str]) -> str | None:
    from clustering.language import detect_languages
    from clustering.text import clean_text

    step = max(1, len(texts) // 200)  # a sample tells
    langs = Counter(detect_languages([clean_text(text) for text in texts[::step]]))
    langs.pop(None, None)
    return max(langs.items(), key=lambda item: (item[1], item[0] or ""))[0] if langs else None


def _safe(text: str, limit: int = LISTED) -> str:
    """Text as text: no markup, no half or bidirectional characters, not endless."""
    plain = " ".join(UNPRINTABLE.sub(" ", text[: limit * 2]).split())
    return escape(plain if len(plain) <= limit else plain[:limit].rstrip() + "…")


class _Page:
    """The parts of the page, which share what they look up."""

    def __init__(self, found: ThemeMap, ids: Sequence[str], texts: Sequence[str], words: dict[str, str]) -> None:
        self.found = found
        self.ids = ids
        self.texts = texts
        self.words = words
        self.number = {theme.id: number for number, theme in enumerate(found.themes, start=1)}
        self.name = {theme.id: _safe(theme.name or "…") for theme in found.themes}
        self.left = {kind: [row for row, idea in enumerate(found.ideas) if idea.leftover == kind] for kind in Leftover}

    def sections(self) -> Iterator[str]:
        """Yields the parts in order."""
        if self.found.too_few and not self.found.themes:
            yield f'<p class="note">{self.words["too_few"]}</p>'
        else:
            yield self._map()
            yield self._contents()
            yield from (self._theme(theme) for theme in self.found.themes if theme.size)
            yield self._leftovers()
        yield self._table()

    def figures(self) -> str:
        """Returns what counts, in large type."""
        total = len(self.found.ideas)
        facts = [(self._count(total), "ideas")]
        if self.found.themes:
            between, alone = len(self.left[Leftover.BETWEEN]), len(self.left[Leftover.ALONE])
            facts += [
                (self._count(len(self.found.themes)), "themes"),
                (self._percent(total - between - alone, total), "gathered"),
                (self._count(between), "between"),
                (self._count(alone), "alone"),
            ]
        rows = "".join(f"<div><dt>{self.words[word]}</dt><dd>{value}</dd></div>" for value, word in facts)
        return f'<dl class="figures">{rows}</dl>'

    def _count(self, value: int) -> str:
        return f"{value:,}".replace(",", self.words["thousands"])

    def _percent(self, part: int, whole: int) -> str:
        return f"{100 * part / max(whole, 1):.0f}{self.words['percent']}"

    def _map(self) -> str:
        dot = 6.0 if len(self.found.ideas) <= 2000 else 4.0 if len(self.found.ideas) <= 8000 else 2.6  # noqa: PLR2004
        islands = []
        for theme in self.found.themes:
            inside = [idea for idea in self.found.ideas if idea.theme == theme.id]
            name = self.name[theme.id]
            islands.append(
                f'<a href="#t{theme.id}"><title>{name} ({len(inside)})</title>'
                f'<circle class="island" cx="{_at(theme.x)}" cy="{_at(theme.y)}" r="{_reach(theme, inside) + 9:.1f}"/>'
                f'<path stroke-width="{dot}" d="{_dots(inside)}"/></a>'
            )
        sea = _dots(idea for idea in self.found.ideas if idea.theme is None)
        labels = "".join(self._labels())
        return (
            f'<section><h2>{self.words["map"]}</h2><p class="note">{self.words["map_note"]}</p><figure>'
            f'<svg class="map" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{self.words["map"]}">'
            f'<path class="sea" stroke-width="{dot * 0.8:.1f}" d="{sea}"/>{"".join(islands)}{labels}</svg>'
            "</figure></section>"
        )

    def _labels(self) -> Iterator[str]:
        """Yields the names that find room on the map, the largest themes first; a number for the others."""
        taken: list[tuple[float, float, float, float]] = []
        for theme in self.found.themes:
            lines = _broken(theme.name)
            height = LINE * len(lines)
            width = LETTER * max(map(len, lines), default=0)
            x = min(max(theme.x * SIDE, width / 2 + 6), SIDE - width / 2 - 6)
            top = theme.y * SIDE - height / 2
            box = (x - width / 2, top, x + width / 2, top + height)
            if not any(_overlap(box, other) for other in taken):
                taken.append(box)
                spans = "".join(
                    f'<tspan x="{x:.1f}" y="{top + LINE * (at + 0.75):.1f}">{_safe(line)}</tspan>'
                    for at, line in enumerate(lines)
                )
                yield f"<text>{spans}</text>"
                continue
            small = (theme.x * SIDE - 9, theme.y * SIDE - 9, theme.x * SIDE + 9, theme.y * SIDE + 9)
            if not any(_overlap(small, other) for other in taken):
                taken.append(small)
                number = self.number[theme.id]
                yield f'<text class="number" x="{_at(theme.x)}" y="{theme.y * SIDE + 5:.1f}">{number}</text>'

    def _contents(self) -> str:
        largest = max((theme.size for theme in self.found.themes), default=1)
        rows = "".join(
            f'<tr><td class="n soft">{self.number[theme.id]}</td>'
            f'<td><a href="#t{theme.id}" dir="auto">{self.name[theme.id]}</a></td>'
            f'<td class="n">{self._count(theme.size)}</td>'
            f'<td class="n soft">{self._percent(theme.size, len(self.found.ideas))}</td>'
            f'<td class="bar"><span style="width: {100 * theme.size / max(largest, 1):.0f}%"></span></td></tr>'
            for theme in self.found.themes
        )
        words = self.words
        return (
            f"<section><h2>{words['themes'].capitalize()}</h2><table><thead><tr><th></th><th>{words['theme']}</th>"
            f'<th class="n">{words["size"]}</th><th class="n">{words["share"]}</th><th class="bar"></th></tr></thead>'
            f"<tbody>{rows}</tbody></table></section>"
        )

    def _theme(self, theme: FoundTheme) -> str:
        words = self.words
        phrases = "".join(f'<li dir="auto">{_safe(phrase)}</li>' for phrase in theme.phrases)
        quotes = "".join(f"<blockquote>{self._quote(row)}</blockquote>" for row in theme.exemplars)
        return (
            f'<article class="theme" id="t{theme.id}"><div><p class="number">{self.number[theme.id]}</p>'
            f'<h3 dir="auto">{self.name[theme.id]}</h3>'
            f'<p class="facts"><b>{self._count(theme.size)}</b> {words["ideas"]} · '
            f"{self._percent(theme.size, len(self.found.ideas))}<br>"
            f'<span title="{words["cohesion_note"]}">{words["cohesion"]}{words["colon"]}'
            f"<b>{100 * theme.cohesion:.0f}</b></span>"
            f'</p></div><div><ul class="phrases">{phrases}</ul>{quotes}</div></article>'
        )

    def _quote(self, row: int, limit: int = QUOTED) -> str:
        return f"<bdi>{self.words['open']}{_safe(self.texts[row], limit)}{self.words['close']}</bdi>"

    def _leftovers(self) -> str:
        between = self._left_list(
            Leftover.BETWEEN,
            lambda idea: f" {self.words['and']} ".join(self.name[near.theme] for near in idea.nearest[:2]),
        )
        alone = self._left_list(Leftover.ALONE, lambda _: "")
        return (
            f'<section><h2>{self.words["left_title"]}</h2><div class="left">'
            f"<div><h3>{self.words['between_title']}</h3>{between}</div>"
            f"<div><h3>{self.words['alone_title']}</h3>{alone}</div></div></section>"
        )

    def _left_list(self, kind: Leftover, remark: Callable[[PlacedIdea], str]) -> str:
        rows = [row for row in self.left[kind] if self.texts[row].strip()]
        step = max(1, len(rows) // LEFT_SHOWN)
        shown = rows[::step][:LEFT_SHOWN]
        items = "".join(
            f"<li>{self._quote(row, 240)}<br><small>{remark(self.found.ideas[row])}</small></li>" for row in shown
        )
        if len(rows) > len(shown):
            more = self.words["more"].format(count=self._count(len(rows) - len(shown)))
            items += f'<li class="soft">{more}</li>'
        return f"<ul>{items}</ul>" if items else f'<p class="soft">{self.words["none"]}</p>'

    def _table(self) -> str:
        words = self.words
        rows = "\n".join(
            f'<tr><td class="soft">{_safe(key, 40)}</td><td dir="auto">{_safe(text)}</td>'
            f'<td dir="auto">{self._where(idea)}</td><td class="n">{100 * idea.strength:.0f}</td></tr>'
            for key, text, idea in zip(self.ids, self.texts, self.found.ideas, strict=True)
        )
        head = (
            f'<tr><th></th><th>{words["idea"]}</th><th>{words["theme"]}</th><th class="n">{words["strength"]}</th></tr>'
        )
        head = (
            f'<tr><th></th><th>{words["idea"]}</th><th>{words["theme"]}</th><th class="n">{words["strength"]}</th></tr>'
        )
        return (
            f'<section class="whole"><h2>{words["table"]}</h2><table class="all"><thead>{head}</thead>'
            f"<tbody>\n{rows}\n</tbody></table></section>"
        )

    def _where(self, idea: PlacedIdea) -> str:
        if idea.theme is not None:
            return f'<a href="#t{idea.theme}">{self.name[idea.theme]}</a>'
        return f'<span class="soft">{self.words[idea.leftover or Leftover.ALONE]}</span>'


def _at(share: float) -> str:
    return f"{SIDE * share:.1f}"


def _dots(ideas: Iterable[PlacedIdea]) -> str:
    """Each dot is a line of no length with a round end: a tenth of what circles would weigh."""
    return "".join(f"M{SIDE * idea.x:.0f} {SIDE * idea.y:.0f}h0" for idea in ideas)


def _reach(theme: FoundTheme, inside: Sequence[PlacedIdea]) -> float:
    return SIDE * max((((idea.x - theme.x) ** 2 + (idea.y - theme.y) ** 2) ** 0.5 for idea in inside), default=0.0)


def _broken(name: str) -> list[str]:
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + 1 + len(word) <= LABEL_LETTERS:
            lines[-1] += f" {word}"
        else:
            lines.append(word[: 2 * LABEL_LETTERS])
    return lines


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
