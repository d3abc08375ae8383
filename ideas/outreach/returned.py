"""What a returned table would change, and who would be told of it: a preview that leaves nothing behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.campaigns.campaign import Campaign
from ideas.exports.returned.apply import apply_rows
from ideas.exports.returned.sheet import SheetRow
from ideas.exports.returned.step import Outcome, Step, digest_of
from ideas.outreach.recipients.recipient import told_by_kind
from ideas.people.person import Person

# Instead of the reason that is asked for before anything is changed.
_REASON_TO_COME = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`told`: how many people would be told, of each step; `everyone`: how many in all, each counted once."""

    steps: Sequence[Step]
    told: Sequence[int]
    everyone: int

    @property
    def changes(self) -> list[tuple[Step, int]]:
        return [(step, told) for step, told in zip(self.steps, self.told, strict=True) if step.is_change]

    @property
    def refused(self) -> list[Step]:
        return [step for step in self.steps if step.outcome is Outcome.REFUSED]

    @property
    def same(self) -> int:
        """How many rows change nothing."""
        return sum(step.outcome is Outcome.SAME for step in self.steps)

    @property
    def asks_reason(self) -> bool:
        return any(step.asks_reason for step in self.steps)

    @property
    def digest(self) -> int:
        return digest_of(step for step, _ in self.changes)


def preview_rows(
    session: Session, campaign: Campaign, rows: Sequence[SheetRow], *, by: Person, now: datetime, day_first: bool
) -> Preview:
    """What `apply_rows` would do with these rows now, for whoever may call that. The caller commits nothing.

    The rules themselves say it: the acts are done within a savepoint, and taken back. Whom they concern is asked of the
    rules that tell people, of acts that are in no log.
    """
    savepoint = session.begin_nested()
    try:
        steps = apply_rows(session, campaign, rows, reason=_REASON_TO_COME, by=by, now=now, day_first=day_first)
        session.flush()
        told = [_told(session, campaign, step, by=by, now=now) for step in steps]
    finally:
        savepoint.rollback()
    return Preview(steps=steps, told=[len(people) for people in told], everyone=len(set().union(*told)))


def _told(session: Session, campaign: Campaign, step: Step, *, by: Person, now: datetime) -> set[int]:
    people: set[int] = set()
    for act in step.acts:
        activity = Activity(
            id=0, at=now, actor_id=by.id, verb=act.verb, object_kind=act.kind, object_id=act.object_id,
            campaign_id=campaign.id, reason="",
        )  # fmt: skip
        people.update(*told_by_kind(session, activity).values())
    return people
