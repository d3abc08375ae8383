from datetime import timedelta

from sqlalchemy import select

from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import promise_answers
from ideas.moderation.acts.reword import reword
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


def test_links_in_a_quotation_neither_show_a_hidden_text_nor_hide_one_that_may_be_quoted(
    session, client, closed_campaign, make_theme, make_idea, give_answer, alice, bob, charlie, now
):
    give_answer(make_theme(closed_campaign, "Slides", bodies=["A slide."]))
    theme = make_theme(closed_campaign, bodies=["One click."])
    days = {theme.id: now.date() + timedelta(days=9)}
    promise_answers(session, closed_campaign, dates=days, by=alice, now=now)
    gone = make_idea(closed_campaign, charlie, "Mrs Durand gives fewer clicks to her friends.")
    kept = make_idea(closed_campaign, charlie, "The lifts stop at night.")
    body = (
        "> Mrs Durand gives fewer clicks\n\nThey say “gives fewer clicks to her friends”.\n\n"
        "> The lifts stop at night. Somebody fell.\n"
    )
    debrief = write_debrief(session, closed_campaign, body=body, by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    facts = {"reason": Reason.PERSONAL_DATA, "by": bob, "now": now}
    hide(session, review_for(session, closed_campaign, gone, by=bob, now=now), **facts)
    reword(
        session,
        review_for(session, closed_campaign, kept, by=bob, now=now),
        body="The lifts stop at night. Somebody fell.",
        **facts,
    )
    session.commit()
    page = f"/campaigns/{closed_campaign.id}/debrief"
    shown = client.get(page).text
    prose = shown[shown.index('<div class="prose"') : shown.index('id="answers-title"')]
    assert "Durand" not in prose
    assert "her friends" not in prose
    assert "Somebody fell." in prose
    assert f"Idea {kept.id}</a>" in prose
    # What the text no longer shows, it does not rest on: the page and the list agree.
    listed = client.get(f"/campaigns/{closed_campaign.id}/ideas?debrief=yes").text
    assert [words in listed for words in ("The lifts stop", "A slide.", "One click.")] == [True, True, False]


def theme_placements(session, theme):
    return session.scalars(select(Placement).where(Placement.theme_id == theme.id)).all()
