"""The text of a debrief is laid out with buttons and keys, which write Markdown that can be undone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

HERE = "/campaigns/2/debrief/write"
SELECT = "(area, [from, to]) => { area.focus(); area.setSelectionRange(from, to) }"


@pytest.mark.parametrize("address", [HERE, "/campaigns/2/debrief/blocks/new?kind=text"])
def test_marks_are_written_with_buttons_and_keys_and_undone(enter: Callable[..., Page], address: str):
    page = enter("sophie.lacombe")
    page.goto(address)
    area, bar = page.locator("textarea").first, page.get_by_role("toolbar")

    def mark(name):
        return bar.locator(f"[data-mark={name}]")

    area.fill("Thanks to all\nOne\nTwo")
    area.evaluate(SELECT, [0, 7])
    page.keyboard.press("Control+b")
    expect(area).to_have_value("**Thanks** to all\nOne\nTwo")
    page.keyboard.press("Control+b")
    expect(area).to_have_value("Thanks to all\nOne\nTwo")
    page.keyboard.press("Control+i")
    mark("bold").click()
    expect(area).to_have_value("***Thanks*** to all\nOne\nTwo")
    for _mark in ("bold", "italic"):
        page.keyboard.press("Control+z")
    expect(area).to_have_value("Thanks to all\nOne\nTwo")
    area.evaluate(SELECT, [14, 21])
    mark("list").click()
    expect(area).to_have_value("Thanks to all\n\n- One\n- Two")
    mark("list").click()
    expect(area).to_have_value("Thanks to all\n\nOne\nTwo")
    mark("quote").click()
    expect(area).to_have_value("Thanks to all\n\n> One\n> Two")
    area.evaluate(SELECT, [3, 3])
    mark("heading").click()
    expect(area).to_have_value("## Thanks to all\n\n> One\n> Two")
    area.evaluate(SELECT, [13, 17])
    page.keyboard.press("Control+k")
    page.keyboard.type("/ideas")
    expect(area).to_have_value("## Thanks to [all](/ideas)\n\n> One\n> Two")


def test_the_buttons_are_one_stop_and_there_are_none_without_scripts(enter: Callable[..., Page]):
    page = enter("sophie.lacombe")
    page.goto(HERE)
    buttons = page.locator("[data-mark]")
    buttons.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(buttons.last).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("textarea").first).to_be_focused()
    plain = enter("sophie.lacombe", java_script_enabled=False)
    plain.goto(HERE)
    expect(plain.locator("textarea").first).to_be_visible()
    expect(plain.locator("[data-marks]")).to_be_hidden()
