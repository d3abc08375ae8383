"""Milestones and evidence of an action: added by the team on their pages, read by everyone where the action is."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.mail.receipt import receipt_token
from app.views.answers import milestone as milestone_views
from app.views.answers.debriefs import documents
from ideas.answers.action import commit_to
from ideas.answers.actions.evidence import Evidence, EvidenceFile
from ideas.answers.actions.evidence_change import add_evidence
from ideas.answers.actions.milestone import Milestone
from ideas.answers.actions.milestone_change import add_milestone
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.campaigns.people.team import Role, add_to_team, remove_from_team
from ideas.errors import DeletedMeanwhile
from ideas.files import File, Purpose
from tests.documents import photo

pytestmark = pytest.mark.one_database


@pytest.fixture
def action(session, closed_campaign, make_theme, make_idea, give_answer, alice, bob, charlie, now):
    idea = make_idea(closed_campaign, charlie, "A van for us.")
    decision, due = give_answer(make_theme(closed_campaign, ideas=[idea])), now.date() + timedelta(days=9)
    action = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=due, by=bob, now=now)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    return action


def test_evidence_comes_with_a_photo_and_is_read_everywhere_until_it_is_taken_off(
    app, client, signed_in, session, closed_campaign, action, alice, bob, charlie, make_person, now
):
    here = f"/campaigns/{closed_campaign.id}"
    page = f"{here}/actions/{action.id}/evidence"
    team = signed_in(alice)
    assert page in team.get(f"{here}/themes/{action.decision.theme_id}/decision").text
    sent = {"new_file": (io.BytesIO(photo()), "van.jpg"), "new_alternative": "A van", "link": "ftp://example.org"}
    refused = team.post(page, data=sent | {"body": "It <drives>."})
    assert (refused.status_code, "Enter a link that starts with https://" in refused.text) == (422, True)
    [number] = re.findall(r'name="waiting" value="(\d+)"', refused.text)  # the file is not lost
    assert "It &lt;drives&gt;." in refused.text
    again = {"waiting": number, f"alternative_{number}": "A white van"}
    added = {"new_file": (io.BytesIO(photo()), "side.jpg"), "body": "It <drives>.", "act": "add_file"}
    more = team.post(page, data=again | added)
    waiting = re.findall(r'name="waiting" value="(\d+)"', more.text)
    assert (more.status_code, waiting) == (200, [number, waiting[1]])
    key = re.search(r'name="form_key"[^>]*value="([\w-]+)"', more.text)[1]
    again |= {"waiting": waiting, "body": "It <drives>.", "link": "https://example.org/van", "form_key": key}
    assert [team.post(page, data=again).location for _second_click in range(2)] == [page, page]
    one, other = (evidence := session.scalars(select(Evidence)).one()).files
    with app.app_context():
        receipt = f"/receipt/{receipt_token(charlie.id, closed_campaign.id)}"
    theme, answer = f"{here}/themes/{action.decision.theme_id}", f"{here}/answers/{action.decision_id}"
    pages = [f"{here}/{name}" for name in ("debrief", "debrief.html", "promises", "promises.atom")]
    for address in [page, theme, answer, receipt, *pages]:
        assert "It &lt;drives&gt;." in client.get(address).text, address
    assert f'src="/files/{one.small_id}" alt="A white van"' in client.get(theme).text
    assert f'src="/files/{one.small_id}"' not in client.get(receipt).text  # its reader may have no account
    assert client.get(f"/files/{one.file_id}", buffered=True).status_code == 200
    # A moderator takes off the file, then all; whoever only reads sees why.
    milo = make_person("Milo")
    add_to_team(session, closed_campaign, milo, role=Role.MODERATOR, by=alice, now=now)
    session.commit()
    moderator, off = signed_in(milo), f"{here}/evidence/{evidence.id}/take-off"
    assert off in moderator.get(page).text
    assert off not in client.get(page).text
    assert moderator.post(page, data={"body": "Mine."}).status_code == 403
    silent = moderator.post(off, data={"what": one.file_id, "reason": " "})
    assert (silent.status_code, "Say why you take this off." in silent.text) == (422, True)
    assert moderator.post(off, data={"what": one.file_id, "reason": "A face."}).location == page
    assert team.get(f"/files/{one.file_id}", buffered=True).status_code == 404
    assert "A face." in client.get(page).text
    moderator.post(off, data={"what": 0, "reason": "Another van."})
    for address in [page, f"{here}/debrief", f"{here}/promises", f"{here}/promises.atom"]:
        shown = client.get(address).text
        assert ("drives" in shown, "Another van." in shown) == (False, True), address
    assert "drives" in moderator.get(page).text
    readers = [moderator, client]
    assert [reader.get(f"/files/{other.small_id}", buffered=True).status_code for reader in readers] == [200, 404]
    # The owner of the action goes on, also without a role in the team.
    remove_from_team(session, closed_campaign, bob, by=alice, now=now)
    session.commit()
    assert signed_in(bob).post(page, data={"body": "It runs."}).status_code == 303
    assert signed_in(charlie).post(page, data={"body": "It runs."}).status_code == 403
    assert "/sign-in" in client.post(page, data={"body": "It runs."}).location
    assert "It runs." in client.get(f"{here}/debrief").text


def test_milestones_are_added_reached_late_and_abandoned_in_public(
    client, signed_in, session, closed_campaign, action, alice, now
):
    here, team = f"/campaigns/{closed_campaign.id}", signed_in(alice)
    page, theme = f"{here}/actions/{action.id}/milestones", f"{here}/themes/{action.decision.theme_id}/decision"
    assert page in team.get(theme).text
    refused = team.post(page, data={"title": "Order <it>", "due_on": "2020-01-01"})
    assert (refused.status_code, "Choose today or a later day" in refused.text) == (422, True)
    for title in ("Order <it>", "Paint it"):
        assert team.post(page, data={"title": title, "due_on": now.date() + timedelta(days=2)}).location == page
    first, second = session.scalars(select(Milestone).order_by(Milestone.id))
    assert "Mark the action as done" in team.get(theme).text
    change, due = f"{here}/milestones/{first.id}", first.due_on
    said = {"title": "Order <it>", "due_on": due, "version": 1}
    assert change in team.get(page).text
    refused = team.post(change, data=said | {"title": "Order two"})
    assert (refused.status_code, "Order two" in refused.text) == (422, True)
    assert team.post(change, data=said | {"done_on": now.date()}).location == page
    stale = team.post(change, data=said | {"title": "Theirs", "reason": "Mine."})
    assert (stale.status_code, "There are two versions" in stale.text) == (409, True)
    first.due_on = now.date() - timedelta(days=1)
    session.commit()
    shown = client.get(f"{here}/debrief").text
    for words in ("1 of 2 milestones reached", "Order &lt;it&gt;", "Reached late"):
        assert words in shown, words
    assert "Milestone reached: “Order &lt;it&gt;”" in client.get(f"{here}/promises.atom").text
    abandon = f"{here}/milestones/{second.id}/abandon"
    silent = team.post(abandon, data={"abandon_reason": " "})
    assert (silent.status_code, "Say why you abandon this milestone." in silent.text) == (422, True)
    assert team.post(abandon, data={"abandon_reason": "No paint."}).location == page
    for address in (f"{here}/debrief", f"{here}/promises"):
        assert "No paint." in client.get(address).text, address
    refused = team.post(f"{here}/actions/{action.id}/progress", data={"progress": "40"})
    assert (refused.status_code, "The milestones say how far this action is." in refused.text) == (422, True)


@pytest.fixture
def add_with_photo(session, action, now):
    """Add a milestone, and evidence with a picture."""

    def add(number, by):
        facts = {"name": "v.webp", "media_type": "image/webp", "size": 1, "digest": "", "uploaded_by_id": by.id}
        files = [File(purpose=Purpose.EVIDENCE, stored_as=f"{number}{name}", created_at=now, **facts) for name in "vs"]
        session.add_all(files)
        evidence = add_evidence(session, action, body=f"Step {number}", by=by, now=now)
        session.add(EvidenceFile(file=files[0], small=files[1], evidence=evidence))
        add_milestone(session, action, title=f"Step {number}", due_on=action.due_on, by=by, now=now)
        session.commit()

    return add


def test_pages_of_an_action_ask_as_much_however_much_happened_to_it(
    client, signed_in, closed_campaign, action, add_with_photo, alice, bob, charlie, count_queries
):
    here, team = f"/campaigns/{closed_campaign.id}/actions/{action.id}", signed_in(alice)

    def asked():
        pages = (client, f"{here}/evidence"), (team, f"{here}/milestones")
        return [count_queries(lambda: reader.get(page)) for reader, page in pages]  # noqa: B023 -- called at once

    add_with_photo(1, alice)
    asked()  # what is kept between requests
    few = asked()
    for number, person in ((2, bob), (3, charlie)):
        add_with_photo(number, person)
    assert asked() == few


def test_the_debrief_as_a_file_takes_in_the_pictures_that_it_shows(
    client, closed_campaign, action, add_with_photo, alice, monkeypatch
):
    for number in range(5):
        add_with_photo(number, alice)
    shown = {one.files[0].small_id for one in action.evidence[-3:]}
    read = set()
    monkeypatch.setattr(documents, "_read", lambda file: read.add(file.id))
    page = client.get(f"/campaigns/{closed_campaign.id}/debrief.html").text
    assert "Step 4" in page
    assert read - {closed_campaign.portrait_id} == shown


def test_who_changes_what_somebody_deleted_meanwhile_reads_so(
    signed_in, session, closed_campaign, action, alice, now, monkeypatch
):
    milestone = add_milestone(session, action, title="Order it", due_on=action.due_on, by=alice, now=now)
    session.commit()

    def gone(*_given, **_facts):
        raise DeletedMeanwhile

    monkeypatch.setattr(milestone_views, "abandon_milestone", gone)
    page = f"/campaigns/{closed_campaign.id}/milestones/{milestone.id}"
    answer = signed_in(alice).post(f"{page}/abandon", data={"abandon_reason": "No van."}, headers={"Referer": page})
    assert (answer.status_code, "Someone deleted this in the meantime" in answer.text) == (409, True)
