"""What a team does each day, on a desktop and on a phone: room to read and write, nothing in the way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

Enter = Callable[..., Page]
PHONE = {"width": 360, "height": 740}
SEARCH = "/campaigns/2/themes/search?containing=agenda"


def width(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["width"]


def test_on_a_phone_the_bar_of_selected_ideas_has_room_to_read_and_write(enter: Enter):
    sophie = enter("sophie.lacombe", **PHONE)
    sophie.goto(SEARCH)
    sophie.locator("#results input[data-choose]").first.check()
    assert width(sophie, "#to") >= 240
    sophie.locator("details:has(#new-name) > summary").click()
    assert width(sophie, "#new-name") >= 240


def test_what_is_selected_is_said_without_covering_the_bar(enter: Enter):
    sophie = enter("sophie.lacombe", **PHONE)
    sophie.goto(SEARCH)
    sophie.locator("#results input[data-choose]").first.check()
    said = sophie.locator("#status p")
    expect(said).to_contain_text("1")
    assert width(sophie, "#status p") <= 1


def test_enter_in_the_name_makes_the_new_theme_of_a_search(enter: Enter):
    sophie = enter("sophie.lacombe")
    sophie.goto(SEARCH)
    sophie.locator("#results input[data-choose]").first.check()
    sophie.locator("details:has(#new-name) > summary").click()
    sophie.fill("#new-name", "Par la touche Entrée")
    sophie.press("#new-name", "Enter")
    expect(sophie.locator("#flashes")).to_contain_text("Par la touche Entrée")
    sophie.locator("#flashes button").first.click()  # undo
    expect(sophie.locator("#flashes")).to_be_visible()


BROKEN_NAMES = """() => [...document.querySelectorAll('.site-nav :is(a, button, summary)')].filter((name) => {
  const range = document.createRange();
  range.selectNodeContents(name.querySelector('span') ?? name);
  return name.offsetParent && new Set([...range.getClientRects()].map((line) => Math.round(line.bottom))).size > 1;
}).map((name) => name.textContent.trim())"""


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_header_of_an_administrator_keeps_each_name_on_one_line(enter: Enter, locale: str):
    admin = enter("benedicte.arnoux", locale)
    admin.goto("/jobs")
    for size in (1240, 1280, 1440):
        admin.set_viewport_size({"width": size, "height": 900})
        assert admin.evaluate(BROKEN_NAMES) == []
        assert admin.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("path", ["/activity", "/people"])
def test_on_a_phone_an_administrator_reads_a_list_without_scrolling_sideways(enter: Enter, path: str):
    admin = enter("benedicte.arnoux", **PHONE)
    admin.goto(path)
    expect(admin.locator("tbody tr").first).to_be_visible()
    assert admin.evaluate("""() => [document.documentElement, ...document.querySelectorAll('.table-scroll')]
      .every((one) => one.scrollWidth <= one.clientWidth + 1)""")


CONTROLS = """() => [
  ...document.querySelectorAll('button, input, select, textarea, details:not([open]):not(.alike) > summary')
].filter((one) => one.getClientRects().length).map((one) => one.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize(
    "path",
    [
        "/campaigns/1",
        "/campaigns/1/ideas/16",
        "/campaigns/2/themes",
        "/campaigns/2/themes/search?containing=agenda",
        "/campaigns/2/ideas",
    ],
)
def test_nothing_that_is_printed_asks_to_be_pressed(enter: Enter, path: str):
    sophie = enter("sophie.lacombe")
    sophie.goto(path)
    sophie.emulate_media(media="print")
    assert sophie.evaluate(CONTROLS) == []


def test_a_card_of_a_theme_is_printed_whole(enter: Enter):
    """In columns Chromium tears a card at the end of a page, and loses the rest of it."""
    sophie = enter("sophie.lacombe")
    sophie.goto("/campaigns/2/themes")
    sophie.emulate_media(media="print")
    styles = sophie.locator(".themes > li").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).breakInside + getComputedStyle(one.parentElement).columnCount)"
    )
    assert set(styles) == {"avoidauto"}


def test_a_list_that_is_printed_says_that_it_shows_only_what_is_typical(enter: Enter):
    """No theme of the demo is so large: its line is put into a page that has the stylesheet."""
    sophie = enter("sophie.lacombe")
    sophie.goto("/campaigns/2/themes")
    sophie.evaluate("""() => document.querySelector('main').insertAdjacentHTML(
      'afterbegin', '<p class="show-more">The most typical ideas of 209. <a class="button">Show all</a></p>')""")
    sophie.emulate_media(media="print")
    expect(sophie.locator(".show-more")).to_be_visible()
    expect(sophie.locator(".show-more .button")).to_be_hidden()


def test_without_a_line_what_is_said_covers_neither_the_button_nor_the_state(enter: Enter):
    rose = enter("rose.ndiaye", **PHONE)
    rose.goto("/campaigns/1/ideas/new")
    rose.fill("[name=body]", "Un abri pour les vélos devant la gare, avec une pompe.")
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    rose.context.set_offline(True)
    rose.locator("[name=body]").press_sequentially(" Et un banc.")
    expect(rose.locator("#save-state.is-failed")).to_be_visible()
    expect(rose.locator("#status")).to_contain_text("Non enregistré")
    assert width(rose, "#status p") <= 1
    rose.locator(".sticky-submit button[type=submit]").first.click()
    expect(rose.locator(".form__unsent")).to_be_visible()
    assert width(rose, "#status p") <= 1
    rose.context.set_offline(False)
