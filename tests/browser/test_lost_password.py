"""A password is lost while an idea is being written: on a phone and a desktop, in both languages, with and without
JavaScript.
"""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

WRITE = "/campaigns/1/ideas/new"
NEW_PASSWORD = "une rivière tranquille au lever du jour"
TITLE, BODY = "Des bancs à l’ombre", "Un banc à l’ombre près de chaque arrêt, pour attendre sans fatigue."


@pytest.fixture
def expire(instance: Path) -> Callable[[str], None]:
    """End the sign-ins of a person, as thirty days do."""

    def end(address: str) -> None:
        with sqlite3.connect(instance / "convergence.sqlite", timeout=20) as database:
            whose = "person_id = (SELECT id FROM person WHERE email = ?)"
            database.execute(f"UPDATE sign_in SET expires_at = '2020-01-01 00:00:00.000000' WHERE {whose}", (address,))  # noqa: S608 -- no input in it

    return end


def submit(page: Page) -> None:
    page.locator("main form button[type=submit]").first.click()


@pytest.mark.parametrize(
    ("person", "locale", "width", "scripts"),
    [
        ("hugo.lefort", "fr", 360, True),
        ("yann.le-goff", "fr", 1280, False),
        ("rebecca.stone", "en", 1280, True),
    ],
)
def test_a_text_survives_an_ended_sign_in_and_a_lost_password(
    enter, expire, link_in_mail, person: str, locale: str, width: int, scripts: bool
):
    address, title = f"{person}@example.org", f"{TITLE}, {person}"  # the list of ideas names each of them
    page: Page = enter(person, locale, width=width, height=800, java_script_enabled=scripts)
    page.goto(WRITE)
    page.fill("#title", title)
    page.fill("#body", BODY)
    expire(address)
    page.click("#submit")

    # The answer leads to the sign-in page in another tab: the text stays in this one.
    with page.context.expect_page() as opened:
        page.locator("a[href*='/sign-in'][target]").first.click()
    tab = opened.value
    tab.locator("a[href*='/forgot']").click()
    tab.fill("[name=email]", address)
    submit(tab)
    expect(tab).to_have_url(re.compile("/forgot/sent"))

    tab.goto(link_in_mail(address, "/reset/"))
    tab.fill("[name=password]", NEW_PASSWORD)
    submit(tab)
    expect(tab).to_have_url(re.compile(rf"{WRITE}(\?|$)"))
    expect(tab.locator("html")).to_have_attribute("lang", locale)

    # With scripts the text is in the form of its campaign; without, it is sent from the page that gave it back.
    writes = tab if scripts else page
    if scripts:
        expect(tab.locator("#title")).to_have_value(title)
        expect(tab.locator("#body")).to_have_value(BODY)
        tab.click("#submit")
    else:
        page.locator(".error-page form button[type=submit]").click()
    expect(writes).to_have_url(re.compile(r"/campaigns/1/ideas/\d+"))
    expect(writes.locator("h1")).to_contain_text(title)
    expect(writes.locator("main")).to_contain_text(BODY)
