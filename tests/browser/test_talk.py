"""Talk on the page of an idea: by keyboard, on a phone and a desktop, and news without a reload."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

BRIDGE = "/campaigns/1/ideas/16"
FITS = "document.documentElement.scrollWidth <= innerWidth"

Enter = Callable[..., Page]


def test_people_reply_mention_and_see_new_comments_without_a_reload(enter: Enter):
    etienne, rose = enter("etienne.vallier"), enter("rose.ndiaye", width=360, height=740)
    etienne.clock.install()
    etienne.goto(BRIDGE)
    draft = etienne.locator("#comments textarea")
    draft.fill("Un texte commencé")

    rose.goto(BRIDGE)
    rose.locator(".comment__acts a", has_text="Répondre").first.click()
    reply = rose.locator("#reply textarea")
    expect(reply).to_be_focused()
    reply.press_sequentially("Merci @colette ren")
    expect(rose.locator("#names [role=option]")).to_have_text("Colette Renard")
    assert Axe().run(rose).violations_count == 0
    reply.press("Enter")
    expect(reply).to_have_value("Merci @Colette Renard ")
    expect(rose.locator("#names")).to_have_count(0)
    reply.press_sequentially("pour ce souvenir")
    rose.click("#comment-submit")
    mine = rose.locator(".comments--replies .comment", has_text="pour ce souvenir")
    expect(mine.locator(".mention")).to_have_text("@Colette Renard")
    expect(rose.locator("#reply")).to_have_count(0)
    assert rose.evaluate(FITS)

    etienne.clock.fast_forward(21_000)
    news = etienne.locator("#comment-news a")
    expect(news).to_contain_text("1 ")
    news.click()
    expect(etienne.locator(".comments--replies .comment", has_text="pour ce souvenir")).to_be_focused()
    expect(etienne.locator("#comment-news a")).to_have_count(0)
    expect(draft).to_have_value("Un texte commencé")

    etienne.goto("/campaigns/1/questions")
    assert Axe().run(etienne).violations_count == 0
    etienne.locator("main a.button", has_text=re.compile("^Répondre|^Answer")).first.click()
    expect(etienne.locator("#reply textarea")).to_be_visible()
    rose.locator("#follow-idea-16 button").click()
    expect(rose.locator("#follow-idea-16 button")).to_have_attribute("aria-pressed", "true")
    rose.goto("/me/follows")
    expect(rose.locator("main")).to_contain_text("L'ancien pont")
    assert Axe().run(rose).violations_count == 0
    rose.goto("/campaigns/1/comments/best")
    assert rose.evaluate(FITS)
    assert Axe().run(rose).violations_count == 0


def test_an_author_is_offered_names_to_invite_as_co_authors(enter: Enter):
    elise = enter("elise.bouvier", width=360, height=740)
    elise.goto(f"{BRIDGE}/co-authors")
    named = elise.locator("#named")
    named.press_sequentially("colette ren")
    expect(elise.locator("#names [role=option]")).to_have_text("Colette Renard")
    named.press("Enter")
    expect(named).to_have_value(re.compile("^Colette Renard"))
    expect(elise.locator("#names")).to_have_count(0)
    assert Axe().run(elise).violations_count == 0
    assert elise.evaluate(FITS)
    elise.locator("main form .button--primary").click()
    expect(elise.locator("main")).to_contain_text("Colette Renard")


def test_without_scripts_a_reply_is_written_and_published(enter: Enter):
    page = enter("monique.gautier", java_script_enabled=False)
    page.goto(BRIDGE)
    page.locator(".comment__acts a", has_text="Répondre").first.click()
    page.locator("#reply textarea").fill("Bonjour @Colette Renard, sans script")
    page.click("#comment-submit")
    expect(page.locator(".comments--replies .comment", has_text="sans script").locator(".mention")).to_be_visible()
