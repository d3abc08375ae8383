"""The report: one file, whole, inert."""

import re
from html.parser import HTMLParser

import pytest

from clustering.pipeline import find_themes
from clustering.report import write_report
from tests.clustering.conftest import CAMPAIGN

HOSTILE = [
    "<script>alert(1)</script> & \"quotes\" 'too'",
    "</style><img src=x onerror=alert(1)>",
    "$title ${body} {braces} %s",
    "\u202egnp.exe \ud800 \x00",
]


class Elements(HTMLParser):
    """Collects tags, attributes and the balance of what is opened."""

    VOID = frozenset({"meta", "br", "circle", "path"})

    def __init__(self, page):
        super().__init__()
        self.seen, self.open, self.attributes = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def report(texts, encoder, **options):
    found = find_themes(texts, encoder=encoder)
    return found, write_report(found, [f"id-{row}" for row in range(len(texts))], texts, title="Mobilité", **options)


def test_it_shows_every_theme_and_every_idea(encoder):
    found, page = report(CAMPAIGN, encoder)
    elements = Elements(page)
    assert elements.open == []
    assert elements.seen.count("article") == len(found.themes) == elements.seen.count("circle")
    assert page.count("h0") == len(CAMPAIGN)
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


def test_every_link_leads_somewhere(encoder):
    _, page = report(CAMPAIGN, encoder)
    assert set(re.findall(r'href="#(\w+)"', page)) <= set(re.findall(r'id="(\w+)"', page))


def test_it_speaks_the_language_of_most_ideas(encoder):
    english = [
        "We need more buses in the evening.",
        "The canteen should offer vegetarian meals.",
        "More bike lanes please.",
    ] * 5
    assert '<html lang="en">' in report(english, encoder)[1]
    assert '<html lang="fr">' in report(english, encoder, lang="fr")[1]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_too_few_ideas_are_listed(n, encoder):
    _, page = report(CAMPAIGN[:n], encoder, lang="fr")
    assert Elements(page).open == []
    assert "trop peu" in page
    assert page.count("<tr><td") == n
