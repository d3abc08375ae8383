"""The site as an application on a phone: manifest, icons, the page without a connection and its worker."""

import struct

import pytest

from app.pictures.drawing import Drawing

pytestmark = pytest.mark.one_database


def test_a_browser_finds_what_it_needs_to_install_the_site(client, set_up, monkeypatch):
    home = client.get("/campaigns").text
    assert 'rel="manifest" href="/app.webmanifest"' in home
    manifest = client.get("/app.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    assert (manifest.json["name"], manifest.json["start_url"]) == ("Convergence", "/campaigns")
    purposes = {(icon["sizes"], icon["purpose"]) for icon in manifest.json["icons"]}
    assert purposes == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    icon = client.get("/icon-192.png")
    assert struct.unpack(">II", icon.data[16:24]) == (192, 192)
    monkeypatch.setattr(Drawing, "png", lambda drawn: b"%d %d" % (drawn.width, len(drawn.spots)))
    drawn = {icon["src"]: client.get(icon["src"]).data for icon in manifest.json["icons"]}
    assert drawn == {"/icon-192.png": b"192 10", "/icon-512.png": b"512 10", "/icon-maskable.png": b"512 10"}
    assert client.get("/apple-touch-icon.png").data == b"180 10"


def test_the_page_without_a_connection_names_nobody_and_the_worker_keeps_it(signed_in, charlie):
    browser = signed_in(charlie)
    page = browser.get("/offline").text
    assert "No connection" in page
    assert "Charlie" not in page
    assert "csrf" not in page
    worker = browser.get("/worker.js?lang=en")
    assert (worker.mimetype, worker.headers["Cache-Control"]) == ("text/javascript", "public, max-age=3600")
    assert worker.text.startswith('self.FILES = ["/offline", "/static/')
