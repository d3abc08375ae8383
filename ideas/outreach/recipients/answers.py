"""Whom acts on answers, actions and the debrief concern."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.answers.action import Action
from ideas.answers.debriefs.figures import contributor_ids
from ideas.answers.debriefs.objection import Objection
from ideas.answers.decision import Decision
from ideas.answers.earlier import merged_into
from ideas.answers.single.idea_answer import IdeaAnswer
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.people import people_of
from ideas.contributions.idea import Idea, is_readable
from ideas.outreach.contest import voters
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


def answer_changed(session: Session, activity: Activity) -> Iterable[int]:
    """Those concerned by the theme of a decision that is given or changed after the debrief."""
    if not _debrief_is_public(session, activity):
        return ()
    theme = session.scalar(select(Decision.theme_id).where(Decision.id == activity.object_id))
    return _concerned_by(session, theme)


def idea_answered(session: Session, activity: Activity) -> Iterable[int]:
    """Those concerned by an idea whose own answer is published or changed after the debrief, which has it otherwise."""
    if not _debrief_is_public(session, activity):
        return ()
    idea_id = session.scalar(select(IdeaAnswer.idea_id).where(IdeaAnswer.id == activity.object_id))
    return session.scalars(took_part((Idea.id == idea_id) | (Idea.merged_into_id == idea_id)))


def action_told(session: Session, activity: Activity) -> Iterable[int]:
    """Those concerned by the theme of an action that ends, changes or is reopened, if it was public by then."""
    if not _debrief_is_public(session, activity):
        return ()
    theme = session.scalar(
        select(Decision.theme_id).join(Action, Action.decision_id == Decision.id).where(Action.id == activity.object_id)
    )
    return _concerned_by(session, theme)


def idea_moved(session: Session, activity: Activity) -> Iterable[int]:
    """The authors of the ideas that were moved, and of what is merged into them.

    If their themes and answers were public by then.
    """
    if not _debrief_is_public(session, activity):
        return ()
    authors: set[int] = set()
    for ids in chunks(moved_ideas(activity)):
        moved = Idea.id.in_(ids) | Idea.merged_into_id.in_(ids)
        authors |= set(session.scalars(people_of(moved & is_readable())))
    return authors


def who_objected(session: Session, activity: Activity) -> Iterable[int]:
    """Who said that their idea is misplaced."""
    return session.scalars(select(Objection.person_id).where(Objection.id == activity.object_id))


def _concerned_by(session: Session, theme_id: int | None) -> Iterable[int]:
    """Who took part for the ideas that count in this theme, each once, however many of theirs do.

    Where it was merged away, for those of the theme that has them now.
    """
    theme = session.get(Theme, theme_id) if theme_id is not None else None
    if theme is None:
        return ()
    holder_id = theme.id if theme.retired_at is None else merged_into(session, theme)
    pairs = counted(theme_id=holder_id).subquery()
    ids = select(pairs.c.idea_id)
    alone = Idea.merged_into_id.is_(None)  # a merged idea counts where the one that it is merged into does
    return session.scalars(took_part((Idea.id.in_(ids) & alone) | Idea.merged_into_id.in_(ids)))


def _debrief_is_public(session: Session, activity: Activity) -> bool:
    """True if the campaign's debrief was published before this act: what happened until then is in the debrief."""
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    return campaign is not None and campaign.debriefed_at is not None and campaign.debriefed_at < activity.at


def moved_ideas(activity: Activity) -> Sequence[int]:
    """The ids of the ideas that were moved together."""
    ids = (activity.after or {}).get("ideas", ())
    return [idea_id for idea_id in ids if isinstance(idea_id, int)]
