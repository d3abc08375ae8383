"""The map is zoomed, moved, searched and drawn on: with buttons, keys and the mouse."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

SHOWN = "() => document.querySelector('.map__view').style.transform"
DRAWN = "/campaigns/2/themes/search?map=yes"


def test_the_map_is_zoomed_moved_and_printed_whole(enter: Callable[..., Page]):
    page = enter("sophie.lacombe")
    page.goto("/campaigns/2/themes")
    sea, view = page.locator(".map__sea"), page.locator(".map__view")

    def scale() -> float:
        return float(re.search(r"scale\(([\d.]+)\)", page.evaluate(SHOWN))[1])

    for press in ("in", "in", "out"):
        page.locator(f"[data-zoom={press}]").click()
    assert scale() == 1.5
    page.locator("[data-zoom=in]").press("+")
    assert scale() == 2.25
    page.keyboard.press("-")
    before = page.evaluate(SHOWN)
    page.keyboard.press("ArrowRight")
    moved = page.evaluate(SHOWN)
    assert moved != before
    sea.scroll_into_view_if_needed()
    box = sea.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 90, middle[1] + 40, steps=4)
    page.mouse.up()
    assert page.evaluate(SHOWN) != moved
    expect(page).to_have_url(re.compile("/themes$"))
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert scale() == 1
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    expect(sea).to_have_class(re.compile("map__sea--zoomed"))
    page.locator("[data-zoom=all]").press("0")
    assert scale() == 1
    page.keyboard.press("ArrowRight")
    expect(view).to_have_attribute("style", re.compile(r"translate\(0px(, 0px)?\)"))


def test_rows_that_are_selected_mark_their_islands_beside_the_table(enter: Callable[..., Page]):
    page = enter("sophie.lacombe")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/campaigns/2/themes/table?map=yes")
    table, figure = page.locator("[data-rows]").bounding_box(), page.locator(".map").bounding_box()
    assert table["x"] + 200 < figure["x"]  # beside it
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    marked = page.locator(".map a.island--chosen")
    expect(marked).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(marked).to_have_count(1)
    number = page.locator("[data-choose]:checked").get_attribute("value")
    expect(marked).to_have_attribute("data-theme", number)
    page.locator("[data-choose-all]").check()
    expect(marked).to_have_count(page.locator("[data-choose]").count())
    page.locator("[data-choose-all]").uncheck()
    expect(marked).to_have_count(0)
    page.locator(".map a.island").first.press("Enter")
    expect(page).to_have_url(re.compile(r"#theme-\d+$"))
    page.locator("#words").fill(page.locator("[data-row-link]").first.inner_text())
    page.locator("#words").press("Enter")
    expect(page.locator(".map a.island:not(.island--faint)")).to_have_count(page.locator("[data-row]").count())


def test_themes_are_found_on_the_map_by_their_names(enter: Callable[..., Page]):
    page = enter("sophie.lacombe")
    page.goto("/campaigns/2/themes")
    links = page.locator(".map a.island")
    name = links.first.get_attribute("data-name")
    word = max(re.findall(r"\w+", name), key=len)
    page.locator("[data-zoom=in]").click()
    page.locator("#map-find").fill(word.upper())
    expect(page.locator(".map a.island--found").first).to_have_attribute("data-name", name)
    assert page.locator(".map a.island--faint").count() + page.locator(".map a.island--found").count() == links.count()
    assert "scale(1)" in page.evaluate(SHOWN), "what was found is in view"
    page.locator("#map-find").fill("zzzz")
    expect(page.locator(".map output")).not_to_be_empty()
    expect(page.locator(".map a.island--found")).to_have_count(0)


def draw(page: Page, *, ends: bool = True) -> None:
    """Draw around nearly all of the map: its corners are round."""
    page.locator("[data-draw]").click()
    page.locator(".map__sea").scroll_into_view_if_needed()
    box = page.locator(".map__sea").bounding_box()
    left, top = box["x"] + 40, box["y"] + 40
    right, bottom = left + box["width"] - 80, top + box["height"] - 80
    page.mouse.move(left, top)
    page.mouse.down()
    for corner in ((right, top), (right, bottom), (left, bottom)):
        page.mouse.move(*corner, steps=2)
    if ends:
        page.mouse.up()


def test_ideas_are_drawn_around_then_tagged_moved_and_made_a_theme(enter: Callable[..., Page]):
    page = enter("sophie.lacombe")
    page.goto(DRAWN)
    draw(page, ends=False)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator("[data-draw]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#area")).to_have_value("")
    draw(page)
    expect(page).to_have_url(re.compile("area=[0-9a-z]{12,}"))
    boxes = page.locator("#results input[data-choose]:visible")
    expect(boxes.first).to_be_visible()
    boxes.first.check()
    page.locator("details:has(#idea-tags) > summary").click()
    page.fill("#idea-tags", "autour")
    page.locator("[formaction$='/tag-ideas'][value=add]").click()
    expect(page.locator("#results")).to_contain_text("autour")
    expect(page).to_have_url(re.compile("area="))
    for act in ("move", "gather"):
        boxes.first.check()
        if act == "move":
            page.locator("#to").select_option("alone")
            page.locator("form#choose button[type=submit]").first.click()
        else:
            page.locator("details:has(#new-name) > summary").click()
            page.fill("#new-name", "Dessiné autour")
            page.locator("[formaction$='/gather']").click()
        expect(page.locator("#flashes .done")).to_be_visible()
        expect(page).to_have_url(re.compile("area="))
        page.locator("#flashes form button").click()
        expect(page.locator("#flashes .done")).to_have_count(0)
