"""Writing on a bad line: nothing that is written is lost, and nothing is published twice."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

OPEN = "/campaigns/1"
WRITING = f"{OPEN}/ideas/new"
Enter = Callable[..., Page]


@pytest.fixture
def rose(enter: Enter) -> Page:
    return enter("rose.ndiaye")


def kept(page: Page) -> list[str]:
    """The texts that are kept on this device."""
    return page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('kept:'))")


def first_idea(page: Page) -> str:
    """The address of an idea of another person."""
    page.goto(f"{OPEN}/ideas")
    page.locator(".idea-card:has([id^=support]) .card__link").first.click()
    page.wait_for_url(re.compile(r"/ideas/\d+$"))
    return page.url


def comments(page: Page, text: str) -> int:
    return page.locator(".comment", has_text=text).count()


def lose_answer(page: Page, pattern: str) -> None:
    """The server gets the next request to such an address, but its answer is lost."""

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionfailed")
        page.unroute(pattern, lose)

    page.route(pattern, lose)


# Submitting


def test_an_idea_that_is_sent_offline_stays_on_the_page_and_is_published_once_the_line_is_back(rose: Page):
    rose.goto(WRITING)
    rose.fill("#title", "Un abri pour les vélos")
    rose.fill("#body", "Écrit dans le train.")
    rose.context.set_offline(True)
    rose.click("#submit")
    expect(rose.locator(".form__unsent")).to_be_visible()
    expect(rose.locator("#status")).to_contain_text("serveur")
    expect(rose.locator("#body")).to_have_value("Écrit dans le train.")
    assert kept(rose)
    rose.context.set_offline(False)
    rose.click("#submit")
    expect(rose).to_have_url(re.compile(rf"{OPEN}/ideas/\d+$"))
    expect(rose.locator("h1")).to_have_text("Un abri pour les vélos")
    assert kept(rose) == []


def test_an_idea_whose_answer_was_lost_is_published_once(rose: Page):
    rose.goto(WRITING)
    rose.fill("#title", "La réponse perdue")
    rose.fill("#body", "Envoyée une fois, reçue une fois.")
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    lose_answer(rose, "**/ideas/new*")
    rose.click("#submit")
    expect(rose.locator(".form__unsent")).to_be_visible()
    rose.click("#submit")
    expect(rose).to_have_url(re.compile(rf"{OPEN}/ideas/\d+$"))
    rose.goto("/me")
    expect(rose.get_by_text("La réponse perdue")).to_have_count(1)


def test_an_idea_and_a_comment_are_there_once_after_a_reload_and_a_way_back(rose: Page):
    rose.goto(WRITING)
    rose.fill("#title", "Envoyée, relue, renvoyée")
    rose.fill("#body", "Une passerelle au-dessus des voies.")
    rose.click("#submit")
    rose.wait_for_url(re.compile(r"/ideas/\d+$"))
    rose.reload()
    rose.go_back()
    expect(rose.locator("#body")).to_have_value("")  # what the browser filled in again was sent as another idea
    rose.click("#submit")
    expect(rose.locator(".error-summary")).to_be_visible()
    rose.goto("/me")
    expect(rose.get_by_text("Envoyée, relue, renvoyée")).to_have_count(1)

    rose.goto(first_idea(rose))
    said = "Dit une fois, quoi qu’il arrive."
    rose.fill("#comments textarea", said)
    rose.click("#comment-submit")
    expect(rose.locator(".comment", has_text=said)).to_be_visible()
    rose.reload()
    assert comments(rose, said) == 1
    rose.go_back()
    rose.go_forward()
    expect(rose.locator(".comment", has_text=said)).to_have_count(1)


def test_an_idea_that_is_changed_after_its_answer_was_lost_becomes_a_change_of_what_is_published(rose: Page):
    rose.goto(WRITING)
    rose.fill("#title", "Le premier envoi")
    rose.fill("#body", "Envoyé sans réponse.")
    lose_answer(rose, "**/ideas/new*")
    rose.click("#submit")
    expect(rose.locator(".form__unsent")).to_be_visible()
    rose.fill("#body", "Envoyé sans réponse, puis complété.")
    rose.click("#submit")
    expect(rose.locator(".error-summary")).to_be_visible()
    expect(rose.locator("#body")).to_have_value("Envoyé sans réponse, puis complété.")
    rose.click("#submit")
    expect(rose).to_have_url(re.compile(rf"{OPEN}/ideas/\d+$"))
    expect(rose.locator(".idea-body")).to_have_text("Envoyé sans réponse, puis complété.")


def test_a_draft_campaign_with_a_wrong_date_goes_on_at_its_own_address(enter: Enter):
    page = enter("etienne.vallier")
    page.goto("/campaigns/new")
    page.fill("#title", "Des soirées plus calmes")
    page.fill("#brief", "Un texte long à écrire.")
    page.fill("#opens_at", "2031-03-02T09:00")
    page.fill("#closes_at", "2031-03-01T09:00")
    page.locator(".sticky-submit button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/campaigns/\d+/edit$"))
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#closes_at")).to_have_value("2031-03-01T09:00")
    page.fill("#closes_at", "2031-03-20T09:00")
    page.locator(".sticky-submit button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/launch$"))
    page.goto("/campaigns")
    expect(page.get_by_text("Des soirées plus calmes")).to_have_count(1)
    assert kept(page) == []


def test_a_refused_idea_comes_back_with_its_errors_and_the_focus_on_them(rose: Page):
    rose.goto(WRITING)
    rose.fill("#title", "Sans texte")
    rose.click("#submit")
    expect(rose.locator(".error-summary")).to_be_focused()
    expect(rose.locator("#title")).to_have_value("Sans texte")
    expect(rose).to_have_title(re.compile("^Erreur"))
    rose.locator(".error-summary a").click()
    expect(rose.locator("#body")).to_be_focused()
    rose.fill("#body", "Maintenant avec un texte.")
    rose.click("#submit")
    expect(rose).to_have_url(re.compile(rf"{OPEN}/ideas/\d+$"))
    expect(rose.locator("#flashes")).to_be_focused()


def test_a_server_that_breaks_leaves_the_page_and_the_text(rose: Page):
    rose.goto(WRITING)
    rose.route("**/ideas/new*", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    rose.fill("#body", "Pendant une panne.")
    rose.click("#submit")
    expect(rose.locator(".form__unsent")).to_be_visible()
    expect(rose.locator("#body")).to_have_value("Pendant une panne.")


# Saving while one writes


def test_a_draft_that_could_not_be_saved_is_saved_when_the_line_is_back(rose: Page):
    rose.goto(WRITING)
    rose.context.set_offline(True)
    rose.locator("#body").press_sequentially("Sous le tunnel", delay=10)
    expect(rose.locator("#save-state")).to_have_class(re.compile("is-failed"))
    expect(rose.locator("#status")).not_to_be_empty()  # it is also said
    rose.context.set_offline(False)
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    expect(rose.locator("#save-state")).not_to_have_class(re.compile("is-failed"))
    rose.goto("/me")
    expect(rose.get_by_text("Sous le tunnel")).to_have_count(1)


def test_no_draft_is_saved_while_the_form_itself_is_on_its_way(rose: Page):
    """What is written meanwhile is saved once the form is known not to have arrived."""
    saved: list[str] = []
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    rose.on("request", lambda request: saved.append(request.url) if "/ideas/save" in request.url else None)
    rose.clock.install()
    rose.goto(WRITING)
    rose.fill("#body", "Envoyé pendant que j’écris.")
    rose.clock.run_for(1500)
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    before = len(saved)
    rose.route("**/ideas/new*", hold)
    rose.click("#submit")
    rose.wait_for_selector("#idea-form[data-sent]")
    rose.locator("#body").press_sequentially(" Et la suite.")
    rose.clock.run_for(3000)
    assert len(saved) == before
    held[0].abort("connectionfailed")
    expect(rose.locator(".form__unsent")).to_be_visible()
    rose.clock.run_for(5000)
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    assert len(saved) == before + 1


def test_a_draft_is_tried_again_after_a_while(rose: Page):
    rose.goto(WRITING)
    rose.route("**/ideas/save*", lambda route: route.abort("connectionfailed"), times=1)
    rose.locator("#body").press_sequentially("Encore une fois", delay=10)
    expect(rose.locator("#save-state")).to_have_class(re.compile("is-failed"))
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")


def test_what_was_typed_just_before_leaving_is_saved(rose: Page):
    rose.goto(WRITING)
    rose.locator("#body").press_sequentially("Fermé trop vite")
    rose.goto("/me")
    expect(rose.locator("body")).to_be_visible()
    rose.wait_for_timeout(500)
    rose.reload()
    expect(rose.get_by_text("Fermé trop vite")).to_have_count(1)


def test_a_draft_is_offered_where_one_writes(rose: Page):
    rose.goto(WRITING)
    rose.locator("#body").press_sequentially("Un brouillon à reprendre")
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    rose.goto(WRITING)
    rose.locator(".drafts a", has_text="Un brouillon à reprendre").click()
    expect(rose.locator("#body")).to_have_value("Un brouillon à reprendre")


def test_a_text_written_while_the_cookies_are_lost_is_published_after_the_next_sign_in(rose: Page):
    rose.goto(WRITING)
    rose.fill("#title", "Sans biscuits")
    rose.locator("#body").press_sequentially("Écrit avant")
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    cookies = rose.context.cookies()
    rose.context.clear_cookies()
    rose.fill("#body", "Écrit avant, fini après.")
    expect(rose.locator("#save-state")).to_contain_text("votre connexion a expiré")
    rose.click("#submit")
    expect(rose.locator(".form__unsent a")).to_have_attribute("href", f"/sign-in?next={WRITING}")
    rose.context.add_cookies(cookies)
    for _press in range(2):  # the first may ask to check the text
        if rose.url.endswith("/ideas/new"):
            rose.click("#submit")
            rose.wait_for_timeout(1000)
    rose.wait_for_url(re.compile(r"/ideas/\d+$"))
    expect(rose.locator("main")).to_contain_text("Écrit avant, fini après.")
    rose.goto(f"{OPEN}/ideas?q=biscuits")
    expect(rose.locator(".idea-card", has_text="Sans biscuits")).to_have_count(1)


def test_a_draft_in_two_tabs_shows_both_texts_and_loses_neither(rose: Page):
    rose.goto(WRITING)
    rose.fill("#title", "Deux onglets")
    rose.locator("#body").press_sequentially("Ouvert ici.")
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    other = rose.context.new_page()
    other.goto(WRITING)
    other.locator(".drafts a", has_text="Deux onglets").click()
    other.fill("#body", "Continué là-bas.")
    expect(other.locator("#save-state")).to_contain_text("Enregistré")
    rose.fill("#body", "Repris ici.")
    expect(rose.locator("#save-state")).to_contain_text("autre onglet")
    expect(rose.locator("#save-state")).to_have_class(re.compile("is-failed"))
    rose.click("button[name=act][value=keep]")
    expect(rose.locator(".conflict")).to_contain_text("Continué là-bas.")
    expect(rose.locator("#body")).to_have_value("Repris ici.")
    rose.click("button[name=act][value=keep]")
    rose.wait_for_url("**/me")
    expect(rose.get_by_text("Repris ici.")).to_have_count(1)


def test_a_draft_that_was_deleted_in_another_tab_is_written_on(rose: Page):
    rose.goto(WRITING)
    rose.locator("#body").press_sequentially("Effacé ailleurs")
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    rose.goto(WRITING)
    rose.locator(".drafts a", has_text="Effacé ailleurs").click()
    other = rose.context.new_page()
    other.goto("/me")
    other.locator("form[action$='/discard'] button").first.click()
    other.locator(".confirm button").last.click()
    expect(other.get_by_text("Brouillon supprimé.")).to_be_visible()
    rose.fill("#body", "Effacé ailleurs, écrit quand même.")
    expect(rose.locator("#save-state")).to_contain_text("Enregistré")
    rose.click("#submit")
    rose.wait_for_url(re.compile(r"/ideas/\d+$"))
    expect(rose.locator("main")).to_contain_text("Effacé ailleurs, écrit quand même.")


def test_a_text_that_never_reached_the_server_is_back_when_the_form_is_opened_again(rose: Page):
    rose.goto(WRITING)
    rose.route("**/ideas/save*", lambda route: route.abort("connectionfailed"))
    rose.fill("#title", "Perdu ?")
    rose.locator("#body").press_sequentially("Non, gardé ici.")
    rose.goto("/campaigns")
    rose.goto(WRITING)
    expect(rose.locator("#body")).to_have_value("Non, gardé ici.")
    expect(rose.locator("#title")).to_have_value("Perdu ?")
    expect(rose.locator(".kept")).to_be_visible()
    rose.locator(".kept button").click()
    expect(rose.locator("#body")).to_have_value("")
    rose.goto(WRITING)
    expect(rose.locator("#body")).to_have_value("")


def test_signing_out_deletes_what_is_kept_on_the_device(enter: Enter, sign_ins: dict[str, object]):
    page = enter("zoe.lambert")
    sign_ins.pop("zoe.lambert")  # it ends here
    page.goto(WRITING)
    page.route("**/ideas/save*", lambda route: route.abort("connectionfailed"))
    page.locator("#body").press_sequentially("Sur un poste partagé.")
    page.wait_for_timeout(500)
    assert kept(page)
    page.locator("[data-sign-out] button").first.click()
    expect(page.locator("a[href$='/sign-in']").first).to_be_visible()
    assert kept(page) == []


# Comments


def test_a_comment_survives_a_lost_line_and_a_closed_page(rose: Page):
    address = first_idea(rose)
    rose.fill("#comments #body", "Moi aussi, chaque matin.")
    rose.context.set_offline(True)
    rose.click("#comment-submit")
    expect(rose.locator("#status")).not_to_be_empty()
    expect(rose.locator("#comments #body")).to_have_value("Moi aussi, chaque matin.")
    rose.context.set_offline(False)
    rose.goto("/campaigns")
    rose.goto(address)
    expect(rose.locator("#comments #body")).to_have_value("Moi aussi, chaque matin.")
    rose.click("#comment-submit")
    expect(rose.locator(".comment", has_text="Moi aussi, chaque matin.")).to_have_count(1)
    assert kept(rose) == []
    rose.reload()
    expect(rose.locator("#comments #body")).to_have_value("")


def test_a_comment_whose_answer_was_lost_is_published_once(rose: Page):
    address = first_idea(rose)
    rose.fill("#comments #body", "Une seule fois.")
    lose_answer(rose, "**/comments")
    rose.click("#comment-submit")
    expect(rose.locator("#status")).not_to_be_empty()
    rose.click("#comment-submit")
    expect(rose.locator(".comment", has_text="Une seule fois.")).to_have_count(1)
    rose.goto(address)
    assert comments(rose, "Une seule fois.") == 1


# Support


def test_support_shows_at_once_on_a_slow_line(rose: Page):
    rose.goto(f"{OPEN}/ideas")
    button = rose.locator("[id^=support-][aria-pressed=false]").first
    name = str(button.get_attribute("id"))
    before = int(button.locator(".tabular").inner_text())
    rose.route("**/vote", lambda route: (rose.wait_for_timeout(1500), route.continue_()))
    button.click(no_wait_after=True)
    shown = rose.locator(f"#{name}")
    expect(shown).to_have_attribute("aria-pressed", "true", timeout=700)
    expect(shown.locator(".tabular")).to_have_text(str(before + 1), timeout=700)
    rose.wait_for_timeout(2000)
    rose.unroute("**/vote")
    rose.reload()
    expect(rose.locator(f"#{name}")).to_have_attribute("aria-pressed", "true")


def test_support_that_the_server_does_not_take_is_rolled_back_in_sight(rose: Page):
    rose.goto(f"{OPEN}/ideas")
    button = rose.locator("[id^=support-][aria-pressed=false]").first
    name = str(button.get_attribute("id"))
    before = button.locator(".tabular").inner_text()
    rose.context.set_offline(True)
    button.click()
    shown = rose.locator(f"#{name}")
    expect(shown).to_have_attribute("aria-pressed", "false")
    expect(shown.locator(".tabular")).to_have_text(before)
    expect(shown).to_be_focused()
    expect(rose.locator(f".response:has(#{name}) .response__refusal")).to_be_visible()
    rose.context.set_offline(False)
    rose.locator(f"#{name}").click()
    expect(rose.locator(f"#{name}")).to_have_attribute("aria-pressed", "true")


# The owner's texts


def test_the_text_of_a_campaign_survives_a_lost_line(enter: Enter):
    etienne = enter("etienne.vallier")
    etienne.goto(f"{OPEN}/edit")
    etienne.fill("#owner_word", "Je lis chaque idée, chaque soir.")
    etienne.fill("#change_reason", "Plus précis.")
    etienne.context.set_offline(True)
    etienne.locator("main form[data-keep] [type=submit]").first.click()
    expect(etienne.locator(".form__unsent")).to_be_visible()
    etienne.context.set_offline(False)
    etienne.goto("/campaigns")
    etienne.goto(f"{OPEN}/edit")
    expect(etienne.locator("#owner_word")).to_have_value("Je lis chaque idée, chaque soir.")
    etienne.locator("main form[data-keep] [type=submit]").first.click()
    expect(etienne.locator("#flashes")).to_be_focused()
    assert kept(etienne) == []
