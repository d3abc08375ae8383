"""Who wrote the ideas of a contest, as far as its scores go: nobody's own score counts.

Who wrote an anonymous idea is asked for one person at a time, for that person alone: no figure that others read may
follow from it.
"""

from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.anonymous import unsigned_by
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState
from ideas.contributions.idea import Idea
from ideas.people.person import Person

# An idea that was merged counts in the one that it is a part of.
_ENTRY = func.coalesce(Idea.merged_into_id, Idea.id).label("entry_id")


def signed_authors(session: Session, campaign: Campaign) -> dict[int, set[int]]:
    """The ids of those who wrote each idea, or a part of it, under their name, also if they are its co-author no more.

    By the id of the idea that counts. One query.
    """
    found: dict[int, set[int]] = {}
    for entry_id, person_id in session.execute(_signed(campaign)):
        found.setdefault(entry_id, set()).add(person_id)
    return found


def signed_by(session: Session, campaign: Campaign, person: Person) -> set[int]:
    """The ids of the ideas among those of `signed_authors` that this person wrote. One query."""
    pairs = _signed(campaign).subquery()
    return set(session.scalars(select(pairs.c.entry_id).where(pairs.c.person_id == person.id)))


def sent_unsigned(session: Session, campaign: Campaign, person: Person) -> set[int]:
    """The ids of the ideas that this person sent without their name, or a part of which they did, and that nobody else
    may know. Without those that they signed another part of. For this person alone. Two queries.
    """
    found = select(_ENTRY).where(Idea.campaign_id == campaign.id, Idea.id.in_(unsigned_by(person.id)))
    return set(session.scalars(found)) - signed_by(session, campaign, person)


def invited_to_write(session: Session, campaign: Campaign, person: Person) -> set[int]:
    """The ids of the ideas that this person is invited to be a co-author of, and has not answered. For them alone."""
    waiting = (CoAuthor.person_id == person.id) & (CoAuthor.state == CoAuthorState.INVITED)
    found = select(_ENTRY).join(CoAuthor, CoAuthor.idea_id == Idea.id).where(Idea.campaign_id == campaign.id, waiting)
    return set(session.scalars(found))


def _signed(campaign: Campaign) -> Any:
    """Pairs of an idea that counts and somebody who wrote it under their name."""
    here = Idea.campaign_id == campaign.id
    authors = select(_ENTRY, Idea.author_id.label("person_id")).where(here, Idea.author_id.is_not(None))
    # Who was removed had either accepted, or never answered: the log knows.
    accepted = select(Activity.object_id).where(
        Activity.object_kind == CoAuthor.__tablename__,
        Activity.verb == Verb.ACCEPTED,
        Activity.campaign_id == campaign.id,
    )
    wrote = CoAuthor.state.in_((CoAuthorState.ACCEPTED, CoAuthorState.LEFT)) | CoAuthor.id.in_(accepted)
    co_authors = (
        select(_ENTRY, CoAuthor.person_id.label("person_id"))
        .select_from(Idea)
        .join(CoAuthor, CoAuthor.idea_id == Idea.id)
        .where(here, wrote)
    )
    return union_all(authors, co_authors)
