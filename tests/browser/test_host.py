"""Outside of its own pages: in another application of the organisation, and on a phone without a connection."""

import re
import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from docs.examples.host import server as host_server

pytestmark = [pytest.mark.browser, pytest.mark.model]


def test_another_application_shows_answers_whose_link_signs_in_and_drafts_are_read_without_a_connection(
    enter: Callable[..., Page], visit: Callable[..., Page], server: str
):
    portal = host_server(server, "1", "", "", port=0)
    portal.server_close()
    admin = enter("benedicte.arnoux")
    admin.goto("/organisation/hosts")
    port = portal.server_port
    admin.fill("[name=name]", "Portail")
    admin.fill("[name=origin]", f"http://127.0.0.1:{port}")
    admin.click("main form button[type=submit] >> nth=-1")
    secret = admin.locator("#secret").inner_text()
    number = re.search(r'data-host="(\d+)"', admin.locator("pre").first.inner_text())
    assert number
    portal = host_server(server, number[1], secret, "rose.ndiaye@example.org", port=port)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    try:
        page = visit("fr", width=360, service_workers="allow")
        page.goto(f"http://127.0.0.1:{port}/")
        link = page.locator("a.convergence-notice")
        expect(link).to_have_text(re.compile(r"\d+ réponses? à vos idées"))
        page.goto(link.get_attribute("href") or "")
    finally:
        portal.shutdown()
        portal.server_close()
    page.click("#submit")
    expect(page).to_have_url(f"{server}/me/notices")
    # Without a connection: the text is on the device.
    page.goto("/campaigns/1/ideas/new")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.fill("#title", "Sans réseau")
    page.fill("#body", "Écrit dans le tunnel.")
    expect(page.locator("#save-state")).to_contain_text("Non enregistré")
    page.goto("/campaigns")
    expect(page.locator("#kept-list li")).to_contain_text("Écrit dans le tunnel.")
    expect(page.locator("h1")).to_have_count(1)
