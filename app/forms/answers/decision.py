"""The decision on a theme, and the days by which answers are promised."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional, StopValidation
from wtforms.widgets import HiddenInput

from app.forms.text import MaxLength, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH as MAX_CHANGE_REASON_LENGTH
from ideas.answers.approval import MARK_LENGTH
from ideas.answers.decision import MAX_COMMUNITY_IMPACT_LENGTH, MAX_REASON_LENGTH, DecisionStatus
from ideas.people.person import Person


def team_choices(team: Sequence[Person]) -> list[SelectChoice]:
    """The campaign's team as choices, labelled by name."""
    return [SelectChoice(str(person.id), person.name) for person in team]


class GivenUnlessPending:
    """Validator: the field is filled in, unless the answer is only promised."""

    def __init__(self, message: Any) -> None:
        self.message = message
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if form["status"].data != DecisionStatus.PENDING and not (field.data or "").strip():
            raise StopValidation(str(self.message))


class RecordDecisionForm(VersionedForm):
    """The view sets the choices of `respondent`, and removes PENDING where an answer is published.

    `replaces`: the mark of the proposal that the form was opened with, empty for none.
    """

    replaces = HiddenField(validators=[MaxLength(MARK_LENGTH)])

    status = RadioField(
        _l("Your answer"),
        choices=[
            SelectChoice(DecisionStatus.ADOPTED.value, _l("Accepted")),
            SelectChoice(DecisionStatus.PLANNED.value, _l("Planned")),
            SelectChoice(DecisionStatus.IN_PROGRESS.value, _l("In progress")),
            SelectChoice(DecisionStatus.DONE.value, _l("Done")),
            SelectChoice(DecisionStatus.DECLINED.value, _l("Declined")),
            SelectChoice(DecisionStatus.NEEDS_MORE.value, _l("More work needed")),
            SelectChoice(DecisionStatus.PENDING.value, _l("No answer yet")),
        ],
        validators=[InputRequired(_l("Choose an answer."))],
    )
    expected_on = DateField(
        _l("Day of the answer"),
        description=_l("Everyone reads the day by which you will answer."),
        validators=[Optional()],
    )
    reason = TextAreaField(
        _l("Your reason"),
        description=_l("Write two or three sentences. Everyone who wrote these ideas will read them."),
        validators=[
            GivenUnlessPending(_l("Explain your answer. Contributors will read this.")),
            MaxLength(MAX_REASON_LENGTH),
        ],
    )
    community_impact = TextAreaField(
        _l("What changes for the community"),
        description=_l("Everyone reads it with the answer. Leave it empty if nothing changes."),
        validators=[MaxLength(MAX_COMMUNITY_IMPACT_LENGTH)],
    )
    respondent = SelectField(
        _l("Who gives this answer"),
        coerce=int,
        description=_l("This name appears under the answer."),
        validators=[InputRequired(_l("Choose who gives this answer."))],
    )
    decided_on = DateField(_l("Date of the answer"), validators=[InputRequired(_l("Enter the date of the answer."))])
    change_reason = TextAreaField(
        _l("Why you change this answer"),
        description=_l("The answer is published. Everyone can read this reason and the earlier answer."),
        validators=[MaxLength(MAX_CHANGE_REASON_LENGTH)],
    )
    abandon = BooleanField(_l("Abandon the unfinished actions"))
    abandon_reason = StringField(
        _l("Why you abandon them"),
        description=_l("Everyone can read this reason."),
        validators=[MaxLength(MAX_CHANGE_REASON_LENGTH)],
    )

    @property
    def replaced(self) -> str:
        """The mark that was sent. A form without one, such as an older page's, saw no proposal."""
        return str(self.replaces.raw_data[0]) if self.replaces.raw_data else ""


class _PromisedDayForm(Form):
    """The day by which one theme is answered. Part of a form that has the token."""

    theme = WholeNumberField(widget=HiddenInput(), validators=[InputRequired()])
    expected_on = DateField(_l("Day of the answer"), validators=[Optional()])


class PromiseAnswersForm(FlaskForm):
    """`expected_on`: the day for every theme without a day of its own."""

    expected_on = DateField(_l("One day for all"), validators=[Optional()])
    themes = FieldList(FormField(_PromisedDayForm))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        if not super().validate(*args, **kwargs):
            return False
        if not self.days():
            self.expected_on.errors = [str(_l("Enter a day for all themes, or for each."))]
        return not self.expected_on.errors

    def days(self) -> dict[int, date]:
        """The day of each theme by theme id, of those that have one."""
        given = {row.form.theme.data: row.form.expected_on.data or self.expected_on.data for row in self.themes}
        return {theme_id: day for theme_id, day in given.items() if day is not None}
