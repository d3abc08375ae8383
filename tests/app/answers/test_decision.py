from datetime import timedelta

import pytest

from ideas.answers.decision import DecisionStatus, decide, decision_on

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "javascript:alert(1)"]


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign, bodies=("One click to confirm.", "Two at most."))


@pytest.fixture
def decision_url(theme):
    return f"/campaigns/{theme.campaign_id}/themes/{theme.id}/decision"


@pytest.fixture
def answer(alice, now):
    return {
        "status": "planned",
        "reason": "It ships in spring.",
        "respondent": alice.id,
        "decided_on": (now - timedelta(days=1)).date().isoformat(),
        "then": "themes",
    }


def test_the_decision_page_shows_what_people_wrote(signed_in, decision_url, bob):
    page = signed_in(bob).get(decision_url).text
    assert "Fewer clicks" in page
    assert "One click to confirm." in page
    assert "Each action has an owner" not in page  # nothing follows before there is an answer


def test_an_answer_is_recorded_then_replaced(signed_in, session, theme, decision_url, answer, bob):
    client = signed_in(bob)
    assert client.post(decision_url, data=answer).status_code == 303
    client.post(decision_url, data=answer | {"status": "done", "reason": "It is there.", "respondent": bob.id})
    decision = decision_on(session, theme)
    assert (decision.status, decision.reason, decision.respondent_id) == (DecisionStatus.DONE, "It is there.", bob.id)
    assert decision.recorded_by_id == bob.id
    page = client.get(decision_url).text
    assert "It is there." in page
    assert "Each action has an owner" in page


def test_a_declined_theme_has_no_actions(signed_in, decision_url, answer, alice):
    client = signed_in(alice)
    client.post(decision_url, data=answer | {"status": "declined"})
    assert "Each action has an owner" not in client.get(decision_url).text


def test_the_pressed_button_chooses_the_next_page(
    signed_in, make_theme, closed_campaign, theme, decision_url, answer, alice
):
    other = make_theme(closed_campaign, "Quiet rooms")
    client, campaign = signed_in(alice), f"/campaigns/{closed_campaign.id}"
    assert client.post(decision_url, data=answer).location == f"{campaign}/themes"
    assert client.post(decision_url, data=answer | {"then": "actions"}).location == f"{decision_url}#actions"
    next_page = f"{campaign}/themes/{other.id}/decision"
    assert client.post(decision_url, data=answer | {"then": "next"}).location == next_page
    assert client.post(next_page, data=answer | {"then": "next"}).location == f"{campaign}/debrief/write"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"status": ""}, "Choose an answer."),
        ({"status": "maybe"}, "Not a valid choice"),
        ({"reason": "  "}, "Explain your answer."),
        ({"reason": "\u200b"}, "This text is empty."),
        ({"reason": "x" * 2_001}, "The limit is 2,000."),
        ({"respondent": "999999"}, "Not a valid choice"),
        ({"decided_on": "soon"}, "Not a valid date"),
        ({"decided_on": ""}, "Enter the date of the answer."),
        ({"decided_on": "2999-01-01"}, "Choose today or an earlier date."),
    ],
)
def test_a_refused_decision_is_shown_again_with_a_sentence(
    signed_in, session, theme, decision_url, answer, alice, wrong, sentence
):
    back = signed_in(alice).post(decision_url, data=answer | {"reason": "My words."} | wrong)
    assert back.status_code == 422
    assert sentence in back.text
    assert "reason" in wrong or "My words." in back.text
    assert decision_on(session, theme) is None


def test_the_proposed_date_is_today_in_the_readers_zone(signed_in, session, decision_url, alice, now):
    alice.timezone = "Pacific/Kiritimati"
    session.commit()
    today = (now + timedelta(hours=14)).date().isoformat()
    assert f'value="{today}"' in signed_in(alice).get(decision_url).text


def test_an_answer_is_withdrawn_until_it_is_public(
    signed_in, session, theme, closed_campaign, decision_url, answer, alice, now
):
    client = signed_in(alice)
    client.post(decision_url, data=answer)
    assert client.post(f"{decision_url}/withdraw").status_code == 303
    assert decision_on(session, theme) is None
    assert client.post(f"{decision_url}/withdraw").status_code == 404
    client.post(decision_url, data=answer)
    closed_campaign.debriefed_at = now
    session.commit()
    refused = client.post(f"{decision_url}/withdraw")
    assert refused.status_code == 422
    assert "published in the debrief" in refused.text
    assert "Withdraw this answer" not in client.get(decision_url).text


@pytest.mark.parametrize("path", ["", "/withdraw"])
def test_the_decision_page_is_for_managers(client, signed_in, decision_url, answer, charlie, path):
    assert "/sign-in" in client.post(decision_url + path, data=answer).location
    assert signed_in(charlie).post(decision_url + path, data=answer).status_code == 403


def test_the_decision_page_of_another_campaign_is_not_found(signed_in, make_campaign, theme, alice):
    other = make_campaign()
    assert signed_in(alice).get(f"/campaigns/{other.id}/themes/{theme.id}/decision").status_code == 404


@pytest.mark.parametrize("hostile", HOSTILE)
def test_texts_are_escaped(signed_in, make_theme, closed_campaign, answer, make_person, alice, hostile):
    theme = make_theme(closed_campaign, hostile, bodies=[hostile], author=make_person(hostile, email="e@example.org"))
    decision_url = f"/campaigns/{closed_campaign.id}/themes/{theme.id}/decision"
    client = signed_in(alice)
    client.post(decision_url, data=answer | {"reason": hostile})
    page = client.get(decision_url).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert ">49<" not in page


def test_the_number_of_queries_is_constant(
    signed_in, session, make_theme, closed_campaign, theme, decision_url, answer, count_queries, alice, now
):
    client = signed_in(alice)
    client.post(decision_url, data=answer)
    few = count_queries(lambda: client.get(decision_url))
    for number in range(30):
        decide(
            session,
            make_theme(closed_campaign, f"Theme {number}"),
            status=DecisionStatus.ADOPTED,
            reason="Yes.",
            respondent=alice,
            decided_on=now.date(),
            by=alice,
            now=now,
        )
    session.commit()
    assert count_queries(lambda: client.get(decision_url)) == few
