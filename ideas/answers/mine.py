"""The themes that are assigned to one person, with the state of their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ideas.answers.decision import Decision, DecisionStatus
from ideas.campaigns.team import managed_campaigns
from ideas.desk.work import ThemeWork, Work, work_in
from ideas.people.person import Person
from ideas.themes.theme import Theme


@dataclass(frozen=True, slots=True)
class MyTheme:
    """`status`: of its answer, None without one."""

    theme: Theme
    work: Work
    status: DecisionStatus | None

    @property
    def answered(self) -> bool:
        return self.status not in {None, DecisionStatus.PENDING}


def my_themes(session: Session, person: Person) -> Sequence[MyTheme]:
    """The active themes that are assigned to this person in campaigns that they manage: what is due first comes first.

    A number of queries that does not depend on how many there are.
    """
    named = select(ThemeWork.campaign_id).where(ThemeWork.assignee_id == person.id)
    given = set(session.scalars(named))
    campaigns = (
        [campaign.id for campaign in managed_campaigns(session, person) if campaign.id in given] if given else []
    )
    if not campaigns:
        return []
    works = {theme_id: work for theme_id, work in work_in(session, campaigns).items() if work.assignee_id == person.id}
    found = session.execute(
        select(Theme, Decision.status)
        .outerjoin(Decision, Decision.theme_id == Theme.id)
        .where(Theme.id.in_(works), Theme.retired_at.is_(None))
        .options(joinedload(Theme.campaign))
    )
    themes = [MyTheme(theme, works[theme.id], status) for theme, status in found]
    return sorted(themes, key=lambda one: (one.work.due_on or date.max, one.theme.id))


def count_waiting(session: Session, person: Person) -> int:
    """How many themes that are assigned to the person have no answer."""
    return sum(not one.answered for one in my_themes(session, person))
