"""A sanction, the appeal of the person, and the answer to it."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectChoice
from wtforms.validators import InputRequired, Optional

from app.forms.moderation.report import REASONS
from app.forms.text import ParagraphField
from ideas.people.sanction import MAX_APPEAL_LENGTH, MAX_QUOTE_LENGTH, MAX_WORDS_LENGTH, SanctionKind

KINDS = [
    SelectChoice(SanctionKind.WARNING.value, _l("Warning")),
    SelectChoice(SanctionKind.SUSPENSION.value, _l("Suspension")),
    SelectChoice(SanctionKind.BAN.value, _l("Ban")),
]


class SanctionForm(FlaskForm):
    kind = RadioField(_l("Sanction"), choices=KINDS, validators=[InputRequired(_l("Choose a sanction."))])
    ends_on = DateField(
        _l("Suspended until"),
        validators=[Optional()],
        description=_l("For a suspension. It ends by itself on that day."),
    )
    reason = RadioField(_l("Reason"), choices=REASONS, validators=[InputRequired(_l("Choose a reason."))])
    quote = ParagraphField(
        _l("Text that broke the rule"), max_length=MAX_QUOTE_LENGTH, description=_l("The person reads it again.")
    )
    words = ParagraphField(
        _l("A word to the person"),
        max_length=MAX_WORDS_LENGTH,
        required=_l("Say why, in a sentence that the person will understand."),
    )


class AppealForm(FlaskForm):
    words = ParagraphField(
        _l("Your appeal"),
        max_length=MAX_APPEAL_LENGTH,
        required=_l("Say why you disagree."),
        description=_l("You can appeal once. Another moderator reads it and answers you."),
    )


class AnswerAppealForm(FlaskForm):
    lifts = RadioField(
        _l("Your decision"),
        choices=[SelectChoice("yes", _l("Lift the sanction")), SelectChoice("no", _l("Uphold the sanction"))],
        validators=[InputRequired(_l("Choose a decision."))],
    )
    words = ParagraphField(
        _l("Your answer"),
        max_length=MAX_WORDS_LENGTH,
        required=_l("Say why, in a sentence that the person will understand."),
    )
