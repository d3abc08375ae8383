"""The table of the themes is used with keys alone: rows, selection, one act on several themes."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

HERE = "/campaigns/2/themes/table"


def test_themes_are_selected_and_tagged_with_keys_and_a_view_is_kept(enter: Callable[..., Page]):
    page = enter("sophie.lacombe")
    page.goto(HERE)
    links, toolbar = page.locator("[data-row-link]"), page.locator("#chosen")
    expect(toolbar).to_be_hidden()
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("2")
    names = [links.nth(place).inner_text() for place in (0, 1)]
    page.keyboard.press("a")
    expect(page).to_have_url(re.compile("/selected"))
    for name in names:
        expect(page.get_by_label(re.compile(re.escape(name)))).to_be_checked()
    page.locator("#add").fill("clavier")
    page.locator("#add").press("Enter")
    expect(page).to_have_url(re.compile("/table"))
    expect(page.locator("tr", has_text="clavier")).to_have_count(2)
    page.locator("#tag").select_option("clavier")
    page.locator("#tag").press("Enter")
    page.get_by_role("button", name="Filtrer les thèmes").click()
    expect(links).to_have_count(2)
    page.locator(".table-views summary").click()
    page.locator("#view-name").fill("Au clavier")
    page.locator("#view-name").press("Enter")
    view = page.locator(".table-views").get_by_role("link", name="Au clavier")
    expect(view).to_have_attribute("aria-current", "true")
    page.goto(HERE)
    view.click()
    expect(links).to_have_count(2)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator("td[data-label]:visible").first).to_be_visible()
