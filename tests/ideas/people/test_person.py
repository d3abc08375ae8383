from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.accounts.identity import check_credentials
from ideas.accounts.sign_in import (
    SIGN_IN_LASTS,
    SignIn,
    delete_ended_sign_ins,
    open_sign_in,
    sign_out,
    signed_in_person,
)
from ideas.errors import EmptyText, TooLong
from ideas.people.person import Person, find_person, person_matches, revise_profile

PASSWORD = "correct horse battery"


def test_a_sign_in_lasts_until_it_is_ended_or_expires(session, charlie, now):
    assert check_credentials(session, email="Charlie@example.org", password=PASSWORD) is charlie
    token = open_sign_in(session, charlie, now=now)
    assert signed_in_person(session, token, now=now) is charlie
    assert signed_in_person(session, token, now=now + SIGN_IN_LASTS - timedelta(seconds=1)) is charlie
    assert signed_in_person(session, token, now=now + SIGN_IN_LASTS) is None
    sign_out(session, token, now=now)
    session.flush()
    assert signed_in_person(session, token, now=now) is None
    assert signed_in_person(session, "made up", now=now) is None


def test_ending_one_sign_in_leaves_the_others(session, charlie, now):
    tokens = [open_sign_in(session, charlie, now=now) for _ in range(2)]
    sign_out(session, tokens[0], now=now)
    session.flush()
    assert signed_in_person(session, tokens[1], now=now) is charlie


def test_people_are_found_whatever_the_capitals(session, charlie):
    assert find_person(session, " CHARLIE@example.org") is charlie


def test_an_address_finds_those_that_begin_so_and_no_other(session, make_person):
    """Its parts may be words that a search leaves out, or that every address has."""
    ours, _other = (
        make_person("Olive", email="olive.en@example.org"),
        make_person("Olive", email="olive.fr@example.org"),
    )
    for typed in ("olive.en@example.org", " Olive.EN@Exam", "olive.en@"):
        assert session.scalars(select(Person.id).where(person_matches(session, typed))).all() == [ours.id]
    assert len(session.scalars(select(Person.id).where(person_matches(session, "olive"))).all()) == 2


def test_a_profile_is_revised_within_its_bounds(session, charlie):
    revise_profile(session, charlie, name=" Charlie  B. ", headline="", locale="en", timezone="Africa/Dakar")
    assert (charlie.name, charlie.headline, charlie.timezone) == ("Charlie B.", "", "Africa/Dakar")
    with pytest.raises(EmptyText):
        revise_profile(session, charlie, name="", headline="", locale="en", timezone="UTC")
    with pytest.raises(TooLong):
        revise_profile(session, charlie, name="C", headline="h" * 161, locale="en", timezone="UTC")


def test_sign_ins_are_deleted_30_days_after_they_ended_or_expired(session, charlie, now):
    def sign_in(token, *, expires, ended=None):
        expires_at, ended_at = now + timedelta(days=expires), ended and now + timedelta(days=ended)
        session.add(
            SignIn(person_id=charlie.id, token_hash=token, created_at=now, expires_at=expires_at, ended_at=ended_at)
        )

    sign_in("open", expires=10)
    sign_in("just expired", expires=-29)
    sign_in("just ended", expires=10, ended=-29)
    sign_in("expired", expires=-31)
    sign_in("ended", expires=10, ended=-31)
    session.flush()
    assert delete_ended_sign_ins(session, now=now) == 2
    assert set(session.scalars(select(SignIn.token_hash))) == {"open", "just expired", "just ended"}


def test_the_database_holds_no_token(session, charlie, now):
    """Whoever reads the database can sign in as nobody."""
    token = open_sign_in(session, charlie, now=now)
    [row] = session.execute(select(SignIn.__table__)).all()
    assert all(token not in str(value) for value in row)
