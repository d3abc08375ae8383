"""For how long the site keeps what it keeps for a time only. Administrators choose, within bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.version import check_unchanged
from ideas.errors import DomainError, message_id
from ideas.organisation.organisation import change_organisation, lock_organisation
from ideas.people.person import Person


class OutOfBounds(DomainError):
    message = message_id("Choose a number of days from %(least)s to %(most)s.")

    def __init__(self, period: str, least: int, most: int) -> None:
        super().__init__(least=least, most=most)
        self.period = period


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most days."""

    least: int
    most: int


# By the columns of Organisation. The list of members needs sign-ins of 30 days; closing campaigns needs jobs of 90.
PERIODS: Mapping[str, Bounds] = {
    "keep_drafts": Bounds(30, 1_825),
    "keep_sign_ins": Bounds(30, 395),
    "keep_messages": Bounds(30, 1_825),
    "keep_jobs": Bounds(90, 730),
    # An answer is due within a month.
    "erasure_days": Bounds(1, 28),
}


def set_retention(session: Session, days: Mapping[str, int], *, by: Person, now: datetime, seen: int) -> None:
    """Change these periods. Administrators may. What is older is deleted by the next daily turn of the worker.

    Raises OutOfBounds, or ChangedMeanwhile if the settings were saved since version `seen`.
    """
    for name, bounds in PERIODS.items():
        if not bounds.least <= days[name] <= bounds.most:
            raise OutOfBounds(name, bounds.least, bounds.most)
    organisation = lock_organisation(session)
    check_unchanged(organisation, seen)
    change_organisation(session, organisation, {name: days[name] for name in PERIODS}, by=by, now=now)
