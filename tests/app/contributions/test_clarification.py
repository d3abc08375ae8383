"""A question to an author, from the page of the idea to the mail, the answer and back."""

import re

import pytest
from sqlalchemy import select

from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from ideas.contributions.talk.clarification import Clarification, ask_author
from ideas.moderation.acts.merge import merge_ideas
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind

pytestmark = pytest.mark.one_database


def test_a_question_is_asked_answered_shown_and_taken_off(
    session, campaign, idea, app, signed_in, alice, charlie, client, now
):
    here = f"/campaigns/{campaign.id}/ideas/{idea.id}"
    team, author = signed_in(alice), signed_in(charlie)
    assert "Ask the author…" in team.get(here).text
    assert "Ask the author…" not in author.get(here).text
    empty = team.post(f"{here}/clarifications", data={"question": " "})
    assert (empty.status_code, "Write your question first." in empty.text) == (422, True)
    assert team.post(f"{here}/clarifications", data={"question": "Which door?"}).status_code == 303
    with app.app_context():
        notify_due(now)
        deliver_due(now)
    session.expire_all()
    notice = session.scalars(select(Notice).where(Notice.kind == NoticeKind.CLARIFICATION)).one()
    mail = session.scalars(select(Message).where(Message.notice_id == notice.id)).one()
    assert "The campaign team asks you something about your idea." in mail.body
    assert f"{here}#clarifications" in mail.body
    assert "Which door?" in author.get(here).text
    assert "Which door?" not in client.get(here).text
    asked = session.scalars(select(Clarification)).one()
    answer = f"{here}/clarifications/{asked.id}/answer"
    assert team.post(answer, data={"answer": "Me"}).status_code == 403
    marked = author.post(answer, data={"answer": "Mine, 06 12 34 56 78", "shown": "y"})
    assert (marked.status_code, "Personal data in your text" in marked.text) == (422, True)
    assert author.post(answer, data={"answer": "The back door", "shown": "y"}).status_code == 303
    assert "The back door" in client.get(here).text
    off = team.get(f"{here}/clarifications/{asked.id}/moderate")
    assert "The back door" in off.text
    assert team.post(f"{here}/clarifications/{asked.id}/moderate", data={"reason": "Not safe."}).status_code == 303
    assert "The back door" not in client.get(here).text
    assert "The back door" in author.get(here).text


def test_a_question_goes_on_where_its_idea_was_merged_into(
    session, campaign, idea, make_idea, signed_in, alice, bob, charlie, client, now
):
    ask_author(session, idea, question="Which door?", by=alice, now=now)
    kept = make_idea(campaign, bob, "Another click.")
    merge_ideas(session, idea, into=kept, by=alice, reason="The same.", now=now)
    session.commit()
    page = f"/campaigns/{campaign.id}/ideas/{kept.id}"
    assert "Which door?" in signed_in(alice).get(page).text
    assert "Which door?" not in client.get(page).text
    author = signed_in(charlie)
    action = re.search(r'action="([^"]+/clarifications/\d+/answer)"', author.get(page).text).group(1)
    assert author.post(action, data={"answer": "The back door", "shown": "y"}).location.startswith(page)
    assert "The back door" in client.get(page).text
