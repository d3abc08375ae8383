"""The digest: what is new for whoever was not here in the last week, or day, and got no mail either.

It has what happened to the person's ideas, what their campaigns ask for, and what exceeded their budget of mails. It is
never empty: ideas to support are only added where there is other news. A weekly one counts in the budget of its
person; a daily one was asked for, and does not. Whoever visits starts anew: they have seen it all in the product.

A job makes the digests of a period, a thousand people at a time, and remembers how far it came: nobody gets two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, union, update
from sqlalchemy.orm import Session

from ideas.accounts.sign_in import SignIn
from ideas.accounts.undeliverable import is_undeliverable
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import seen_by_member
from ideas.campaigns.phases.phase import PhaseAct, allows, are_over, read_phases
from ideas.contributions.authors.people import people_of
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable, is_submitted
from ideas.contributions.vote import Reaction, Vote
from ideas.outreach.digest_spaces import SpaceNews, read_space_news, spaces_of
from ideas.outreach.limits.budget import lock_plans, plan_mails
from ideas.outreach.limits.digest_run import DigestRun
from ideas.outreach.limits.hours import Frequency, MailChoice, readers
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import queue_digests
from ideas.outreach.newsletters.pace import is_held_back
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.preference import NoticePreference
from ideas.people.person import Person, is_here
from ideas.people.sanction import is_banned

BATCH = 1_000
# Of each kind that one digest names; how many campaigns and ideas are looked at.
MAX_NAMED = 5
MAX_CAMPAIGNS = 30
CANDIDATES = 300
# Support, reactions and comments of an idea that few have noticed.
FEW_RESPONSES = 5
IDEAS = 3
# What exceeded the budget longer ago is no news.
HELD_FOR = timedelta(weeks=12)
PERIOD = {Frequency.WEEKLY: timedelta(days=7), Frequency.DAILY: timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Turn:
    """What the digests of one period have in common: read once. Campaigns and ideas are named by their ids.

    `candidates`: ideas to support, the least noticed first, each with its campaign.
    """

    frequency: Frequency
    day: date
    since: datetime
    now: datetime
    new: Sequence[int]
    closing: Sequence[int]
    awaiting: Sequence[int]
    candidates: Sequence[tuple[int, int]]
    of_spaces: SpaceNews = field(default_factory=SpaceNews)


@dataclass(slots=True)
class Digest:
    """What one person is told, by ids. `held`: notices; `support`, `comments`: how many new ones their ideas got."""

    held: list[int] = field(default_factory=list)
    support: int = 0
    comments: int = 0
    new: list[int] = field(default_factory=list)
    closing: list[int] = field(default_factory=list)
    awaiting: list[int] = field(default_factory=list)
    debriefs: list[int] = field(default_factory=list)
    workshops: list[int] = field(default_factory=list)
    newsletters: list[int] = field(default_factory=list)
    ideas: list[int] = field(default_factory=list)

    @property
    def has_news(self) -> bool:
        of_own = self.held or self.support or self.comments or self.awaiting
        return bool(of_own or self.new or self.closing or self.debriefs or self.workshops or self.newsletters)

    def values(self) -> dict[str, Any]:
        """What is stored with its mail."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Batch:
    """The digests of some people, by their ids. `last_id`: of the last person looked at; None at the end."""

    digests: Mapping[int, Digest]
    last_id: int | None


def read_turn(session: Session, run: DigestRun, *, now: datetime) -> Turn:
    """What the digests of a run have in common. Seven queries. `now`: for a run that does not know when it began."""
    frequency, now = run.frequency, run.began_at or now
    since, until = _since(session, run, now), now + PERIOD[frequency]
    announced = Campaign.announced_at.is_not(None) & Campaign.deleted_at.is_(None)
    is_open = announced & (Campaign.opens_at <= now) & (Campaign.closes_at > now)
    phases = {
        one: read_phases(stored) for one, stored in session.execute(select(Campaign.id, Campaign.phases).where(is_open))
    }
    not_over = Campaign.id.not_in([one for one, some in phases.items() if are_over(some, now)])
    supported = Campaign.id.not_in([one for one, some in phases.items() if not allows(some, PhaseAct.SUPPORT, now)])
    awaited = announced & Campaign.debriefed_at.is_(None) & (Campaign.closes_at <= now)
    due = (Campaign.debrief_due_at > since) & (Campaign.debrief_due_at <= until)

    def found(which: ColumnElement[bool], order: Any) -> Sequence[int]:
        return session.scalars(select(Campaign.id).where(which).order_by(order, Campaign.id).limit(MAX_CAMPAIGNS)).all()

    return Turn(
        frequency=frequency,
        day=run.day,
        since=since,
        now=now,
        new=found(announced & (Campaign.announced_at > since) & (Campaign.closes_at > now), Campaign.closes_at),
        closing=found(is_open & (Campaign.closes_at <= until) & not_over, Campaign.closes_at),
        awaiting=found(awaited & due, Campaign.debrief_due_at),
        candidates=_least_noticed(session, is_open & supported),
        of_spaces=read_space_news(session, since=since, now=now),
    )


def _since(session: Session, run: DigestRun, now: datetime) -> datetime:
    """What happened after this instant is new: the run before this one told the rest, whenever it began."""
    earlier = select(DigestRun).where(DigestRun.frequency == run.frequency, DigestRun.day < run.day)
    last = session.scalar(earlier.order_by(DigestRun.day.desc()).limit(1))
    told = (last.began_at or last.ended_at) if last is not None else None
    return told or now - PERIOD[run.frequency]


def _least_noticed(session: Session, is_open: ColumnElement[bool]) -> list[tuple[int, int]]:
    """Ideas that may be supported and few have responded to, those with the fewest responses first, then the oldest."""
    noticed: Any = 0
    for one in (Vote, Reaction, Comment):
        count = select(func.count()).select_from(one).where(one.idea_id == Idea.id)
        noticed = count.correlate(Idea).scalar_subquery() + noticed
    query = select(Idea.id, Idea.campaign_id).join(Campaign, Campaign.id == Idea.campaign_id)
    query = query.where(is_open, is_submitted(), noticed <= FEW_RESPONSES).order_by(noticed, Idea.id).limit(CANDIDATES)
    return [(idea_id, campaign_id) for idea_id, campaign_id in session.execute(query)]


def read_batch(session: Session, turn: Turn, *, after: int) -> Batch:
    """The digests of the next thousand people after this id: of those who were not here and have something to read.

    Thirteen queries, however many people there are.
    """
    people = _absent(session, turn, after)
    if not people:
        return Batch({}, None)
    held = _held(session, people, turn)
    mailed = _mailed(session, people, turn)
    told = [person_id for person_id in people if person_id in held or person_id not in mailed]
    having = _filled(session, turn, told, held)
    return Batch(having, people[-1])


def read_one(session: Session, person: Person, *, frequency: Frequency, now: datetime) -> Digest:
    """What the person's digest would have now, whether they visited or not. It may be empty. Nothing is written."""
    run = DigestRun(frequency=frequency, day=now.date(), began_at=now)
    turn = read_turn(session, run, now=now)
    return _filled(session, turn, [person.id], _held(session, [person.id], turn)).get(person.id, Digest())


def _filled(session: Session, turn: Turn, told: Sequence[int], held: Mapping[int, list[int]]) -> dict[int, Digest]:
    """The digests of these people, without those that have no news."""
    digests = {person_id: Digest(held=held.get(person_id, [])) for person_id in told}
    _add_responses(session, turn, digests)
    sees = _campaigns_of(session, turn, digests)
    took_part = _took_part(session, turn, digests)
    for person_id, digest in digests.items():
        seen = sees.get(person_id, set())
        digest.new = [one for one in turn.new if one in seen][:MAX_NAMED]
        digest.closing = [one for one in turn.closing if one in seen and one not in digest.new][:MAX_NAMED]
        joined = seen & took_part.get(person_id, set())
        digest.awaiting = [one for one in turn.awaiting if one in joined][:MAX_NAMED]
    _add_of_spaces(session, turn, digests, sees)
    having = {person_id: digest for person_id, digest in digests.items() if digest.has_news}
    _add_ideas(session, turn, having, sees)
    return having


def write_batch(session: Session, turn: Turn, batch: Batch, *, domain: str, now: datetime) -> int:
    """Queue the mails of these digests, and note how far the run is. Returns how many. The caller commits.

    A mail of the week was kept for each of them. Whoever has no budget left all the same gets theirs with a later run,
    and what was left to it stays so. So does whoever has quiet days: their digests would all come at the end of these.
    """
    known = readers(session, list(batch.digests))
    people = [person_id for person_id, reader in known.items() if not reader.is_away(now)]
    is_weekly = turn.frequency is Frequency.WEEKLY
    if is_weekly:
        lock_plans(session)
        planned = plan_mails(session, people, now=now, for_digest=True)
    else:
        planned = {person_id: known[person_id].next(now) for person_id in people}
    digests = {person_id: batch.digests[person_id].values() for person_id in planned}
    reason = f"digest:{turn.frequency.value}:{turn.day}"
    queue_digests(session, digests, planned=planned, counts=is_weekly, reason=reason, domain=domain, now=now)
    told = [notice_id for person_id in planned for notice_id in batch.digests[person_id].held]
    for part in chunks(told):
        let_go = update(Notice).where(Notice.id.in_(part)).values(held_at=None)
        session.execute(let_go.execution_options(synchronize_session=False))
    run = session.get_one(DigestRun, (turn.frequency, turn.day))
    if batch.last_id is None:
        run.ended_at = now
    else:
        run.last_person_id = batch.last_id
    session.flush()
    return len(planned)


def _absent(session: Session, turn: Turn, after: int) -> Sequence[int]:
    """The next people who want such a digest, can be written to, did not visit since the period began and are not
    banned from the site.
    """
    visited = exists().where(
        SignIn.person_id == Person.id, func.coalesce(SignIn.seen_at, SignIn.created_at) > turn.since
    )
    return session.scalars(
        select(Person.id)
        .outerjoin(MailChoice, MailChoice.person_id == Person.id)
        .where(Person.id > after, Person.created_at <= turn.since)
        .where(_chosen() == turn.frequency.value, ~visited, gets_mail(turn.now))
        .order_by(Person.id)
        .limit(BATCH)
    ).all()


def count_readers(session: Session, *, now: datetime) -> dict[Frequency, int]:
    """How many people would get a digest if none of them visited, by how often they want one. One query."""
    people = select(_chosen().label("chosen")).select_from(Person)
    wanted = people.outerjoin(MailChoice, MailChoice.person_id == Person.id).where(
        gets_mail(now), _chosen() != Frequency.NONE.value
    )
    by_choice = wanted.subquery()
    counts = session.execute(select(by_choice.c.chosen, func.count()).group_by(by_choice.c.chosen))
    return {Frequency(chosen): count for chosen, count in counts}


def _chosen() -> ColumnElement[Any]:
    """How often a person gets a digest: SQL, where a row of MailChoice is joined if there is one."""
    return func.coalesce(MailChoice.digest, Frequency.WEEKLY.value)


def gets_mail(now: datetime) -> ColumnElement[bool]:
    """SQL condition: the person can be written to, and is not banned from the site."""
    proven = is_here() & Person.verified_at.is_not(None)
    return proven & ~is_banned(Person.id, now=now) & ~is_undeliverable(Person.email)


def _held(session: Session, people: Sequence[int], turn: Turn) -> dict[int, list[int]]:
    """What exceeded the budget of each of these people and was not read since, the latest first. A newsletter that is
    paused waits for a later digest.
    """
    silent = and_(
        NoticePreference.person_id == Notice.person_id,
        NoticePreference.kind == Notice.kind,
        NoticePreference.by_mail.is_(False),
    )
    query = (
        select(Notice.person_id, Notice.id)
        .where(Notice.person_id.in_(people), Notice.held_at > turn.now - HELD_FOR, Notice.read_at.is_(None))
        .where(~exists().where(silent), ~is_held_back())
        .order_by(Notice.id.desc())
    )
    return _grouped(session.execute(query))


def _mailed(session: Session, people: Sequence[int], turn: Turn) -> set[int]:
    """Those of these people who got a mail in the period, or are about to. The digest before this one is none."""
    at = func.coalesce(Message.sent_at, Message.next_attempt_at)
    counts = Message.digest.is_(None) | Message.sent_at.is_(None)
    return set(session.scalars(select(Message.person_id).where(Message.person_id.in_(people), at > turn.since, counts)))


def _add_responses(session: Session, turn: Turn, digests: Mapping[int, Digest]) -> None:
    """How much support and how many comments of others the ideas of these people got in the period."""
    own = people_of(is_readable(), Idea.id.label("idea_id")).subquery()
    for name, person_id, made in (
        ("support", Vote.person_id, (Vote.created_at > turn.since,)),
        ("comments", Comment.author_id, (Comment.created_at > turn.since, is_shown())),
    ):
        of = Vote if name == "support" else Comment
        query = (
            select(own.c.person_id, func.count())
            .join(of, of.idea_id == own.c.idea_id)
            .where(own.c.person_id.in_(list(digests)), person_id != own.c.person_id, *made)
            .group_by(own.c.person_id)
        )
        for one, count in session.execute(query):
            setattr(digests[one], name, count)


def _add_of_spaces(session: Session, turn: Turn, digests: Mapping[int, Digest], sees: Mapping[int, set[int]]) -> None:
    """Debriefs of campaigns that these people see, and the workshops and newsletters of their spaces."""
    news = turn.of_spaces
    mine = spaces_of(session, list(digests)) if digests and (news.workshops or news.newsletters) else {}
    for person_id, digest in digests.items():
        seen = sees.get(person_id, set())
        digest.debriefs = [one for one in news.debriefs if one in seen][:MAX_NAMED]
        workshops = mine.get(NoticeKind.WORKSHOP, {}).get(person_id, set())
        newsletters = mine.get(NoticeKind.NEWSLETTER, {}).get(person_id, set())
        digest.workshops = [one for one, space_id in news.workshops if space_id in workshops][:MAX_NAMED]
        digest.newsletters = [one for one, space_id in news.newsletters if space_id in newsletters][:MAX_NAMED]


def _campaigns_of(session: Session, turn: Turn, digests: Mapping[int, Digest]) -> dict[int, set[int]]:
    """Which of the campaigns of this turn each of these people sees, and is not banned from."""
    named = {
        *turn.new,
        *turn.closing,
        *turn.awaiting,
        *turn.of_spaces.debriefs,
        *(campaign_id for _idea, campaign_id in turn.candidates),
    }
    if not named or not digests:
        return {}
    query = select(Person.id, Campaign.id).join(Campaign, Campaign.id.in_(named))
    banned = is_banned(Person.id, campaign_id=Campaign.id, now=turn.now)
    query = query.where(Person.id.in_(list(digests)), seen_by_member(Person.id), ~banned)
    return {person_id: set(found) for person_id, found in _grouped(session.execute(query)).items()}


def _took_part(session: Session, turn: Turn, digests: Mapping[int, Digest]) -> dict[int, set[int]]:
    """In which of the campaigns that owe a debrief each of these people took part."""
    if not turn.awaiting or not digests:
        return {}
    here = Idea.campaign_id.in_(turn.awaiting) & is_readable()
    acts = union(
        people_of(here, Idea.campaign_id),
        select(Idea.campaign_id, Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(here, is_shown()),
        select(Idea.campaign_id, Vote.person_id).join(Idea, Idea.id == Vote.idea_id).where(here),
        select(Idea.campaign_id, Reaction.person_id).join(Idea, Idea.id == Reaction.idea_id).where(here),
    ).subquery()
    query = select(acts.c.person_id, acts.c.campaign_id).where(acts.c.person_id.in_(list(digests)))
    return {person_id: set(found) for person_id, found in _grouped(session.execute(query)).items()}


def _add_ideas(session: Session, turn: Turn, digests: Mapping[int, Digest], sees: Mapping[int, set[int]]) -> None:
    """Three ideas for each of these people that few have noticed, neither theirs nor supported by them already.

    Each person begins at another place of the list, so that all of it is shown.
    """
    if not turn.candidates or not digests:
        return
    ids, people = [idea_id for idea_id, _campaign in turn.candidates], list(digests)
    own = people_of(Idea.id.in_(ids), Idea.id.label("idea_id")).subquery()
    known = _grouped(session.execute(select(own.c.person_id, own.c.idea_id).where(own.c.person_id.in_(people))))
    voted = select(Vote.person_id, Vote.idea_id).where(Vote.idea_id.in_(ids), Vote.person_id.in_(people))
    supported = _grouped(session.execute(voted))
    for person_id, digest in digests.items():
        seen = sees.get(person_id, set())
        left = {*known.get(person_id, ()), *supported.get(person_id, ())}
        start = person_id * IDEAS % len(ids)
        for idea_id, campaign_id in (*turn.candidates[start:], *turn.candidates[:start]):
            if campaign_id in seen and idea_id not in left:
                digest.ideas.append(idea_id)
                if len(digest.ideas) == IDEAS:
                    break


def _grouped(rows: Iterable[Any]) -> dict[int, list[int]]:
    """Rows of a person and something of theirs, by the person."""
    found: dict[int, list[int]] = {}
    for person_id, value in rows:
        found.setdefault(person_id, []).append(value)
    return found
