"""A word of thousands of characters, and hundreds of marks on one letter, widen no page of a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.mail.style import styles_with
from ideas.text import clean

pytestmark = [pytest.mark.browser, pytest.mark.model]

Enter = Callable[..., Page]
OPEN, REVIEWED, ANSWERED = "/campaigns/1", "/campaigns/2", "/campaigns/3"
WORD = "mangelwurzel" * 416 + "marigold"  # 5,000 characters, and no space
MARKS = "ก" + "\u0e49" * 900
# Four marks of a run are kept: hundreds can't be broken by any style sheet.
KEPT_MARKS = clean(MARKS) * 900
PHONE = {"width": 360, "height": 740}
# What is wider than the screen, with its class and how it begins.
BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 20)}`).slice(0, 12)"""
# Put this in place of each text that a person wrote. The tag of such an element says its direction.
WRITE = """word => {
  const texts = [...document.querySelectorAll('main [dir=auto]')].filter(e => !e.matches('textarea, input'));
  for (const one of texts) one.textContent = word;
  return texts.length;
}"""


@pytest.fixture
def rose(enter: Enter) -> Page:
    return enter("rose.ndiaye", **PHONE)


def send(page: Page, address: str, **fields: str) -> None:
    page.goto(address)
    for name, value in fields.items():
        page.fill(f"#{name}", value)


def check(page: Page, address: str) -> None:
    page.goto(address)
    assert page.evaluate(BEYOND) == [], address


def test_an_idea_and_a_comment_without_a_space_widen_no_page(rose: Page, enter: Enter):
    text = WORD
    send(rose, f"{OPEN}/ideas/new", title=text[:120], body=text)
    rose.click("#submit")
    rose.wait_for_url(re.compile(r"/ideas/\d+$"))
    idea = rose.url
    zoe = enter("zoe.lambert", **PHONE)
    send(zoe, idea, body=text[:2000])
    zoe.click("#comment-submit")
    expect(zoe.locator(".comment")).to_have_count(1)
    check(zoe, idea)
    containing = f"containing={text[:60]}"
    for address in (
        idea,
        f"{OPEN}/ideas",
        OPEN,
        "/me",
        f"{OPEN}/ideas?{containing}",
        f"/search?{containing}",
        f"{idea}/edit",
    ):
        check(rose, address)
    for _ in range(30):  # the worker tells Rose of the comment
        rose.goto("/me/notices")
        if rose.get_by_text(text[:20]).count():
            break
        rose.wait_for_timeout(500)
    check(rose, "/me/notices")


@pytest.mark.parametrize(
    ("person", "address"),
    [
        ("rose.ndiaye", "/"),
        ("rose.ndiaye", "/campaigns"),
        ("rose.ndiaye", "/me"),
        ("rose.ndiaye", "/me/notices"),
        ("rose.ndiaye", f"{OPEN}/ideas"),
        ("rose.ndiaye", f"{ANSWERED}/debrief"),
        ("rose.ndiaye", f"{ANSWERED}/themes"),
        ("rose.ndiaye", "/search?containing=bus"),
        ("sophie.lacombe", f"{REVIEWED}/themes"),
        ("sophie.lacombe", f"{REVIEWED}/themes/…"),
        ("sophie.lacombe", f"{REVIEWED}/themes/history"),
        ("sophie.lacombe", f"{REVIEWED}/team"),
    ],
)
def test_whatever_people_write_widens_no_page(enter: Enter, person: str, address: str):
    page = enter(person, **PHONE)
    if address.endswith("…"):
        page.goto(address.removesuffix("/…"))
        page.wait_for_selector("main h1")
        links = page.locator('main a[href*="/themes/"]').evaluate_all("links => links.map(a => a.getAttribute('href'))")
        page.goto(next(link for link in links if re.search(r"/themes/\d+$", link)))
    else:
        assert page.goto(address).status == 200
    for text in (WORD, KEPT_MARKS):
        page.evaluate(WRITE, text)
        assert page.evaluate(BEYOND) == [], page.url


@pytest.mark.parametrize("text", [WORD, KEPT_MARKS], ids=["one word", "marks"])
def test_a_mail_is_no_wider_than_the_phone(visit: Callable[..., Page], text: str):
    page, style = visit(**PHONE), styles_with(None)
    lines = [f"<p{style[name]}>{text}</p>" for name in ("text", "quote", "fact", "footer", "heading")]
    lines += [f"<ul{style['list']}><li>{text}</li></ul>", f"<a{style['button']}>{text}</a>"]
    page.set_content(f"<body{style['body']}><div{style['page']}>{''.join(lines)}</div></body>")
    assert page.evaluate(BEYOND) == []
