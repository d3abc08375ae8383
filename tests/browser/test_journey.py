"""From a brief to a published debrief, as the people of a campaign see it, in both languages."""

import io
import re
from datetime import datetime, timedelta
from itertools import product
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from ideas.campaigns.campaign import GateItem
from tests.browser.test_pages import faults

pytestmark = [pytest.mark.browser, pytest.mark.model]

PASSWORD = "une longue phrase à retenir"
ZONE = ZoneInfo("Europe/Paris")
# What the page says in each language where the words matter.
WORDS = {
    "fr": {
        "closed": "enregistré en brouillon",
        "planned": "Prévu",
        "rules": "Acceptez les règles",
        "empty": "vide",
    },
    "en": {"closed": "saved as a draft", "planned": "Planned", "rules": "Accept the rules", "empty": "empty"},
}
SUBJECTS = [
    (["Des pistes cyclables", "Une voie pour les vélos", "Plus de vélos et de pistes"],
     ["le long du fleuve", "vers le collège", "jusqu’à la gare", "sur le boulevard", "bien séparées des voitures"]),
    (["Un bus de nuit", "Des bus plus fréquents", "Un bus toutes les dix minutes"],
     ["le samedi soir", "vers l’hôpital", "pendant les vacances", "pour les villages", "le dimanche matin"]),
    (["Planter des arbres", "De l’ombre et des arbres", "Des bancs sous les arbres"],
     ["sur la place", "dans la cour des écoles", "au cimetière", "devant la mairie", "le long des quais"]),
]  # fmt: skip


def csv_file() -> bytes:
    """Forty-five ideas as a spreadsheet program exports them in France, with one row that has no text."""
    rows = ["Numéro;Contribution;Auteur"]
    for subject, (openings, endings) in enumerate(SUBJECTS):
        for place, (opening, ending) in enumerate(product(openings, endings)):
            rows.append(f"{subject}-{place};{opening} {ending};Camille {subject}{place}")
    rows.insert(20, "vide;;Personne")
    return "\r\n".join(rows).encode("cp1252")


def portrait() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 500), "#c0a080").save(file, "PNG")
    return file.getvalue()


def local(**distance: float) -> str:
    return (datetime.now(ZONE) + timedelta(**distance)).strftime("%Y-%m-%dT%H:%M")


def sign_up(page: Page, link_in_mail, name: str, locale: str) -> None:
    """Sign up, which needs the rules to be accepted, sign in, and confirm the address by the link of the mail."""
    address = f"{name.lower()}.{locale}@example.org"
    page.goto("/sign-up")
    fill_all(page, name=name, email=address, password=PASSWORD)
    submit(page)
    expect(page.locator("main")).to_contain_text(WORDS[locale]["rules"])
    page.fill("[name=password]", PASSWORD)
    page.check("[name=rules]")
    submit(page)
    expect(page).to_have_url(re.compile("/verify"))
    page.locator("main a[href^='/sign-in']").first.click()
    fill_all(page, email=address, password=PASSWORD)
    submit(page)
    page.goto(link_in_mail(address, "/verify/"))
    submit(page)
    expect(page.locator(".flash--success")).to_be_visible()


def mark(page: Page) -> None:
    """Mark this page, so that the next one can be told from it."""
    page.evaluate("document.documentElement.dataset.before = 'yes'")


def await_next(page: Page) -> None:
    expect(page.locator("html[data-before]")).to_have_count(0)
    page.wait_for_load_state()


def submit(page: Page) -> None:
    """Send the form of the page, and wait for the answer: a script may send it while the page stays."""
    mark(page)
    with page.expect_response(lambda response: response.request.method == "POST") as answered:
        page.locator("main form[method=post] .sticky-submit button, main form.form button[type=submit]").first.click()
    if answered.value.status < 400:  # the next page comes
        await_next(page)


def press(page: Page, path: str) -> None:
    """Press the button of the form that posts to an address ending so."""
    page.locator(f"main form[action$='{path}'] button").first.click()


def fill_all(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"[name={name}]", value)


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_from_a_brief_to_a_published_debrief(visit, link_in_mail, locale):
    words = WORDS[locale]
    owner, maya, noe = visit(locale), visit(locale, width=360, height=740), visit(locale)
    sign_up(owner, link_in_mail, "Olive", locale)
    name_campaign_author(visit, "olive", locale)
    campaign = write_and_launch(owner, locale)
    take_part(maya, noe, link_in_mail, campaign, locale)
    import_ideas(owner, campaign)

    # A text that is being written when the campaign closes is kept, and its author is informed.
    noe.goto(f"{campaign}/ideas/new")
    with noe.expect_response(re.compile("/ideas/save")):  # what is typed is kept before the owner closes
        noe.fill("[name=body]", "Une passerelle au-dessus du fleuve, écrite une minute trop tard")
    owner.goto(campaign)
    owner.locator("details:has(form[action$='/close']) > summary").click()
    owner.fill("form[action$='/close'] [name=reason]", "Assez d’idées.")
    press(owner, "/close")
    owner.locator("dialog[open] button").last.click()
    expect(owner).to_have_url(re.compile("/themes$"))
    noe.click("#submit")
    expect(noe.locator("body")).to_contain_text(words["closed"])
    noe.goto("/me")
    expect(noe.locator("main")).to_contain_text("écrite une minute trop tard")

    # The page shows the themes by itself when the work is done.
    cards = owner.locator(".theme-card")
    expect(cards.first).to_be_visible(timeout=60_000)
    assert cards.count() >= 3
    reshape(owner, campaign)
    take_in_part(owner, campaign)
    answer(owner, campaign)
    publish(owner, campaign)
    receive_the_debrief(visit, link_in_mail, maya, campaign, locale)


def name_campaign_author(visit, name: str, locale: str) -> None:
    """An administrator finds the member, and lets them start campaigns."""
    admin = visit(locale)
    sign_in_as_admin(admin)
    admin.goto(f"/people?containing={name}.{locale}@example.org")
    admin.locator("main table a").first.click()
    admin.fill("[name=campaign_author-reason]", "For the test of the whole journey")
    admin.click("#submit-campaign_author")
    expect(admin.locator("main")).to_contain_text("For the test of the whole journey")


def sign_in_as_admin(admin: Page) -> None:
    admin.goto("/sign-in")
    fill_all(admin, email="benedicte.arnoux@example.org", password="convergence")
    submit(admin)


def write_and_launch(owner: Page, locale: str) -> str:
    owner.goto("/campaigns/new")
    owner.fill("[name=title]", f"Une ville à vivre ({locale})")
    submit(owner)
    owner.wait_for_url(re.compile(r"/campaigns/\d+"))
    campaign = re.match(r".*/campaigns/\d+", owner.url)[0]
    owner.goto(f"{campaign}/launch")
    assert owner.locator(".gate__item--missing").count() == len(GateItem) - 1  # it has no phases
    expect(owner.locator("form[action$='/launch/announce']")).to_have_count(0)

    # A closing before the opening is refused beside the field, and nothing typed is lost.
    owner.goto(f"{campaign}/edit")
    fill_all(
        owner,
        challenge="Qu’est-ce qui rendrait la ville plus douce ?",
        opens_at=local(days=1),
        closes_at=local(days=-1),
    )
    submit(owner)
    expect(owner.locator("#closes_at-error")).to_be_visible()
    expect(owner.locator("[name=challenge]")).to_have_value("Qu’est-ce qui rendrait la ville plus douce ?")

    fill_all(
        owner,
        brief="Nous refaisons le **centre**.\n\n- marcher\n- se poser",
        benefit="Trois projets seront financés.",
        motivation="Chaque personne est remerciée par son nom.",
        opens_at=local(days=-1),
        closes_at=local(days=9),
        debrief_due_at=local(days=30),
        owner_word="Je lirai tout.",
    )
    owner.set_input_files("[name=portrait]", {"name": "moi.png", "mimeType": "image/png", "buffer": portrait()})
    submit(owner)
    open_to_visitors(owner, campaign)
    owner.goto(f"{campaign}/launch")
    expect(owner.locator(".gate__item--missing")).to_have_count(0)
    press(owner, "/launch/announce")
    expect(owner.locator("main")).to_contain_text("Trois projets seront financés.")
    return campaign


def open_to_visitors(owner: Page, campaign: str) -> None:
    """At first, only people with an account read a campaign."""
    owner.goto(f"{campaign}/audience")
    owner.check("[name=open_to_visitors]")
    submit(owner)
    expect(owner.locator(".flash--success")).to_be_visible()


def take_part(maya: Page, noe: Page, link_in_mail, campaign: str, locale: str) -> None:
    sign_up(maya, link_in_mail, "Maya", locale)
    maya.goto(campaign)
    expect(maya.locator("main strong", has_text="centre")).to_be_visible()
    expect(maya.locator("[data-deadline]").first).to_be_visible()
    maya.goto(f"{campaign}/ideas/new")
    maya.click("#submit")
    expect(maya.locator("main")).to_contain_text(WORDS[locale]["empty"])
    maya.fill("[name=body]", "Une piste cyclable le long du fleuve, éclairée le soir")
    expect(maya.locator("#save-state")).not_to_be_empty()
    maya.click("#submit")
    expect(maya.locator("main")).to_contain_text("éclairée le soir")
    idea = maya.url

    sign_up(noe, link_in_mail, "Noe", locale)
    noe.goto(f"{campaign}/ideas")
    expect(noe.locator(".idea-card")).to_contain_text("éclairée le soir")
    noe.goto(idea)
    noe.locator("[id^=support-]").click()
    expect(noe.locator("[id^=support-]")).to_have_attribute("aria-pressed", "true")
    expect(noe.locator("[id^=support-]")).to_contain_text("1")
    noe.locator("form[action$='/reaction'] button").first.click()
    noe.fill("form[action$='/comments'] [name=body]", "Avec un garage à vélos à la gare ?")
    press(noe, "/comments")
    expect(noe.locator("#comments")).to_contain_text("garage à vélos")


def import_ideas(owner: Page, campaign: str) -> None:
    for turn in ("first", "again"):
        owner.goto(f"{campaign}/import")
        owner.set_input_files("[name=file]", {"name": "idées.csv", "mimeType": "text/csv", "buffer": csv_file()})
        submit(owner)
        expect(owner.locator("main")).to_contain_text("Des pistes cyclables le long du fleuve")
        owner.locator("main form .button--primary").first.click()
        report = owner.locator("main")
        expect(report).to_contain_text("45")
        if turn == "first":
            expect(report.locator("table")).to_contain_text("21")
    owner.goto(f"{campaign}/ideas")
    expect(owner.locator("main")).to_contain_text("46")


def reshape(owner: Page, campaign: str) -> None:
    """Rename, merge, split, move; then undo all of it from the history."""
    before = theme_names(owner, campaign)
    first = owner.locator(".theme-card").first
    first.locator("summary").first.click()
    first.locator("[name=name]").fill("Roulons tranquilles")
    first.locator("form[action$='/rename'] button").click()
    expect(owner.locator(".theme-card", has_text="Roulons tranquilles")).to_be_in_viewport()

    for place in (0, 1):
        owner.locator(".theme-card [data-choose]").nth(place).check()
    expect(owner.locator("#into option:enabled")).to_have_count(2)
    owner.locator("#into").select_option(index=0)
    owner.locator("form[action$='/themes/merge'] button").click()
    expect(owner.locator("form[action$='/undo']")).to_be_visible()
    assert len(theme_names(owner, campaign)) == len(before) - 1

    owner.locator(".theme-card__name a").first.click()
    owner.locator("[name=idea][data-choose]").nth(0).check()
    owner.locator("[name=idea][data-choose]").nth(1).check()
    owner.locator("details:has(#new-name) > summary").click()
    owner.fill("#new-name", "Deux idées à part")
    owner.locator("[formaction$='/split']").click()
    expect(owner.locator("main")).to_contain_text("Deux idées à part")

    owner.goto(f"{campaign}/themes")
    owner.locator(".theme-card__name a").first.click()
    owner.locator("[name=idea][data-choose]").first.check()
    owner.locator("#to").select_option("alone")
    owner.locator("#choose .button--primary").click()

    owner.goto(f"{campaign}/themes/history")
    expect(owner.locator(".history__item")).to_have_count(4)
    for done in range(4):
        owner.locator(".history__item:not(.history__item--undone) form button").first.click()
        expect(owner.locator(".history__item--undone")).to_have_count(done + 1)
    assert theme_names(owner, campaign) == before


def take_in_part(owner: Page, campaign: str) -> None:
    """Once a theme has a name of one's own, finer themes are a proposal: a part is accepted, then all undone."""
    before = theme_names(owner, campaign)
    owner.locator(".theme-card summary").first.click()
    owner.locator(".theme-card [name=name]").first.fill("Roulons tranquilles")
    press(owner, "/rename")
    owner.goto(f"{campaign}/themes")
    owner.locator("[name=level]").last.check(force=True)
    owner.locator(".granularity__preview .button--primary").click()
    expect(owner).to_have_url(re.compile("/themes/proposal$"))
    boxes = owner.locator("[name=key]")
    for place in range(1, boxes.count()):
        boxes.nth(place).uncheck()
    expect(owner.locator("[data-count]")).to_have_text("1")
    owner.locator(".proposal__acts .button--primary").click()
    expect(owner).to_have_url(re.compile("/themes$"))
    expect(owner.locator(".done form[action$='/undo']")).to_be_visible()
    assert "Roulons tranquilles" in owner.locator(".theme-card__name").all_inner_texts()

    owner.goto(f"{campaign}/themes/history")
    for _ in range(2):
        undone = owner.locator(".history__item--undone").count()
        owner.locator(".history__item:not(.history__item--undone) form button").first.click()
        expect(owner.locator(".history__item--undone")).to_have_count(undone + 1)
    assert theme_names(owner, campaign) == before


def theme_names(owner: Page, campaign: str) -> list[str]:
    owner.goto(f"{campaign}/themes")
    return owner.locator(".theme-card__name").all_inner_texts()


def answer(owner: Page, campaign: str) -> None:
    """Record the decision of every theme, each page leading to the next."""
    count = len(theme_names(owner, campaign))
    owner.locator("a[href$='/decision']").first.click()
    for place in range(count):
        owner.locator("[name=status][value=planned]").check(force=True)
        owner.fill("textarea[name=reason]", f"Nous le ferons, réponse {place}.")
        mark(owner)
        owner.locator("button[name=then][value=next]").click()
        await_next(owner)
    expect(owner).to_have_url(re.compile("/debrief/write"))


def publish(owner: Page, campaign: str) -> None:
    owner.goto(f"{campaign}/debrief/write")
    owner.fill("[name=body]", "## Merci\n\n{{ ideas }} idées, {{ people }} personnes.\n\n{{ decisions }}\n\nÀ bientôt.")
    expect(owner.locator("#preview")).to_contain_text("46")
    owner.locator("button[name=then][value=publish]").click()
    press(owner, "/debrief/publish")
    expect(owner.locator("main")).to_contain_text("Nous le ferons, réponse 0.")
    expect(owner.locator("main")).to_contain_text("46")


def receive_the_debrief(visit, link_in_mail, maya: Page, campaign: str, locale: str) -> None:
    debrief = f"{urlsplit(campaign).path}/debrief"
    assert link_in_mail(f"maya.{locale}@example.org", debrief)  # an author at once; Noe, who supported, in his hours
    admin = visit(locale)
    sign_in_as_admin(admin)
    admin.goto("/messages")
    expect(admin.locator("main")).to_contain_text(f"maya.{locale}@example.org")
    expect(admin.locator("main")).to_contain_text(f"noe.{locale}@example.org")
    admin.locator("main table a[href^='/messages/']").first.click()
    expect(admin).to_have_url(re.compile(r"/messages/\d+$"))
    assert faults(admin) == []

    maya.goto("/me")
    journey = maya.locator(".journey").first
    expect(journey).to_contain_text("éclairée le soir")
    expect(journey).to_contain_text(WORDS[locale]["planned"])
    expect(journey).to_contain_text("Nous le ferons")
    visitor = visit(locale)
    visitor.goto(f"{campaign}/debrief")
    expect(visitor.locator("main")).to_contain_text("Nous le ferons, réponse 0.")
