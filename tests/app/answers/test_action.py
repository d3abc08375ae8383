from datetime import timedelta

import pytest

from ideas.answers.action import Action, actions_on, commit_to
from ideas.answers.decision import DecisionStatus
from ideas.themes.theme import Theme


@pytest.fixture
def decision(make_theme, give_answer, closed_campaign):
    return give_answer(make_theme(closed_campaign))


@pytest.fixture
def action(session, decision, bob, now):
    due = now.date() + timedelta(days=9)
    action = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=due, by=bob, now=now)
    session.commit()
    return action


@pytest.fixture
def theme_url(decision):
    return f"/campaigns/{decision.theme.campaign_id}/themes/{decision.theme_id}"


@pytest.fixture
def promise(bob):
    return {"title": "Ship one click", "impact": "Two minutes each day.", "owner": bob.id, "due_on": "2027-03-01"}


def at(action, act):
    return f"/campaigns/{action.decision.theme.campaign_id}/actions/{action.id}/{act}"


def test_an_action_is_added_and_shown(signed_in, session, decision, theme_url, promise, bob):
    client = signed_in(bob)
    added = client.post(f"{theme_url}/actions", data=promise)
    assert (added.status_code, added.location) == (303, f"{theme_url}/decision#actions")
    (action,) = actions_on(session, decision)
    assert (action.title, action.owner, action.due_on.isoformat()) == ("Ship one click", bob, "2027-03-01")
    page = client.get(f"{theme_url}/decision").text
    assert "Ship one click" in page
    assert "Two minutes each day." in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "what will be done"),
        ({"title": "\u200b"}, "This text is empty."),
        ({"title": "x" * 161}, "The limit is 160."),
        ({"impact": "x" * 501}, "The limit is 500."),
        ({"owner": "999999"}, "Not a valid choice"),
        ({"due_on": ""}, "Enter a due date."),
    ],
)
def test_a_refused_action_is_shown_again_with_a_sentence(
    signed_in, session, decision, theme_url, promise, alice, wrong, sentence
):
    back = signed_in(alice).post(f"{theme_url}/actions", data=promise | {"impact": "My words."} | wrong)
    assert back.status_code == 422
    assert sentence in back.text
    assert "impact" in wrong or "My words." in back.text
    assert actions_on(session, decision) == []


def test_a_declined_theme_takes_no_action(signed_in, session, decision, theme_url, promise, alice):
    decision.status = DecisionStatus.DECLINED
    session.commit()
    back = signed_in(alice).post(f"{theme_url}/actions", data=promise)
    assert back.status_code == 422
    assert "A declined theme has no actions." in back.text


def test_a_theme_without_answer_takes_no_action(signed_in, session, closed_campaign, promise, alice, now):
    theme = Theme(campaign=closed_campaign, found_name="Quiet", created_at=now)
    session.add(theme)
    session.commit()
    assert (
        signed_in(alice).post(f"/campaigns/{closed_campaign.id}/themes/{theme.id}/actions", data=promise).status_code
        == 404
    )


def test_progress_is_noted(signed_in, session, action, theme_url, alice):
    client = signed_in(alice)
    assert client.post(at(action, "progress"), data={"progress": "100"}).location == f"{theme_url}/decision#actions"
    session.refresh(action)
    assert action.progress == 100
    assert action.done_at is not None


@pytest.mark.parametrize("progress", ["", "a lot", "101", "-1"])
def test_a_progress_outside_0_to_100_is_refused(signed_in, session, action, alice, progress):
    client = signed_in(alice)
    back = client.post(at(action, "progress"), data={"progress": progress}, follow_redirects=True)
    assert "a number from 0 to 100" in back.text
    session.refresh(action)
    assert action.progress == 0


def test_an_action_is_dropped(signed_in, session, action, decision, theme_url, alice):
    assert signed_in(alice).post(at(action, "drop")).location == f"{theme_url}/decision#actions"
    session.expire_all()
    assert actions_on(session, decision) == []


def test_an_action_of_another_campaign_is_not_found(signed_in, session, make_campaign, action, alice):
    assert signed_in(alice).post(f"/campaigns/{make_campaign().id}/actions/{action.id}/drop").status_code == 404
    assert session.get(Action, action.id) is not None


def test_actions_are_for_managers(client, signed_in, action, theme_url, promise, charlie):
    for path in (f"{theme_url}/actions", at(action, "progress"), at(action, "drop")):
        assert "/sign-in" in client.post(path, data=promise).location
        assert signed_in(charlie).post(path, data=promise).status_code == 403
