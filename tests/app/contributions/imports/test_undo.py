import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.form_field import FieldKind, FieldText, add_field
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import IdeaImport


@pytest.fixture
def manager(signed_in, bob):
    """The browser of Bob, who facilitates."""
    return signed_in(bob)


@pytest.fixture
def imported(session, campaign, alice, make_idea, now):
    """A finished import of two ideas."""
    report = {"added": 2, "known": 0, "refused_total": 0, "refused": []}
    facts = {"filename": "workshop.csv", "created_at": now, "finished_at": now, "report": report}
    upload = IdeaImport(campaign_id=campaign.id, person_id=alice.id, **facts)
    session.add(upload)
    session.flush()
    for body in ("A bench", "Trees"):
        make_idea(campaign, None, body, author_name="Awa", import_id=upload.id, import_key=f"id:{body}")
    return upload


def report(upload, act=""):
    return f"/campaigns/{upload.campaign_id}/import/{upload.id}{act}"


def test_the_report_offers_to_undo_says_what_happens_and_asks_for_a_reason(manager, imported):
    page = manager.get(report(imported)).text
    assert "2 ideas will be withdrawn." in page
    assert "Nothing is deleted" in page
    refused = manager.post(report(imported, "/undo"), data={"reason": " "})
    assert refused.status_code == 422
    assert "Give a reason." in refused.text


def test_the_report_says_how_many_ideas_stay_as_their_authors_claimed_them(manager, imported, charlie, session):
    session.scalars(select(Idea).where(Idea.import_id == imported.id)).first().author = charlie
    session.commit()
    page = manager.get(report(imported)).text
    assert "1 idea will be withdrawn." in page
    assert "1 other idea stays: its author has claimed it and can withdraw it." in page


def test_undoing_leads_back_to_the_report_which_offers_to_publish_again(manager, client, imported):
    done = manager.post(report(imported, "/undo"), data={"reason": "Wrong column"}, follow_redirects=True)
    assert "Import undone: 2 ideas are withdrawn." in done.text
    assert "Publish these ideas again" in done.text
    assert "Reason: Wrong column" in done.text
    assert "A bench" not in client.get(f"/campaigns/{imported.campaign_id}/ideas").text
    assert "import undone" in manager.get(f"/campaigns/{imported.campaign_id}/import").text
    back = manager.post(report(imported, "/restore"), follow_redirects=True)
    assert "2 ideas are published again." in back.text
    assert "A bench" in client.get(f"/campaigns/{imported.campaign_id}/ideas").text


def test_an_imported_idea_is_withdrawn_by_the_team_with_a_reason_that_only_the_team_reads(
    manager, client, imported, session
):
    idea = session.scalars(select(Idea).where(Idea.import_id == imported.id)).first()
    page = f"/campaigns/{imported.campaign_id}/ideas/{idea.id}"
    assert "Withdraw this imported idea" in manager.get(page).text
    assert "Withdraw this imported idea" not in client.get(page).text
    refused = manager.post(f"{page}/withdraw-imported", data={"reason": ""})
    assert refused.status_code == 422
    assert "<title>Error: " in refused.text
    assert "Error: " not in manager.get(page).text
    shown = manager.post(f"{page}/withdraw-imported", data={"reason": "Names a patient"}, follow_redirects=True).text
    assert "The team withdrew this imported idea" in shown
    assert "Reason: Names a patient" in shown
    assert client.get(page).status_code == 404
    assert "Imported idea published again." in manager.post(f"{page}/restore-imported", follow_redirects=True).text
    assert client.get(page).status_code == 200


def test_participants_undo_nothing(signed_in, charlie, imported, session):
    browser = signed_in(charlie)
    idea = session.scalars(select(Idea).where(Idea.import_id == imported.id)).first()
    assert browser.post(report(imported, "/undo"), data={"reason": "No"}).status_code == 403
    address = f"/campaigns/{imported.campaign_id}/ideas/{idea.id}/withdraw-imported"
    assert browser.post(address, data={"reason": "No"}).status_code == 403


def test_whoever_manages_the_campaign_corrects_an_imported_idea_and_nobody_else(
    manager, client, signed_in, bob, charlie, imported, session, now
):
    idea = session.scalars(select(Idea).where(Idea.import_id == imported.id)).first()
    page = f"/campaigns/{imported.campaign_id}/ideas/{idea.id}"
    campaign = idea.campaign
    campaign.closes_at = now  # texts are still corrected before the debrief
    add_field(session, campaign, kind=FieldKind.PLACE, text=FieldText(label="Site", is_required=True), by=bob, now=now)
    session.commit()
    assert "Edit this idea" in manager.get(page).text
    assert "Edit this idea" not in client.get(page).text
    assert signed_in(charlie).get(f"{page}/edit").status_code == 403
    shown = manager.post(f"{page}/edit", data={"title": "", "body": "A bench in the shade"}, follow_redirects=True)
    assert "A bench in the shade" in shown.text
    assert "A bench" in client.get(f"{page}/versions").text
    assert manager.get(f"{page}/edit").status_code == 200
    act = session.scalars(select(Activity).where(Activity.object_kind == "idea", Activity.verb == Verb.CHANGED)).one()
    assert (act.object_id, act.actor_id) == (idea.id, bob.id)
    campaign.debriefed_at = now
    session.commit()
    assert "Edit this idea" not in manager.get(page).text
    assert manager.post(f"{page}/edit", data={"title": "", "body": "Later"}).status_code == 422
