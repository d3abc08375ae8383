"""Markdown is written as harmless HTML, whatever the text and however deep its brackets."""

import time

import pytest

from app.web.pages.markdown import markdown

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


@pytest.mark.slow
@pytest.mark.parametrize("kind", WORST)
def test_no_text_of_the_longest_debrief_takes_a_second(kind):
    for text in ((kind * 30_000)[:30_000], (kind * 30_000)[:29_990] + "](b)"):
        began = time.thread_time()
        markdown(text)
        assert time.thread_time() - began < 1
