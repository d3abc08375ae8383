"""Good practice for those who run a campaign: what is done follows from facts; what no fact shows is ticked by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.campaigns.campaign import DEBRIEF_LEEWAY, Campaign, GateItem, State, launch_gate, lock_campaign
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea
from ideas.contributions.talk.pinned import comment_of_month
from ideas.contributions.talk.question import count_unanswered
from ideas.contributions.withheld import Review
from ideas.desk.reading import coverage
from ideas.errors import DomainError, message_id
from ideas.moderation.review import moderators
from ideas.people.person import Person, names_of
from ideas.recognition.welcome.first_idea import waiting_first_ideas

MAX_BRIEF_WORDS = 400  # two minutes of reading
MAX_UNTIL_DEBRIEF = timedelta(days=60)
MIN_OWN_COMMENTS = 5
MIN_MODERATORS = 2
MAX_IN_QUEUE = timedelta(days=1)


class PracticeRole(StrEnum):
    OWNER = "owner"
    FACILITATOR = "facilitator"
    MODERATOR = "moderator"


class Practice(StrEnum):
    PRESENTED = "presented"
    PROMISED = "promised"
    SHORT_BRIEF = "short_brief"
    DEBRIEF_SOON = "debrief_soon"
    TIME_BOOKED = "time_booked"
    TOLD_COLLEAGUES = "told_colleagues"
    ANSWERS_IDEAS = "answers_ideas"
    DEBRIEF_IN_TIME = "debrief_in_time"
    FIRST_ANSWERED = "first_answered"
    QUESTIONS_ANSWERED = "questions_answered"
    ALL_READ = "all_read"
    PINNED = "pinned"
    QUIET_INVITED = "quiet_invited"
    RULES_READ = "rules_read"
    REPLACED = "replaced"
    QUEUE_SHORT = "queue_short"
    WORDS_PREPARED = "words_prepared"


# Whose they are, in the order of the page.
PRACTICES: Mapping[PracticeRole, tuple[Practice, ...]] = {
    PracticeRole.OWNER: (
        Practice.PRESENTED, Practice.PROMISED, Practice.SHORT_BRIEF, Practice.DEBRIEF_SOON, Practice.TIME_BOOKED,
        Practice.TOLD_COLLEAGUES, Practice.ANSWERS_IDEAS, Practice.DEBRIEF_IN_TIME,
    ),
    PracticeRole.FACILITATOR: (
        Practice.FIRST_ANSWERED, Practice.QUESTIONS_ANSWERED, Practice.ALL_READ, Practice.PINNED,
        Practice.QUIET_INVITED,
    ),
    PracticeRole.MODERATOR: (
        Practice.RULES_READ, Practice.REPLACED, Practice.QUEUE_SHORT, Practice.WORDS_PREPARED,
    ),
}  # fmt: skip
BY_HAND = frozenset(
    {
        Practice.TIME_BOOKED,
        Practice.TOLD_COLLEAGUES,
        Practice.QUIET_INVITED,
        Practice.RULES_READ,
        Practice.WORDS_PREPARED,
    }
)


class PracticeState(StrEnum):
    """LATER: its time has not come, or there is nothing to do it with."""

    DONE = "done"
    TO_DO = "to_do"
    LATER = "later"


class NotTicked(DomainError):
    message = message_id("This line follows from what the campaign holds. It is not ticked by hand.")


class PracticeTick(Base):
    """Somebody of the team says that this is done."""

    __tablename__ = "practice_tick"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    practice: Mapped[Practice] = mapped_column(choice(Practice), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the checklist. `by`, `at`: who ticked it and when, where it is ticked by hand."""

    practice: Practice
    state: PracticeState
    is_by_hand: bool
    by: str = ""
    at: datetime | None = None


def checklist(session: Session, campaign: Campaign, person: Person, *, now: datetime) -> dict[PracticeRole, list[Line]]:
    """The lines of each role. Whoever manages or moderates the campaign may read them. About ten queries."""
    here = PracticeTick.campaign_id == campaign.id
    ticks = {one.practice: one for one in session.scalars(select(PracticeTick).where(here))}
    names = names_of(session, {one.by_id for one in ticks.values() if one.by_id is not None})

    def line(practice: Practice) -> Line:
        if practice not in BY_HAND:
            return Line(practice, _FACTS[practice](session, campaign, person, now), is_by_hand=False)
        tick = ticks.get(practice)
        if tick is None:
            return Line(practice, PracticeState.TO_DO, is_by_hand=True)
        return Line(practice, PracticeState.DONE, is_by_hand=True, by=names.get(tick.by_id or 0, ""), at=tick.at)

    return {role: [line(practice) for practice in practices] for role, practices in PRACTICES.items()}


def tick(session: Session, campaign: Campaign, practice: Practice, *, is_done: bool, by: Person, now: datetime) -> None:
    """Say that something is done, or not yet. Whoever manages or moderates the campaign may; twice changes nothing.

    Raises NotTicked.
    """
    if practice not in BY_HAND:
        raise NotTicked
    lock_campaign(session, campaign)
    found = session.get(PracticeTick, (campaign.id, practice))
    if is_done == (found is not None):
        return
    if found is None:
        found = PracticeTick(campaign_id=campaign.id, practice=practice, by_id=by.id, at=now)
        session.add(found)
    else:
        session.delete(found)
    session.flush()
    verb = Verb.CHECKED if is_done else Verb.UNDONE
    record(session, verb, found, by=by, campaign_id=campaign.id, after={"practice": practice}, now=now)


_Fact = Callable[[Session, Campaign, Person, datetime], PracticeState]


def _done(is_done: object, *, later: bool = False) -> PracticeState:
    if is_done:
        return PracticeState.DONE
    return PracticeState.LATER if later else PracticeState.TO_DO


def _has_begun(campaign: Campaign, now: datetime) -> bool:
    return campaign.state(now) not in {State.DRAFT, State.ANNOUNCED}


def _presented(_session: Session, campaign: Campaign, _person: Person, _now: datetime) -> PracticeState:
    return _done({GateItem.PORTRAIT, GateItem.WORD}.isdisjoint(launch_gate(campaign, now=None)))


def _promised(_session: Session, campaign: Campaign, _person: Person, now: datetime) -> PracticeState:
    at = None if campaign.announced_at is not None else now
    return _done({GateItem.BENEFIT, GateItem.MOTIVATION}.isdisjoint(launch_gate(campaign, now=at)))


def _short_brief(_session: Session, campaign: Campaign, _person: Person, _now: datetime) -> PracticeState:
    return _done(0 < len(campaign.brief.split()) <= MAX_BRIEF_WORDS)


def _debrief_soon(_session: Session, campaign: Campaign, _person: Person, _now: datetime) -> PracticeState:
    closes_at, due_at = campaign.closes_at, campaign.debrief_due_at
    return _done(closes_at is not None and due_at is not None and due_at - closes_at <= MAX_UNTIL_DEBRIEF)


def _answers_ideas(session: Session, campaign: Campaign, _person: Person, now: datetime) -> PracticeState:
    """The lead has commented on some ideas."""
    written = (
        select(func.count(Comment.idea_id.distinct()))
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Idea.campaign_id == campaign.id, Comment.author_id == campaign.owner_id, is_shown())
    )
    return _done((session.scalar(written) or 0) >= MIN_OWN_COMMENTS, later=not _has_begun(campaign, now))


def _debrief_in_time(_session: Session, campaign: Campaign, _person: Person, now: datetime) -> PracticeState:
    due_at, published_at = campaign.debrief_due_at, campaign.debriefed_at
    in_time = published_at is not None and due_at is not None and published_at <= due_at + DEBRIEF_LEEWAY
    return _done(in_time, later=not campaign.debrief_is_overdue(now) and published_at is None)


def _first_answered(session: Session, campaign: Campaign, _person: Person, now: datetime) -> PracticeState:
    """No first idea waits for longer than it should."""
    waiting = waiting_first_ideas(session, campaign, now=now)
    return _done(not any(one.is_late(now) for one in waiting) and _has_begun(campaign, now), later=not waiting)


def _questions_answered(session: Session, campaign: Campaign, _person: Person, now: datetime) -> PracticeState:
    begun = _has_begun(campaign, now)
    return _done(begun and not count_unanswered(session, campaign), later=not begun)


def _all_read(session: Session, campaign: Campaign, person: Person, _now: datetime) -> PracticeState:
    found = coverage(session, campaign, person)
    return _done(found.total and found.team == found.total, later=not found.total)


def _pinned(session: Session, campaign: Campaign, _person: Person, _now: datetime) -> PracticeState:
    commented = select(Comment.id).join(Idea, Idea.id == Comment.idea_id).where(Idea.campaign_id == campaign.id)
    if comment_of_month(session, campaign) is not None:
        return PracticeState.DONE
    return _done(is_done=False, later=session.scalar(commented.where(is_shown()).limit(1)) is None)


def _replaced(session: Session, campaign: Campaign, _person: Person, _now: datetime) -> PracticeState:
    """Somebody else may moderate while one is away."""
    return _done(len(moderators(session, campaign)) >= MIN_MODERATORS)


def _queue_short(session: Session, campaign: Campaign, _person: Person, now: datetime) -> PracticeState:
    late = exists().where(Review.campaign_id == campaign.id, Review.is_open, Review.opened_at < now - MAX_IN_QUEUE)
    begun = _has_begun(campaign, now)
    return _done(begun and not session.scalar(select(late)), later=not begun)


_FACTS: Mapping[Practice, _Fact] = {
    Practice.PRESENTED: _presented,
    Practice.PROMISED: _promised,
    Practice.SHORT_BRIEF: _short_brief,
    Practice.DEBRIEF_SOON: _debrief_soon,
    Practice.ANSWERS_IDEAS: _answers_ideas,
    Practice.DEBRIEF_IN_TIME: _debrief_in_time,
    Practice.FIRST_ANSWERED: _first_answered,
    Practice.QUESTIONS_ANSWERED: _questions_answered,
    Practice.ALL_READ: _all_read,
    Practice.PINNED: _pinned,
    Practice.REPLACED: _replaced,
    Practice.QUEUE_SHORT: _queue_short,
}
