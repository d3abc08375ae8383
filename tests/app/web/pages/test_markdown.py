"""Markdown is written as harmless HTML, whatever the text and however deep its brackets."""

import pytest

from app.web.pages import markdown as markdown_module
from app.web.pages.markdown import markdown
from tests.effort import calls

LENGTH = 6_000
WORST = ("[", "[a", "[*", "[\n", "![", "![](", "[a](", "*a_", "**a", "- [", "[[a]")


def test_links_lead_out_and_say_so():
    shown = markdown("[a](https://a.example)")
    assert shown == '<p><a href="https://a.example" rel="noopener noreferrer nofollow ugc">a</a></p>\n'
    assert "href" not in markdown("[a](//a.example) [b](javascript:alert(1)) [c](/\\a.example)")


@pytest.mark.parametrize("depth", range(4))
def test_brackets_around_a_name_stay_in_its_link(depth):
    name = "[" * depth + "a" + "]" * depth
    assert f">{name}</a>" in markdown(f"[{name}](https://a.example)")


def test_brackets_that_are_too_deep_are_text_and_lose_nothing():
    written = "[" * 30 + "a" + "]" * 30 + "(https://a.example) and [b](https://b.example)"
    shown = markdown(written)
    assert shown.count("[") == 30
    assert ">b</a>" in shown


def test_a_link_deep_in_a_list_stays_a_link():
    written = "\n".join("  " * level + "- [a](https://a.example)" for level in range(5))
    assert markdown(written).count("<a ") == 5


def cost(text):
    markdown_module.markdown.cache_clear()
    return calls(lambda: markdown(text))


@pytest.mark.slow
@pytest.mark.parametrize("kind", WORST)
@pytest.mark.parametrize("end", ["", "](b)"])
def test_a_text_of_twice_the_length_costs_twice_as_much(kind, end):
    text = kind * LENGTH
    assert cost(text[:LENGTH] + end) < 2.1 * cost(text[: LENGTH // 2] + end)


@pytest.mark.slow
def test_brackets_within_one_another_cost_half_of_what_the_library_spends_on_them(monkeypatch):
    text = "[a" * (LENGTH // 2)
    found = cost(text)
    monkeypatch.setattr(markdown_module, "MAX_BRACKETS", 20)
    assert found < cost(text) / 2
