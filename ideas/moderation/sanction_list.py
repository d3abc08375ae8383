"""All sanctions of the site, for administrators: a page of them, and all of them as a file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, not_, select, true
from sqlalchemy.orm import Session, joinedload

from ideas.organisation.organisation import record_download
from ideas.page import Page, page_at
from ideas.people.person import Person, person_matches
from ideas.people.sanction import Sanction, SanctionKind, in_force


class SanctionState(StrEnum):
    """A warning is neither in force nor over."""

    IN_FORCE = "in_force"
    OVER = "over"
    APPEALED = "appealed"  # and not answered


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionFilter:
    """Which sanctions to list; what is empty or None is not asked for.

    `containing`: the name or the address of the person has words that begin so.
    """

    containing: str = ""
    kind: SanctionKind | None = None
    state: SanctionState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionPage(Page):
    sanctions: Sequence[Sanction]


def sanction_page(
    session: Session, chosen: SanctionFilter, *, number: int, now: datetime, size: int = 50
) -> SanctionPage:
    """A page of the sanctions of the site and of all campaigns, latest first. Administrators may read it."""
    matching = _matching(session, chosen, now)
    total = session.scalar(select(func.count(Sanction.id)).where(matching)) or 0
    page = page_at(number, size=size, total=total)
    found = session.scalars(_listed(matching).limit(size).offset((page.number - 1) * size)).all()
    return SanctionPage(sanctions=found, **asdict(page))


def export_sanctions(session: Session, chosen: SanctionFilter, *, by: Person, now: datetime) -> Sequence[Sanction]:
    """Every sanction that meets the filter, latest first. Administrators may; the activity log says who did, and how
    many.
    """
    found = session.scalars(_listed(_matching(session, chosen, now))).all()
    record_download(session, "sanctions", len(found), by=by, now=now)
    return found


def _listed(matching: ColumnElement[bool]) -> Select[Sanction]:
    names = joinedload(Sanction.person), joinedload(Sanction.given_by)
    return select(Sanction).where(matching).order_by(Sanction.id.desc()).options(*names)


def _matching(session: Session, chosen: SanctionFilter, now: datetime) -> ColumnElement[bool]:
    found: ColumnElement[bool] = true()
    if chosen.containing:
        found &= Sanction.person_id.in_(select(Person.id).where(person_matches(session, chosen.containing)))
    if chosen.kind is not None:
        found &= Sanction.kind == chosen.kind
    if chosen.state is SanctionState.IN_FORCE:
        found &= in_force(now)
    elif chosen.state is SanctionState.OVER:
        found &= not_(in_force(now)) & (Sanction.kind != SanctionKind.WARNING)
    elif chosen.state is SanctionState.APPEALED:
        found &= Sanction.appealed_at.is_not(None) & Sanction.answered_at.is_(None)
    return found
