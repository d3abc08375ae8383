"""A contest: what the jury scores by, until when, and whether the scoring has begun.

Which ideas are its entries is in `ideas.contest.entry`, the scores are in `ideas.contest.judging`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, delete, false, select, text, true
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged, versions_of
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import Role, TeamMember, in_force
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, required

MAX_CRITERIA = 6
MAX_CRITERION_LENGTH = 80
MAX_WEIGHT = 10
# A score is a whole number from 0 to one of these.
SCALES = (5, 10, 20)


class Phase(StrEnum):
    """Nobody sees the scores of others before the discussion. The winners are announced from there."""

    PREPARATION = "preparation"
    SCORING = "scoring"
    DISCUSSION = "discussion"


class NoContest(DomainError):
    message = message_id("This campaign has no contest yet. Set it up first.")


class ScoringBegun(DomainError):
    message = message_id(
        "The scoring has begun. Criteria, weights and entries stay as they are, so that every entry is scored alike."
    )


class DateOver(DomainError):
    message = message_id("The scores are shown to the jury already. Their date no longer changes.")


class DueInThePast(DomainError):
    message = message_id("Choose a date for the scores that is still to come.")


class NoCriterion(DomainError):
    message = message_id("Enter at least one criterion.")


class CriterionTwice(DomainError):
    message = message_id("Two criteria have the same name. Change one of them.")


class WeightOutOfRange(DomainError):
    message = message_id("Enter a weight from 1 to %(most)s.")


class UnknownScale(DomainError):
    message = message_id("Choose one of the scales.")


class Contest(Base):
    """`only_shortlist`: only the ideas of the shortlist are entries. `hides_authors`: from the jury, on its pages.

    `highest_score`: of each criterion. `revealed_at`: when the jury saw all scores; at `scores_due_at` at the latest.
    """

    __tablename__ = "contest"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    several_winners: Mapped[bool] = mapped_column(default=False, server_default=false())
    only_shortlist: Mapped[bool] = mapped_column(default=False, server_default=false())
    hides_authors: Mapped[bool] = mapped_column(default=True, server_default=true())
    highest_score: Mapped[int] = mapped_column(default=10, server_default="10")
    scores_due_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    revealed_at: Mapped[datetime | None]
    # When the finalists were chosen from the scores, and why these: see ideas.contest.ranking.
    finalists_at: Mapped[datetime | None]
    finalists_note: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    campaign: Mapped[Campaign] = relationship()

    def phase(self, now: datetime) -> Phase:
        if self.begun_at is None:
            return Phase.PREPARATION
        is_due = self.scores_due_at is not None and now >= self.scores_due_at
        return Phase.DISCUSSION if is_due or self.revealed_at is not None else Phase.SCORING


class Criterion(Base):
    """What each entry is scored by. A higher `weight` counts more in the mean."""

    __tablename__ = "criterion"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(MAX_CRITERION_LENGTH))
    weight: Mapped[int]
    position: Mapped[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestText:
    """What the form of a contest says. `criteria`: name and weight of each, in their order."""

    criteria: Sequence[tuple[str, int]] = ()
    several_winners: bool = False
    only_shortlist: bool = False
    hides_authors: bool = True
    highest_score: int = 10
    scores_due_at: datetime | None = None


def contest_of(session: Session, campaign: Campaign) -> Contest | None:
    """The campaign's contest; None for a campaign without a jury."""
    return session.get(Contest, campaign.id)


def criteria_of(session: Session, campaign: Campaign) -> Sequence[Criterion]:
    """What the jury scores by, in the order of the form."""
    here = select(Criterion).where(Criterion.campaign_id == campaign.id)
    return session.scalars(here.order_by(Criterion.position, Criterion.id)).all()


def jurors_of(session: Session, campaign: Campaign) -> Sequence[Person]:
    """The people whose role in the team is the jury at this instant, by name."""
    here = (TeamMember.campaign_id == campaign.id) & (TeamMember.role == Role.JURY)
    found = select(Person).join(TeamMember, TeamMember.person_id == Person.id).where(here, in_force())
    return session.scalars(found.order_by(Person.name, Person.id)).all()


def is_decided(session: Session, contest: Contest) -> bool:
    """True once the winners are announced: from then on nothing that their reasons rely on may change."""
    return bool(versions_of(session, "contest_result", contest.campaign_id))


def start_contest(session: Session, campaign: Campaign, *, several_winners: bool) -> Contest:
    """The contest of a campaign that was just started as one. Its owner may set it up later."""
    contest = Contest(campaign=campaign, several_winners=several_winners)
    session.add(contest)
    session.flush()
    return contest


def copy_contest(session: Session, campaign: Campaign, *, to: Campaign) -> None:
    """Have the jury of a new draft score by the criteria of another campaign. Entries, date and scores stay there."""
    contest = contest_of(session, campaign)
    if contest is None:
        return
    copy = start_contest(session, to, several_winners=contest.several_winners)
    copy.only_shortlist, copy.hides_authors = contest.only_shortlist, contest.hides_authors
    copy.highest_score = contest.highest_score
    _store_criteria(session, to, [(one.name, one.weight) for one in criteria_of(session, campaign)])
    session.flush()


def set_up_contest(
    session: Session, campaign: Campaign, *, text: ContestText, by: Person, now: datetime, seen: int | None = None
) -> Contest:
    """Say what the jury scores by, of which ideas, and until when. Whoever manages the campaign may.

    Once the scoring has begun, only its date changes; once the scores are shown, that neither. `seen`: the version that
    `by` saw, 0 where there was no contest.
    Raises ChangedMeanwhile, ScoringBegun, DateOver, DueInThePast, CriterionTwice, WeightOutOfRange, UnknownScale,
    EmptyText, TooLong.
    """
    criteria = _checked(text.criteria)
    if text.highest_score not in SCALES:
        raise UnknownScale
    lock_campaign(session, campaign)
    contest = session.get(Contest, campaign.id, populate_existing=True)
    if contest is None:
        contest = Contest(campaign=campaign, version=0, several_winners=False, only_shortlist=False,
                          hides_authors=True, highest_score=10)  # fmt: skip
        session.add(contest)
        before: dict[str, Any] | None = None
    else:
        before = _values(session, contest)
    after = {
        "criteria": [list(one) for one in criteria],
        "several_winners": text.several_winners,
        "only_shortlist": text.only_shortlist,
        "hides_authors": text.hides_authors,
        "highest_score": text.highest_score,
        "scores_due_at": text.scores_due_at,
    }
    if before == after:
        return contest
    if contest.begun_at is not None and before is not None and _without_date(before) != _without_date(after):
        raise ScoringBegun  # whatever version they saw, it says what to do
    check_unchanged(contest, seen)
    _check_phase(contest, before or {}, after, now)
    for name, value in after.items():
        if name != "criteria":
            setattr(contest, name, value)
    if before is None or before["criteria"] != after["criteria"]:
        _store_criteria(session, campaign, criteria)
    contest.version += 1
    session.flush()
    verb = Verb.CREATED if before is None else Verb.CHANGED
    record(session, verb, contest, by=by, campaign_id=campaign.id, before=before, after=after, now=now)
    return contest


def _check_phase(contest: Contest, before: dict[str, Any], after: dict[str, Any], now: datetime) -> None:
    """What may still change in the contest's phase."""
    due_at = after["scores_due_at"]
    moved = before.get("scores_due_at") != due_at
    if moved and due_at is not None and due_at <= now:
        raise DueInThePast
    if contest.begun_at is None:
        return
    if contest.phase(now) is Phase.DISCUSSION:
        raise DateOver
    if due_at is None:
        raise DueInThePast


def _without_date(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "scores_due_at"}


def _checked(criteria: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    found = [(required(clean_line(name), max_length=MAX_CRITERION_LENGTH), weight) for name, weight in criteria]
    if len({name.casefold() for name, _weight in found}) < len(found):
        raise CriterionTwice
    if any(not 1 <= weight <= MAX_WEIGHT for _name, weight in found):
        raise WeightOutOfRange(most=MAX_WEIGHT)
    return found[:MAX_CRITERIA]


def _store_criteria(session: Session, campaign: Campaign, criteria: Sequence[tuple[str, int]]) -> None:
    """In the place of earlier ones: nobody has scored by them."""
    session.execute(delete(Criterion).where(Criterion.campaign_id == campaign.id))
    session.add_all(
        Criterion(campaign_id=campaign.id, name=name, weight=weight, position=position)
        for position, (name, weight) in enumerate(criteria)
    )


def _values(session: Session, contest: Contest) -> dict[str, Any]:
    return {
        "criteria": [[one.name, one.weight] for one in criteria_of(session, contest.campaign)],
        "several_winners": contest.several_winners,
        "only_shortlist": contest.only_shortlist,
        "hides_authors": contest.hides_authors,
        "highest_score": contest.highest_score,
        "scores_due_at": contest.scores_due_at,
    }
