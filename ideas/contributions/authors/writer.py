"""SQL conditions: who wrote an idea, as its author, named or anonymous, or as a co-author."""

from typing import Any

from sqlalchemy import ColumnElement

from ideas.contributions.authors.anonymous import unsigned_by
from ideas.contributions.authors.co_author import co_authored_by


def is_author_of(idea: Any, person_id: Any) -> ColumnElement[bool]:
    """SQL condition: the person is the author of the idea, named or anonymous. `idea`: the model, or an alias of it.

    NULL where the idea names no author: not to be negated.
    """
    found: ColumnElement[bool] = (idea.author_id == person_id) | idea.id.in_(unsigned_by(person_id))
    return found


def wrote(idea: Any, person_id: Any) -> ColumnElement[bool]:
    """SQL condition: as `is_author_of`, or the person is a co-author."""
    found: ColumnElement[bool] = is_author_of(idea, person_id) | idea.id.in_(co_authored_by(person_id))
    return found
