"""The page of what each person is sent in a week."""

import pytest

from ideas.organisation.organisation import the_organisation

pytestmark = pytest.mark.one_database
PAGE = "/organisation/budget"
SENT = {"weekly_mails": "5", "weekly_invitations": "2", "version": "1"}


def test_the_limits_are_shown_with_their_bounds_checked_and_saved(signed_in, make_person, session):
    admin, zoe = (signed_in(make_person(name, is_admin=True)) for name in ("Ada", "Zoe"))
    assert "Per person and week, from 1 to 20." in admin.get(PAGE).text
    for wrong, sentence in (
        ({"weekly_mails": "0"}, "Choose a number from 1 to 20."),
        ({"weekly_invitations": "11"}, "Choose a number from 1 to 10."),
        ({"weekly_mails": ""}, "Enter a number."),
        ({"weekly_mails": "many"}, "Not a valid integer value."),
    ):
        answer = admin.post(PAGE, data=SENT | wrong)
        assert (answer.status_code, answer.text.count(sentence)) == (422, 2), wrong
    assert admin.post(PAGE, data=SENT).status_code == 303
    session.expire_all()
    assert the_organisation(session).weekly_mails == 5
    assert "Ada saved another version on" in zoe.post(PAGE, data=SENT | {"weekly_mails": "9"}).text
