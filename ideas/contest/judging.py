"""What each juror gives to each entry: a score by criterion, or the declaration of a conflict of interest.

Blind until everyone has scored or the date has passed. What changes afterwards is kept with who, when and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, delete, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.activity.version import ReasonNeeded, check_unchanged, keep_version, reason_for_change, versions_of
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contest.authors import invited_to_write, sent_unsigned, signed_authors, signed_by
from ideas.contest.contest import Contest, Phase, criteria_of, is_decided, jurors_of
from ideas.contest.entry import ContestEntry, entry_ids, is_entry
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.person import Person
from ideas.text import required


class NotAJuror(NotAllowed):
    message = message_id("Only the jury scores the entries. Ask the campaign lead for the role “jury member”.")


class OwnEntry(NotAllowed):
    message = message_id("You can’t score an idea that you wrote. It does not count among those that you score.")


class UnsignedEntry(OwnEntry):
    """Told to the author alone. In the eyes of others it counts among those that they have to deal with."""

    message = message_id(
        "You sent this idea without your name, so you can’t score it. Declare a conflict of interest: others read only "
        "that, not that the idea is yours."
    )


class InvitationWaits(DomainError):
    message = message_id(
        "You are invited to be a co-author of this idea. Decline the invitation before you score it, or accept it and "
        "don’t score it."
    )


class NotScoring(DomainError):
    message = message_id("The scoring has not begun, or it is over. Reload the page.")


class ScoringOver(DomainError):
    message = message_id("The date for the scores has passed, and the scores are shown. This entry keeps those it has.")


class NotAnEntry(DomainError):
    message = message_id("This idea is not an entry of the contest, or no longer.")


class ScoreMissing(DomainError):
    message = message_id("Give a score from 0 to %(most)s for each criterion.")


class ScoreReasonNeeded(ReasonNeeded):
    message = message_id("Say why you change your scores: the jury and the campaign team read it.")


class AlreadyScored(DomainError):
    message = message_id("Someone of the jury has scored by now. The scoring goes on.")


class Standing(StrEnum):
    """Where a juror is with one entry."""

    TO_SCORE = "to_score"
    SCORED = "scored"
    CONFLICT = "conflict"
    OWN = "own"


class Judgement(Base):
    """What a juror said of an entry. `conflict`: they have an interest in it and give no score; `interest`: which."""

    __tablename__ = "judgement"
    __table_args__ = (UniqueConstraint("idea_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    conflict: Mapped[bool] = mapped_column(default=False, server_default=false())
    interest: Mapped[str] = mapped_column(Text, default="")
    given_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    person: Mapped[Person] = relationship()
    scores: Mapped[list["Score"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def by_criterion(self) -> dict[int, int]:
        return {score.criterion_id: score.value for score in self.scores}


class Score(Base):
    __tablename__ = "score"

    judgement_id: Mapped[int] = mapped_column(ForeignKey("judgement.id", ondelete="CASCADE"), primary_key=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[int]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the entries that a juror has to score they have dealt with, by a score or a conflict."""

    person: Person
    done: int
    total: int

    @property
    def left(self) -> int:
        return self.total - self.done


def judgement_of(session: Session, idea: Idea, person: Person) -> Judgement | None:
    """What the person gave to this entry. Only they may read it before the discussion."""
    here = (Judgement.idea_id == idea.id) & (Judgement.person_id == person.id)
    return session.scalar(select(Judgement).where(here))


def judgements_on(session: Session, idea: Idea) -> Sequence[Judgement]:
    """What the jury gave to this entry, by the name of the juror. For the jury and the team, in the discussion only."""
    found = select(Judgement).join(Judgement.person).where(Judgement.idea_id == idea.id)
    return session.scalars(found.order_by(Person.name, Judgement.id)).all()


def score_entry(
    session: Session,
    contest: Contest,
    idea: Idea,
    *,
    scores: Mapping[int, int],
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> None:
    """Give a score for each criterion, by its id, in the place of earlier ones or of a conflict. Only jurors may.

    In the discussion, only those who scored the entry in time may change their scores, and say why: see `changes_of`.
    Once all jurors have scored, the scores are shown to them. `seen`: the version that `by` saw, 0 for none.
    Raises NotAJuror, OwnEntry, InvitationWaits, NotAnEntry, NotScoring, ScoringOver, ScoreMissing, ChangedMeanwhile,
    ReasonNeeded, TooLong.
    """
    given = _hold_to_judge(session, contest, idea, by=by, now=now)
    if idea.id in sent_unsigned(session, contest.campaign, by):
        raise UnsignedEntry
    if idea.id in invited_to_write(session, contest.campaign, by):
        raise InvitationWaits
    wanted = {one.id for one in criteria_of(session, contest.campaign)}
    chosen = {number: value for number, value in scores.items() if number in wanted}
    if set(chosen) != wanted or any(not 0 <= value <= contest.highest_score for value in chosen.values()):
        raise ScoreMissing(most=contest.highest_score)
    if given is not None:
        if not given.conflict and given.by_criterion == chosen:  # nothing changes, such as by a double click
            return
        check_unchanged(given, seen)
    late = contest.phase(now) is Phase.DISCUSSION
    if late and (given is None or given.conflict):
        raise ScoringOver
    if late and not change_reason.strip():
        raise ScoreReasonNeeded
    reason = reason_for_change(change_reason) if late else ""
    judgement = _saved(session, given, idea, by=by, now=now, late=late)
    judgement.conflict, judgement.interest = False, ""
    judgement.scores = [Score(criterion_id=number, value=value) for number, value in chosen.items()]
    _finish(session, contest, judgement, Verb.ADDED if given is None else Verb.CHANGED, late, reason, by=by, now=now)


def declare_conflict(
    session: Session,
    contest: Contest,
    idea: Idea,
    *,
    interest: str,
    by: Person,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Say that one has an interest in this entry: no score of one's counts for it. Only jurors may.

    So do those who sent it without their name: others do not learn more from it than from any other conflict.
    `interest`: which, for the jury and the team. Raises as `score_entry`, and EmptyText.
    """
    given = _hold_to_judge(session, contest, idea, by=by, now=now)
    interest = required(interest, max_length=MAX_REASON_LENGTH)
    if given is not None:
        if given.conflict and given.interest == interest:
            return
        check_unchanged(given, seen)
    late = contest.phase(now) is Phase.DISCUSSION
    judgement = _saved(session, given, idea, by=by, now=now, late=late)
    judgement.conflict, judgement.interest, judgement.scores = True, interest, []
    # Its words are in this row alone: they are about people, and an erasure finds them here.
    _finish(session, contest, judgement, Verb.DECLINED, late, "", by=by, now=now)


def take_back_scoring(session: Session, contest: Contest, *, by: Person, now: datetime) -> None:
    """Prepare the contest again, as long as no juror has scored. Whoever manages the campaign may.

    Raises NotScoring, AlreadyScored.
    """
    lock_campaign(session, contest.campaign)
    session.refresh(contest)
    if contest.phase(now) is not Phase.SCORING:
        raise NotScoring
    if session.scalar(select(Judgement.id).where(Judgement.campaign_id == contest.campaign_id).limit(1)) is not None:
        raise AlreadyScored
    if not contest.only_shortlist:
        session.execute(delete(ContestEntry).where(ContestEntry.campaign_id == contest.campaign_id))
    contest.begun_at = None
    contest.version += 1
    session.flush()
    record(session, Verb.UNDONE, contest, by=by, campaign_id=contest.campaign_id, now=now)


def standings_of(session: Session, campaign: Campaign, person: Person) -> dict[int, Standing]:
    """Where the juror is with each entry, by the id of the idea, oldest first. Three queries.

    An entry that they sent without their name is to score as any other, until they declare a conflict of interest.
    """
    own = signed_by(session, campaign, person)
    given = select(Judgement.idea_id, Judgement.conflict).where(
        Judgement.campaign_id == campaign.id, Judgement.person_id == person.id
    )
    judged = {
        idea_id: Standing.CONFLICT if conflict else Standing.SCORED for idea_id, conflict in session.execute(given)
    }
    return {
        idea_id: Standing.OWN if idea_id in own else judged.get(idea_id, Standing.TO_SCORE)
        for idea_id in entry_ids(session, campaign)
    }


def progress(session: Session, campaign: Campaign) -> list[Progress]:
    """How far each juror is, by name: a constant number of queries. Nobody learns a score from it.

    Nor who wrote an anonymous idea: it counts for its author as for the others.
    """
    entries, jurors = set(entry_ids(session, campaign)), jurors_of(session, campaign)
    authors = signed_authors(session, campaign)
    done: dict[int, set[int]] = {juror.id: set() for juror in jurors}
    given = select(Judgement.person_id, Judgement.idea_id).where(Judgement.campaign_id == campaign.id)
    for person_id, idea_id in session.execute(given):
        if person_id in done:
            done[person_id].add(idea_id)
    found = []
    for juror in jurors:
        mine = {entry_id for entry_id in entries if juror.id not in authors.get(entry_id, ())}
        found.append(Progress(juror, len(mine & done[juror.id]), len(mine)))
    return found


def reveal_if_complete(session: Session, contest: Contest, *, now: datetime) -> bool:
    """Show the scores to the jury where each juror has dealt with each entry, or the date has passed.

    Returns True where it happened now. For what ends a scoring: a score, and the worker.
    """
    session.flush()
    if contest.begun_at is None or contest.revealed_at is not None:
        return False
    if contest.phase(now) is Phase.SCORING:
        jury = progress(session, contest.campaign)
        if not any(one.done for one in jury) or any(one.left for one in jury):
            return False
    contest.revealed_at = now
    contest.version += 1
    record(session, Verb.COMPLETED, contest, by=None, campaign_id=contest.campaign_id, now=now)
    session.flush()
    return True


def _hold_to_judge(session: Session, contest: Contest, idea: Idea, *, by: Person, now: datetime) -> Judgement | None:
    """Lock the campaign until the commit, then check. Returns what the juror gave before."""
    lock_campaign(session, contest.campaign)
    session.refresh(contest)
    if by.id not in {juror.id for juror in jurors_of(session, contest.campaign)}:
        raise NotAJuror
    if contest.phase(now) is Phase.PREPARATION or is_decided(session, contest):
        raise NotScoring
    if not is_entry(session, idea):
        raise NotAnEntry
    if idea.id in signed_by(session, contest.campaign, by):
        raise OwnEntry
    given = judgement_of(session, idea, by)
    if given is not None:
        session.refresh(given)
    elif contest.phase(now) is Phase.DISCUSSION:
        raise ScoringOver
    return given


def _saved(
    session: Session, given: Judgement | None, idea: Idea, *, by: Person, now: datetime, late: bool
) -> Judgement:
    """The row to write to. In the discussion, what it says until now is kept first."""
    if given is None:
        judgement = Judgement(campaign_id=idea.campaign_id, idea_id=idea.id, person=by, given_at=now, version=0)
        session.add(judgement)
        return judgement
    if late and not versions_of(session, Judgement.__tablename__, given.id):
        keep_version(session, given, object_id=given.id, content=_content(given), by=by, now=given.given_at)
    given.given_at = now
    given.scores = []
    session.flush()  # the former scores go before those that replace them
    return given


def _finish(
    session: Session, contest: Contest, judgement: Judgement, verb: Verb, late: bool, reason: str, *,
    by: Person, now: datetime,
) -> None:  # fmt: skip
    judgement.version += 1
    session.flush()
    if late:
        content = _content(judgement)
        keep_version(session, judgement, object_id=judgement.id, content=content, reason=reason, by=by, now=now)
    # Without the scores: who reads the activity is not of the jury.
    about = {"idea_id": judgement.idea_id}
    record(session, verb, judgement, by=by, campaign_id=contest.campaign_id, reason=reason, after=about, now=now)
    reveal_if_complete(session, contest, now=now)


def _content(judgement: Judgement) -> dict[str, Any]:
    if judgement.conflict:
        return {"conflict": True}
    return {"scores": {str(number): value for number, value in judgement.by_criterion.items()}}
