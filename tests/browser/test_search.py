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
    page = visit("en")
    page.goto("/sign-in")
    page.get_by_label("Email").fill("sophie.lacombe@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.goto("/campaigns/2/themes/search")
    page.get_by_label("Search all themes").last.fill("agenda")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("containing=agenda"))
    expect(page.locator("#results mark").first).to_be_visible()
    for box in page.locator("#results input[data-choose]").all()[:3]:
        box.check()
    page.get_by_text("New theme…").click()
    page.get_by_label("Name of the new theme").fill("Agendas of all kinds")
    page.get_by_role("button", name="Make a new theme").click()
    expect(page.locator("#flashes")).to_contain_text("Made the theme “Agendas of all kinds” of 3 ideas.")
    expect(page.locator("#results").get_by_role("link", name="Agendas of all kinds").first).to_be_visible()
    page.get_by_role("button", name="Undo this change").click()
    expect(page.locator("#flashes")).to_contain_text("Change undone.")
    expect(page.locator("#results").get_by_role("link", name="Agendas of all kinds")).to_have_count(0)
