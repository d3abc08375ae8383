"""The steps of the journey, and who has come to which. Who has taken part since reads another text than who has not.

One person in ten is sent nothing, for good: so the organisation sees what the messages change. Who that is follows from
the number of the account.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from ideas.base import Base, choice

# One person in so many is sent nothing.
CONTROL_SHARE = 10


class Step(StrEnum):
    """A message: so many days after the account was created, for who has taken part lately and for who has not."""

    DAY_0 = "day_0"
    ACTIVE_30 = "active_30"
    INACTIVE_30 = "inactive_30"
    ACTIVE_90 = "active_90"
    INACTIVE_90 = "inactive_90"


# After how many days a message comes: for who has taken part in the time named, and for who has not.
DAYS: dict[int, tuple[Step, Step, timedelta]] = {
    0: (Step.DAY_0, Step.DAY_0, timedelta()),
    30: (Step.ACTIVE_30, Step.INACTIVE_30, timedelta(days=30)),
    90: (Step.ACTIVE_90, Step.INACTIVE_90, timedelta(days=60)),
}


class JourneyStep(Base):
    """That a newcomer has come to a step. `is_control`: they are sent nothing. `returned_at`: when they were first seen
    here since, within two weeks.
    """

    __tablename__ = "journey_step"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[Step] = mapped_column(choice(Step))
    at: Mapped[datetime] = mapped_column(index=True)
    is_control: Mapped[bool] = mapped_column(default=False, server_default=false())
    returned_at: Mapped[datetime | None]


def is_control(person_id: int) -> bool:
    """True for one person in ten, always the same: chosen by a hash, so that no date or habit decides it."""
    digest = hashlib.sha256(f"newcomer {person_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % CONTROL_SHARE == 0
