"""What is late, and what is planned to be sent in the next 30 days: on the whole site, or in a space. Pages that only
read.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.text.notices.notice import kind_label
from app.web.pages.language import timezone
from app.web.pages.site import site
from ideas.campaigns.audience import campaigns_of_space
from ideas.outreach.digest import count_readers
from ideas.outreach.limits.hours import Frequency
from ideas.outreach.limits.late import Late, late_in_space, late_on_site
from ideas.outreach.limits.planned import Planned, planned_in_space, planned_mails
from ideas.outreach.newsletters.newsletter import may_propose
from ideas.spaces.space import Space

views = Blueprint("planned", __name__)


@views.get("/organisation/planned")
@requires(Platform.ADMIN)
def index() -> str:
    planned = planned_mails(database(), now=now(), zone=timezone())
    late = late_on_site(database(), now=now(), zone=timezone())
    return _page(planned, late, digests=count_readers(database(), now=now()), monday=_next_monday())


@views.get("/spaces/<int:space_id>/planned")
@requires(Platform.MEMBER)
def of_space(space: Space) -> ResponseReturnValue:
    """For who runs the space, its referent, and who may propose a newsletter to it."""
    if not may_propose(database(), space, member()):
        return redirect(url_for("space.show", space_id=space.id), 303)
    campaigns = campaigns_of_space(database(), space, member())
    late = late_in_space(database(), campaigns, now=now(), zone=timezone())
    return _page(planned_in_space(database(), space, campaigns, now=now(), zone=timezone()), late, space=space)


def _page(
    planned: Sequence[Planned],
    late: Sequence[Late],
    *,
    digests: dict[Frequency, int] | None = None,
    monday: date | None = None,
    space: Space | None = None,
) -> str:
    local = ZoneInfo(timezone())
    days = [(day, list(some)) for day, some in groupby(planned, key=lambda one: one.at.astimezone(local).date())]
    return render_template(
        "outreach/planned/index.html",
        days=days,
        late=late,
        digests=digests or {},
        monday=monday,
        space=space,
        notice_label=kind_label,
    )


def _next_monday() -> date:
    """When the next weekly digests are made: see app/jobs/send_digests.py. Today's wait already."""
    today = now().astimezone(ZoneInfo(site().timezone)).date()
    return today + timedelta(days=7 - today.weekday())
