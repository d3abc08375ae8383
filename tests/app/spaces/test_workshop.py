"""The pages of workshops, what members are told, and the dates in their calendars."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from app.mail.notices import notify_due
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import Entry, SpaceKind, SpaceRole

pytestmark = pytest.mark.one_database


def typed(instant):
    """As a form in the zone of Paris takes it."""
    return instant.astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def space(session, alice, charlie, now):
    """Alice runs it; Charlie is a member."""
    space = create_space(
        session, text=SpaceText("Pioneers", kind=SpaceKind.GROUP, entry=Entry.PRIVATE), by=alice, now=now
    )
    add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    session.commit()
    return space


@pytest.fixture
def starts_at(now):
    return now.replace(second=0, microsecond=0) + timedelta(days=3)


@pytest.fixture
def form(starts_at):
    return {
        "title": "Sketching <b>", "place": "https://meet.example.org/4", "words": "Bring a pen.",
        "starts_at": typed(starts_at), "ends_at": typed(starts_at + timedelta(hours=2)),
    }  # fmt: skip


@pytest.fixture
def tell(app, now):
    """Have people told of what happened."""

    def write():
        with app.app_context():
            notify_due(now)

    return write


def test_a_moderator_announces_a_workshop_and_its_people_are_told_once(
    session, campaign, space, form, signed_in, tell, alice, charlie, make_person, now
):
    choice = AudienceChoice(Stage(Audience.SPACES, spaces=[space.id]))
    choose_audience(session, campaign, choice=choice, by=alice, change_reason="Pioneers first", now=now)
    session.commit()
    lead, member, here = signed_in(alice), signed_in(charlie), f"/spaces/{space.id}"
    assert "Announce a workshop" not in member.get(here).text
    assert "No workshop is announced." in lead.get(here).text
    assert "All times are in your time zone (Paris)." in lead.get(f"{here}/workshops/new").text
    for changed, words in (
        ({"starts_at": "", "ends_at": ""}, "Choose when the workshop starts."),
        ({"starts_at": "2020-01-01T10:00", "ends_at": "2020-01-01T11:00"}, "would start in the past"),
        ({"ends_at": form["starts_at"]}, "ends after it starts"),
    ):
        refused = lead.post(f"{here}/workshops/new", data=form | changed)
        assert (refused.status_code, words in refused.text, "Bring a pen." in refused.text) == (422, True, True)
    address = lead.post(f"{here}/workshops/new", data=form).location
    page = member.get(address).text
    for words in ("(Paris time)", "Sketching &lt;b&gt;", 'href="https://meet.example.org/4"'):
        assert words in page
    assert "Write for someone" not in page
    assert f"/campaigns/{campaign.id}/ideas/for-another" in lead.get(address).text
    tell()
    notices = member.get("/me/notices").text
    assert notices.count("A workshop is announced in the space “Pioneers”") == 1
    assert f'href="{address}"' in notices
    assert signed_in(make_person("Emil")).get(address).status_code == 404, "the space is private"


def test_who_comes_has_it_in_their_calendar_until_it_is_cancelled_with_a_reason(
    space, form, starts_at, signed_in, client, tell, alice, charlie
):
    lead, member = signed_in(alice), signed_in(charlie)
    address = lead.post(f"/spaces/{space.id}/workshops/new", data=form).location
    page = member.post(f"{address}/answer", data={"answer": "yes"}, follow_redirects=True).text
    assert "1 person is coming" in page
    (event,) = Calendar.from_ical(member.get(f"{address}/calendar.ics").data).walk("VEVENT")
    found = event["dtstart"].dt, str(event["location"]), str(event["status"])
    assert found == (starts_at, form["place"], "CONFIRMED")
    dates = member.get("/me/calendar").text
    assert f'href="{address}"' in dates
    feed = re.search(r'data-copy="http://localhost(/calendar/[^"]+)"', dates)[1]
    version = re.search(r'name="version"[^>]*value="(\d+)"', lead.get(f"{address}/edit").text)[1]
    assert lead.post(f"{address}/edit", data=form | {"place": "Room 4", "version": version}).status_code == 303
    assert lead.post(f"{address}/edit", data=form | {"version": version}).status_code == 409
    assert "Members read the reason." in lead.post(f"{address}/cancel", data={"reason": " "}).text
    assert lead.post(f"{address}/cancel", data={"reason": "The room is taken."}).status_code == 303
    late = lead.post(f"{address}/edit", data=form | {"words": "Bring two pens.", "version": version})
    assert (late.status_code, "is cancelled, or has started" in late.text) == (422, True)
    assert "Bring two pens." in late.text, "what was typed is not lost"
    assert lead.get(f"{address}/edit").location == address
    page = member.get(address).text
    assert "This workshop is cancelled" in page
    assert "I am coming" not in page
    tell()
    for text in (page, member.get("/me/notices").text):
        assert "The room is taken." in text
    events = Calendar.from_ical(client.get(feed).data).walk("VEVENT")
    assert [str(event["status"]) for event in events if "workshops" in event["uid"]] == ["CANCELLED"]
    assert member.post(f"{address}/answer", data={"answer": "no"}).status_code == 409
