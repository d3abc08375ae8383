from datetime import timedelta

import pytest

from ideas.contributions.comment import (
    MAX_BODY_LENGTH,
    CommentsClosed,
    add_comment,
    comment_counts,
    comments_on,
    withdraw_comment,
)
from ideas.errors import EmptyText, NotAllowed, TooLong


def test_comments_are_listed_in_order(session, idea, bob, charlie, now):
    first = add_comment(session, idea, author=bob, body=" First \r\n line ", now=now)
    second = add_comment(session, idea, author=charlie, body="Second", now=now)
    assert comments_on(session, idea) == [first, second]
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
    assert comments_on(session, idea) == []


def test_only_its_author_withdraws_a_comment(session, idea, alice, bob, now):
    comment = add_comment(session, idea, author=bob, body="Hm", now=now)
    with pytest.raises(NotAllowed):
        withdraw_comment(session, comment, by=alice, now=now)
    withdraw_comment(session, comment, by=bob, now=now)
    session.flush()
    assert comments_on(session, idea) == []
    assert comment_counts(session, [idea]) == {}
