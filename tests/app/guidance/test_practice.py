"""The page of good practice, and those to learn each role."""

import re

import pytest

pytestmark = pytest.mark.one_database


def test_a_team_reads_its_checklist_ticks_a_line_and_learns_each_role(campaign, bob, charlie, signed_in):
    lead, address = signed_in(bob), f"/campaigns/{campaign.id}/practice"
    page = lead.get(address).text
    assert "You show who you are" in page
    assert "Learn it in two minutes" in page
    page = lead.post(address, data={"practice": "rules_read", "done": "yes"}, follow_redirects=True).text
    assert "Ticked by Bob on" in page
    assert "Nothing was changed." in lead.post(address, data={"practice": "magic"}, follow_redirects=True).text
    assert lead.post(address, data={"practice": "all_read", "done": "yes"}).status_code == 422
    assert signed_in(charlie).get(address).status_code == 403
    for role, words in (
        ("owner", "Ask one question"),
        ("facilitator", "A newcomer who is"),
        ("moderator", "Hide personal"),
    ):
        assert words in signed_in(charlie).get(f"/training?role={role}").text
    assert "Ask one question" in lead.get("/training?role=magic").text


@pytest.mark.parametrize(("locale", "heading"), [("en", "Two minutes to read."), ("fr", "Deux minutes de lecture.")])
def test_each_role_is_learnt_in_two_minutes_in_both_languages(session, charlie, signed_in, locale, heading):
    """At 200 words a minute."""
    charlie.locale = locale
    session.commit()
    browser = signed_in(charlie)
    for role in ("owner", "facilitator", "moderator"):
        page = browser.get(f"/training?role={role}").text
        assert f'<html lang="{locale}"' in page
        assert heading in page
        main = re.search(r"<main[^>]*+>(.*)</main>", page, re.DOTALL)[1]
        words = re.sub(r"<[^>]*+>", " ", main).split()
        assert 100 < len(words) <= 400, (role, len(words))
