"""Promised and delivered: the pages, the feeds and the pictures."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from ideas.answers.action import abandon_action, commit_to
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief

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
    client, session, debriefed, make_campaign, alice, count_queries
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
