"""The decision on a theme."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from app.forms.text import MaxLength
from ideas.answers.decision import MAX_REASON_LENGTH, DecisionStatus
from ideas.people.person import Person


def team_choices(team: Sequence[Person]) -> list[SelectChoice]:
    """The campaign's team as choices, labelled by name."""
    return [SelectChoice(str(person.id), person.name) for person in team]


class RecordDecisionForm(FlaskForm):
    """The view sets the choices of `respondent`."""

    status = RadioField(
        _l("Your answer"),
        choices=[
            SelectChoice(DecisionStatus.ADOPTED.value, _l("Accepted")),
            SelectChoice(DecisionStatus.PLANNED.value, _l("Planned")),
            SelectChoice(DecisionStatus.IN_PROGRESS.value, _l("In progress")),
            SelectChoice(DecisionStatus.DONE.value, _l("Done")),
            SelectChoice(DecisionStatus.DECLINED.value, _l("Declined")),
            SelectChoice(DecisionStatus.NEEDS_MORE.value, _l("More work needed")),
        ],
        validators=[InputRequired(_l("Choose an answer."))],
    )
    reason = TextAreaField(
        _l("Your reason"),
        description=_l("Write two or three sentences. Everyone who wrote these ideas will read them."),
        validators=[
            DataRequired(_l("Explain your answer. Contributors will read this.")),
            MaxLength(MAX_REASON_LENGTH),
        ],
    )
    respondent = SelectField(
        _l("Who gives this answer"),
        coerce=int,
        description=_l("This name appears under the answer."),
        validators=[InputRequired(_l("Choose who gives this answer."))],
    )
    decided_on = DateField(_l("Date of the answer"), validators=[InputRequired(_l("Enter the date of the answer."))])
