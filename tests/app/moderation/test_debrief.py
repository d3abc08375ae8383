from sqlalchemy import select

from ideas.answers.debrief import publish_debrief, write_debrief
from ideas.moderation.review import hide, restore, review_for
from ideas.people.sanction import Reason
from ideas.themes.placement import Placement

QUOTED = "What you told us:\n\n> One click to confirm the appointment.\n\nThank you."


def test_a_published_debrief_shows_no_quotation_of_a_hidden_idea_and_its_version_says_so(
    session, client, closed_campaign, make_theme, give_answer, alice, bob, now
):
    theme = make_theme(closed_campaign, bodies=["One click to confirm the appointment.", "Another idea"])
    give_answer(theme)
    debrief = write_debrief(session, closed_campaign, body=QUOTED, by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    page = f"/campaigns/{closed_campaign.id}/debrief"
    assert "One click to confirm" in client.get(page).text
    placed = next(each.idea for each in theme_placements(session, theme) if each.idea.body.startswith("One"))
    review = review_for(session, closed_campaign, placed, by=bob, now=now)
    hide(session, review, reason=Reason.PERSONAL_DATA, by=bob, now=now)
    session.commit()
    for address in (page, f"{page}/versions"):
        shown = client.get(address).text
        assert "One click to confirm" not in shown
        assert "withdrawn by moderation" in shown
    assert "A quotation in this text has been withdrawn" in client.get(f"{page}/versions").text
    session.refresh(debrief)
    assert debrief.body == QUOTED
    restore(session, review, by=bob, now=now)
    session.commit()
    assert "One click to confirm" in client.get(page).text


def theme_placements(session, theme):
    return session.scalars(select(Placement).where(Placement.theme_id == theme.id)).all()
