"""How the themes were made: what was automatic, by which model, and what people changed and checked."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, TeamMember, in_force
from ideas.contributions.idea import Idea, is_submitted
from ideas.people.person import Person
from ideas.themes.checks.agreement import Agreement, agreement_in
from ideas.themes.checks.check import IdeaCheck, check_holds
from ideas.themes.checks.sample import Card, cards_of
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.placement import Forbidden, PlacedHow, Placement
from ideas.themes.runs.run import ThemeRun
from ideas.themes.theme import Theme


@dataclass(frozen=True, slots=True)
class Method:
    """The latest run, and what the team did to its themes, as it holds today.

    `moved`: ideas that a person moved, set apart or took out of a theme. `shaped`: themes that a person renamed, merged
    or split. `checked`: ideas that a person checked. `reviewers`: the people who did any of it; of them `owners`
    (one at most) and `facilitators` have these roles today. `namer`: the language model that named themes, or "".
    """

    model: str
    namer: str
    grouped_at: datetime
    moved: int
    shaped: int
    checked: int
    reviewers: int
    owners: int
    facilitators: int
    agreement: Agreement | None

    @property
    def is_reviewed(self) -> bool:
        return bool(self.moved or self.shaped or self.checked)

    @property
    def others(self) -> int:
        """Those who have another role today, or none."""
        return self.reviewers - self.owners - self.facilitators


def method_of(
    session: Session, campaign: Campaign, run: ThemeRun | None, *, cards: list[Card] | None = None
) -> Method | None:
    """How the campaign's themes were made, in three queries; None before the first run and where it made no themes.

    `cards`: those of the run's sample, where they were read already.
    """
    if run is None or run.too_few:
        return None
    counts = session.execute(_counts_query(), {"campaign_id": campaign.id}).mappings().one()
    agreement = agreement_in(cards_of(session, run) if cards is None else cards)
    return Method(run.model, run.namer, run.created_at, **counts, agreement=agreement)


@cache  # building the query takes longer than running it
def _counts_query() -> Select[Any]:
    this: Any = bindparam("campaign_id")
    active = (Theme.campaign_id == this) & Theme.retired_at.is_(None)
    kept_out = exists().where(
        Forbidden.idea_id == Placement.idea_id, Forbidden.theme_id == Theme.id, Theme.retired_at.is_(None)
    )
    edits = select(ThemeEdit.person_id).where(ThemeEdit.campaign_id == this, ThemeEdit.undone_at.is_(None))
    people = select(func.count(Person.id)).where(
        Person.id.in_(edits) | Person.id.in_(_checks(IdeaCheck.person_id, this))
    )
    counts: dict[str, Select[Any]] = {
        "moved": select(func.count())
        .select_from(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == this,
            is_submitted(),
            Placement.placed_how.in_((PlacedHow.MOVED, PlacedHow.SET_ASIDE)) | kept_out,
        ),
        "shaped": select(func.count(Theme.id)).where(active, Theme.touched | Theme.given_name.is_not(None)),
        "checked": _checks(func.count(IdeaCheck.idea_id.distinct()), this),
        "reviewers": people,
        "owners": people.where(Person.id == select(Campaign.owner_id).where(Campaign.id == this).scalar_subquery()),
        "facilitators": people.where(
            exists().where(
                *(TeamMember.campaign_id == this, TeamMember.person_id == Person.id),
                *(TeamMember.role == Role.FACILITATOR, in_force()),
            )
        ),
    }
    return select(*(count.scalar_subquery().label(name) for name, count in counts.items()))


def _checks(column: Any, campaign_id: Any) -> Select[Any]:
    """A column of the checks that hold."""
    return (
        select(column)
        .join(Idea, Idea.id == IdeaCheck.idea_id)
        .outerjoin(ThemeEdit, ThemeEdit.id == IdeaCheck.edit_id)
        .where(IdeaCheck.campaign_id == campaign_id, is_submitted(), check_holds())
    )
