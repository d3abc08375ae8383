"""Milestones of an action."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField
from wtforms.validators import InputRequired, Optional

from app.forms.text import LineField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.answers.actions.milestone import MAX_MILESTONE_LENGTH


class AddMilestoneForm(FlaskForm):
    title = LineField(
        _l("What will be reached"),
        max_length=MAX_MILESTONE_LENGTH,
        required=_l("Describe in a few words what will be reached."),
    )
    due_on = DateField(_l("Due date"), validators=[InputRequired(_l("Enter a due date."))])


class ChangeMilestoneForm(VersionedForm, AddMilestoneForm):
    """The view takes `reason` away where the action is not published."""

    done_on = DateField(
        _l("Reached on"), validators=[Optional()], description=_l("Leave this empty until the milestone is reached.")
    )
    reason = LineField(
        _l("Why you change this milestone"),
        max_length=MAX_REASON_LENGTH,
        description=_l(
            "Everyone can read this reason, with what the milestone said before. Not needed to say that it is reached, "
            "unless its due date has passed and it was reached by then."
        ),
    )


class AbandonMilestoneForm(FlaskForm):
    abandon_reason = LineField(
        _l("Why you abandon this milestone"),
        max_length=MAX_REASON_LENGTH,
        description=_l("Everyone can read this reason."),
    )
