"""Actions that follow from a decision."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from app.forms.text import MaxLength, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.answers.action import COMPLETE, MAX_IMPACT_LENGTH, MAX_TITLE_LENGTH


class AddActionForm(FlaskForm):
    """The view sets the choices of `owner`."""

    title = StringField(
        _l("What will be done"),
        validators=[
            DataRequired(_l("Describe in a few words what will be done.")),
            MaxLength(MAX_TITLE_LENGTH),
        ],
    )
    impact = TextAreaField(
        _l("What will change for the community"),
        validators=[MaxLength(MAX_IMPACT_LENGTH)],
    )
    owner = SelectField(_l("Action owner"), coerce=int, validators=[InputRequired(_l("Choose an action owner."))])
    due_on = DateField(_l("Due date"), validators=[InputRequired(_l("Enter a due date."))])


class ChangeActionForm(VersionedForm, AddActionForm):
    """The view sets the choices of `owner`, and takes `reason` away where the action is not published.

    `reason`: why a published action changes.
    """

    reason = StringField(
        _l("Why you change this action"),
        description=_l("Everyone can read this reason, with what the action said before."),
        validators=[DataRequired(_l("Say why you change this action.")), MaxLength(MAX_REASON_LENGTH)],
    )


class ReportProgressForm(FlaskForm):
    """`reason`: why a published action that was done is not done any more."""

    progress = WholeNumberField(
        _l("Progress, in percent"),
        validators=[
            InputRequired(_l("Enter a number from 0 to 100.")),
            NumberRange(0, COMPLETE, message=_l("Enter a number from 0 to 100.")),
        ],
    )
    reason = StringField(_l("Why you reopen this action"), validators=[MaxLength(MAX_REASON_LENGTH)])


class AbandonActionForm(FlaskForm):
    reason = StringField(
        _l("Why you abandon this action"),
        description=_l("Everyone can read this reason."),
        validators=[DataRequired(_l("Say why you abandon this action.")), MaxLength(MAX_REASON_LENGTH)],
    )
