"""What a phase is, and what a campaign with phases takes at an instant.

Phases narrow what may be done while the campaign is open; they open nothing. Without any, all of it may be done from
the opening to the closing. Comments go on after the closing, until the debrief, unless a phase in force that is
meant for that time says otherwise: one that takes neither ideas nor support.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo


class PhaseAct(StrEnum):
    """What participants may do in a phase. To write is also to change an idea, or to publish one again."""

    WRITE = "write"
    SUPPORT = "support"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class CampaignPhase:
    """At the instant of its end it is over."""

    name: str
    starts_at: datetime
    ends_at: datetime
    may: frozenset[PhaseAct]

    @property
    def takes_part(self) -> bool:
        """True where ideas or support are taken, which is only while the campaign is open."""
        return not self.may.isdisjoint({PhaseAct.WRITE, PhaseAct.SUPPORT})

    def is_in_force(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


def read_phases(stored: Sequence[Mapping[str, Any]] | None) -> list[CampaignPhase]:
    """The phases of a campaign, or of one of its versions, from their JSON, in their order."""
    return [
        CampaignPhase(
            one["name"],
            datetime.fromisoformat(one["starts_at"]),
            datetime.fromisoformat(one["ends_at"]),
            frozenset(PhaseAct(act) for act in one["may"] if act in set(PhaseAct)),
        )
        for one in stored or ()
    ]


def stored_phases(phases: Sequence[CampaignPhase]) -> list[dict[str, Any]]:
    """The same as JSON. Acts are in the order of `PhaseAct`, so that equal phases are stored alike."""
    return [
        {
            "name": one.name,
            "starts_at": one.starts_at.astimezone(UTC).isoformat(),
            "ends_at": one.ends_at.astimezone(UTC).isoformat(),
            "may": [act.value for act in PhaseAct if act in one.may],
        }
        for one in phases
    ]


def moved_phases(
    phases: Sequence[CampaignPhase], by: timedelta, *, zone: ZoneInfo | None = None
) -> list[CampaignPhase]:
    """The same phases, so much later; earlier if it is negative. In the local time of a zone: what ends at 18:00 still
    does in another season.
    """
    return [
        replace(one, starts_at=_moved(one.starts_at, by, zone), ends_at=_moved(one.ends_at, by, zone)) for one in phases
    ]


def local_difference(one: datetime, other: datetime, *, zone: ZoneInfo | None = None) -> timedelta:
    """How much later the first is, as clocks in this zone show both."""
    return one.astimezone(zone or UTC).replace(tzinfo=None) - other.astimezone(zone or UTC).replace(tzinfo=None)


def _moved(moment: datetime, by: timedelta, zone: ZoneInfo | None) -> datetime:
    # A sum within one zone is of what its clocks show.
    return (moment.astimezone(zone or UTC) + by).astimezone(UTC)


def is_outside(phase: CampaignPhase, opens_at: datetime | None, closes_at: datetime | None) -> bool:
    """True where the phase takes ideas or support while a campaign with these dates, as far as it has them, is not
    open.
    """
    early = opens_at is not None and phase.starts_at < opens_at.replace(second=0, microsecond=0)
    return phase.takes_part and (early or (closes_at is not None and phase.ends_at > closes_at))


def allows(phases: Sequence[CampaignPhase], act: PhaseAct, now: datetime) -> bool:
    """True where the phase in force has the act, or there are none. Between two phases nothing may be done.

    Once the last one is over: comments.
    """
    if not phases:
        return True
    for one in phases:
        if one.is_in_force(now):
            return act in one.may
    return act is PhaseAct.COMMENT and now >= phases[-1].ends_at


def comments_after_closing(phases: Sequence[CampaignPhase], now: datetime) -> bool:
    """True where comments are taken once the campaign is closed: a phase that takes neither ideas nor support may say
    otherwise. One that does was meant for an open campaign, and says nothing where it closed early.
    """
    return all(PhaseAct.COMMENT in one.may for one in phases if one.is_in_force(now) and not one.takes_part)


def are_over(phases: Sequence[CampaignPhase], now: datetime) -> bool:
    """True where phases take neither ideas nor support any more."""
    return bool(phases) and not any(one.takes_part and now < one.ends_at for one in phases)


def ends_of(phases: Sequence[CampaignPhase], act: PhaseAct) -> list[datetime]:
    """The instants at which phases end in which something may be done that the next one does not take."""
    return [
        one.ends_at
        for one, following in zip_longest(phases, phases[1:])
        if act in one.may and (following is None or act not in following.may or following.starts_at > one.ends_at)
    ]
