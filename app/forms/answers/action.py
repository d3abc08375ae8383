"""Actions that follow from a decision."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from ideas.answers.action import COMPLETE, MAX_IMPACT_LENGTH, MAX_TITLE_LENGTH


class AddActionForm(FlaskForm):
    """The view sets the choices of `owner`."""

    title = StringField(
        _l("What will be done"),
        validators=[
            DataRequired(_l("Say in a few words what will be done.")),
            Length(max=MAX_TITLE_LENGTH, message=_l("Shorten it to %(max)d characters at most.")),
        ],
    )
    impact = TextAreaField(
        _l("What it changes for the community"),
        validators=[Length(max=MAX_IMPACT_LENGTH, message=_l("Shorten it to %(max)d characters at most."))],
    )
    owner = SelectField(
        _l("Who carries it"), coerce=int, validators=[InputRequired(_l("Choose who carries the action."))]
    )
    due_on = DateField(_l("Due on"), validators=[InputRequired(_l("Give the day by which it is due."))])


class ReportProgressForm(FlaskForm):
    progress = IntegerField(
        _l("Progress, in percent"),
        validators=[
            InputRequired(_l("Give the progress as a number from 0 to 100.")),
            NumberRange(0, COMPLETE, message=_l("Give the progress as a number from 0 to 100.")),
        ],
    )
