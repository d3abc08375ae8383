"""Which scores changed once the jury saw them all: with who, when and why. For the jury and the team."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.version import Version
from ideas.contest.judging import Judgement


@dataclass(frozen=True, slots=True)
class Change:
    """Scores that changed once the jury saw them all, by criterion. None: the juror declared a conflict then.

    `reason`: the words of the conflict as they are now, where that is what changed.
    """

    by: str
    at: datetime
    reason: str
    before: Mapping[int, int] | None
    after: Mapping[int, int] | None


def changes_of(session: Session, judgements: Collection[Judgement]) -> list[Change]:
    """What changed in these judgements since the jury saw all scores, latest first. For the jury and the team."""
    known = {one.id: one for one in judgements}
    found: list[Change] = []
    kept = select(Version).where(Version.object_kind == Judgement.__tablename__, Version.object_id.in_(known))
    earlier: dict[int, Version] = {}
    for version in session.scalars(kept.order_by(Version.object_id, Version.number)):
        before = earlier.get(version.object_id)
        if before is not None and before.content != version.content:
            judgement, after = known[version.object_id], _scores(version.content)
            reason = version.reason or (judgement.interest if after is None else "")
            found.append(Change(judgement.person.name, version.at, reason, _scores(before.content), after))
        earlier[version.object_id] = version
    return sorted(found, key=lambda change: change.at, reverse=True)


def _scores(content: Mapping[str, Any]) -> dict[int, int] | None:
    """JSON has texts for keys."""
    return None if content.get("conflict") else {int(number): value for number, value in content["scores"].items()}
