"""Support that looks unusual: facts for moderators to judge. Nothing follows from them by itself, and none is stored.

Computed from accounts, ideas and support when the page is read. No address of a network or a browser is known to it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from ideas.activity.activity import Verb, record
from ideas.activity.version import reason_for_change
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, is_readable, is_submitted
from ideas.contributions.vote import Vote
from ideas.people.person import Person

# An account is new for so long.
NEW = timedelta(days=7)
MIN_LONE_SUPPORTERS = 3
# So many new accounts support one idea within this time.
MIN_BURST = 5
BURST = timedelta(minutes=10)
MAX_RING = 8
MIN_RING_SUPPORTS = 4


@dataclass(frozen=True, slots=True)
class Supporter:
    """An account that supported an idea, and when each happened."""

    person_id: int
    created_at: datetime
    supported_at: datetime


@dataclass(frozen=True, slots=True)
class IdeaFlag:
    """An idea with the accounts in question. `votes`: all its support, beside which theirs is to be seen."""

    idea: Idea
    votes: int
    supporters: Sequence[Supporter]

    @property
    def span(self) -> timedelta:
        """From the first to the last of these supports."""
        times = [one.supported_at for one in self.supporters]
        return max(times) - min(times)


@dataclass(frozen=True, slots=True)
class Ring:
    """People who support ideas of one another in the campaign, and no other idea. `supports`: how many, together."""

    people: Sequence[int]
    supports: int


@dataclass(frozen=True, slots=True)
class Unusual:
    lone: Sequence[IdeaFlag]
    bursts: Sequence[IdeaFlag]
    rings: Sequence[Ring]

    @property
    def people(self) -> set[int]:
        """Everyone whom a fact is about."""
        named = {one.person_id for flag in (*self.lone, *self.bursts) for one in flag.supporters}
        return named | {person for ring in self.rings for person in ring.people}


def unusual_support(session: Session, campaign: Campaign) -> Unusual:
    """What looks unusual in the support of a campaign. Whoever moderates it may read it. Nine queries at most.

    New accounts that support one idea and did nothing else on the site; many new accounts that support one idea within
    minutes; small groups who support only one another. Authors of anonymous ideas are in none of them.
    """
    new = _new_supporters(session, campaign)
    lone_ids = _did_nothing_else(session, {one.person_id for given in new.values() for one in given})
    lone = {idea_id: [one for one in given if one.person_id in lone_ids] for idea_id, given in new.items()}
    bursts = {idea_id: _largest_burst(given) for idea_id, given in new.items()}
    ideas = _ideas(session, new)
    votes = _votes(session, new)

    def flags(found: Mapping[int, Sequence[Supporter]], least: int) -> list[IdeaFlag]:
        kept = [
            IdeaFlag(ideas[idea_id], votes.get(idea_id, 0), some)
            for idea_id, some in found.items()
            if len(some) >= least
        ]
        return sorted(kept, key=lambda flag: (-len(flag.supporters), flag.idea.id))

    return Unusual(flags(lone, MIN_LONE_SUPPORTERS), flags(bursts, MIN_BURST), _rings(session, campaign))


def record_names_read(
    session: Session, campaign: Campaign, found: Unusual, *, reason: str, by: Person, now: datetime
) -> None:
    """Record that a moderator read whose accounts these are, and why: nobody else is told who supports what.

    Raises ReasonNeeded, TooLong.
    """
    said = reason_for_change(reason)
    after = {"unusual_support": len(found.people)}
    record(session, Verb.REVEALED, campaign, by=by, campaign_id=campaign.id, reason=said, after=after, now=now)


def _new_supporters(session: Session, campaign: Campaign) -> dict[int, list[Supporter]]:
    """Who supported each idea, or one merged into it, within days of creating their account, by time. One query."""
    since = (campaign.opens_at or campaign.created_at) - NEW
    kept = aliased(Idea)
    rows = session.execute(
        select(kept.id, Person.id, Person.created_at, Vote.created_at)
        .join(Idea, Idea.id == Vote.idea_id)
        .join(kept, kept.id == _kept_id())
        .join(Person, Person.id == Vote.person_id)
        .where(Idea.campaign_id == campaign.id, is_readable(), is_submitted(kept), Person.created_at >= since)
        .order_by(Vote.created_at, Person.id)
    )
    found: dict[int, dict[int, Supporter]] = defaultdict(dict)
    for idea_id, person_id, created_at, supported_at in rows:
        if supported_at - created_at < NEW:
            found[idea_id].setdefault(person_id, Supporter(person_id, created_at, supported_at))
    return {idea_id: list(by_person.values()) for idea_id, by_person in found.items()}


def _kept_id() -> ColumnElement[int]:
    """SQL: the idea that counts for this one."""
    return func.coalesce(Idea.merged_into_id, Idea.id)


def _did_nothing_else(session: Session, people: Collection[int]) -> set[int]:
    """Those of these people whose only act on the site, beside drafts, is one support."""
    kept: set[int] = set()
    for part in chunks(sorted(people)):
        once = select(Vote.person_id).where(Vote.person_id.in_(part)).group_by(Vote.person_id)
        wrote = select(Idea.author_id).where(Idea.author_id.in_(part), Idea.submitted_at.is_not(None))
        said = select(Comment.author_id).where(Comment.author_id.in_(part))
        kept |= set(session.scalars(once.having(func.count() == 1)))
        kept -= set(session.scalars(wrote)) | set(session.scalars(said))
    return kept


def _largest_burst(given: Sequence[Supporter]) -> Sequence[Supporter]:
    """The most of these supports, which are in the order of time, that came within BURST."""
    best: Sequence[Supporter] = ()
    first = 0
    for last, one in enumerate(given):
        while one.supported_at - given[first].supported_at > BURST:
            first += 1
        if last - first + 1 > len(best):
            best = given[first : last + 1]
    return best


def _rings(session: Session, campaign: Campaign) -> list[Ring]:
    """Small groups in which everyone supports only ideas of the others. One query."""
    author = func.coalesce(Idea.author_id, 0)  # of an anonymous idea, or of an imported one: nobody of a group
    rows = session.execute(
        select(Vote.person_id, author, func.count(_kept_id().distinct()))
        .join(Idea, Idea.id == Vote.idea_id)
        .where(Idea.campaign_id == campaign.id, is_readable())
        .group_by(Vote.person_id, author)
    )
    given: dict[int, dict[int, int]] = defaultdict(dict)
    for person_id, author_id, count in rows:
        given[person_id][author_id] = count
    few = {person: to for person, to in given.items() if len(to) < MAX_RING and 0 not in to}
    found = []
    for group in _closed_groups(few):
        supports = sum(count for person in group for count in few[person].values())
        if supports >= MIN_RING_SUPPORTS:
            found.append(Ring(sorted(group), supports))
    return sorted(found, key=lambda ring: (-ring.supports, ring.people))


def _closed_groups(given: Mapping[int, Collection[int]]) -> Iterable[set[int]]:
    """The groups of at most MAX_RING people whose support stays among them, and reaches each of them.

    From each person everyone whom the support leads to: a group where that is the same for all of its people.
    """
    reached: dict[int, frozenset[int] | None] = {person: _reached(person, given) for person in given}
    seen: set[frozenset[int]] = set()
    for person, group in reached.items():
        if group is None or group in seen or person not in group or len(group) < 2:  # noqa: PLR2004 -- a group
            continue
        if all(reached.get(other) == group for other in group):
            seen.add(group)
            yield set(group)


def _reached(person: int, given: Mapping[int, Collection[int]]) -> frozenset[int] | None:
    """Whom the support of this person leads to, step by step. None once these are too many, or one supports others."""
    found: set[int] = set()
    waiting = list(given[person])
    while waiting:
        other = waiting.pop()
        if other in found:
            continue
        found.add(other)
        if len(found) > MAX_RING or other not in given:
            return None
        waiting += given[other]
    return frozenset(found)


def _ideas(session: Session, ids: Collection[int]) -> dict[int, Idea]:
    found: dict[int, Idea] = {}
    for part in chunks(sorted(ids)):
        rows = session.scalars(select(Idea).where(Idea.id.in_(part)).options(joinedload(Idea.author)))
        found |= {idea.id: idea for idea in rows}
    return found


def _votes(session: Session, ids: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in chunks(sorted(ids)):
        counted = select(_kept_id(), func.count(Vote.person_id.distinct())).join(Idea, Idea.id == Vote.idea_id)
        here = Idea.id.in_(part) | Idea.merged_into_id.in_(part)
        found |= dict(session.execute(counted.where(here, is_readable()).group_by(_kept_id())).all())
    return found
