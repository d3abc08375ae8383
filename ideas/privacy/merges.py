"""What an erasure does with merges of ideas that the person proposed, or was asked about."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.contributions.idea import Idea
from ideas.contributions.merged import IdeaMerge, MergeState
from ideas.people.person import Person


def decline_proposals(session: Session, person: Person, *, now: datetime) -> None:
    """Decline the proposals that wait, by the person or to them: nobody could answer. For the job that erases."""
    theirs = select(Idea.id).where(Idea.author_id == person.id)
    concerned = or_(IdeaMerge.made_by_id == person.id, IdeaMerge.idea_id.in_(theirs), IdeaMerge.into_id.in_(theirs))
    waiting = select(IdeaMerge).where(concerned, IdeaMerge.state == MergeState.PROPOSED).order_by(IdeaMerge.id)
    for merge in session.scalars(waiting.with_for_update(of=IdeaMerge)).all():
        merge.state, merge.changed_by_id, merge.changed_at = MergeState.DECLINED, None, now
        after = {"idea_id": merge.idea_id, "into_id": merge.into_id}
        record(session, Verb.DECLINED, merge, by=None, campaign_id=merge.campaign_id, after=after, now=now)
    session.flush()


def empty_reasons(session: Session, person: Person) -> set[int]:
    """Empty the reasons that the person gave as an author, which everyone may read, also in the log.

    Returns the ids of the rows of the log that changed. For the job that erases.
    """
    given = select(IdeaMerge.id).where(IdeaMerge.made_by_id == person.id, IdeaMerge.by_consent, IdeaMerge.reason != "")
    said = {row.id: row.reason for row in session.execute(given.add_columns(IdeaMerge.reason))}
    acts = select(Activity.id, Activity.object_id, Activity.reason).where(
        Activity.object_kind == IdeaMerge.__tablename__, Activity.object_id.in_(given), Activity.reason != ""
    )
    log = {number for number, merge_id, reason in session.execute(acts).all() if reason == said[merge_id]}
    session.execute(update(IdeaMerge).where(IdeaMerge.id.in_(said)).values(reason=""))
    session.execute(update(Activity).where(Activity.id.in_(log)).values(reason="", is_redacted=True))
    session.expire_all()
    return log
