"""What an erasure does with the reasons that a juror gave for changing their scores."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.activity.version import Version
from ideas.contest.judging import Judgement
from ideas.people.person import Person


def empty_jury_reasons(session: Session, person: Person) -> set[int]:
    """Empty the reasons that the person gave as a juror, also in the log. The scores stay: winners stand on them.

    Returns the ids of the rows of the log that changed. For the job that erases.
    """
    kind = Judgement.__tablename__
    own = (Version.object_kind == kind) & (Version.by_id == person.id) & (Version.reason != "")
    session.execute(update(Version).where(own).values(reason=""))
    acts = (Activity.object_kind == kind) & (Activity.actor_id == person.id) & (Activity.reason != "")
    log = set(session.scalars(select(Activity.id).where(acts)))
    session.execute(update(Activity).where(Activity.id.in_(log)).values(reason="", is_redacted=True))
    session.expire_all()
    return log
