"""What an author sees before and after an idea is sent, and what readers see of its changes."""

import re

import pytest
from sqlalchemy import func, select

from ideas.contributions.idea import Idea, revise_idea

pytestmark = pytest.mark.one_database
TEXT = {"title": "Toys", "body": "See https://example.org for <b>toys</b> in the waiting room."}


def test_a_preview_shows_the_idea_and_stores_nothing(signed_in, session, campaign, charlie):
    browser, new = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/new"
    key = re.search(r'name="form_key" type="hidden" value="([^"]+)"', browser.get(new).text)[1]
    answer = browser.post(new, data=TEXT | {"form_key": key, "act": "preview"})
    assert answer.status_code == 200
    assert "as others will read it" in answer.text
    assert "&lt;b&gt;toys" in answer.text
    assert f'value="{key}"' in answer.text
    assert session.scalar(select(func.count(Idea.id))) == 0
    assert browser.post(new, data=TEXT | {"body": "", "act": "preview"}).status_code == 422
    sent = [browser.post(new, data=TEXT | {"form_key": key, "act": "submit"}).headers["Location"] for _ in range(2)]
    assert sent[0] == sent[1]
    idea = session.scalars(select(Idea)).one()
    page = browser.get(sent[0]).text
    for words in ("What happens next", "until", "The debrief is promised for", "Copy the link", "mailto:?subject="):
        assert words in page
    assert idea.lang == "en"
    assert "What happens next" not in browser.get(f"/campaigns/{campaign.id}/ideas").text


def test_a_reader_sees_no_next_steps_and_reads_what_a_change_changed(signed_in, session, idea, charlie, bob, now):
    browser, edit = signed_in(charlie), f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/edit"
    changed = {"title": "Fewer clicks", "body": "One click to confirm everything."}
    preview = browser.post(edit, data=changed | {"act": "preview"}).text
    assert "<ins>" in preview
    assert "not published yet" in preview
    session.refresh(idea)
    assert idea.version == 1
    revise_idea(session, idea, by=charlie, **changed, now=now)
    session.commit()
    reader = signed_in(bob)
    versions = reader.get(f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/versions").text
    assert versions.count("What changed") == 1
    assert re.search(r"<del>.*confirm\..*</del>.*<ins>.*confirm everything\..*</ins>", versions)
    assert "What happens next" not in reader.get(f"/campaigns/{idea.campaign_id}/ideas/{idea.id}").text
