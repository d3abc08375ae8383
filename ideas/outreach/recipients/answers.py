"""Whom acts on answers, actions and the debrief concern."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.answers.action import Action
from ideas.answers.debriefs.debrief import Journey
from ideas.answers.debriefs.figures import contributor_ids
from ideas.answers.debriefs.objection import Objection
from ideas.answers.decision import Decision
from ideas.answers.earlier import merged_into
from ideas.answers.single.idea_answer import IdeaAnswer
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contest.result import ContestResult
from ideas.contributions.authors.people import people_of
from ideas.contributions.idea import Idea, is_readable
from ideas.outreach.contest import entries_concerned, voters
from ideas.outreach.recipients.campaigns import took_part
from ideas.themes.passage import counted
from ideas.themes.theme import Theme


def debrief_published(session: Session, activity: Activity) -> Iterable[int]:
    """Everyone who took part, also who only voted; not the team, which publishes it."""
    return {*contributor_ids(session, activity.object_id), *voters(session, activity.object_id)}


def who_scheduled(session: Session, activity: Activity) -> Iterable[int]:
    """The owner of a campaign whose debrief was not published at its hour, and who had scheduled that."""
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    named = (activity.after or {}).get("set_by_id")
    owner = {campaign.owner_id} if campaign is not None else set()
    return owner | ({named} if isinstance(named, int) else set())


@dataclass(frozen=True, slots=True)
class Concerned:
    """The ideas that an act on an answer or an action concerns: those that count in a theme, or one idea with what is
    merged into it. Neither where the theme is no more.
    """

    theme_id: int | None = None
    idea_id: int | None = None

    def has(self, journey: Journey) -> bool:
        """True if the idea of this journey is one of them."""
        if self.idea_id is not None:
            return self.idea_id in {journey.idea.id, journey.idea.merged_into_id}
        themes = [*([journey.theme] if journey.theme else []), *(asked.theme for asked in journey.also)]
        return self.theme_id in {theme.id for theme in themes}

    def ideas(self) -> ColumnElement[bool] | None:
        """SQL condition of these ideas."""
        if self.idea_id is not None:
            return (Idea.id == self.idea_id) | (Idea.merged_into_id == self.idea_id)
        if self.theme_id is None:
            return None
        ids = select(counted(theme_id=self.theme_id).subquery().c.idea_id)
        alone = Idea.merged_into_id.is_(None)  # a merged idea counts where the one that it is merged into does
        return (Idea.id.in_(ids) & alone) | Idea.merged_into_id.in_(ids)


def concerned_by(session: Session, object_kind: str, object_id: int) -> Concerned:
    """What an act on this decision, action or answer to one idea concerns. Of a theme that was merged away, the ideas
    of the one that has them now.
    """
    if object_kind == IdeaAnswer.__tablename__:
        return Concerned(idea_id=session.scalar(select(IdeaAnswer.idea_id).where(IdeaAnswer.id == object_id)))
    decided = select(Theme).join(Decision, Decision.theme_id == Theme.id)
    if object_kind == Action.__tablename__:
        decided = decided.join(Action, Action.decision_id == Decision.id).where(Action.id == object_id)
    else:
        decided = decided.where(Decision.id == object_id)
    theme = session.scalar(decided)
    if theme is None:
        return Concerned()
    return Concerned(theme.id if theme.retired_at is None else merged_into(session, theme))


def answer_or_action(session: Session, activity: Activity) -> Iterable[int]:
    """Those concerned by an answer that is given or changed after the debrief, to a theme or to one idea, or by an
    action that ends, changes or is reopened. Each once, however many of their ideas are.
    """
    found: set[int] = set()
    for among in later_concerned(session, activity):
        found |= set(session.scalars(took_part(among)))
    return found


def idea_moved(session: Session, activity: Activity) -> Iterable[int]:
    """The authors of the ideas that were moved, and of what is merged into them.

    If their themes and answers were public by then.
    """
    authors: set[int] = set()
    for moved in later_concerned(session, activity):
        authors |= set(session.scalars(people_of(moved & is_readable())))
    return authors


def later_concerned(session: Session, activity: Activity) -> list[ColumnElement[bool]]:
    """SQL conditions of the ideas that an act after the debrief concerns: a move, an answer, an action, or what the
    team answers to who said by link that an idea is misplaced. None where the debrief was not public by then: what
    happened until then is in it. And of those that the announcement or correction of the winners concerns.
    """
    if activity.object_kind == ContestResult.__tablename__:
        return [entries_concerned(activity)]
    if not _debrief_is_public(session, activity):
        return []
    if activity.object_kind == Objection.__tablename__:
        by_link = (Objection.id == activity.object_id) & Objection.email.is_not(None)
        answered = select(Objection.idea_id).where(by_link) if activity.verb is Verb.DECLINED else None
        return [Idea.id.in_(answered)] if answered is not None else []
    if activity.verb is Verb.MOVED:
        return [Idea.id.in_(ids) | Idea.merged_into_id.in_(ids) for ids in chunks(moved_ideas(activity))]
    among = concerned_by(session, activity.object_kind, activity.object_id).ideas()
    return [among] if among is not None else []


def who_objected(session: Session, activity: Activity) -> Iterable[int]:
    """Who said that their idea is misplaced, if they have an account."""
    said = (Objection.id == activity.object_id) & Objection.person_id.is_not(None)
    return session.scalars(select(Objection.person_id).where(said))


def _debrief_is_public(session: Session, activity: Activity) -> bool:
    """True if the campaign's debrief was published before this act: what happened until then is in the debrief."""
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    return campaign is not None and campaign.debriefed_at is not None and campaign.debriefed_at < activity.at


def moved_ideas(activity: Activity) -> Sequence[int]:
    """The ids of the ideas that were moved together."""
    ids = (activity.after or {}).get("ideas", ())
    return [idea_id for idea_id in ids if isinstance(idea_id, int)]
