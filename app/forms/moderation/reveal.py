"""A moderator asks who wrote an anonymous idea."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import ParagraphField
from ideas.activity.activity import MAX_REASON_LENGTH


class RevealAuthorForm(FlaskForm):
    reason = ParagraphField(
        _l("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Say why you need to know who wrote this idea."),
        description=_l("The activity keeps your name, this reason and the date."),
    )
