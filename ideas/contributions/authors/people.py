"""The people of ideas: their authors and co-authors. Whoever tells, counts or names the authors of ideas asks here."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, true, union_all
from sqlalchemy.orm import Session

from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState
from ideas.contributions.idea import Idea
from ideas.people.person import Person


def people_of(
    ideas: ColumnElement[bool], *more: Any, before: datetime | None = None, named: bool = False
) -> Select[Any]:
    """The authors and co-authors of the ideas that meet this condition, as `person_id`: one row for each and idea.

    `more`: columns of the ideas, ahead of it. `before`: only those who wrote them before this instant. `named`: without
    the authors of anonymous ideas, for whatever shows who they are.
    """
    early = Idea.submitted_at < before if before is not None else true()
    joined = CoAuthor.changed_at < before if before is not None else true()
    accepted = CoAuthor.state == CoAuthorState.ACCEPTED
    signed = [
        select(*more, Idea.author_id.label("person_id")).where(ideas, Idea.author_id.is_not(None), early),
        select(*more, CoAuthor.person_id.label("person_id"))
        .select_from(Idea)
        .join(CoAuthor, CoAuthor.idea_id == Idea.id)
        .where(ideas, accepted, joined),
    ]
    unsigned = (
        select(*more, AnonymousAuthor.person_id.label("person_id"))
        .select_from(Idea)
        .join(AnonymousAuthor, AnonymousAuthor.idea_id == Idea.id)
        .where(ideas, early)
    )
    found = union_all(*(signed if named else [*signed, unsigned])).subquery()
    return select(*found.c)  # SQLite takes no union within another


def co_authors_of(session: Session, idea_ids: Collection[int]) -> dict[int, list[Person]]:
    """The co-authors of these ideas, in the order of their names. One query."""
    found: dict[int, list[Person]] = {}
    if not idea_ids:
        return found
    rows = session.execute(
        select(CoAuthor.idea_id, Person)
        .join(Person, Person.id == CoAuthor.person_id)
        .where(CoAuthor.idea_id.in_(idea_ids), CoAuthor.state == CoAuthorState.ACCEPTED)
        .order_by(Person.name, Person.id)
    )
    for idea_id, person in rows:
        found.setdefault(idea_id, []).append(person)
    return found
