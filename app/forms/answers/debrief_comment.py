"""Closing the comments on a debrief."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import LineField
from ideas.contributions.talk.closing import MAX_CLOSING_LENGTH


class CloseTalkForm(FlaskForm):
    closing = LineField(
        _l("Why the comments are closed"),
        max_length=MAX_CLOSING_LENGTH,
        required=_l("Say in one sentence why the comments are closed."),
        description=_l("Everyone reads this sentence. The comments that are there stay."),
    )
