"""Making a campaign known: link, code, poster, and the dates of campaigns in people's own calendars."""

import re

import pytest
from icalendar import Calendar

from ideas.outreach.follow import follow
from ideas.people.sanction import Reason, SanctionKind, give_sanction

pytestmark = pytest.mark.one_database


def events(answer):
    """The events of a calendar file, by the end of their identity."""
    assert answer.mimetype == "text/calendar"
    found = {str(event["uid"]).rpartition("#")[2]: event for event in Calendar.from_ical(answer.data).walk("VEVENT")}
    assert all(str(event["uid"]).startswith("http://localhost/campaigns/") for event in found.values())
    return found


def test_a_member_brings_others_in_without_giving_their_addresses(signed_in, campaign, charlie):
    client = signed_in(charlie)
    assert f"/campaigns/{campaign.id}/kit" in client.get(f"/campaigns/{campaign.id}/share").text
    page = client.get(f"/campaigns/{campaign.id}/kit").text
    for words in (
        "mailto:?subject=",
        f"http%3A//localhost/campaigns/{campaign.id}",
        "Host a session",
        campaign.benefit,
    ):
        assert words in page
    assert "<svg" in page


def test_the_words_to_invite_are_in_the_language_of_the_campaign(session, signed_in, campaign, charlie):
    campaign.challenge = "Comment rendre les matins plus faciles pour les patients et pour nous ?"
    session.commit()
    page = signed_in(charlie).get(f"/campaigns/{campaign.id}/kit").text
    words = page[page.index('<textarea class="input" id="words"') : page.index("</textarea>")]
    assert "Je participe" in words
    assert "five minutes" not in words
    assert "Host a session" in page, "the page itself is in the language of its reader"


def test_a_campaign_has_a_link_a_code_a_poster_and_its_dates(client, signed_in, campaign, charlie):
    campaign.open_to_visitors = True
    for browser in (client, signed_in(charlie)):
        page = browser.get(f"/campaigns/{campaign.id}")
        assert f"/campaigns/{campaign.id}/share" in page.text
        share = browser.get(f"/campaigns/{campaign.id}/share").text
        assert f'data-copy="http://localhost/campaigns/{campaign.id}"' in share
        assert "<svg" in share
        poster = browser.get(f"/campaigns/{campaign.id}/poster").text
        assert campaign.challenge in poster
        drawing = browser.get(f"/campaigns/{campaign.id}/code.svg")
        assert (drawing.mimetype, b"<svg" in drawing.data) == ("image/svg+xml", True)
        found = events(browser.get(f"/campaigns/{campaign.id}/calendar.ics"))
        assert set(found) == {"opening", "closing", "debrief"}
        assert found["closing"]["dtstart"].dt == campaign.closes_at
        assert not hasattr(found["debrief"]["dtstart"].dt, "hour")


def test_a_calendar_holds_what_concerns_its_person_without_an_account_and_ends_with_it(
    client, session, signed_in, campaign, make_campaign, alice, charlie, now
):
    campaign.title = "Moins; de, clics\nici"
    other = make_campaign(title="Another one")
    browser = signed_in(charlie)
    assert "Follow a campaign" in browser.get("/me/calendar").text
    follow(session, campaign, by=charlie, now=now)
    session.commit()
    page = browser.get("/me/calendar").text
    assert other.title not in page
    address = re.search(r'data-copy="http://localhost(/calendar/[^"]+)"', page)[1]
    found = events(client.get(address))
    assert "Moins; de, clics" in str(found["closing"]["summary"])
    assert len(found) == 3
    assert client.get(f"{address.removesuffix('.ics')}x.ics").status_code == 404
    renewed = browser.post("/me/calendar", follow_redirects=True).text
    assert client.get(address).status_code == 404, "the earlier link has ended"
    address = re.search(r'data-copy="http://localhost(/calendar/[^"]+)"', renewed)[1]
    assert len(events(client.get(address))) == 3
    ban = {"reason": Reason.INSULT, "quote": "", "words": "", "by": alice, "now": now}
    give_sanction(session, charlie, SanctionKind.BAN, campaign_id=campaign.id, **ban)
    campaign.open_to_visitors = False
    session.commit()
    assert events(client.get(address)) == {}, "a campaign for members, where they are banned"
    campaign.open_to_visitors = True
    session.commit()
    assert len(events(client.get(address))) == 3, "as visitors see it"
    charlie.erased_at = now
    session.commit()
    assert client.get(address).status_code == 404


def test_a_draft_has_no_dates_and_another_s_campaign_is_not_shared(client, signed_in, draft_campaign, alice, charlie):
    assert events(signed_in(alice).get(f"/campaigns/{draft_campaign.id}/calendar.ics")) == {}
    assert "This is a draft" in signed_in(alice).get(f"/campaigns/{draft_campaign.id}/share").text
    for tail in ("share", "poster", "code.svg", "calendar.ics"):
        assert signed_in(charlie).get(f"/campaigns/{draft_campaign.id}/{tail}").status_code == 404
