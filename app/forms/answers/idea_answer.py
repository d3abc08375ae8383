"""The answer to one idea."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from app.forms.text import ParagraphField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH as MAX_CHANGE_REASON_LENGTH
from ideas.answers.decision import MAX_REASON_LENGTH, DecisionStatus


class AnswerIdeaForm(VersionedForm):
    """The view sets the choices of `respondent`. `version`: the number of the text that it was opened with."""

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
    reason = ParagraphField(
        _l("Your reason"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Explain your answer. Contributors will read this."),
        description=_l("Write two or three sentences. The author and everyone who reads this idea will read them."),
    )
    respondent = SelectField(
        _l("Who gives this answer"),
        coerce=int,
        description=_l("This name appears under the answer."),
        validators=[InputRequired(_l("Choose who gives this answer."))],
    )
    decided_on = DateField(_l("Date of the answer"), validators=[InputRequired(_l("Enter the date of the answer."))])
    change_reason = ParagraphField(
        _l("Why you change this answer"),
        max_length=MAX_CHANGE_REASON_LENGTH,
        description=_l("The answer is published. Everyone can read this reason and the earlier answer."),
    )
