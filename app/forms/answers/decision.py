"""The decision on a theme."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

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
            SelectChoice(DecisionStatus.ADOPTED.value, _l("Adopted")),
            SelectChoice(DecisionStatus.PLANNED.value, _l("Planned")),
            SelectChoice(DecisionStatus.IN_PROGRESS.value, _l("In progress")),
            SelectChoice(DecisionStatus.DONE.value, _l("Done")),
            SelectChoice(DecisionStatus.DECLINED.value, _l("Declined")),
            SelectChoice(DecisionStatus.NEEDS_MORE.value, _l("Needs more")),
        ],
        validators=[InputRequired(_l("Choose an answer."))],
    )
    reason = TextAreaField(
        _l("Why"),
        description=_l("Two or three sentences to those who wrote these ideas. They will read them word for word."),
        validators=[
            DataRequired(_l("Say why: an answer without its reason convinces nobody.")),
            Length(max=MAX_REASON_LENGTH, message=_l("Shorten the reason to %(max)d characters at most.")),
        ],
    )
    respondent = SelectField(
        _l("Who answers"),
        coerce=int,
        description=_l("This name stands under the answer."),
        validators=[InputRequired(_l("Choose who answers."))],
    )
    decided_on = DateField(_l("Decided on"), validators=[InputRequired(_l("Give the day of the decision."))])
