"""An account is exported and erased: at a desk in French with scripts, on a phone in English without."""

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.demo.loading import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.model]

PHONE = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True, "java_script_enabled": False}
# Tests share one server: these two write nothing in other tests.
WAYS = [
    pytest.param("fr", {}, "anonymise", "ibrahim.sow", id="desk-fr"),
    pytest.param("en", PHONE, "delete", "hannah.kim", id="phone-en-without-scripts"),
]


@pytest.fixture
def end_waiting(instance: Path) -> Callable[[], None]:
    """The waiting time is over."""

    def end() -> None:
        with closing(sqlite3.connect(instance / "convergence.sqlite", timeout=20)) as connection:
            connection.execute("UPDATE job SET run_at = '2020-01-01 00:00:00' WHERE kind = 'erase_person'")
            connection.commit()

    return end


def send(page: Page, action: str) -> None:
    page.fill("[name=present_password]", PASSWORD)
    page.locator(f"main form{action} button[type=submit]").click()
    expect(page.locator(".flash--success")).to_be_visible()


def ask(page: Page, contents: str) -> None:
    page.locator(f"[name=contents][value={contents}]").check()
    send(page, ".form")


def reload_until(page: Page, shown: str) -> None:
    until = time.monotonic() + 60
    while not page.locator(shown).count() and time.monotonic() < until:
        time.sleep(0.2)
        page.reload()
    expect(page.locator(shown).first).to_be_visible()


@pytest.mark.parametrize(("locale", "options", "contents", "who"), WAYS)
def test_exported_taken_back_and_erased(enter, visit, link_in_mail, end_waiting, locale, options, contents, who):
    page = enter(who, locale, **options)
    page.goto("/me/profile")
    page.locator("main a[href='/me/data']").click()
    send(page, "[action='/me/data/export']")
    reload_until(page, "a[href='/me/data/export.zip']")
    assert page.request.get("/me/data/export.zip").body()[:2] == b"PK"
    page.locator("main a[href='/me/erasure']").click()
    expect(page.locator("main table")).to_be_visible()
    ask(page, contents)
    taken_back = link_in_mail(f"{who}@example.org", "/erasure/")
    page.locator("form[action='/me/erasure/take-back'] button").click()
    ask(page, contents)
    until = time.monotonic() + 30
    while (certificate := link_in_mail(f"{who}@example.org", "/erasure/")) == taken_back and time.monotonic() < until:
        time.sleep(0.2)
    end_waiting()
    reader = visit(locale, **options)
    reader.goto(certificate)
    reload_until(reader, "main dl")
    expect(reader.locator("main")).not_to_contain_text(re.compile(who.partition(".")[0], re.IGNORECASE))
    page.goto("/me")
    expect(page).to_have_url(re.compile("/sign-in"))
