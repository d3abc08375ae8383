from datetime import date, timedelta

import pytest

from ideas.contributions.comment import add_comment, withdraw_comment
from ideas.contributions.talk.pinned import (
    NothingToPin,
    comment_of_month,
    months_of,
    most_discussed,
    pin_comment,
    pinned_in,
    unpin_comment,
)


def test_each_month_has_one_comment_and_the_latest_that_is_shown_is_on_the_campaign(session, idea, alice, bob, now):
    first, second, third = (add_comment(session, idea, author=bob, body=f"{n}", now=now) for n in range(3))
    campaign, later = idea.campaign, now.replace(day=15) + timedelta(days=31)
    pin_comment(session, campaign, first, by=alice, now=now.replace(day=15))
    pin_comment(session, campaign, second, by=alice, now=now.replace(day=15))
    month = pin_comment(session, campaign, third, by=alice, now=later)
    assert month == date(later.year, later.month, 1)
    assert [one.comment for one in pinned_in(session, campaign)] == [third, second]
    assert set(months_of(session, [first.id, second.id, third.id])) == {second.id, third.id}
    withdraw_comment(session, third, by=bob, now=now)
    assert comment_of_month(session, campaign).comment is second
    with pytest.raises(NothingToPin):
        pin_comment(session, campaign, third, by=alice, now=later)
    unpin_comment(session, campaign, second, by=alice, now=now)
    assert comment_of_month(session, campaign) is None


def test_the_most_discussed_comments_are_those_to_which_most_other_people_replied(
    session, idea, alice, bob, charlie, now
):
    def say(author, above=None):
        return add_comment(session, idea, author=author, body="So.", reply_to=above, now=now)

    alone, by_two, by_one = say(alice), say(alice), say(alice)
    say(alice, alone)
    for author in (bob, bob, charlie):
        say(author, by_two)
    say(bob, by_one)
    assert [(one.comment, one.people) for one in most_discussed(session, idea.campaign)] == [(by_two, 2)]
