"""From an invitation to a first idea: on a phone and a desktop, in both languages, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

OPEN = "/campaigns/1"
Enter = Callable[..., Page]


@pytest.mark.parametrize(
    ("locale", "width", "scripts"), [("fr", 1280, True), ("en", 360, True), ("fr", 360, False), ("en", 1280, False)]
)
def test_from_an_invitation_to_a_first_idea(
    enter: Enter,
    visit: Callable[..., Page],
    link_in_mail: Callable[[str, str], str],
    locale: str,
    width: int,
    scripts: bool,
):
    address = f"new.{locale}.{width}@example.org"
    owner = enter("etienne.vallier")
    owner.goto(f"{OPEN}/invitations")
    owner.fill("[name=addresses]", address)
    owner.select_option("form[enctype] [name=locale]", locale)
    owner.locator("form[enctype] button[type=submit]").last.click()
    expect(owner.locator(".team-row", has_text=address)).to_be_visible()

    page = visit(locale, width=width, height=800, java_script_enabled=scripts)
    page.goto(link_in_mail(address, "/invitations/"))
    expect(page.locator("main")).to_contain_text(address)
    expect(page.locator("html")).to_have_attribute("lang", locale)
    page.fill("[name=name]", f"Camille {width}")
    page.fill("[name=password]", "court")
    page.check("[name=rules]")
    submit = page.locator("form[action$='/account'] button[type=submit]").last
    submit.click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value(f"Camille {width}")
    page.fill("[name=password]", "une rivière tranquille au lever du jour")
    page.check("[name=rules]")
    page.locator("form[action$='/account'] button[type=submit]").last.click()
    expect(page).to_have_url(re.compile(rf"{OPEN}$"))

    page.goto(f"{OPEN}/ideas/new")
    page.fill("#title", f"Un banc à l’arrêt {locale} {width}")
    page.fill("#body", "Un banc à l’ombre pour attendre le bus sans fatigue.")
    page.click("#submit")
    expect(page).to_have_url(re.compile(r"/ideas/\d+"))
    expect(page.locator("h1")).to_contain_text(f"Un banc à l’arrêt {locale} {width}")
