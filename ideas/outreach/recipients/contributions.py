"""Whom acts on an idea concern: its authors, and those who ask them something."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.contributions.authors.co_author import CoAuthor
from ideas.contributions.authors.people import people_of
from ideas.contributions.idea import Idea
from ideas.contributions.talk.clarification import Clarification
from ideas.outreach.talk import managers_of


def idea_authors(session: Session, activity: Activity) -> Iterable[int]:
    """The authors of the idea."""
    return session.scalars(people_of(Idea.id == activity.object_id))


def authors_of_merge(session: Session, activity: Activity) -> Iterable[int]:
    """The authors of both ideas; once they are merged or separated, also of what is merged into either."""
    ids = merged_ideas(activity)
    of_both: ColumnElement[bool] = Idea.id.in_(ids)
    if activity.verb in {Verb.MERGED, Verb.UNDONE}:
        of_both |= Idea.merged_into_id.in_(ids)
    return session.scalars(people_of(of_both))


def merged_ideas(activity: Activity) -> list[int]:
    """The ids of the idea that was merged, and of the one that it was merged into."""
    named = [(activity.after or {}).get(name) for name in ("idea_id", "into_id")]
    return [idea_id for idea_id in named if isinstance(idea_id, int)]


def co_author_asked(session: Session, activity: Activity) -> Iterable[int]:
    """Who is invited to be a co-author, or is removed."""
    return session.scalars(select(CoAuthor.person_id).where(CoAuthor.id == activity.object_id))


def author_who_invited(session: Session, activity: Activity) -> Iterable[int]:
    """The author of the idea that a co-author joined, declined to join or left."""
    invited = select(CoAuthor.idea_id).where(CoAuthor.id == activity.object_id)
    return session.scalars(select(Idea.author_id).where(Idea.id.in_(invited), Idea.author_id.is_not(None)))


def author_asked(session: Session, activity: Activity) -> Iterable[int]:
    """The author whom the team asks, or whose answer it took off the page; not who took it off themselves."""
    asked = session.get(Clarification, activity.object_id)
    if asked is None or (activity.verb is Verb.REMOVED and not asked.taken_off_by_team):
        return ()
    return (asked.person_id,)


def who_asked_author(session: Session, activity: Activity) -> Iterable[int]:
    """Who asked the author, if they still manage the campaign."""
    if activity.campaign_id is None:
        return ()
    asked_by = select(Clarification.asked_by_id).where(Clarification.id == activity.object_id)
    return set(session.scalars(asked_by)) & set(session.scalars(managers_of(activity.campaign_id)))
