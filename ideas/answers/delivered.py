"""Promised versus delivered: what an organisation promised in public, by when, and what came of it.

Everything is computed, from the versions that stay readable and from actions, which are never deleted: nothing that was
promised once can leave it. Only what is public is counted.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from ideas.activity.version import Version
from ideas.answers.action import Action
from ideas.answers.actions.milestone import Milestone
from ideas.answers.actions.versions import UpdateKind, updates_of
from ideas.answers.decision import Decision, DecisionStatus
from ideas.answers.earlier import holders_of
from ideas.base import chunks
from ideas.campaigns.campaign import DEBRIEF_LEEWAY, Campaign
from ideas.campaigns.people.lead import hand_overs, lead_at, leads_of
from ideas.text import shorten
from ideas.themes.theme import Theme

# Of the words of evidence in a list of events, and in a feed.
MAX_ABOUT_LENGTH = 200


class PromiseKind(StrEnum):
    """What was promised: the debrief, the answer to a theme that had none when it came out, or an action."""

    DEBRIEF = "debrief"
    ANSWER = "answer"
    ACTION = "action"


class Outcome(StrEnum):
    """`ON_TIME`: done by the first day promised, also where a sooner one was announced; `EXTENDED`: by a later one
    that was announced before the earlier had passed; `LATE`: done after the day; `ABANDONED`; `OVERDUE`: the day has
    passed; `WAITING`: it is still to come.
    """

    ON_TIME = "on_time"
    EXTENDED = "extended"
    LATE = "late"
    ABANDONED = "abandoned"
    OVERDUE = "overdue"
    WAITING = "waiting"


KEPT = frozenset({Outcome.ON_TIME, Outcome.EXTENDED})


class EventKind(StrEnum):
    PROMISED = "promised"
    EXTENDED = "extended"
    CHANGED = "changed"
    DONE = "done"
    REOPENED = "reopened"
    ABANDONED = "abandoned"
    EVIDENCE = "evidence"
    EVIDENCE_REMOVED = "evidence_removed"
    MILESTONE = "milestone"  # a new one
    MILESTONE_CHANGED = "milestone_changed"
    MILESTONE_REACHED = "milestone_reached"
    MILESTONE_ABANDONED = "milestone_abandoned"


_OF_ACTIONS = {
    UpdateKind.PROMISED: EventKind.PROMISED,
    UpdateKind.PUT_OFF: EventKind.EXTENDED,
    UpdateKind.BROUGHT_FORWARD: EventKind.PROMISED,
    UpdateKind.CHANGED: EventKind.CHANGED,
    UpdateKind.DONE: EventKind.DONE,
    UpdateKind.REOPENED: EventKind.REOPENED,
    UpdateKind.ABANDONED: EventKind.ABANDONED,
}
_OF_MILESTONES = {
    UpdateKind.PROMISED: EventKind.MILESTONE,
    UpdateKind.PUT_OFF: EventKind.MILESTONE_CHANGED,
    UpdateKind.BROUGHT_FORWARD: EventKind.MILESTONE_CHANGED,
    UpdateKind.CHANGED: EventKind.MILESTONE_CHANGED,
    UpdateKind.DONE: EventKind.MILESTONE_REACHED,
    UpdateKind.REOPENED: EventKind.MILESTONE_CHANGED,
    UpdateKind.ABANDONED: EventKind.MILESTONE_ABANDONED,
}


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a promise. `due`: the day from then on; `reason`: of an extension, a change, a reopening, or of
    giving up; `was_title`: what was promised until then, where other words say it since. `about`: the milestone, or the
    words of the evidence unless it was taken off; `about_id`: the number of either. `was_done_on`: see `ActionUpdate`.
    """

    at: datetime
    kind: EventKind
    due: date
    reason: str = ""
    was_title: str = ""
    about: str = ""
    about_id: int = 0
    was_done_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """`title`: of the action, or the name of the theme. `first_due`, `due`: the day that was promised first, and the
    one that holds. `ended_at`: when it was done or abandoned. `events`: oldest first. `lead_id`: who led the campaign
    when it was promised: a hand-over makes nobody else answer for it.
    """

    kind: PromiseKind
    campaign: Campaign
    object_id: int
    title: str
    theme_id: int | None
    first_due: date
    due: date
    outcome: Outcome
    ended_at: datetime | None = None
    reason: str = ""
    events: Sequence[Event] = ()
    lead_id: int = 0

    @property
    def extensions(self) -> int:
        return sum(event.kind is EventKind.EXTENDED for event in self.events)

    @property
    def promised_at(self) -> datetime:
        """When it was promised first."""
        return next(event.at for event in self.events if event.kind is EventKind.PROMISED)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many promises came to each outcome, by their kind, and how often a day was put off."""

    outcomes: Mapping[PromiseKind, Mapping[Outcome, int]] = field(default_factory=dict)
    extensions: int = 0

    def count(self, *outcomes: Outcome, kind: PromiseKind | None = None) -> int:
        """How many came to one of these outcomes, of one kind or of all."""
        found = [self.outcomes.get(kind, {})] if kind is not None else self.outcomes.values()
        return sum(counts.get(outcome, 0) for counts in found for outcome in outcomes)

    def total(self, kind: PromiseKind | None = None) -> int:
        return self.count(*Outcome, kind=kind)

    @property
    def kept(self) -> int:
        return self.count(*KEPT)

    @property
    def due(self) -> int:
        """How many are settled, or have their day behind them: those of which one can say whether they were kept."""
        return self.total() - self.count(Outcome.WAITING)


def tally(promises: Iterable[Promise]) -> Tally:
    """These promises, counted."""
    outcomes: dict[PromiseKind, Counter[Outcome]] = {kind: Counter() for kind in PromiseKind}
    extensions = 0
    for promise in promises:
        outcomes[promise.kind][promise.outcome] += 1
        extensions += promise.extensions
    return Tally(outcomes, extensions)


def promises_of(
    session: Session,
    campaigns: Sequence[Campaign],
    *,
    now: datetime,
    theme_ids: Collection[int] | None = None,
    with_steps: bool = True,
) -> list[Promise]:
    """What these campaigns promised, in their order: of each the debrief, then answers, then actions, by their days.

    `theme_ids`: only the answers and actions of these themes, which are not merged away. `with_steps`: false where
    promises are only counted: milestones and evidence are then neither loaded nor among the events.
    Whoever may see a campaign may read its promises: themes and actions are there once its debrief is public. Of other
    campaigns nothing is shown but how many there are, see `tally`.
    A number of queries that depends on how many hundreds of campaigns and answers there are.
    """
    announced = [campaign for campaign in campaigns if campaign.announced_at is not None]
    debriefed = {campaign.id: campaign for campaign in announced if campaign.debriefed_at is not None}
    of_themes = Theme.id.in_(theme_ids) if theme_ids is not None else true()
    dated = [campaign.id for campaign in announced] if theme_ids is None else []
    versions = _versions(session, Campaign.__tablename__, dated)
    answers = _by_campaign(_answers(session, debriefed, of_themes, now=now))
    actions = _by_campaign(_actions(session, debriefed, of_themes, now=now, with_steps=with_steps))
    leads = hand_overs(session, [campaign.id for campaign in announced])
    found: list[Promise] = []
    for campaign in announced:
        debrief = _debrief(campaign, versions.get(campaign.id, ()), now=now) if theme_ids is None else None
        found += [debrief] if debrief is not None else []
        found += answers.get(campaign.id, ())
        found += actions.get(campaign.id, ())
    return [
        replace(one, lead_id=lead_at(one.campaign, leads.get(one.campaign.id, ()), one.promised_at)) for one in found
    ]


def led_by(session: Session, campaigns: Sequence[Campaign], person_id: int) -> list[Campaign]:
    """Those of these campaigns that the person leads, or led for a time: no other one has promises of theirs."""
    known = hand_overs(session, [campaign.id for campaign in campaigns])
    return [one for one in campaigns if person_id in leads_of(one, known.get(one.id, ()))]


def kept_out(session: Session, shown: Collection[Campaign]) -> Sequence[Campaign]:
    """The announced campaigns that are not among those `shown`: what they promised counts, and is not named.

    So nobody's record changes with whom a campaign is open to later.
    """
    known = {campaign.id for campaign in shown}
    announced = Campaign.announced_at.is_not(None) & Campaign.deleted_at.is_(None)
    everything = select(Campaign).where(announced).options(joinedload(Campaign.owner)).order_by(Campaign.id)
    return [campaign for campaign in session.scalars(everything) if campaign.id not in known]


def events_of(promises: Iterable[Promise], *, most: int) -> list[tuple[Promise, Event]]:
    """What happened to these promises, latest first."""
    found = [(promise, event) for promise in promises for event in promise.events]
    # Of one instant, what came of a promise is later than the promise.
    return sorted(found, key=lambda one: (one[1].at, one[0].object_id))[::-1][:most]


def _by_campaign(promises: Iterable[Promise]) -> dict[int, list[Promise]]:
    found: dict[int, list[Promise]] = {}
    for promise in sorted(promises, key=lambda one: (one.first_due, one.object_id)):
        found.setdefault(promise.campaign.id, []).append(promise)
    return found


def _debrief(campaign: Campaign, versions: Sequence[Version], *, now: datetime) -> Promise | None:
    """The promise of a debrief, as the campaign's versions have it. One of before versions has its day of today."""
    kept = [(version.at, version.content.get("debrief_due_at"), version.reason) for version in versions]
    dated = [(at, datetime.fromisoformat(due), reason) for at, due, reason in kept if due]
    if not dated and campaign.debrief_due_at is not None and campaign.announced_at is not None:
        dated = [(campaign.announced_at, campaign.debrief_due_at, "")]
    if not dated:
        return None
    steps = _steps(dated)
    zone = _zone(campaign)
    ended = campaign.debriefed_at
    outcome = _outcome([(at, due + DEBRIEF_LEEWAY) for at, due, _reason in steps], ended, now)
    return Promise(
        kind=PromiseKind.DEBRIEF,
        campaign=campaign,
        object_id=campaign.id,
        title="",
        theme_id=None,
        first_due=steps[0][1].astimezone(zone).date(),
        due=steps[-1][1].astimezone(zone).date(),
        outcome=outcome,
        ended_at=ended,
        reason=steps[-1][2] if len(steps) > 1 else "",
        events=_events([(at, due.astimezone(zone).date(), why) for at, due, why in steps], done=ended),
    )


def _answers(
    session: Session, campaigns: Mapping[int, Campaign], of_themes: ColumnElement[bool], *, now: datetime
) -> list[Promise]:
    """The answers that the debriefs only promised. Where a theme was merged away, that of the theme that has its ideas
    counts.
    """
    published = (
        select(Decision)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(Decision.published_at.is_not(None), of_themes)
        .options(joinedload(Decision.theme))
    )
    decisions: dict[int, Decision] = {}
    for some in chunks(sorted(campaigns)):
        found = session.scalars(published.where(Theme.campaign_id.in_(some)))
        decisions.update((decision.id, decision) for decision in found)
    versions = _versions(session, Decision.__tablename__, sorted(decisions))
    answered: dict[int, datetime] = {}
    for number, kept in versions.items():
        first = next((version.at for version in kept if not _is_promise(version)), None)
        if first is not None:
            answered[decisions[number].theme_id] = first
    holders = holders_of(session, {decision.theme for decision in decisions.values()})
    promises = []
    for number, kept in versions.items():
        decision, promised = decisions[number], [version for version in kept if _is_promise(version)]
        if not promised or not _is_promise(kept[0]):
            continue
        campaign, theme = campaigns[decision.theme.campaign_id], decision.theme
        ended = answered.get(theme.id)
        if ended is None and theme.retired_at is not None:
            heir = answered.get(holders[theme.id])
            ended = max(heir, theme.retired_at) if heir is not None else None
        zone = _zone(campaign)
        steps = _steps(
            [(version.at, date.fromisoformat(version.content["expected_on"]), version.reason) for version in promised]
        )
        deadlines = [(at, _end_of(due, zone)) for at, due, _reason in steps]
        promises.append(
            Promise(
                kind=PromiseKind.ANSWER,
                campaign=campaign,
                object_id=number,
                title=theme.name,
                theme_id=theme.id if theme.retired_at is None else None,
                first_due=steps[0][1],
                due=steps[-1][1],
                outcome=_outcome(deadlines, ended, now),
                ended_at=ended,
                reason=steps[-1][2] if len(steps) > 1 else "",
                events=_events(steps, done=ended),
            )
        )
    return promises


def _actions(
    session: Session,
    campaigns: Mapping[int, Campaign],
    of_themes: ColumnElement[bool],
    *,
    now: datetime,
    with_steps: bool,
) -> list[Promise]:
    steps = (selectinload(Action.milestones).selectinload(Milestone.versions), selectinload(Action.evidence))
    published = (
        select(Action)
        .join(Decision, Decision.id == Action.decision_id)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(Action.published_at.is_not(None), of_themes)
        .options(joinedload(Action.decision).joinedload(Decision.theme), *(steps if with_steps else ()))
    )
    found: dict[int, Action] = {}
    for some in chunks(sorted(campaigns)):
        found.update((action.id, action) for action in session.scalars(published.where(Theme.campaign_id.in_(some))))
    versions = _versions(session, Action.__tablename__, sorted(found))
    return [
        _action(
            action,
            versions.get(number, ()),
            campaigns[action.decision.theme.campaign_id],
            now=now,
            on_the_way=list(_on_the_way(action)) if with_steps else [],
        )
        for number, action in found.items()
    ]


def _action(
    action: Action, versions: Sequence[Version], campaign: Campaign, *, now: datetime, on_the_way: Sequence[Event]
) -> Promise:
    theme, zone = action.decision.theme, _zone(campaign)
    events = [
        Event(one.at, _OF_ACTIONS[one.kind], one.due_on, one.reason, one.was_title) for one in updates_of(versions)
    ]
    if not events:  # an earlier version of the product published it, and kept nothing
        since = action.published_at or action.created_at
        done = max(action.done_at, since) if action.done_at is not None else None
        steps = [(since, action.due_on, "")]
        events = _events(steps, done=done, abandoned=action.abandoned_at, why=action.abandoned_reason)
    steps = _steps([(event.at, event.due, event.reason) for event in events])
    deadlines = [(at, _end_of(due, zone)) for at, due, _reason in steps]
    outcome = _outcome(deadlines, action.done_at, now)
    return Promise(
        kind=PromiseKind.ACTION,
        campaign=campaign,
        object_id=action.id,
        title=action.title,
        theme_id=theme.id if theme.retired_at is None else None,
        first_due=steps[0][1],
        due=action.due_on,
        outcome=Outcome.ABANDONED if action.abandoned_at is not None else outcome,
        ended_at=action.done_at or action.abandoned_at,
        reason=action.abandoned_reason or (steps[-1][2] if len(steps) > 1 else ""),
        events=sorted([*events, *on_the_way], key=lambda event: event.at),
    )


def _on_the_way(action: Action) -> Iterator[Event]:
    """What its milestones and its evidence say. Those that were published with the action are promised with it."""
    for milestone in action.milestones:
        for one in milestone.updates:
            if one.kind is not UpdateKind.PROMISED or one.at != action.published_at:
                kind = _OF_MILESTONES[one.kind]
                yield Event(
                    one.at, kind, one.due_on, one.reason, one.was_title, one.title, milestone.id, one.was_done_on
                )
    for evidence in action.evidence:
        about = shorten(evidence.body, MAX_ABOUT_LENGTH) if evidence.removed_at is None else ""
        yield Event(evidence.created_at, EventKind.EVIDENCE, action.due_on, about=about, about_id=evidence.id)
        if evidence.removed_at is not None:
            off = EventKind.EVIDENCE_REMOVED
            yield Event(evidence.removed_at, off, action.due_on, evidence.removed_reason, about_id=evidence.id)


def _steps(dated: Sequence[tuple[datetime, Any, str]]) -> list[tuple[datetime, Any, str]]:
    """The days that were promised one after the other, each with when it was announced and why; those that changed."""
    return [dated[0], *(later for earlier, later in pairwise(dated) if later[1] != earlier[1])]


def _outcome(deadlines: Sequence[tuple[datetime, datetime]], ended: datetime | None, now: datetime) -> Outcome:
    """What came of a promise with these deadlines, each from when it was announced, oldest first."""
    if ended is not None and ended <= deadlines[0][1]:
        return Outcome.ON_TIME
    missed = any(later[0] > earlier[1] for earlier, later in pairwise(deadlines)) or (ended or now) > deadlines[-1][1]
    if ended is None:
        return Outcome.OVERDUE if missed else Outcome.WAITING
    return Outcome.LATE if missed else Outcome.EXTENDED


def _events(
    steps: Sequence[tuple[datetime, date, str]],
    *,
    done: datetime | None,
    abandoned: datetime | None = None,
    why: str = "",
) -> list[Event]:
    events = [Event(steps[0][0], EventKind.PROMISED, steps[0][1])]
    for (_at, earlier, _why), (at, due, reason) in pairwise(steps):
        events.append(Event(at, EventKind.EXTENDED if due > earlier else EventKind.PROMISED, due, reason))
    due = steps[-1][1]
    if done is not None:
        events.append(Event(done, EventKind.DONE, due))
    if abandoned is not None:
        events.append(Event(abandoned, EventKind.ABANDONED, due, why))
    return events


def _versions(session: Session, kind: str, ids: Sequence[int]) -> dict[int, list[Version]]:
    """The published versions of these rows, oldest first."""
    found: dict[int, list[Version]] = {}
    for some in chunks(ids):
        kept = select(Version).where(Version.object_kind == kind, Version.object_id.in_(some)).order_by(Version.number)
        for version in session.scalars(kept):
            found.setdefault(version.object_id, []).append(version)
    return found


def _is_promise(version: Version) -> bool:
    return version.content.get("status") == DecisionStatus.PENDING


def _zone(campaign: Campaign) -> ZoneInfo:
    """A day ends where the lead of the campaign is."""
    return ZoneInfo(campaign.owner.timezone)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.max, tzinfo=zone)
