"""How the ideas or themes fared that people compared by pairs: the share of each, with its bounds."""

from dataclasses import dataclass
from math import sqrt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contest.pairs import Choice, Pair, times_shown
from ideas.people.person import Person

# Of the normal distribution: with it, the bounds of Wilson's interval hold the true share 19 times out of 20.
Z = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """How one thing fared. `low`, `high`: the bounds of Wilson's interval; None where it was never chosen or left."""

    item_id: int
    shown: int
    won: int
    lost: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """How often it was chosen, of the times when it or the other one was."""
        return self.won / (self.won + self.lost) if self.won + self.lost else None


def shares(session: Session, campaign: Campaign) -> list[Share]:
    """How each fared, those that are chosen most for certain first: by the lower bound. Four queries."""
    shown = times_shown(session, campaign)
    rows = select(Pair.first_id, Pair.second_id, Pair.chosen, func.count()).where(
        Pair.campaign_id == campaign.id, Pair.chosen.in_([Choice.FIRST, Choice.SECOND])
    )
    won, lost = dict.fromkeys(shown, 0), dict.fromkeys(shown, 0)
    for first, second, chosen, count in session.execute(rows.group_by(Pair.first_id, Pair.second_id, Pair.chosen)):
        winner, loser = (first, second) if chosen is Choice.FIRST else (second, first)
        won[winner] = won.get(winner, 0) + count
        lost[loser] = lost.get(loser, 0) + count
    found = [
        Share(item, shown[item], won[item], lost[item], *wilson(won[item], won[item] + lost[item])) for item in shown
    ]
    return sorted(found, key=lambda one: (-(one.low if one.low is not None else -1.0), one.item_id))


def count_answers(session: Session, campaign: Campaign, person: Person | None = None) -> int:
    """How many pairs were answered, by this person or by all."""
    here = (Pair.campaign_id == campaign.id) & Pair.chosen.is_not(None)
    if person is not None:
        here &= Pair.person_id == person.id
    return session.scalar(select(func.count()).select_from(Pair).where(here)) or 0


def wilson(won: int, of: int) -> tuple[float | None, float | None]:
    """The bounds of Wilson's interval for a share, at 95 %. None of both where there is nothing to tell from.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    if not of:
        return None, None
    share, square = won / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
