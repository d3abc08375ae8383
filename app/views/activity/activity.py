"""The activity log, for administrators: who did what, to what, when and why."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.csv_file import csv_response
from app.web.pages.dates import day_begins
from ideas.activity.activity import Activity, Search, Verb, recorded_kinds, search_activities
from ideas.base import MAX_ID
from ideas.campaigns.people.team import named_campaigns
from ideas.organisation.organisation import record_download
from ideas.people.person import ids_matching, names_of
from ideas.search import MAX_SEARCH_LENGTH
from ideas.text import clean_line

views = Blueprint("activity", __name__)

PAGE_SIZE = 50
FILTERS = ("who", "verb", "kind", "campaign", "since", "until", "words")
# A search for a name that more people have finds the acts of these.
MAX_PEOPLE = 500
MAX_EXPORTED = 20_000
COLUMNS = ("number", "at", "who", "act", "object", "object_number", "campaign", "reason", "before", "after")


@views.get("/activity")
@requires(Platform.ADMIN)
def index() -> str:
    search = _search(request.args)
    found = search_activities(database(), search, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    filters = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return render_template(
        "activity/activity/index.html",
        activities=shown,
        older=shown[-1].id if len(found) > PAGE_SIZE else None,
        names=names_of(database(), {activity.actor_id for activity in shown if activity.actor_id is not None}),
        campaigns=named_campaigns(
            database(), {activity.campaign_id for activity in shown if activity.campaign_id is not None}
        ),
        filters=filters,
        verbs=list(Verb),
        kinds=recorded_kinds(database()),
    )


@views.post("/activity/export")
@requires(Platform.ADMIN, power=Power.EXPORT)
def export() -> ResponseReturnValue:
    """The acts that the page lists, as a file, the latest MAX_EXPORTED at most. A POST: the log says who took it."""
    found = search_activities(database(), _search(request.form), limit=MAX_EXPORTED)
    names = names_of(database(), {activity.actor_id for activity in found if activity.actor_id is not None})
    rows = [_row(activity, names) for activity in found]
    record_download(database(), "activities", len(rows), by=member(), now=now())
    database().commit()
    return csv_response(f"activity-{now():%Y-%m-%d}.csv", COLUMNS, rows)


def _row(activity: Activity, names: Mapping[int, str]) -> list[Any]:
    who = names.get(activity.actor_id, "") if activity.actor_id is not None else ""
    changes = (json.dumps(values, ensure_ascii=False) if values else "" for values in (activity.before, activity.after))
    what = activity.verb.value, activity.object_kind, activity.object_id, activity.campaign_id
    return [activity.id, activity.at.isoformat(), who, *what, activity.reason, *changes]


def _search(sent: Mapping[str, str]) -> Search:
    """What the address or the form asks for. A value that makes no sense is not asked for."""
    who = sent.get("who", "")
    since, until = _day(sent.get("since")), _day(sent.get("until"))
    return Search(
        actor_ids=ids_matching(database(), who, limit=MAX_PEOPLE) if who.strip() else None,
        campaign_id=_number(sent.get("campaign")),
        verb=_verb(sent.get("verb", "")),
        object_kind=clean_line(sent.get("kind", ""))[:30],
        words=sent.get("words", "").strip()[:MAX_SEARCH_LENGTH],
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)) if until and until < date.max else None,
        before=_number(sent.get("before")),
    )


def _number(sent: str | None) -> int | None:
    try:
        value = int(sent or "")
    except ValueError:
        return None
    return value if 0 < value <= MAX_ID else None


def _verb(name: str) -> Verb | None:
    return Verb(name) if name in set(Verb) else None


def _day(sent: str | None) -> date | None:
    try:
        return date.fromisoformat(sent or "")
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    """The beginning of this day in the reader's time zone."""
    if day is None or day.year < datetime(2000, 1, 1, tzinfo=UTC).year:
        return None
    return day_begins(day)
