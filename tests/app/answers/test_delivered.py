"""Promised and delivered: the pages, the feeds and the pictures."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from app.views.answers import delivered
from ideas.answers.action import abandon_action, commit_to, report_progress
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.people.lead import hand_over
from ideas.spaces.audience import Audience

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def debriefed(session, closed_campaign, make_theme, give_answer, alice, bob, now):
    decision = give_answer(make_theme(closed_campaign))
    due = now.date() + timedelta(days=9)
    facts = {"title": "Paint <it> & more", "impact": "", "owner": bob, "due_on": due}
    action = commit_to(session, decision, **facts, by=bob, now=now)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    abandon_action(session, action, reason="Too <dear>.", by=bob, now=now)
    session.commit()
    return closed_campaign


def test_everyone_reads_what_a_campaign_and_the_organisation_promised(
    client, session, debriefed, make_campaign, alice, count_queries, monkeypatch
):
    here = f"/campaigns/{debriefed.id}/promises"
    shown = client.get(here).text
    told = ("1 of 2 promises that are due were kept", "Paint &lt;it&gt; &amp; more", "Too &lt;dear&gt;.", "On time")
    for words in (*told, f"{here}.atom", f"{here}.svg"):
        assert words in shown, words
    assert f'href="{here}"' in client.get(f"/campaigns/{debriefed.id}/debrief").text
    overall = client.get("/promises").text
    assert "Easier mornings" in overall
    assert 'href="/promises"' in client.get("/campaigns").text
    hidden = make_campaign(title="Secret drawer", open_to_visitors=False)
    few = count_queries(lambda: client.get("/promises"))
    for number in range(5):
        make_campaign(title=f"Another {number}")
    assert "Secret drawer" not in client.get("/promises").text
    assert "Secret drawer" not in client.get("/promises.atom").text
    assert client.get(f"/campaigns/{hidden.id}/promises.svg").status_code == 303
    assert count_queries(lambda: client.get("/promises")) == few
    assert "Another 3" in client.get(f"/promises?lead={alice.id}").text
    assert "Nothing is promised yet" in client.get("/promises?lead=99999").text
    everything = count_queries(lambda: client.get("/promises.atom"))
    assert count_queries(lambda: client.get("/promises.atom?lead=99999")) < everything, (
        "promises of others are not read"
    )
    monkeypatch.setattr(delivered, "kept_out", None)
    assert client.get("/promises.atom").status_code == 200, "a feed reads only what it shows"


def test_the_feed_is_atom_and_the_picture_may_be_shown_elsewhere(client, debriefed, now):
    for address in (f"/campaigns/{debriefed.id}/promises", "/promises"):
        feed = client.get(f"{address}.atom")
        assert feed.mimetype == "application/atom+xml"
        tree = ET.fromstring(feed.data)  # noqa: S314 -- our own
        titles = [entry.find(f"{ATOM}title").text for entry in tree.findall(f"{ATOM}entry")]
        assert "Abandoned: Paint <it> & more" in titles
        assert "Delivered: The debrief" in titles
        ids = [entry.find(f"{ATOM}id").text for entry in tree.findall(f"{ATOM}entry")]
        assert len(set(ids)) == len(ids) == 4
        assert {entry.find(f"{ATOM}summary").text for entry in tree.findall(f"{ATOM}entry")} >= {"Easier mornings"}
        badge = client.get(f"{address}.svg")
        assert badge.mimetype == "image/svg+xml"
        assert badge.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "max-age" in badge.headers["Cache-Control"]
        picture = ET.fromstring(badge.data)  # noqa: S314 -- our own
        assert picture.attrib["aria-label"] == "promises kept: 1 of 2"
        assert " style=" not in badge.text
    assert client.get("/promises").headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.one_database
def test_what_was_promised_counts_whoever_leads_and_whomever_the_campaign_is_open_to(
    client, session, signed_in, debriefed, alice, bob, now
):
    hand_over(session, debriefed, to=bob, by=alice, now=now + timedelta(minutes=1), seen_owner_id=alice.id)
    session.commit()
    assert "1 of 2 promises that are due were kept" in client.get(f"/promises?lead={alice.id}").text
    assert "Led by Alice" in client.get("/promises").text
    assert "Nothing is promised yet" in client.get(f"/promises?lead={bob.id}").text
    closed = AudienceChoice(Stage(Audience.PUBLIC))
    choose_audience(session, debriefed, choice=closed, change_reason="Ours.", by=bob, now=now + timedelta(minutes=2))
    session.commit()
    for address in ("/promises", f"/promises?lead={alice.id}"):
        shown = client.get(address).text
        assert "1 of 2 promises that are due were kept" in shown
        assert "2 promises of campaigns that you can’t see are counted here, and not named." in shown
        assert not {"Easier mornings", "Alice"} & set(shown.replace("<", ">").split(">"))
        assert "promises kept: 1 of 2" in client.get(address.replace("/promises", "/promises.svg")).text
        assert "Paint" not in client.get(address.replace("/promises", "/promises.atom")).text
    assert "Easier mornings" in signed_in(bob).get("/promises").text


@pytest.mark.one_database
def test_an_action_that_is_reopened_was_said_to_be_done_and_everyone_reads_why(
    client, session, closed_campaign, make_theme, give_answer, alice, bob, now
):
    facts = {"title": "Paint", "impact": "", "owner": bob, "due_on": now.date()}
    action = commit_to(session, give_answer(make_theme(closed_campaign)), **facts, by=bob, now=now)
    publish_debrief(
        session, write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now), by=alice, now=now
    )
    report_progress(session, action, progress=100, by=bob, now=now)
    report_progress(session, action, progress=20, reason="It <rained>.", by=bob, now=now + timedelta(minutes=1))
    session.commit()
    here = f"/campaigns/{closed_campaign.id}"
    feed = client.get(f"{here}/promises.atom").text
    assert "Delivered: Paint" in feed
    assert "Reopened: Paint" in feed
    for page in (f"{here}/promises", f"{here}/debrief", f"{here}/themes/{action.decision.theme_id}"):
        assert "It &lt;rained&gt;." in client.get(page).text, page
