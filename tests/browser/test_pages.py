"""Every page of the demo, as each kind of reader meets it: it fits a small phone, and is kind to everyone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app.demo.loading import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.model]

OPEN, REVIEWED, ANSWERED = (f"/campaigns/{number}" for number in (1, 2, 3))
PEOPLE = {
    "participant": "rose.ndiaye",
    "owner of what is open": "etienne.vallier",
    "owner of what is reviewed": "sophie.lacombe",
    "owner of what is answered": "nadege.kouassi",
    "owner at the desk": "sophie.lacombe",
    "admin": "benedicte.arnoux",
    "juror": "awa.sarr",
    "member of a board": "claire.morel",
    "pioneer": "emily.carter",
}
# `…` stands for the number of the first one that the page of all of them links to. `>`: the first link of a page that
# begins so.
PAGES = {
    "visitor": [
        "/",
        "/rules",
        "/sign-up",
        "/sign-in",
        "/campaigns",
        OPEN,
        f"{OPEN}/ideas",
        f"{OPEN}/ideas?containing=licorne",
        f"{OPEN}/ideas/…",
        f"{OPEN}/history",
        REVIEWED,
        ANSWERED,
        f"{ANSWERED}/debrief/versions",
        f"{ANSWERED}/themes",
        f"{ANSWERED}/themes/…",
        f"{ANSWERED}/themes/leftover/outlier",
        f"{ANSWERED}/debrief",
        f"{ANSWERED}/promises",
        f"{ANSWERED}/public-vote",
        "/promises",
        "/nothing",
    ],
    "participant": [
        "/campaigns",
        "/me",
        "/me/profile",
        OPEN,
        f"{OPEN}/ideas/new",
        f"{OPEN}/ideas/…",
        f"{REVIEWED}/ideas/new",
        f"{REVIEWED}/debrief",
        f"{REVIEWED}/standing?board=groups",
        *(f"{OPEN}/standing?board={board}" for board in ("activity", "support", "mentions", "newcomers")),
        f"{OPEN}/comments/best",
        f"{ANSWERED}/compare/results",
        f"{ANSWERED}/winners",
        f"{ANSWERED}/winners/versions",
        "/me/points",
        "/me/motivation",
        "/me/pioneer",
        "/me/welcome",
        "/me/volunteer",
        "/me/given",
        "/me/follows",
        "/early-briefs",
        "/objectives",
        "/training",
        "/search?containing=bus",
        f"{OPEN}/glossary",
        f"{ANSWERED}/receipt",
        "/messages",
        "/me/notices",
        "/me/notices/preferences",
        "/me/notices/digest",
        "/me/calendar",
        f"{OPEN}/share",
        f"{OPEN}/kit",
        f"{OPEN}/poster",
        f"{OPEN}/moderation/policy",
    ],
    "owner of what is open": [
        "/campaigns/new",
        OPEN,
        f"{OPEN}/team",
        f"{OPEN}/invitations",
        f"{OPEN}/participation",
        f"{OPEN}/themes",
        f"{OPEN}/import",
        f"{OPEN}/edit",
        f"{OPEN}/cover",
        f"{OPEN}/motivation",
        f"{OPEN}/phases",
        f"{OPEN}/practice",
        f"{OPEN}/first-ideas",
        f"{OPEN}/questions",
        f"{OPEN}/fields",
        f"{OPEN}/fields/…",
        f"{OPEN}/fields/new",
        f"{OPEN}/objective",
        f"{OPEN}/ideas/for-another",
        f"{OPEN}/moderation/support",
        f"{OPEN}/pioneers",
        f"{OPEN}/public-vote/set-up",
        f"{OPEN}/compare/set-up",
    ],
    "owner of what is reviewed": [
        REVIEWED,
        f"{REVIEWED}/themes",
        f"{REVIEWED}/themes?containing=licorne",
        f"{REVIEWED}/themes/…",
        f"{REVIEWED}/themes/leftover/outlier",
        f"{REVIEWED}/themes/history",
        f"{REVIEWED}/themes/proposal",
        f"{REVIEWED}/reading",
        f"{REVIEWED}/themes/granularity?level=1",
        f"{REVIEWED}/themes/…/decision",
        f"{REVIEWED}/debrief/write",
        f"{REVIEWED}/debrief/write?step=publish",
        f"{REVIEWED}/debrief/outbox",
        f"{REVIEWED}/themes/table",
    ],
    "owner of what is answered": [
        ANSWERED,
        f"{ANSWERED}/themes/…",
        f"{ANSWERED}/debrief",
        f"{ANSWERED}/objections",
        f"{ANSWERED}/contest",
        f"{ANSWERED}/contest/ranking",
        f"{ANSWERED}/contest/shortlist",
        f"{ANSWERED}/compare",
        f"{ANSWERED}/winners/choose",
    ],
    "juror": [f"{ANSWERED}/contest/judging", f"{ANSWERED}/contest/judging/…"],
    "member of a board": ["/spaces/4", "/spaces/4/standing", "/campaigns/5/ideas/…"],
    "pioneer": ["/me/pioneer", "/spaces/5", "/spaces/5 > /spaces/5/workshops/", "/campaigns/7"],
    "owner at the desk": [
        "/spaces/1/newsletters",
        "/spaces/1/newsletters/new",
        "/spaces/1/newsletters/1",
        "/spaces/1/newsletters/1/readers",
        "/spaces/1/planned",
        f"{REVIEWED}/themes/search?map=yes",
        f"{REVIEWED}/themes/search?containing=agenda",
        f"{REVIEWED}/debrief/blocks",
        f"{REVIEWED}/debrief/blocks/new?kind=text",
        f"{REVIEWED}/debrief/blocks/new?kind=image",
        f"{REVIEWED}/debrief/outbox/…",
        f"{REVIEWED}/export",
        f"{REVIEWED}/answers/import",
        f"{ANSWERED}/actions/3/evidence",
    ],
    "admin": [
        "/activity",
        "/jobs",
        "/messages",
        "/messages/undeliverable",
        "/pioneers",
        "/pioneers > /pioneers/people/",
        "/organisation/levels",
        "/people",
        "/people?containing=nobody",
        "/people/…",
        "/moderation",
        "/moderation/sanctions",
        "/organisation/sign-up",
        "/organisation/hosts",
        "/organisation/newcomers?person=rose.ndiaye@example.org",
        "/organisation/planned",
        "/organisation/budget",
        "/organisation/newcomers/day_0/fr",
        "/personal-data",
        "/me",
    ],
}
AXE = Axe()
# Motion is off, so that no colour is read halfway through a change.
STILL: dict[str, Any] = {"reduced_motion": "reduce", "locale": "fr"}
# Stylesheets are preloaded for one rule, which is off. It takes longer than all the others.
TARGETS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}, "preload": False}

Visit = Callable[..., Page]


@pytest.fixture
def sign_in(visit: Visit) -> Callable[..., Page]:
    def enter(role: str, **options: object) -> Page:
        page = visit(**(STILL | options))
        if role in PEOPLE:
            page.goto("/sign-in")
            page.fill("[name=email]", f"{PEOPLE[role]}@example.org")
            page.fill("[name=password]", PASSWORD)
            page.locator("main form button[type=submit]").first.click()
            expect(page).not_to_have_url(re.compile("sign-in"))
        return page

    return enter


def open_page(page: Page, path: str) -> None:
    if "…" in path:
        every, _, rest = path.partition("/…")
        page.goto(every)
        first = page.locator(f"main a[href^='{every}/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        path = next(link for link in first if re.fullmatch(rf"{every}/\d+", link)) + rest
    if " > " in path:
        page_of_all, _, beginning = path.partition(" > ")
        page.goto(page_of_all)
        path = str(page.locator(f"main a[href^='{beginning}']").first.get_attribute("href"))
    page.goto(path)


def faults(page: Page) -> list[str]:
    """What keeps some people out of the page that is open: wide and light, then on a small phone and dark."""
    found = []
    page.evaluate(AXE.axe_script)
    for width, scheme in ((1280, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for violation in page.evaluate("options => axe.run(options).then(found => found.violations)", TARGETS):
            targets = ", ".join(str(node["target"][0]) for node in violation["nodes"][:4])
            found.append(f"{page.url} ({width}, {scheme}): {violation['help']}: {targets}")
        beyond = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            found.append(f"{page.url} ({width}): {beyond} pixels too wide")
    return found


@pytest.mark.parametrize("role", PAGES)
def test_every_page_fits_and_is_accessible(sign_in: Visit, role: str):
    page = sign_in(role)
    found = []
    for path in PAGES[role]:
        open_page(page, path)
        found += faults(page)
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == []


def test_a_refused_form_is_accessible(sign_in: Visit):
    page = sign_in("participant")
    page.goto(f"{OPEN}/ideas/new")
    page.locator("#submit").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert faults(page) == []


def test_an_import_and_a_launch_are_accessible(sign_in: Visit):
    page = sign_in("owner of what is open")
    page.goto("/campaigns/new")
    page.fill("[name=title]", "Un brouillon")
    page.locator(".sticky-submit button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/campaigns/\d+"))
    campaign = re.search(r"/campaigns/\d+", page.url)
    assert campaign is not None
    found = []
    for path in ("", "/launch", "/ideas", "/debrief/write"):
        page.goto(campaign[0] + path)
        found += faults(page)
    page.goto(f"{campaign[0]}/import")
    table = b"Contribution;Auteur\r\nUn banc devant la gare;Camille\r\nDes arbres;Ali\r\n"
    page.set_input_files("[type=file]", {"name": "idées.csv", "mimeType": "text/csv", "buffer": table})
    page.locator("main form[enctype] button[type=submit]").first.click()
    expect(page).to_have_url(re.compile(r"/import/\d+"))
    assert found + faults(page) == []


def test_reasons_and_proposals_are_accessible(sign_in: Visit):
    page = sign_in("owner of what is reviewed")
    open_page(page, f"{REVIEWED}/themes/…")
    reasons = str(page.locator(".why").first.get_attribute("hx-get"))
    page.locator(".why summary").first.click()
    expect(page.locator(".reasons").first).to_be_visible()
    page.locator(".card .menu summary").nth(1).click()
    found = faults(page)
    page.goto(reasons)
    found += faults(page)
    # Its themes have answers: what finer or coarser themes would change is asked for first.
    page.goto(f"{REVIEWED}/themes")
    page.locator(".granularity__step").first.click()
    expect(page.locator(".granularity__preview")).to_be_visible()
    found += faults(page)
    page.locator("form[action$='/granularity'] .button--primary").click()
    expect(page).to_have_url(re.compile("/themes/proposal$"))
    found += faults(page)
    page.goto(f"{REVIEWED}/themes")
    expect(page.locator(".waiting")).to_be_visible()
    found += faults(page)
    page.goto(f"{REVIEWED}/themes/proposal")
    page.locator("[formaction$='/decline']").click()
    expect(page).to_have_url(re.compile("/themes$"))
    assert found == []


def test_after_an_act_the_page_scrolls_back_and_shows_what_was_done(sign_in: Visit):
    page = sign_in("owner of what is reviewed")
    open_page(page, f"{REVIEWED}/themes/…?containing=a")
    last = page.locator(".members .menu:has([formaction$='pin']) > summary").last
    last.click()
    page.locator(".members .menu[open] [formaction$='/pin']").click()
    expect(last).to_be_focused()
    expect(last).to_be_in_viewport()
    expect(page).to_have_url(re.compile(r"\?containing=a$"))
    notice = page.locator(".flashes")
    expect(notice).to_be_in_viewport(ratio=1)
    expect(last).to_have_accessible_description(str(notice.text_content()).strip())
    found = faults(page)
    notice.locator("button").click()
    expect(page.locator(".flashes--near")).to_have_count(0)
    last.click()
    page.locator(".members .menu[open] a.menu__item").click()
    expect(page.locator("#to")).to_be_focused()
    expect(page.locator(".members .idea-card:has(:checked)")).to_be_in_viewport()
    assert found == []


def test_without_scripts_an_owner_looks_at_coarser_themes_and_at_reasons(sign_in: Visit):
    page = sign_in("owner of what is reviewed", java_script_enabled=False)
    page.goto(f"{REVIEWED}/themes")
    page.locator("[name=level]").first.check(force=True)
    page.locator(".granularity button").click()
    expect(page).to_have_url(re.compile(r"/granularity\?level=-\d$"))
    expect(page.locator(".granularity__names li").first).to_be_visible()
    open_page(page, f"{REVIEWED}/themes/…")
    page.locator(".why summary").first.click()
    page.locator(".why__body a").first.click()
    expect(page.locator(".reasons")).to_be_visible()


def test_without_scripts_an_owner_makes_a_sub_theme_a_theme_and_takes_it_back(sign_in: Visit):
    page = sign_in("owner of what is reviewed", java_script_enabled=False)
    page.goto(f"{REVIEWED}/themes")
    cards = page.locator(".theme-card")
    before = cards.count()
    for address in page.locator(".theme-card__name a").evaluate_all("links => links.map(link => link.href)"):
        page.goto(address)
        if page.locator(".part__act").count():
            break
    name = page.locator(".part h3").first.text_content()
    page.locator(".part__act button").first.click()
    # A name that is itself between quotation marks gets other ones within them.
    expect(page.locator(".flash--success")).to_contain_text(str(name).strip("«\u202f\xa0 »"))
    page.goto(f"{REVIEWED}/themes")
    assert cards.count() == before + 1
    page.goto(f"{REVIEWED}/themes/history")
    page.locator("form[action$='/undo'] button").first.click()
    page.goto(f"{REVIEWED}/themes")
    assert cards.count() == before


def test_without_scripts_people_read_write_and_support(sign_in: Visit):
    page = sign_in("participant", java_script_enabled=False, width=360, height=740)
    page.goto("/campaigns")
    page.locator(f"a[href='{OPEN}']").first.click()
    page.locator("main .sticky-submit a").click()
    page.fill("[name=title]", "Sans aucun script")
    page.fill("[name=body]", "Un abri pour attendre le bus à l'ombre, devant le marché couvert.")
    page.locator("#submit").click()
    expect(page.locator("h1")).to_have_text("Sans aucun script")

    page.goto(f"{OPEN}/ideas")
    card = page.locator("main article", has=page.locator("form[action$='/vote']")).first
    address = card.locator("a").first.get_attribute("href")
    card.locator("form[action$='/vote'] button").click()
    page.goto(str(address))
    expect(page.locator("main form[action$='/vote/withdraw']")).to_be_visible()

    page.goto(f"{ANSWERED}/themes")
    expect(page.locator("main .theme-card").first).to_be_visible()
    page.goto(f"{ANSWERED}/debrief")
    expect(page.locator("main .answer").first).to_be_visible()


def test_a_phone_shows_how_to_submit_at_once(visit: Visit):
    page = visit(width=360, height=740)
    page.goto(OPEN)
    expect(page.locator(".sticky-submit a")).to_be_in_viewport()
