"""Reported, hidden, appealed, restored: on a phone and at a desk, in both languages, with and without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

Enter = Callable[..., Page]
CAMPAIGN = "/campaigns/1"
PHONE = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True}
WHY, ANSWER = "Critiquez l’idée, pas la personne.", "Vous avez raison."
# Tests share one server: each has an idea and an author of its own.
WAYS = [
    pytest.param("fr", {}, 1, "lou.marechal", id="desk-fr"),
    pytest.param("en", PHONE, 2, "monique.gautier", id="phone-en"),
    pytest.param("fr", PHONE | {"java_script_enabled": False}, 4, "colette.renard", id="phone-fr-without-scripts"),
]


def fits(page: Page) -> None:
    """Nothing is cut, and nothing to press is too small for a finger."""
    if page.context.pages[0].viewport_size["width"] > 400 or not _has_scripts(page):
        return
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('main button, main .quiet-links a')]"
        ".filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24).length"
    )
    assert small == 0


def _has_scripts(page: Page) -> bool:
    return page.locator("html.has-script").count() > 0


def report(rose: Page, idea: str) -> None:
    rose.goto(idea)
    fits(rose)
    rose.locator(f"a[href='{idea}/report']").click()
    fits(rose)
    rose.locator("[name=reason][value=insult]").check()
    rose.locator("main form button[type=submit]").click()
    expect(rose.locator(".flash--success")).to_be_visible()


def hide(solene: Page) -> str:
    """Hide what was reported. Returns the address of its review."""
    solene.goto(f"{CAMPAIGN}/moderation?reason=insult")
    fits(solene)
    solene.locator(".review-line a.card__link").first.click()
    fits(solene)
    review = solene.url
    solene.locator("select[name=reason]").select_option("insult")
    solene.locator("[name=act][value=hide]").click()
    expect(solene.locator(".flash--success")).to_be_visible()
    return review


def ban(solene: Page, review: str) -> None:
    solene.goto(review)
    solene.locator(f"a[href*='{CAMPAIGN}/moderation/people/']").click()
    fits(solene)
    solene.locator("[name=kind][value=ban]").check()
    solene.locator("[name=reason][value=insult]").check()
    solene.locator("[name=words]").fill(WHY)
    solene.locator("main form button[type=submit]").last.click()
    expect(solene.locator(".flash--success")).to_be_visible()


def appeal(writer: Page, idea: str) -> None:
    writer.goto(idea)
    expect(writer.locator(".flash--warning")).to_have_count(2)  # what was decided about the idea, and the ban
    writer.goto("/me/sanctions")
    fits(writer)
    expect(writer.locator("main")).to_contain_text(WHY)
    writer.locator("details.reveal summary").click()
    writer.locator("[name=words]").fill("Je citais quelqu’un d’autre.")
    writer.locator("details.reveal button[type=submit]").click()
    expect(writer.locator(".flash--success")).to_be_visible()


def lift_and_restore(etienne: Page, review: str) -> None:
    etienne.goto(f"{CAMPAIGN}/moderation")
    etienne.locator("a[href$='/appeal']").click()
    fits(etienne)
    etienne.locator("[name=lifts][value=yes]").check()
    etienne.locator("[name=words]").fill(ANSWER)
    etienne.locator("main form button[type=submit]").click()
    expect(etienne.locator(".flash--success")).to_be_visible()
    etienne.goto(review)
    etienne.locator("[name=act][value=restore]").click()
    expect(etienne.locator(".flash--success")).to_be_visible()


@pytest.mark.parametrize(("locale", "options", "number", "author"), WAYS)
def test_reported_hidden_appealed_restored(enter: Enter, locale, options, number, author):
    idea = f"{CAMPAIGN}/ideas/{number}"
    rose, solene = (enter(person, locale, **options) for person in ("rose.ndiaye", "solene.abgrall"))
    report(rose, idea)
    review = hide(solene)
    rose.goto(idea)
    expect(rose.locator(".error-page")).to_be_visible()
    ban(solene, review)
    writer = enter(author, locale, **options)
    appeal(writer, idea)
    lift_and_restore(enter("etienne.vallier", locale, **options), review)
    rose.goto(idea)
    expect(rose.locator("article .idea-body")).to_be_visible()
    writer.goto("/me/sanctions")
    expect(writer.locator("main")).to_contain_text(ANSWER)
    writer.goto(f"{CAMPAIGN}/ideas/new")
    expect(writer.locator(".flash--warning")).to_have_count(0)


def test_single_keys_decide(enter: Enter):
    """The report that the demo leaves open: taken on, then closed."""
    solene = enter("solene.abgrall")
    solene.goto(f"{CAMPAIGN}/moderation?reason=wrong")
    solene.locator(".review-line a.card__link").first.click()
    solene.wait_for_url(re.compile(r"/moderation/\d+$"))  # the keys come with the page
    review = solene.url
    solene.keyboard.press("a")
    expect(solene.locator("[data-key=a]")).to_have_count(0)
    with solene.expect_navigation():
        solene.keyboard.press("c")
    solene.goto(review)
    expect(solene.locator("[name=act][value=reopen]")).to_be_visible()
