import json
import re

import pytest
from sqlalchemy import func, select

from ideas.contributions.comment import MAX_BODY_LENGTH, Comment, add_comment

HTMX = {"HX-Request": "true"}


@pytest.fixture
def comment(session, idea, bob, now):
    comment = add_comment(session, idea, author=bob, body="Two clicks would do.", now=now)
    session.commit()
    return comment


def url(idea, act=""):
    return f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/comments{act}"


def comments(session):
    session.expire_all()
    return session.scalars(select(Comment).order_by(Comment.id)).all()


def test_a_comment_is_published_and_shown(signed_in, session, idea, bob):
    client = signed_in(bob)
    answer = client.post(url(idea), data={"body": "Which <b>button</b>?\r\nThe green one?"})
    (added,) = comments(session)
    assert answer.status_code == 303
    assert answer.location.endswith(f"/ideas/{idea.id}#comment-{added.id}")
    page = client.get(answer.location).text
    assert "Which &lt;b&gt;button&lt;/b&gt;?\nThe green one?" in page
    assert f'id="comment-{added.id}"' in page


def test_htmx_gets_only_the_comments(signed_in, session, idea, comment, charlie):
    answer = signed_in(charlie).post(url(idea), data={"body": "And for emergencies?"}, headers=HTMX)
    added = comments(session)[-1]
    assert answer.text.lstrip().startswith('<section class="section" id="comments"')
    assert "Two clicks would do." in answer.text
    assert f'id="comment-{added.id}" tabindex="-1" data-focus' in answer.text
    assert json.loads(answer.headers["HX-Trigger"]) == {"announce": "Comment published."}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [(" \u200b", "Write something first"), ("x" * (MAX_BODY_LENGTH + 1), "Your text is too long.")],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_refused_comment_is_shown_again(signed_in, session, idea, bob, body, sentence, headers):
    answer = signed_in(bob).post(url(idea), data={"body": body}, headers=headers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert body.strip(" \u200b") in answer.text
    assert comments(session) == []


def test_comments_go_on_after_the_closing_until_the_debrief(
    signed_in, session, closed_campaign, make_idea, bob, charlie, now
):
    idea = make_idea(closed_campaign, charlie, "Talk on")
    client = signed_in(bob)
    assert client.post(url(idea), data={"body": "Gladly"}).status_code == 303
    closed_campaign.debriefed_at = now
    session.commit()
    answer = client.post(url(idea), data={"body": "Too late"})
    assert answer.status_code == 422
    assert "Comments are closed" in answer.text
    assert len(comments(session)) == 1


def test_an_author_withdraws_a_comment(signed_in, session, idea, comment, bob):
    client = signed_in(bob)
    answer = client.post(url(idea, f"/{comment.id}/withdraw"), headers=HTMX)
    assert "Two clicks would do." not in answer.text
    assert 'id="comments-title" tabindex="-1" data-focus' in answer.text
    assert comments(session)[0].withdrawn_at is not None
    assert client.post(url(idea, f"/{comment.id}/withdraw")).location.endswith("#comments")


def test_only_its_author_withdraws_a_comment(signed_in, session, idea, comment, alice, charlie):
    for person in (alice, charlie):
        assert signed_in(person).post(url(idea, f"/{comment.id}/withdraw")).status_code == 403
    assert comments(session)[0].withdrawn_at is None


def test_a_comment_is_found_under_its_own_idea_only(signed_in, campaign, make_idea, comment, bob):
    other = make_idea(campaign, bob, "Another")
    assert signed_in(bob).post(url(other, f"/{comment.id}/withdraw")).status_code == 404


def test_a_visitor_reads_comments_and_is_led_to_sign_in(client, idea, comment):
    page = client.get(f"/campaigns/{idea.campaign_id}/ideas/{idea.id}").text
    assert "Two clicks would do." in page
    assert f"/sign-in?next=/campaigns/{idea.campaign_id}/ideas/{idea.id}%23comments" in page
    assert client.post(url(idea), data={"body": "Me too"}).location == "/sign-in"


def test_where_a_comment_was_refused_the_language_can_still_be_changed(signed_in, idea, bob):
    client = signed_in(bob)
    client.post(url(idea), data={"body": ""})
    assert client.post("/language", data={"locale": "en", "next": url(idea)}).location == "/"


def test_a_comment_on_ones_own_draft_is_refused_with_a_sentence_and_not_stored(
    signed_in, session, campaign, charlie, make_idea
):
    draft = make_idea(campaign, charlie, "A bus", submitted_at=None)
    address = f"/campaigns/{campaign.id}/ideas/{draft.id}/comments"
    for headers in ({}, {"HX-Request": "true"}):
        answer = signed_in(charlie).post(address, data={"body": "Note to myself"}, headers=headers)
        assert answer.status_code == 422
        assert "This idea is not published. Publish it first, then comment on it." in answer.text
        assert "Note to myself" in answer.text
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_a_comment_on_ones_own_withdrawn_idea_is_refused_with_a_sentence(signed_in, session, idea, charlie, now):
    idea.withdrawn_at = now
    session.commit()
    address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/comments"
    answer = signed_in(charlie).post(address, data={"body": "Note to myself"})
    assert answer.status_code == 422
    assert "This idea is not published." in answer.text
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_the_same_comment_form_sent_twice_makes_one_comment(signed_in, session, idea, bob):
    browser, address = signed_in(bob), f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', browser.get(address).text)[1]
    sent = {"body": "Gladly", "form_key": key}
    answers = [browser.post(f"{address}/comments", data=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert session.scalars(select(Comment.body)).all() == ["Gladly"]
