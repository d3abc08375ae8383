import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app import create_app
from app.extensions import db, limiter
from ideas.campaigns.people.team import Role, add_to_team, remove_from_team
from ideas.contributions.comment import MAX_BODY_LENGTH, Comment, add_comment
from ideas.contributions.withheld import Withheld

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


def test_a_reply_is_written_under_its_comment_and_marks_a_question_as_answered(
    signed_in, session, idea, alice, make_person
):
    dora = make_person("Dora")
    asked = signed_in(dora).post(url(idea), data={"body": "When does it ship?", "is_question": "y"})
    [question] = comments(session)
    page = signed_in(dora).get(asked.location).text
    assert "Question to the team" in page
    assert "Waits for an answer" in page
    browser = signed_in(alice)
    waiting = browser.get(f"/campaigns/{idea.campaign_id}/questions").text
    assert "When does it ship?" in waiting
    assert "Answer 1 question" in browser.get(f"/campaigns/{idea.campaign_id}").text
    form = browser.get(f"/campaigns/{idea.campaign_id}/ideas/{idea.id}?reply_to={question.id}").text
    assert "Reply to Dora" in form
    assert "This is a question to the campaign team" not in form
    address = url(idea, f"?reply_to={question.id}")
    refused = browser.post(address, data={"body": ""}, headers=HTMX)
    assert refused.status_code == 422
    assert "Reply to Dora" in refused.text
    answer = browser.post(address, data={"body": "In spring."}, headers=HTMX).text
    assert "Answered" in answer
    assert "Campaign lead" in answer
    assert "Reply to Dora" not in answer
    done = browser.get(f"/campaigns/{idea.campaign_id}/questions").text
    assert "No question waits" in done
    assert "median time to the first answer" in done
    signed_in(dora).post(url(idea, f"/{question.id}/withdraw"))
    gone = browser.get(f"/campaigns/{idea.campaign_id}/ideas/{idea.id}").text
    assert "This comment was withdrawn." in gone
    assert "When does it ship?" not in gone
    assert "In spring." in gone


@pytest.mark.parametrize(
    ("role", "badge"),
    [
        (Role.OWNER, "Campaign lead"), (Role.FACILITATOR, "Facilitator"), (Role.MODERATOR, "Moderator"),
        (Role.JURY, "Jury member"), (Role.OBSERVER, "Observer"), (Role.PARTICIPANT, ""),
    ],
)  # fmt: skip
def test_a_comment_has_the_badge_of_its_author_while_they_are_in_the_team(
    client, session, campaign, idea, make_person, alice, role, badge, now
):
    author = alice if role is Role.OWNER else make_person("Dora")
    add_comment(session, idea, author=author, body="Two clicks", now=now)  # a role may come later
    if role not in {Role.OWNER, Role.PARTICIPANT}:
        add_to_team(session, campaign, author, role=role, by=alice, now=now)
    session.commit()

    def badges():
        page = client.get(f"/campaigns/{campaign.id}/ideas/{idea.id}").text
        return re.findall(r'<p class="comment__by">.*</strong>\s*<span class="tag[^"]*+">([^<]*+)</span>', page)

    assert badges() == ([badge] if badge else [])
    if role not in {Role.OWNER, Role.PARTICIPANT}:
        remove_from_team(session, campaign, author, by=alice, now=now)
        session.commit()
        assert badges() == [], "who left the team has none"


def test_an_author_edits_a_comment_and_everyone_reads_its_earlier_text(
    signed_in, client, session, idea, comment, bob, charlie
):
    browser = signed_in(bob)
    edit = url(idea, f"/{comment.id}/edit")
    assert signed_in(charlie).get(edit).status_code == 403
    assert "Two clicks would do." in browser.get(edit).text
    assert browser.post(edit, data={"body": "", "version": 1}).status_code == 422
    assert browser.post(edit, data={"body": "One click would do.", "version": 1}).location.endswith(
        f"#comment-{comment.id}"
    )
    late = browser.post(edit, data={"body": "No click at all.", "version": 1})
    assert late.status_code == 409
    assert "One click would do." in late.text
    assert "changed" in client.get(f"/campaigns/{idea.campaign_id}/ideas/{idea.id}").text
    assert "Two clicks would do." in client.get(url(idea, f"/{comment.id}/versions")).text
    browser.post(url(idea, f"/{comment.id}/withdraw"))
    assert client.get(url(idea, f"/{comment.id}/versions")).status_code == 404


def test_a_visitor_reads_short_names_in_earlier_texts_and_in_what_changed(
    signed_in, client, idea, comment, bob, make_person
):
    make_person("Rose Ndiaye")
    browser, edit = signed_in(bob), url(idea, f"/{comment.id}/edit")
    browser.post(edit, data={"body": "Ask @Rose Ndiaye, or @rose ndiaye.", "version": 1})
    browser.post(edit, data={"body": "Ask the team.", "version": 2})
    assert "@Rose Ndiaye" in browser.get(url(idea, f"/{comment.id}/versions")).text
    page = client.get(url(idea, f"/{comment.id}/versions")).text
    assert "@Rose N." in page
    assert "ndiaye" not in page.lower()


def test_a_reply_to_what_is_hidden_meanwhile_is_refused_and_its_text_kept(signed_in, session, idea, comment, charlie):
    comment.withheld = Withheld.HIDDEN
    session.commit()
    for number in (comment.id, 10**6):
        answer = signed_in(charlie).post(url(idea, f"?reply_to={number}"), data={"body": "I agree with that."})
        assert answer.status_code == 422
        assert "The comment that you reply to is no longer shown." in answer.text
        assert "I agree with that." in answer.text
    assert comments(session) == [comment]


def test_a_page_of_comments_asks_a_constant_number_of_queries(
    signed_in, session, idea, bob, make_person, now, count_queries
):
    def talk(number):
        for each in range(number):
            first = add_comment(
                session, idea, author=make_person(f"Asks {number} {each}"), body="Why?", is_question=True, now=now
            )
            add_comment(session, idea, author=make_person(f"Says {number} {each}"), body="So.", reply_to=first, now=now)
        session.commit()

    browser, page = signed_in(bob), f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    talk(1)
    browser.get(page)
    few = count_queries(lambda: browser.get(page))
    waiting = count_queries(lambda: browser.get(f"/campaigns/{idea.campaign_id}/questions"))
    talk(4)
    assert count_queries(lambda: browser.get(page)) == few
    assert count_queries(lambda: browser.get(f"/campaigns/{idea.campaign_id}/questions")) == waiting


def test_a_mention_is_marked_shortened_for_visitors_and_offered_while_typing(
    signed_in, client, session, idea, bob, charlie, make_person, count_queries
):
    make_person("Rose Ndiaye")
    browser = signed_in(charlie)
    browser.post(url(idea), data={"body": "@Rose Ndiaye, look. @Nobody <b>"})
    page = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    assert '<span class="mention">@Rose Ndiaye</span>, look. @Nobody &lt;b&gt;' in browser.get(page).text
    assert '<span class="mention">@Rose N.</span>, look.' in client.get(page).text
    names = f"/campaigns/{idea.campaign_id}/names"
    assert 'role="option"' in browser.get(f"{names}?typed=ro").text
    few = count_queries(lambda: browser.get(f"{names}?typed=ro"))
    for number in range(5):
        make_person(f"Rosalie {number}")
    assert count_queries(lambda: browser.get(f"{names}?typed=ro")) == few
    assert client.get(f"{names}?typed=ro").location.startswith("/sign-in")


@pytest.mark.one_database
def test_nobody_asks_for_names_without_end(settings, signed_in, connection, idea, bob, charlie):
    strict = create_app(replace(settings, testing=False))  # as it runs outside tests: with its limits
    engines = db._app_engines[strict]  # noqa: SLF001 -- as in tests/conftest.py
    own, engines[None] = engines[None], connection
    names = f"/campaigns/{idea.campaign_id}/names?typed=x"

    def ask(person, times):
        browser = strict.test_client()
        with signed_in(person).session_transaction() as cookie, browser.session_transaction() as same:
            same.update(cookie)
        return [browser.get(names).status_code for _ in range(times)]

    try:
        assert ask(bob, 61) == [200] * 60 + [429]
        assert ask(charlie, 1) == [200], "each account has its own"
    finally:
        limiter.reset()
        engines[None] = own
        own.dispose()


def test_a_manager_pins_the_comment_of_the_month_and_everyone_reads_it_on_the_campaign(
    signed_in, client, idea, comment, alice, charlie
):
    browser, campaign = signed_in(alice), f"/campaigns/{idea.campaign_id}"
    assert "No comment stands out yet" in client.get(f"{campaign}/comments/best").text
    assert signed_in(charlie).post(url(idea, f"/{comment.id}/pin")).status_code == 403
    assert "Make it the comment of the month" in browser.get(f"{campaign}/ideas/{idea.id}").text
    answer = browser.post(url(idea, f"/{comment.id}/pin"))
    assert answer.location.endswith(f"#comment-{comment.id}")
    for page in (campaign, f"{campaign}/comments/best"):
        assert "Two clicks would do." in client.get(page).text
    assert "Comment of the month" in client.get(f"{campaign}/ideas/{idea.id}").text
    browser.post(url(idea, f"/{comment.id}/unpin"))
    assert "Two clicks would do." not in client.get(campaign).text


def test_new_comments_of_others_are_offered_and_nothing_is_answered_without_any(
    signed_in, client, session, idea, comment, bob, charlie, now, count_queries
):
    browser, news = signed_in(charlie), url(idea, f"/news?after={comment.id}")
    assert f"comments/news?after={comment.id}" in browser.get(f"/campaigns/{idea.campaign_id}/ideas/{idea.id}").text
    nothing = browser.get(news, headers=HTMX)
    assert (nothing.status_code, nothing.data) == (204, b"")
    queries = count_queries(lambda: browser.get(news, headers=HTMX))
    for body in ("One", "Two"):
        add_comment(session, idea, author=charlie, body=body, now=now)
    session.commit()
    assert browser.get(news, headers=HTMX).status_code == 204, "one's own are on the page"
    offered = signed_in(bob).get(news, headers=HTMX).text
    assert "2 new comments: show them" in offered
    assert count_queries(lambda: browser.get(news, headers=HTMX)) == queries
    first = comments(session)[1]
    page = client.get(f"/campaigns/{idea.campaign_id}/ideas/{idea.id}?seen={comment.id}").text
    assert f'id="comment-{first.id}" tabindex="-1" data-focus' in page
    for odd in ("x", "-1", "9" * 30):
        assert client.get(url(idea, f"/news?after={odd}")).status_code in {200, 204}
