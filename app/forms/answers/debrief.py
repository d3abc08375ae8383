"""The debrief's text."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from app.forms.text import MaxLength
from ideas.answers.debrief import MAX_BODY_LENGTH


class WriteDebriefForm(FlaskForm):
    body = TextAreaField(
        _l("Text of the debrief"),
        validators=[
            DataRequired(_l("Write the text of the debrief first.")),
            MaxLength(MAX_BODY_LENGTH),
        ],
    )
