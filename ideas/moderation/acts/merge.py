"""Merging ideas that say the same: by a moderator, or by the consent of their authors. Each merge can be undone.

Until the debrief, within one campaign, and public ideas only. How a merged idea counts is in
`ideas.contributions.merged`. Two at once: the first act counts, the second is refused with the name of who was first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased, joinedload

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.activity.version import reason_for_change
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, ask_for_places, is_submitted
from ideas.contributions.merged import IdeaMerge, MergeState, end_merge, merge_of, merges_into, put_together
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.sanction import check_may_write
from ideas.personal_data.personal_data import check_personal_data


class SameIdea(DomainError):
    message = message_id("An idea can’t be merged into itself. Choose another one.")


class OtherCampaign(DomainError):
    message = message_id("This idea is not in this campaign. Choose one of this campaign.")


class MergingClosed(DomainError):
    message = message_id("The debrief is published. Ideas can no longer be merged or separated.")


class NotPublic(DomainError):
    message = message_id("Idea %(number)s is not public. Only public ideas can be merged.")


class AlreadyMergedInto(DomainError):
    message = message_id("Idea %(number)s is already merged into idea %(into)s. Choose idea %(into)s.")


class MergedMeanwhile(Conflict):
    message = message_id("%(name)s has already merged idea %(number)s into idea %(into)s. Nothing more was changed.")


class SeparatedMeanwhile(Conflict):
    message = message_id("%(name)s has already separated this idea. Nothing more was changed.")


class NoAuthorToAsk(DomainError):
    message = message_id("The author of idea %(number)s has no account here. Ask the campaign team to merge them.")


class AnonymousToAsk(DomainError):
    message = message_id("The author of idea %(number)s is anonymous. Ask the campaign team to merge them.")


class AlreadyProposed(DomainError):
    message = message_id("You have already proposed this. The other author has not answered yet.")


class ProposalAnswered(Conflict):
    message = message_id("This proposal no longer waits for an answer. Reload the page.")


@dataclass(frozen=True, slots=True)
class MergedPart:
    """An idea that counts in another one, with the merge that brought it."""

    idea: Idea
    merge: IdeaMerge


@dataclass(frozen=True, slots=True)
class Merges:
    """What the page of an idea shows of merges. `proposals`: those that wait for an answer, from or to the reader."""

    parts: Sequence[MergedPart] = ()
    proposals: Sequence[tuple[IdeaMerge, Idea, Idea]] = field(default_factory=list)


def merge_ideas(session: Session, idea: Idea, *, into: Idea, by: Person, reason: str, now: datetime) -> IdeaMerge:
    """Merge `idea` into another one, which is kept. Whoever moderates the campaign may, until the debrief.

    Both authors are told, with the reason. What was merged into `idea` before goes along.
    Raises SameIdea, OtherCampaign, MergingClosed, NotPublic, AlreadyMergedInto, MergedMeanwhile, ReasonNeeded, TooLong.
    """
    reason = reason_for_change(reason)
    _begin(session, idea, into)
    merge = _new(idea, into, MergeState.MERGED, by=by, reason=reason, now=now)
    session.add(merge)
    _carry_out(session, merge, idea, into, by=by, now=now)
    return merge


def propose_merge(
    session: Session, idea: Idea, *, into: Idea, by: Person, now: datetime, reason: str = "", kept: str = ""
) -> IdeaMerge:
    """Propose to merge one's own idea into that of somebody else, who is told and answers. Into one's own: at once.

    `kept`: the personal data in the reason that its author keeps knowingly: see `check_personal_data`. Raises
    NotAllowed, NotVerified, PersonalDataFound, NoAuthorToAsk, AnonymousToAsk, AlreadyProposed, LimitReached,
    SanctionInForce, and as `merge_ideas`.
    """
    if idea.author_id != by.id:
        raise NotAllowed
    check_verified(by)
    check_may_write(session, by, idea.campaign_id, now=now)
    reason = reason_for_change(reason)
    check_personal_data([reason], health=idea.campaign.is_health, kept=kept)
    _begin(session, idea, into)
    if into.is_anonymous:
        raise AnonymousToAsk(number=str(into.id))
    if into.author is None or into.author.erased_at is not None:
        raise NoAuthorToAsk(number=str(into.id))
    if session.scalar(_waiting(IdeaMerge.idea_id == idea.id, IdeaMerge.into_id == into.id)) is not None:
        raise AlreadyProposed
    spend(session, LimitedAct.COMMENT, by=by, now=now)
    own = into.author_id == by.id
    state = MergeState.MERGED if own else MergeState.PROPOSED
    merge = _new(idea, into, state, by=by, reason=reason, now=now, by_consent=True)
    session.add(merge)
    if own:
        _carry_out(session, merge, idea, into, by=by, now=now)
    else:
        session.flush()
        _record(session, Verb.REQUESTED, merge, by=by, now=now, reason=reason)
    return merge


def accept_merge(session: Session, merge: IdeaMerge, *, by: Person, now: datetime) -> None:
    """Agree to a proposal: the ideas are merged. Only the author of the idea that is kept may.

    Raises NotAllowed, ProposalAnswered, and as `merge_ideas`.
    """
    idea, into = _answer(session, merge, by=by)
    _begin(session, idea, into)
    _check_waits(session, merge)
    merge.state, merge.changed_by_id, merge.changed_at = MergeState.MERGED, by.id, now
    _carry_out(session, merge, idea, into, by=by, now=now)


def decline_merge(session: Session, merge: IdeaMerge, *, by: Person, now: datetime) -> None:
    """Refuse a proposal, or take one's own back. The author of either idea may. Raises NotAllowed, ProposalAnswered."""
    if by.id != merge.made_by_id:
        _answer(session, merge, by=by)
    _check_waits(session, merge)
    merge.state, merge.changed_by_id, merge.changed_at = MergeState.DECLINED, by.id, now
    _record(session, Verb.DECLINED, merge, by=by, now=now)


def separate(session: Session, merge: IdeaMerge, *, by: Person, now: datetime, reason: str = "") -> None:
    """Undo a merge: the idea stands alone, as it was. Whoever moderates the campaign may, until the debrief.

    Its votes, reactions, comments and theme go with it. What was given to both since stays with the kept idea.
    Raises MergingClosed, SeparatedMeanwhile, TooLong.
    """
    idea = session.get_one(Idea, merge.idea_id)
    lock_campaign(session, idea.campaign)
    if idea.campaign.debriefed_at is not None:
        raise MergingClosed
    session.refresh(idea, with_for_update={"of": Idea})
    session.refresh(merge)
    found = merge_of(session, idea.id)
    if found is None or found.id != merge.id:
        raise SeparatedMeanwhile(name=merge.changed_by.name if merge.changed_by else "–")
    end_merge(session, merge, idea, by=by, now=now, reason=reason)
    ask_for_places(session, idea.campaign, now=now)


def leave_merge(session: Session, merge: IdeaMerge, *, by: Person, now: datetime) -> None:
    """Undo a merge that both authors agreed to. Each of them may. Raises NotAllowed, and as `separate`."""
    authors = session.scalars(select(Idea.author_id).where(Idea.id.in_((merge.idea_id, merge.into_id)))).all()
    if not merge.by_consent or by.id not in authors:
        raise NotAllowed
    separate(session, merge, by=by, now=now)


def merges_on(session: Session, idea: Idea, *, reader: Person | None) -> Merges:
    """What is merged into this idea, and the proposals from or to the reader: at most four queries."""
    found = {merge.idea_id: merge for merge in merges_into(session, idea.id)}
    ideas = (
        select(Idea)
        .where(Idea.id.in_(found))
        .options(joinedload(Idea.author), joinedload(Idea.anonymous_author))
        .order_by(Idea.id)
    )
    parts = [MergedPart(part, found[part.id]) for part in session.scalars(ideas)] if found else []
    return Merges(parts, _proposals(session, idea, reader) if reader is not None else [])


def public_idea(session: Session, campaign: Campaign, number: int) -> Idea:
    """The idea with this number, as somebody chose it. Raises OtherCampaign, or NotPublic: its text is not shown."""
    here = (Idea.id == number) & (Idea.campaign_id == campaign.id) & Idea.submitted_at.is_not(None)
    idea = session.scalar(select(Idea).where(here))
    if idea is None:
        raise OtherCampaign
    if not idea.is_readable:
        raise NotPublic(number=str(number))
    return idea


def _proposals(session: Session, idea: Idea, reader: Person) -> list[tuple[IdeaMerge, Idea, Idea]]:
    """The proposals about this idea that wait, with both ideas: those that the reader made or may answer."""
    into = aliased(Idea)
    found = (
        select(IdeaMerge, Idea, into)
        .join(Idea, Idea.id == IdeaMerge.idea_id)
        .join(into, into.id == IdeaMerge.into_id)
        .where(
            (Idea.id == idea.id) | (into.id == idea.id),
            IdeaMerge.state == MergeState.PROPOSED,
            (IdeaMerge.made_by_id == reader.id) | (into.author_id == reader.id),
            is_submitted(),
            is_submitted(into),
        )
        .order_by(IdeaMerge.id)
    )
    return [(merge, one, other) for merge, one, other in session.execute(found)]


def _begin(session: Session, idea: Idea, into: Idea) -> None:
    """Lock the campaign and both ideas, then check that they may be merged."""
    if idea.id == into.id:
        raise SameIdea
    if idea.campaign_id != into.campaign_id:
        raise OtherCampaign
    lock_campaign(session, idea.campaign)
    for one in sorted((idea, into), key=lambda row: row.id):
        session.refresh(one, with_for_update={"of": Idea})
    if idea.campaign.debriefed_at is not None:
        raise MergingClosed
    for one in (idea, into):
        if not one.is_readable:
            raise NotPublic(number=str(one.id))
    if (merge := merge_of(session, idea.id)) is not None:
        by = session.get_one(Person, merge.changed_by_id or merge.made_by_id)
        raise MergedMeanwhile(name=by.name, number=str(idea.id), into=str(idea.merged_into_id))
    if into.merged_into_id is not None:
        raise AlreadyMergedInto(number=str(into.id), into=str(into.merged_into_id))


def _new(
    idea: Idea, into: Idea, state: MergeState, *, by: Person, reason: str, now: datetime, by_consent: bool = False
) -> IdeaMerge:
    return IdeaMerge(
        campaign_id=idea.campaign_id, idea_id=idea.id, into_id=into.id, state=state,
        by_consent=by_consent, reason=reason, made_by_id=by.id, made_at=now,
    )  # fmt: skip


def _carry_out(session: Session, merge: IdeaMerge, idea: Idea, into: Idea, *, by: Person, now: datetime) -> None:
    put_together(session, idea, into, now=now)
    _record(session, Verb.MERGED, merge, by=by, now=now, reason=merge.reason)


def _answer(session: Session, merge: IdeaMerge, *, by: Person) -> tuple[Idea, Idea]:
    """Both ideas of a proposal, for the author who answers it. Raises NotAllowed for anybody else."""
    idea, into = session.get_one(Idea, merge.idea_id), session.get_one(Idea, merge.into_id)
    if into.author_id != by.id:
        raise NotAllowed
    return idea, into


def _check_waits(session: Session, merge: IdeaMerge) -> None:
    session.refresh(merge, with_for_update={"of": IdeaMerge})
    if merge.state is not MergeState.PROPOSED:
        raise ProposalAnswered


def _waiting(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(IdeaMerge.id).where(*conditions, IdeaMerge.state == MergeState.PROPOSED).limit(1)


def _record(session: Session, verb: Verb, merge: IdeaMerge, *, by: Person, now: datetime, reason: str = "") -> None:
    after = {"idea_id": merge.idea_id, "into_id": merge.into_id}
    record(session, verb, merge, by=by, campaign_id=merge.campaign_id, reason=reason, after=after, now=now)
    session.flush()
