"""Who wrote an anonymous idea: a moderator may read it, with a reason that stays in the log beside their name."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.activity.version import reason_for_change
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.anonymous import unsigned_by
from ideas.contributions.idea import Idea, is_author
from ideas.contributions.withheld import ObjectKind, review_of
from ideas.errors import Conflict, message_id
from ideas.people.person import Person


class NotAnonymous(Conflict):
    message = message_id("This idea is not anonymous. Reload the page.")


def reveal_author(session: Session, idea: Idea, *, by: Person, reason: str, now: datetime) -> None:
    """Let a moderator read who wrote an anonymous idea. Whoever moderates its campaign may. Nobody else learns it.

    The log keeps who asked, and why. Raises NotAnonymous, ReasonNeeded, TooLong.
    """
    if idea.anonymous_author is None:
        raise NotAnonymous
    said = reason_for_change(reason)
    record(session, Verb.REVEALED, idea, by=by, campaign_id=idea.campaign_id, reason=said, now=now)
    session.flush()


def revealed_author(session: Session, idea: Idea, *, to: Person | None) -> Person | None:
    """The author of an anonymous idea, for a moderator who asked. None for everybody else. Two queries at most."""
    if to is None or not idea.is_anonymous or idea.anonymous_author is None:
        return None
    if session.scalar(select(Activity.id).where(_asked(to), Activity.object_id == idea.id).limit(1)) is None:
        return None
    return session.get(Person, idea.anonymous_author.person_id)


def is_revealed(session: Session, campaign: Campaign, person: Person, *, to: Person | None) -> bool:
    """True where this moderator asked who wrote an idea of this campaign, and it was this person."""
    if to is None:
        return False
    theirs = select(Idea.id).where(Idea.campaign_id == campaign.id, Idea.id.in_(unsigned_by(person.id)))
    return bool(session.scalar(select(exists().where(_asked(to), Activity.object_id.in_(theirs)))))


def sign_idea(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Show the name of its author on an anonymous idea, from now on. Only the author may, and it is not undone.

    A case of moderators about it names them from then on. Raises NotAnonymous.
    """
    review = review_of(session, ObjectKind.IDEA, idea.id, idea.campaign_id)  # locked before the idea, as moderators do
    session.refresh(idea, with_for_update={"of": Idea})
    if idea.anonymous_author is None or not is_author(idea, by):
        raise NotAnonymous
    if review is not None:
        review.author_id = by.id
    idea.is_anonymous, idea.author, idea.anonymous_author = False, by, None
    session.flush()
    before, after = {"is_anonymous": True}, {"is_anonymous": False}
    record(session, Verb.CHANGED, idea, by=by, campaign_id=idea.campaign_id, before=before, after=after, now=now)


def _asked(to: Person) -> ColumnElement[bool]:
    """SQL condition on Activity: this person asked who wrote an idea."""
    of_idea = (Activity.object_kind == Idea.__tablename__) & (Activity.verb == Verb.REVEALED)
    return of_idea & (Activity.actor_id == to.id)
