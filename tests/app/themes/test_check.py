"""One idea after the other: does it belong here? On a page that works without scripts, and in fragments."""

import pytest
from sqlalchemy import select

from ideas.contributions.idea import Idea
from ideas.themes.checks.check import Belongs, IdeaCheck, check_idea
from ideas.themes.checks.sample import cards_of, draw_sample
from ideas.themes.edits.move import move_ideas, pin_ideas
from ideas.themes.placement import PlacedHow, Placement
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import active_themes
from tests.places import at, theme_of


@pytest.fixture
def checking(session, grouped, closed_campaign, manager):
    """Three themes of two ideas each, whose six ideas wait for Bob."""
    themes = grouped(3)
    assert manager.post(at(closed_campaign, "/check")).status_code == 303
    return themes


@pytest.fixture
def cards(session, closed_campaign, checking):
    def read():
        session.expire_all()
        return cards_of(session, latest_run(session, closed_campaign))

    return read


@pytest.fixture
def say(closed_campaign, manager):
    def send(card, **fields):
        return manager.post(at(closed_campaign, f"/check/{card.idea_id}"), data={"theme": card.theme_id} | fields)

    return send


def page(client, campaign, query=""):
    return client.get(at(campaign, f"/check{query}")).text


def test_the_themes_offer_it_to_whoever_manages_them(
    session, checking, closed_campaign, manager, signed_in, charlie, now
):
    offer = "Are the ideas in the right themes?"
    assert offer in manager.get(at(closed_campaign)).text
    closed_campaign.debriefed_at = now
    session.commit()
    read = signed_in(charlie).get(at(closed_campaign))
    assert (read.status_code, offer in read.text) == (200, False)


def test_before_there_are_themes_the_page_says_so(closed_campaign, manager):
    assert "There is nothing to check yet" in page(manager, closed_campaign)
    refused = manager.post(at(closed_campaign, "/check"), headers={"Referer": at(closed_campaign, "/check")})
    assert refused.status_code in {303, 422}
    assert "Group the ideas first." in page(manager, closed_campaign) + refused.text


def test_reading_the_page_draws_nothing(grouped, session, closed_campaign, manager):
    grouped(2)
    shown = page(manager, closed_campaign)
    assert "Start checking" in shown
    assert cards_of(session, latest_run(session, closed_campaign)) == []


def test_yes_no_and_elsewhere_lead_to_the_next_idea(session, closed_campaign, manager, cards, say):
    first, second, third = cards()[:3]
    assert "1 of 6" in page(manager, closed_campaign)
    assert say(first, belongs="yes").status_code == 303
    assert "2 of 6" in page(manager, closed_campaign)
    say(second, belongs="no")
    other = next(theme for theme in active_themes(session, closed_campaign) if theme.id != third.theme_id)
    say(third, to=other.id)
    assert "4 of 6" in page(manager, closed_campaign)
    session.expire_all()
    assert session.get(Placement, first.idea_id).placed_how is PlacedHow.PINNED
    assert session.get(Placement, second.idea_id).theme_id != second.theme_id
    assert session.get(Placement, third.idea_id).theme_id == other.id
    said = session.scalars(select(IdeaCheck.belongs).order_by(IdeaCheck.id)).all()
    assert said == [Belongs.YES, Belongs.NO, Belongs.ELSEWHERE]


def test_a_button_of_a_near_theme_moves_the_idea_there(session, checking, closed_campaign, manager, cards, say):
    card = next(card for card in cards() if card.theme_id != checking[0].id)
    shown = page(manager, closed_campaign, f"?idea={card.idea_id}")
    assert f'name="near" value="{checking[0].id}"' in shown
    say(card, near=checking[0].id)
    assert theme_of(session, session.get(Placement, card.idea_id).idea) == checking[0].id


def test_elsewhere_without_a_theme_is_refused_and_the_card_stays(closed_campaign, cards, say):
    refused = say(cards()[2], to="")
    assert refused.status_code == 422
    assert "Choose the theme where the idea belongs." in refused.text
    assert f"/check/{cards()[2].idea_id}" in refused.text


@pytest.mark.parametrize("fields", [{"belongs": "maybe"}, {"belongs": "yes", "theme": "x"}])
def test_what_no_button_sends_is_refused(session, cards, say, fields):
    assert say(cards()[0], **fields).status_code == 422
    assert session.scalar(select(IdeaCheck.id)) is None


def test_a_theme_of_another_campaign_is_refused(session, cards, say, make_theme, campaign):
    other = make_theme(campaign)
    assert say(cards()[0], belongs="yes", theme=other.id).status_code == 422
    assert session.scalar(select(IdeaCheck.id)) is None


def test_who_checks_an_idea_that_has_just_left_its_theme_is_told_and_asked_the_next(
    session, checking, closed_campaign, manager, cards, say, alice, now
):
    card = next(card for card in cards() if card.theme_id != checking[0].id)
    move_ideas(session, closed_campaign, idea_ids=[card.idea_id], to=checking[0], by=alice, now=now)
    session.commit()
    assert say(card, belongs="yes").status_code == 303
    shown = page(manager, closed_campaign)
    assert "This idea has left the theme in the meantime." in shown
    assert "1 of 5" in shown


def test_the_last_check_is_undone_and_asked_again(session, closed_campaign, manager, cards, say):
    card = cards()[0]
    say(card, belongs="no")
    assert "left “Name" in page(manager, closed_campaign)
    undone = manager.post(at(closed_campaign, "/check/undo"))
    assert undone.headers["Location"].endswith(f"?idea={card.idea_id}")
    assert f"/check/{card.idea_id}" in manager.get(undone.headers["Location"]).text
    session.expire_all()
    assert session.get(Placement, card.idea_id).theme_id == card.theme_id
    assert manager.post(at(closed_campaign, "/check/undo")).status_code == 422


def test_the_history_names_the_idea_of_each_check(session, closed_campaign, manager, cards, alice, now):
    texts = ["“Quiet” <rooms>", "A bench"]
    for card, text in zip(cards(), texts, strict=False):
        idea = session.get(Idea, card.idea_id)
        idea.title, idea.body = "", text
        pin_ideas(session, closed_campaign, idea_ids=[card.idea_id], by=alice, now=now)
    session.commit()
    history = manager.get(at(closed_campaign, "/history")).text
    assert history.count("Kept 1 idea in its theme.") >= 2
    assert "“‘Quiet’ &lt;rooms&gt;”" in history
    assert "“A bench”" in history
    assert f"/ideas/{cards()[1].idea_id}" in history


def test_an_idea_can_be_left_for_later(closed_campaign, manager, cards):
    first, second = cards()[:2]
    assert f"after={first.idea_id}" in page(manager, closed_campaign)
    assert f"/check/{second.idea_id}" in page(manager, closed_campaign, f"?after={first.idea_id}")


def test_when_all_are_checked_the_figure_is_shown_there_and_beside_the_themes(closed_campaign, manager, cards, say):
    for place, card in enumerate(cards()):
        say(card, belongs="no" if place == 0 else "yes")
    figure = "Of 6 ideas drawn at random and checked by people, 5 were rightly placed: 83%, between 44% and 97%."
    shown = page(manager, closed_campaign)
    assert "You have checked all 6 ideas. Thank you." in shown
    assert figure in shown
    index = manager.get(at(closed_campaign)).text
    assert figure in index
    assert "with the language model test-model." in index
    assert "The team moved 1 idea." in index
    assert "The team checked 6 ideas." in index
    assert "Reviewed by 1 facilitator." in index


def test_the_checks_are_exported_with_the_method_and_the_figure_and_without_names(closed_campaign, manager, cards, say):
    address = at(closed_campaign, "/check/checks.json")
    for place, card in enumerate(cards()):
        assert manager.get(address).json["agreement"] is None
        say(card, belongs="no" if place == 0 else "yes")
    assert address in page(manager, closed_campaign)
    told = manager.get(address).json
    made = told["method"]
    assert (made["model"], made["ideas_moved"], made["ideas_checked"]) == ("test-model", 1, 6)
    assert told["agreement"] == {"checked": 6, "right": 5, "interval_95": pytest.approx([0.436, 0.970], abs=0.001)}
    first, *others = told["sample"]
    card = cards()[0]
    facts = {"drawn": "random", "by_passage": False, "said": ["no"]}
    assert first == {"idea": card.idea_id, "theme": card.theme_id} | facts
    assert [one["said"] for one in others] == [["yes"]] * 5


def test_before_a_run_the_export_says_that_there_is_nothing(closed_campaign, manager):
    told = manager.get(at(closed_campaign, "/check/checks.json")).json
    assert (told["run"], told["method"], told["agreement"], told["sample"]) == (None, None, None, [])


def test_a_part_of_the_page_is_sent_to_scripts(closed_campaign, manager, cards):
    part = manager.get(at(closed_campaign, "/check"), headers={"HX-Request": "true"}).text
    assert "Does this idea belong here?" in part
    assert "<html" not in part


@pytest.mark.parametrize(("language", "keys"), [("en", "yne"), ("fr", "ona")])
def test_the_keys_are_those_of_the_language(session, closed_campaign, manager, cards, bob, language, keys):
    bob.locale = language
    session.commit()
    shown = page(manager, closed_campaign)
    for key in keys:
        assert f'data-key="{key}"' in shown


def test_after_the_debrief_a_move_needs_a_reason_and_yes_does_not(session, closed_campaign, manager, cards, say, now):
    closed_campaign.debriefed_at = now
    session.commit()
    first, second = cards()[:2]
    refused = say(first, belongs="no")
    assert refused.status_code == 422
    assert "Give a reason" in refused.text
    assert say(second, belongs="yes").status_code == 303
    assert say(first, belongs="no", reason="It is about fares.").status_code == 303
    assert manager.post(at(closed_campaign, "/check/undo")).status_code == 422
    assert manager.post(at(closed_campaign, "/check/undo"), data={"reason": "My mistake."}).status_code == 303


@pytest.mark.parametrize(
    ("method", "tail"),
    [
        ("get", "/check"),
        ("get", "/check/checks.json"),
        ("post", "/check"),
        ("post", "/check/undo"),
        ("post", "/check/{idea}"),
    ],
)
def test_only_who_manages_themes_checks_them(
    checking, cards, closed_campaign, signed_in, charlie, client, method, tail
):
    address = at(closed_campaign, tail.format(idea=cards()[0].idea_id))
    assert getattr(signed_in(charlie), method)(address).status_code == 403
    assert getattr(client, method)(address).status_code in {302, 303}


def test_a_card_takes_as_many_queries_for_few_as_for_many(
    session, grouped, make_campaign, manager, count_queries, bob, now
):
    counts = []
    for themes in (2, 8):
        campaign = make_campaign(closes_at=now)
        grouped(themes, campaign)
        draw_sample(session, campaign)
        session.commit()
        manager.get(at(campaign, "/check"))
        counts.append(count_queries(lambda campaign=campaign: manager.get(at(campaign, "/check"))))
    assert counts[0] == counts[1]


def test_two_people_who_check_see_what_nobody_checked_first(
    session, closed_campaign, cards, bob, alice, signed_in, now, say
):
    first = cards()[0]
    say(first, belongs="yes")
    shown = page(signed_in(alice), closed_campaign)
    assert "1 of 6" in shown
    assert f"/check/{first.idea_id}" not in shown
    for card in cards()[1:]:
        idea, theme = session.get(Placement, card.idea_id).idea, checkable(session, closed_campaign, card)
        check_idea(session, closed_campaign, idea, theme=theme, belongs=Belongs.YES, by=alice, now=now)
    session.commit()
    assert f"/check/{first.idea_id}" in page(signed_in(alice), closed_campaign)


def checkable(session, campaign, card):
    return next(theme for theme in active_themes(session, campaign) if theme.id == card.theme_id)
