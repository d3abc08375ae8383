from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.accounts.link import (
    LASTS,
    Link,
    LinkExpired,
    LinkPurpose,
    LinkReplaced,
    LinkSpent,
    LinkUnknown,
    find_link,
    new_link,
    spend_link,
    token_of,
)

KEY = "only for tests"
VERIFY = LinkPurpose.VERIFY


@pytest.fixture
def link(session, charlie, now):
    return new_link(session, VERIFY, person=charlie, now=now, page="/campaigns/1")


def found(session, token, now, purpose=VERIFY, key=KEY):
    return find_link(session, purpose, token, keys=[key], now=now)


def test_a_link_is_found_by_its_token_as_often_as_one_looks(session, link, charlie, now):
    for _ in range(3):
        assert found(session, token_of(link, key=KEY), now) is link
    assert (link.person, link.email, link.page, link.spent_at) == (charlie, charlie.email, "/campaigns/1", None)


def test_the_token_is_not_in_the_database(session, link):
    secret = token_of(link, key=KEY).partition(".")[2]
    stored = [getattr(link, column.key) for column in link.__table__.columns]
    assert all(secret not in str(value) for value in stored)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token + "A",
        lambda token: token.partition(".")[0],
        lambda token: "999999999" + token[token.index(".") :],
        lambda token: "99999999999999999999" + token[token.index(".") :],
        lambda token: "-1" + token[token.index(".") :],
        lambda token: "²" + token[token.index(".") :],
        lambda _token: "",
        lambda _token: ".",
        lambda _token: "\x00.\ud800",
    ],
)
def test_a_token_that_is_not_this_one_is_unknown(session, link, now, change):
    with pytest.raises(LinkUnknown):
        found(session, change(token_of(link, key=KEY)), now)


def test_a_link_for_one_purpose_is_unknown_for_another_and_under_another_key(session, link, now):
    token = token_of(link, key=KEY)
    with pytest.raises(LinkUnknown):
        found(session, token, now, purpose=LinkPurpose.RESET)
    with pytest.raises(LinkUnknown):
        found(session, token, now, key="another key")


def test_a_link_works_once(session, link, now):
    spend_link(session, link, now=now)
    with pytest.raises(LinkSpent):
        found(session, token_of(link, key=KEY), now)
    with pytest.raises(LinkSpent):
        spend_link(session, link, now=now)


def test_a_newer_link_replaces_the_one_before_of_the_same_person_and_purpose(session, link, bob, charlie, now):
    others = [
        new_link(session, LinkPurpose.RESET, person=charlie, now=now),
        new_link(session, VERIFY, person=bob, now=now),
    ]
    assert found(session, token_of(link, key=KEY), now) is link
    newer = new_link(session, VERIFY, person=charlie, now=now)
    with pytest.raises(LinkReplaced):
        found(session, token_of(link, key=KEY), now)
    for each in (newer, *others):
        assert found(session, token_of(each, key=KEY), now, purpose=each.purpose) is each


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_link_expires(session, charlie, now, purpose):
    link = new_link(session, purpose, person=charlie, now=now)
    token, end = token_of(link, key=KEY), now + LASTS[purpose]
    assert found(session, token, end - timedelta(seconds=1), purpose=purpose) is link
    with pytest.raises(LinkExpired):
        found(session, token, end, purpose=purpose)
    with pytest.raises(LinkExpired):
        spend_link(session, link, now=end)


def test_a_link_of_a_reset_lasts_an_hour():
    assert LASTS[LinkPurpose.RESET] == timedelta(hours=1)


def test_links_go_with_their_person(session, link, charlie):
    assert link.id
    session.delete(charlie)
    session.flush()
    assert session.scalars(select(Link)).all() == []
