"""The work on a theme on its page, and the themes that are assigned to oneself."""

import re
from datetime import timedelta

import pytest

from ideas.campaigns.people.team import Role, add_to_team
from ideas.contributions.talk.clarification import ask_author
from ideas.desk.note import ThemeNote, write_note
from ideas.desk.work import set_work, work_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def theme(session, campaign, make_theme, charlie):
    theme = make_theme(campaign, "Buses", bodies=["A bus on Sunday", "A night bus"], author=charlie)
    session.commit()
    return theme


@pytest.fixture
def here(campaign, theme):
    return f"/campaigns/{campaign.id}/themes/{theme.id}"


def test_a_theme_is_assigned_on_its_page_and_both_versions_are_shown(
    session, campaign, theme, here, signed_in, make_person, alice, bob, now
):
    browser, tomorrow = signed_in(alice), (now + timedelta(days=1)).date()
    fields = {"assignee": bob.id, "due_on": tomorrow.isoformat(), "tags": "Sunday; night", "version": 0}
    assert browser.post(f"{here}/work", data=fields).location.endswith(f"{here}#work")
    page = browser.get(here).text
    assert "Assigned to Bob" in page
    assert 'value="Sunday, night"' in page
    stale = browser.post(f"{here}/work", data=fields | {"assignee": "", "tags": "x"})
    assert stale.status_code == 409
    assert "There are two versions" in stale.text
    assert "Sunday, night" in stale.text
    version = re.findall(r'name="version"[^>]*value="(\d+)"', stale.text)
    assert browser.post(
        f"{here}/work", data=fields | {"assignee": "", "tags": "x", "version": version[-1]}
    ).status_code in {303, 409}
    stamps = {work.stamp for work in work_in(session, [campaign.id]).values()}
    browser.post(f"{here}/work", data=fields | {"version": stamps.pop(), "tags": "one"})
    assert work_in(session, [campaign.id])[theme.id].tags == ("one",)
    for wrong in (
        {"due_on": "2020-01-01"},
        {"tags": "x" * 40},
        {"tags": "a,b,c,d,e,f"},
        {"assignee": "x"},
        {"due_on": "soon"},
    ):
        refused = browser.post(
            f"{here}/work", data=fields | wrong | {"version": work_in(session, [campaign.id])[theme.id].stamp}
        )
        assert (refused.status_code, "There is a problem" in refused.text) == (422, True), wrong
    add_to_team(session, campaign, make_person("Olga"), role=Role.OBSERVER, by=alice, now=now)
    session.commit()
    assert browser.get(here).text.count('<option value="') >= 3


def test_notes_never_leave_the_team(session, campaign, theme, here, signed_in, make_person, client, alice, bob, now):
    browser = signed_in(alice)
    assert browser.post(f"{here}/notes", data={"body": "The operator says no."}).status_code == 303
    assert "The operator says no." in browser.get(here).text
    assert browser.post(f"{here}/notes", data={"body": " "}).status_code == 422
    beside = f"{here}/decision"  # they are read and written beside the answer too
    assert "The operator says no." in browser.get(beside).text
    empty = browser.post(f"{here}/notes", data={"body": " ", "back": "answer"})
    assert (empty.status_code, "Write the note first." in empty.text, "Your answer" in empty.text) == (422, True, True)
    second = browser.post(f"{here}/notes", data={"body": "Ask again.", "back": "answer"})
    assert second.location == f"{beside}#notes"
    latest = session.query(ThemeNote).order_by(ThemeNote.id.desc()).first()
    assert browser.post(f"{here}/notes/{latest.id}/delete", data={"back": "answer"}).location == f"{beside}#notes"
    note = session.query(ThemeNote).one()
    theirs = signed_in(bob)
    assert "Delete the note" not in theirs.get(here).text
    assert theirs.post(f"{here}/notes/{note.id}/delete").status_code in {303, 403}
    assert session.query(ThemeNote).count() == 1
    observer = make_person("Olga")
    add_to_team(session, campaign, observer, role=Role.OBSERVER, by=alice, now=now)
    set_work(session, theme, assignee=bob, due_on=None, tags=["secret tag"], by=alice, now=now)
    campaign.closes_at, campaign.debriefed_at = now - timedelta(days=2), now
    session.commit()
    for reader in (signed_in(observer), client):
        page = reader.get(here)
        assert page.status_code == 200
        assert "operator says no" not in page.text
        assert "secret tag" not in page.text
    assert browser.post(f"{here}/notes/{note.id}/delete").status_code == 303
    assert session.query(ThemeNote).count() == 0


def test_ones_own_themes(
    session, campaign, theme, signed_in, make_campaign, make_theme, give_answer, alice, bob, charlie, now
):
    browser = signed_in(bob)
    assert "No theme is assigned to you" in browser.get("/me/themes").text
    answered = make_theme(make_campaign(title="Another campaign"), "Trees", bodies=["An oak"], author=charlie)
    set_work(
        session,
        theme,
        assignee=bob,
        due_on=(now - timedelta(days=2)).date(),
        tags=["x"],
        by=alice,
        now=now - timedelta(days=3),
    )
    set_work(session, answered, assignee=bob, due_on=None, tags=[], by=alice, now=now)
    give_answer(answered)
    write_note(session, theme, body="Call them.", by=bob, now=now)
    session.commit()
    page = browser.get("/me/themes").text
    assert "1 theme waits for an answer" in page
    assert "1 theme has its answer" in page
    assert "Late" in page
    assert "1 theme assigned to you waits for an answer" in browser.get("/me").text
    assert "/me/themes" not in signed_in(charlie).get("/me").text


def test_questions_to_authors_are_on_the_pages_of_the_team_and_of_the_author(
    session, campaign, make_idea, signed_in, count_queries, alice, bob, charlie, now
):
    idea = make_idea(campaign, charlie, "A wider door")
    ask_author(session, idea, question="Which <door>?", by=alice, now=now - timedelta(days=8))
    session.commit()
    team, author = signed_in(bob).get("/me/themes").text, signed_in(charlie).get("/me").text
    for words in (
        "1 question to an author has no answer",
        "Which &lt;door&gt;?",
        "Asked by Alice",
        "A wider door",
        "Late",
    ):
        assert words in team
    for words in ("1 question of a campaign team waits for your answer", "Which &lt;door&gt;?", "#clarifications"):
        assert words in author
    assert "Which &lt;door&gt;?" not in signed_in(bob).get("/me").text
    browser = signed_in(bob)
    few = count_queries(lambda: browser.get("/me/themes"))
    for number in range(5):
        ask_author(session, make_idea(campaign, charlie, f"Door {number}"), question="Where?", by=bob, now=now)
    session.commit()
    assert count_queries(lambda: browser.get("/me/themes")) == few
