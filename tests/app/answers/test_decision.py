import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import DecisionStatus, decide, decision_on
from ideas.campaigns.people.team import remove_from_team

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
    client.post(
        decision_url, data=answer | {"status": "done", "reason": "It is there.", "respondent": bob.id, "version": 1}
    )
    decision = decision_on(session, theme)
    assert (decision.status, decision.reason, decision.respondent_id) == (DecisionStatus.DONE, "It is there.", bob.id)
    assert decision.recorded_by_id == bob.id
    page = client.get(decision_url).text
    assert "It is there." in page
    assert "Each action has an owner" in page


def test_an_answer_keeps_the_name_of_who_left_the_team(
    signed_in, session, theme, closed_campaign, decision_url, answer, alice, bob, now
):
    client = signed_in(alice)
    client.post(decision_url, data=answer | {"respondent": bob.id})
    remove_from_team(session, closed_campaign, bob, by=alice, now=now)
    session.commit()
    assert f'<option selected value="{bob.id}">Bob</option>' in client.get(decision_url).text
    changed = answer | {"respondent": bob.id, "reason": "It ships in May.", "version": 1}
    assert client.post(decision_url, data=changed).status_code == 303
    session.expire_all()
    assert decision_on(session, theme).reason == "It ships in May."


def test_who_chooses_a_respondent_is_led_to_the_team(signed_in, decision_url, alice, bob, theme):
    assert f'href="/campaigns/{theme.campaign_id}/team#add"' in signed_in(alice).get(decision_url).text
    assert "Ask Alice to add them to the team." in signed_in(bob).get(decision_url).text


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
    next_desk = f"{campaign}/themes/{other.id}/decision"
    assert client.post(decision_url, data=answer | {"then": "next"}).location == next_desk
    assert client.post(next_desk, data=answer | {"then": "next"}).location == f"{campaign}/debrief/write"


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


def test_the_proposed_date_is_today_in_the_readers_zone(signed_in, session, decision_url, alice):
    alice.timezone = "Pacific/Kiritimati"
    session.commit()
    today = datetime.now(ZoneInfo("Pacific/Kiritimati")).date().isoformat()
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


# Two managers


def test_the_second_of_two_managers_sees_both_answers_and_loses_nothing(
    signed_in, session, theme, decision_url, answer, alice, bob
):
    first, second = signed_in(alice), signed_in(bob)
    assert 'name="version" type="hidden" value="0"' in first.get(decision_url).text
    assert first.post(decision_url, data=answer | {"version": "0"}).status_code == 303
    mine = answer | {"status": "declined", "reason": "Bob’s reason.", "respondent": bob.id, "version": "0"}
    conflict = second.post(decision_url, data=mine)
    assert conflict.status_code == 409
    for words in ("Alice saved another version on", "It ships in spring.", "Bob’s reason.", "Planned", "Declined"):
        assert words in conflict.text
    assert decision_on(session, theme).status is DecisionStatus.PLANNED
    version = re.search(r'name="version"[^>]*value="(\d+)"', conflict.text)[1]
    assert second.post(decision_url, data=mine | {"version": version}).status_code == 303
    session.expire_all()
    assert decision_on(session, theme).reason == "Bob’s reason."


def test_an_answer_to_a_theme_that_a_run_replaced_meanwhile_is_refused_and_its_text_is_given_back(
    signed_in, session, theme, decision_url, answer, bob, now
):
    browser = signed_in(bob)
    assert browser.get(decision_url).status_code == 200
    theme.retired_at = now
    session.commit()
    typed = answer | {"reason": "We open the gate at seven, and say so."}
    refused = browser.post(decision_url, data=typed, headers={"Origin": "http://localhost"})
    assert refused.status_code == 404
    assert "What you wrote to is no longer there" in refused.text
    assert "We open the gate at seven, and say so." in refused.text
    assert decision_on(session, theme) is None


def test_an_answer_withdrawn_meanwhile_is_shown_as_a_conflict(
    signed_in, session, theme, decision_url, answer, alice, bob
):
    first, second = signed_in(alice), signed_in(bob)
    first.post(decision_url, data=answer)
    first.post(f"{decision_url}/withdraw")
    conflict = second.post(decision_url, data=answer | {"reason": "Bob’s reason.", "version": "1"})
    assert (conflict.status_code, "Bob’s reason.</textarea>" in conflict.text) == (409, True)
    assert second.post(decision_url, data=answer | {"reason": "Bob’s reason.", "version": "0"}).status_code == 303


# A promised answer


def test_no_answer_yet_needs_a_day_and_no_reason(signed_in, session, theme, decision_url, answer, alice, now):
    client = signed_in(alice)
    promise = answer | {"status": "pending", "reason": ""}
    refused = client.post(decision_url, data=promise)
    assert (refused.status_code, "Choose a day after today" in refused.text) == (422, True)
    day = now.date() + timedelta(days=9)
    assert client.post(decision_url, data=promise | {"expected_on": day.isoformat()}).status_code == 303
    assert decision_on(session, theme).expected_on == day
    page = client.get(decision_url).text
    assert f'value="{day.isoformat()}"' in page
    assert "Each action has an owner" not in page


def test_a_promised_answer_is_passed_over_until_the_debrief_and_asked_for_afterwards(
    signed_in, session, make_theme, give_answer, closed_campaign, theme, decision_url, answer, alice, now
):
    other = make_theme(closed_campaign, "Quiet rooms")
    promised = {"status": DecisionStatus.PENDING, "reason": "", "expected_on": now.date() + timedelta(days=9)}
    give_answer(other, **promised)
    client = signed_in(alice)
    assert client.post(decision_url, data=answer | {"then": "next"}).location.endswith("/debrief/write")
    publish_debrief(
        session, write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now), by=alice, now=now
    )
    session.commit()
    assert "Next theme without an answer: Quiet rooms" in client.get(decision_url).text


# Once published


@pytest.fixture
def published(session, theme, give_answer, closed_campaign, alice, now):
    """The answer, once the debrief is public, an hour ago."""
    decision = give_answer(theme)
    before = now - timedelta(hours=1)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=before)
    publish_debrief(session, debrief, by=alice, now=before)
    session.commit()
    return decision


def test_a_published_answer_changes_with_a_reason_and_everyone_reads_what_it_was(
    signed_in, client, session, published, theme, decision_url, answer, alice
):
    manager = signed_in(alice)
    page = manager.get(decision_url).text
    assert "Why you change this answer" in page
    assert 'value="pending"' not in page
    changed = answer | {"status": "done", "reason": "It is there.", "version": published.version}
    changed["community_impact"] = "Two <minutes> each day."
    refused = manager.post(decision_url, data=changed)
    assert (refused.status_code, "Say why you change it" in refused.text) == (422, True)
    assert "It is there.</textarea>" in refused.text
    assert manager.post(decision_url, data=changed | {"change_reason": "We shipped early."}).status_code == 303
    versions = f"/campaigns/{theme.campaign_id}/answers/{published.id}"
    for address in (f"/campaigns/{theme.campaign_id}/debrief", f"/campaigns/{theme.campaign_id}/themes/{theme.id}"):
        shown = client.get(address).text
        assert "It is there." in shown
        assert "Two &lt;minutes&gt; each day." in shown
        assert f'href="{versions}"' in shown
    earlier = client.get(versions).text
    assert earlier.count("What changes for the community") == 1
    assert earlier.index("It is there.") < earlier.index("It ships in spring.")
    assert "Changed by Alice. Reason: We shipped early." in earlier


def test_an_answer_that_is_not_published_has_no_public_page(signed_in, client, theme, give_answer, alice):
    address = f"/campaigns/{theme.campaign_id}/answers/{give_answer(theme).id}"
    assert client.get(address).status_code == signed_in(alice).get(address).status_code == 404


def test_declining_asks_what_becomes_of_the_open_actions(
    signed_in, session, published, theme, decision_url, answer, alice, now
):
    facts = {"impact": "", "owner": alice, "due_on": now.date(), "by": alice, "now": now}
    action = commit_to(session, published, title="Ship one click", **facts)
    session.commit()
    manager = signed_in(alice)
    assert "If you decline this theme: its 1 unfinished action" in manager.get(decision_url).text
    declined = answer | {
        "status": "declined", "reason": "Too dear.", "version": published.version, "change_reason": "Cuts.",
    }  # fmt: skip
    refused = manager.post(decision_url, data=declined)
    assert (refused.status_code, "unfinished actions: Ship one click." in refused.text) == (422, True)
    silent = manager.post(decision_url, data=declined | {"abandon": "y"})
    assert (silent.status_code, "Say why you abandon this action." in silent.text) == (422, True)
    assert "Too dear.</textarea>" in silent.text
    assert (
        manager.post(decision_url, data=declined | {"abandon": "y", "abandon_reason": "No money."}).status_code == 303
    )
    session.refresh(action)
    assert action.abandoned_reason == "No money."
    assert "No money." in manager.get(decision_url).text


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


def test_every_sentence_of_earlier_answers_is_offered_with_its_date_and_whether_it_was_kept(
    session, closed_campaign, make_campaign, make_theme, give_answer, signed_in, alice, now
):
    theme = make_theme(closed_campaign, "Shorter waiting times")
    earlier = make_campaign(title="Last year", debriefed_at=now)
    long = "We hire two people in March. " * 20
    for _ in range(4):
        give_answer(make_theme(earlier, "Shorter waiting times"), reason=f"{long}The desk opens at “seven”.")
    browser, here = signed_in(alice), f"/campaigns/{closed_campaign.id}/themes/{theme.id}"
    page = browser.get(f"{here}/decision").text
    assert page.count("<li>The desk opens at “seven”.") == 4
    assert page.count('data-insert="The desk opens at “seven”. " data-into="#reason"') == 4
    assert page.count("21 sentences of this answer") == 4
    assert page.count("It promised no action.") == 4
    assert page.count("in the campaign “Last year”") == 4
    read = browser.get(here).text
    assert "The desk opens at “seven”." in read
    assert "data-insert" not in read


def test_the_sentences_are_offered_for_several_themes_and_for_one_idea_too(
    session, closed_campaign, make_campaign, make_idea, make_theme, give_answer, signed_in, alice, charlie, now
):
    themes = [make_theme(closed_campaign, name) for name in ("Shorter waiting times", "Toys")]
    idea = make_idea(closed_campaign, charlie, "Shorter waiting times, please.")
    give_answer(make_theme(make_campaign(debriefed_at=now), "Shorter waiting times"), reason="We open at seven.")
    browser, here = signed_in(alice), f"/campaigns/{closed_campaign.id}"
    chosen = "&".join(f"theme={theme.id}" for theme in themes)
    offered = 'data-insert="We open at seven. " data-into="#reason"'
    assert offered in browser.get(f"{here}/themes/table/selected?act=decide&{chosen}").text
    assert offered in browser.get(f"{here}/ideas/{idea.id}/answer").text
    assert "Earlier answers" not in browser.get(f"{here}/themes/table/selected?act=assign&{chosen}").text
