"""Comparing by pairs: a person is shown two ideas, or two themes, and chooses one of them.

Each thing is shown as often as any other, give or take one; nobody compares their own idea, or the same pair twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from random import Random

from sqlalchemy import ForeignKey, UniqueConstraint, false, func, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contest.contest import contest_of, jurors_of
from ideas.contest.entry import MAX_ENTRIES, TooManyEntries, entry_ids, uses_entries
from ideas.contributions.authors.writer import wrote
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.themes.theme import Theme, active_themes

MIN_ITEMS = 3


class Compared(StrEnum):
    IDEAS = "ideas"
    THEMES = "themes"


class Choice(StrEnum):
    """What a person answers about a pair. Neither of them, and a pair that is skipped, count for nothing."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"
    SKIPPED = "skipped"


class ComparingClosed(DomainError):
    message = message_id("Nothing is compared here at the moment.")


class ComparingOpen(DomainError):
    message = message_id("The comparison has begun. What is compared stays as it is.")


class TooFewItems(DomainError):
    message = message_id("At least %(least)s ideas or themes are needed to compare them.")


class OnlyTheJury(NotAllowed):
    message = message_id("Only the jury compares here.")


class PairGone(DomainError):
    message = message_id("This pair was answered already, or one of the two is no longer shown. Here is where you are.")


class Comparison(Base):
    """What a campaign has compared. `by_jury`: by its jury only, else by everyone who may support ideas."""

    __tablename__ = "comparison"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    compared: Mapped[Compared] = mapped_column(choice(Compared))
    by_jury: Mapped[bool] = mapped_column(default=False, server_default=false())
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ComparisonItem(Base):
    """An idea or a theme that is compared: those that there were when the comparison was opened."""

    __tablename__ = "comparison_item"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("comparison.campaign_id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True)


class Pair(Base):
    """Two things that a person was shown, and what they answered. None: they have not answered yet.

    `low_id`, `high_id`: the same two by their numbers, so that nobody is shown a pair twice, in whichever order.
    """

    __tablename__ = "pair"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id", "low_id", "high_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("comparison.campaign_id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    first_id: Mapped[int]
    second_id: Mapped[int]
    low_id: Mapped[int]
    high_id: Mapped[int]
    chosen: Mapped[Choice | None] = mapped_column(choice(Choice))
    shown_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


def comparison_of(session: Session, campaign: Campaign) -> Comparison | None:
    return session.get(Comparison, campaign.id)


def open_comparison(
    session: Session, campaign: Campaign, *, compared: Compared, by_jury: bool, by: Person, now: datetime
) -> Comparison:
    """Have people compare: the entries of the contest, else all ideas; or the themes. Whoever manages may, once.

    Raises ComparingOpen, TooFewItems, TooManyEntries.
    """
    lock_campaign(session, campaign)
    if session.get(Comparison, campaign.id) is not None:
        raise ComparingOpen
    items = _items_to_compare(session, campaign, compared)
    if len(items) < MIN_ITEMS:
        raise TooFewItems(least=MIN_ITEMS)
    if len(items) > MAX_ENTRIES:
        raise TooManyEntries(most=MAX_ENTRIES)
    comparison = Comparison(campaign_id=campaign.id, compared=compared, by_jury=by_jury, opened_at=now)
    session.add(comparison)
    session.flush()
    session.add_all(ComparisonItem(campaign_id=campaign.id, item_id=number) for number in items)
    session.flush()
    after = {"compared": compared, "items": len(items), "by_jury": by_jury}
    record(session, Verb.OPENED, comparison, by=by, campaign_id=campaign.id, after=after, now=now)
    return comparison


def close_comparison(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> None:
    """End it: from here on everyone who reads the campaign may read the shares. A second time changes nothing."""
    lock_campaign(session, campaign)
    comparison = session.get(Comparison, campaign.id, populate_existing=True)
    if comparison is None:
        raise ComparingClosed
    if comparison.closed_at is None:
        comparison.closed_at = now
        session.flush()
        record(session, Verb.CLOSED, comparison, by=by, campaign_id=campaign.id, now=now)


def open_pair(session: Session, campaign: Campaign, person: Person) -> Pair | None:
    """The pair that the person was shown and has not answered, if both are still compared."""
    here = (Pair.campaign_id == campaign.id) & (Pair.person_id == person.id) & Pair.chosen.is_(None)
    pair = session.scalar(select(Pair).where(here).order_by(Pair.id.desc()).limit(1))
    if pair is None:
        return None
    return pair if {pair.first_id, pair.second_id} <= set(items_of(session, campaign)) else None


def draw_pair(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> Pair | None:
    """Show the person the next pair, or the one that they have not answered; None where none is left for them now.

    Two of those that were shown least are drawn, so that all are shown equally often: the campaign is locked, for two
    people at once would be shown the same. Anyone who may support ideas may, or the jury alone.
    Raises ComparingClosed, OnlyTheJury, NotVerified, LimitReached.
    """
    _hold_to_compare(session, campaign, by)
    waiting = open_pair(session, campaign, by)
    if waiting is not None:
        return waiting
    shown = times_shown(session, campaign)
    found = pick(shown, own=_own(session, campaign, by), seen=_seen(session, campaign, by), key=f"{by.id} {len(shown)}")
    if found is None:
        return None
    first, second = found
    pair = Pair(
        campaign_id=campaign.id, person_id=by.id, first_id=first, second_id=second, low_id=min(found),
        high_id=max(found), shown_at=now,
    )  # fmt: skip
    session.add(pair)
    session.flush()
    return pair


def answer_pair(
    session: Session, campaign: Campaign, pair_id: int, *, chosen: Choice, by: Person, now: datetime
) -> None:
    """Say which of the two. Only who was shown the pair may, once. Raises as `draw_pair`, and PairGone.

    Not an act of the log: whom somebody preferred is theirs alone.
    """
    _hold_to_compare(session, campaign, by)
    pair = session.get(Pair, pair_id, populate_existing=True)
    mine = pair is not None and (pair.campaign_id, pair.person_id, pair.chosen) == (campaign.id, by.id, None)
    if pair is None or not mine or not {pair.first_id, pair.second_id} <= set(items_of(session, campaign)):
        raise PairGone
    spend(session, LimitedAct.RESPOND, by=by, now=now)
    pair.chosen, pair.answered_at = chosen, now
    session.flush()


def items_of(session: Session, campaign: Campaign) -> list[int]:
    """The numbers of the ideas or themes that are compared and still shown."""
    comparison = session.get(Comparison, campaign.id)
    if comparison is None:
        return []
    items = select(ComparisonItem.item_id).where(ComparisonItem.campaign_id == campaign.id)
    if comparison.compared is Compared.IDEAS:
        shown = select(Idea.id).where(Idea.id.in_(items), is_submitted())
        return list(session.scalars(shown.order_by(Idea.id)))
    active = select(Theme.id).where(Theme.id.in_(items), Theme.retired_at.is_(None))
    return list(session.scalars(active.order_by(Theme.id)))


def pick(
    shown: Mapping[int, int], *, own: set[int], seen: set[tuple[int, int]], key: str = ""
) -> tuple[int, int] | None:
    """Two of these things, by how often each was shown, that keep all counts within one of each other.

    Both from those shown least; where only one of them is left, that one and one of the next. None where the person
    wrote them or saw these pairs: another person has to come first. `key`: which of several, the same each time.
    """
    if len(shown) < 2:  # noqa: PLR2004 -- a pair
        return None
    levels = sorted(set(shown.values()))
    least = [item for item, count in shown.items() if count == levels[0]]
    others = least if len(least) > 1 else [item for item, count in shown.items() if count == levels[1]]
    drawn = Random(f"{key} {sum(shown.values())}")  # noqa: S311 -- which pair comes next is no secret
    mine, theirs = ([item for item in items if item not in own] for items in (least, others))
    drawn.shuffle(mine)
    drawn.shuffle(theirs)
    for first in mine:
        for second in theirs:
            if first != second and (min(first, second), max(first, second)) not in seen:
                return (first, second) if drawn.random() < 0.5 else (second, first)  # noqa: PLR2004 -- a coin
    return None


def _items_to_compare(session: Session, campaign: Campaign, compared: Compared) -> Sequence[int]:
    if compared is Compared.THEMES:
        return [theme.id for theme in active_themes(session, campaign)]
    entries = entry_ids(session, campaign) if uses_entries(contest_of(session, campaign)) else []
    everything = select(Idea.id).where(Idea.campaign_id == campaign.id, is_submitted()).limit(MAX_ENTRIES + 1)
    return entries or session.scalars(everything).all()


def _hold_to_compare(session: Session, campaign: Campaign, by: Person) -> None:
    check_verified(by)
    lock_campaign(session, campaign)
    comparison = session.get(Comparison, campaign.id, populate_existing=True)
    if comparison is None or comparison.closed_at is not None:
        raise ComparingClosed
    if comparison.by_jury and by.id not in {juror.id for juror in jurors_of(session, campaign)}:
        raise OnlyTheJury


def times_shown(session: Session, campaign: Campaign) -> dict[int, int]:
    """How often each was shown, of those that still are: with every pair, answered or not."""
    sides = union_all(
        select(Pair.first_id.label("item_id")).where(Pair.campaign_id == campaign.id),
        select(Pair.second_id.label("item_id")).where(Pair.campaign_id == campaign.id),
    ).subquery()
    counts: dict[int, int] = dict(
        session.execute(select(sides.c.item_id, func.count()).group_by(sides.c.item_id)).all()
    )
    return {item: counts.get(item, 0) for item in items_of(session, campaign)}


def _seen(session: Session, campaign: Campaign, person: Person) -> set[tuple[int, int]]:
    here = (Pair.campaign_id == campaign.id) & (Pair.person_id == person.id)
    return {(low, high) for low, high in session.execute(select(Pair.low_id, Pair.high_id).where(here))}


def _own(session: Session, campaign: Campaign, person: Person) -> set[int]:
    """The ideas that the person wrote, also as a part of another one; no theme is anyone's own."""
    comparison = session.get(Comparison, campaign.id)
    if comparison is None or comparison.compared is Compared.THEMES:
        return set()
    counted = func.coalesce(Idea.merged_into_id, Idea.id)
    return set(session.scalars(select(counted).where(Idea.campaign_id == campaign.id, wrote(Idea, person.id))))
