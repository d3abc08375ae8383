"""With a keyboard, at 400 %, with other spacing and colours, read aloud, and without scripts."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

OPEN, REVIEWED, ANSWERED = (f"/campaigns/{number}" for number in (1, 2, 3))
Enter = Callable[..., Page]
# Success criterion 1.4.12: nothing may be lost with this spacing.
SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""


@pytest.fixture
def sophie(enter: Enter) -> Page:
    """The owner of what is reviewed."""
    return enter("sophie.lacombe")


def open_first_theme(page: Page, more: str = "") -> None:
    page.goto(f"{REVIEWED}/themes")
    page.locator(".theme-card__name a").first.click()
    page.wait_for_url(re.compile(r"/themes/\d+$"))
    if more:
        page.goto(page.url + more)


def names(found: Locator) -> list[str]:
    """The words that each of these elements is called by, as a screen reader has them."""
    return found.evaluate_all("""all => all.filter((one) => one.checkVisibility())
        .map((one) => one.innerText.replace(/\\s+/g, ' ').trim() || one.ariaLabel)""")


def is_covered(page: Page) -> bool:
    """Whether what sticks to the window hides what has the focus."""
    return bool(
        page.evaluate("""() => {
            const focused = document.activeElement;
            if (focused.closest('.toolbar, .sticky-submit')) return false;
            const box = focused.getBoundingClientRect();
            return [...document.querySelectorAll('.toolbar, .sticky-submit')].some((bar) => {
                if (bar.hidden || getComputedStyle(bar).position !== 'sticky') return false;
                const over = bar.getBoundingClientRect();
                return box.bottom > over.top + 1 && box.top >= over.top - 1 && box.top < over.bottom;
            });
        }""")
    )


# Enter, and what is selected


def test_enter_in_the_name_of_a_new_theme_splits_and_moves_nothing(sophie: Page):
    open_first_theme(sophie)
    boxes = sophie.locator("input[data-choose]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    sophie.locator(".choose__more summary").first.click()
    sophie.fill("#new-name", "Par la touche Entrée")
    sophie.press("#new-name", "Enter")
    expect(sophie.locator("#flashes")).to_contain_text("Par la touche Entrée")
    sophie.locator("#flashes button").first.click()  # undo
    expect(sophie.locator("#flashes")).to_be_visible()


def test_what_is_selected_is_said_and_its_actions_are_one_stop_away(sophie: Page):
    open_first_theme(sophie)
    box = sophie.locator("input[data-choose]").first
    box.focus()
    sophie.keyboard.press("Space")
    expect(sophie.locator("#status")).to_contain_text("1")
    sophie.keyboard.press("Tab")
    expect(sophie.locator(".to-actions")).to_be_focused()
    sophie.keyboard.press("Enter")
    expect(sophie.locator("#to")).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (360, 640)])
def test_the_bar_of_what_is_selected_covers_no_focus(sophie: Page, width: int, height: int):
    sophie.set_viewport_size({"width": width, "height": height})
    open_first_theme(sophie)
    sophie.locator("input[data-choose]").first.check()
    covered = []
    for _ in range(60):
        sophie.keyboard.press("Tab")
        if is_covered(sophie):
            covered.append(sophie.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert covered == []


@pytest.mark.parametrize("path", ["/ideas/new", "/themes"])
def test_at_400_percent_nothing_sticks_over_the_page(enter: Enter, path: str):
    page = enter("etienne.vallier" if path == "/themes" else "rose.ndiaye")
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(OPEN + path)
    page.evaluate("document.querySelectorAll('[data-toolbar]').forEach((bar) => (bar.hidden = false))")
    sticking = page.evaluate("""() => [...document.querySelectorAll('body *')]
        .filter((one) => ['sticky', 'fixed'].includes(getComputedStyle(one).position) && one.offsetHeight > 40)
        .map((one) => one.className)""")
    assert sticking == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_last_line_that_is_typed_stays_above_the_bar(enter: Enter):
    rose = enter("rose.ndiaye")
    rose.set_viewport_size({"width": 360, "height": 640})
    rose.goto(f"{OPEN}/ideas/new")
    rose.locator("#body").focus()
    for number in range(25):
        rose.keyboard.type(f"Ligne {number}\n")
    rose.keyboard.type("La dernière")
    area, bar = rose.locator("#body").bounding_box(), rose.locator(".sticky-submit").bounding_box()
    assert area is not None
    assert bar is not None
    assert area["y"] + area["height"] <= bar["y"] + 1


# The focus, and what is said


def test_the_skip_link_leaves_nothing_in_the_address_and_errors_take_the_focus(enter: Enter):
    rose = enter("rose.ndiaye")
    rose.goto(f"{OPEN}/ideas/new")
    rose.keyboard.press("Tab")
    expect(rose.locator(".skip")).to_be_focused()
    rose.keyboard.press("Enter")
    expect(rose.locator("#main")).to_be_focused()
    assert "#" not in rose.url
    rose.click("#submit")
    expect(rose.locator(".error-summary")).to_be_focused()


def test_what_was_done_takes_the_focus_after_a_redirect(enter: Enter):
    rose = enter("rose.ndiaye")
    rose.goto("/me/profile")
    rose.locator("main form [type=submit]").first.click()
    expect(rose.locator("#flashes")).to_be_focused()


def test_the_owners_forms_have_a_summary_that_leads_to_the_field_and_its_error(sophie: Page):
    open_first_theme(sophie)
    sophie.locator("input[data-choose]").first.check()
    sophie.locator("#choose .button--primary").click()
    expect(sophie.locator(".error-summary")).to_be_focused()
    expect(sophie.locator("#to")).to_have_attribute("aria-invalid", "true")
    error = str(sophie.locator("#to").get_attribute("aria-describedby"))
    expect(sophie.locator(f"#{error}")).to_be_visible()
    sophie.locator(".error-summary a").first.click()
    expect(sophie.locator("#to")).to_be_focused()
    sophie.locator(".choose__more summary").first.click()
    sophie.locator("#choose button[formaction$='/split']").click()
    expect(sophie.locator("#new-name")).to_have_attribute("aria-invalid", "true")
    sophie.locator(".error-summary a").first.click()
    expect(sophie.locator("#new-name")).to_be_focused()


def test_a_merge_without_a_theme_shows_its_error_beside_the_list(sophie: Page):
    open_first_theme(sophie)
    sophie.locator("summary", has=sophie.locator("text=Fusionner")).click()
    sophie.locator("form#merge [type=submit]").click()
    expect(sophie.locator(".error-summary")).to_be_focused()
    expect(sophie.locator("#other")).to_have_attribute("aria-describedby", re.compile("other-error"))
    sophie.locator(".error-summary a").first.click()
    expect(sophie.locator("#other input").first).to_be_focused()


def test_a_preview_that_was_asked_for_is_said(enter: Enter):
    nadege = enter("nadege.kouassi")
    nadege.goto(f"{ANSWERED}/debrief/write")
    nadege.locator("button[formaction*='/preview']").click()
    expect(nadege.locator("#status")).not_to_be_empty()


@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("rose.ndiaye", f"{OPEN}/ideas"),
        ("sophie.lacombe", f"{REVIEWED}/themes"),
        ("sophie.lacombe", f"{REVIEWED}/themes/…"),
    ],
)
def test_no_two_buttons_or_links_that_do_different_things_have_one_name(enter: Enter, person: str, path: str):
    page = enter(person)
    if path.endswith("…"):
        open_first_theme(page)
    else:
        page.goto(path)
    pressed = names(page.locator("main :is(.idea-card, .theme-card) :is(button, summary, .actions a)"))
    menus = names(page.locator("main .menu__panel button"))  # a menu is named after its idea
    repeated = Counter(pressed) - Counter(menus)
    assert {name: count for name, count in repeated.items() if count > 1} == {}


def test_what_people_wrote_says_its_language(enter: Enter):
    rose = enter("rose.ndiaye")
    for lang in ("fr", "en"):
        rose.goto(f"{OPEN}/ideas?lang={lang}")
        spoken = rose.locator("main .idea-card [lang]").evaluate_all("all => all.map(one => one.lang)")
        assert set(spoken) == {lang}
    rose.locator("main .idea-card .card__link").first.click()
    expect(rose.locator("main .idea-body")).to_have_attribute("lang", "en")


def test_every_page_of_a_campaign_has_its_name_in_the_title(sophie: Page):
    sophie.goto(REVIEWED)
    campaign = sophie.title().removesuffix(" · Convergence")
    for path in (
        "/ideas",
        "/themes",
        "/themes/history",
        "/themes/leftover/outlier",
        "/team",
        "/edit",
        "/debrief/write",
    ):
        sophie.goto(REVIEWED + path)
        assert campaign in sophie.title(), path


# The map


def test_the_map_can_be_passed_over_and_has_a_table(sophie: Page):
    sophie.goto(f"{REVIEWED}/themes")
    skip = sophie.locator("a.skip-map")
    skip.focus()
    sophie.keyboard.press("Enter")
    sophie.keyboard.press("Tab")
    expect(sophie.locator(".map__table summary")).to_be_focused()
    sophie.locator(".map__table summary").click()
    themes = sophie.locator(".theme-card").count()
    expect(sophie.locator(".map__table tbody tr")).to_have_count(themes)


# Colours and spacing


@pytest.mark.parametrize(
    ("person", "paths"),
    [
        ("sophie.lacombe", [f"{REVIEWED}/{page}" for page in ("themes", "themes/…", "themes/history", "edit")]),
        ("rose.ndiaye", ["/me", OPEN, f"{OPEN}/ideas", f"{OPEN}/ideas/new"]),
        ("etienne.vallier", [f"{OPEN}/team", f"{OPEN}/import", f"{OPEN}/themes"]),
        ("nadege.kouassi", [f"{ANSWERED}/debrief", f"{ANSWERED}/debrief/write", f"{ANSWERED}/themes"]),
        ("benedicte.arnoux", ["/people", "/messages", "/activity"]),
    ],
)  # fmt: skip
def test_text_spacing_makes_no_page_scroll_sideways(enter: Enter, person: str, paths: list[str]):
    page = enter(person, bypass_csp=True)
    page.set_viewport_size({"width": 320, "height": 640})
    found = {}
    for path in paths:
        if path.endswith("…"):
            open_first_theme(page)
        else:
            page.goto(path)
        page.add_style_tag(content=SPACING)
        page.wait_for_timeout(100)
        wide = page.evaluate("""() => [...document.querySelectorAll('body *')]
            .filter((one) => one.getBoundingClientRect().right > 321 && !one.closest('pre, .tabs, .table-scroll'))
            .map((one) => one.tagName + '.' + one.className).slice(0, 6)""")
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            found[path] = wide
    assert found == {}


def test_a_quotation_that_is_cut_can_be_read_on(sophie: Page):
    sophie.set_viewport_size({"width": 320, "height": 640})
    sophie.goto(f"{REVIEWED}/themes")
    more = sophie.locator(".verbatim .more").first
    quotation = more.locator("xpath=preceding-sibling::p")
    text = quotation.element_handle()
    assert text is not None
    more.focus()
    sophie.keyboard.press("Enter")
    assert text.evaluate("one => one.scrollHeight <= one.clientHeight + 2")
    assert sophie.evaluate("document.activeElement.closest('.verbatim') !== null")


def test_forced_colours_show_what_is_pressed_and_leave_no_ground_of_ours(enter: Enter):
    rose = enter("rose.ndiaye", forced_colors="active")
    rose.goto(f"{OPEN}/ideas")
    colours = "one => getComputedStyle(one).backgroundColor"
    free = rose.locator("[id^=support-][aria-pressed=false]").first
    name = str(free.get_attribute("id"))
    before = free.evaluate(colours)
    free.click()
    expect(rose.locator(f"#{name}")).to_have_attribute("aria-pressed", "true")
    expect(rose.locator("#status")).not_to_be_empty()  # the answer is there
    assert rose.locator(f"#{name}").evaluate(colours) != before
    rose.locator(f"#{name}").click()
    expect(rose.locator(f"#{name}")).to_have_attribute("aria-pressed", "false")
    rose.goto(f"{ANSWERED}/themes")
    paper = rose.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert rose.locator(".map__sea").evaluate(colours) == paper


def test_marks_and_islands_stand_out_from_their_ground(sophie: Page):
    sophie.goto(f"{REVIEWED}/themes")
    contrast: dict[str, Any] = sophie.evaluate("""() => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
        const light = (colour) => {
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((one) => one / 255)
                .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ratio = (a, b) => {
            const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
            return (high + 0.05) / (low + 0.05);
        };
        const style = (one, name) => getComputedStyle(document.querySelector(one))[name];
        const probe = document.body.appendChild(document.createElement('span'));
        probe.style.color = 'var(--spark)';
        const spark = getComputedStyle(probe).color;
        return {
            spark: ratio(spark, style('html', 'backgroundColor')),
            islands: Math.min(...[...document.querySelectorAll('.island__reach')]
                .map((one) => ratio(getComputedStyle(one).stroke, style('.map__sea', 'backgroundColor')))),
        };
    }""")
    assert contrast["spark"] >= 3
    assert contrast["islands"] >= 3


# The accessibility tree


def test_votes_are_no_landmarks(enter: Enter):
    rose = enter("rose.ndiaye")
    rose.goto(f"{OPEN}/ideas")
    assert "- form" not in rose.locator("main").aria_snapshot()


# Without scripts


def test_without_scripts_a_comment_is_withdrawn_only_after_a_question_and_no_button_is_dead(enter: Enter):
    enter("rose.ndiaye")
    rose = enter("rose.ndiaye", java_script_enabled=False)
    rose.goto(f"{OPEN}/ideas")
    rose.locator(".idea-card .card__link").first.click()
    rose.fill("#comments #body", "Sans script.")
    rose.click("#comment-submit")
    mine = rose.locator(".comment", has_text="Sans script.")
    withdraw = mine.locator("form[action$='/withdraw'] button")
    withdraw.click()
    expect(mine).to_be_visible()  # the question is not answered yet
    mine.locator("[name=sure]").check()
    withdraw.click()
    expect(mine).to_have_count(0)
    for button in rose.locator("button[type=button]").all():
        expect(button).to_be_hidden()
