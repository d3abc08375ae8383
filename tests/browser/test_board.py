"""An advisory board of twelve: founded, filled, with an observer and somebody who waits, and a campaign of its own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

Enter = Callable[..., Page]
PHONE = {"width": 360, "height": 740}
MEMBERS = (
    "claire.morel", "yann.le-goff", "fatou.diallo", "marc.roussel", "nathalie.perrin", "helene.vasseur", "samir.bouzid",
    "emily.carter", "thomas.klingler", "aminata.traore", "rachid.el-amrani", "linh.tran",
)  # fmt: skip
OBSERVES, OUTSIDE = "paul-henri.dumas", "rose.ndiaye"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def speak(page: Page, locale: str) -> None:
    page.goto("/me/profile")
    page.check(f"input[name=locale][value={locale}]")
    page.click("#submit")
    expect(page.locator("html")).to_have_attribute("lang", locale)


def add(page: Page, person: str, role: str) -> None:
    page.fill("[name=email]", f"{person}@example.org")
    page.check(f"section:has(#add) [name=role][value={role}]")
    page.click("#submit")
    expect(page.locator("#flashes")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "options", "waits"),
    [("fr", {}, "david.azoulay"), ("en", {"java_script_enabled": False, **PHONE}, "oliver.hughes")],
    ids=["French, desktop", "English, phone, without JavaScript"],
)
def test_a_board_of_twelve_from_its_creation_to_a_free_seat(
    enter: Enter, link_in_mail: Callable[[str, str], str], locale: str, options: dict, waits: str
):
    sophie = enter("sophie.lacombe", **options)
    speak(sophie, locale)
    name = f"Board {locale}"
    _found(sophie, name)
    for person in MEMBERS:
        add(sophie, person, "member")
    add(sophie, OBSERVES, "observer")
    space = sophie.url
    invited = enter(waits, **options)
    invited.goto(_invitation_to(sophie, waits, link_in_mail))
    assert invited.evaluate(FITS)
    invited.locator("main form button[type=submit]").click()
    expect(invited).to_have_url(space)
    sophie.goto(space)
    assert sophie.locator("section:has(> #members) > ul > li").count() == 14
    expect(sophie.locator("section:has(> #waiting) > ol > li")).to_have_count(1)
    assert sophie.evaluate(FITS)
    campaign = _open_a_campaign_to(sophie, name)

    expect(invited.locator("section:has(> #members) li")).to_have_count(0)
    assert invited.goto(campaign).status == 404

    rose = enter(OUTSIDE, **options)
    assert rose.goto(space).status == 404
    assert rose.goto(campaign).status == 404

    observer = enter(OBSERVES, **options)
    assert observer.goto(campaign).status == 200
    expect(observer.locator("a[href$='/ideas/new']")).to_have_count(0)

    sophie.goto(space)
    row = sophie.locator("section:has(> #members) li", has_text="Yann Le Goff")
    row.locator("summary").click()
    row.locator("[name=reason]").fill("A quitté la région")
    row.locator("form[action$='/remove'] button").click()
    expect(sophie.locator("section:has(> #waiting)")).to_have_count(0)
    assert invited.goto(campaign).status == 200, "whoever waited has the seat"
    speak(sophie, "fr")


def _invitation_to(page: Page, person: str, link_in_mail: Callable[[str, str], str]) -> str:
    """Invite somebody to the space of this page by mail. Returns the address in it."""
    page.locator("a[href$='/invitations']").first.click()
    page.wait_for_url("**/invitations")
    assert page.evaluate(FITS)
    page.fill("[name=addresses]", f"{person}@example.org")
    page.locator("form[enctype] button[type=submit]").last.click()
    expect(page.locator(".team-row", has_text=person)).to_be_visible()
    return link_in_mail(f"{person}@example.org", "/invitations/")


def _found(page: Page, name: str) -> None:
    page.goto("/spaces/new")
    page.fill("[name=name]", name)
    page.check("[name=kind][value=board]")
    page.check("[name=entry][value=private]")
    page.fill("[name=seats]", "9")
    page.locator("main .sticky-submit button[type=submit]").click()
    expect(page.locator(".error-summary")).to_contain_text("10")
    page.fill("[name=seats]", "12")
    page.locator("main .sticky-submit button[type=submit]").click()
    expect(page.locator("h1")).to_have_text(name)


def _open_a_campaign_to(page: Page, name: str) -> str:
    """Open the demo's campaign for members to this space alone. Returns its address."""
    page.goto("/campaigns")
    campaign = page.locator("a", has_text="Une rencontre près de chez vous").first.get_attribute("href")
    assert campaign is not None
    page.goto(f"{campaign}/audience")
    page.check("[name=audience_0][value=spaces]")
    for box in page.locator("[name=spaces_0]:checked").all():
        box.uncheck()
    page.locator("#spaces_0 label", has_text=name).locator("input").check()
    page.fill("[name=change_reason]", "Le comité d’abord")
    assert page.evaluate(FITS)
    page.locator(".sticky-submit button[type=submit]").click()
    expect(page.locator("#spaces_0 label", has_text=name).locator("input")).to_be_checked()
    return campaign
