"""Whom acts on a member concern: their rights, spaces, workshops, welcome and data."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.files import File
from ideas.people.person import Person
from ideas.recognition.pioneer import Pioneer
from ideas.spaces.membership import moderator_ids
from ideas.spaces.workshops.coming import to_tell_of_workshop


def names_person(activity: Activity) -> list[int]:
    named = [(values or {}).get("person_id") for values in (activity.after, activity.before)]
    return [one for one in named if isinstance(one, int)][:1]


def person_named(session: Session, activity: Activity) -> Sequence[int]:
    """The person whose place in a space began, changed or ended. The activity names them."""
    return session.scalars(select(Person.id).where(Person.id.in_(names_person(activity)))).all()


def person_of_act(session: Session, activity: Activity) -> Iterable[int]:
    """The person whom the act is about."""
    return session.scalars(select(Person.id).where(Person.id == activity.object_id))


def space_requested(session: Session, activity: Activity) -> Iterable[int]:
    """Those who run the space that somebody asks to enter."""
    space_id = space_of(activity)
    return moderator_ids(session, space_id) if space_id is not None else ()


def space_of(activity: Activity) -> int | None:
    """The space in which somebody's place began, changed or ended. The row itself may be gone by now."""
    found = ((activity.after or {}) | (activity.before or {})).get("space_id")
    return found if isinstance(found, int) else None


def pioneer_named(session: Session, activity: Activity) -> Iterable[int]:
    """Who is invited as a pioneer, or whose year ends."""
    return session.scalars(select(Pioneer.person_id).where(Pioneer.id == activity.object_id))


def who_invited_pioneer(session: Session, activity: Activity) -> Iterable[int]:
    """Who invited the pioneer."""
    invited = select(Pioneer.invited_by_id).where(Pioneer.id == activity.object_id, Pioneer.invited_by_id.is_not(None))
    return session.scalars(invited)


def people_of_workshop(session: Session, activity: Activity) -> Iterable[int]:
    """The people in the space of the workshop who did not decline; of a change, where its date or place is another."""
    if activity.verb is Verb.CHANGED and not {"starts_at", "ends_at", "place"} & set(activity.before or {}):
        return ()
    return to_tell_of_workshop(session, activity.object_id)


def newcomer_and_buddy(_session: Session, activity: Activity) -> Iterable[int]:
    """A newcomer, and who welcomes them: the act names its buddy, and its row the newcomer."""
    named = (activity.after or {}).get("buddy_id")
    return [activity.object_id, *([named] if isinstance(named, int) else [])]


def export_owner(session: Session, activity: Activity) -> Iterable[int]:
    """Whose data the export holds."""
    return session.scalars(select(File.uploaded_by_id).where(File.id == activity.object_id))
