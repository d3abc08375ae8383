"""Whom the acts of a contest are told to, and what each of them is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true, union
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, TeamMember
from ideas.contest.contest import jurors_of
from ideas.contest.judging import progress
from ideas.contest.pairs import Choice, Pair
from ideas.contest.public_vote.ballot import Ballot
from ideas.contest.result import ContestResult, Winner
from ideas.contributions.authors.people import people_of
from ideas.contributions.authors.writer import wrote
from ideas.contributions.idea import Idea, is_readable
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.talk import managers_of


@dataclass(frozen=True, slots=True)
class ContestDetail:
    """`won`: the reader's own winning idea, its title or text; empty where none of theirs won. `reason`: why."""

    won: str = ""
    reason: str = ""


def jury_to_tell(session: Session, activity: Activity) -> Iterable[int]:
    """The jury; of a reminder, those with entries left; once all have scored, also those who manage the campaign."""
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    if campaign is None:
        return ()
    if activity.verb is Verb.REMINDED:
        return [one.person.id for one in progress(session, campaign) if one.left]
    jury = {juror.id for juror in jurors_of(session, campaign)}
    if activity.verb is Verb.COMPLETED:
        jury |= set(session.scalars(managers_of(campaign.id)))
    return jury


def entrants(session: Session, activity: Activity) -> Iterable[int]:
    """Everyone with an idea in the contest; of a correction, those whose idea is a winner now or no longer."""
    return session.scalars(
        people_of((Idea.campaign_id == activity.campaign_id) & is_readable() & entries_concerned(activity))
    )


def entries_concerned(activity: Activity) -> ColumnElement[bool]:
    """SQL condition: the authors of the idea are told of this announcement or correction of the winners."""
    if activity.verb is not Verb.CHANGED:
        return true()
    before, after = (set((values or {}).get("winners", ())) for values in (activity.before, activity.after))
    return func.coalesce(Idea.merged_into_id, Idea.id).in_(before ^ after)


def voters(session: Session, campaign_id: int) -> Iterable[int]:
    """Who voted in the public vote, or chose between two ideas or themes, without the team. Not for what."""
    chose = Pair.chosen.in_([Choice.FIRST, Choice.SECOND, Choice.NEITHER])
    acts = union(
        select(Ballot.person_id).where(Ballot.campaign_id == campaign_id),
        select(Pair.person_id).where(Pair.campaign_id == campaign_id, chose),
    ).subquery()
    team = select(TeamMember.person_id).where(
        TeamMember.campaign_id == campaign_id, TeamMember.role != Role.PARTICIPANT
    )
    owner = select(Campaign.owner_id).where(Campaign.id == campaign_id)
    asked = select(acts.c.person_id).where(acts.c.person_id.not_in(team), acts.c.person_id.not_in(owner))
    return session.scalars(asked)


def contest_details(session: Session, notices: Sequence[Notice]) -> dict[int, ContestDetail]:
    """What one person is told of the winners, by the id of the notice: as it is announced by now. Two queries."""
    told = [notice for notice in notices if notice.kind is NoticeKind.CONTEST_RESULT]
    if not told:
        return {}
    campaigns = {notice.campaign_id for notice in told}
    words = dict(
        session.execute(
            select(ContestResult.campaign_id, ContestResult.words_to_others).where(
                ContestResult.campaign_id.in_(campaigns)
            )
        ).all()
    )
    counted = select(func.coalesce(Idea.merged_into_id, Idea.id)).where(
        Idea.campaign_id.in_(campaigns), wrote(Idea, told[0].person_id)
    )
    own = (
        select(Winner.campaign_id, Winner.reason, Idea.title, Idea.body)
        .join(Idea, Idea.id == Winner.idea_id)
        .where(Winner.idea_id.in_(counted), is_readable())
        .order_by(Winner.position.desc())
    )
    won = {
        campaign_id: ContestDetail(title or body, reason) for campaign_id, reason, title, body in session.execute(own)
    }
    return {
        notice.id: won.get(notice.campaign_id or 0, ContestDetail(reason=words.get(notice.campaign_id or 0, "")))
        for notice in told
    }
