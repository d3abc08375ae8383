"""A contest from its ideas to its winner, and what its people find of points, badges and standings.

The participant has a phone and reads French, the other entrant has a desk and reads English.
"""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import fill_all, local, portrait, press, submit

pytestmark = [pytest.mark.browser, pytest.mark.model]

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
IDEAS = {
    "rose": "Un banc à l’ombre devant chaque arrêt.",
    "oliver": "Free water at every station.",
    "oliver too": "A map of bikes to lend.",
}
MOVED = {
    "opens_at": (
        "UPDATE public_vote SET opens_at = strftime('%Y-%m-%d %H:%M:%S.000000', opens_at, ?) WHERE campaign_id = ?"
    ),
    "closes_at": (
        "UPDATE public_vote SET closes_at = strftime('%Y-%m-%d %H:%M:%S.000000', closes_at, ?) WHERE campaign_id = ?"
    ),
}
REASON = "On s’y repose, et l’ombre ne coûte rien."


def test_a_contest_is_scored_compared_and_won_and_its_people_read_what_it_gave_them(
    enter: Callable[..., Page], link_in_mail: Callable[[str, str], str]
):
    sophie = enter("sophie.lacombe")
    rose, oliver = enter("rose.ndiaye", width=360, height=740), enter("oliver.hughes", "en")
    campaign = _open_contest(sophie)
    writers = {"rose": rose, "oliver": oliver, "oliver too": oliver}
    written = {name: _write(page, campaign, IDEAS[name]) for name, page in writers.items()}
    rose.goto(written["oliver"])
    rose.locator("form[action$='/vote'] button").click()
    expect(rose.locator("form[action$='/vote/withdraw'] [aria-pressed=true]")).to_be_visible()

    _close(sophie, campaign)
    juror = _begin_scoring(sophie, enter, campaign, link_in_mail)
    _open_comparison(sophie, campaign)
    rose.goto(f"{campaign}/compare")
    press(rose, "/compare/next")
    expect(rose.locator("main")).not_to_contain_text(IDEAS["rose"])
    assert rose.evaluate(FITS)
    rose.locator("form[action$='/compare/answer'] button[name=chosen]").first.click()
    expect(rose.locator("main")).to_contain_text("1")
    _score(juror, campaign)
    _announce(sophie, campaign, IDEAS["rose"])

    # Each entrant reads who won, and why; points are explained line by line.
    for page, line in ((rose, "Soutien donné"), (oliver, "Support received")):
        page.goto(f"{campaign}/winners")
        expect(page.locator("main")).to_contain_text(REASON)
        assert page.evaluate(FITS)
        page.goto("/me/points")
        expect(page.locator("main")).to_contain_text(line)
        assert page.evaluate(FITS)
    # Whoever wants to be in no standing is in none at once, and back when they like.
    for motivation, listed in (("private", 0), ("listed", 1)):
        oliver.goto("/me/motivation")
        oliver.check(f"[name=motivation][value={motivation}]")
        submit(oliver)
        expect(oliver.locator(".flash--success")).to_be_visible()
        rose.goto("/campaigns/2/standing")
        expect(rose.locator("main", has_text="Oliver Hughes")).to_have_count(listed)
    assert rose.evaluate(FITS)


def test_the_public_votes_on_a_shortlist_in_two_languages_and_reads_the_result_once_it_is_over(
    enter: Callable[..., Page], instance: Path
):
    sophie = enter("sophie.lacombe")
    rose = enter("rose.ndiaye", width=360, height=740)
    oliver = enter("oliver.hughes", "en", java_script_enabled=False)
    campaign = _open_contest(sophie)
    here = f"{campaign}/public-vote"
    _write(rose, campaign, IDEAS["rose"])
    for name in ("oliver", "oliver too"):
        _write(oliver, campaign, IDEAS[name])
    sophie.goto(f"{campaign}/contest")
    sophie.check("[name=only_shortlist][value=shortlist]")
    submit(sophie)
    for words in ("banc", "water", "bikes"):
        sophie.goto(f"{campaign}/contest/shortlist?containing={words}")
        press(sophie, "/shortlist/add")
        expect(sophie.locator(".flash--success")).to_be_visible()
    sophie.goto(f"{here}/set-up")
    fill_all(sophie, choices="1", opens_at=local(hours=2), closes_at=local(days=2))
    submit(sophie)
    rose.goto(here)
    expect(rose.locator("main")).to_contain_text("Le vote ouvre")
    expect(rose.locator("[name=entry]")).to_have_count(0)
    _bring_forward(instance, campaign, "opens_at", "-1 day")

    # On a phone, in French: not one's own idea, one entry at most, and what was ticked stays after a refusal.
    rose.goto(here)
    boxes = rose.locator("[name=entry]")
    expect(boxes).to_have_count(2)
    assert rose.evaluate(FITS)
    rose.get_by_label(IDEAS["oliver"]).check()
    rose.get_by_label(IDEAS["oliver too"]).check()
    rose.locator(".sticky-submit button").click()
    expect(rose.locator(".error-summary")).to_be_focused()
    expect(rose.locator("[name=entry]:checked")).to_have_count(2)
    rose.get_by_label(IDEAS["oliver too"]).uncheck()
    rose.locator(".sticky-submit button").click()
    expect(rose.locator(".flash--success")).to_contain_text("avec 1 vote")
    rose.reload()
    expect(rose.get_by_label(IDEAS["oliver"])).to_be_checked()
    # Without scripts, in English.
    oliver.goto(here)
    expect(oliver.locator("[name=entry]")).to_have_count(1)
    oliver.get_by_label(IDEAS["rose"]).check()
    oliver.locator(".sticky-submit button").click()
    expect(oliver.locator(".flash--success")).to_contain_text("with 1 vote")
    expect(oliver.locator("main")).to_contain_text("Nobody sees a result before.")

    _bring_forward(instance, campaign, "closes_at", "-2 days")
    for page, counted in ((rose, "2 personnes ont voté"), (oliver, "2 people voted")):
        page.goto(here)
        expect(page.locator("#result")).to_have_text(counted)
        expect(page.locator("section[aria-labelledby=result] li").first).to_contain_text("1")
        expect(page.locator("section[aria-labelledby=result] li").last).to_contain_text(IDEAS["oliver too"])
        assert page.evaluate(FITS)


def _bring_forward(instance: Path, campaign: str, moment: str, by: str) -> None:
    """A date of the vote, as if time had passed: nobody waits for an hour in a test."""
    number = campaign.rpartition("/")[2]
    with closing(sqlite3.connect(instance / "convergence.sqlite", timeout=20)) as connection, connection:
        connection.execute(MOVED[moment], (by, number))
        assert connection.execute("SELECT changes()").fetchone() == (1,)


def _open_contest(owner: Page) -> str:
    owner.goto("/campaigns/new?kind=contest_one")
    fill_all(
        owner,
        title="Concours : un arrêt plus doux",
        challenge="Que changer à votre arrêt ?",
        brief="Une idée que nous pouvons construire en un mois.",
        benefit="L’idée choisie est construite.",
        motivation="La personne qui gagne inaugure l’arrêt.",
        opens_at=local(days=-1),
        closes_at=local(days=9),
        debrief_due_at=local(days=30),
        owner_word="Je lirai tout.",
    )
    owner.set_input_files("[name=portrait]", {"name": "moi.png", "mimeType": "image/png", "buffer": portrait()})
    submit(owner)
    owner.wait_for_url(re.compile(r"/campaigns/\d+"))
    found = re.match(r".*/campaigns/\d+", owner.url)
    assert found is not None
    owner.goto(f"{found[0]}/launch")
    press(owner, "/launch/announce")
    expect(owner.locator(".flash--success")).to_be_visible()
    return found[0]


def _write(page: Page, campaign: str, body: str) -> str:
    page.goto(f"{campaign}/ideas/new")
    page.fill("[name=body]", body)
    page.click("#submit")
    expect(page.locator("main")).to_contain_text(body)
    return page.url


def _close(owner: Page, campaign: str) -> None:
    owner.goto(campaign)
    owner.locator("details:has(form[action$='/close']) > summary").click()
    owner.fill("form[action$='/close'] [name=reason]", "Toutes les idées sont là.")
    press(owner, "/close")
    owner.locator("dialog[open] button").last.click()
    expect(owner).to_have_url(re.compile("/themes$"))
    # The page reloads itself when the ideas are grouped: whoever leaves it at that moment stays.
    owner.wait_for_load_state()
    expect(owner.locator("#progress")).to_have_count(0, timeout=60_000)


def _begin_scoring(
    owner: Page, enter: Callable[..., Page], campaign: str, link_in_mail: Callable[[str, str], str]
) -> Page:
    """Criteria with weights, a juror who is invited and accepts, and the scoring of all ideas. Returns the juror."""
    owner.goto(f"{campaign}/team")
    owner.fill("[name=email]", "kofi.mensah@example.org")
    owner.check("section:has(#add) [name=role][value=jury]")
    owner.click("#submit")
    juror = enter("kofi.mensah", "en")
    juror.goto(link_in_mail("kofi.mensah@example.org", "/invitations/"))
    juror.locator("main form button[type=submit]").click()
    owner.goto(f"{campaign}/contest")
    fill_all(owner, name_0="Utile", weight_0="2", name_1="Faisable", weight_1="1", scores_due_at=local(days=5))
    owner.check("[name=only_shortlist][value=all]")
    submit(owner)
    press(owner, "/contest/begin")
    if owner.locator("dialog[open]").count():
        owner.locator("dialog[open] button").last.click()
    expect(owner.locator(".flash--success")).to_be_visible()
    return juror


def _open_comparison(owner: Page, campaign: str) -> None:
    owner.goto(f"{campaign}/compare/set-up")
    owner.check("[name=compared][value=ideas]")
    owner.check("[name=by][value=everyone]")
    owner.locator("main form:has([name=compared]) button[type=submit]").click()
    expect(owner.locator(".flash--success")).to_be_visible()


def _score(juror: Page, campaign: str) -> None:
    """The juror scores each entry, without knowing what others gave: the first one best."""
    juror.goto(f"{campaign}/contest/judging")
    links = juror.locator("main a[href*='/contest/judging/']").evaluate_all("all => all.map(one => one.href)")
    for address in dict.fromkeys(links):
        juror.goto(address)
        value = "5" if IDEAS["rose"] in juror.locator("main").inner_text() else "2"
        for field in juror.locator("[name^=score_]").all():
            field.fill(value)
        juror.locator("form:has([name^=score_]) button[type=submit]").click()
        expect(juror.locator(".flash--success")).to_be_visible()


def _announce(owner: Page, campaign: str, winner: str) -> None:
    owner.goto(f"{campaign}/winners/choose")
    owner.locator("tr", has_text=winner).locator("[name=idea]").check()
    owner.locator("main .sticky-submit button").click()
    owner.locator("[name^=reason_]").fill(REASON)
    owner.fill("[name=words_to_others]", "Merci. Vos idées restent dans la campagne.")
    owner.locator("main .sticky-submit button").click()
    owner.locator("dialog[open] button").last.click()
    expect(owner.locator("main")).to_contain_text(REASON)
