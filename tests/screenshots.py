"""`python -m tests.screenshots [PART…] [--address URL]`: the main pages of the demo as pictures, in build/screenshots.

Each page on a phone and a desktop, light and dark, in French and English. Parts: those of PAGES, and "outside": mails
to newcomers and the page of another application. Without an address the demo is served for it. A server that is given
must hold the demo too; the people who look are left with English, and mails are left out.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.demo.passwords import PASSWORD
from tests.chromium import find
from tests.seen_outside import host_page, newcomer_mails, register_host
from tests.serving import ROOT, served_demo

FOLDER = ROOT / "build" / "screenshots"
WIDTHS = {"phone": (360, 740), "desktop": (1280, 900)}
NARROW = {"narrow": (320, 640)}
OUTSIDE = "outside"
ADMIN = "benedicte.arnoux"
# A longer page is cut: what is wrong on it is mostly wrong above as well.
MAX_HEIGHT = 4000
VISITOR = ""
# Who looks at which page, by the part of the site: people of the demo are in app/demo/people.json.
PAGES = {
    "reading": (
        (VISITOR, ("/", "/campaigns", "/campaigns/1", "/campaigns/1/ideas", "/campaigns/1/ideas/16", "/promises")),
        (VISITOR, ("/campaigns/3", "/campaigns/3/debrief", "/campaigns/3/themes")),
    ),
    "taking-part": (
        ("rose.ndiaye", ("/me", "/me/points", "/me/motivation", "/me/welcome", "/me/volunteer", "/me/given")),
        ("rose.ndiaye", ("/me/follows", "/early-briefs", "/training", "/search?containing=bus")),
        ("rose.ndiaye", ("/campaigns/1/ideas/new", "/campaigns/1/ideas/20", "/campaigns/1/comments/best")),
        ("rose.ndiaye", ("/campaigns/1/standing", "/campaigns/1/standing?board=mentions")),
        ("rose.ndiaye", ("/campaigns/2/standing?board=groups", "/campaigns/3/receipt")),
        ("rose.ndiaye", ("/campaigns/3/compare/results", "/campaigns/3/winners", "/campaigns/3/public-vote")),
        ("emily.carter", ("/me/pioneer", "/spaces/5", "/campaigns/7")),
        ("claire.morel", ("/spaces/4", "/spaces/4/standing", "/campaigns/5/ideas")),
        ("etienne.vallier", ("/campaigns/1/first-ideas", "/campaigns/1/fields", "/campaigns/1/phases")),
        ("etienne.vallier", ("/campaigns/1/motivation", "/campaigns/1/objective", "/campaigns/1/practice")),
        ("etienne.vallier", ("/campaigns/1/ideas/for-another", "/campaigns/1/moderation/support", "/campaigns/1/team")),
        ("nadege.kouassi", ("/campaigns/3/contest", "/campaigns/3/contest/shortlist", "/campaigns/3/contest/ranking")),
        ("awa.sarr", ("/campaigns/3/contest/judging", "/campaigns/3/contest/judging/286")),
        ("benedicte.arnoux", ("/pioneers", "/organisation/levels")),
    ),
    "answering": (
        ("sophie.lacombe", ("/campaigns/2/themes", "/campaigns/2/debrief/write", "/campaigns/2/themes/table")),
        ("nadege.kouassi", ("/campaigns/3/objections", "/campaigns/3/debrief")),
    ),
    "reaching": (
        ("sophie.lacombe", ("/spaces/1/newsletters", "/spaces/1/newsletters/new", "/spaces/1/newsletters/1")),
        ("sophie.lacombe", ("/spaces/1/newsletters/1/readers", "/spaces/1/planned")),
        ("rose.ndiaye", ("/me/notices/preferences", "/me/notices/digest", "/me/calendar")),
        ("rose.ndiaye", ("/campaigns/1/share", "/campaigns/1/kit", "/campaigns/1/poster")),
        ("benedicte.arnoux", ("/organisation/newcomers", "/organisation/budget", "/organisation/hosts")),
        ("benedicte.arnoux", ("/messages/undeliverable", "/organisation/newcomers?person=rose.ndiaye@example.org")),
    ),
    "running": (("benedicte.arnoux", ("/people", "/activity", "/jobs", "/moderation", "/organisation/planned")),),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", choices=[[], *PAGES, OUTSIDE], help="all parts without one")
    parser.add_argument("--address", help="of a server with the demo")
    asked = parser.parse_args()
    with sync_playwright() as playwright, _address(asked.address) as (address, instance):
        browser = playwright.chromium.launch(executable_path=find())
        for part in asked.parts or [*PAGES, OUTSIDE]:
            outside = part == OUTSIDE
            for path in _take_outside(browser, address, instance) if outside else _take(browser, address, part):
                print(path.relative_to(ROOT))  # noqa: T201 -- a command's answer


@contextmanager
def _address(given: str | None) -> Iterator[tuple[str, Path | None]]:
    """The address, and the folder of what the server keeps, if it is ours."""
    if given:
        yield given, None
        return
    with tempfile.TemporaryDirectory() as folder, served_demo(Path(folder)) as address:
        yield address, Path(folder)


def _take(browser: Browser, address: str, part: str) -> Iterator[Path]:
    folder = FOLDER / part
    folder.mkdir(parents=True, exist_ok=True)
    for person, rows in groupby(PAGES[part], key=lambda row: row[0]):
        context = browser.new_context(base_url=address, locale="fr", reduced_motion="reduce", service_workers="block")
        page = context.new_page()
        _sign_in(page, person)
        paths = [path for _person, some in rows for path in some]
        for language in ("fr", "en"):
            _speak(page, language)
            for path in paths:
                name = path.strip("/").translate(str.maketrans("/?=", "---")) or "home"
                page.goto(path)
                yield from _shots(page, f"{name}.{language}", folder)
        context.close()


def _take_outside(browser: Browser, address: str, instance: Path | None) -> Iterator[Path]:
    folder = FOLDER / OUTSIDE
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=address, locale="fr", reduced_motion="reduce", service_workers="block")
    page = context.new_page()
    for name, html in newcomer_mails(instance) if instance is not None else ():
        page.set_content(html)
        yield from _shots(page, f"mail-{name}", folder)
    _sign_in(page, ADMIN)
    application = register_host(page, address)
    path = page.url.removeprefix(address)
    for language in ("fr", "en"):
        _speak(page, language)
        page.goto(path)
        yield from _shots(page, f"webhook.{language}", folder)
    with host_page(page, address, *application):
        yield from _shots(page, "host-page", folder)
    context.close()


def _sign_in(page: Page, person: str) -> None:
    page.goto("/sign-in" if person else "/")
    if person:
        page.fill("[name=email]", f"{person}@example.org")
        page.fill("[name=password]", PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "sign-in" not in url)


def _speak(page: Page, language: str) -> None:
    """Choose a language where the page is in another one: a member keeps it."""
    chooses = page.locator(f"form[action$='/language'] [value={language}]")
    if chooses.count():
        chooses.first.evaluate("button => button.click()")
        page.wait_for_selector(f"html[lang={language}]")


def _shots(page: Page, name: str, folder: Path) -> Iterator[Path]:
    for device, (width, height) in (WIDTHS | (NARROW if folder.name == OUTSIDE else {})).items():
        page.set_viewport_size({"width": width, "height": height})
        # As tall as the page: what sticks to the window then covers nothing.
        tall = min(MAX_HEIGHT, int(page.evaluate("document.documentElement.scrollHeight")))
        page.set_viewport_size({"width": width, "height": tall})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            picture = folder / f"{name}.{device}.{scheme}.png"
            page.screenshot(path=picture)
            yield picture


if __name__ == "__main__":
    main()
