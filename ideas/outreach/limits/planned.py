"""What is planned to be sent in the next weeks: when, to how many, and why. Computed from what is stored, never kept.

It lists mails that wait for their hour, and what follows from dates: of campaigns, of debriefs that publish themselves,
of juries and public votes, of newsletters and workshops, of pioneers and of newcomers. Each person may get less: they
switch kinds off, exceed their budget, or no longer see the campaign. What follows from what people do is not planned.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.answers.assigned import REMIND_BEFORE, unanswered_themes
from ideas.answers.scheduled import DebriefSchedule
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import ACTS, TEAM_ROLES, Act, Role, TeamMember, in_force
from ideas.campaigns.phases.phase import PhaseAct
from ideas.campaigns.reminder import DAY_BEFORE, DEBRIEF_BEFORE, HOUR_BEFORE
from ideas.contest.contest import Contest
from ideas.contest.public_vote.public_vote import PublicVote
from ideas.contest.reminder import BEFORE as SCORING_BEFORE
from ideas.contributions.idea import Idea
from ideas.outreach.follow import Follow
from ideas.outreach.journey.sending import coming
from ideas.outreach.limits.budget import ALWAYS
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.outreach.notice import Notice, NoticeKind
from ideas.recognition.pioneer import RENEWAL, Pioneer, PioneerState
from ideas.spaces.invitation import Invitation
from ideas.spaces.space import Membership, MembershipState, Space
from ideas.spaces.workshops.coming import WorkshopAnswer
from ideas.spaces.workshops.workshop import Workshop

AHEAD = timedelta(days=30)
# A day, what is sent, the kind of its notice, the campaign.
_Key = tuple[date, "PlannedKind", NoticeKind | None, int | None]


class PlannedKind(StrEnum):
    """What is sent. The sentences, and the rule of each, are in templates/outreach/planned/words.html."""

    NOTICE = "notice"  # mails of notices, which wait for their hour
    DIGEST = "digest"
    INVITATION = "invitation"
    OPENING = "opening"
    CLOSING_SOON = "closing_soon"
    DRAFTS = "drafts"
    CLOSING = "closing"
    DEBRIEF = "debrief"
    DEBRIEF_DUE = "debrief_due"
    DEBRIEF_LATE = "debrief_late"
    THEMES_DUE = "themes_due"
    SCORING = "scoring"
    VOTE_OPENS = "vote_opens"
    VOTE_CLOSES = "vote_closes"
    NEWCOMERS = "newcomers"
    NEWSLETTER = "newsletter"
    WORKSHOP = "workshop"
    PIONEERS_ASKED = "pioneers_asked"
    PIONEERS_END = "pioneers_end"


@dataclass(frozen=True, slots=True)
class Planned:
    """`people`: at most so many. `notice`: the kind of what waits. `days`: since they came, of newcomers."""

    at: datetime
    kind: PlannedKind
    people: int
    campaign: Campaign | None = None
    notice: NoticeKind | None = None
    days: int = 0
    # Of a newsletter or a workshop.
    space_id: int | None = None
    of: Newsletter | Workshop | None = None


def planned_mails(session: Session, *, now: datetime, zone: str) -> list[Planned]:
    """What is planned on the whole site, soonest first. Administrators may read it. Fifteen queries.

    `zone`: mails that wait for the same day there are counted together.
    """
    of_site = Message.digest.is_not(None) | Message.invitation_id.is_not(None) | Message.notice_id.is_not(None)
    campaigns = _campaigns(session, true())
    found = [
        *_waiting(session, of_site, campaigns, now, zone),
        *_from_dates(session, campaigns, now),
        *_of_spaces(session, true(), now),
        *_of_pioneers(session, now, zone),
        *_of_themes(session, campaigns, now, zone),
    ]
    for at, days, count in coming(session, now=now, ahead=AHEAD, zone=zone):
        found.append(Planned(at, PlannedKind.NEWCOMERS, count, days=days))
    return sorted(found, key=_by_time)


def planned_in_space(
    session: Session, space: Space, campaigns: Sequence[Campaign], *, now: datetime, zone: str
) -> list[Planned]:
    """The same of these campaigns of a space, of its newsletters and workshops, and of invitations to it. Those who run
    the space may read it, its referent, and who may propose a newsletter.

    Without what only the team of a campaign may know: when its debrief publishes itself, and what concerns one person.
    """
    ids = [campaign.id for campaign in campaigns]
    here = _campaigns(session, Campaign.id.in_(ids))
    invited = Message.invitation_id.in_(select(Invitation.id).where(Invitation.space_id == space.id))
    own = or_(
        *(
            (Notice.object_kind == one.__tablename__)
            & Notice.object_id.in_(select(one.id).where(one.space_id == space.id))
            for one in (Newsletter, Workshop)
        )
    )
    told = (Notice.campaign_id.in_(ids) | own) & Notice.kind.not_in(ALWAYS)
    found = [
        *_waiting(session, told | invited, here, now, zone),
        *_of_spaces(session, Space.id == space.id, now),
        *(one for one in _from_dates(session, here, now) if one.kind is not PlannedKind.DEBRIEF),
    ]
    return sorted(found, key=_by_time)


def _by_time(one: Planned) -> tuple[datetime, str, int]:
    of = one.campaign or one.of
    return one.at, one.kind.value, of.id if of is not None else 0


def _campaigns(session: Session, which: ColumnElement[bool]) -> dict[int, Campaign]:
    """The announced campaigns that are not done, by id."""
    lives = Campaign.announced_at.is_not(None) & Campaign.deleted_at.is_(None) & Campaign.debriefed_at.is_(None)
    return {one.id: one for one in session.scalars(select(Campaign).where(lives, which))}


def _waiting(
    session: Session, which: ColumnElement[bool], known: Mapping[int, Campaign], now: datetime, zone: str
) -> Iterator[Planned]:
    """The mails that wait, by day, kind and campaign. Two queries."""
    waits = Message.sent_at.is_(None) & (Message.next_attempt_at <= now + AHEAD) & Message.account_mail.is_(None)
    is_digest, is_invitation = Message.digest.is_not(None), Message.invitation_id.is_not(None)
    grouped = (Notice.kind, Notice.campaign_id, is_digest, is_invitation, Message.next_attempt_at)
    rows = session.execute(
        select(*grouped, func.count())
        .select_from(Message)
        .outerjoin(Message.notice)
        .where(waits, which)
        .group_by(*grouped)
    )
    local = ZoneInfo(zone)
    counts: Counter[_Key] = Counter()
    first: dict[_Key, datetime] = {}
    for notice, campaign_id, digest, invitation, at, count in rows:
        if at is None:
            continue
        kind = PlannedKind.DIGEST if digest else PlannedKind.INVITATION if invitation else PlannedKind.NOTICE
        key: _Key = (at.astimezone(local).date(), kind, notice, campaign_id)
        counts[key] += count
        first[key] = min(at, first.get(key, at))
    others = {campaign_id for *_some, campaign_id in counts if campaign_id is not None} - set(known)
    titles = dict(known)
    if others:
        titles |= {one.id: one for one in session.scalars(select(Campaign).where(Campaign.id.in_(others)))}
    for key, count in counts.items():
        yield Planned(max(first[key], now), key[1], count, titles.get(key[3] or 0), key[2])


def _from_dates(session: Session, campaigns: Mapping[int, Campaign], now: datetime) -> Iterator[Planned]:
    """What follows from the dates of these campaigns. Six queries, however many there are."""
    ids = list(campaigns)
    people = _People.of(session, ids)
    for campaign in campaigns.values():
        for at, kind in _dates_of(campaign, now):
            if now < at <= now + AHEAD and (count := people.told(kind, campaign.id)):
                yield Planned(at, kind, count, campaign)
    due = DebriefSchedule.publish_at.between(now, now + AHEAD) & DebriefSchedule.refused_at.is_(None)
    for schedule in session.scalars(select(DebriefSchedule).where(DebriefSchedule.campaign_id.in_(ids), due)):
        yield Planned(schedule.publish_at, PlannedKind.DEBRIEF, schedule.told, campaigns[schedule.campaign_id])
    of_contests = Contest.campaign_id.in_(ids) & Contest.begun_at.is_not(None) & Contest.revealed_at.is_(None)
    for contest in session.scalars(select(Contest).where(of_contests)):
        at = contest.scores_due_at - SCORING_BEFORE if contest.scores_due_at is not None else now
        if now < at <= now + AHEAD and (count := people.jury[contest.campaign_id]):
            yield Planned(at, PlannedKind.SCORING, count, campaigns[contest.campaign_id])
    for vote in session.scalars(select(PublicVote).where(PublicVote.campaign_id.in_(ids))):
        for at, kind in ((vote.opens_at, PlannedKind.VOTE_OPENS), (vote.closes_at, PlannedKind.VOTE_CLOSES)):
            if now < at <= now + AHEAD and (count := people.followers[vote.campaign_id]):
                yield Planned(at, kind, count, campaigns[vote.campaign_id])


def _of_spaces(session: Session, which: ColumnElement[bool], now: datetime) -> Iterator[Planned]:
    """The newsletters that are approved and not begun, with the number that their referent read, and the workshops to
    come, with who did not decline. Two queries.
    """
    until = now + AHEAD
    approval = (Activity.object_kind == Newsletter.__tablename__) & (Activity.object_id == Newsletter.id)
    approval &= (Activity.verb == Verb.APPROVED) & (Activity.at == Newsletter.approved_at)
    due = Newsletter.approved_at.is_not(None) & Newsletter.begun_at.is_(None) & Newsletter.stopped_at.is_(None)
    soon = func.coalesce(Newsletter.send_at, Newsletter.approved_at) <= until
    free = Newsletter.paused_at.is_(None)
    letters = select(Newsletter, Activity.after).join(Space, Space.id == Newsletter.space_id).join(Activity, approval)
    for newsletter, after in session.execute(letters.where(due, free, soon, which)):
        at = max(newsletter.send_at or now, now)
        count = (after or {}).get("readers", 0)
        yield Planned(at, PlannedKind.NEWSLETTER, count, space_id=newsletter.space_id, of=newsletter)
    declined = exists().where(
        WorkshopAnswer.workshop_id == Workshop.id,
        WorkshopAnswer.person_id == Membership.person_id,
        WorkshopAnswer.comes.is_(False),
    )
    meetings = (
        select(Workshop, func.count(Membership.id))
        .join(Space, Space.id == Workshop.space_id)
        .join(Membership, (Membership.space_id == Space.id) & (Membership.state == MembershipState.MEMBER) & ~declined)
        .where(which, Space.closed_at.is_(None), Workshop.cancelled_at.is_(None))
        .where(Workshop.starts_at.between(now, until))
        .group_by(Workshop.id)
    )
    for workshop, count in session.execute(meetings):
        yield Planned(workshop.starts_at, PlannedKind.WORKSHOP, count, space_id=workshop.space_id, of=workshop)


def _of_pioneers(session: Session, now: datetime, zone: str) -> Iterator[Planned]:
    """Whose year as a pioneer ends soon: when they are asked whether they stay, and its end, by day. One query."""
    here = (Pioneer.state == PioneerState.ACCEPTED) & (Pioneer.until > now) & (Pioneer.until <= now + AHEAD + RENEWAL)
    counts: Counter[tuple[date, PlannedKind]] = Counter()
    first: dict[tuple[date, PlannedKind], datetime] = {}
    for pioneer in session.scalars(select(Pioneer).where(here)):
        end = pioneer.until or now
        for at, kind in ((end - RENEWAL, PlannedKind.PIONEERS_ASKED), (end, PlannedKind.PIONEERS_END)):
            if now < at <= now + AHEAD:
                key = at.astimezone(ZoneInfo(zone)).date(), kind
                counts[key] += 1
                first[key] = min(at, first.get(key, at))
    for key, count in counts.items():
        yield Planned(first[key], key[1], count)


def _of_themes(session: Session, campaigns: Mapping[int, Campaign], now: datetime, zone: str) -> Iterator[Planned]:
    """When those to whom a theme is assigned are reminded of its day, by day and campaign. Three queries."""
    local = ZoneInfo(zone)
    people: dict[tuple[date, int], set[int]] = {}
    for work in unanswered_themes(session, list(campaigns)):
        if work.assignee_id is not None and work.due_on is not None and work.reminded_for != work.due_on:
            people.setdefault((work.due_on - REMIND_BEFORE, work.campaign_id), set()).add(work.assignee_id)
    for (day, campaign_id), reminded in people.items():
        at = datetime.combine(day, time(), local)
        if now < at <= now + AHEAD:
            yield Planned(at, PlannedKind.THEMES_DUE, len(reminded), campaigns[campaign_id])


def _dates_of(campaign: Campaign, now: datetime) -> Iterator[tuple[datetime, PlannedKind]]:
    """When a date of a campaign is told, as the worker records it: see `ideas.campaigns.reminder`."""
    if campaign.opens_at is not None:
        yield campaign.opens_at, PlannedKind.OPENING
    if campaign.closes_at is not None:
        yield campaign.closes_at, PlannedKind.CLOSING
    begins = max(filter(None, (campaign.opens_at, campaign.announced_at)), default=now)
    for end in campaign.ends_of(PhaseAct.WRITE):
        for before, kinds in (
            (DAY_BEFORE, (PlannedKind.CLOSING_SOON, PlannedKind.DRAFTS)),
            (HOUR_BEFORE, (PlannedKind.DRAFTS,)),
        ):
            if begins <= end - 2 * before:
                yield from ((end - before, kind) for kind in kinds)
    if campaign.debrief_due_at is not None:
        yield campaign.debrief_due_at - DEBRIEF_BEFORE, PlannedKind.DEBRIEF_DUE
        yield campaign.debrief_due_at, PlannedKind.DEBRIEF_LATE


@dataclass(frozen=True, slots=True)
class _People:
    """How many people the dates of each campaign are told to, by its id."""

    followers: Mapping[int, int]
    drafts: Mapping[int, int]
    managers: Mapping[int, int]
    jury: Mapping[int, int]

    @classmethod
    def of(cls, session: Session, ids: Sequence[int]) -> "_People":
        manages = [role for role in TEAM_ROLES if Act.MANAGE in ACTS[role]]
        roles = session.execute(
            select(TeamMember.campaign_id, TeamMember.role, func.count())
            .where(TeamMember.campaign_id.in_(ids), in_force())
            .group_by(TeamMember.campaign_id, TeamMember.role)
        )
        managers, jury = Counter(ids), Counter[int]()  # each campaign has an owner
        for campaign_id, role, count in roles:
            managers[campaign_id] += count if role in manages else 0
            jury[campaign_id] += count if role is Role.JURY else 0
        waits = Idea.campaign_id.in_(ids) & Idea.submitted_at.is_(None) & Idea.author_id.is_not(None)
        authors = func.count(Idea.author_id.distinct())
        drafts = select(Idea.campaign_id, authors).where(waits).group_by(Idea.campaign_id)
        follows = select(Follow.campaign_id, func.count()).where(Follow.campaign_id.in_(ids))
        return cls(
            followers=_counted(session, follows.group_by(Follow.campaign_id)),
            drafts=_counted(session, drafts),
            managers=managers,
            jury=jury,
        )

    def told(self, kind: PlannedKind, campaign_id: int) -> int:
        if kind is PlannedKind.DRAFTS:
            return self.drafts[campaign_id]
        of_debrief = kind in {PlannedKind.DEBRIEF_DUE, PlannedKind.DEBRIEF_LATE}
        return (self.managers if of_debrief else self.followers)[campaign_id]


def _counted(session: Session, query: Select[Any, Any]) -> Counter[int]:
    """The rows of a query, each a number and how many it has."""
    return Counter({number: count for number, count in session.execute(query)})  # noqa: C416 -- dict() would take rows by their keys
