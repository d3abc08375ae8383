"""The places that are given with an idea, in the forms by which moderators or its author change its text."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flask_wtf import FlaskForm

from app.forms.contributions.fields import data_of, given, with_fields
from ideas.campaigns.form_field import FormField
from ideas.contributions.fields.value import Given
from ideas.contributions.idea import Idea

AnyForm = TypeVar("AnyForm", bound=FlaskForm)


def with_places(
    form: type[AnyForm], idea: Idea, fields: Sequence[FormField], places: Mapping[int, str], **options: Any
) -> AnyForm:
    """The form, filled with the idea, with a control for each of its places. All of them may be emptied."""
    there = [field for field in fields if field.id in places]
    values = {key: Given(text=place) for key, place in places.items()}
    whole: type[AnyForm] = with_fields(form, there, complete=False)
    filled: AnyForm = whole(obj=idea, data=data_of(there, values), **options)
    return filled


def sent_places(form: FlaskForm) -> dict[int, str]:
    """The places as they were sent, by the id of their field."""
    return {key: one.text for key, one in (given(form) or {}).items()}
