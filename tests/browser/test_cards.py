"""Cards of ideas in the list: full, whatever an idea has; and a long text that unfolds in its place.

On a phone and at a desk.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import portrait

pytestmark = [pytest.mark.browser, pytest.mark.model]

SHORT = "Une navette relie les deux gares"
LONG = f"{SHORT} toutes les dix minutes. " * 12
# What each card of this test has, and what is wrong with its layout: a text narrower than the card though nothing
# stands beside it, a gap between two parts, an end that is empty, or a part over another.
LAYOUT = """(said) => [...document.querySelectorAll('.idea-list .idea-card')]
  .filter((card) => card.textContent.includes(said)).map((card) => {
  const [box, style] = [card.getBoundingClientRect(), getComputedStyle(card)];
  const edge = card.clientLeft;
  const padding = (side) => edge + parseFloat(style[`padding${side}`]);
  const inner = { left: box.left + padding('Left'), right: box.right - padding('Right'),
    bottom: box.bottom - padding('Bottom') };
  const picture = card.querySelector('.idea-card__picture')?.getBoundingClientRect();
  const parts = [...card.children].filter((part) => !part.matches('.idea-card__picture, :has(.idea-card__picture)'))
    .map((part) => part.getBoundingClientRect()).filter((part) => part.height > 1);
  const wrong = [];
  let reached = box.top + parseFloat(style.paddingTop);
  for (const part of parts) {
    if (part.top - reached > 24) wrong.push(`gap of ${part.top - reached}`);
    reached = Math.max(reached, part.bottom);
    const beside = picture && part.top < picture.bottom && part.bottom > picture.top;
    if (Math.abs(part.left - inner.left) > 1) wrong.push(`begins at ${part.left - inner.left}`);
    if (beside && part.right > picture.left + 1) wrong.push('over the picture');
  }
  const [heading] = parts;
  const room = picture ? picture.left - inner.left - 24 : inner.right - inner.left - 1;
  if (heading.width < room) wrong.push(`heading of ${heading.width}`);
  const lines = document.createRange();
  lines.selectNodeContents(card.querySelector('.idea-card__said, .idea-card__text'));
  const rows = [...lines.getClientRects()];
  const end = Math.max(...rows.map((line) => line.right)) - inner.left;
  if (new Set(rows.map((line) => line.top)).size > 1 && end < 0.75 * room) wrong.push('half empty');
  if (picture && Math.abs(picture.right - inner.right) > 1) wrong.push('picture not at the end');
  if (inner.bottom - Math.max(reached, picture?.bottom ?? 0) > 16) wrong.push('empty end');
  return { titled: !card.querySelector('.idea-card__said'), pictured: Boolean(picture), wrong };
})"""


def test_cards_are_full_with_and_without_a_title_or_a_photo_and_long_texts_unfold(enter: Callable[..., Page]):
    page = enter("chloe.bonnard")
    photo = {"name": "gare.png", "mimeType": "image/png", "buffer": portrait()}
    for title, pictured in (("Une navette", True), ("Une navette de nuit", False), ("", True), ("", False)):
        page.goto("/campaigns/1/ideas/new")
        page.fill("#title", title)
        page.fill("#body", LONG if not pictured else f"{SHORT}.")
        if pictured:
            page.locator("summary", has_text="photo").click()
            page.set_input_files("[name=new_file]", photo)
            page.fill("[name=new_alternative]", "La gare vue du pont")
        page.click("#submit")
        page.wait_for_url(re.compile(r"/ideas/\d+$"))
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/campaigns/1/ideas")
        page.wait_for_load_state("networkidle")
        cards = page.evaluate(LAYOUT, SHORT)
        assert {(card["titled"], card["pictured"]) for card in cards} == {(a, b) for a in (0, 1) for b in (0, 1)}
        assert [card for card in cards if card["wrong"]] == []

    card = page.locator(".idea-card", has_text="Une navette de nuit")
    height, whole = "card => card.offsetHeight", card.locator(".idea-card__whole")
    folded = card.evaluate(height)
    expect(whole.locator("p")).to_be_hidden()
    whole.locator("summary").click()
    expect(whole.locator("p")).to_have_text(LONG.strip())
    expect(card.locator(".idea-card__text")).to_be_hidden()  # its beginning is not read twice
    assert card.evaluate(height) > folded
    page.keyboard.press("Enter")
    expect(whole.locator("p")).to_be_hidden()
    assert card.evaluate(height) == folded
