"""The search, driven with a keyboard on a desktop, and on a phone, with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from app.demo.loading import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.model]


def test_results_come_while_one_types(visit):
    page = visit("en")
    page.goto("/search")
    page.keyboard.type("REUNION")
    expect(page.locator("#results mark").first).to_have_text(re.compile("r[ée]union", re.IGNORECASE))
    expect(page.locator("#found")).to_contain_text("idea")
    expect(page).to_have_url(re.compile("containing=REUNION"))
    expect(page.locator("#containing")).to_be_focused()
    page.keyboard.type("zzz")
    expect(page.get_by_role("heading", name="Nothing contains these words")).to_be_visible()


def test_the_header_leads_to_the_search_on_a_phone_and_without_scripts(visit):
    page = visit("en", width=360, height=740, java_script_enabled=False)
    page.goto("/campaigns")
    link = page.get_by_role("link", name="Search", exact=True)
    assert min(link.bounding_box()[side] for side in ("width", "height")) >= 24
    link.click()
    page.get_by_role("searchbox").fill("reunions")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#results mark").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_field_in_the_header_searches_the_site(visit):
    page = visit("en")
    page.goto("/campaigns")
    page.get_by_role("searchbox", name="Search the site").fill("vélos")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/search"))
    expect(page.locator("#results mark").first).to_have_text(re.compile("v[ée]lo", re.IGNORECASE))


def test_ideas_of_several_themes_become_a_theme_and_come_back(visit):
    page = visit("fr")
    page.goto("/sign-in")
    page.fill("#email", "sophie.lacombe@example.org")
    page.fill("#password", PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.goto("/campaigns/2/themes/search")
    page.fill("#containing", "agenda")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("containing=agenda"))
    expect(page.locator("#results mark").first).to_be_visible()
    for box in page.locator("#results input[data-choose]").all()[:3]:
        box.check()
    page.locator("details:has(#new-name) > summary").click()
    page.fill("#new-name", "Des agendas de toutes sortes")
    page.locator("button[formaction$='/gather']").click()
    expect(page.locator("#flashes")).to_contain_text("Des agendas de toutes sortes")
    made = page.locator("#results .idea-card .tag", has_text="Des agendas de toutes sortes")
    expect(made).to_have_count(3)
    page.locator("#flashes form button").click()
    expect(page.locator("#flashes")).to_be_visible()
    expect(made).to_have_count(0)
    expect(page.locator("#containing")).to_have_value("agenda")
