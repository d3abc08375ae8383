"""Why a moderator reads whose accounts these are."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import ParagraphField
from ideas.activity.version import MAX_REASON_LENGTH


class ReadNamesForm(FlaskForm):
    reason = ParagraphField(
        _l("Why do you need the names?"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Say why. The reason stays in the activity beside your name."),
    )
