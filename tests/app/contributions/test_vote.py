import json

import pytest
from sqlalchemy import func, select

from ideas.contributions.vote import Emotion, Reaction, Vote

HTMX = {"HX-Request": "true"}


def url(idea, act):
    return f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/{act}"


def votes(session):
    return session.scalar(select(func.count()).select_from(Vote))


def test_support_is_given_once_and_taken_back(signed_in, session, idea, bob):
    client = signed_in(bob)
    for _ in range(2):
        answer = client.post(url(idea, "vote"))
        assert (answer.status_code, answer.location) == (303, f"/campaigns/{idea.campaign_id}/ideas/{idea.id}")
    assert votes(session) == 1
    assert client.post(url(idea, "vote/withdraw")).status_code == 303
    assert votes(session) == 0


def test_a_plain_button_returns_to_its_page(signed_in, idea, bob):
    client = signed_in(bob)
    there = f"/campaigns/{idea.campaign_id}/ideas?page=1"
    assert client.post(url(idea, "vote"), data={"next": there}).location == there
    assert "evil" not in client.post(url(idea, "vote"), data={"next": "//evil.example"}).location


def test_htmx_gets_only_the_block_and_a_sentence_for_the_status_region(signed_in, idea, bob):
    answer = signed_in(bob).post(url(idea, "vote"), headers=HTMX)
    assert answer.text.lstrip().startswith(f'<div class="response" id="response-{idea.id}">')
    assert f'id="support-{idea.id}"' in answer.text
    assert 'aria-pressed="true"' in answer.text
    assert json.loads(answer.headers["HX-Trigger"]) == {"announce": "You support this idea."}


def test_a_card_gets_its_shorter_block_back(signed_in, idea, bob):
    answer = signed_in(bob).post(url(idea, "vote"), data={"brief": "yes"}, headers=HTMX)
    assert "response--brief" in answer.text
    assert 'name="emotion"' not in answer.text
    assert 'name="brief" value="yes"' in answer.text


def test_an_emotion_is_given_changed_and_taken_back(signed_in, session, idea, bob):
    client = signed_in(bob)

    def react(emotion):
        assert client.post(url(idea, "reaction"), data={"emotion": emotion}, headers=HTMX).status_code == 200
        session.expire_all()
        return session.scalars(select(Reaction.emotion)).all()

    assert react("hope") == [Emotion.HOPE]
    assert react("worry") == [Emotion.WORRY]
    assert react("worry") == []


@pytest.mark.parametrize("emotion", ["", "love", "\x00", "JOY"])
def test_an_unknown_emotion_is_refused(signed_in, session, idea, bob, emotion):
    answer = signed_in(bob).post(url(idea, "reaction"), data={"emotion": emotion}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose one of the reactions." in answer.text
    assert session.scalars(select(Reaction)).all() == []


def test_ones_own_idea_is_not_supported(signed_in, session, idea, charlie):
    client = signed_in(charlie)
    answer = client.post(url(idea, "vote"), headers=HTMX)
    assert answer.status_code == 422
    assert "You can’t support your own idea." in answer.text
    assert "You can’t support your own idea." in client.post(url(idea, "vote"), follow_redirects=True).text
    assert votes(session) == 0
    assert f'id="support-{idea.id}"' not in client.get(url(idea, "")[:-1]).text


def test_support_is_refused_after_the_closing(signed_in, session, closed_campaign, make_idea, bob, charlie):
    idea = make_idea(closed_campaign, charlie, "Too late to support")
    client = signed_in(bob)
    for act, data in (("vote", {}), ("vote/withdraw", {}), ("reaction", {"emotion": "joy"})):
        answer = client.post(url(idea, act), data=data, headers=HTMX)
        assert answer.status_code == 422
        assert "while the campaign is open" in answer.text
    assert votes(session) == 0
    assert f'id="support-{idea.id}"' not in client.get(url(idea, "")[:-1]).text


@pytest.mark.parametrize("act", ["vote", "vote/withdraw", "reaction"])
def test_a_visitor_is_led_to_sign_in(client, idea, act):
    assert client.post(url(idea, act)).location == "/sign-in"
    answer = client.post(url(idea, act), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_a_withdrawn_idea_takes_no_support(signed_in, session, idea, alice, bob, make_person, now):
    idea.withdrawn_at = now
    session.commit()
    assert signed_in(make_person("Dana")).post(url(idea, "vote")).status_code == 404
    assert signed_in(bob).post(url(idea, "vote"), headers=HTMX).status_code == 422
    assert votes(session) == 0


@pytest.mark.one_database
def test_where_support_is_limited_the_page_says_how_much_is_left(
    signed_in, session, campaign, idea, make_idea, charlie, bob
):
    campaign.supports_each = 1
    other = make_idea(campaign, charlie, "Another")
    browser = signed_in(bob)
    page = f"/campaigns/{campaign.id}/ideas/{idea.id}"
    assert "1 support left in this campaign" in browser.get(page).text
    answer = browser.post(url(idea, "vote"), headers=HTMX)
    assert "No support left in this campaign" in answer.text
    assert "You have no support left in this campaign." in answer.headers["HX-Trigger"]
    refused = browser.post(url(other, "vote"), headers=HTMX)
    assert refused.status_code == 422
    assert "Take one back, then support this idea." in refused.text
    assert "2 supports" not in browser.post(url(idea, "vote/withdraw"), headers=HTMX).text
    assert browser.post(url(other, "vote"), headers=HTMX).status_code == 200


def test_who_supported_what_became_their_own_idea_may_take_it_back_and_no_more(
    signed_in, session, campaign, idea, make_idea, bob
):
    browser, page = signed_in(bob), f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    browser.post(url(idea, "vote"))
    make_idea(campaign, bob, "The same").merged_into_id = idea.id
    session.commit()
    shown = browser.get(page).text
    assert f'action="{url(idea, "vote/withdraw")}"' in shown
    assert url(idea, "reaction") not in shown
    assert f'id="support-{idea.id}"' not in browser.post(url(idea, "vote/withdraw"), headers=HTMX).text
    assert votes(session) == 0
