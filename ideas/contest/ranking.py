"""The ranking that follows from the scores: computed when it is read, for the jury and the team. And the finalists that
are chosen from it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.activity.version import check_unchanged
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contest.authors import signed_authors
from ideas.contest.contest import Contest, Phase, criteria_of, is_decided
from ideas.contest.entry import ContestEntry, entries_of, finalist_ids
from ideas.contest.judging import Judgement, Score
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import optional


class ScoresNotShown(DomainError):
    message = message_id("Choose the finalists once the scores of the jury are shown.")


class FinalistsFixed(DomainError):
    message = message_id("The winners are announced. The finalists stay as they are.")


class NoFinalist(DomainError):
    message = message_id("Choose at least one finalist among the entries that the jury has scored.")


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


# The finalists --------------------------------------------------------------------------------------------------------


def best(spreads: Sequence[Spread], count: int) -> list[int]:
    """The ids of so many entries with the best means; those that share the last rank come all."""
    return [spread.idea.id for spread in spreads if spread.rank is not None and spread.rank <= count]


def choose_finalists(
    session: Session,
    contest: Contest,
    *,
    ideas: Collection[int] = (),
    top: int | None = None,
    note: str = "",
    by: Person,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Have the winners be chosen among these scored entries, in the place of earlier finalists.

    Whoever may publish may, until the winners are announced. `top`: so many of the best instead, see `best`. `note`:
    why these, for the jury and the team. `seen`: the version of the contest that `by` saw.
    Raises ScoresNotShown, FinalistsFixed, NoFinalist, ChangedMeanwhile, TooLong.
    """
    before = _hold_to_choose(session, contest, now)
    spreads = ranking(session, contest.campaign)
    scored = {spread.idea.id for spread in spreads if spread.rank is not None}
    chosen = set(best(spreads, top)) if top is not None else set(ideas)
    if not chosen or not chosen <= scored:
        raise NoFinalist
    note = optional(note, max_length=MAX_REASON_LENGTH)
    if (before, contest.finalists_note) == (sorted(chosen), note) and contest.finalists_at is not None:
        return
    check_unchanged(contest, seen)
    _mark(session, contest, chosen)
    contest.finalists_at, contest.finalists_note = now, note
    contest.version += 1
    session.flush()
    _record(session, Verb.CHANGED, contest, before, sorted(chosen), by=by, now=now)


def take_back_finalists(session: Session, contest: Contest, *, by: Person, now: datetime) -> None:
    """Have the winners be chosen among all entries again; a second time changes nothing. Whoever may publish may.

    Raises ScoresNotShown, FinalistsFixed.
    """
    before = _hold_to_choose(session, contest, now)
    if contest.finalists_at is None:
        return
    _mark(session, contest, ())
    contest.finalists_at, contest.finalists_note = None, ""
    contest.version += 1
    session.flush()
    _record(session, Verb.UNDONE, contest, before, [], by=by, now=now)


def _hold_to_choose(session: Session, contest: Contest, now: datetime) -> list[int]:
    """Lock the campaign until the commit, then check. Returns the finalists by now."""
    lock_campaign(session, contest.campaign)
    session.refresh(contest)
    if contest.phase(now) is not Phase.DISCUSSION:
        raise ScoresNotShown
    if is_decided(session, contest):
        raise FinalistsFixed
    return finalist_ids(session, contest.campaign)


def _mark(session: Session, contest: Contest, chosen: Collection[int]) -> None:
    here = update(ContestEntry).where(ContestEntry.campaign_id == contest.campaign_id)
    session.execute(here.values(is_finalist=ContestEntry.idea_id.in_(chosen)))


def _record(
    session: Session, verb: Verb, contest: Contest, before: list[int], after: list[int], *, by: Person, now: datetime
) -> None:
    record(
        session, verb, contest, by=by, campaign_id=contest.campaign_id, reason=contest.finalists_note,
        before={"finalists": before}, after={"finalists": after}, now=now,
    )  # fmt: skip
