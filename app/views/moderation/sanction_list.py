"""All sanctions of the site and its campaigns, for administrators: searched, filtered, and as a file."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.csv_file import csv_response
from ideas.campaigns.people.team import named_campaigns
from ideas.moderation.sanction_list import (
    SanctionFilter,
    SanctionState,
    export_sanctions,
    sanction_page,
)
from ideas.people.person import MAX_EMAIL_LENGTH
from ideas.people.sanction import Sanction, SanctionKind

views = Blueprint("sanction_list", __name__, url_prefix="/moderation/sanctions")

# The names of the columns are the same in every language: programs read them.
COLUMNS = (
    *("number", "person_number", "person", "sanction", "campaign", "reason", "words", "given_by", "given_at"),
    *("ends_at", "in_force", "appealed_at", "answered_at", "lifted_at"),
)


@views.get("")
@requires(Platform.ADMIN)
def index() -> ResponseReturnValue:
    chosen = _filter(request.args)
    page = sanction_page(database(), chosen, number=request.args.get("page", 1, type=int), now=now())
    return render_template(
        "moderation/sanction/index.html",
        page=page,
        chosen=chosen,
        filters={name: value for name, value in asdict(chosen).items() if value},
        campaigns=named_campaigns(database(), {one.campaign_id for one in page.sanctions if one.campaign_id}),
    )


@views.post("/export")
@requires(Platform.ADMIN, power=Power.EXPORT)
def export() -> ResponseReturnValue:
    """The sanctions that the page lists, as a file. A POST, since the activity log says who took it."""
    at = now()
    rows = [_row(one, at) for one in export_sanctions(database(), _filter(request.form), by=member(), now=at)]
    database().commit()
    return csv_response(f"sanctions-{at:%Y-%m-%d}.csv", COLUMNS, rows)


def _filter(sent: Mapping[str, str]) -> SanctionFilter:
    """What the address or the form asks for. A value that makes no sense is not asked for."""
    kind, state = sent.get("kind", ""), sent.get("state", "")
    return SanctionFilter(
        containing=sent.get("containing", "")[:MAX_EMAIL_LENGTH].strip(),
        kind=SanctionKind(kind) if kind in set(SanctionKind) else None,
        state=SanctionState(state) if state in set(SanctionState) else None,
    )


def _row(one: Sanction, at: datetime) -> tuple[object, ...]:
    what = one.kind.value, one.campaign_id, one.reason.value, one.words
    given = one.given_by.name, _instant(one.given_at), _instant(one.ends_at), int(one.is_in_force(at))
    appeal = map(_instant, (one.appealed_at, one.answered_at, one.lifted_at))
    return (one.id, one.person_id, one.person.name, *what, *given, *appeal)


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
