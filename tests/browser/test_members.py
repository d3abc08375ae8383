"""What members are given and give: pioneers, buddies, levels, support that is limited, ideas without a name or for
another. On a phone in French, on a desk in English; and a whole visit by keys alone.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import press

pytestmark = [pytest.mark.browser, pytest.mark.model]

Enter = Callable[..., Page]
PHONE = {"width": 360, "height": 740}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def test_a_pioneer_accepts_a_newcomer_is_welcomed_a_volunteer_is_invited_and_flags_are_judged(enter: Enter):
    sandrine = enter("sandrine.maillot", **PHONE)
    sandrine.goto("/campaigns")
    expect(sandrine.locator("main a[href='/campaigns/7']")).to_have_count(0)
    sandrine.goto("/me/pioneer")
    assert sandrine.evaluate(FITS)
    sandrine.locator("form:has([name=answer][value=yes]) button").click()
    expect(sandrine.locator(".flash--success")).to_be_visible()
    sandrine.goto("/campaigns")  # their campaign is open to them before others
    expect(sandrine.locator("main a[href='/campaigns/7']").first).to_be_visible()

    leila, ellen = enter("leila.mansouri", **PHONE), enter("ellen.marsh", "en")
    leila.goto("/me/welcome")
    leila.locator("main a", has_text="Ellen Marsh").first.click()
    leila.fill("#comments textarea", "Bienvenue à Valmont ! Où est ce carrefour ?")
    leila.click("#comment-submit")
    expect(leila.locator(".comment", has_text="Bienvenue")).to_be_visible()
    assert leila.evaluate(FITS)
    ellen.goto("/campaigns/1/ideas/130")
    expect(ellen.locator("main")).to_contain_text("Leïla Mansouri welcomes you here")
    expect(ellen.locator(".comment", has_text="Bienvenue")).to_be_visible()

    etienne = enter("etienne.vallier")
    etienne.goto("/campaigns/1/team")
    volunteers = etienne.locator("section[aria-labelledby=volunteers] li", has_text="Driss Amara")
    volunteers.locator("button").click()
    expect(etienne.locator(".flash--success")).to_be_visible()
    expect(volunteers).to_have_count(0)

    solene = enter("solene.abgrall", "en")
    solene.goto("/campaigns/1/moderation/support")
    expect(solene.locator("main")).not_to_contain_text("Théo Vannier")
    solene.fill("[name=reason]", "Five new accounts within six minutes.")
    press(solene, "/moderation/support")
    solene.locator("main details summary").first.click()
    expect(solene.locator("main")).to_contain_text("Théo Vannier")


def test_ideas_come_without_a_name_and_for_another_who_claims_theirs_and_support_is_limited(
    enter: Enter, link_in_mail: Callable[[str, str], str]
):
    rose = enter("rose.ndiaye", **PHONE)
    rose.goto("/campaigns/1/ideas/new")
    rose.fill("[name=body]", "Un éclairage rue des Lavoirs, où je rentre seule.")
    rose.check("[name=is_anonymous]")
    rose.click("#submit")
    rose.wait_for_url(re.compile(r"/ideas/\d+$"))
    grace = enter("grace.okafor", "en")
    grace.goto(rose.url)
    expect(grace.locator("main")).to_contain_text("rue des Lavoirs")
    expect(grace.locator("main")).not_to_contain_text("Rose Ndiaye")

    etienne = enter("etienne.vallier")
    etienne.goto("/campaigns/1/ideas/for-another")
    etienne.fill("[name=name]", "Grace O.")
    etienne.fill("[name=email]", "grace.okafor@example.org")
    etienne.check("[name=with_agreed]")
    etienne.fill("[name=body]", "A drinking fountain beside the playground.")
    etienne.locator("form[action$='/for-another'] .actions button[type=submit]").first.click()
    expect(etienne.locator(".flash--success")).to_contain_text("Grace O.")
    press(etienne, "/import/authors")
    expect(etienne.locator(".flash--success").first).to_be_visible()
    grace.goto(link_in_mail("grace.okafor@example.org", "/invitations/"))
    grace.locator("main form button[type=submit]").first.click()
    grace.goto("/me")
    expect(grace.locator("main")).to_contain_text("A drinking fountain beside the playground.")

    # Three ideas each in the campaign of the board, and one more at this level.
    fatou = enter("fatou.diallo", **PHONE)
    supports = "form[action$='/vote'] button"
    fatou.goto("/campaigns/5/ideas")
    for _number in range(6):
        left = fatou.locator(supports)
        if left.count() == 0:
            break
        left.first.click()
        fatou.wait_for_load_state("networkidle")
        fatou.goto("/campaigns/5/ideas")
    given = fatou.locator("form[action$='/vote/withdraw']").count()
    assert given in {3, 4}
    fatou.goto("/campaigns/6")
    expect(fatou.locator("main")).to_contain_text("Soutiens")
    assert fatou.evaluate(FITS)


def test_an_idea_is_written_sent_and_another_supported_by_keys_alone(enter: Enter):
    page = enter("mai.pham", "en")
    page.goto("/campaigns/1")

    def go_to(selector: str) -> None:
        for _number in range(80):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"no way to {selector} by Tab")

    go_to("main a[href$='/ideas/new']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/ideas/new$"))
    go_to("#body")
    page.keyboard.type("A ramp beside the steps of the station.")
    go_to("#submit")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/ideas/\d+$"))
    expect(page.locator(".idea-body")).to_have_text("A ramp beside the steps of the station.")
    page.goto("/campaigns/1/ideas/104")
    go_to("form[action$='/vote'] button")
    page.keyboard.press("Enter")
    expect(page.locator("form[action$='/vote/withdraw'] [aria-pressed=true]")).to_be_focused()
