"""Writing an idea beside those that others wrote, and finding ideas."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Enter = Callable[..., Page]
PHONE = {"width": 360, "height": 740}
# How long after the last key each request came.
PAUSES = """() => {
  window.pauses = [];
  document.addEventListener('input', () => { window.typed = performance.now() }, true);
  document.addEventListener('htmx:beforeRequest', (event) => {
    if (event.detail.requestConfig.path.endsWith('/similar')) window.pauses.push(performance.now() - window.typed);
  });
}"""


def test_similar_ideas_come_while_one_types_in_another_language_and_never_stand_in_the_way(enter: Enter):
    rose = enter("rose.ndiaye", **PHONE)
    rose.goto("/campaigns/1/ideas/new")
    body, found = rose.locator("[name=body]"), rose.locator("#similar .similar-ideas li")
    rose.evaluate(PAUSES)
    body.press_sequentially("Safe bike lanes, and a place to park bicycles at the station", delay=2)
    # The first request may come before the worker has read the campaign: the words of another language find nothing.
    for _ in range(60):
        body.press_sequentially(".")
        rose.wait_for_timeout(700)
        if rose.locator("[data-found-by=meaning]").count():
            break
    expect(rose.locator("[data-found-by=meaning]")).to_be_visible()
    pauses = rose.evaluate("window.pauses")
    assert min(pauses) >= 290
    assert min(pauses) < 1000
    count = found.count()
    assert 1 <= count <= 5
    expect(rose.locator("#similar-count")).to_have_text(re.compile(str(count)))
    assert rose.evaluate("document.documentElement.scrollWidth") <= 360
    ideas = found.filter(has=rose.locator("[name=differs]"))  # themes that have their answer already come first
    first = ideas.first.locator("a").first.inner_text()
    ideas.first.locator("[name=differs]").click()
    expect(rose.locator("#similar a", has_text=first)).to_have_count(0)
    button = ideas.first.locator("[id^=support-]")
    before = button.get_attribute("aria-pressed")
    button.click()
    expect(button).not_to_have_attribute("aria-pressed", before)
    expect(body).to_have_value(re.compile("Safe bike lanes"))
    rose.route("**/ideas/similar", lambda route: route.abort("connectionfailed"))
    body.press_sequentially(" Thanks")
    rose.wait_for_timeout(600)
    expect(rose.locator("#status")).not_to_contain_text("serveur")
    rose.click("#submit")
    rose.wait_for_url(re.compile(r"/ideas/\d+$"))
    expect(rose.locator("#next-steps-title")).to_be_visible()


def test_without_scripts_one_previews_sees_similar_ideas_and_filters_the_list(enter: Enter):
    rose = enter("rose.ndiaye", java_script_enabled=False)
    rose.goto("/campaigns/1/ideas/new")
    rose.fill("[name=body]", "Des vélos en location à la gare, comme à Paris")
    rose.click("#preview")
    expect(rose.locator("#preview-title")).to_be_visible()
    rose.click("#see-similar")
    expect(rose).to_have_url(re.compile(r"draft=\d+.*similar=yes"))
    expect(rose.locator("#similar .similar-ideas li").first).to_be_visible()
    rose.locator("[name=differs]").first.click()
    expect(rose).to_have_url(re.compile(r"differs=\d+"))
    expect(rose.locator("[name=body]")).to_have_value(re.compile("location à la gare"))
    rose.goto("/campaigns/3/ideas?order=supported")
    total = rose.locator("#found").inner_text()
    rose.locator("main .reveal > summary").click()
    rose.select_option("[name=theme]", index=1)
    rose.locator("form.filters button").click()
    expect(rose).to_have_url(re.compile(r"order=supported.*theme=\d+"))
    expect(rose.locator("#found")).not_to_have_text(total)
    rose.locator(".chosen a").click()
    expect(rose.locator("#found")).to_have_text(total)
    rose.locator("a[rel=next]").click()
    expect(rose.locator("a[rel=prev]")).to_be_visible()
