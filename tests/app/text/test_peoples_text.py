"""What people wrote, as pages show it."""

from time import perf_counter

import pytest

from app.text.peoples_text import linked, spoken


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
    start = perf_counter()
    linked(text)
    assert perf_counter() - start < 0.5


def test_the_language_of_a_text_is_written_only_where_it_is_known():
    assert spoken("fr") == ' lang="fr" dir="auto"'
    assert spoken(None) == spoken('"><script>') == ' dir="auto"'
