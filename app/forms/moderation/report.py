"""A report on an idea, a comment or a person."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from app.forms.text import ParagraphField
from ideas.moderation.report import MAX_NOTE_LENGTH
from ideas.people.sanction import Reason

REASONS = [
    SelectChoice(Reason.PERSONAL_DATA.value, _l("Personal data")),
    SelectChoice(Reason.INSULT.value, _l("Insult or threat")),
    SelectChoice(Reason.ADVERTISING.value, _l("Advertising")),
    SelectChoice(Reason.OFF_TOPIC.value, _l("Not about the question")),
    SelectChoice(Reason.WRONG.value, _l("False or misleading")),
    SelectChoice(Reason.OTHER.value, _l("Another reason")),
]


class SendReportForm(FlaskForm):
    reason = RadioField(_l("What is wrong?"), choices=REASONS, validators=[InputRequired(_l("Choose what is wrong."))])
    note = ParagraphField(
        _l("Details"),
        max_length=MAX_NOTE_LENGTH,
        description=_l("Only the moderators read this. Write it if you choose “Another reason”."),
    )
