"""The debrief's text."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from ideas.answers.debrief import MAX_BODY_LENGTH


class WriteDebriefForm(FlaskForm):
    body = TextAreaField(
        _l("The text of the debrief"),
        validators=[
            DataRequired(_l("Write the text first.")),
            Length(max=MAX_BODY_LENGTH, message=_l("Shorten the text to %(max)d characters at most.")),
        ],
    )
