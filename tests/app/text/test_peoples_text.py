"""What people wrote, as pages show it."""

import pytest

from app.text.peoples_text import asking, linked, spoken
from ideas.contributions.idea import Idea
from ideas.themes.stored import PassageRow
from tests.effort import effort


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("See https://example.org/plan.", "https://example.org/plan", "."),
        ("(http://example.org/a_(b))", "http://example.org/a_(b)", ")"),
        ("« https://example.org/é ? »", "https://example.org/é", " ? »"),
        ("https://example.org/?a=1&b=2", "https://example.org/?a=1&amp;b=2", ""),
        ("HTTPS://EXAMPLE.ORG", "HTTPS://EXAMPLE.ORG", ""),
    ],
)
def test_an_address_is_a_link_without_the_signs_around_it(text, address, rest):
    html = str(linked(text))
    assert f'<a href="{address}" rel="nofollow ugc noopener noreferrer">{address}</a>{rest}' in html


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "http://",
        "https://./",
        "https://bank.example@evil.example/",
        "https://" + "a" * 3000,
    ],
)
def test_what_is_no_address_of_the_web_is_only_text(text):
    assert "<a" not in linked(text)


def test_a_text_with_addresses_is_escaped():
    html = str(linked('<b>https://example.org/"onmouseover="x <i>https://example.org/<script>'))
    assert html.count("<a href=") == 2
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<script>" not in html
    assert 'onmouseover="' not in html


@pytest.mark.parametrize("worst", ["http://", "h", "https://a)", ")", "https://a" + ")" * 1000 + " ", "https://a("])
def test_the_worst_text_of_30_kb_takes_a_moment(worst):
    text = worst * (30_000 // len(worst))
    with effort() as cost:
        linked(text)
    assert cost.seconds < 0.5


def test_the_language_of_a_text_is_written_only_where_it_is_known():
    assert spoken("fr") == ' lang="fr" dir="auto"'
    assert spoken(None) == spoken('"><script>') == ' dir="auto"'


# The passages of an idea ----------------------------------------------------------------------------------------------


def passage(text, words):
    start = text.index(words)
    return PassageRow(1, start, start + len(words), 0.5, 1)


def test_a_passage_is_marked_in_the_body_of_its_idea():
    idea = Idea(title="Gare", body="Plus de bus <le soir>. Des arceaux à vélos. Merci.")
    shown = asking(idea, [passage(idea.text, "Des arceaux à vélos.")])
    assert shown == "Plus de bus &lt;le soir&gt;. <mark>Des arceaux à vélos.</mark> Merci."
    untitled = Idea(title="", body=idea.body)
    assert asking(untitled, [passage(untitled.text, "Des arceaux à vélos.")]) == shown


def test_several_passages_are_marked_each():
    idea = Idea(title="", body="One. Two. Three.")
    assert asking(idea, [passage(idea.text, word) for word in ("Three.", "One.")]) == (
        "<mark>One.</mark> Two. <mark>Three.</mark>"
    )


def test_where_the_title_asks_nothing_of_the_body_is_marked():
    idea = Idea(title="Bus", body="Le soir.")
    assert asking(idea, [passage(idea.text, "Bus")]) == ""
    assert asking(idea, []) == ""
    assert asking(idea, [PassageRow(1, 0, len(idea.text), 0.5, 1)]) == "<mark>Le soir.</mark>"


def test_a_long_text_is_shown_around_its_passage():
    idea = Idea(title="", body="avant " * 80 + "Des arceaux à vélos. " + "fin " * 200)
    shown = asking(idea, [passage(idea.text, "Des arceaux à vélos.")], 200)
    assert shown.startswith("…avant avant")
    assert shown.endswith(" fin…")
    assert "<mark>Des arceaux à vélos.</mark>" in shown
    assert len(shown) < 220
    word = Idea(title="", body="x" * 2_000)
    assert 600 < len(asking(word, [PassageRow(1, 0, 2_000, 0.5, 1)])) < 850


def test_a_passage_of_another_text_breaks_nothing():
    assert asking(Idea(title="", body="Bus"), [PassageRow(1, 10, 20, 0.5, 1), PassageRow(1, 1, 90, 0.5, 1)]) == (
        "B<mark>us</mark>"
    )
