import re

import pytest

from app.database.sqlite import _only_reads
from app.views.contributions import similar as pages
from app.web.similar import Nearest
from ideas.contributions.idea import Idea

pytestmark = pytest.mark.one_database
HTMX = {"HX-Request": "true"}
TEXT = {"title": "", "body": "Toys in the waiting room, for children"}


@pytest.fixture
def other(campaign, make_idea, bob):
    return make_idea(campaign, bob, "Children need toys in the waiting room")


def similar_url(campaign):
    return f"/campaigns/{campaign.id}/ideas/similar"


def test_without_the_worker_similar_ideas_are_found_by_words_and_the_page_says_so(
    app, signed_in, session, campaign, other, make_idea, charlie
):
    make_idea(campaign, charlie, "My own toys for children in the waiting room")
    browser = signed_in(charlie)
    page = browser.post(similar_url(campaign), data=TEXT, headers=HTMX).text
    assert other.body in page
    assert "My own toys" not in page
    assert "found by their words" in page
    assert 'id="similar-count" role="status" hx-swap-oob="innerHTML">1 similar idea</p>' in page
    assert f"/ideas/{other.id}/vote" in page
    with app.test_request_context(similar_url(campaign), method="POST"):
        assert _only_reads()  # typing never waits for whoever writes
    assert "found by their words" not in browser.post(similar_url(campaign), data={"body": "Toys"}, headers=HTMX).text


def test_by_meaning_the_answered_theme_comes_first_then_ideas_that_the_reader_may_see(
    signed_in, session, campaign, other, make_campaign, make_theme, make_idea, give_answer, charlie, now, monkeypatch
):
    earlier = make_campaign(title="Last year", debriefed_at=now)
    theme = make_theme(earlier, "A corner for children")
    give_answer(theme, reason="We built one in May.")
    ideas = [make_idea(campaign, other.author, f"Puzzle {number}") for number in range(6)]
    own = make_idea(campaign, charlie, "Jouets")
    near = Nearest(ideas=(own.id, other.id, *(one.id for one in ideas)), themes=(theme.id,))
    monkeypatch.setattr(pages, "nearest_to", lambda *_, **__: near)
    page = signed_in(charlie).post(similar_url(campaign), data=TEXT, headers=HTMX).text
    order = [page.index(words) for words in ("A corner for children", "We built one in May.", other.body, "Puzzle 0")]
    assert order == sorted(order)
    assert "Puzzle 2" in page
    assert "Puzzle 3" not in page  # five in all
    assert "Jouets" not in page
    assert "found by their words" not in page


def test_an_idea_of_which_the_case_differs_is_left_out_from_then_on(signed_in, campaign, other, charlie):
    sent = TEXT | {"differs": [str(other.id)]}
    answer = signed_in(charlie).post(similar_url(campaign), data=sent, headers=HTMX | {"HX-Trigger-Name": "differs"})
    assert other.body not in answer.text
    assert f'name="differs" value="{other.id}"' in answer.text
    assert "Say in your text what is different" in answer.headers["HX-Trigger"]


def test_an_answered_theme_of_which_the_case_differs_gives_way_to_the_next_one(
    signed_in, campaign, make_campaign, make_theme, give_answer, charlie, now, monkeypatch
):
    earlier = make_campaign(title="Last year", debriefed_at=now)
    themes = [make_theme(earlier, name) for name in ("A corner for children", "Parking")]
    for theme in themes:
        give_answer(theme)
    near = Nearest(ideas=(), themes=tuple(theme.id for theme in themes))
    browser = signed_in(charlie)
    for by_words in (False, True):
        monkeypatch.setattr(pages, "nearest_to", lambda *_, by_words=by_words, **__: None if by_words else near)
        sent = TEXT | {"body": "A corner for children"}
        page = browser.post(similar_url(campaign), data=sent, headers=HTMX).text
        assert re.search(rf'name="theme_differs" value="{themes[0].id}"\s+hx-post=', page), "the button"
        aside = sent | {"theme_differs": [str(themes[0].id)]}
        answer = browser.post(similar_url(campaign), data=aside, headers=HTMX | {"HX-Trigger-Name": "theme_differs"})
        assert "A corner for children" not in answer.text
        assert ("Parking" in answer.text) is not by_words
        assert f'type="hidden" name="theme_differs" value="{themes[0].id}"' in answer.text, "it stays left out"
        assert "Answer left out." in answer.headers["HX-Trigger"]


def test_without_scripts_a_button_shows_similar_ideas_and_the_text_stays_a_draft(
    signed_in, session, campaign, other, charlie
):
    browser = signed_in(charlie)
    new = f"/campaigns/{campaign.id}/ideas/new"
    key = re.search(r'name="form_key" type="hidden" value="([^"]+)"', browser.get(new).text)[1]
    answer = browser.post(new, data=TEXT | {"form_key": key, "act": "similar"})
    page = browser.get(answer.headers["Location"]).text
    assert TEXT["body"] in page
    assert other.body in page
    draft = session.query(Idea).filter_by(author_id=charlie.id).one()
    assert draft.submitted_at is None
    answer = browser.post(f"{new}?draft={draft.id}", data=TEXT | {"form_key": key, "differs": str(other.id)})
    page = browser.get(answer.headers["Location"]).text
    assert other.body not in page
    assert "No other similar idea" in page
    browser.post(f"{new}?draft={draft.id}", data=TEXT | {"form_key": key, "act": "submit", "differs": str(other.id)})
    session.refresh(draft)
    assert draft.submitted_at is not None
