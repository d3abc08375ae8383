"""Pages that welcome newcomers, and what each of two people is told."""

from datetime import timedelta

import pytest

from app.clock import now as clock
from app.jobs import record_dates
from app.mail.notices import notify_due

pytestmark = pytest.mark.one_database


def test_a_newcomer_is_welcomed_from_the_first_page_to_the_first_answer(
    app, session, campaign, alice, charlie, make_person, make_idea, signed_in, client, now
):
    rose = make_person("Rose")
    newcomer, buddy, lead = signed_in(charlie), signed_in(rose), signed_in(alice)
    for page in ("/campaigns", f"/campaigns/{campaign.id}", "/me"):  # whoever is invited lands on one of these
        assert "has no idea yet. Write the first one" in newcomer.get(page).text, page
    assert buddy.post("/me/welcome", data={"welcomes": "y"}).status_code == 422
    make_idea(campaign, rose, "Known here", submitted_at=now - timedelta(days=9))
    assert buddy.post("/me/welcome", data={"welcomes": "y"}).status_code == 303
    page = newcomer.get("/campaigns").text
    assert "support one that you like" in page
    assert f"/campaigns/{campaign.id}/ideas?order=few" in page
    idea = make_idea(campaign, charlie, "My first", submitted_at=clock() - timedelta(hours=2))
    for page in ("/campaigns", f"/campaigns/{campaign.id}", "/me"):
        assert "One thing to do first" not in newcomer.get(page).text, page
    with app.app_context():
        record_dates.run(None, report=print)
        app.extensions["sqlalchemy"].session.commit()
        notify_due(now)
    session.expire_all()
    address = f"/campaigns/{campaign.id}/ideas/{idea.id}"
    assert "Rose welcomes you here. If you have a question" in newcomer.get(address).text
    assert "This is the first idea of Charlie, whom you welcome." in buddy.get(address).text
    assert "whom Rose welcomes" in lead.get(address).text
    assert "welcomes" not in client.get(address).text
    assert "Charlie has sent their first idea" in buddy.get("/me/notices").text
    assert "Rose welcomes you here" in newcomer.get("/me/notices").text
    assert f'href="{address}" dir="auto">Charlie</a>' in buddy.get("/me/welcome").text
    # The queue of the team, and the figure.
    here = f"/campaigns/{campaign.id}"
    assert "Answer 2 first ideas" in lead.get(here).text
    queue = lead.get(f"{here}/first-ideas").text
    assert "My first" in queue
    assert "Late" in queue
    buddy.post(f"{address}/comments", data={"body": "Welcome"})
    assert "Answer 1 first idea" in lead.get(here).text
    assert "1 of 2 first ideas of new members were answered within a day." in lead.get(here).text
    assert "answered within a day" not in client.get(here).text, "two say nothing in public"
    lead.post(f"{address}/comments", data={"body": "Thank you"})
    assert "The team commented on" not in client.get(here).text, "of two ideas"
    for number in range(4):
        made = make_idea(campaign, make_person(f"New {number}"), "Mine", submitted_at=now - timedelta(days=2))
        assert made.id
    page = client.get(here).text
    assert (
        "1 of 6 first ideas of new members were answered within a day. Half of the answers came within 2 hours." in page
    )
    assert "The team commented on 17% of the ideas. Half of its first comments came within 2 hours." in page
