from datetime import timedelta

import pytest

from ideas.activity.version import ChangedMeanwhile, versions_of
from ideas.contributions.comment import (
    MAX_BODY_LENGTH,
    CommentsClosed,
    ReplyGone,
    add_comment,
    comment_counts,
    revise_comment,
    withdraw_comment,
)
from ideas.contributions.talk.question import count_unanswered, questions_in
from ideas.contributions.talk.thread import threads_on
from ideas.errors import EmptyText, NotAllowed, TooLong
from tests.threads import shown_on


def test_comments_are_listed_in_order(session, idea, bob, charlie, now):
    first = add_comment(session, idea, author=bob, body=" First \r\n line ", now=now)
    second = add_comment(session, idea, author=charlie, body="Second", now=now)
    assert shown_on(session, idea) == [first, second]
    assert first.body == "First \n line"
    assert comment_counts(session, [idea]) == {idea.id: 2}


def test_comments_are_open_from_the_opening_to_the_debrief(session, idea, bob, now):
    campaign = idea.campaign
    with pytest.raises(CommentsClosed):
        add_comment(session, idea, author=bob, body="Early", now=campaign.opens_at - timedelta(microseconds=1))
    add_comment(session, idea, author=bob, body="After the closing", now=campaign.closes_at)
    campaign.grouped_at = campaign.closes_at
    add_comment(session, idea, author=bob, body="Under review", now=campaign.closes_at)
    campaign.debriefed_at = campaign.closes_at
    with pytest.raises(CommentsClosed):
        add_comment(session, idea, author=bob, body="Late", now=campaign.closes_at)
    assert comment_counts(session, [idea]) == {idea.id: 2}


def test_a_withdrawn_idea_takes_no_comment(session, idea, bob, now):
    idea.withdrawn_at = now
    with pytest.raises(NotAllowed):
        add_comment(session, idea, author=bob, body="Why?", now=now)


@pytest.mark.parametrize(("body", "refusal"), [("\u200b", EmptyText), ("x" * (MAX_BODY_LENGTH + 1), TooLong)])
def test_an_empty_or_over_long_comment_is_refused(session, idea, bob, now, body, refusal):
    with pytest.raises(refusal):
        add_comment(session, idea, author=bob, body=body, now=now)
    assert shown_on(session, idea) == []


def test_only_its_author_withdraws_a_comment(session, idea, alice, bob, now):
    comment = add_comment(session, idea, author=bob, body="Hm", now=now)
    with pytest.raises(NotAllowed):
        withdraw_comment(session, comment, by=alice, now=now)
    withdraw_comment(session, comment, by=bob, now=now)
    session.flush()
    assert shown_on(session, idea) == []
    assert comment_counts(session, [idea]) == {}


def test_a_reply_to_a_reply_stands_under_the_first_comment(session, idea, alice, bob, charlie, now):
    first = add_comment(session, idea, author=bob, body="Why?", now=now)
    reply = add_comment(session, idea, author=charlie, body="Because.", reply_to=first, now=now)
    deeper = add_comment(session, idea, author=alice, body="Indeed.", reply_to=reply, now=now)
    last = add_comment(session, idea, author=bob, body="Next point.", now=now)
    assert (reply.reply_to_id, deeper.reply_to_id) == (first.id, first.id)
    assert shown_on(session, idea) == [first, reply, deeper, last]
    assert [deeper.by_team, reply.by_team] == [True, False]
    withdraw_comment(session, reply, by=charlie, now=now)
    with pytest.raises(ReplyGone):
        add_comment(session, idea, author=bob, body="Too late", reply_to=reply, now=now)


def test_a_withdrawn_comment_leaves_a_placeholder_only_where_a_reply_is_shown(session, idea, bob, charlie, now):
    first = add_comment(session, idea, author=bob, body="Why?", now=now)
    reply = add_comment(session, idea, author=charlie, body="Because.", reply_to=first, now=now)
    withdraw_comment(session, first, by=bob, now=now)
    [thread] = threads_on(session, idea)
    assert (thread.is_gone, thread.shown) == (True, [reply])
    withdraw_comment(session, reply, by=charlie, now=now)
    assert threads_on(session, idea) == []


def test_an_edited_comment_keeps_its_texts_and_refuses_what_its_writer_did_not_see(session, idea, bob, charlie, now):
    comment = add_comment(session, idea, author=bob, body="One clik.", now=now)
    revise_comment(session, comment, by=bob, body="One click.", seen=1, now=now)
    revise_comment(session, comment, by=bob, body="One click.", seen=2, now=now)  # changes nothing
    assert (comment.version, comment.changed_at) == (2, now)
    texts = [version.content["body"] for version in versions_of(session, "comment", comment.id)]
    assert texts == ["One click.", "One clik."]
    with pytest.raises(ChangedMeanwhile):
        revise_comment(session, comment, by=bob, body="Two clicks.", seen=1, now=now)
    with pytest.raises(NotAllowed):
        revise_comment(session, comment, by=charlie, body="No click.", now=now)
    idea.campaign.debriefed_at = now
    session.flush()
    with pytest.raises(CommentsClosed):
        revise_comment(session, comment, by=bob, body="Two clicks.", now=now)


def test_a_question_is_answered_by_the_team_alone_and_by_a_reply_that_is_shown(
    session, idea, bob, charlie, make_person, now
):
    def ask(body, after, **facts):
        return add_comment(session, idea, body=body, now=now + timedelta(hours=after), **facts)

    dora = make_person("Dora")
    question = ask("When?", 0, author=dora, is_question=True)
    ask("Of which colour?", 1, author=dora, is_question=True)
    team = ask("A question of the team is none.", 1, author=bob, is_question=True)
    ask("Soon, I hope.", 2, author=charlie, reply_to=question)
    assert not team.is_question
    assert count_unanswered(session, idea.campaign) == 2
    answer = ask("In spring.", 3, author=bob, reply_to=question)
    ask("In May.", 9, author=bob, reply_to=question)
    asked = questions_in(session, idea.campaign)
    assert (asked.asked, asked.answered, asked.time_to_answer) == (2, 1, timedelta(hours=3))
    assert [one.body for one in asked.waiting] == ["Of which colour?"]
    [thread] = [thread for thread in threads_on(session, idea) if thread.comment is question]
    assert thread.is_answered
    withdraw_comment(session, answer, by=bob, now=now)
    assert questions_in(session, idea.campaign).time_to_answer == timedelta(hours=9)
