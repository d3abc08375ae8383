from datetime import timedelta

import pytest

from ideas.answers.action import Action, actions_on, commit_to
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
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
    back = client.post(at(action, "progress"), data={"progress": progress})
    assert (back.status_code, "a number from 0 to 100" in back.text) == (422, True)
    session.refresh(action)
    assert action.progress == 0


def test_an_action_is_dropped(signed_in, session, action, decision, theme_url, alice):
    assert signed_in(alice).post(at(action, "drop")).location == f"{theme_url}/decision#actions"
    session.expire_all()
    assert actions_on(session, decision) == []


@pytest.fixture
def published(session, closed_campaign, action, alice, now):
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()


def test_a_published_action_is_abandoned_and_never_deleted(
    signed_in, client, session, closed_campaign, action, published, theme_url, alice
):
    manager = signed_in(alice)
    page = manager.get(f"{theme_url}/decision").text
    assert "Delete the action" not in page
    assert "Abandon this action" in page
    refused = manager.post(at(action, "drop"), headers={"HX-Request": "true"})
    assert (refused.status_code, "you can abandon it" in refused.text) == (422, True)
    silent = manager.post(at(action, "abandon"), data={"reason": " "})
    assert (silent.status_code, "Say why you abandon this action." in silent.text) == (422, True)
    done = manager.post(at(action, "abandon"), data={"reason": "The supplier closed."})
    assert done.location == f"{theme_url}/decision#actions"
    for address in (f"/campaigns/{closed_campaign.id}/debrief", f"/campaigns/{closed_campaign.id}"):
        shown = client.get(address).text
        assert "1 action promised" in shown
        assert "1 action abandoned" in shown
    assert "The supplier closed." in client.get(f"/campaigns/{closed_campaign.id}/debrief").text
    again = manager.post(at(action, "progress"), data={"progress": "10"})
    assert (again.status_code, "This action is abandoned." in again.text) == (422, True)


def test_a_refused_reason_to_abandon_is_not_lost(signed_in, action, published, alice):
    back = signed_in(alice).post(at(action, "abandon"), data={"reason": "x" * 501})
    assert (back.status_code, "The limit is 500." in back.text, "x" * 501 in back.text) == (422, True, True)


def test_a_done_action_is_reopened_with_a_reason(signed_in, session, action, published, theme_url, alice):
    manager = signed_in(alice)
    manager.post(at(action, "progress"), data={"progress": "100"})
    assert "Reopen this action" in manager.get(f"{theme_url}/decision").text
    refused = manager.post(at(action, "progress"), data={"progress": "70"})
    assert (refused.status_code, "Say why you reopen it" in refused.text) == (422, True)
    assert 'value="70"' in refused.text
    manager.post(at(action, "progress"), data={"progress": "70", "reason": "It broke."})
    session.refresh(action)
    assert (action.progress, action.done_at) == (70, None)


@pytest.mark.one_database
def test_a_published_action_changes_on_its_page_and_everyone_reads_what_it_said(
    signed_in, client, session, closed_campaign, action, published, promise, theme_url, alice, bob
):
    manager, here = signed_in(alice), at(action, "change")
    page = manager.get(here).text
    assert here in manager.get(f"{theme_url}/decision").text
    assert 'value="Ship it"' in page
    said = promise | {"version": 1}
    refused = manager.post(here, data=said)
    assert (refused.status_code, "Say why you change this action." in refused.text) == (422, True)
    assert "Ship one click" in refused.text
    done = manager.post(here, data=said | {"reason": "The <supplier> is late."})
    assert (done.status_code, done.location) == (303, f"{theme_url}/decision#actions")
    stale = manager.post(here, data=said | {"title": "Theirs", "reason": "Mine."})
    assert (stale.status_code, "There are two versions" in stale.text, "Theirs" in stale.text) == (409, True, True)
    for address in (f"/campaigns/{closed_campaign.id}/debrief", f"/campaigns/{closed_campaign.id}/promises"):
        shown = client.get(address).text
        for words in ("Ship one click", "The &lt;supplier&gt; is late.", "Before: “Ship it”."):
            assert words in shown, (address, words)


def test_an_action_of_another_campaign_is_not_found(signed_in, session, make_campaign, action, alice):
    assert signed_in(alice).post(f"/campaigns/{make_campaign().id}/actions/{action.id}/drop").status_code == 404
    assert session.get(Action, action.id) is not None


def test_actions_are_for_managers(client, signed_in, action, theme_url, promise, charlie):
    for path in (f"{theme_url}/actions", *(at(action, act) for act in ("progress", "abandon", "drop", "change"))):
        assert "/sign-in" in client.post(path, data=promise).location
        assert signed_in(charlie).post(path, data=promise).status_code == 403
