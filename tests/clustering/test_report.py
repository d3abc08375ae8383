"""The report: one file, complete and without scripts, in both languages."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from string import Formatter

import pytest

from clustering.pipeline import find_themes
from clustering.report import idea as report_idea
from clustering.report import words
from clustering.report.change import EarlierTheme
from clustering.report.page import write_report
from clustering.types import (
    RESIDUE,
    Apart,
    Change,
    Event,
    Family,
    FoundTheme,
    Leftover,
    Near,
    Node,
    PlacedIdea,
    PlacedPassage,
    ThemeMap,
    ThemeWarning,
)
from tests.clustering.conftest import CAMPAIGN

HOSTILE = [
    "<script>alert(1)</script> & \"quotes\" 'too'",
    "</style><img src=x onerror=alert(1)>",
    "$title ${body} {braces} %s",
    "\u202egnp.exe \ud800 \x00",
]
ATTACK = "</style></summary>\"'><script>alert(1)</script>{n}{text}\u202e"


class Elements(HTMLParser):
    """Collects tags, attributes, texts and the balance of what is opened."""

    VOID = frozenset({"meta", "br", "circle", "path"})

    def __init__(self, page):
        super().__init__()
        self.seen, self.open, self.attributes, self.said = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


def text_of(page):
    """What a reader reads, on one line, with plain spaces."""
    return " ".join("".join(Elements(page).said).split())


def report(texts, encoder, **options):
    found = find_themes(texts, encoder=encoder)
    return found, write_report(found, keys(texts), texts, title="Mobilité", **options)


def keys(texts):
    return [f"id-{row}" for row in range(len(texts))]


def theme(number, size, name, **more):
    return FoundTheme(number, name, (f"phrase {number}",), size, 0.3, (), 0.2 * number, 0.5, **more)


def idea(number, strength=0.8, *others, **more):
    nearest = (Near(number, strength), *others)
    return PlacedIdea(number, None, nearest, strength, 0.2 * number, 0.5, **more)


TEXTS = [
    "Un bus le soir",
    "Un bus le dimanche",
    "Un bus plus grand",
    "Un bus ou un vélo",
    "Un vélo",
    "Une piscine",
    "Bus, vélo ou train",
]
MADE = ThemeMap(
    model="a-model",
    seconds={},
    themes=(
        theme(
            1,
            4,
            "Bus",
            family=1,
            parts=(3, 2),
            languages=(("fr", 0.75), ("pt", 0.25)),
            apart=Apart(2, 0.4, ("soir",), ("guidon", "selle")),
            warnings=(ThemeWarning.LOOSE,),
        ),
        theme(2, 1, "Vélo", family=0, languages=(("fr", 1.0),), warnings=(ThemeWarning.SMALL,)),
    ),
    ideas=(
        idea(1, 0.9, node=0, shared=("bus", "soir"), neighbours=(1, 2)),
        idea(1, 0.7, Near(2, 0.31), Near(3, 0.1), node=0),
        idea(1, 0.8, node=1),
        idea(1, 0.2),
        idea(2, 0.6, node=2),
        PlacedIdea(None, Leftover.OUTLIER, (Near(1, 0.1),), 0.1, 0.9, 0.9),
        PlacedIdea(None, Leftover.AMBIGUOUS, (Near(2, 0.52), Near(1, 0.47)), 0.52, 0.4, 0.9),
    ),
    too_few=False,
    families=(Family("Sur deux roues", (2,)), Family("En commun", (1,))),
    tree=(
        Node(3, 0.0, 2, "node", (), 0.4, ()),
        Node(2, 0.0, 1, "node", (), 0.4, ()),
        Node(None, 0.1, 1, "Plus de place", (), 0.4, (2,)),
        Node(None, 0.1, 2, "", ("plus souvent",), 0.4, (1,)),
    ),
)


def made(found=MADE, texts=TEXTS, lang="fr", **options):
    return write_report(found, keys(texts), texts, title="Mobilité", lang=lang, **options)


def test_it_shows_every_theme_and_every_idea(encoder):
    found, page = report(CAMPAIGN, encoder)
    elements = Elements(page)
    assert elements.open == []
    assert elements.seen.count("article") == len(found.themes) == elements.seen.count("circle")
    assert page.count("h0") == len(CAMPAIGN)
    listed = [value for name, value in elements.attributes if name == "id" and re.fullmatch(r"i\d+", value)]
    assert sorted(listed) == sorted(f"i{row}" for row in range(len(CAMPAIGN)))
    assert all(f"id-{row}<" in page for row in range(len(CAMPAIGN)))
    assert '<html lang="fr">' in page


def test_it_needs_nothing_from_outside(encoder):
    _, page = report(CAMPAIGN, encoder)
    elements = Elements(page)
    assert not {"script", "link", "img", "iframe"} & set(elements.seen)
    assert all(value.startswith("#") for name, value in elements.attributes if name in {"href", "src"})
    assert "url(" not in page
    assert "@import" not in page


def test_hostile_text_is_inert(encoder):
    _, page = report([*CAMPAIGN, *HOSTILE], encoder)
    elements = Elements(page)
    assert elements.open == []
    assert not {"script", "img"} & set(elements.seen)
    assert elements.seen.count("style") == 1
    assert "\u202e" not in page
    page.encode()
    assert "$title ${body} {braces} %s" in page


def test_hostile_words_are_inert_in_every_place():
    themes = [
        replace(
            one,
            name=ATTACK,
            phrases=(ATTACK,),
            languages=((ATTACK, 0.5), ("fr", 0.5)),
            apart=Apart(3 - one.id, 0.5, (ATTACK,), (ATTACK,)),
        )
        for one in MADE.themes
    ]
    found = replace(
        MADE,
        model=ATTACK,
        themes=tuple(themes),
        ideas=tuple(replace(one, shared=(ATTACK,), neighbours=(0, 5)) for one in MADE.ideas),
        families=tuple(replace(one, name=ATTACK) for one in MADE.families),
        tree=tuple(replace(one, name=ATTACK) for one in MADE.tree),
        events=(Event(Change.GONE, 9), Event(Change.MERGED, 1, (9, 2))),
    )
    page = write_report(
        found,
        [ATTACK] * 7,
        [ATTACK] * 7,
        title=ATTACK,
        lang="fr",
        earlier={9: EarlierTheme(ATTACK, 3), 1: EarlierTheme("", 1)},
    )
    elements = Elements(page)
    assert elements.open == []
    assert "script" not in elements.seen
    assert elements.seen.count("style") == 1
    assert "\u202e" not in page
    assert [name for name, _ in elements.attributes if name.startswith("on")] == []


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_link_leads_somewhere(encoder, lang):
    for page in (report(CAMPAIGN, encoder, lang=lang)[1], made(lang=lang)):
        ids = re.findall(r'\bid="([\w-]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#(\w+)"', page)) <= set(ids)


def test_it_is_in_the_language_of_most_ideas(encoder):
    english = [
        "We need more buses in the evening.",
        "The canteen should offer vegetarian meals.",
        "More bike lanes please.",
    ] * 5
    assert '<html lang="en">' in report(english, encoder)[1]
    assert '<html lang="fr">' in report(english, encoder, lang="fr")[1]
    assert '<html lang="en">' in write_report(find_themes(english[:3]), keys(english[:3]), english[:3], title="Few")


@pytest.mark.parametrize("n", [0, 1, 3])
def test_too_few_ideas_are_listed(n, encoder):
    _, page = report(CAMPAIGN[:n], encoder, lang="fr")
    assert Elements(page).open == []
    assert "trop peu" in page
    assert len(re.findall(r'id="i\d+"', page)) == n


def test_families_are_the_outline_the_largest_first():
    page = made()
    outline = text_of(page[page.index("<nav") : page.index("</nav>")])
    assert re.findall("En commun|Bus|Sur deux roues|Vélo", outline) == ["En commun", "Bus", "Sur deux roues", "Vélo"]
    assert re.findall(r"<h2[^>]*>(En commun|Sur deux roues)</h2>", page) == ["En commun", "Sur deux roues"]
    assert re.findall(r'<article class="theme f\d" id="t(\d)"', page) == ["1", "2"]
    alone = made(replace(MADE, families=MADE.families[:1]))
    assert "Sur deux roues" not in alone
    assert "même famille" in page
    assert "même famille" not in alone
    assert "Thème par thème" in alone


def test_a_theme_left_empty_is_not_shown():
    page = made(replace(MADE, themes=(*MADE.themes, theme(8, 0, ""))))
    assert 'id="t8"' not in page
    assert "<dt>thèmes</dt><dd>2</dd>" in page


def test_sub_themes_hold_their_ideas_the_largest_first():
    page = made()
    part = r'<details class="part"><summary><b>([^<]+)</b>.*?</summary>(.*?)</div></details>'
    parts = re.findall(part, page, re.DOTALL)
    held = {name: re.findall(r'id="i(\d+)"', inside) for name, inside in parts}
    assert list(held)[:3] == ["plus souvent", "Plus de place", "Autres idées"]
    assert held["plus souvent"] == ["0", "1"]
    assert held["Plus de place"] == ["2"]
    assert held["Autres idées"] == ["3"]
    assert held["Toutes les idées du thème"] == ["4"]


def test_warnings_languages_and_differences_are_shown():
    said = text_of(made())
    assert "Ces idées ont peu en commun." in said
    assert "Il y a trop peu d’idées pour en tirer une conclusion." in said
    assert "En plusieurs langues : français 75 %, portugais 25 %." in said
    assert "Toutes dans une même langue : français." in said
    assert "Différences avec le thème le plus proche" in said
    assert "guidon, selle" in said
    many = tuple(
        replace(one, languages=tuple((code, 0.2) for code in ("de", "en", "es", "fr", "it"))) for one in MADE.themes
    )
    assert "allemand 20 %, anglais 20 %, espagnol 20 %, français 20 %…" in text_of(made(replace(MADE, themes=many)))
    one_language = tuple(replace(one, languages=(("fr", 1.0),)) for one in MADE.themes)
    assert "langue" not in text_of(made(replace(MADE, themes=one_language)))


def test_each_idea_has_its_reasons():
    page = made()
    first = text_of(re.search(r'<details id="i0">.*?</details>', page).group())
    assert "Proximité 90 %" in first
    assert "mots en commun bus, soir" in first
    assert "semblable à « Un bus le dimanche », « Un bus plus grand »" in first
    assert first.endswith("n° id-0")
    second = text_of(re.search(r'<details id="i1">.*?</details>', page).group())
    assert "proche aussi de Vélo 31 %" in second
    assert "semblable" not in second


def test_an_idea_is_listed_wherever_one_of_its_passages_is():
    several = replace(MADE.ideas[3], passages=(PlacedPassage(1, 0, 6, 0.9), PlacedPassage(2, 10, 17, 0.8)))
    page = made(replace(MADE, ideas=(*MADE.ideas[:3], several, *MADE.ideas[4:])))
    other = re.search(r'<article [^>]*id="t2">.*?</article>', page, re.DOTALL).group()
    assert "Aussi demandé dans des idées d’autres thèmes 1" in text_of(other)
    assert '<a href="#i3" dir="auto">un vélo</a>' in other
    own = re.search(r'<article [^>]*id="t1">.*?</article>', page, re.DOTALL).group()
    assert "Aussi demandé" not in text_of(own)
    assert "demande aussi : Vélo" in text_of(re.search(r'<details id="i3">.*?</details>', page).group())
    assert "Aussi demandé" not in text_of(made())


def test_a_quoted_idea_has_its_reasons_in_full():
    exemplary = replace(MADE, themes=(replace(MADE.themes[0], exemplars=(0, 3)), MADE.themes[1]))
    said = text_of(made(exemplary))
    assert "Très proche du thème (proximité 90 %)." in said
    assert "Mots en commun avec le thème : bus, soir" in said
    assert "Assez loin du thème (proximité 20 %)." in said


def test_beyond_so_many_ideas_only_quotations_have_reasons(monkeypatch):
    monkeypatch.setattr(report_idea, "MAX_EXPLAINED_IDEAS", 3)
    page = made(replace(MADE, themes=(replace(MADE.themes[0], exemplars=(0,)), MADE.themes[1])))
    assert Elements(page).open == []
    assert "Proximité 70 %" not in text_of(page)
    assert "(proximité 90 %)" in text_of(page)
    assert len(re.findall(r'<p id="i\d+">', page)) == len(TEXTS)


def test_leftovers_are_quoted_with_their_candidates():
    said = text_of(made())
    assert "« Bus, vélo ou train »Vélo 52 %, Bus 47 %" in said
    assert "Elle correspond à plusieurs thèmes à la fois." in said
    assert "« Une piscine »Pourquoi ici ?" in said
    assert "Elle n’est assez proche d’aucun thème." in said
    none_left = replace(MADE, ideas=(*MADE.ideas[:5], idea(2), idea(2)))
    assert text_of(made(none_left)).count("Aucune.") == len(set(Leftover) - RESIDUE)


def test_changes_since_the_earlier_run_are_listed():
    events = (
        Event(Change.GONE, 9),
        Event(Change.MERGED, 1, (7,)),
        Event(Change.GROWN, 1),
        Event(Change.SPLIT, 1, (2,)),
        Event(Change.BORN, 2),
    )
    earlier = {9: EarlierTheme("Patins", 6), 7: EarlierTheme("Autocar", 5), 1: EarlierTheme("Bus", 2)}
    page = made(replace(MADE, events=events), earlier=earlier)
    items = [text_of(item) for item in re.findall(r"<li>.*?</li>", page[page.index('class="since"') :])[:5]]
    assert items == [
        "« Patins » n’existe plus.",
        "Bus a été fusionné avec « Autocar ».",
        "Bus passe de 2 à 4 idées.",
        "Bus a été séparé, ce qui a donné Vélo.",
        "Vélo est nouveau.",
    ]
    assert "Aucun thème n’a changé." in made(earlier=earlier)
    assert "Depuis le regroupement" not in made()


def texts_of(value):
    """Every text in a constant of words.py, however deep."""
    if isinstance(value, words.Text):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from texts_of(one)


ALL_TEXTS = [text for name, value in vars(words).items() if name.isupper() for text in texts_of(value)]


def test_both_languages_fill_in_the_same():
    def places(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for text in ALL_TEXTS:
        assert places(text.fr) == places(text.en), text


def test_french_is_typeset():
    for text in ALL_TEXTS:
        assert not re.search(r"[^\u202f][;?!»%]|«[^\u202f]|[^\u00a0]:|'|\.\.\.", text.fr), text
        assert not re.search(r"'|\"|\.\.\.", text.en), text


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_sentences_are_short_with_one_colon_at_most(lang):
    for text in ALL_TEXTS:
        for sentence in re.split(r"(?<=[.?!])\s", getattr(text, lang)):
            assert len(sentence.split()) <= 25
            assert sentence.count(":") <= 1


def test_the_page_stays_small():
    count = 3000
    many = tuple(replace(MADE.ideas[row % 5], neighbours=(row, 0, 1)) for row in range(count))
    themes = (replace(MADE.themes[0], size=4 * count // 5), replace(MADE.themes[1], size=count // 5))
    texts = [f"{row} " + "un bus le soir et le dimanche " * 4 for row in range(count)]
    page = made(replace(MADE, ideas=many, themes=themes), texts)
    assert len(page.encode()) < 600 * count
