"""Ideas are read one after the other, with single keys."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

HERE = "/campaigns/2/reading"


def test_ideas_are_read_and_starred_with_keys_and_one_may_go_back(enter: Callable[..., Page]):
    page = enter("karim.haddouche")
    page.goto(HERE)
    bar, text = page.locator(".check-bar p"), page.locator(".check-idea__text")
    read, first = int(str(bar.inner_text()).split()[0]), text.inner_text()
    page.keyboard.press("p")
    expect(text).not_to_have_text(first)
    second = text.inner_text()
    page.keyboard.press("l")
    expect(bar).to_have_text(re.compile(f"^{read + 1} "))
    expect(page.locator("#reading-idea")).to_be_focused()
    page.keyboard.press("r")
    expect(text).to_have_text(second)
    page.keyboard.press("e")
    expect(page.locator("[value=unstar]")).to_have_attribute("aria-pressed", "true")
    page.locator("[value=unread]").click()
    expect(bar).to_have_text(re.compile(f"^{read} "))
