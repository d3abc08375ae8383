"""The page of an import: rows with personal data are shown before it, and listed after it."""

import pytest
from sqlalchemy import select

from ideas.contributions.idea import submitted_ideas
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.withheld import Review

pytestmark = pytest.mark.one_database

CSV = b"text\nA night bus\nCall 06 12 34 56 78 about <b>it</b>\nWrite to jo@example.org\n"


def bodies(session, campaign):
    session.expire_all()
    return [idea.body for idea in session.scalars(submitted_ideas(campaign))]


def test_the_words_are_marked_and_the_chosen_rows_left_out(send, session, campaign, client):
    page = send(CSV)
    assert "Personal data in 2 rows" in page.text
    assert "Call <mark>06 12 34 56 78<span" in page.text
    assert "about &lt;b&gt;it&lt;/b&gt;" in page.text
    assert 'name="personal" type="radio" value="hold"' in page.text
    checked = send.browser.post(page.request.path, data={"text": "0", "personal": "leave_out", "check": "yes"})
    assert "Import one idea" in checked.text
    refused = send.browser.post(page.request.path, data={"text": "0", "personal": "publish"})
    assert refused.status_code == 422
    send.browser.post(page.request.path, data={"text": "0", "personal": "leave_out"})
    assert bodies(session, campaign) == ["A night bus"]
    report = send.browser.get(page.request.path).text
    assert "2 rows were left out." in report
    assert "phone number" in report
    assert "06 12" not in report


def test_rows_are_held_unless_something_else_is_chosen_and_a_large_file_asks_before(
    send, session, campaign, client, monkeypatch
):
    monkeypatch.setattr("app.views.contributions.imports.importing.MAX_CHECKED_ROWS", 2)
    page = send(CSV)
    assert "Not all rows were looked at." in page.text
    campaign.is_strict = True
    session.commit()
    strict = send.browser.get(page.request.path).text
    assert "This campaign is strict about personal data." in strict
    assert 'name="personal"' not in strict
    send.browser.post(page.request.path, data={"text": "0"})
    assert bodies(session, campaign) == ["A night bus"]
    assert session.scalars(select(Review.text).order_by(Review.id)).all()[1] == "Write to jo@example.org"
    assert "2 rows are held." in send.browser.get(page.request.path).text
    queue = send.browser.get(f"/campaigns/{campaign.id}/moderation").text
    assert "Write to jo@example.org" in queue
    upload = session.scalars(select(IdeaImport)).one()
    send.browser.post(f"/campaigns/{campaign.id}/import/{upload.id}/undo", data={"reason": "Wrong file."})
    assert "Write to jo@example.org" not in send.browser.get(f"/campaigns/{campaign.id}/moderation").text
