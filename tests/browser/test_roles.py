"""Each role walks the demo: it is offered its acts and no others, and they work."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.demo.loading import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.model]

ACCESS = Path(__file__).parent.parent.parent / "docs" / "access.md"
OPEN, REVIEWED, ANSWERED = (f"/campaigns/{number}" for number in (1, 2, 3))
CHOSEN: dict[str, str] = {}  # by the address of a list, the one that is looked at
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}

Visit = Callable[..., Page]


@dataclass(frozen=True)
class Walker:
    """Who walks, their role in each campaign (by its number), and what they must be offered on the way."""

    email: str | None
    roles: dict[int, str]
    offered: frozenset[str]
    is_admin: bool = False
    starts_campaigns: bool = False
    runs_first_space: bool = False
    pages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """A line of docs/access.md."""

    address: str
    methods: frozenset[str]
    endpoint: str
    need: str
    pattern: re.Pattern[str] = field(compare=False, repr=False, default=re.compile(""))


def everywhere(role: str) -> dict[int, str]:
    return dict.fromkeys((1, 2, 3), role)


CAMPAIGN_PAGES = (
    "/campaigns",
    OPEN,
    f"{OPEN}/ideas",
    f"{OPEN}/ideas/…",
    f"{OPEN}/history",
    REVIEWED,
    f"{REVIEWED}/ideas/…",
    f"{REVIEWED}/debrief",
    ANSWERED,
    f"{ANSWERED}/ideas/…",
    f"{ANSWERED}/themes/…",
    f"{ANSWERED}/debrief",
)
THEME_PAGES = (f"{REVIEWED}/themes", f"{REVIEWED}/themes/…", f"{REVIEWED}/themes/leftover/outlier")
MANAGER_PAGES = (
    *THEME_PAGES,
    f"{REVIEWED}/themes/history",
    f"{REVIEWED}/themes/table",
    f"{REVIEWED}/themes/…/decision",
    f"{REVIEWED}/debrief/write",
    f"{REVIEWED}/import",
    f"{REVIEWED}/edit",
    f"{OPEN}/edit",
)
READS = frozenset({"campaign.show", "idea.index", "idea.show", "debrief.show", "promise.index", "theme.show"})
READS_THEMES = READS | {"theme.index", "theme.why", "leftover.show"}
TAKES_PART = READS | {"idea_draft.new", "vote.cast", "vote.react", "comment.add"}
MANAGES = READS_THEMES | {
    "campaign.edit",
    "campaign.close",
    "importing.upload",
    "file.add",
    "grouping.start",
    "granularity.show",
    "theme_history.index",
    "theme_edit.move",
    "theme_edit.merge",
    "theme_edit.merge_chosen",
    "theme_edit.rename",
    "theme_edit.split",
    "theme_edit.pin",
    "theme_edit.forbid",
    "decision.record",
    "action.add",
    "debrief.write",
}
WALKERS = {
    "owner": Walker(
        "sophie.lacombe",
        {1: "participant", 2: "owner", 3: "participant"},
        MANAGES - {"campaign.close"} | {"campaign.new", "team.index", "team.add", "team.change", "comment.add"},
        starts_campaigns=True,
        runs_first_space=True,
        pages=(*(page for page in MANAGER_PAGES if not page.startswith(OPEN)), f"{REVIEWED}/team"),
    ),
    "facilitator": Walker(
        "karim.haddouche",
        {1: "facilitator", 2: "facilitator", 3: "participant"},
        MANAGES | TAKES_PART,
        pages=MANAGER_PAGES,
    ),
    "moderator": Walker("solene.abgrall", everywhere("moderator"), READS_THEMES, pages=THEME_PAGES),
    "jury": Walker("awa.sarr", {1: "participant", 2: "participant", 3: "jury"}, TAKES_PART),
    "observer": Walker("paul-henri.dumas", everywhere("observer"), READS_THEMES, pages=THEME_PAGES),
    "participant": Walker("rose.ndiaye", everywhere("participant"), TAKES_PART | {"person.me", "notice.index"}),
    "visitor": Walker(None, everywhere("visitor"), READS | {"person.sign_in", "person.sign_up", "idea_draft.new"}),
    "administrator": Walker(
        "benedicte.arnoux",
        everywhere("participant"),
        MANAGES
        | TAKES_PART
        | {"team.index", "activity.index", "job.index", "message.index", "platform_role.index", "platform_role.grant"},
        is_admin=True,
        pages=(*MANAGER_PAGES, "/people", "/people/…", "/activity", "/jobs", "/messages"),
    ),
}


@cache
def routes() -> list[Route]:
    lines = re.findall(r"^\| `(/.*?)` \| (.*?) \| (\S+) \| (.*?) \|$", ACCESS.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    return [
        Route(
            address,
            frozenset(methods.split(", ")),
            endpoint,
            need,
            re.compile(re.sub(r"<[^>]+>", "[^/]+", address)),
        )
        for address, methods, endpoint, need in lines
    ]


@cache
def acts() -> dict[str, dict[str, bool]]:
    """By act, then by the role's column: may they?"""
    table = re.search(r"^\| act \|.*?\n\n", ACCESS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert table
    head, _rule, *rows = (
        [cell.strip() for cell in line.strip("| ").split("|")] for line in table[0].strip().splitlines()
    )
    return {row[0]: {role: cell == "yes" for role, cell in zip(head[1:], row[1:], strict=True)} for row in rows}


def may(walker: Walker, route: Route, address: str) -> bool:
    """What docs/access.md says of this person at this address."""
    if route.need in acts():
        number = re.match(r"/campaigns/(\d+)", address)
        role = walker.roles[int(number[1])] if number else "visitor"
        if route.need == "read themes" and number and number[1] == ANSWERED[-1]:
            return True  # its debrief is public
        return acts()[route.need][role] or (walker.is_admin and acts()[route.need]["administrator"])
    return {
        "everyone": True,
        "members": walker.email is not None,
        "administrators": walker.is_admin,
        "moderators of the space and administrators": walker.is_admin or walker.runs_first_space,
        "campaign authors and administrators": walker.is_admin or walker.starts_campaigns,
    }[route.need]


def route_of(address: str, method: str) -> Route | None:
    path = re.sub(r"[?#].*", "", address)
    fitting = [route for route in routes() if route.pattern.fullmatch(path) and method in route.methods]
    # `/ideas/new` fits `/ideas/<idea_id>` as well: the one with fewer gaps is meant.
    return min(fitting, key=lambda route: route.address.count("<"), default=None)


LAYOUT = """() => [Math.max(0, document.documentElement.scrollWidth - innerWidth),
  document.querySelectorAll('h1').length]"""
OFFERS = """() => {
  const local = url => { const to = new URL(url, location.href);
    return to.origin === location.origin ? to.pathname + to.search : null };
  const found = [];
  document.querySelectorAll('a[href]').forEach(link => found.push(['GET', local(link.getAttribute('href'))]));
  document.querySelectorAll('form').forEach(form =>
    found.push([form.method.toUpperCase(), local(form.getAttribute('action') || location.href)]));
  document.querySelectorAll('[formaction]').forEach(button =>
    found.push([(button.form || {method: 'get'}).method.toUpperCase(), local(button.formAction)]));
  document.querySelectorAll('[hx-get]').forEach(one => found.push(['GET', local(one.getAttribute('hx-get'))]));
  document.querySelectorAll('[hx-post]').forEach(one => found.push(['POST', local(one.getAttribute('hx-post'))]));
  return found.filter(one => one[1]);
}"""


def open_page(page: Page, path: str) -> None:
    """Open this page; `…` stands for a number that the list links to: of ideas the last, since other tests publish
    theirs before it, and not one of the participant, who supports and reacts to those of others.
    """
    if "…" in path:
        every, _, rest = path.partition("/…")
        if every not in CHOSEN:
            page.goto(every)
            links = page.locator(f"main a[href^='{every}/']").evaluate_all(
                "all => all.filter(a => !a.closest('.idea-card')?.textContent.includes('Rose Ndiaye'))"
                ".map(a => a.getAttribute('href'))"
            )
            found = [link for link in links if re.fullmatch(rf"{every}/\d+", link)]
            CHOSEN[every] = found[-1] if every.endswith("/ideas") else found[0]
        path = CHOSEN[every] + rest
    response = page.goto(path, wait_until="domcontentloaded")
    assert response is not None
    assert response.status == 200, f"{path}: {response.status}"


def walk(page: Page, paths: tuple[str, ...]) -> set[tuple[str, str]]:
    """Every method and address that these pages offer. They fit a desk and a phone, and have one heading."""
    offered: set[tuple[str, str]] = set()
    for path in paths:
        open_page(page, path)
        for size, scheme in ((DESK, "light"), (PHONE, "dark")):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            beyond, headings = page.evaluate(LAYOUT)
            assert (beyond, headings) == (0, 1), f"{page.url}: {beyond} pixels too wide, {headings} headings"
        offered |= {(method, address) for method, address in page.evaluate(OFFERS)}
    return offered


@pytest.fixture(scope="module")
def enter(browser: Browser, server: str) -> Callable[..., dict[str, Any]]:
    """The cookies of a person who is signed in: each person signs in once."""
    sessions: dict[str | None, Any] = {None: None}

    def cookies(email: str | None) -> Any:
        if email not in sessions:
            context = browser.new_context(base_url=server, locale="fr")
            page = context.new_page()
            page.goto("/sign-in")
            sign_in_here(page, str(email))
            sessions[email] = context.storage_state()
            context.close()
        return sessions[email]

    return cookies


@pytest.fixture
def arrive(visit: Visit, enter: Callable[..., Any]) -> Callable[..., Page]:
    """A window of a walker, who is signed in."""
    return lambda role, **options: visit(
        reduced_motion="reduce", storage_state=enter(WALKERS[role].email), **(DESK | options)
    )


def sign_in_here(page: Page, name: str) -> None:
    page.fill("[name=email]", f"{name}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page).not_to_have_url(re.compile("sign-in"))


def switch_language(page: Page, code: str) -> None:
    page.goto("/rules")
    page.locator(f".site-nav form[action='/language'] [value={code}]").evaluate("button => button.click()")
    expect(page.locator("html")).to_have_attribute("lang", code)


def of_other_test(walker: Walker, address: str) -> bool:
    """An address of a campaign that another test has started: an administrator sees all of them."""
    number = re.match(r"/campaigns/(\d+)", address)
    return number is not None and int(number[1]) not in walker.roles


# What the other roles are offered is read without a browser: tests/app/access. Their pages are walked below.
@pytest.mark.parametrize("role", ["owner", "participant", "visitor", "administrator"])
def test_a_role_is_offered_its_acts_and_no_others(arrive: Visit, role: str):
    walker = WALKERS[role]
    page = arrive(role)
    offered = walk(page, CAMPAIGN_PAGES + walker.pages)
    meant = {
        (method, address): route_of(address, method)
        for method, address in offered
        if not of_other_test(walker, address)
    }
    assert [f"{method} {address}" for (method, address), route in meant.items() if route is None] == []
    # A visitor is offered what any member may do, and led to sign in first.
    asked = [
        f"{method} {address}"
        for (method, address), route in meant.items()
        if route is not None
        and not may(walker, route, address)
        and not (walker.email is None and route.endpoint == "idea_draft.new")
    ]
    assert asked == []
    assert walker.offered - {route.endpoint for route in meant.values() if route is not None} == set()


def test_roles_meet_their_pages_in_english_too(arrive: Visit):
    for role in ("owner", "participant"):
        page = arrive(role)
        switch_language(page, "en")
        walk(page, (*CAMPAIGN_PAGES[1:4], *WALKERS[role].pages[:3]))
        switch_language(page, "fr")


def test_what_a_role_may_not_do_is_refused_on_a_page_that_leads_on(arrive: Visit):
    page = arrive("observer")
    for address, code in ((f"{OPEN}/ideas/new", 403), (f"{REVIEWED}/team", 403), ("/people", 403), ("/nothing", 404)):
        response = page.goto(address)
        assert response is not None
        assert response.status == code
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator(".error-page .button")).to_be_visible()
        expect(page.locator(".site-header .wordmark")).to_be_visible()


def test_an_owner_invites_to_a_role_and_withdraws_it(arrive: Visit):
    page = arrive("owner")
    page.goto(f"{REVIEWED}/team")
    page.fill("[name=email]", "zoe.lambert@example.org")
    page.check("[name=role][value=observer]")
    page.click("#submit")
    page.goto(f"{REVIEWED}/invitations")
    row = page.locator(".team-row", has_text="zoe.lambert@example.org")
    expect(row).to_be_visible()
    row.locator("form[action$='/revoke'] button").click()
    page.locator("dialog[open] button").last.click()
    expect(row.locator("form")).to_have_count(0)


def test_a_facilitator_renames_a_theme_and_takes_it_back(arrive: Visit):
    page = arrive("facilitator")
    open_page(page, f"{REVIEWED}/themes/…")
    before = page.locator("h1").inner_text()
    page.locator("form[action$='/rename'] [name=name]").evaluate("field => field.closest('details').open = true")
    page.fill("form[action$='/rename'] [name=name]", "Un nom de passage")
    page.locator("form[action$='/rename'] button[type=submit]").click()
    expect(page.locator("h1")).to_have_text("Un nom de passage")
    page.locator(".flashes form[action$='/undo'] button").first.click()
    expect(page.locator("h1")).to_have_text(before)


# What one follows is of one's own account, as one's emails are: it writes nothing into a campaign.
FOLLOWS = ":not([action^='/me/follows/'])"


@pytest.mark.parametrize("role", ["moderator", "observer"])
def test_who_only_reads_finds_no_form_that_writes(arrive: Visit, role: str):
    page = arrive(role)
    moderates = ":not([action$='/moderate'])" if role == "moderator" else ""
    for path in (f"{OPEN}/ideas/…", f"{REVIEWED}/themes", f"{REVIEWED}/themes/…", f"{REVIEWED}/debrief"):
        open_page(page, path)
        expect(page.locator(f"main form[method=post]{FOLLOWS}{moderates}")).to_have_count(0)


def test_a_juror_reads_the_themes_of_their_campaign_and_writes_nothing_in_it(arrive: Visit):
    page = arrive("jury")
    for path in (ANSWERED, f"{ANSWERED}/themes", f"{ANSWERED}/themes/…", f"{ANSWERED}/ideas/…", f"{ANSWERED}/debrief"):
        open_page(page, path)
        expect(page.locator(f"main form[method=post]{FOLLOWS}")).to_have_count(0)


def test_a_participant_supports_reacts_and_comments_and_takes_all_back(arrive: Visit):
    page = arrive("participant")
    page.goto(f"{OPEN}/ideas")
    page.locator("main article", has=page.locator("form[action$='/vote']")).first.locator("a").first.click()
    page.locator("form[action$='/vote'] button").click()
    expect(page.locator("form[action$='/vote/withdraw'] [aria-pressed=true]")).to_be_visible()
    page.locator("form[action$='/vote/withdraw'] button").click()
    expect(page.locator("form[action$='/vote'] [aria-pressed=false]")).to_be_visible()
    hope = page.locator("button[name=emotion][value=hope]")
    pressed = hope.get_attribute("aria-pressed")
    for expected in ("false" if pressed == "true" else "true", pressed):
        with page.expect_response(re.compile(r"/reaction")):  # shown at once, before the server has it
            hope.click()
        expect(hope).to_have_attribute("aria-pressed", str(expected))
    page.fill("#comments textarea", "Un commentaire de passage")
    page.click("#comment-submit")
    mine = page.locator(".comment", has_text="Un commentaire de passage")
    expect(mine).to_be_visible()
    mine.locator("button").click()
    page.locator("dialog[open] button").last.click()
    expect(mine).to_have_count(0)


def test_a_visitor_who_wants_to_write_signs_in_and_is_where_they_wanted_to_be(visit: Visit):
    page = visit("en", **PHONE)
    page.goto(OPEN)
    page.locator(".sticky-submit a").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    sign_in_here(page, "rose.ndiaye")
    expect(page).to_have_url(re.compile(f"{OPEN}/ideas/new$"))


def test_an_administrator_names_a_campaign_author_and_takes_it_back(arrive: Visit):
    page = arrive("administrator")
    page.goto("/people?containing=zoe.lambert")
    page.locator("main table a").first.click()
    for act in ("grant", "revoke"):
        form = page.locator(f"form[action$='/campaign_author/{act}']")
        form.locator("[name$=reason]").fill("Pour voir ce que voit cette personne")
        form.locator("button[type=submit]").click()
        expect(page.locator(".flash--success")).to_be_visible()
    expect(page.locator("form[action$='/campaign_author/grant']")).to_be_visible()
