"""The winners of a contest, announced with reasons. What was announced stays readable: corrections are versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload

from ideas.activity.activity import Verb, record
from ideas.activity.version import Version, check_unchanged, keep_version, reason_for_change, versions_of
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contest.contest import Contest, Phase
from ideas.contest.entry import CampaignStillOpen, entry_ids, finalist_ids, uses_entries
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, message_id
from ideas.people.person import Person, names_of
from ideas.text import required

MAX_WINNERS = 20
MAX_WORDS_LENGTH = 2_000


class StillScoring(DomainError):
    message = message_id("The jury is still scoring. Announce the winners once its scores are shown.")


class NoWinner(DomainError):
    message = message_id("Choose at least one winner among the entries.")


class NotAFinalist(DomainError):
    message = message_id("Choose the winners among the finalists, or change the finalists first.")


class OneWinnerOnly(DomainError):
    message = message_id("This contest has one winner. Choose one entry, or allow several winners before the scoring.")


class TooManyWinners(DomainError):
    message = message_id("Choose %(most)s winners at most.")


class WinnerReasonNeeded(DomainError):
    message = message_id("Say of each winner why it was chosen. Everyone can read it.")


class OthersReasonNeeded(DomainError):
    message = message_id("Write to those whose ideas were not chosen: each of them gets these words.")


class ContestResult(Base):
    """The announcement. `words_to_others`: what everyone who was not chosen is told. `version`: 1 when announced."""

    __tablename__ = "contest_result"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    words_to_others: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    winners: Mapped[list["Winner"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Winner.position"
    )

    @property
    def chosen(self) -> list[tuple[Idea, str]]:
        """Each winning idea with the reason why."""
        return [(winner.idea, winner.reason) for winner in self.winners]


class Winner(Base):
    __tablename__ = "winner"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("contest_result.campaign_id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)

    idea: Mapped[Idea] = relationship()


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """The announcement as it was from one save to the next. `winners`: each idea with its reason; None: it is gone."""

    number: int
    at: datetime
    by: str
    change_reason: str
    words_to_others: str
    winners: Sequence[tuple[Idea | None, str]]


def result_of(session: Session, campaign: Campaign) -> ContestResult | None:
    """The announcement; None before it. Two queries, with the winners and their authors."""
    with_ideas = selectinload(ContestResult.winners).joinedload(Winner.idea).joinedload(Idea.author)
    found = select(ContestResult).where(ContestResult.campaign_id == campaign.id)
    return session.scalar(found.options(with_ideas))


def announce_winners(
    session: Session,
    contest: Contest,
    *,
    reasons: Mapping[int, str],
    words_to_others: str,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> ContestResult:
    """Publish the winners, by the id of the idea, each with the reason why; everyone with an idea is told.

    Or correct what was announced: the earlier one stays readable, with who changed it, when and why. Whoever may
    publish may. `seen`: the version that `by` saw, 0 for none. Where nothing changes, nothing is kept.
    Raises StillScoring, CampaignStillOpen, NoWinner, NotAFinalist, OneWinnerOnly, TooManyWinners,
    WinnerReasonNeeded, OthersReasonNeeded, TooLong; of a correction also ChangedMeanwhile, ReasonNeeded.
    """
    campaign = contest.campaign
    lock_campaign(session, campaign)
    session.refresh(contest)
    result = session.get(ContestResult, campaign.id, populate_existing=True)
    _check(session, contest, result, reasons, now)
    if any(not reason.strip() for reason in reasons.values()):
        raise WinnerReasonNeeded
    if not words_to_others.strip():
        raise OthersReasonNeeded
    chosen = {idea_id: required(reason, max_length=MAX_WORDS_LENGTH) for idea_id, reason in reasons.items()}
    words = required(words_to_others, max_length=MAX_WORDS_LENGTH)
    before = _reasons(result)
    if result is None:
        result = ContestResult(campaign_id=campaign.id, published_at=now, published_by_id=by.id, version=0)
        session.add(result)
        verb, why = Verb.PUBLISHED, ""
    else:
        if (list(before.items()), result.words_to_others) == (list(chosen.items()), words):
            return result
        check_unchanged(result, seen)
        verb, why = Verb.CHANGED, reason_for_change(change_reason)
    result.words_to_others = words
    result.winners = []
    session.flush()  # the former winners go before those that replace them
    result.winners = [
        Winner(idea_id=idea_id, position=position, reason=reason)
        for position, (idea_id, reason) in enumerate(chosen.items())
    ]
    result.version += 1
    session.flush()
    content = {"words_to_others": words, "winners": [[idea_id, reason] for idea_id, reason in chosen.items()]}
    keep_version(session, result, object_id=campaign.id, content=content, reason=why, by=by, now=now)
    record(
        session, verb, result, by=by, campaign_id=campaign.id, reason=why,
        before={"winners": list(before)} if before else None, after={"winners": list(chosen)}, now=now,
    )  # fmt: skip
    return result


def published_results(session: Session, campaign: Campaign) -> list[PublishedResult]:
    """The announcement with all that it was before, latest first. Whoever reads the campaign may. Three queries."""
    versions = versions_of(session, ContestResult.__tablename__, campaign.id)
    names = names_of(session, {version.by_id for version in versions if version.by_id is not None})
    ids = {idea_id for version in versions for idea_id, _reason in version.content["winners"]}
    found = select(Idea).where(Idea.id.in_(ids)).options(joinedload(Idea.author))
    ideas = {idea.id: idea for idea in session.scalars(found)}
    return [_published(version, names, ideas) for version in versions]


def _published(version: Version, names: Mapping[int, str], ideas: Mapping[int, Idea]) -> PublishedResult:
    winners: list[tuple[Idea | None, str]] = [
        (ideas.get(idea_id), reason) for idea_id, reason in version.content["winners"]
    ]
    return PublishedResult(
        version.number,
        version.at,
        names.get(version.by_id or 0, ""),
        version.reason,
        version.content["words_to_others"],
        winners,
    )


def _check(
    session: Session, contest: Contest, result: ContestResult | None, reasons: Mapping[int, Any], now: datetime
) -> None:
    """Whether these may be announced as the winners."""
    campaign = contest.campaign
    if campaign.announced_at is None or campaign.closes_at is None or campaign.closes_at > now:
        raise CampaignStillOpen
    if contest.phase(now) is Phase.SCORING:
        raise StillScoring
    # A winner that was hidden since it was announced may be named again by a correction.
    entries = entry_ids(session, campaign) if uses_entries(contest) else []
    known = {*entries, *_reasons(result)}
    if not reasons or not set(reasons) <= known:
        raise NoWinner
    finalists = finalist_ids(session, campaign)
    if finalists and not set(reasons) <= {*finalists, *_reasons(result)}:
        raise NotAFinalist
    if len(reasons) > 1 and not contest.several_winners:
        raise OneWinnerOnly
    if len(reasons) > MAX_WINNERS:
        raise TooManyWinners(most=MAX_WINNERS)


def _reasons(result: ContestResult | None) -> dict[int, str]:
    return {winner.idea_id: winner.reason for winner in result.winners} if result is not None else {}
