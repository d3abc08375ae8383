"""Does this idea belong here? With single keys at a desk, under the thumb on a phone, and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

Enter = Callable[..., Page]
CHECK = "/campaigns/2/themes/check"
PHONE = {"width": 360, "height": 740}
MIN_THUMB = 48  # pixels


def idea(page: Page) -> str:
    return page.locator(".check-idea__text").inner_text()


def numbers(page: Page) -> tuple[str, str]:
    """What the page says of how far one is, now and after one more check. Tests share one server."""
    at, total = page.locator("#check-progress").inner_text().split(" sur ")
    return f"{at} sur {total}", f"{int(at) + 1} sur {total}"


def test_single_keys_answer_choose_a_theme_and_undo(enter: Enter):
    sophie = enter("sophie.lacombe")
    sophie.goto(CHECK)
    progress, first = sophie.locator("#check-progress"), idea(sophie)
    now, then = numbers(sophie)
    expect(sophie.locator(".key").first).to_be_visible()
    sophie.keyboard.press("o")
    expect(progress).to_have_text(then)
    sophie.evaluate("document.activeElement.blur()")
    sophie.keyboard.press("r")
    expect(progress).to_have_text(now)
    assert idea(sophie) == first
    themes = sophie.locator(".check-elsewhere__themes")
    expect(themes).to_be_hidden()
    sophie.keyboard.press("a")
    expect(themes).to_be_visible()
    sophie.locator("#to").focus()
    sophie.keyboard.press("o")
    expect(progress).to_have_text(now)
    sophie.locator(".check-elsewhere__theme, #check-title").first.focus()
    sophie.locator("#to").select_option(index=1)
    sophie.locator(".check-elsewhere__other button").click()
    expect(progress).to_have_text(then)
    sophie.keyboard.press("r")
    expect(progress).to_have_text(now)
    assert idea(sophie) == first


def test_a_key_pressed_outside_the_card_or_with_ctrl_does_nothing(enter: Enter):
    sophie = enter("sophie.lacombe")
    sophie.goto(CHECK)
    now, _ = numbers(sophie)
    sophie.locator("header a").first.focus()
    sophie.keyboard.press("o")
    sophie.locator("#check-title").focus()
    sophie.keyboard.press("Control+o")
    expect(sophie.locator("#check-progress")).to_have_text(now)


def test_on_a_phone_the_buttons_are_under_the_thumb_and_nothing_is_cut(enter: Enter):
    sophie = enter("sophie.lacombe", has_touch=True, is_mobile=True, **PHONE)
    sophie.goto(CHECK)
    now, then = numbers(sophie)
    buttons = sophie.locator(".check-acts__row > .button, .check-elsewhere > summary")
    expect(buttons).to_have_count(3)
    for button in buttons.all():
        expect(button).to_be_in_viewport(ratio=1)
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= MIN_THUMB
        assert button.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert sophie.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(sophie.locator(".key").first).to_be_hidden()
    buttons.nth(1).tap()
    expect(sophie.locator("#check-progress")).to_have_text(then)
    sophie.locator(".check-last button").tap()
    expect(sophie.locator("#check-progress")).to_have_text(now)


def test_without_scripts_it_works_too(enter: Enter):
    sophie = enter("sophie.lacombe", java_script_enabled=False, **PHONE)
    sophie.goto(CHECK)
    first = idea(sophie)
    now, then = numbers(sophie)
    sophie.locator(".check-elsewhere > summary").click()
    sophie.locator("#to").select_option(index=1)
    sophie.locator(".check-elsewhere__other button").click()
    expect(sophie.locator("#check-progress")).to_have_text(then)
    sophie.locator(".check-last button").click()
    expect(sophie.locator("#check-progress")).to_have_text(now)
    assert idea(sophie) == first
