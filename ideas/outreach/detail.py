"""What a notice is about, in plain values: enough for its sentence and its link, on the page and in a mail.

What is gone meanwhile is left empty: the sentence then names less. So is what a campaign says that its reader no longer
sees, such as that of a space they left.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.answers.action import Action
from ideas.answers.decision import Decision
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to, visible_campaign
from ideas.contributions.authors.writer import wrote
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.withheld import Review
from ideas.outreach.contest import ContestDetail, contest_details
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.recipients.answers import moved_ideas
from ideas.outreach.recipients.campaigns import assigned_themes
from ideas.outreach.recipients.contributions import merged_ideas
from ideas.outreach.recipients.members import space_of
from ideas.outreach.recipients.rules import rule_for
from ideas.outreach.talk import CommentDetail, comment_details
from ideas.people.person import names_of
from ideas.spaces.space import Space
from ideas.spaces.workshops.workshop import workshops_by_id
from ideas.themes.theme import Theme
from ideas.work.job import Job

# About the reader's own text, role or account: said whole, also to whoever no longer sees the campaign.
_OWN = frozenset(
    {NoticeKind.ROLE_CHANGED, NoticeKind.SANCTION_CHANGED, NoticeKind.TEXT_MODERATED, NoticeKind.REPORT_ANSWERED}
)


@dataclass(frozen=True, slots=True)
class WorkshopDetail:
    """What a notice says of a workshop."""

    id: int
    title: str
    starts_at: datetime
    place: str
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class NoticeDetail:
    """`reader_id`: whom the notice is for. `ideas`: those of theirs that the act moved; `idea`: the words of an
    only one; of a merge, those of the merged idea and, as `other`, of the kept one. `who`: who did what is about
    co-authors. `theme_id`: None where its page is
    no more. `waiting`: how many texts and people wait for a moderator now. `comment`: the one that it is about.
    `workshop`: as it is now, where the reader is in its space.
    """

    id: int
    kind: NoticeKind
    verb: Verb
    at: datetime
    is_read: bool
    reader_id: int = 0
    campaign_id: int | None = None
    campaign: str = ""
    owner: str = ""
    theme_id: int | None = None
    theme: str = ""
    action: str = ""
    job: str = ""
    object_id: int = 0
    space_id: int | None = None
    space: str = ""
    reason: str = ""
    ideas: Sequence[int] = ()
    idea: str = ""
    other: str = ""
    who: str = ""
    waiting: int = 0
    comment: CommentDetail | None = None
    contest: ContestDetail | None = None
    workshop: WorkshopDetail | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def details(session: Session, notices: Sequence[Notice], *, seen: Collection[int] | None = None) -> list[NoticeDetail]:
    """The details of one person's notices, in their order: a number of queries that depends on their kinds alone.

    The caller has loaded the notices with their activities and campaigns. `seen`: the campaigns that the person sees,
    where that was read already.
    """
    language = notices[0].person.locale[:2] if notices else ""
    decisions = _themes_by(session, Decision.id, _ids(notices, "decision"))
    actions = _themes_by(session, Action.id, _ids(notices, "action"))
    titles = _names(session, Action.id, Action.title, _ids(notices, "action"))
    jobs = _names(session, Job.id, Job.kind, _ids(notices, "job"))
    spaces = _names(session, Space.id, Space.name, {space_id for notice in notices if (space_id := _space(notice))})
    targets = {target for notice in notices if (target := _target(notice)) is not None}
    moved_to = _themes(session, targets)
    own = _own_ideas(session, notices)
    if seen is None:
        seen = _seen(session, notices)
    merged = _merged_texts(session, [notice for notice in notices if notice.campaign_id in seen])
    waiting = _waiting(session, notices)
    actors = _actors(session, notices)
    comments = comment_details(session, notices)
    workshops = _workshops(session, notices)
    contests = contest_details(session, [notice for notice in notices if notice.campaign_id in seen])
    found = []
    for notice in notices:
        shows = notice.campaign_id is None or notice.campaign_id in seen or notice.kind in _OWN
        if notice.kind is NoticeKind.WORKSHOP:
            shows = notice.object_id in workshops
        themes = decisions if notice.object_kind == "decision" else actions if notice.object_kind == "action" else {}
        theme = (themes.get(notice.object_id) or moved_to.get(_target(notice) or 0)) if shows else None
        activity, campaign = notice.activity, notice.campaign
        found.append(
            NoticeDetail(
                id=notice.id,
                kind=notice.kind,
                verb=activity.verb,
                at=notice.created_at,
                is_read=notice.read_at is not None,
                reader_id=notice.person_id,
                campaign_id=notice.campaign_id,
                campaign=campaign.title if campaign and shows else "",
                owner=campaign.owner.name if campaign and shows else "",
                theme_id=theme.id if theme and theme.retired_at is None else None,
                theme=theme.name_in(language) if theme else "",
                action=titles.get(notice.object_id, "") if notice.object_kind == "action" and shows else "",
                job=jobs.get(notice.object_id, "") if notice.object_kind == "job" else "",
                object_id=notice.object_id,
                space_id=_space(notice),
                space=spaces.get(_space(notice) or 0, ""),
                reason=_reason(activity, contests.get(notice.id)) if shows else "",
                ideas=(ideas := [idea_id for idea_id in moved_ideas(activity) if idea_id in own] if own else []),
                idea=own[ideas[0]] if len(ideas) == 1 else merged.get(_number(activity, "idea_id"), ""),
                other=merged.get(_number(activity, "into_id"), ""),
                who=_who(notice, actors),
                waiting=waiting.get(notice.campaign_id or 0, 0),
                comment=comments.get(notice.id),
                contest=contests.get(notice.id),
                workshop=workshops.get(notice.object_id) if notice.kind is NoticeKind.WORKSHOP else None,
                before=activity.before or {},
                after=activity.after or {},
            )
        )
    return found


def detail_for_imported(session: Session, activity: Activity, ideas: Sequence[Idea], *, language: str) -> NoticeDetail:
    """What a mail to the author of these imported ideas, who has no account, says of a later act on them."""
    rule, campaign = rule_for(activity), ideas[0].campaign
    key = Action.id if activity.object_kind == "action" else Decision.id
    themes = _themes_by(session, key, {activity.object_id} if activity.object_kind in {"action", "decision"} else ())
    moved_to = _number(activity, "theme_id") if activity.verb is Verb.MOVED else 0
    theme = themes.get(activity.object_id) or _themes(session, {moved_to}).get(moved_to)
    texts = {idea.id: idea.title or idea.body for idea in ideas}
    moved = [idea_id for idea_id in moved_ideas(activity) if idea_id in texts]
    about = moved[0] if len(moved) == 1 else _number(activity, "idea_id")
    titles = _names(session, Action.id, Action.title, {activity.object_id} if activity.object_kind == "action" else ())
    return NoticeDetail(
        id=0,
        kind=rule.kind if rule is not None else NoticeKind.ANSWER_CHANGED,
        verb=activity.verb,
        at=activity.at,
        is_read=True,
        campaign_id=campaign.id,
        campaign=campaign.title,
        owner=campaign.owner.name,
        theme_id=theme.id if theme and theme.retired_at is None else None,
        theme=theme.name_in(language) if theme else "",
        action=titles.get(activity.object_id, ""),
        reason=activity.reason,
        ideas=moved,
        idea=texts.get(about, ""),
        before=activity.before or {},
        after=activity.after or {},
    )


def _seen(session: Session, notices: Sequence[Notice]) -> set[int]:
    """The ids of the campaigns of these notices that their reader sees by now."""
    ids = {notice.campaign_id for notice in notices if notice.campaign_id is not None}
    if not ids:
        return set()
    if len(ids) == 1:  # a mail: the query of one campaign is built once
        return {one for one in ids if visible_campaign(session, one, notices[0].person) is not None}
    return set(session.scalars(select(Campaign.id).where(Campaign.id.in_(ids), campaign_visible_to(notices[0].person))))


def _number(activity: Activity, name: str) -> int:
    """The number that an act has under this name; 0 without one."""
    value = (activity.after or {}).get(name)
    return value if isinstance(value, int) else 0


def _merged_texts(session: Session, notices: Sequence[Notice]) -> dict[int, str]:
    """The title or the text of each idea that a merge, a co-author or an answer is about, by id, where everyone may
    read it.
    """
    about = {NoticeKind.IDEA_MERGED, NoticeKind.CO_AUTHORED, NoticeKind.ANSWER_CHANGED}
    of_merges = [notice for notice in notices if notice.kind in about]
    ids = {idea_id for notice in of_merges for idea_id in merged_ideas(notice.activity)}
    if not ids:
        return {}
    found = select(Idea.id, Idea.title, Idea.body).where(Idea.id.in_(ids), is_readable())
    return {idea_id: title or body for idea_id, title, body in session.execute(found)}


def _actors(session: Session, notices: Sequence[Notice]) -> dict[int, str]:
    """The names by id of who invited a co-author or a pioneer, or answered, and of those whose themes are late."""
    told = {NoticeKind.CO_AUTHORED, NoticeKind.PIONEER}
    ids = {notice.activity.actor_id for notice in notices if notice.kind in told}
    ids |= {_other_of_two(notice) for notice in notices if notice.kind is NoticeKind.BUDDY}
    ids |= {_number(notice.activity, "assignee_id") for notice in notices if notice.activity.verb is Verb.REMINDED}
    return names_of(session, {actor_id for actor_id in ids if actor_id is not None}) if ids else {}


def _reason(activity: Activity, contest: ContestDetail | None) -> str:
    """The reason of the act; of the winners of a contest, why the reader's idea is one, or is not."""
    return contest.reason if contest is not None else activity.reason


def _other_of_two(notice: Notice) -> int:
    """Of a newcomer and who welcomes them, the id of the one who does not read the notice."""
    is_newcomer = notice.person_id == notice.activity.object_id
    return _number(notice.activity, "buddy_id") if is_newcomer else notice.activity.object_id


def _who(notice: Notice, actors: Mapping[int, str]) -> str:
    """The name of who acted, of the other of two, or of whose theme is late.

    Whoever was invited by their address and declines is not named: they agreed to nothing.
    """
    activity = notice.activity
    if notice.kind is NoticeKind.BUDDY:
        return actors.get(_other_of_two(notice), "")
    if activity.verb is Verb.REMINDED:
        return actors.get(_number(activity, "assignee_id"), "")
    is_hidden = activity.verb is Verb.DECLINED and (activity.after or {}).get("by_address")
    return "" if is_hidden else actors.get(activity.actor_id or 0, "")


def _waiting(session: Session, notices: Sequence[Notice]) -> dict[int, int]:
    """How many objects wait for a moderator now, by campaign, where a notice says that some do."""
    ids = {notice.campaign_id for notice in notices if notice.kind is NoticeKind.MODERATION_WAITING}
    if not ids:
        return {}
    found = select(Review.campaign_id, func.count()).where(Review.campaign_id.in_(ids), Review.is_open)
    return dict(session.execute(found.group_by(Review.campaign_id)).all())


def _ids(notices: Sequence[Notice], object_kind: str) -> set[int]:
    return {notice.object_id for notice in notices if notice.object_kind == object_kind}


def _space(notice: Notice) -> int | None:
    return space_of(notice.activity) if notice.object_kind in {"membership", "workshop", "newsletter"} else None


def _workshops(session: Session, notices: Sequence[Notice]) -> dict[int, WorkshopDetail]:
    """The workshops that notices are about, by id, of the spaces that their reader is in by now."""
    ids = _ids(notices, "workshop")
    found = workshops_by_id(session, ids, notices[0].person_id) if ids else {}
    return {
        one.id: WorkshopDetail(one.id, one.title, one.starts_at, one.place, one.cancelled_at is not None)
        for one in found.values()
    }


def _target(notice: Notice) -> int | None:
    """The theme that ideas were moved to, or the first that was assigned, by its id. None where there is none."""
    theme_id = (notice.activity.after or {}).get("theme_id") if notice.kind is NoticeKind.IDEA_MOVED else None
    if notice.kind is NoticeKind.THEME_ASSIGNED:
        theme_id = next(iter(assigned_themes(notice.activity)), None)
    return theme_id if isinstance(theme_id, int) else None


def _themes(session: Session, ids: Collection[int]) -> dict[int, Theme]:
    if not ids:
        return {}
    return {theme.id: theme for theme in session.scalars(select(Theme).where(Theme.id.in_(ids)))}


def _themes_by(session: Session, key: Any, ids: Collection[int]) -> dict[int, Theme]:
    """The theme that each of these decisions or actions is about."""
    if not ids:
        return {}
    query = select(key, Theme).join(Decision, Decision.theme_id == Theme.id)
    if key.class_ is Action:
        query = query.join(Action, Action.decision_id == Decision.id)
    return {object_id: theme for object_id, theme in session.execute(query.where(key.in_(ids)))}  # noqa: C416 -- dict() would take rows by their keys


def _names(session: Session, key: Any, name: Any, ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    return {object_id: str(found) for object_id, found in session.execute(select(key, name).where(key.in_(ids)))}


def _own_ideas(session: Session, notices: Sequence[Notice]) -> dict[int, str]:
    """The reader's own ideas in the campaigns where ideas were moved: the title or the text of each, by id."""
    moved = [notice for notice in notices if notice.kind is NoticeKind.IDEA_MOVED]
    if not moved:
        return {}
    own = select(Idea.id, Idea.title, Idea.body).where(
        wrote(Idea, moved[0].person_id),
        Idea.campaign_id.in_({notice.campaign_id for notice in moved}),
    )
    return {idea_id: title or body for idea_id, title, body in session.execute(own)}
