"""A newsletter from its author to its readers, by keyboard; when emails come; and a notification in a real browser."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]


def press(page: Page, name: str, role: str = "button") -> None:
    """With the keyboard."""
    page.get_by_role(role, name=name, exact=True).first.focus()
    page.keyboard.press("Enter")


def test_a_newsletter_is_written_proposed_approved_and_its_space_left_with_the_keyboard(enter: Callable[..., Page]):
    author = enter("sophie.lacombe")
    author.goto("/spaces/1/newsletters/new")
    author.focus("#title")
    author.keyboard.type("Bonjour du printemps")
    author.keyboard.press("Tab")  # the bar of buttons: one stop
    author.keyboard.press("Enter")  # a heading
    author.keyboard.type("Le carnet")
    author.keyboard.press("Control+End")
    author.keyboard.type("\n\nUn mot ")
    author.keyboard.press("Control+b")
    author.keyboard.type("important")
    preview = author.locator("#preview")
    expect(preview.locator("h2, h3, h4")).to_have_text("Le carnet")
    expect(preview.locator("strong")).to_have_text("important")
    press(author, "Enregistrer et voir")
    expect(author.locator("h1")).to_have_text("Bonjour du printemps")
    press(author, "Voir les destinataires, et l’e-mail de chaque personne", "link")
    press(author, "Inês Ferreira", "link")
    expect(author.locator(".mail-body")).to_contain_text("Un mot important")
    author.go_back()
    author.go_back()
    press(author, "Proposer au référent")
    expect(author.locator("main")).to_contain_text("Attend le référent")
    address = author.url
    referent = enter("beatrice.lemoine")
    referent.goto(address)
    press(referent, "Approuver la lettre d’information")
    expect(referent.locator("main")).to_contain_text("Approuvé")
    # One of its readers reads the one before it, and stops the emails of this space.
    reader = enter("ines.ferreira")
    reader.goto("/spaces/1/newsletters")
    press(reader, "Ce que vos idées ont changé ce mois-ci", "link")
    expect(reader.locator("article strong")).to_have_text("rendez-vous de suivi")
    reader.goto("/spaces/1")
    press(reader, "Ne plus recevoir les e-mails de cet espace")
    expect(reader.get_by_role("button", name="Recevoir de nouveau les e-mails de cet espace")).to_be_visible()


def test_hours_quiet_days_and_spaces_are_chosen(enter: Callable[..., Page]):
    page = enter("mathilde.roy")
    page.goto("/me/notices/preferences")
    page.select_option("#first_hour", "9")
    page.select_option("#last_hour", "11")
    first = datetime.now(tz=UTC).date() + timedelta(days=3)
    page.fill("#quiet_from", first.isoformat())
    page.fill("#quiet_until", (first + timedelta(days=4)).isoformat())
    page.locator("#spaces input").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name=re.compile("Enregistrer mes choix")).click()
    expect(page.locator("#first_hour")).to_have_value("9")
    expect(page.locator("#quiet_from")).to_have_value(first.isoformat())
    expect(page.locator("#spaces input").first).not_to_be_checked()
    page.goto("/spaces/1")
    expect(page.get_by_role("button", name="Recevoir de nouveau les e-mails de cet espace")).to_be_visible()


def test_what_a_push_service_delivers_is_shown_as_a_notification(enter: Callable[..., Page], server: str):
    page = enter("rose.ndiaye", service_workers="allow")
    page.context.grant_permissions(["notifications"], origin=server)
    page.goto("/me/notices/preferences")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    control = page.context.new_cdp_session(page)
    known: list[str] = []
    control.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: known.extend(one["registrationId"] for one in event["registrations"]),
    )
    control.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")  # the events before it have come
    assert known
    told = json.dumps({"title": "Une réponse à votre idée", "url": f"{server}/me/notices"})
    control.send("ServiceWorker.deliverPushMessage", {"origin": server, "registrationId": known[-1], "data": told})
    shown = page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          for (let turn = 0; turn < 100; turn++) {
            const [first] = await registration.getNotifications();
            if (first) return [first.title, first.data];
            await new Promise((next) => setTimeout(next, 50));
          }
          return [];
        }"""
    )
    assert shown == ["Une réponse à votre idée", f"{server}/me/notices"]
