"""The debrief's text."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired

from app.forms.text import MaxLength
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.answers.debriefs.debrief import MAX_BODY_LENGTH


class WriteDebriefForm(VersionedForm):
    body = TextAreaField(
        _l("Text of the debrief"),
        validators=[
            DataRequired(_l("Write the text of the debrief first.")),
            MaxLength(MAX_BODY_LENGTH),
        ],
    )
    hides_agreement = BooleanField(_l("Don’t publish the share of rightly placed ideas"))
    change_reason = TextAreaField(
        _l("Why you change the text"),
        description=_l("The debrief is published. Everyone can read this reason and the earlier text."),
        validators=[MaxLength(MAX_REASON_LENGTH)],
    )
