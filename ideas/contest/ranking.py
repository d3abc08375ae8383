"""The ranking that follows from the scores: computed when it is read, for the jury and the team."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contest.authors import signed_authors
from ideas.contest.contest import criteria_of
from ideas.contest.entry import entries_of
from ideas.contest.judging import Judgement, Score
from ideas.contributions.idea import Idea


@dataclass(frozen=True, slots=True)
class Spread:
    """How the jury scored one entry. `mean`, `lowest`, `highest`: of the jurors' weighted means.

    `rank`: entries with the same mean share one, and the next rank leaves as many out; None where nobody scored it.
    """

    idea: Idea
    jurors: int
    mean: Fraction | None = None
    lowest: Fraction | None = None
    highest: Fraction | None = None
    rank: int | None = None
    is_tied: bool = False


def weighted_mean(scores: dict[int, int], weights: dict[int, int]) -> Fraction:
    """One juror's scores as one, on the same scale. Exact, so that equal means tie."""
    total = sum(weights[number] for number in scores)
    return Fraction(sum(weights[number] * value for number, value in scores.items()), total)


def ranking(session: Session, campaign: Campaign) -> list[Spread]:
    """Every entry, the best first; those that nobody scored last. Four queries.

    Conflicts of interest count as nothing, nor do scores of who became an author of the entry after they gave them.
    One who sent a part of it without their name is not left out: that would tell their name. Scores of who has left the
    jury since stay: they were given as a juror.
    """
    weights = {one.id: one.weight for one in criteria_of(session, campaign)}
    given: dict[int, dict[int, dict[int, int]]] = {}
    rows = (
        select(Judgement.idea_id, Judgement.id, Judgement.person_id, Score.criterion_id, Score.value)
        .join(Score, Score.judgement_id == Judgement.id)
        .where(Judgement.campaign_id == campaign.id, Judgement.conflict.is_(False))
    )
    authors = signed_authors(session, campaign)
    for idea_id, judgement_id, person_id, criterion_id, value in session.execute(rows):
        if person_id not in authors.get(idea_id, ()):
            given.setdefault(idea_id, {}).setdefault(judgement_id, {})[criterion_id] = value
    means = {
        idea_id: sorted(weighted_mean(scores, weights) for scores in by_juror.values())
        for idea_id, by_juror in given.items()
    }
    return _ranked([(idea, means.get(idea.id, [])) for idea in entries_of(session, campaign)])


def _ranked(entries: Sequence[tuple[Idea, list[Fraction]]]) -> list[Spread]:
    scored = [(idea, sum(means, Fraction()) / len(means), means) for idea, means in entries if means]
    scored.sort(key=lambda entry: (-entry[1], entry[0].id))
    values = [mean for _idea, mean, _means in scored]
    found = [
        Spread(idea, len(means), mean, means[0], means[-1], values.index(mean) + 1, values.count(mean) > 1)
        for idea, mean, means in scored
    ]
    return found + [Spread(idea, 0) for idea, means in entries if not means]
