"""How far the digests of a period are made, and the mail of a week that is kept for them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, null, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.accounts.sign_in import SignIn
from ideas.base import Base, choice
from ideas.outreach.limits.hours import Frequency, Reader

RUNS_KEPT = timedelta(days=60)


class DigestRun(Base):
    """The digests of a period are made for people up to this id; for all of them once it has ended."""

    __tablename__ = "digest_run"

    frequency: Mapped[Frequency] = mapped_column(choice(Frequency), primary_key=True)
    # The day on which the period ends: a Monday, for the weekly ones.
    day: Mapped[date] = mapped_column(primary_key=True)
    last_person_id: Mapped[int] = mapped_column(default=0)
    # What is new until then is told by this run, what comes later by the next one, also where it went on later.
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


def due_run(session: Session, frequency: Frequency, *, today: date, now: datetime) -> DigestRun | None:
    """The run of the present period, begun where there is none; None once it has ended. Old ones are deleted."""
    day = today - timedelta(days=today.weekday()) if frequency is Frequency.WEEKLY else today
    run = session.get(DigestRun, (frequency, day))
    if run is None:
        session.execute(delete(DigestRun).where(DigestRun.day < day - RUNS_KEPT))
        run = DigestRun(frequency=frequency, day=day, began_at=now)
        session.add(run)
        session.flush()
    return run if run.ended_at is None else None


@dataclass(frozen=True, slots=True)
class Kept:
    """For whom one mail of each week to come is kept for their digest: until the digests of that week are made.

    Otherwise what happens over a weekend takes the whole budget of the next week, again and again, and the digest never
    goes out. `made`: the last week whose digests are made, None before the first one. `here`: people who visited since;
    they get no digest.
    """

    made: date | None
    here: Collection[int]

    def is_for(self, person_id: int, reader: Reader, week: date) -> bool:
        """True where the digest of that week, a Monday, is still to come."""
        is_to_come = self.made is not None and week > self.made
        return is_to_come and reader.digest is Frequency.WEEKLY and person_id not in self.here


def read_kept(people: Collection[int]) -> tuple[Select[Any, Any, Any], Select[Any, Any, Any]]:
    """SQL: a row of each of these people who visited since the last weekly digests were begun, with their id; and one
    row with the Monday of those digests, or NULL. Each has three columns: the second is NULL.
    """
    is_made = DigestRun.ended_at.is_not(None) & (DigestRun.frequency == Frequency.WEEKLY)
    begun = select(func.max(DigestRun.began_at)).where(is_made).scalar_subquery()
    seen_at = func.coalesce(SignIn.seen_at, SignIn.created_at)
    here = select(SignIn.person_id, null(), null()).where(SignIn.person_id.in_(people), seen_at > begun)
    return here, select(null(), null(), func.max(DigestRun.day)).where(is_made)
