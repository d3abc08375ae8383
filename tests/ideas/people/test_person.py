from datetime import timedelta

import pytest

from ideas.errors import EmptyText, TooLong
from ideas.people.identity import check_credentials
from ideas.people.person import (
    SIGN_IN_LASTS,
    find_person,
    open_sign_in,
    revise_profile,
    sign_out,
    signed_in_person,
)

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


def test_a_profile_is_revised_within_its_bounds(charlie):
    revise_profile(charlie, name=" Charlie  B. ", headline="", locale="en", timezone="Africa/Dakar")
    assert (charlie.name, charlie.headline, charlie.timezone) == ("Charlie B.", "", "Africa/Dakar")
    with pytest.raises(EmptyText):
        revise_profile(charlie, name="", headline="", locale="en", timezone="UTC")
    with pytest.raises(TooLong):
        revise_profile(charlie, name="C", headline="h" * 161, locale="en", timezone="UTC")
