"""What is seen outside of the site, for `tests.screenshots`: mails to newcomers, and another application."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from playwright.sync_api import Page

from app import create_app
from app.clock import now
from app.extensions import database
from app.mail.letters.letter import read_draft, write_letter
from app.settings import LOCALES, from_env
from docs.examples.host import server
from ideas.activity.activity import Activity, Verb
from ideas.outreach.journey.step import Step
from ideas.outreach.notice import NoticeKind
from ideas.people.person import find_person

AS_TEXT = "<pre style='white-space: pre-wrap; overflow-wrap: anywhere'>{}</pre>"
READER = "rose.ndiaye@example.org"


def newcomer_mails(instance: Path) -> Iterator[tuple[str, str]]:
    """The mails of each step to newcomers in each language, as HTML and as text, each with a name."""
    app = create_app(from_env(os.environ | {"CONVERGENCE_INSTANCE": str(instance), "DATABASE_URL": ""}))
    with app.test_request_context(), database().no_autoflush:
        person = find_person(database(), READER)
        assert person is not None
        for step in Step:
            about = {"object_kind": "journey_step", "object_id": person.id, "reason": "", "after": {"step": step.value}}
            act = Activity(at=now(), verb=Verb.INVITED, **about)
            for person.locale in LOCALES:
                letter = write_letter(read_draft(database(), act, NoticeKind.NEWCOMER, person))
                yield f"{step.value}.{person.locale}", letter.html
                yield (
                    f"{step.value}.text.{person.locale}",
                    f"<pre style='white-space: pre-wrap; overflow-wrap: anywhere'>{escape(letter.text)}</pre>",
                )
        database().rollback()


def register_host(page: Page, site: str) -> tuple[str, str, int]:
    """Register an application, as an administrator who is signed in. Returns its number, its secret and its port."""
    page.goto("/organisation/hosts")
    with _portal(site, "1", "", 0) as port:
        page.fill("[name=name]", "Portail")
        page.fill("[name=origin]", f"http://127.0.0.1:{port}")
    page.click("main form button[type=submit] >> nth=-1")
    secret = page.locator("#secret").inner_text()
    number = re.search(r'data-host="(\d+)"', page.locator("pre").first.inner_text())
    assert number
    page.goto(f"/organisation/hosts/{number[1]}/webhook")
    page.fill("[name=webhook]", f"http://127.0.0.1:{port}/events")
    page.click("main form button[type=submit] >> nth=-1")
    return number[1], secret, port


@contextmanager
def host_page(page: Page, site: str, number: str, secret: str, port: int) -> Iterator[None]:
    """The page of that application, once it shows how many answers wait."""
    with _portal(site, number, secret, port):
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("a.convergence-notice")
        yield


@contextmanager
def _portal(site: str, number: str, secret: str, port: int) -> Iterator[int]:
    portal = server(site, number, secret, READER, port=port)
    thread = threading.Thread(target=portal.serve_forever)
    thread.start()
    try:
        yield portal.server_port
    finally:
        portal.shutdown()
        portal.server_close()
        thread.join()
