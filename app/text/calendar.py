"""The dates of campaigns, and workshops, as a calendar file (iCalendar, RFC 5545), in the reader's language."""

from collections.abc import Sequence
from datetime import timedelta

from flask import url_for
from flask_babel import get_timezone

from app.clock import now
from app.web.pages.language import gettext
from ideas.outreach.calendar import CampaignDate, DateKind
from ideas.spaces.workshops.workshop import Workshop

REFRESH = timedelta(hours=12)  # how often a program that subscribed should ask again


def calendar_file(dates: Sequence[CampaignDate], workshops: Sequence[Workshop] = (), *, name: str) -> bytes:
    """A file that calendar programs import or subscribe to. A date that changes keeps its identity there, and a
    workshop that is cancelled is shown as such.
    """
    from icalendar import Calendar, Event  # loaded where it is needed

    calendar = Calendar()
    calendar.add("prodid", "-//Convergence//campaigns//")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for date in dates:
        event = Event()
        address = url_for("campaign.show", campaign_id=date.campaign.id, _external=True)
        event.add("uid", f"{address}#{date.kind.value}")
        event.add("dtstamp", now())
        event.add("sequence", date.campaign.version)
        event.add("summary", _words(date))
        event.add("description", address)
        event.add("url", address)
        if date.kind is DateKind.DEBRIEF:
            event.add("dtstart", date.at.astimezone(get_timezone()).date())
        else:
            event.add("dtstart", date.at)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    for workshop in workshops:
        event = Event()
        address = url_for("workshop.show", space_id=workshop.space_id, workshop_id=workshop.id, _external=True)
        event.add("uid", address)
        event.add("dtstamp", now())
        event.add("sequence", workshop.version)
        event.add("summary", workshop.title)
        event.add("location", workshop.place)
        event.add("description", f"{workshop.words}\n\n{address}".strip())
        event.add("url", address)
        event.add("dtstart", workshop.starts_at)
        event.add("dtend", workshop.ends_at)
        event.add("status", "CANCELLED" if workshop.cancelled_at is not None else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _words(date: CampaignDate) -> str:
    title = date.campaign.title
    if date.kind is DateKind.OPENING:
        return str(gettext("Opens: %(campaign)s", campaign=title))
    if date.kind is DateKind.CLOSING:
        return str(gettext("Last hour for ideas: %(campaign)s", campaign=title))
    if date.is_past:
        return str(gettext("Debrief published: %(campaign)s", campaign=title))
    return str(gettext("Debrief promised: %(campaign)s", campaign=title))
