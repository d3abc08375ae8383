"""A real server with its worker, on a database of its own, and a real Chromium before it."""

import re
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from app.demo.loading import PASSWORD
from tests.chromium import find
from tests.services import unavailable
from tests.serving import served_demo

EXPECTED = re.compile(
    r"status of [45]\d\d|net::ERR_(INTERNET_DISCONNECTED|FAILED|TIMED_OUT|ABORTED|CONNECTION_\w+)"
    r"|^htmx:(afterRequest|sendError|sendAbort|timeout)|was preloaded using link preload"
    r"|^Service Worker registration blocked by Playwright"
)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        unavailable("no Chromium: install one, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what the server keeps."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="session")
def server(instance: Path) -> Iterator[str]:
    """The address of what `make run` starts, with the demo community."""
    with served_demo(instance) as address:
        yield address


@pytest.fixture
def link_in_mail(instance: Path) -> Callable[[str, str], str]:
    """The link that begins so in the last mail to an address, once the worker has sent it."""

    def find_link(address: str, beginning: str) -> str:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for path in sorted((instance / "mail").glob("*.eml"), reverse=True):
                mail = message_from_bytes(path.read_bytes(), policy=default)
                found = re.search(rf"http\S+{beginning}\S*", mail.get_body(("plain",)).get_content())
                if address in mail["To"] and found:
                    return found[0]
            time.sleep(0.2)
        raise AssertionError(f"no mail to {address} with a link to {beginning}")

    return find_link


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """A new browser window in a language: what its console complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_page(locale: str = "fr", *, width: int = 1280, height: int = 900, **options) -> Page:
        # The worker of the page without a connection would stand between the page and the faults that tests make.
        options = {"service_workers": "block"} | options
        context = browser.new_context(
            locale=locale, viewport={"width": width, "height": height}, base_url=server, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def sign_ins() -> dict[str, Any]:
    """The cookies of those who signed in already: nobody may try it too often."""
    return {}


@pytest.fixture
def enter(visit: Callable[..., Page], sign_ins: dict[str, Any]) -> Callable[..., Page]:
    """The browser window of a person of the demo, signed in. Motion is off."""

    def sign_in(person: str, locale: str = "fr", **options) -> Page:
        if person in sign_ins:
            return visit(locale, reduced_motion="reduce", storage_state=sign_ins[person], **options)
        page = visit(locale, reduced_motion="reduce", **options)
        page.goto("/sign-in")
        page.fill("[name=email]", f"{person}@example.org")
        page.fill("[name=password]", PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        expect(page).not_to_have_url(re.compile("sign-in"))
        sign_ins[person] = {"cookies": page.context.cookies(), "origins": []}
        return page

    return sign_in


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    # A refused form answers 4xx on purpose, and a bad line cuts a request short: the console says so.
    if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
        complaints.append(message.text)
