"""The activity log, for administrators: who did what, to what, when and why."""

from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, render_template, request

from app.access.needs import Platform, requires
from app.extensions import database
from app.web.dates import day_begins
from ideas.activity.activity import Search, Verb, recorded_kinds, search_activities
from ideas.base import MAX_ID
from ideas.campaigns.team import named_campaigns
from ideas.people.person import ids_matching, names_of
from ideas.search import MAX_SEARCH_LENGTH
from ideas.text import clean_line

views = Blueprint("activity", __name__)

PAGE_SIZE = 50
FILTERS = ("who", "verb", "kind", "campaign", "since", "until", "words")
# A search for a name that more people have finds the acts of these.
MAX_PEOPLE = 500


@views.get("/activity")
@requires(Platform.ADMIN)
def index() -> str:
    search = _search()
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


def _search() -> Search:
    """What the address asks for. A value that makes no sense is not asked for."""
    who = request.args.get("who", "")
    since, until = _day("since"), _day("until")
    return Search(
        actor_ids=ids_matching(database(), who, limit=MAX_PEOPLE) if who.strip() else None,
        campaign_id=_number("campaign"),
        verb=_verb(request.args.get("verb", "")),
        object_kind=clean_line(request.args.get("kind", ""))[:30],
        words=request.args.get("words", "").strip()[:MAX_SEARCH_LENGTH],
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)) if until and until < date.max else None,
        before=_number("before"),
    )


def _number(name: str) -> int | None:
    value = request.args.get(name, type=int)
    return value if value is not None and 0 < value <= MAX_ID else None


def _verb(name: str) -> Verb | None:
    return Verb(name) if name in set(Verb) else None


def _day(name: str) -> date | None:
    return request.args.get(name, type=date.fromisoformat)


def _midnight(day: date | None) -> datetime | None:
    """The beginning of this day in the reader's time zone."""
    if day is None or day.year < datetime(2000, 1, 1, tzinfo=UTC).year:
        return None
    return day_begins(day)
